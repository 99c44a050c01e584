"""Progress bars in a terminal: `client.pull(name, progress=bars)`.

Needs the library rich (`pip install 'dockerapi[progress]'`); no other module imports this one. It
draws `Progress` values, wherever they come from.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .errors import installing

try:
    import rich.progress
    from rich.console import Console, RenderableType
    from rich.filesize import decimal
    from rich.text import Text
except ImportError as error:  # pragma: no cover
    raise ImportError(
        f"dockerapi.progress needs the library rich: {installing('progress')}"
    ) from error

if TYPE_CHECKING:
    from typing_extensions import Self

    from .models.images import Progress


# The name of a step, as the classic builder and BuildKit write it.
_STEP = re.compile(r"Step \d|\[(?:[^] ]+ )?\d+/\d+\] |\[internal\] |exporting to image$")


def bars(console: Console | None = None, *, plain: bool = False) -> Bars:
    """Draws the progress of a pull, push, build, import or load while the `with` block lasts.

        with bars() as progress:
            client.pull("alpine", progress=progress)

    Args:
        console: where to draw; None is standard error. Other output of the program is not
            redirected. If the console is not a terminal, nothing is drawn.
        plain: writes lines instead of bars: one for every new state of a layer, to a terminal or a
            file, e.g. a CI log.
    """
    return Bars(Console(stderr=True) if console is None else console, plain=plain)


class Bars:
    """A line for each layer, with a bar once its size is known; other output goes above them.

    During a build the last line is the running step and its time. `Bars` may be called from several
    threads; `of` says for which image.
    # Other output to the same terminal appears above the bars.
    """

    def __init__(self, console: Console, *, plain: bool = False) -> None:
        self.silent = not (plain or console.is_terminal)
        self.plain = plain
        self.console = console
        self.drawn = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}", markup=False),
            rich.progress.TextColumn("{task.fields[status]}", markup=False),
            _Bar(),
            rich.progress.TextColumn("{task.fields[amount]}", markup=False),
            _Time(),
            console=console,
            disable=plain or self.silent,
            # What is printed meanwhile goes above the bars, if it goes to the same place.
            redirect_stdout=console.file is sys.stdout,
            redirect_stderr=console.file is sys.stderr,
        )
        self._images: dict[str, _Image] = {}

    def of(self, name: str) -> Callable[[Progress], None]:
        """A `progress=` callback for one of several images: its lines begin with its name."""
        if name not in self._images:
            self._images[name] = _Image(self, name)
        return self._images[name]

    def __call__(self, value: Progress) -> None:
        self.of("")(value)

    def __enter__(self) -> Self:
        self.drawn.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for image in self._images.values():
            image.end()
        self.drawn.stop()


class _Image:
    """The lines of one image."""

    def __init__(self, bars: Bars, name: str) -> None:
        self._bars = bars
        self._name = name
        self._lines: dict[str, rich.progress.TaskID] = {}
        self._states: dict[str, str] = {}
        self._rest = ""  # an unfinished line of output
        self._step: str | None = None
        self._began: dict[str, float] = {}  # BuildKit runs several steps at once
        self._clock: rich.progress.TaskID | None = None

    def __call__(self, value: Progress) -> None:
        if self._bars.silent:
            return
        if value.id is not None and value.status is not None:
            self._draw(value.id, value.status, value)
        elif value.status:
            self._print(value.status)
        if value.text:
            *lines, self._rest = (self._rest + value.text).split("\n")
            for line in lines:
                self._print(line)
        if value.aux is not None:  # the operation's result, not progress
            self._end_step()

    def end(self) -> None:
        if self._rest:
            self._print(self._rest)
            self._rest = ""
        self._end_step()

    def _draw(self, id: str, state: str, value: Progress) -> None:
        if self._bars.plain:
            if self._states.get(id) != state:
                self._states[id] = state
                size = "" if value.total is None or value.units else f" {decimal(value.total)}"
                self._print(f"{id} {state}{size}")
            return
        fields: dict[str, Any] = {
            "status": state,
            "amount": _amount(value),
            "bar": value.total is not None,
            "began": None,
        }
        if id not in self._lines:
            named = f"{self._name} {id}" if self._name else id
            self._lines[id] = self._bars.drawn.add_task(named, total=None, **fields)
        self._bars.drawn.update(
            self._lines[id], total=value.total, completed=value.current, **fields
        )

    def _print(self, line: str) -> None:
        # A command's colours are kept; its other control sequences are removed.
        text = Text.from_ansi(line)
        if _STEP.match(line):
            self._end_step()
            self._begin_step(text.plain)
            text.stylize("bold")
        self._write(text)

    def _write(self, text: Text) -> None:
        if self._name:
            text = Text(f"{self._name} ") + text
        self._bars.console.print(Text(text.plain) if self._bars.plain else text, soft_wrap=True)

    def _begin_step(self, step: str) -> None:
        self._step = step
        began = self._began.setdefault(step, self._bars.console.get_time())
        if not self._bars.plain:
            named = f"{self._name} {step}" if self._name else step
            fields: dict[str, Any] = {"status": "", "amount": "", "bar": False, "began": began}
            self._clock = self._bars.drawn.add_task(named[:_LONGEST_STEP], total=None, **fields)

    def _end_step(self) -> None:
        step, self._step = self._step, None
        if step is None:
            return
        if self._clock is not None:
            self._bars.drawn.remove_task(self._clock)
            self._clock = None
        seconds = int(self._bars.console.get_time() - self._began[step])
        if self._bars.plain and seconds:
            self._write(Text(f"took {seconds} s"))


_LONGEST_STEP = 40


class _Bar(rich.progress.ProgressColumn):
    """A bar for tasks whose size is known; empty for others."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = rich.progress.BarColumn(30)

    def render(self, task: rich.progress.Task) -> RenderableType:
        return self._bar.render(task) if task.fields["bar"] else Text()


class _Time(rich.progress.ProgressColumn):
    """How long a step has run; empty for layers."""

    def render(self, task: rich.progress.Task) -> RenderableType:
        began = task.fields["began"]
        seconds = 0 if began is None else int(task.get_time() - began)
        return Text(f"{seconds} s" if seconds else "")


def _amount(value: Progress) -> str:
    numbers = [number for number in (value.current, value.total) if number is not None]
    if value.units is None:
        return "/".join(decimal(number) for number in numbers)
    return " ".join(["/".join(map(str, numbers)), value.units])
