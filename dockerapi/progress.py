"""Bars in a terminal for what the Engine reports: `client.pull(name, progress=bars)`.

Needs the library rich (`pip install 'dockerapi[progress]'`); nothing else in the package imports
this module. It draws `Progress` values and knows nothing of the stream that they come from.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import TYPE_CHECKING, Any

try:
    import rich.progress
    from rich.console import Console, RenderableType
    from rich.filesize import decimal
    from rich.text import Text
except ImportError as error:  # pragma: no cover
    raise ImportError(
        "dockerapi.progress needs the library rich: pip install 'dockerapi[progress]'"
    ) from error

if TYPE_CHECKING:
    from typing_extensions import Self

    from .models.images import Progress


# The name of a step: of the classic builder, and of BuildKit.
_STEP = re.compile(r"Step \d|\[(?:[^] ]+ )?\d+/\d+\] |\[internal\] |exporting to image$")


def bars(console: Console | None = None) -> Bars:
    """Draws the progress of a pull, push, build, import or load, as long as the `with` lasts.

        with bars() as progress:
            client.pull("alpine", progress=progress)

    Args:
        console: where to; None is standard error. If that is no terminal, nothing is written.
    """
    return Bars(Console(stderr=True) if console is None else console)


class Bars:
    """A line for each layer, with a bar while its size is known; other output goes above them."""

    def __init__(self, console: Console) -> None:
        self._lines: dict[str, rich.progress.TaskID] = {}
        self._rest = ""  # the beginning of a line of output
        self._drawn = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}", markup=False),
            rich.progress.TextColumn("{task.fields[status]}", markup=False),
            _Bar(),
            rich.progress.TextColumn("{task.fields[amount]}", markup=False),
            console=console,
            disable=not console.is_terminal,
        )

    def __call__(self, value: Progress) -> None:
        if self._drawn.disable:
            return
        if value.id is not None and value.status is not None:
            self._draw(value.id, value)
        elif value.status:
            self._print(value.status)
        if value.text:
            *lines, self._rest = (self._rest + value.text).split("\n")
            for line in lines:
                self._print(line)

    def _draw(self, id: str, value: Progress) -> None:
        fields: dict[str, Any] = {
            "status": value.status,
            "amount": _amount(value),
            "bar": value.total is not None,
        }
        if id not in self._lines:
            self._lines[id] = self._drawn.add_task(id, total=None, **fields)
        self._drawn.update(self._lines[id], total=value.total, completed=value.current, **fields)

    def _print(self, line: str) -> None:
        # A command's colours stay; what else it would do to the terminal does not.
        text = Text.from_ansi(line)
        if _STEP.match(line):
            text.stylize("bold")
        self._drawn.console.print(text, soft_wrap=True)

    def __enter__(self) -> Self:
        self._drawn.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._rest:
            self._print(self._rest)
        self._drawn.stop()


class _Bar(rich.progress.ProgressColumn):
    """A bar for a task with a known size; nothing for others."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = rich.progress.BarColumn(30)

    def render(self, task: rich.progress.Task) -> RenderableType:
        return self._bar.render(task) if task.fields["bar"] else Text()


def _amount(value: Progress) -> str:
    numbers = [number for number in (value.current, value.total) if number is not None]
    if value.units is None:
        return "/".join(decimal(number) for number in numbers)
    return " ".join(["/".join(map(str, numbers)), value.units])
