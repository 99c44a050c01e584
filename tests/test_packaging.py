"""What is shipped says the truth: metadata, public names, lower bounds."""

from __future__ import annotations

import ast
import configparser
import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

import dockerapi
import dockerapi.testing
from dockerapi import migrate, progress
from dockerapi.versions.ledger import BUILD, CREATE, ROWS, UPDATE, Added, Moved
from scripted import ScriptedDaemon, chunked, json_reply

ROOT = Path(__file__).parent.parent


def read(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read(ROOT / name)
    return parser


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_installed_version_is_that_of_the_package() -> None:
    assert importlib.metadata.version("dockerapi") == dockerapi.__version__


def test_the_name_of_the_distribution_is_written_in_one_place_of_the_code() -> None:
    assert read("setup.cfg")["metadata"]["name"] == dockerapi.errors.DISTRIBUTION
    said = [
        f"{path.name}: {node.value}"
        for path in sorted((ROOT / "dockerapi").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"pip install(?! ')", node.value) and "\n" not in node.value
    ]
    assert said == [
        "doctor.py: a newer release of this library may speak it: pip install --upgrade "
    ]


def test_the_version_number_is_written_in_one_file_only() -> None:
    assigned = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "dockerapi").rglob("*.py"))
        if re.search('^(__version__|VERSION) = "', path.read_text(), re.MULTILINE)
    ]
    assert assigned == ["dockerapi/errors.py"]
    assert read("setup.cfg")["metadata"]["version"] == "attr: dockerapi.errors.VERSION"
    assert dockerapi.__version__ == dockerapi.errors.VERSION


def test_type_checkers_of_users_find_the_marker() -> None:
    assert (ROOT / "dockerapi/py.typed").is_file()
    assert read("setup.cfg")["options.package_data"]["dockerapi"] == "py.typed"


def test_the_public_names_are_sorted_and_there() -> None:
    assert list(dockerapi.__all__) == sorted(set(dockerapi.__all__))
    assert [name for name in dockerapi.__all__ if not hasattr(dockerapi, name)] == []


def values_of_callers() -> list[type]:
    public = [getattr(dockerapi, name) for name in dockerapi.__all__]
    return [found for found in public if isinstance(found, type) and attrs.has(found)]


def values_of_answers() -> list[type]:
    """All other public values: what users import, and what is read from answers."""
    named = (line.rpartition(".") for line in lines((ROOT / "tests/public_names.txt").read_text()))
    public = [getattr(importlib.import_module(module), name) for module, _, name in named]
    for name in dir(dockerapi.models):
        module = importlib.import_module(f"dockerapi.models.{name}")
        public += [found for found in vars(module).values() if defines(module, found)]
    found = {one for one in public if isinstance(one, type) and (attrs.has(one) or is_tuple(one))}
    return sorted(found - set(values_of_callers()), key=str)


def is_tuple(value: type) -> bool:
    return hasattr(value, "_fields")


def defines(module: ModuleType, found: Any) -> bool:
    return getattr(found, "__module__", "") == module.__name__ and found.__name__[0] != "_"


def fields_of(value: type) -> list[attrs.Attribute[Any]]:
    """Those that callers give; `received` is handed on by `attrs.evolve`."""
    return [field for field in attrs.fields(value) if field.name != "received"]


def documented(value: Any) -> dict[str, str]:
    """The fields in a docstring's Args or Attributes, and what it says of each."""
    said = inspect.cleandoc(value.__doc__ or "").replace("\nAttributes:\n", "\nArgs:\n")
    text = said.partition("\nArgs:\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^    (\w[\w, ]*): (.*(?:\n     +.*)*)", text, re.MULTILINE)
    return {name: " ".join(said.split()) for names, said in rows for name in names.split(", ")}


@pytest.mark.parametrize("value", values_of_callers())
def test_every_field_of_every_public_value_has_its_type_and_its_line(value: type) -> None:
    fields = [field.name for field in fields_of(value)]
    assert sorted(documented(value)) == sorted(fields)
    given = inspect.signature(value).parameters.values()
    parameters = [one for one in given if one.name != "received"]
    assert [one.name for one in parameters] == fields
    vague = (Any, "Any", inspect.Parameter.empty)
    assert [one.name for one in parameters if one.annotation in vague] == []
    assert [one.name for one in parameters if "Setting[" in str(one.annotation)] == []


@pytest.mark.parametrize("value", values_of_answers())
def test_every_field_of_every_answer_has_its_line(value: type) -> None:
    fields = getattr(value, "_fields", None) or [field.name for field in fields_of(value)]
    assert list(documented(value)) == list(fields)


def functions() -> dict[str, Any]:
    """The public functions and methods, but for those that make values and streams."""
    found = {"settings": migrate.settings, "service": migrate.service, "bars": progress.bars}
    for module in (dockerapi, dockerapi.testing):
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.isfunction(one):
                found[name] = one
            for method in dir(one) if isinstance(one, type) else ():
                held = inspect.getattr_static(one, method)
                function = getattr(held, "__func__", held)
                ours = str(getattr(function, "__module__", "")).startswith("dockerapi.")
                if ours and inspect.isfunction(function) and method[0] != "_":
                    found[f"{name}.{method}"] = function
    return {name: one for name, one in found.items() if not name.endswith(".parse")}


# What a method of the client is about, by the name of its first argument: Client says of all of
# them how they are given.
ABOUT = {
    *("id", "image", "exec", "network", "volume", "plugin", "secret", "config", "node"),
    *("service", "task"),
}


def told(function: Any) -> set[str]:
    """The arguments that a docstring has a line for, or that its words name."""
    said = inspect.getdoc(function) or ""
    names = {*documented(function), *re.findall(r"`(\w+)", said)}
    for other in re.findall(r"guments\s+and\s+errors\s+are\s+those\s+of\s+`(\w+)`", said):
        names |= told(getattr(dockerapi.Client, other))
    return names


def test_every_argument_of_every_public_function_has_its_line() -> None:
    lacking = []
    for name, function in functions().items():
        arguments = list(inspect.signature(function).parameters)
        of_object = arguments[:1] in (["self"], ["cls"])
        about = name.startswith("Client.") and arguments[1:2] and arguments[1] in ABOUT
        known = told(function)
        lacking += [
            f"{name}({one})" for one in arguments[of_object + bool(about) :] if one not in known
        ]
    assert lacking == []


def since(route: str, part: str, place: str, prefix: str = "") -> str | None:
    """The version that brought a part of a request, wherever it was then; None is the first."""
    for version, rows in reversed(ROWS.items()):
        for row in rows:
            if not isinstance(row, Added | Moved) or row.route != route:
                continue
            found = getattr(row, part) or ""
            if f"{place}.".startswith(f"{found}.") and len(found) > len(prefix):
                return since(route, part, row.was) if isinstance(row, Moved) else version
    return None


@pytest.mark.parametrize(
    ("value", "route", "part", "prefix"),
    [
        (dockerapi.HostConfig, CREATE, "body", "HostConfig."),
        (dockerapi.ContainerConfig, CREATE, "body", ""),
        (dockerapi.Mount, CREATE, "body", "HostConfig.Mounts."),
        (dockerapi.Healthcheck, CREATE, "body", "Healthcheck."),
        (dockerapi.EndpointSettings, CREATE, "body", "NetworkingConfig.EndpointsConfig.*."),
        (dockerapi.ContainerUpdate, UPDATE, "body", ""),
        (dockerapi.BuildOptions, BUILD, "query", ""),
    ],
)
def test_the_versions_in_the_lines_are_those_of_the_ledger(
    value: type, route: str, part: str, prefix: str
) -> None:
    told: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for field in fields_of(value):
        said = re.search(r"API (1\.\d+) (and later|to )", documented(value)[field.name])
        told[field.name] = said and said[1]
        for path in field.metadata["paths"][:1]:
            known[field.name] = since(route, part, prefix + path, prefix)
    told = {name: version for name, version in told.items() if name in known}
    assert told == known


def test_every_name_that_users_import_is_where_it_was() -> None:
    missing = []
    for line in (ROOT / "tests/public_names.txt").read_text().split():
        module, _, name = line.rpartition(".")
        if not hasattr(importlib.import_module(module), name):
            missing.append(line)
    assert missing == []


def test_the_lower_bounds_are_the_versions_that_tox_tests() -> None:
    setup, tox = read("setup.cfg"), read("tox.ini")
    extras = setup["options.extras_require"]
    wanted = (extras[name] for name in ("websocket", "buildkit", "progress", "speedups"))
    bounds = lines(setup["options"]["install_requires"] + "".join(wanted))
    assert [bound.replace(">=", "==") for bound in bounds] == lines(tox["testenv:lowest"]["deps"])


def test_the_pythons_that_are_promised_are_those_that_tox_tests() -> None:
    tested = re.findall(r"py\{([\d,]+)\}", read("tox.ini")["tox"]["env_list"])[0].split(",")
    metadata = read("setup.cfg")["metadata"]
    promised = re.findall(r"Python :: 3\.(\d+)", metadata["classifiers"])
    assert [f"3{minor}" for minor in promised] == tested
    assert read("setup.cfg")["options"]["python_requires"] == f">=3.{promised[0]}"


def test_what_a_program_does_not_use_is_not_imported() -> None:
    """A hundred classes and requests take longer to import than a request takes."""
    program = """
import sys, dockerapi
from dockerapi import Client, DockerError
def mine(): return sorted(n for n in sys.modules if n.startswith("dockerapi.models."))
with Client("/nowhere"): print(mine())
dockerapi.models.containers.Container.parse({"Id": "1"}).id
print(mine())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stderr, done.stdout.splitlines()) == (
        "",
        ["[]", "['dockerapi.models.base', 'dockerapi.models.containers']"],
    )


HEAVY = (
    *("http.client", "email", "urllib.request", "importlib.metadata", "urllib3", "requests"),
    *("hashlib", "secrets", "asyncio", "html", "csv", "shutil", "tarfile", "tempfile"),
    *("ssl", "subprocess", "logging"),
)
# Roads, files and models of which a first call on a unix socket needs none.
NOT_NEEDED = (
    *("endpoint.locate", "endpoint.proxy", "endpoint.ssh", "endpoint.tls", "archive.tar"),
    *("protocol.dockerfile", "models.config", "models.settings", "models.images"),
    "transport.session",
)


def test_neither_the_import_nor_a_first_call_loads_what_takes_long() -> None:
    program = """
import sys, dockerapi
with dockerapi.Client(sys.argv[1]) as client:
    client.inspect_container("c")
    for _ in client.events(until=1): pass
print(*sys.modules)
"""
    script = {
        "GET /v1.41/containers/c/json": json_reply({"Id": "c"}),
        "GET /v1.41/events": chunked(b'{"Action": "start"}', Date="Thu, 01 Jan 2026 00:00:00 GMT"),
    }
    with ScriptedDaemon(script) as daemon:
        done = subprocess.run(
            [sys.executable, "-c", program, daemon.url], capture_output=True, text=True
        )
    assert done.stderr == ""
    loaded = done.stdout.split()
    assert "dockerapi.transport.exchange" in loaded
    unwanted = (*HEAVY, *(f"dockerapi.{name}" for name in NOT_NEEDED))
    assert [name for name in unwanted if name in loaded] == []


def test_public_names_are_those_of_the_modules_where_they_live() -> None:
    for name in dockerapi.__all__:
        found = getattr(dockerapi, name)
        home = getattr(found, "__module__", None)
        if name not in ("__version__", "from_env"):
            assert getattr(importlib.import_module(home), name) is found
    assert dockerapi.from_env == dockerapi.Client.from_env
    assert set(dockerapi.__all__) <= set(dir(dockerapi))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    for module in (dockerapi, dockerapi.models):
        with pytest.raises(AttributeError) as caught:
            module.missing  # noqa: B018
        assert str(caught.value) == f"module {module.__name__!r} has no attribute 'missing'"
        assert "containers" in dir(dockerapi.models)


def test_the_public_names_for_tests_are_sorted_and_there() -> None:
    assert list(dockerapi.testing.__all__) == sorted(dockerapi.testing.__all__)
    missing = [name for name in dockerapi.testing.__all__ if not hasattr(dockerapi.testing, name)]
    assert missing == []
    assert set(dockerapi.testing.__all__) <= set(dir(dockerapi.testing))
    with pytest.raises(AttributeError, match="module 'dockerapi.testing' has no attribute 'x'"):
        dockerapi.testing.x  # noqa: B018


def test_the_plugin_loads_little_into_every_run_of_pytest() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys, dockerapi.testing.plugin; "
            "print(*sorted(name for name in sys.modules if name.startswith('dockerapi.')))",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout.split() == [
        "dockerapi.errors",
        "dockerapi.late",
        "dockerapi.models",
        "dockerapi.testing",
        "dockerapi.testing.plugin",
    ]
