"""A road to the Engine over TCP that hangs up what was upgraded, in the way that it is told."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import attrs

from proxies import copy
from scripted import ScriptedDaemon

if TYPE_CHECKING:
    from typing_extensions import Self

Sides = Literal["ours", "the Engine's", "both"]


@attrs.frozen
class Cut:
    """When and how an upgraded connection is hung up.

    Args:
        frames: after so many frames; what comes later is thrown away.
        silence: after so many seconds in which the Engine says nothing.
        after: so many seconds after the first frame.
        sides: whose connections end. The other one stays open, and silent.
    """

    frames: int | None = None
    silence: float | None = None
    after: float | None = None
    sides: Sides = "both"


class Road:
    """A way over TCP to the Engine's socket; `_carry` is what it does to each connection."""

    def __init__(self, path: str) -> None:
        self.closing = threading.Event()
        self._path = path
        self._far: list[socket.socket] = []  # to the Engine
        self._daemon = ScriptedDaemon(tcp=True, on_connect=self._open)

    def __enter__(self) -> Self:
        self._daemon.__enter__()
        self.url = self._daemon.url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        for far in self._far:
            with contextlib.suppress(OSError):
                far.shutdown(socket.SHUT_RDWR)
        self._daemon.__exit__(kind, error, traceback)

    def hang_up(self) -> None:
        """Ends every connection that is open now."""
        self._daemon.hang_up()

    def _open(self, near: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as far, contextlib.suppress(ConnectionError):
            far.connect(self._path)
            self._far.append(far)
            self._carry(near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        raise NotImplementedError


class OlderRoad(Road):
    """Speaks HTTP/1.0 to the Engine, whose answers then end with their connections.

    Where `path` is in the path of a request, `cut_at` hangs up after so many bytes of the body, or
    if negative so many before its end; None does not. `size` is how many the last one had. A
    connection has one request.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = ""
        self.cut_at: int | None = None
        self.size = 0

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        head, body = _to_blank_line(near)
        is_meant = self.path.encode() in head.partition(b"?")[0]
        far.sendall(head.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1) + body)
        upload = threading.Thread(target=copy, args=(near, far), daemon=True)
        upload.start()
        head, body = _to_blank_line(far)
        near.sendall(head)
        size, cut_at = 0, self.cut_at
        if b"content-length:" in head.lower() or not is_meant:
            cut_at = None
        if cut_at is not None and cut_at < 0:
            while more := far.recv(65536):
                body += more
            cut_at = max(len(body) + cut_at, 0)
        while size != cut_at and (body := body or far.recv(65536)):
            piece = body if cut_at is None else body[: cut_at - size]
            near.sendall(piece)
            size, body = size + len(piece), b""
        self.size = size if is_meant else self.size
        for end in (near, far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        upload.join()


def _to_blank_line(sock: socket.socket) -> tuple[bytes, bytes]:
    """A head with its blank line, and what came after it."""
    data = b""
    while b"\r\n\r\n" not in data and (more := sock.recv(65536)):
        data += more
    head, line, rest = data.partition(b"\r\n\r\n")
    return head + line, rest


class CuttingRoad(Road):
    """Carries bytes between clients and the Engine's socket; `cut` is how, None for not at all.

    `before_upgrade` is done before the Engine gets a request to upgrade, `before_question` before
    it gets the first request after a cut. In unix seconds, `cut_at` is when that was, `asked_at`
    when the client, which had seen it by then, asked something, and `answered_at` when the last
    answer after it came.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.cut: Cut | None = None
        self.before_upgrade: Callable[[], object] = int
        self.before_question: Callable[[], object] = int
        self.cut_at: float | None = None
        self.asked_at = self.answered_at = 0.0

    def cut_next(self, cut: Cut) -> None:
        """Cuts what is upgraded from now on in this way."""
        self.cut, self.cut_at, self.asked_at = cut, None, 0.0

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        _Carrying(near, far, self).go_on()


class _Carrying:
    """One connection of the client, and the one to the Engine that belongs to it."""

    def __init__(self, near: socket.socket, far: socket.socket, road: CuttingRoad) -> None:
        self._near, self._far = near, far
        self._road, self._cut = road, road.cut
        self._upgraded = False
        self._unread = b""  # of the answer, from the head or the last border of frames on
        self._frames = 0
        self._first = self._last = float("inf")  # when frames came

    def go_on(self) -> None:
        open_ends = [self._near, self._far]
        while open_ends:
            readable, _, _ = select.select(open_ends, [], [], 0.005)
            if self._is_time():
                return self._hang_up()
            if self._road.closing.is_set():
                return
            for end in readable:
                data = end.recv(65536)
                if not data:
                    open_ends.remove(end)
                    other = self._far if end is self._near else self._near
                    with contextlib.suppress(OSError):
                        other.shutdown(socket.SHUT_WR)
                elif end is self._near:
                    self._prepare(data)
                    self._far.sendall(data)
                else:
                    self._road.answered_at = time.time()
                    self._near.sendall(self._passed(data))
                    if self._is_time():
                        return self._hang_up()

    def _prepare(self, data: bytes) -> None:
        """What is done before the Engine gets this."""
        if self._upgraded:
            return
        if b"\r\nUpgrade: " in data:
            self._upgraded = True
            self._road.before_upgrade()
        elif self._road.cut_at is not None:
            self._road.asked_at = self._road.asked_at or time.time()
            act, self._road.before_question = self._road.before_question, int
            act()

    def _passed(self, data: bytes) -> bytes:
        """What the client gets of it: up to the frame after which it is cut."""
        if not self._upgraded or self._cut is None:
            return data
        self._unread += data
        passed = len(data)
        if self._first == float("inf") and b"\r\n\r\n" in self._unread and self._frames == 0:
            if self._unread.startswith(b"HTTP/"):
                self._unread = self._unread.partition(b"\r\n\r\n")[2]
        while len(self._unread) >= 8 and not self._unread.startswith(b"HTTP/"):
            size = 8 + int.from_bytes(self._unread[4:8], "big")
            if len(self._unread) < size:
                break
            self._unread = self._unread[size:]
            self._frames += 1
            self._last = time.monotonic()
            self._first = min(self._first, self._last)
            if self._frames == self._cut.frames:
                passed -= len(self._unread)
                break
        return data[:passed]

    def _is_time(self) -> bool:
        cut, now = self._cut, time.monotonic()
        if cut is None or not self._frames:
            return False
        return (
            (cut.frames is not None and self._frames >= cut.frames)
            or (cut.silence is not None and now - self._last >= cut.silence)
            or (cut.after is not None and now - self._first >= cut.after)
        )

    def _hang_up(self) -> None:
        """Hangs up, and waits until nobody is there any more where one side stays open."""
        assert self._cut is not None
        self._road.cut_at = time.time()
        for end, spared in ((self._near, "the Engine's"), (self._far, "ours")):
            if self._cut.sides != spared:
                with contextlib.suppress(OSError):  # it may just have hung up itself
                    end.shutdown(socket.SHUT_RDWR)
        if self._cut.sides == "ours":  # the Engine goes on, and is listened to
            with contextlib.suppress(OSError):
                self._far.settimeout(20)
                while self._far.recv(65536):
                    pass
        elif self._cut.sides == "the Engine's":
            self._road.closing.wait(20)
