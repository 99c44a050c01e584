"""Answers of a real Engine whose end nothing marks, or something else: never half of one as whole.

Between client and Engine, HTTP/1.0 is spoken. There an answer ends with its connection. nginx,
which speaks it to Engines if it is not told otherwise, marks such an end as its own.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    Credentials,
    DockerError,
    HostConfig,
    StreamInterrupted,
    Timeouts,
    UnexpectedReply,
)
from live.between import older_nginx
from live.cutting import OlderRoad

pytestmark = [
    pytest.mark.ours,
    pytest.mark.real("something in between speaks an older HTTP"),
    pytest.mark.uses("nginx"),
    pytest.mark.dear,
]

ALONE = HostConfig(network_mode="none")
ADA = Credentials("ada", "secret")


@pytest.fixture
def road(engine_socket: str) -> Iterator[OlderRoad]:
    with OlderRoad(engine_socket) as road:
        yield road


@pytest.fixture(params=["HTTP/1.0", "nginx"])
def behind(request: pytest.FixtureRequest, road: OlderRoad, tmp_path: Path) -> Iterator[Client]:
    """A client that gets the ends of connections, or marks of nginx."""
    with contextlib.ExitStack() as stack:
        url = road.url
        if request.param == "nginx":
            address = road.url.removeprefix("tcp://")
            url = stack.enter_context(older_nginx(address, tmp_path))
        patient = Timeouts(connect=60, read=60, idle=60)
        yield stack.enter_context(Client(url, timeout=patient))


@attrs.frozen
class Made:
    """What is asked for."""

    id: str  # of a container that has ended
    image: str
    zeros: str  # of a container with a file of zeros, which has ended
    since: float


@pytest.fixture
def made(newest: Client, busybox: str, label: dict[str, str]) -> Made:
    since = time.time() - 1
    config = ContainerConfig(labels=label)

    def ended(script: str) -> str:
        command = ["sh", "-c", script]
        id = newest.run_detached(busybox, command, config=config, host_config=ALONE)
        assert newest.wait(id) == 0
        return id

    lines = "for n in $(seq 100); do echo line $n; done"
    zeros = ended("dd if=/dev/zero of=/zeros bs=1k count=200")
    return Made(ended(lines), busybox, zeros, since)


def _read(stream: Any) -> Any:
    with stream:
        return stream.read()


def _all(stream: Any) -> Any:
    with stream:
        return list(stream)


def _events(client: Client, made: Made) -> Any:
    until = time.time()
    return _all(client.events(since=made.since, until=until, filters={"container": made.id}))


ARCHIVES: dict[str, Callable[[Client, Made], Any]] = {
    "export": lambda client, made: _read(client.export(made.id)),
    "get_image": lambda client, made: _read(client.get_image(made.image)),
    "get_archive": lambda client, made: _read(client.get_archive(made.id, "/etc")),
    "get_archive of zeros": lambda client, made: _read(client.get_archive(made.zeros, "/zeros")),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_whole_if_its_own_end_came(
    name: str, behind: Client, road: OlderRoad, newest: Client, made: Made
) -> None:
    """Cut within zeros, it ends with as many of them as an archive does."""
    get = ARCHIVES[name]
    with tarfile.open(fileobj=io.BytesIO(get(behind, made))) as archive:
        names = archive.getnames()
    with tarfile.open(fileobj=io.BytesIO(get(newest, made))) as archive:
        assert names == archive.getnames()
    size = road.size
    for cut_at in (0, 1, 512, size // 1024 * 512, size // 2 + 7, size - 1025):
        road.cut_at = cut_at or None
        if cut_at:
            with pytest.raises(DockerError) as caught:
                get(behind, made)
            print(cut_at, caught.value)


def test_a_value_is_whole_or_an_error(behind: Client, road: OlderRoad, made: Made) -> None:
    whole = behind.inspect_container(made.id)
    for cut_at in (1, road.size // 2, road.size - 2):  # the last byte is the end of the line
        road.cut_at = cut_at
        with pytest.raises(UnexpectedReply):
            behind.inspect_container(made.id)
    road.cut_at = None
    assert behind.inspect_container(made.id) == whole


def test_logs_without_a_mark_are_an_error_that_has_them(
    behind: Client, road: OlderRoad, newest: Client, made: Made
) -> None:
    """Through nginx they have one, and are whole unless the Engine is gone."""
    whole = newest.logs(made.id).read()
    for follow in (False, True):
        with behind.logs(made.id, follow=follow) as stream:
            try:
                assert stream.read() == whole
            except StreamInterrupted as error:
                assert behind.base_url == road.url
                assert error.output == whole
                assert str(error) == (
                    f"{road.url}: GET /containers/{{id}}/logs: the connection ended, and nobody "
                    "tells whether that was all: the answer does not mark its end. A proxy speaks "
                    "HTTP/1.0, and would have to speak HTTP/1.1"
                )
            else:
                assert behind.base_url != road.url


def test_logs_that_are_followed_and_cut_are_interrupted(
    behind: Client, road: OlderRoad, newest: Client, busybox: str, label: dict[str, str]
) -> None:
    config = ContainerConfig(labels=label)
    script = ["sh", "-c", "echo out; exec sleep 600"]
    id = newest.run_detached(busybox, script, config=config, host_config=ALONE)
    road.path, road.cut_at = "/logs", 12  # bytes: one frame
    with behind.logs(id, follow=True) as stream, pytest.raises(StreamInterrupted) as caught:
        stream.read()
    assert caught.value.output is not None
    assert caught.value.output.stdout == b"out\n"


def test_stats_end_with_their_container_and_else_they_were_cut(
    behind: Client, road: OlderRoad, newest: Client, busybox: str, label: dict[str, str]
) -> None:
    config = ContainerConfig(labels=label)
    id = newest.run_detached(busybox, ["sleep", "600"], config=config, host_config=ALONE)
    with behind.stream_stats(id) as stream:
        next(stream)
        newest.remove_container(id, force=True)
        list(stream)
    again = newest.run_detached(busybox, ["sleep", "600"], config=config, host_config=ALONE)
    with behind.stream_stats(again) as stream:
        next(stream)
        road.hang_up()
        with pytest.raises(StreamInterrupted) as caught:
            list(stream)
    words = f"{behind.base_url}: the stream of stats of container {again[:12]} ended, but the "
    assert str(caught.value).startswith(words)


def test_events_that_are_past_and_have_no_mark_are_an_error(
    behind: Client, road: OlderRoad, newest: Client, made: Made
) -> None:
    whole = _events(newest, made)
    assert whole
    try:
        assert _events(behind, made) == whole
    except StreamInterrupted:
        assert behind.base_url == road.url
    else:
        assert behind.base_url != road.url


def test_reports_are_whole_if_their_last_message_came(
    behind: Client, road: OlderRoad, newest: Client, made: Made, name: str, registry: str
) -> None:
    image = f"{registry}/team/{name}:1"
    newest.tag(made.image, image)
    archive = _read(newest.export(made.id))

    def imported(client: Client) -> None:
        newest.remove_image(client.import_image(archive))

    reports: list[Callable[[Client], object]] = [
        lambda client: client.push(image, auth=ADA),
        lambda client: client.pull(image, auth=ADA),
        imported,
    ]
    try:
        for ask in reports:
            road.cut_at = None
            ask(behind)
            for cut_at in (1, -3, -400):  # the last two bytes end the line
                road.cut_at = cut_at
                with pytest.raises(DockerError) as caught:
                    ask(behind)
                print(cut_at, caught.value)
    finally:
        newest.remove_image(image)
