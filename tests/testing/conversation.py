"""A recorded session, held once more with a fake Engine of the same release: what was asked of the
real one, in the order in which it was asked, byte for byte but for ids and the time of day.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import select
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from dockerapi import Client
from dockerapi.testing import FakeEngine, Run
from dockerapi.testing.versions.dialect import RELEASE_OF, Dialect
from dockerapi.versions.releases import RELEASES, ApiVersion, Release

_RECORDINGS = Path(__file__).parent.parent / "recordings"
FOLDER = _RECORDINGS / "wire"  # what is as old as API 1.19
MODERN = _RECORDINGS / "modern"
PATIENCE = 10.0  # seconds until an answer that was complete once is taken as missing
SILENCE = 0.5  # seconds, where silence was recorded after what came
EXACT = {
    "1.9": "1.9.1",
    "1.13": "1.13.1",
    "19.03": "19.3.15",
    "20.10": "20.10.24",
    "26.1": "26.1.5",
    "28.5": "28.5.2",
    "29.7": "29.7.2",
}

FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": b"root:x:0:\n",
    "tmp/x": b"",
}


@attrs.frozen(eq=False)
class Answer:
    """What came back: a head, a body out of its chunks, and how it ended."""

    received: bytes = attrs.field(repr=False)
    end: str

    @property
    def head(self) -> str:
        return self.received.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def status(self) -> str:
        """As it was sent, the reason included; "" if nothing was."""
        return self.head.partition("\r\n")[0].partition(" ")[2]

    def header(self, name: str) -> str | None:
        match = re.search(rf"(?im)^{name}: *([^\r\n]*)", self.head)
        return match[1] if match else None

    @property
    def framing(self) -> str:
        """What tells where the body ends."""
        if "chunked" in (self.header("Transfer-Encoding") or ""):
            return "chunked"
        return "none" if self.header("Content-Length") is None else "length"

    @property
    def body(self) -> bytes:
        rest = self.received.partition(b"\r\n\r\n")[2]
        if self.framing != "chunked":
            return rest
        pieces = []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            if not re.fullmatch(b"[0-9a-f]+", size):
                break
            pieces.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(pieces)


@attrs.frozen(eq=False)
class Recorded:
    """One conversation of a recording."""

    operation: str
    request: str
    request_body: bytes
    stdin: bytes | None
    answer: Answer
    truncated: bool


def pairs(folder: Path = FOLDER) -> list[str]:
    """The recordings, e.g. `1.6.2_v1.12`, the oldest Engine first."""
    # Not those of another image store.
    names = [path.stem for path in folder.glob("*.jsonl") if "-" not in path.stem]
    return sorted(names, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])


def recorded(pair: str, folder: Path = FOLDER) -> list[Recorded]:
    """A session, in the order in which it was recorded."""
    found = []
    for line in (folder / f"{pair}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        answer = Answer(base64.b64decode(row["response_b64"]), row["end"])
        found.append(
            Recorded(
                row["operation"],
                row["request"],
                base64.b64decode(row["request_body_b64"] or ""),
                None if row["stdin_b64"] is None else base64.b64decode(row["stdin_b64"]),
                answer,
                row["truncated"],
            )
        )
    return found


class Session:
    """Asks a fake Engine what a recording's Engine was asked."""

    def __init__(self, pair: str) -> None:
        self.release, _, self.api = pair.partition("_v")
        self._ids: dict[str, str] = {}
        self._attached = threading.Event()
        self._later = threading.Event()

    def hold(self, recordings: list[Recorded]) -> Iterator[tuple[Recorded, Answer]]:
        """Each conversation with the answer of the fake Engine."""
        engine = FakeEngine(release=EXACT.get(self.release, self.release))
        engine.registry.unreachable |= {"127.0.0.1:9", "docker.io"}
        self._play(engine)
        with engine:
            self._seed(engine)
            for one in recordings:
                if one.operation == "container_create_sleep" and self.release != "20.10":
                    self._let_the_shell_end(engine, recordings)
                answer = self._talk(engine, one)
                self._learn(one.answer, answer)
                yield one, answer

    def _play(self, engine: FakeEngine) -> None:
        def writes(run: Run) -> int:
            run.stdout.write(b"out\n")
            run.stderr.write(b"err\n")
            while not self._attached.is_set():  # in place of `sleep 1`
                run.sleep(0.01)
            return 3

        def shell(run: Run) -> int:
            """A shell that has not come round to say anything yet, and ends later."""
            while not self._later.is_set():
                run.sleep(0.01)
            return 4

        def both(run: Run) -> int:
            run.stdout.write(b"eo\n")
            run.stderr.write(b"ee\n")
            return 2

        engine.on("busybox", ["sh", "-c", "echo out; echo err >&2; sleep 1; exit 3"], writes)
        engine.on("busybox", ["sh", "-c", "echo eo; echo ee >&2; exit 2"], both)
        engine.on("busybox", ["/bin/sh", "-c", "echo built > /built"], _built)
        engine.on("busybox", ["/bin/sh", "-c", "exit 7"], lambda run: 7)
        engine.on("busybox", ["sh"], shell)

    def _let_the_shell_end(self, engine: FakeEngine, recordings: list[Recorded]) -> None:
        """On 20.10 it was still there when what ran was listed, elsewhere it was not."""
        self._later.set()
        created = next(one for one in recordings if one.operation == "container_create_tty")
        with Client(engine.url) as client:
            client.wait(self._ids[_id(created.answer.body)], timeout=PATIENCE)

    def _seed(self, engine: FakeEngine) -> None:
        """What was there: a busybox that was imported, and images that had lost their names."""
        with Client(engine.url) as client:
            client.import_image(_tar(FILES), repository="busybox", tag="latest")
            id = client.create_container("busybox", ["true"]).id
            for _ in range(2):  # the second takes the name from the first
                client.commit(id, repository="committed", tag="t")
            client.remove_container(id)
            client.import_image(_tar({"gone": b""}), repository="gone", tag="latest")
            client.remove_image("gone")

    def _talk(self, engine: FakeEngine, one: Recorded) -> Answer:
        request = self._translated(one.request)
        body = self._translated(one.request_body.decode("latin-1")).encode("latin-1")
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(engine.url.removeprefix("unix://"))
            sock.sendall(request.encode("latin-1") + body)
            got, stdin = b"", one.stdin
            while True:
                patience = PATIENCE
                if one.answer.end == "open" and b"\r\n\r\n" in got:
                    if Answer(got, "").body or not one.answer.body:
                        patience = SILENCE
                ready, _, _ = select.select([sock], [], [], patience)
                if not ready:
                    return Answer(got, "open")
                try:
                    data = sock.recv(65536)
                except ConnectionResetError:
                    return Answer(got, "reset")
                if not data:
                    return Answer(got, "eof")
                got += data
                if b"\r\n\r\n" in got:
                    self._attached_to(one, got)
                    if stdin is not None:
                        with contextlib.suppress(BrokenPipeError):  # it has ended already
                            sock.sendall(stdin)
                            sock.shutdown(socket.SHUT_WR)
                        stdin = None
                if _complete(got, request):
                    return Answer(got, "complete")

    def _attached_to(self, one: Recorded, got: bytes) -> None:
        if one.operation == "container_attach_stream":
            self._attached.set()

    def _translated(self, text: str) -> str:
        for old, new in self._ids.items():
            text = text.replace(old, new)
        return re.sub(r"until=\d+", f"until={int(time.time()) + 1}", text)

    def _learn(self, was: Answer, answer: Answer) -> None:
        """Which id the fake Engine gave to what."""
        old, new = _id(was.body), _id(answer.body)
        if old and new:
            self._ids[old] = new


def _tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _built(run: Run) -> None:
    (run.files / "built").write_bytes(b"built\n")


def _id(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return ""
    return str(found.get("Id", "")) if isinstance(found, dict) else ""


def _complete(got: bytes, request: str) -> bool:
    """Whether an answer has ended by its own account, as the recorder saw it."""
    answer = Answer(got, "")
    if b"\r\n\r\n" not in got:
        return False
    if answer.status[:3] in ("204", "304"):
        return True
    rest = got.partition(b"\r\n\r\n")[2]
    length = answer.header("Content-Length")
    if length is not None:
        return len(rest) >= int(length)
    return answer.framing == "chunked" and rest.endswith(b"0\r\n\r\n")


def dialects() -> list[Dialect]:
    """Every release with every prefix that it takes."""
    found = []
    releases = {*RELEASES, *map(Release.parse, RELEASE_OF.values())}
    for release in sorted(releases):
        newest, oldest = Dialect.of(release, None)[0].api, None
        for known, (_, lowest) in sorted(RELEASES.items()):
            oldest = lowest if known <= release else oldest
        for minor in range((oldest or ApiVersion(1, 0)).minor, newest.minor + 1):
            found.append(Dialect(release, ApiVersion(1, minor)))
    return found
