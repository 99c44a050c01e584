"""The tests mirror the package: what tests a module lies where the module lies."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import grimp
import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "dockerapi"
# Tests of the project as a whole, and those against real Engines and hostile peers.
ABOUT_NO_MODULE = {
    "test_tree.py",
    "test_packaging.py",
    "test_wheel.py",
    "test_examples.py",
    "test_pages.py",
    "test_recordings.py",
    "test_matrix.py",
    "test_manual.py",
    "test_negotiation.py",
    "test_api_versions.py",
    "test_faults.py",
    "test_security.py",
    "test_signals.py",
    "test_benchmarks.py",
    "test_scaling.py",
}
FOLDERS_OF_THEIR_OWN = {"live", "fuzz"}


def mirrored() -> set[Path]:
    modules = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return {
        module.with_name(f"test_{module.name}")
        for module in modules
        if module.stem not in ("__init__", "__main__")
    }


def existing() -> set[Path]:
    found = {path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    return {path for path in found if path.parts[0] not in FOLDERS_OF_THEIR_OWN | ABOUT_NO_MODULE}


def test_every_module_has_its_test_file() -> None:
    assert sorted(mirrored() - existing()) == []


def test_every_test_file_has_its_module() -> None:
    assert sorted(existing() - mirrored()) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """import-linter sees to the rooms; this is about the files, within a room and across.

    The package itself is one of them. Imports for type checkers count, and those within a function.
    """
    graph = grimp.build_graph("dockerapi", cache_dir=None)
    circles = [
        f"{module} -> {' -> '.join(chain)}"
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        if (chain := graph.find_shortest_chain(imported, module)) is not None
    ]
    assert circles == []


def versions_in(source: str) -> list[str]:
    """What looks like an API version or an Engine's release in code, comments and docstrings apart.

    And what asks for one: a mixin may ask what follows from what was negotiated, no more.
    """
    tree = ast.parse(source)
    asked = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr not in ("version", "newest")
    }
    texts = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # Seconds, which have a name of their own.
    seconds = {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, float)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in texts | seconds:
            text = str(node.value) if isinstance(node.value, (str, float)) else ""
            if re.fullmatch(r"v?([12]|\d+\.\d+)\.\d+", text):
                found.append(text)
        if isinstance(node, ast.Attribute) and (
            node.attr in ("release", "api_version")
            or (node.attr == "negotiated" and id(node) not in asked)
        ):
            found.append(f".{node.attr}")
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("versions"):
            found.append("from ..versions")
    return found


@pytest.mark.parametrize("path", sorted((PACKAGE / "api").glob("*.py")), ids=lambda path: path.name)
def test_no_mixin_knows_a_version(path: Path) -> None:
    assert versions_in(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f():\n    """API 1.19 and later."""\n    # 1.19\n    pause(0.001, "GET /x")', []),
        ('"""1.19"""', []),
        ('def f(version):\n    return version >= "1.19"', ["1.19"]),
        ("old = version < 1.19", ["1.19"]),
        ('broken = release == "0.6.5"', ["0.6.5"]),
        ("if self._transport.negotiated.version >= OTHER:\n    pass", [".negotiated"]),
        ("spoken = self._transport.negotiated", [".negotiated"]),
        ("if self._transport.negotiated.tells_of_execs:\n    pass", []),
        ("from ..versions.releases import ApiVersion", ["from ..versions"]),
    ],
)
def test_a_version_in_code_is_found(source: str, found: list[str]) -> None:
    assert versions_in(source) == found


def long_bodies_in(source: str) -> list[str]:
    """Functions whose bodies have more than 40 lines, docstrings apart."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body and (body[-1].end_lineno or 0) - body[0].lineno >= 40:
                found.append(node.name)
    return found


def test_no_function_is_long() -> None:
    found = [name for path in PACKAGE.rglob("*.py") for name in long_bodies_in(path.read_text())]
    assert found == []
    assert long_bodies_in("def f():\n" + "    pass\n" * 40) == []
    assert long_bodies_in("def f():\n    'x'\n" + "    pass\n" * 41) == ["f"]


def comparisons_in(source: str) -> list[str]:
    """Where versions of the API, or releases, are compared; names say what is one."""
    versions = {"api", "api_version", "newest", "oldest", "release", "ApiVersion", "Release"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            names = {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(node)}
            if versions & names and not {*map(type, node.ops)} <= {ast.Is, ast.IsNot}:
                found.append(ast.unparse(node))
    return found


def test_the_fake_engine_compares_versions_in_one_room() -> None:
    """All others ask its `Dialect`: is it since that release, does it speak that version?"""
    found = {
        path.relative_to(PACKAGE / "testing").parts[0]
        for path in (PACKAGE / "testing").rglob("*.py")
        if comparisons_in(path.read_text())
    }
    assert found == {"versions"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('if dialect.since("1.7.0"): pass', []),
        ("if release is None: pass", []),
        ("old = dialect.release < OTHER", ["dialect.release < OTHER"]),
        ("old = ApiVersion.parse(text) != x", ["ApiVersion.parse(text) != x"]),
    ],
)
def test_a_comparison_of_versions_is_found(source: str, found: list[str]) -> None:
    assert comparisons_in(source) == found


def test_test_folders_are_no_packages() -> None:
    """With __init__.py files in them, pytest would import them in another way."""
    assert sorted(TESTS.rglob("__init__.py")) == []
