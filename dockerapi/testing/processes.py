"""Commands of containers as processes of this machine, without any isolation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .playing import CannotStart, Ended, Output, Played


class RealProcess(Played):
    """A process; for now there are none."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        working_dir: str,
        files: Path,
        tty: bool,
        stdin: bool,
    ) -> None:
        pass

    def begin(self, output: Output, ended: Ended) -> None:
        raise CannotStart("processes are not there yet")
