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
import gc
import operator
import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Place = tuple[str, int, str, int]  # a function's file, first line and name; a line or an opcode
Moment = tuple[Place, int]  # a place, and how often the call has come to it
_TOOL = 3  # by which `sys.monitoring` knows this

LONGEST = 10.0  # seconds; what takes longer waits for itself


@contextlib.contextmanager
def interrupted_by(act: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Gives what has the main thread run `act` in a handler, once, when another thread calls it.

    It waits until that is done. One signal would not do: one that comes just before a system call
    does not end that call.
    """
    begun = False
    done = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal begun
        if begun:
            return
        begun = True
        try:
            act()
        finally:
            done.set()

    def interrupt() -> None:
        while not done.wait(0.05):
            os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        yield interrupt
    finally:
        done.set()
        signal.signal(signal.SIGUSR1, before)


def interruptible() -> contextlib.AbstractContextManager[Callable[[], None]]:
    """The same; what the main thread does is to raise KeyboardInterrupt."""

    def act() -> None:
        raise KeyboardInterrupt

    return interrupted_by(act)


class Moments:
    """The moments of a call at which a handler can run, counted from 1.

    A first run without a handler finds them. In each run after it only the function is traced that
    has the moment which is chosen, and nothing any more after the handler.

    Args:
        each: what is one: a line, or an opcode.
        signals: only where the interpreter runs handlers at all: at the beginning of a function,
            after a call, and after a jump backwards. A handler that raises anywhere else tells
            nothing: even `with lock: x = 1` would be left locked.
        once: a line or opcode that comes again in one call is not another moment.
        within: only in files whose path has this in it.
    """

    def __init__(
        self,
        each: Literal["line", "opcode"] = "opcode",
        *,
        signals: bool = False,
        once: bool = False,
        within: str = "",
    ):
        self._each = "opcode" if signals else each
        self._signals = signals
        self._once = once
        self._within = within
        self._known: list[Moment] = []
        self._seen: Counter[Place] = Counter()
        self._wanted: Moment | None = None
        self._found: list[Moment] = []
        # The opcode before, by frame, and whether it has raised: then nobody looks for a signal.
        self._last: dict[int, tuple[int, bool]] = {}
        self._handler: Callable[[], object] = int
        self.place = ""

    @property
    def count(self) -> int:
        """How many there are, as far as is known."""
        return len(self._known)

    def interrupt(self, call: Callable[[], T], at: int, handler: Callable[[], object]) -> T:
        """The call with the handler at one moment, or for 0 without it, which finds the moments.

        `place` tells where that was; it is empty if the call has not come to it.
        """
        self._wanted, self._handler = self._known[at - 1] if at else None, handler
        self.place, self._found = "", []
        self._seen.clear()
        self._last.clear()
        try:
            if not at:
                gc.disable()  # else the finalizers of other tests' objects count as moments
            self._begin()
            return call()
        finally:
            self._end()
            gc.enable()
            self._known = max(self._known, self._found, key=len)

    if sys.version_info >= (3, 12):
        # `sys.settrace` misses the opcodes of a function whose code it does not know yet.

        def _begin(self) -> None:
            thread = threading.get_ident()
            monitoring, events = sys.monitoring, sys.monitoring.events

            def ours(act: Callable[[FrameType], object]) -> Callable[..., object]:
                def told(code: CodeType, *arguments: object) -> object:
                    if not self._is_of_interest(code):
                        return monitoring.DISABLE
                    if threading.get_ident() == thread:
                        act(sys._getframe(1))
                    return None

                return told

            def raised(code: CodeType, *arguments: object) -> None:  # which cannot be disabled
                if threading.get_ident() == thread:
                    self._raised(sys._getframe(1))

            monitoring.use_tool_id(_TOOL, __name__)
            callbacks = {
                events.PY_START: ours(self._enter),
                events.PY_RESUME: ours(self._enter),
                events.PY_THROW: lambda *_: None,
                events.RAISE: raised,
                events.LINE if self._each == "line" else events.INSTRUCTION: ours(self._step),
            }
            for event, callback in callbacks.items():
                monitoring.register_callback(_TOOL, event, callback)
            monitoring.restart_events()
            monitoring.set_events(_TOOL, functools.reduce(operator.or_, callbacks))

        def _end(self) -> None:
            if sys.monitoring.get_tool(_TOOL) is not None:
                sys.monitoring.set_events(_TOOL, 0)
                sys.monitoring.free_tool_id(_TOOL)

    else:

        @functools.cached_property
        def _tracer(self) -> Callable[[FrameType, str, object], Any]:
            """`_trace`, bound once: the interpreter calls by a bare pointer what a handler may end.

            Bound anew at each call, it was gone now and then while it was still to be called
            (3.11.7: a crash, or `'traceback' object is not callable` at the start of a function).
            """
            return self._trace

        def _begin(self) -> None:
            self._before = sys.gettrace()
            sys.settrace(self._tracer)

        def _end(self) -> None:
            sys.settrace(self._before)

        def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
            if event == "call":
                if not self._is_of_interest(frame.f_code):
                    return None
                frame.f_trace_lines = self._each == "line"
                frame.f_trace_opcodes = self._each == "opcode"
                self._enter(frame)
            elif event == "exception":
                self._raised(frame)
            elif event == self._each:
                self._step(frame)
            return self._tracer

    def each(
        self, play: Callable[[int], object], share: float = 1, draw: random.Random | None = None
    ) -> int:
        """Calls `play` with 0, and then with each moment that it had; how many it came to again.

        Of a share of them, which are drawn by lot. What was not met is tried again: how bytes
        arrive is not always the same.
        """
        play(0)
        chosen = list(range(1, self.count + 1))
        if draw is not None:
            chosen = sorted(draw.sample(chosen, round(share * self.count)))
        return sum(map(functools.partial(self._met, play), chosen))

    def _met(self, play: Callable[[int], object], at: int) -> bool:
        for _ in range(4):
            play(at)
            if self.place:
                return True
        return False

    def _is_of_interest(self, code: CodeType) -> bool:
        if self._wanted is None:
            return code.co_filename != __file__ and self._within in code.co_filename
        (file, line, _, _), _ = self._wanted
        return code.co_firstlineno == line and code.co_filename == file

    def _enter(self, frame: FrameType) -> None:
        self._last[id(frame)] = -1, False

    def _raised(self, frame: FrameType) -> None:
        last, _ = self._last.get(id(frame), (-1, False))
        self._last[id(frame)] = last, True

    def _step(self, frame: FrameType) -> None:
        if self._signals:
            before, raised = self._last.get(id(frame), (-1, False))
            last = frame.f_lasti
            self._last[id(frame)] = last, False
            if before < 0:  # a function begins, or something is thrown into a generator
                before = last - 2
            heard = before < 0 or last < before or _hears(frame, before)
            if raised or not heard or not _alike(frame.f_code, before, last):
                return
        self._meet(frame)

    def _meet(self, frame: FrameType) -> None:
        code = frame.f_code
        offset = frame.f_lineno if self._each == "line" else frame.f_lasti
        place = code.co_filename, code.co_firstlineno, code.co_name, offset
        self._seen[place] += 1
        moment = place, self._seen[place]
        if self._wanted is None:
            if not self._once or moment[1] == 1:
                self._found.append(moment)
        elif moment == self._wanted:
            self.place = f"{code.co_filename}:{frame.f_lineno}, opcode {frame.f_lasti}"
            self._end()
            self._handler()


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
    """A call took so long that it can only wait for itself."""


@contextlib.contextmanager
def told_only(raised: type[BaseException]) -> Iterator[None]:
    """AssertionError if Python tells of more than what a handler that raises may leave.

    That is what it has raised, where a `__del__` was interrupted, and a stream that was dropped
    before its `with` had it.
    """
    told: list[str] = []

    def tell(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not raised:
            told.append(f"{unraisable.exc_type.__name__}: {unraisable.exc_value}")

    before, sys.unraisablehook = sys.unraisablehook, tell
    try:
        yield
        gc.collect()
    finally:
        sys.unraisablehook = before
    dropped = "ResourceWarning: a stream was never closed: "
    assert [each for each in told if not each.startswith(dropped)] == []


@contextlib.contextmanager
def watched(longest: float = LONGEST) -> Iterator[Callable[[], None]]:
    """Gives what begins the time anew; `Stuck` in the main thread when it is over.

    It is counted by a thread that wakes every 0.2 s, and late where this process gets no processor.
    """
    wakes = int(longest / 0.2)
    left = wakes
    over = threading.Event()

    def begin() -> None:
        nonlocal left
        left = wakes

    def stuck(number: int, frame: FrameType | None) -> None:
        raise Stuck

    def watch() -> None:
        nonlocal left
        while not over.wait(0.2):
            left -= 1
            if not left:
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
