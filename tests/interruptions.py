"""Handlers of signals, at a moment that a test chooses.

Python runs a handler in the main thread between two bytecodes. `Moments` does it deterministically:
a trace function counts the lines or opcodes of every Python frame below a call, and at one of them
it calls the handler, as the interpreter would. What runs within one call of C (`sendall` between
two parts) only real signals reach.
"""

from __future__ import annotations

import contextlib
import dis
import faulthandler
import functools
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, Literal, TypeVar

T = TypeVar("T")

LONGEST = 10.0  # seconds; what takes longer waits for itself


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives what raises KeyboardInterrupt in the main thread when another thread calls it.

    One signal would not do: one that comes just before a system call does not end that call.
    """
    raised = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if not raised.is_set():
            raised.set()
            raise KeyboardInterrupt

    def interrupt() -> None:
        while not raised.wait(0.05):
            os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        yield interrupt
    finally:
        raised.set()
        signal.signal(signal.SIGUSR1, before)


class Moments:
    """The moments of a call at which a handler can run, counted from 1.

    Args:
        each: what is one: a line, or an opcode.
        signals: only where the interpreter runs handlers at all: at the beginning of a function,
            after a call, and after a jump backwards. A handler that raises anywhere else tells
            nothing: even `with lock: x = 1` would be left locked.
        once: a line or opcode that comes again in one call is not another moment.
    """

    def __init__(
        self,
        each: Literal["line", "opcode"] = "opcode",
        *,
        signals: bool = False,
        once: bool = False,
    ):
        self._each = each
        self._signals = signals
        self._once = once
        self._seen: set[tuple[object, int]] = set()
        self._at = 0
        self._handler: Callable[[], object] = int
        self.count = 0
        self.place = ""

    def interrupt(self, call: Callable[[], T], at: int, handler: Callable[[], object]) -> T:
        """The call with the handler at one moment, if it has so many.

        `count` tells how many it had, and `place` where that one was; it is empty if it had not.
        """
        self.count, self.place, self._at, self._handler = 0, "", at, handler
        self._seen.clear()
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            return call()
        finally:
            sys.settrace(before)

    def each(self, play: Callable[[int], object]) -> int:
        """Calls `play` with each moment until it interrupts nothing any more; how often it did.

        From Python 3.12 on the opcodes of a function are not seen at its first call, nor at the
        next one after an exception came out of it. So what was not interrupted is tried again.
        """
        for at in itertools.count(1):
            for _ in range(4):
                play(at)
                if self.place:
                    break
            else:
                return at - 1
        raise AssertionError("unreachable")

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        frame.f_trace_lines = self._each == "line"
        frame.f_trace_opcodes = self._each == "opcode" or self._signals
        last = -1  # the opcode before, in this frame
        raised = False  # by it: then the interpreter looks for no signal

        def step(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal last, raised
            if event == "exception":
                raised = True
            if event not in ("line", "opcode"):
                return step
            counts = event == self._each
            if event == "opcode":
                before, last = last, frame.f_lasti
                if self._signals:
                    if before < 0:  # a function begins, or something is thrown into a generator
                        before = last - 2
                    heard = before < 0 or last < before or _hears(frame, before)
                    counts = heard and not raised and _alike(frame.f_code, before, last)
                raised = False
            if counts and self._once:
                here = (frame.f_code, frame.f_lineno if event == "line" else last)
                counts = here not in self._seen
                self._seen.add(here)
            if counts:
                self.count += 1
                if self.count == self._at:
                    self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}, opcode {last}"
                    self._handler()
            return step

        return step


def _hears(frame: FrameType, offset: int) -> bool:
    """Whether the interpreter looks for signals after this opcode."""
    name = dis.opname[frame.f_code.co_code[offset]]
    return name == "RESUME" or (name.startswith("CALL") and "INTRINSIC" not in name)


def _alike(code: CodeType, first: int, second: int) -> bool:
    """Whether what is raised at these two opcodes is caught in one place.

    A signal is raised by the opcode before, a trace function by the next: the first one that is
    beyond a `try` would not be caught.
    """
    return _catches(code, first) == _catches(code, second)


@functools.cache
def _catches(code: CodeType, offset: int) -> int | None:
    entries = getattr(dis, "_parse_exception_table", lambda code: [])(code)  # from Python 3.11 on
    found = [entry.target for entry in entries if entry.start <= offset < entry.end]
    return found[0] if found else None


class Stuck(BaseException):
    """A call took longer than `LONGEST`."""


@contextlib.contextmanager
def watched() -> Iterator[Callable[[], None]]:
    """Gives what begins the time anew; `Stuck` in the main thread when it is over."""
    ends = time.monotonic() + LONGEST
    over = threading.Event()

    def begin() -> None:
        nonlocal ends
        ends = time.monotonic() + LONGEST

    def stuck(number: int, frame: FrameType | None) -> None:
        raise Stuck

    def watch() -> None:
        while not over.wait(0.2):
            if time.monotonic() > ends:
                faulthandler.dump_traceback(all_threads=True)
                begin()
                os.kill(os.getpid(), signal.SIGUSR2)

    before = signal.signal(signal.SIGUSR2, stuck)
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield begin
    finally:
        over.set()
        watching.join()
        signal.signal(signal.SIGUSR2, before)


def descriptors() -> dict[int, str]:
    """Every descriptor that is open, and what it is."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one of the list itself
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found
