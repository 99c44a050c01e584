"""What is imported where it is first used: a handler that interrupts that is right, or refused."""

from __future__ import annotations

import ast
import functools
import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import dockerapi
from dockerapi.late import load

PACKAGE = Path(dockerapi.__file__).parent


# One module that is being imported


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Its `run` is called by the module `late` before that is whole; there is `other`, too."""
    monkeypatch.syspath_prepend(tmp_path)
    found: Any = ModuleType("meanwhile")
    found.run = lambda: None
    monkeypatch.setitem(sys.modules, "meanwhile", found)
    (tmp_path / "late.py").write_text("import meanwhile\nmeanwhile.run()\nvalue = 'whole'\n")
    (tmp_path / "other.py").write_text("value = 'whole'\n")
    yield found
    load.cache_clear()
    for name in ("late", "other"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("needed", ["late", "other"])
def test_a_handler_that_interrupts_an_import_and_needs_one_is_refused(
    meanwhile: Any, needed: str
) -> None:
    """Also where it needs another: that may need in turn what is half there."""
    told: list[str] = []

    def handle() -> None:
        with pytest.raises(RuntimeError) as caught:
            load(needed)
        told.append(str(caught.value))

    meanwhile.run = handle
    assert load("late").value == "whole"
    words = f"a handler has interrupted the import of late, and its call needs that of {needed}"
    assert told == [words]
    assert load(needed).value == "whole"


def test_what_is_there_already_is_not_refused(meanwhile: Any) -> None:
    found: list[object] = []
    meanwhile.run = lambda: found.append(load("other"))
    assert (load("other").value, load("late").value) == ("whole", "whole")
    assert found == [sys.modules["other"]]


def test_another_thread_waits_until_it_is_whole(meanwhile: Any) -> None:
    found: list[str] = []
    waiting = threading.Thread(target=lambda: found.append(load("late").value))

    def start() -> None:
        beside = threading.Thread(target=lambda: found.append(load("other").value))
        beside.start()
        beside.join()  # another module is not waited for
        waiting.start()

    meanwhile.run = start
    load("late")
    waiting.join()
    assert found == ["whole", "whole"]


def test_an_import_that_was_interrupted_is_begun_again(meanwhile: Any) -> None:
    def interrupt() -> None:
        meanwhile.run = lambda: None
        raise KeyboardInterrupt

    meanwhile.run = interrupt
    with pytest.raises(KeyboardInterrupt):
        load("late")
    assert load("late").value == "whole"


# Every import within a function of the package


def late_imports(module: str, source: str) -> tuple[set[str], set[str]]:
    """What the functions of a module give to `load`, and what they import without it."""
    given: set[str] = set()
    wrong: set[str] = set()
    functions = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef)]
    for nodes in map(list, map(ast.walk, functions)):
        calls = [ast.unparse(each) for each in nodes if isinstance(each, ast.Call)]
        loaded = {name for each in calls for name in re.findall(r"^load\('(.+)'\)$", each)}
        given |= loaded
        wrong |= {f"{module}: {each}" for each in calls if "import_module" in each}
        wrong |= {f"{module}: {name}" for name in imported(module, nodes) if name not in loaded}
    return given, wrong


def imported(module: str, nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level or None]
            home = ".".join([*above, *filter(None, [node.module])])
            for each in node.names:
                path = PACKAGE.parent.joinpath(*home.split("."), each.name)
                is_module = path.is_dir() or path.with_suffix(".py").exists()
                yield f"{home}.{each.name}" if is_module else home


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


@functools.cache  # and not when the tests are collected, in each process
def all_late_imports() -> tuple[set[str], set[str]]:
    """Those of the package. The fake Engine has threads of its own, where no handler runs."""
    paths = [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "testing" not in path.parts and path.name != "late.py"
    ]
    found = [late_imports(module_of(path), path.read_text("utf-8")) for path in paths]
    return set().union(*(given for given, _ in found)), set().union(*(wrong for _, wrong in found))


def test_every_import_within_a_function_stands_behind_load() -> None:
    assert all_late_imports()[1] == set()


def test_one_that_does_not_is_found() -> None:
    source = """
import json
def f():
    load("csv")
    import csv, html
    from ..archive import tar
    from .y import a
    importlib.import_module("b")
"""
    wrong = ["html", "dockerapi.archive.tar", "dockerapi.api.y", "importlib.import_module('b')"]
    expected = {"csv"}, {f"dockerapi.api.x: {name}" for name in wrong}
    assert late_imports("dockerapi.api.x", source) == expected


def run(program: str, *arguments: str) -> str:
    """In a process of its own, since the modules of this one are all there."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    print(done.stderr)  # whole, where the assertion cuts it
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.dear
def test_no_module_needs_load_while_it_is_imported() -> None:
    """It would be refused as a handler is."""
    given, _ = all_late_imports()
    late = given | {f"dockerapi.{home}" for home in set(dockerapi._HOMES.values())}
    program = """
import sys
for name in sys.argv[1:]:
    for module in [module for module in sys.modules if module.startswith("dockerapi")]:
        del sys.modules[module]
    from dockerapi.late import load
    load(name)
"""
    run(program, *sorted(late), "dockerapi.progress")


# Calls that import something, each interrupted while it does

CALLS = r"""
import base64, json, os, random, sys
from collections import Counter
from pathlib import Path
from interruptions import Moments, told_only, watched
from scripted import ScriptedDaemon, chunked, json_reply, reply

seed, how, times, folder = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
raises = how == "raises"
draw = random.Random(seed)
stat = base64.b64encode(json.dumps({"name": "/", "mode": 2**31 + 0o755}).encode()).decode()
daemon = ScriptedDaemon({
    "HEAD /v1.41/containers/c/archive": reply(X_Docker_Container_Path_Stat=stat),
    "GET /v1.41/containers/c/json": json_reply({"Id": "c"}),
    "GET /v1.41/images/i/json": json_reply({"Id": "i"}),
    "GET /v1.41/images/page/json": reply(503, b"<html>&lt;away&gt;</html>"),
    "POST /v1.41/build": chunked(b'{"stream": "done"}'),
    "PUT /v1.41/containers/c/archive": reply(),
})
helper = folder / "docker-credential-vault"
helper.write_text('#!/bin/sh\necho \'{"Username": "ada", "Secret": "x"}\'')
helper.chmod(0o755)
(folder / "config.json").write_text('{"credsStore": "vault"}')
(folder / "Dockerfile").write_text("FROM scratch")
os.environ["PATH"] = f"{folder}:/usr/bin:/bin"
os.environ["DOCKER_CONFIG"] = str(folder)

def fresh():
    stdlib = "csv encodings.idna hashlib html html.entities shutil ssl subprocess".split()
    for name in [*stdlib, *(name for name in sys.modules if name.startswith("dockerapi"))]:
        sys.modules.pop(name, None)
    import dockerapi
    for name in ("Client", "ConnectionFailed", "ServerError", "StoredCredentials"):
        globals()[name] = getattr(dockerapi, name)

def container():
    return client.inspect_container("c").id == "c"

def image():
    return client.inspect_image("i").id == "i"

def page():  # html
    try:
        client.inspect_image("page")
    except ServerError as error:
        return "<away>" in str(error)

def headers():  # csv
    return StoredCredentials(custom_headers='a=1,"b=2,3"').http_headers() == {"A": "1", "B": "2,3"}

def credentials():  # shutil and subprocess
    return StoredCredentials(folder=folder).of("r.example.com/a").username == "ada"

def tls():  # ssl
    return Client("https://example.com").base_url == "https://example.com:2376"

def ssh():
    return Client("ssh://ada@example.com").base_url == "ssh://ada@example.com"

def context():  # hashlib
    try:
        Client.from_context("far", os.environ)
    except ConnectionFailed as error:
        return "the context 'far' is not there" in str(error)

def copy():
    return client.copy_into("c", folder / "Dockerfile", "/") is None

def build():
    with client.stream_build(folder) as steps:
        return [step.text for step in steps] == ["done"]

WHAT = [container, image, page, headers, credentials, tls, ssh, context, copy, build]

def trial(moments, call, at):
    global client
    fresh()
    found = []

    def handle():
        if raises:
            raise KeyboardInterrupt
        try:
            found.append(other())
        except RuntimeError as error:
            found.append("a handler has interrupted the import of" in str(error) and "refused")

    other = draw.choice([call, draw.choice(WHAT)])
    with Client(daemon.url) as client:
        client.api_version
        try:
            result = moments.interrupt(call, at, handle)
        except KeyboardInterrupt:
            result = "interrupted"
        assert (result, found) in right, (call, other, result, found, at, moments.place)
        assert call() is other() is True, (call, other, at, moments.place)
    told.update(found)

told = Counter()
right = [(True, []), (True, [True]), (True, ["refused"]), *[("interrupted", [])] * raises]
with daemon, told_only(KeyboardInterrupt), watched(180) as begin:
    for call in WHAT:
        moments = Moments("line", once=True, signals=raises)
        trial(moments, call, 0)
        before = [1] if call is container else []  # nothing is imported yet
        for at in before + draw.choices(range(1, moments.count + 1), k=times):
            begin()
            trial(moments, call, at)
print(told)
assert raises or told.keys() == {True, "refused"}, told
"""
HOW = ["returns", "raises"]


@pytest.mark.dear
@pytest.mark.parametrize("how", HOW)
def test_a_handler_in_an_import_is_right_or_refused(how: str, tmp_path: Path) -> None:
    interrupted(how, 1, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("how", HOW)
def test_a_handler_in_an_import_many_times(how: str, tmp_path: Path) -> None:
    interrupted(how, 200, tmp_path)


def interrupted(how: str, times: int, folder: Path) -> None:
    seed = os.environ.get("DOCKERAPI_SEED") or str(random.randrange(10**6))
    print(f"DOCKERAPI_SEED={seed}")
    print(run(CALLS, seed, how, str(times), str(folder)))
