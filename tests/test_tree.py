"""The tests mirror the package: what tests a module lies where the module lies."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "dockerapi"
# Tests of the project as a whole, and those against real Engines and hostile peers.
ABOUT_NO_MODULE = {"test_tree.py", "test_packaging.py", "test_examples.py", "test_recordings.py"}
FOLDERS_OF_THEIR_OWN = {"live", "fuzz"}


def mirrored() -> set[Path]:
    modules = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return {
        module.with_name(f"test_{module.name}") for module in modules if module.stem != "__init__"
    }


def existing() -> set[Path]:
    found = {path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    return {path for path in found if path.parts[0] not in FOLDERS_OF_THEIR_OWN | ABOUT_NO_MODULE}


def test_every_module_has_its_test_file() -> None:
    assert sorted(mirrored() - existing()) == []


def test_every_test_file_has_its_module() -> None:
    assert sorted(existing() - mirrored()) == []


def test_test_folders_are_no_packages() -> None:
    """With __init__.py files in them, pytest would import them in another way."""
    assert sorted(TESTS.rglob("__init__.py")) == []
