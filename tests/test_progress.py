"""Bars in a terminal, drawn from the values of a pull and a build."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dockerapi.models.images import Progress
from dockerapi.progress import Bars, bars
from dockerapi.protocol.buildkit import BuildKitReports


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of the usual kind: on a dumb one nothing moves."""
    monkeypatch.setenv("TERM", "xterm")


def drawn(*values: dict[str, Any], terminal: bool = True, plain: bool = False) -> list[str]:
    """The lines that are on the screen in the end, without empty ones."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, color_system=None, width=100)
    with bars(console, plain=plain) as progress:
        for value in values:
            progress(Progress.parse(value))
    return [line.rstrip() for line in screen(output.getvalue()) if line.strip()]


def screen(output: str) -> list[str]:
    """What a terminal shows: rich erases lines, goes up, and writes them anew."""
    lines, row = [""], 0
    for token in re.findall(r"\x1b\[\??\d+[A-Za-z]|\r|\n|[^\x1b\r\n]+", output):
        if token == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif token == "\x1b[1A":
            row -= 1
        elif token == "\x1b[2K":
            lines[row] = ""
        elif token[0] not in "\r\x1b":
            lines[row] += token
    return lines


def layer(status: str, current: int | None = None, total: int | None = None, **more: str) -> Any:
    detail = {"current": current, "total": total, **more}
    return {"id": "0a1b", "status": status, "progressDetail": detail}


RECORDINGS = Path(__file__).parent / "recordings" / "buildkit"
BAR = "━" * 30


@pytest.mark.parametrize(
    ("values", "line"),
    [
        pytest.param([layer("Waiting")], "0a1b Waiting", id="nothing is known"),
        pytest.param(
            [layer("Downloading", 1500, 1500)],
            f"0a1b Downloading {BAR} 1.5 kB/1.5 kB",
            id="size",
        ),
        pytest.param(
            [layer("Downloading", 1500)], "0a1b Downloading  1.5 kB", id="size is not known"
        ),
        pytest.param([layer("Extracting", 3, units="s")], "0a1b Extracting  3 s", id="other units"),
        pytest.param(
            [layer("Downloading", 5, 5), layer("Pull complete")],
            "0a1b Pull complete",
            id="the bar goes when its work is done",
        ),
        pytest.param(
            [layer("Downloading", 5, 5), layer("Extracting", 7, 7)],
            f"0a1b Extracting {BAR} 7 bytes/7 bytes",
            id="extract after download",
        ),
        pytest.param([layer("[bold]")], "0a1b [bold]", id="no markup"),
    ],
)
def test_a_layer_is_one_line_that_shows_its_last_state(
    values: list[dict[str, Any]], line: str
) -> None:
    assert drawn(*values) == [line]


def test_each_layer_has_its_own_line() -> None:
    lines = drawn({"id": "a", "status": "Waiting"}, {"id": "b", "status": "Pull complete"})

    assert lines == ["a Waiting", "b Pull complete"]


def test_a_status_of_no_layer_is_printed() -> None:
    assert drawn({"status": "Digest: sha256:0"}) == ["Digest: sha256:0"]


def test_the_output_of_a_build_is_printed_in_whole_lines() -> None:
    values = [{"stream": "Step 1/1 : RUN x\n"}, {"stream": "a"}, {"stream": "b\nc"}]

    assert drawn(*values) == ["Step 1/1 : RUN x", "ab", "c"]


@pytest.mark.parametrize(
    ("line", "bold"),
    [
        ("Step 1/2 : RUN x", True),
        ("[2/4] COPY x /x", True),
        ("[build 12/14] RUN x", True),
        ("[internal] load remote build context", True),
        ("exporting to image", True),
        ("[1/2 of it]", False),
        ("[x] y", False),
        ("CACHED", False),
    ],
)
def test_the_name_of_a_step_stands_out(line: str, bold: bool) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system="standard", width=100)
    with bars(console) as progress:
        progress(Progress.parse({"stream": f"{line}\n"}))
    assert ("\x1b[1m" in output.getvalue()) is bold


def test_a_build_by_buildkit_has_a_line_for_each_layer_that_it_pulls() -> None:
    values = BuildKitReports().feed((RECORDINGS / "28.5-pulled.jsonl").read_bytes())
    digest = "041b9295d2fed01b6e5df286f141c39c5106d01b1e110aed7fa3f5e70abb25e5"
    assert drawn(*values) == [
        "[internal] load remote build context",
        "copy /context /",
        "[internal] load metadata for 127.0.0.1:5000/base:1",
        f"[1/2] FROM 127.0.0.1:5000/base:1@sha256:{digest}",
        "[2/2] RUN ls -d /big",
        "/big",
        "exporting to image",
        "resolve 127.0.0.1:5000/base:1@041b9295d2fe done",
        f"37668ee773a2                               done {BAR} 31.5 MB/31.5 MB",
        f"041b9295d2fe                               done {BAR} 740 bytes/740 bytes",
        f"a0de5327ab4d                               done {BAR} 1.5 kB/1.5 kB",
        "extracting 37668ee773a2                    done",
        "exporting layers                           done",
        "writing image 08e188c9003e                 done",
        "naming to docker.io/library/built:1        done",
    ]


def test_output_cannot_move_the_cursor() -> None:
    assert drawn({"stream": "\x1b[2Jx\n"}) == ["x"]


def test_a_value_that_says_nothing_draws_nothing() -> None:
    assert drawn({"aux": {"ID": "sha256:0"}}) == []


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    assert drawn({"stream": "x\ny"}, layer("Downloading", 1, 2), terminal=False) == []


def test_bars_write_to_standard_error_unless_told() -> None:
    assert isinstance(bars(), Bars)


PRINTS = """
import sys
from dockerapi.models.images import Progress
from dockerapi.progress import bars
with bars() as progress:
    progress(Progress.parse({"id": "0a1b", "status": "Waiting"}))
    print("what the program has to say")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of another kind")
def test_what_a_program_prints_goes_where_its_output_goes() -> None:
    """`python p.py > out.txt` on a terminal."""
    import pty

    terminal, other_end = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", PRINTS],
            stdout=subprocess.PIPE,
            stderr=other_end,
            env={**os.environ, "TERM": "xterm"},
            timeout=600,
        )
        shown = os.read(terminal, 65536)
    finally:
        os.close(other_end)
        os.close(terminal)
    assert (done.returncode, done.stdout) == (0, b"what the program has to say\n")
    assert b"0a1b" in shown


def test_of_several_images_each_line_says_whose_it_is() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system=None, width=100)
    with bars(console) as progress:
        first, second = progress.of("alpine"), progress.of("debian")
        first(Progress.parse({"id": "0a1b", "status": "Waiting"}))
        second(Progress.parse({"id": "0a1b", "status": "Pull complete"}))
        first(Progress.parse({"stream": "half "}))
        second(Progress.parse({"stream": "other\n"}))
        progress.of("alpine")(Progress.parse({"stream": "line\n"}))
    assert [line.rstrip() for line in screen(output.getvalue()) if line.strip()] == [
        "debian other",
        "alpine half line",
        "alpine 0a1b Waiting",
        "debian 0a1b Pull complete",
    ]


def test_plain_lines_are_written_wherever_they_go_and_once_for_each_state() -> None:
    values = [
        {"status": "Pulling from library/alpine", "id": "latest"},
        layer("Downloading", 1, 31_500_000),
        layer("Downloading", 9, 31_500_000),
        layer("Extracting", 3, units="s"),
        layer("Pull complete"),
        {"stream": "Step 1/1 : RUN \x1b[31mx\n"},
        {"stream": "red\x1b[2J"},
    ]
    lines = [
        "latest Pulling from library/alpine",
        "0a1b Downloading 31.5 MB",
        "0a1b Extracting",
        "0a1b Pull complete",
        "Step 1/1 : RUN x",
        "red",
    ]
    assert drawn(*values, plain=True, terminal=False) == lines
    assert drawn(*values, plain=True) == lines


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def timed(terminal: bool) -> tuple[Clock, io.StringIO, Console]:
    clock, output = Clock(), io.StringIO()
    console = Console(
        file=output, force_terminal=terminal, color_system=None, width=100, get_time=clock
    )
    return clock, output, console


def test_a_silent_step_of_a_build_shows_its_time() -> None:
    clock, output, console = timed(True)
    with bars(console) as progress:
        progress(Progress.parse({"stream": "Step 1/2 : RUN make all the things that there are\n"}))
        clock.now = 12.5
        progress.drawn.refresh()
        during = screen(output.getvalue())
        progress(Progress.parse({"aux": {"ID": "sha256:0"}}))
    assert [line.rstrip() for line in during if line.strip()] == [
        "Step 1/2 : RUN make all the things that there are",
        "Step 1/2 : RUN make all the things that     12 s",
    ]
    assert [line.rstrip() for line in screen(output.getvalue()) if line.strip()] == [
        "Step 1/2 : RUN make all the things that there are"
    ]


def test_plain_lines_say_how_long_a_step_took() -> None:
    """Also one of BuildKit that another one came between."""
    clock, output, console = timed(False)
    with bars(console, plain=True) as progress:
        for seconds, step in ((0, "[1/3] RUN a"), (2, "[2/3] RUN b"), (2, "[1/3] RUN a")):
            clock.now += seconds
            progress(Progress.parse({"stream": f"{step}\n"}))
        clock.now = 9
    assert output.getvalue().splitlines() == [
        "[1/3] RUN a",
        "took 2 s",
        "[2/3] RUN b",
        "took 2 s",
        "[1/3] RUN a",
        "took 9 s",
    ]
