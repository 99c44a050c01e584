"""The pages that users read, README first: the code in them, and what it prints.

A page's Python is run from top to bottom as somebody does who types it in, in one namespace, with
DOCKER_HOST set to an Engine. What a block prints is the next block of `output`. A comment of HTML
on a page says what readers do not see:

    <!-- Runs on the fake Engine only. -->
    <!-- Runs on a real Engine only. -->
    <!-- Runs on a manager of a swarm only. -->
    <!-- Is not run here. -->
    <!-- Before it: ... -->                 Python that is run first; `engine` is the fake Engine,
                                            and `ends` has what is closed after the page
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.relative_to(ROOT).parts
)
FAKE, REAL, MANAGER, NOT_RUN = (
    "<!-- Runs on the fake Engine only. -->",
    "<!-- Runs on a real Engine only. -->",
    "<!-- Runs on a manager of a swarm only. -->",
    "<!-- Is not run here. -->",
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BEFORE = re.compile(r"<!-- Before it:\n(.*?)-->", re.DOTALL)
_OF_THE_ENVIRONMENT = ("DOCKER_API_VERSION", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return [code for found, code in _BLOCK.findall(text(page)) if found == language]


def with_code(unless: str) -> list[Path]:
    """The pages of the site whose code is run, but those that say otherwise."""
    said = (unless, MANAGER, NOT_RUN)
    return [
        page
        for page in PAGES
        if blocks(page, "python") and not any(line in text(page) for line in said)
    ]


def of_a_swarm() -> list[Path]:
    """Those whose code wants a manager."""
    return [page for page in PAGES if MANAGER in text(page)]


def made(page: Path) -> set[str]:
    """The names of what its code makes."""
    code = "\n".join(blocks(page, "python"))
    return set(re.findall(r'(?:\bname=|\bcreate_(?:network|volume)\()"([\w.-]+)"', code))


def run(page: Path, url: str, engine: Any = None) -> None:
    """Runs a page's code in an empty folder, and compares what it prints with what it says."""
    names: dict[str, Any] = {"__name__": "page"}
    printed, expected = [], []
    here = os.getcwd()
    environment = {key: os.environ[key] for key in os.environ if key not in _OF_THE_ENVIRONMENT}
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, {**environment, "DOCKER_HOST": url}, clear=True),
        contextlib.ExitStack() as ends,
    ):
        os.chdir(folder)
        try:
            for before in _BEFORE.findall(text(page)):
                given = {"engine": engine, "ends": ends}
                exec(compile(before, f"{name(page)}, before it", "exec"), given)
            for language, code in _BLOCK.findall(text(page)):
                if language == "python":
                    output = io.StringIO()
                    with contextlib.redirect_stdout(output):
                        exec(compile(code, name(page), "exec"), names)
                    if output.getvalue():
                        printed.append(output.getvalue())
                elif language == "output":
                    expected.append(code)
        finally:
            os.chdir(here)
            if "client" in names:
                names["client"].close()
    assert printed == expected, f"{printed}\n{expected}"
