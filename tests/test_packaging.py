"""What is shipped says the truth: metadata, public names, lower bounds."""

from __future__ import annotations

import configparser
import importlib.metadata
import re
from pathlib import Path

import dockerapi

ROOT = Path(__file__).parent.parent


def read(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read(ROOT / name)
    return parser


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_installed_version_is_that_of_the_package() -> None:
    assert importlib.metadata.version("dockerapi") == dockerapi.__version__


def test_the_version_number_is_written_in_one_file_only() -> None:
    assigned = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "dockerapi").rglob("*.py"))
        if re.search(r"^__version__\b", path.read_text(), re.MULTILINE)
    ]
    assert assigned == ["dockerapi/__init__.py"]
    assert read("setup.cfg")["metadata"]["version"] == "attr: dockerapi.__version__"


def test_type_checkers_of_users_find_the_marker() -> None:
    assert (ROOT / "dockerapi/py.typed").is_file()
    assert read("setup.cfg")["options.package_data"]["dockerapi"] == "py.typed"


def test_the_public_names_are_sorted_and_there() -> None:
    assert list(dockerapi.__all__) == sorted(set(dockerapi.__all__))
    assert [name for name in dockerapi.__all__ if not hasattr(dockerapi, name)] == []


def test_the_lower_bounds_are_the_versions_that_tox_tests() -> None:
    setup, tox = read("setup.cfg"), read("tox.ini")
    extras = setup["options.extras_require"]
    bounds = lines(setup["options"]["install_requires"] + extras["websocket"] + extras["progress"])
    assert [bound.replace(">=", "==") for bound in bounds] == lines(tox["testenv:lowest"]["deps"])
