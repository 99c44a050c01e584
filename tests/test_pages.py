"""README and the pages of the site: their code is run, and what they name is there."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import docker
import docker.models.resource
import pytest
import requests

import dockerapi
import dockerapi.testing
import documents
from docker_py import keywords_of_docker_py
from dockerapi import Client, models
from dockerapi.testing import FakeEngine
from documents import PAGES, README

DOCS = documents.ROOT / "docs"
CODE = sorted((documents.ROOT / "dockerapi").rglob("*.py"))


@pytest.mark.dear
@pytest.mark.parametrize("page", documents.with_code(unless=documents.REAL), ids=documents.name)
def test_the_code_of_a_page_prints_what_it_says(page: Path) -> None:
    with FakeEngine() as engine:
        documents.run(page, engine.url, engine)


@pytest.mark.parametrize("page", ["cookbook.md", "cookbook-registries.md"])
def test_a_recipe_has_all_it_needs(page: str, tmp_path: Path) -> None:
    """Whoever takes one takes what stands before the first, and nothing of the others."""
    head, *recipes = re.split(r"^## ", documents.text(DOCS / page), flags=re.MULTILINE)
    assert recipes != []
    for recipe in recipes:
        alone = tmp_path / "alone.md"
        alone.write_text(f"{head}## {recipe}", encoding="utf-8")
        checked = subprocess.run(
            [sys.executable, *"-m ruff check --isolated --quiet --select=F821 -".split()],
            input="".join(documents.blocks(alone, "python")),
            capture_output=True,
            text=True,
        )
        assert (recipe.partition("\n")[0], checked.stdout) == (recipe.partition("\n")[0], "")


def rows(page: Path) -> Iterator[tuple[str, str, list[str]]]:
    """The rows of a page's tables: the heading above, the line, its cells."""
    heading = ""
    for line in documents.text(page).splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("|"):
            cells = line.replace(r"\|", " ").strip("|").split("|")
            yield heading, line, [cell.strip() for cell in cells]


def names_of_docker_py() -> set[str]:
    """Every public name that docker-py has, and the arguments of its largest methods."""
    classes = [
        *(docker.APIClient, docker.DockerClient),
        *(
            found
            for module in pkgutil.iter_modules(docker.models.__path__, "docker.models.")
            for found in vars(importlib.import_module(module.name)).values()
            if inspect.isclass(found) and found.__module__ == module.name
        ),
    ]
    # What it has of requests, and of the bases of its own classes.
    inherited = dir(requests.Session())
    bases = (docker.models.resource.Model, docker.models.resource.Collection)
    machinery = {"id_attribute", "model", "prepare_model"}
    names = {
        f"{kind.__name__}.{name}"
        for kind in classes
        if kind not in bases
        for name in dir(kind)
        if not name.startswith("_")
        and name not in machinery
        and not (kind is docker.APIClient and name in inherited)
        and getattr(kind, name) is not getattr(docker.models.resource.Collection, name, kind)
    }
    methods = {
        "build": docker.APIClient.build,
        "create_container": docker.APIClient.create_container,
        "exec_run": docker.models.containers.Container.exec_run,
        "logs": docker.APIClient.logs,
    }
    arguments = {
        f"{method}({name}"
        for method, function in methods.items()
        for name in inspect.signature(function).parameters.keys() - {"self"}
    }
    run = {f"run({name}" for name in keywords_of_docker_py()}
    errors = {
        f"errors.{name}"
        for name, found in vars(docker.errors).items()
        if inspect.isclass(found) and found.__module__ == "docker.errors"
    }
    return names | arguments | run | errors


def test_changing_from_docker_py_has_all_of_docker_py() -> None:
    told = set()
    for heading, _, cells in rows(DOCS / "from-docker-py.md"):
        where = re.search(r"`(\w+)`", heading)
        apart = "(" if heading.startswith("Arguments") else "."
        if where is not None:
            told |= {f"{where[1]}{apart}{name}" for name in re.findall(r"`(\w+)`", cells[0])}
    assert sorted(told) == sorted(names_of_docker_py())


def test_one_version_of_docker_py_is_compared_with() -> None:
    """That which `dev` and `bench` install, which is the one that is installed here."""
    series = ".".join(docker.__version__.split(".")[:2])
    assert set(re.findall(r"\bdocker==(.*)", (documents.ROOT / "setup.cfg").read_text())) == {
        f"{series}.*"
    }
    told = {
        found
        for path in (README, *PAGES, documents.ROOT / "CHANGELOG.md", *CODE)
        for found in re.findall(r"docker-py(?:'s)? (\d[\d.]*\d)", path.read_text())
    }
    assert told == {series}


def test_troubleshooting_has_an_entry_for_each_error() -> None:
    text = documents.text(DOCS / "troubleshooting.md")
    classes = {
        name
        for name in dockerapi.__all__
        if isinstance(found := getattr(dockerapi, name), type)
        and issubclass(found, dockerapi.DockerError)
    }
    assert set(re.findall(r"^##+ (\w+)$", text, re.MULTILINE)) >= classes
    entries = re.findall(r"^##+ (\w+)\n\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    bases = {"DockerError", "ApiError", "VersionError", "StreamError", "OperationFailed"}
    lacking = [
        name
        for name, entry in entries
        if name in classes - bases and not ("**Cause:**" in entry and "**Cure:**" in entry)
    ]
    assert lacking == []


# What looks like the name of a variable: of the system, of OpenSSL, of what a container is given.
NO_VARIABLES = {
    *("AF_UNIX", "O_NONBLOCK", "TCP_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL"),
    *("BAD_CERTIFICATE", "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "HTTP_REQUEST"),
    *("OP_IGNORE_UNEXPECTED_EOF", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING"),
    *("UNKNOWN_CA", "WRONG_VERSION_NUMBER", "ALL_PROXY", "FTP_PROXY"),
    "NET_ADMIN",
}


def test_the_environment_has_every_variable_that_is_read() -> None:
    read = set()
    for path in CODE:
        if "testing" in path.parts:  # its shell has variables of its own
            continue
        code = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"', code))
        read |= set(re.findall(r'(?:getenv\(|\b(?:environ|variables)(?:\.get\(|\[))"(\w+)"', code))
    assert sorted(NO_VARIABLES - read) == []
    told = {
        name
        for _, _, cells in rows(DOCS / "environment.md")
        for name in re.findall(r"`([A-Z_]+|[a-z]+_proxy)`", cells[0])
    }
    assert sorted(read - NO_VARIABLES - told) == []
    assert sorted(told - read - {"http_proxy", "https_proxy", "no_proxy"}) == []


def test_the_reference_has_every_public_name() -> None:
    text = "".join(documents.text(page) for page in sorted((DOCS / "reference").glob("*.md")))
    named = set(re.findall(r"auto\w+:: (?:dockerapi\.)?(\w+)$", text, re.MULTILINE))
    errors = {name for name in dockerapi.__all__ if hasattr(dockerapi.errors, name)}
    assert sorted({*dockerapi.__all__} - named - errors - {"__version__"}) == []
    modules = re.findall(r"automodule:: dockerapi\.models\.(\w+)$", text, re.MULTILINE)
    assert sorted([*modules, "config"]) == sorted(dir(models))  # each once, or Sphinx complains


def test_the_signatures_of_the_reference_show_what_callers_give() -> None:
    signature_of = runpy.run_path(str(DOCS / "conf.py"))["signature_of"]

    def shown(value: type) -> str:
        given = str(inspect.signature(value)).replace("'", "")
        return str((signature_of(None, "class", "", value, None, given, "") or (given,))[0])

    assert shown(dockerapi.Ulimit) == "(*, name: str, soft: int, hard: int = ...) -> None"
    assert re.match(r"\(\*, extra: [\w.]*Mapping\[.*?\] = \{\}, ", shown(dockerapi.HostConfig))
    public = [getattr(dockerapi, name) for name in dockerapi.__all__]
    signatures = {one: shown(one) for one in public if isinstance(one, type) and attrs.has(one)}
    assert [
        one for one, text in signatures.items() if re.search("NOTHING|received|, [),]", text)
    ] == []


# What pages name besides: of Python, of other programs.
OTHERS = {
    *("ConnectTimeout", "ReadTimeout", "DockerClient", "APIClient"),
    *("ControlMaster", "ControlPersist", "HttpHeaders"),
}
OF_OTHERS = {"api-versions.md", "benchmarks.md"}


def of_the_library() -> dict[str, object]:
    found: dict[str, object] = {name: getattr(dockerapi, name) for name in dockerapi.__all__}
    found |= {name: getattr(dockerapi.testing, name) for name in dockerapi.testing.__all__}
    for module in dir(models):
        found |= {
            name: value
            for name, value in vars(getattr(models, module)).items()
            if isinstance(value, type)
        }
    return found | {"client": Client}


def has(owner: object, name: str) -> bool:
    """Whether there is such an attribute; an error sets its own from its arguments."""
    error = isinstance(owner, type) and issubclass(owner, Exception)
    return hasattr(owner, name) or (error and name in inspect.signature(owner).parameters)


def spans(page: Path) -> list[str]:
    """What stands in backquotes outside of blocks, and of docker-py's first column."""
    text = re.sub(r"^```.*?^```$", "", documents.text(page), flags=re.MULTILINE | re.DOTALL)
    if page.name == "from-docker-py.md":
        text = re.sub(r"^#.*|^\|.*?\|", "", text, flags=re.MULTILINE)
    return [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


# Lists of other things: of what was, of routes, of another library's work.
WRITTEN = [page for page in (README, *PAGES) if page.name not in OF_OTHERS]


@pytest.mark.parametrize("page", WRITTEN, ids=documents.name)
def test_every_name_in_a_page_exists(page: Path) -> None:
    known = of_the_library()
    missing = []
    for span in spans(page):
        first, *rest = re.match(r"[\w.]*", span)[0].split(".")  # type: ignore[index]
        if first in ("Client", "client") or (first in known and rest):
            found = known[first]
            for part in rest:
                if not has(found, part):
                    missing.append(span)
                    break
                found = getattr(found, part, None)
        elif first == "dockerapi" and rest and not span.endswith(".py"):
            try:
                inspect.unwrap(pkgutil.resolve_name(".".join([first, *rest])))
            except (ImportError, AttributeError):
                missing.append(span)
        elif re.fullmatch(r"[A-Z][a-z]\w*[a-z]\w*[A-Z]\w*", first) and not rest:
            if first not in known and first not in OTHERS and not hasattr(builtins, first):
                missing.append(span)
    assert missing == []


def calls(code: str) -> Iterator[tuple[str, set[str]]]:
    """The calls of the library's names in code, and their keywords."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, {keyword.arg for keyword in node.keywords if keyword.arg}


@pytest.mark.parametrize("page", WRITTEN, ids=documents.name)
def test_every_keyword_in_a_page_exists(page: Path) -> None:
    known = {**of_the_library(), **{name: getattr(Client, name) for name in dir(Client)}}
    wrong = []
    for code in documents.blocks(page, "python") + [s for s in spans(page) if s.endswith(")")]:
        try:
            found = list(calls(code))
        except SyntaxError:
            continue  # `Client(...)`, or words of another language
        for name, keywords in found:
            if name in known and callable(known[name]) and not name.startswith("_"):
                parameters = inspect.signature(known[name]).parameters
                wrong += [f"{name}({keyword}=)" for keyword in keywords - parameters.keys()]
    assert wrong == []
