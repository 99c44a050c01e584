"""What every live test gets: an Engine, a client of it, an image, and a label to clean up by."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import subprocess
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from live.busybox import SLEEP, find_busybox, root_file_system
from live.engine import Engine, cannot_start, find, start
from live.fake import PREFIX, EmbeddedEngine
from live.podman import PREFIX as PODMAN
from live.podman import start_podman
from live.programs import Missing, do_without, in_turn, provide, where
from live.registry import serve_registry
from live.releases import binaries
from live.sharing import shared
from live.swarms import clear, one_manager
from live.unlike_podman import unlike

if TYPE_CHECKING:
    import dockerapi

HERE = Path(__file__).parent
LABEL = "dockerapi.test"
NEGOTIATED = "negotiated"
OF_PODMAN = {
    *("podman", "containers", "images", "engine", "streams", "threads", "doctor"),
    *("archives", "documents", "ends", "contexts"),
    *("attach", "waiting", "whole_time", "made_again", "distribution", "registry"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses the client with each API version of `--api`."""
    if "client" in metafunc.fixturenames:
        long = metafunc.definition.get_closest_marker("long") is not None
        metafunc.parametrize(
            "client",
            [
                pytest.param(None, id=version)
                if version == NEGOTIATED
                else pytest.param(
                    version, id=f"at {version}", marks=[pytest.mark.nightly] if long else []
                )
                for version in _versions(metafunc.config)
            ],
            indirect=True,
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs an Engine; it runs last or, in parallel, in turn with what needs none.

    What does not depend on the version is for runs with the negotiated one only, and what takes
    long is for that and for 1.19.
    """
    folder = f"{HERE}{os.sep}"
    live = [item for item in items if str(item.path).startswith(folder)]
    for item in live:
        item.add_marker(pytest.mark.live)
    if hasattr(config, "workerinput"):
        _in_turn(items)
    else:
        items.sort(key=lambda item: str(item.path).startswith(folder))
    versions = _versions(config)
    engine = config.getoption("--engine") or ""
    fake = engine.removeprefix(PREFIX) if engine.startswith(PREFIX) else ""
    podman = engine.removeprefix(PODMAN) if engine.startswith(PODMAN) else ""
    left_out = {
        item
        for item in live
        if _is_left_out(item, versions)
        or (not engine and item.get_closest_marker("fetched") is not None)
        or (fake and _is_beyond(item, fake))
        or (podman and not _is_of_podman(item))
        or (not podman and item.path.name == "test_podman.py")
    }
    for item in live if podman else ():
        _expect_of_podman(item, podman)
    if left_out:
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def engine(
    label: dict[str, str], pytestconfig: pytest.Config, run_folder: Path
) -> Iterator[Engine]:
    """A real Engine, which other processes of the run use as well.

    Where there is none the tests are skipped, with CI=true they fail.
    """
    release = pytestconfig.getoption("--engine")
    found: contextlib.AbstractContextManager[Engine]
    if release is None:
        found = shared(run_folder, find)
    elif release.startswith(PREFIX):
        found = EmbeddedEngine(release.removeprefix(PREFIX))
    elif release.startswith(PODMAN):
        found = shared(run_folder, lambda: start_podman(release.removeprefix(PODMAN)))
    else:
        found = shared(run_folder, lambda: start(binaries(release), name=release))
    with contextlib.ExitStack() as stack:
        try:
            engine = stack.enter_context(found)
        except Missing as missing:
            do_without(missing)
        yield engine
        engine.remove_labelled(f"{LABEL}={label[LABEL]}")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder that all processes of the run have."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(pytestconfig, "workerinput") else own


@pytest.fixture(autouse=True)
def provided(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> None:
    """Programs that a test is marked to use are here."""
    fake = (pytestconfig.getoption("--engine") or "").startswith(PREFIX)
    used = [name for mark in request.node.iter_markers("uses") for name in mark.args]
    if used and not fake:
        try:
            provide(*used)
        except Missing as missing:
            do_without(missing)


@pytest.fixture(scope="session")
def programs(engine: Engine, pytestconfig: pytest.Config) -> Path | None:
    """The folder with the programs of the Engine that is tested; None is for this machine's own."""
    release = pytestconfig.getoption("--engine")
    return None if release is None else binaries(release)


@pytest.fixture(scope="session")
def manager(programs: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a private Engine that manages a swarm; a test removes the services it makes."""
    if why := cannot_start():
        pytest.skip(why)
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(one_manager(programs, tmp_path_factory.mktemp("busybox")))
        except Missing as missing:
            do_without(missing)
        yield url


@pytest.fixture
def swarm(request: pytest.FixtureRequest, manager: str) -> Iterator[dockerapi.Client]:
    """A client of a swarm that has nothing, before and after; of its newest version, or another."""
    from dockerapi import Client

    with Client(manager, version=getattr(request, "param", None)) as client:
        yield client
        clear(client)


@pytest.fixture(scope="session")
def label() -> dict[str, str]:
    """The label to put on every container and image that a test makes."""
    return {LABEL: uuid.uuid4().hex[:12]}


@pytest.fixture(scope="session")
def busybox(engine: Engine, tmp_path_factory: pytest.TempPathFactory, run_folder: Path) -> str:
    """The name of an image with a shell and the usual commands, made here if need be."""
    name = "busybox:latest"
    with in_turn(run_folder / "busybox"):  # made twice, the first would lose its name
        if engine.request("GET", f"/images/{name}/json")[0] != 200:
            make_image(engine, name, tmp_path_factory.mktemp("busybox"))
    return name


def make_image(engine: Engine, name: str, folder: Path) -> None:
    program = find_busybox(folder)
    if program is None:
        query = urlencode({"fromImage": "busybox", "tag": "latest"})
        status, answer = engine.request("POST", f"/images/create?{query}")
    else:
        query = urlencode(
            {"fromSrc": "-", "repo": "busybox", "tag": "latest", "changes": 'CMD ["sh"]'}
        )
        status, answer = engine.request(
            "POST",
            f"/images/create?{query}",
            root_file_system(program),
            {"Content-Type": "application/x-tar"},
        )
    assert status == 200 and b'"error"' not in answer, answer


@pytest.fixture
def engine_socket(engine: Engine) -> str:
    """The path of its socket, for what is put in between."""
    if not engine.url.startswith("unix://"):
        pytest.skip("the Engine may be on another machine")
    return engine.url.removeprefix("unix://")


@pytest.fixture(scope="session")
def registry(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry that the Engine reaches, too, and that knows one user."""
    if not engine.url.startswith("unix://"):
        pytest.skip("the Engine may be on another machine, where there is no registry")
    serving = serve_registry(tmp_path_factory.mktemp("registry"))
    try:
        address = serving.__enter__()
    except Missing as missing:
        do_without(missing)
    yield address
    serving.__exit__(None, None, None)


@pytest.fixture(scope="session")
def docker() -> str:
    """The docker command line of this machine, to compare with."""
    try:
        provide("docker")
    except Missing as missing:
        do_without(missing)
    program = str(where("docker"))
    told = subprocess.run([program, "--version"], capture_output=True, text=True)
    if not told.stdout.startswith("Docker version "):
        pytest.skip(f"this is no docker command line to compare with: {told.stdout.strip()}")
    return program


@pytest.fixture
def client(
    request: pytest.FixtureRequest, engine: Engine, cleared: None
) -> Iterator[dockerapi.Client]:
    """A client of the Engine, once with each API version of `--api`."""
    from dockerapi import Client

    oldest, newest = engine.api_versions
    if request.param is not None and not (
        _numbers(oldest) <= _numbers(request.param) <= _numbers(newest)
    ):
        pytest.skip(f"this Engine speaks API {oldest} to {newest}")
    with Client(engine.url, version=request.param) as client:
        yield client


@pytest.fixture
def spoken(client: dockerapi.Client) -> tuple[int, ...]:
    """The API version that the client speaks, to compare with: (1, 19)."""
    return tuple(_numbers(client.api_version))


@pytest.fixture
def speaks(client: dockerapi.Client, engine: Engine) -> str:
    """What a refusal says of the version spoken: it is the Engine's, or was asked for."""
    words = f"the Engine speaks {engine.api_versions[1]}"
    if client.api_version == engine.api_versions[1]:
        return words
    return f"API {client.api_version} was asked for ({words})"


@pytest.fixture
def newest(engine: Engine, cleared: None) -> Iterator[dockerapi.Client]:
    """A client with the negotiated version only, for what is the same with every version."""
    from dockerapi import Client

    with Client(engine.url) as client:
        yield client


@pytest.fixture
def cleared(engine: Engine, label: dict[str, str]) -> Iterator[None]:
    """Nothing that carries the label outlives the test."""
    yield
    engine.remove_labelled(f"{LABEL}={label[LABEL]}")


@pytest.fixture
def name() -> str:
    """A name that nothing has yet, for a container or an image."""
    return f"dockerapi-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def config(
    request: pytest.FixtureRequest, engine: Engine, label: dict[str, str]
) -> Iterator[dockerapi.ContainerConfig]:
    """What a container of a test is made with: the label, by which it is removed.

    API versions before 1.18 have no labels; there a variable of its environment stands for it.
    """
    from dockerapi import ContainerConfig

    if "client" in request.fixturenames:
        spoken = request.getfixturevalue("spoken")
    else:
        spoken = tuple(_numbers(engine.api_versions[1]))
    if spoken >= (1, 18):
        yield ContainerConfig(labels=label)
    else:
        yield ContainerConfig(env=label)
        engine.remove_with_variable(f"{LABEL}={label[LABEL]}")


@pytest.fixture
def no_such(engine: Engine) -> str:
    """What the Engine says before the name of a container that it has not."""
    had = "No such container"
    return engine.says({"0.3": had, "1.5": "no such id", "1.8": had})


@pytest.fixture
def tags(client: dockerapi.Client) -> Callable[[str], list[str]]:
    """The names of an image, from the list: before API 1.21 an image itself does not tell them."""

    def found(image: str) -> list[str]:
        id = client.inspect_image(image).id
        return sorted(
            name for row in client.images() if id.startswith(row.id) for name in row.repo_tags
        )

    return found


@pytest.fixture
def alone(engine: Engine) -> dockerapi.HostConfig | None:
    """No network, so that a container starts in half the time; old Engines cannot leave it out."""
    from dockerapi import HostConfig

    return HostConfig(network_mode="none") if _numbers(engine.api_versions[1]) >= [1, 11] else None


@pytest.fixture
def sleeper(
    client: dockerapi.Client, busybox: str, config: dockerapi.ContainerConfig, name: str
) -> str:
    """The id of a container that has printed "ready" and ends at SIGTERM, with code 5.

    It is called `name`; before API 1.6 nothing could be called anything.
    """
    named = name if _numbers(client.api_version) >= [1, 6] else None
    id = client.run_detached(busybox, ["sh", "-c", SLEEP], name=named, config=config)
    with client.logs(id, follow=True) as logs:
        assert next(logs).data == b"ready\n"
    return id


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """What needs a version is refused below it, and that is what is tested there."""
    from dockerapi import NotSupported

    marker = pyfuncitem.get_closest_marker("needs")
    client = pyfuncitem.funcargs.get("client")
    missing = [
        version
        for version in (() if marker is None else marker.args)
        if _numbers(version) > _numbers(client.api_version)
    ]
    if not missing:
        return (yield)
    with pytest.raises(NotSupported) as caught:
        yield
    assert caught.value.needs in missing and caught.value.has == client.api_version
    return True


@pytest.fixture(autouse=True)
def operations(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """See to it that a test sends the operations of the manual v1.19 that it is marked with."""
    marked = [route for mark in request.node.iter_markers("operation") for route in mark.args]
    if not marked:
        yield
        return
    caplog.set_level(logging.DEBUG, "dockerapi")
    yield
    sent = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    callspec = getattr(request.node, "callspec", None)
    if sent and (callspec is None or callspec.params.get("client") == "1.19"):
        assert [route for route in marked if not re.search(_as_sent(route), sent)] == []


def _in_turn(items: list[pytest.Item]) -> None:
    """A file that waits for an Engine, one that wants the processor, and so on, dear ones first."""
    dear = {item.path for item in items if item.get_closest_marker("dear")}
    files = sorted(dict.fromkeys(item.path for item in items), key=lambda path: path not in dear)
    turns = {}
    for live in (True, False):
        of_them = [path for path in files if path.is_relative_to(HERE) == live]
        turns.update({path: (turn, live) for turn, path in enumerate(of_them)})
    items.sort(key=lambda item: turns[item.path])


def _as_sent(route: str) -> str:
    # No two routes of that manual have one path, and a hijack's method is not logged.
    path = route.partition(" ")[2].replace("{id}", "[^/ ]+").replace("{name}", "[^ ?]+")
    return rf"/v1\.19{path}(\?| )"


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _versions(config: pytest.Config) -> list[str]:
    found: list[str] = config.getoption("--api").split(",")
    return found


def _is_beyond(item: pytest.Item, version: str) -> bool:
    """Whether the fake Engine of an API version has not what a test is about."""
    since = item.get_closest_marker("since")
    if since is not None and _numbers(version) < _numbers(since.args[0]):
        return True
    long = item.get_closest_marker("long") is not None and version != "1.19"
    return long or item.get_closest_marker("real") is not None


def _is_of_podman(item: pytest.Item) -> bool:
    """Whether a test is run on Podman: others start Engines, or are about the docker command."""
    of_podman = item.path.stem.removeprefix("test_").removesuffix("_live") in OF_PODMAN
    return of_podman and {"docker", "programs"}.isdisjoint(getattr(item, "fixturenames", ()))


def _expect_of_podman(item: pytest.Item, release: str) -> None:
    """What it does otherwise must go on to fail."""
    name, _, rest = item.name.partition("[")
    parameters = re.sub(rf"^({NEGOTIATED}|at [\d.]+)-", "", rest.removesuffix("]"))
    found = unlike(name, parameters, release)
    if found is not None:
        mark = pytest.mark.xfail(
            reason=found.reason, strict=not found.sometimes, run=not found.hangs
        )
        item.add_marker(mark)


def _is_left_out(item: pytest.Item, versions: list[str]) -> bool:
    if not isinstance(item, pytest.Function) or "client" not in item.fixturenames:
        return NEGOTIATED not in versions
    long = item.get_closest_marker("long") is not None
    return long and item.callspec.params["client"] not in (None, "1.19")
