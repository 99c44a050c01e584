"""A frontend of BuildKit that is played by the tests, in an image of some bytes.

The program of such an image speaks gRPC with BuildKit over its standard input and output. That of
this one hands both over to a socket of the tests', after what it has in its environment. What is
played has BuildKit's own frontend read the Dockerfile, with one more build argument.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from caller import GrpcClient
from dockerapi.protocol.protobuf import content_of, field
from live.engine import PATIENCE

BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge"
# Containers have their Engine's machine as their way out.
HOST = "$(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')"
ARGUMENT = "FRONTEND"


@contextlib.contextmanager
def play_frontend() -> Iterator[tuple[list[str], list[dict[str, str]]]]:
    """The program of an image, and the options of each build that it was asked for."""
    asked: list[dict[str, str]] = []

    def play() -> None:
        with contextlib.suppress(OSError):  # until nobody listens
            while True:
                with listening.accept()[0] as told:
                    asked.append(_options(_all(told)))
                with listening.accept()[0] as sock:
                    sock.settimeout(PATIENCE)
                    _build(GrpcClient(sock), {**asked[-1], f"build-arg:{ARGUMENT}": "played"})

    with socket.create_server(("0.0.0.0", 0)) as listening:
        thread = threading.Thread(target=play)
        thread.start()
        there = f"{HOST} {listening.getsockname()[1]}"
        try:
            yield ["sh", "-c", f"env | nc {there}; exec nc {there}"], asked
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _all(sock: socket.socket) -> str:
    sock.settimeout(PATIENCE)
    return b"".join(iter(lambda: sock.recv(65536), b"")).decode()


def _options(environ: str) -> dict[str, str]:
    """The options of a build: BUILDKIT_FRONTEND_OPT_0=name=value."""
    found = {}
    for line in environ.splitlines():
        variable, _, option = line.partition("=")
        if variable.startswith("BUILDKIT_FRONTEND_OPT_"):
            name, _, value = option.partition("=")
            found[name] = value
    return found


def _build(buildkit: GrpcClient, options: dict[str, str]) -> None:
    """`Solve` by the frontend that BuildKit has itself; what it gives, or fails by, is returned."""
    pairs = [field(1, n.encode()) + field(2, v.encode()) for n, v in options.items()]
    takes_results = field(5, 1) + field(6, 1)
    request = field(2, b"dockerfile.v0") + b"".join(field(3, p) for p in pairs) + takes_results
    solved = buildkit.unary(f"{BRIDGE}/Solve", request)
    if solved.status:
        returned = field(2, field(1, solved.status) + field(2, solved.words.encode()))
    else:
        returned = field(1, content_of(solved.messages[0], 3))
    assert buildkit.unary(f"{BRIDGE}/Return", returned).status == 0
