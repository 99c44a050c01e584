"""Services for BuildKit in a session: secrets, credentials, ssh agents.

Nothing is looked up before BuildKit asks for it. BuildKit shows the text of an error, so the text
never has a secret.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from ..errors import CredentialsError, shown
from ..models.config.secret import BuildSecret
from ..protocol.grpc import NOT_FOUND, UNKNOWN, Refused
from ..protocol.protobuf import content_of, field
from ..protocol.reference import DOCKER_HUB, registry_key
from ..registry.auth import Credentials
from .call import Call, CallEnded, Handler, unary
from .output import Files
from .troubles import Troubles

LARGEST_SECRET = 500 * 1024  # bytes, as in the docker command; Engines take up to 4 MiB
_AGENT = "SSH_AUTH_SOCK"
_CONNECT = 10.0  # seconds for an agent to accept
HEALTH = "/grpc.health.v1.Health/Check"
_SERVING = field(1, 1)
_BLOCK = 32 * 1024  # bytes of an agent's answer per message
# The only method here that must be announced: an Engine does not call it otherwise.
OUTPUT = "/moby.filesync.v1.FileSend/DiffCopy"


class Service(Protocol):
    """Methods that BuildKit may call, by name."""

    @property
    def methods(self) -> Mapping[str, Handler]: ...


class Health:
    """Answers health checks. One failure, or no answer within 10 s, ends the session."""

    def __init__(self) -> None:
        self.methods: Mapping[str, Handler] = {HEALTH: unary(lambda request: _SERVING)}


def _text(message: bytes, number: int) -> str:
    return content_of(message, number).decode("utf-8", "replace")


class Secrets:
    """Returns the content of secrets, read when asked.

    Raises:
        OSError, ValueError: a secret does not exist now, or is too large.
    """

    def __init__(self, secrets: Mapping[str, BuildSecret]) -> None:
        self._secrets = secrets
        for id, secret in secrets.items():
            secret_of(id, secret)
        self.methods: Mapping[str, Handler] = {
            "/moby.buildkit.secrets.v1.Secrets/GetSecret": unary(self._get)
        }

    def _get(self, request: bytes) -> bytes:
        id = _text(request, 1)
        secret = self._secrets.get(id)
        if secret is None:
            words = f"secrets: {shown(id)} was asked for, and was not given"
            raise Refused(NOT_FOUND, words, shown_as=f"secret {id}")
        try:
            return field(1, secret_of(id, secret))
        except ValueError as error:
            raise Refused(UNKNOWN, str(error)) from error


def secret_of(id: str, secret: BuildSecret) -> bytes:
    """The content of a secret, read now."""
    where = f"secrets: {shown(id)}"
    if secret.variable is not None:
        found = os.environ.get(secret.variable)
        if found is None:
            raise ValueError(f"{where}: there is no variable {secret.variable}")
        content = os.fsencode(found)
    elif secret.path is not None:
        content = _read(where, secret.path)
    else:
        content = secret.data or b""
    if len(content) > LARGEST_SECRET:
        raise ValueError(f"{where}: there may be {LARGEST_SECRET} bytes, and are {len(content)}")
    return content


def _read(where: str, path: Path) -> bytes:
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError(f"{where}: {str(path)!r} is no regular file")
        return file.read(LARGEST_SECRET + 1)


def _open_at_once(path: str, flags: int) -> int:
    """Opens without blocking: a pipe would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


class Auth:
    """Returns credentials for the registries that require them.

    Each registry is looked up once, as BuildKit asks up to seven times. Without credentials the
    answer is empty, which is not an error: the registry is then used anonymously.
    """

    def __init__(self, find: Callable[[str], Credentials | None], troubles: Troubles) -> None:
        self._find = find
        self._troubles = troubles
        self._answers: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self.methods: Mapping[str, Handler] = {
            "/moby.filesync.v1.Auth/Credentials": unary(self._credentials)
        }

    def _credentials(self, request: bytes) -> bytes:
        host = _text(request, 1)
        with self._lock:
            if host not in self._answers:
                self._answers[host] = self._answer(host)
            return self._answers[host]

    def _answer(self, host: str) -> bytes:
        key = DOCKER_HUB if host == "registry-1.docker.io" else registry_key(host)
        found = self._find(key)
        who = "nobody" if found is None else found.username or "who has an identity token"
        self._troubles.note(host, CredentialsError(f"auth: {key} was asked as {who}"))
        if found is None:
            return b""
        if found.registry_token is not None:
            words = (
                f"auth: {key}: BuildKit takes a password or an identity token, no registry_token"
            )
            raise Refused(UNKNOWN, words)
        username, secret = found.username or "", found.password or ""
        if found.identity_token is not None:
            username, secret = "", found.identity_token
        return field(1, username.encode()) + field(2, secret.encode())


class SSH:
    """Connects build steps to ssh agents. `agents` are the paths of their sockets."""

    def __init__(self, agents: Mapping[str, Path]) -> None:
        self._agents = agents
        self.methods: Mapping[str, Handler] = {
            "/moby.sshforward.v1.SSH/CheckAgent": unary(self._check),
            "/moby.sshforward.v1.SSH/ForwardAgent": self._forward,
        }

    def _check(self, request: bytes) -> bytes:
        """Reports a missing agent early: later the step would only lose its connection."""
        self._connected(_text(request, 1)).close()
        return b""

    def _forward(self, call: Call) -> None:
        with self._connected(call.headers.get("buildkit.ssh.id", "")) as agent:
            call.holding(agent)
            back = threading.Thread(
                target=_send_back, args=(agent, call), name="dockerapi-agent", daemon=True
            )
            back.start()
            try:
                with contextlib.suppress(OSError):  # the agent may end first
                    for message in call.messages():
                        agent.sendall(content_of(message, 1))
                    agent.shutdown(socket.SHUT_WR)
            finally:
                back.join()  # the end of the call wakes the thread

    def _connected(self, id: str) -> socket.socket:
        id = id or "default"  # the id if a Dockerfile names none
        path = self._agents.get(id)
        if path is None:
            words = f"ssh: the agent {shown(id)} was asked for, and was not given"
            raise Refused(UNKNOWN, words)
        agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            agent.settimeout(_CONNECT)
            agent.connect(os.fspath(path))
        except OSError as error:
            agent.close()
            words = (
                f"ssh: the agent {shown(id)} does not answer at {str(path)!r}: {error.strerror}; "
                "start it with ssh-agent, and give it the key with ssh-add"
            )
            raise Refused(UNKNOWN, words) from error
        agent.settimeout(None)
        return agent


def _send_back(agent: socket.socket, call: Call) -> None:
    """Sends the agent's data, to its end, which also ends the call."""
    with contextlib.suppress(OSError, CallEnded):
        while data := agent.recv(_BLOCK):
            call.send(field(1, data))
    call.end()


def agents_of(ssh: Mapping[str, str | os.PathLike[str] | None]) -> dict[str, Path]:
    """The sockets of agents, by their ids.

    Raises:
        OSError, ValueError: a socket does not exist, or is not a socket.
    """
    found = {}
    for id, given in ssh.items():
        path = given if given is not None else os.environ.get(_AGENT)
        if not path:
            raise ValueError(
                f"ssh: {shown(id)} is the agent of {_AGENT}, which is not set; start one with "
                "ssh-agent, and give it the key with ssh-add"
            )
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise ValueError(
                f"ssh: {shown(id)}: {str(path)!r} is no socket of an agent. Files of private keys "
                "are not read: give the key to an agent with ssh-add"
            )
        found[id] = Path(path)
    return found


class Output:
    """Passes the tar archive of a build to its target, while it arrives.

    The Engine waits while the target is busy.
    """

    def __init__(self, target: Files) -> None:
        self._target = target
        self._begun = threading.Lock()
        self.methods: Mapping[str, Handler] = {OUTPUT: self._receive}

    def _receive(self, call: Call) -> None:
        if not self._begun.acquire(blocking=False):
            raise Refused(UNKNOWN, "there is one output, and it has come")
        call.begin()
        pieces = (content_of(message, 1) for message in call.messages())
        try:
            self._target.take(pieces)
            for _ in pieces:  # normally empty after the end of an archive
                pass
        except (CallEnded, Refused):
            raise
        except BaseException as error:
            self._target.error = error
            raise
