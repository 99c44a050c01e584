"""Input that goes to a real Engine through nginx and HAProxy, and its end."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    HostConfig,
    NotSupported,
    Output,
    StreamError,
    Timeouts,
    UnexpectedReply,
)
from live.between import haproxy, nginx

pytestmark = [
    pytest.mark.ours,
    pytest.mark.real("a proxy is put in front of a real Engine"),
    pytest.mark.uses("nginx", "haproxy"),
]

ALONE = HostConfig(network_mode="none")
INPUT = bytes(range(256)) * 1024
WHOLE = Output(INPUT, b"")
PROXIES: dict[str, Callable[[str, Path], AbstractContextManager[str]]] = {
    "nginx": nginx,
    "hidden nginx": lambda socket, folder: nginx(socket, folder, hidden=True),
    "HAProxy": lambda socket, folder: haproxy(socket, folder, "http"),
    "HAProxy, tcp": lambda socket, folder: haproxy(socket, folder, "tcp"),
}


@pytest.fixture
def behind(engine_socket: str, tmp_path: Path) -> Iterator[Callable[[str], Client]]:
    """Gives a client behind a proxy."""
    with contextlib.ExitStack() as stack:

        def start(name: str) -> Client:
            url = stack.enter_context(PROXIES[name](engine_socket, tmp_path))
            patient = Timeouts(connect=60, read=60, idle=60)
            return stack.enter_context(Client(url, timeout=patient))

        yield start


@pytest.fixture
def running(newest: Client, busybox: str, label: dict[str, str]) -> str:
    config = ContainerConfig(labels=label)
    return newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=ALONE)


@pytest.mark.dear
@pytest.mark.parametrize("name", PROXIES)
def test_the_output_of_a_container_is_whole_whatever_becomes_of_its_input(
    name: str, behind: Callable[[str], Client], busybox: str, label: dict[str, str]
) -> None:
    client = behind(name)
    config = ContainerConfig(labels=label)
    for _ in range(5):
        given = client.run(busybox, ["cat"], input=INPUT, config=config, host_config=ALONE)
        assert (given.exit_code, given.output) == (0, WHOLE)
    script = ["sh", "-c", "head -c 3; exit 4"]  # which does not read the rest
    given = client.run(busybox, script, input=INPUT * 32, config=config, host_config=ALONE)
    assert (given.exit_code, given.output) == (4, Output(INPUT[:3], b""))


@pytest.mark.dear
def test_the_input_of_an_exec_through_nginx_is_refused_before_it_is_made(
    behind: Callable[[str], Client], newest: Client, running: str
) -> None:
    client = behind("nginx")
    made = client.exec_create(running, ["cat"], stdin=True)
    before = newest.inspect_container(running).exec_ids
    with pytest.raises(NotSupported) as caught:
        client.exec_run(running, ["cat"], input=INPUT)
    assert re.fullmatch(r"nginx/[\d.]+( \(\w+\))?", caught.value.has)
    assert str(caught.value) == (
        "ending the input of an exec needs a way to the Engine that passes half-closes. There is a "
        f"proxy in front of it (Server: {caught.value.has}); nginx and others hang up both ways "
        "then, and the output would be lost. One that passes them on and leaves the Engine's own "
        "Server in the answers, as HAProxy in TCP mode, is taken for none"
    )
    assert newest.inspect_container(running).exec_ids == before
    with client.exec_start(made) as attachment, pytest.raises(NotSupported) as again:
        attachment.communicate(INPUT)
    assert str(again.value) == str(caught.value)
    assert client.exec_run(running, ["echo", "out"]).output == Output(b"out\n", b"")


@pytest.mark.dear
def test_the_input_of_an_exec_through_what_hides_that_it_hangs_up_is_never_half_an_output(
    behind: Callable[[str], Client], running: str
) -> None:
    """It may end within a frame, too.

    The command goes on: of one that ends with its input nobody can tell, if this process sees the
    cut later than the Engine notes the end (dockerapi/api/ends.py).
    """
    client = behind("hidden nginx")
    for _ in range(5):
        with pytest.raises(StreamError):
            client.exec_run(running, ["sh", "-c", "cat; sleep 6000"], input=INPUT)


@pytest.mark.dear
def test_the_input_of_an_exec_passes_what_passes_its_end(
    behind: Callable[[str], Client], running: str
) -> None:
    client = behind("HAProxy, tcp")
    for _ in range(10):
        given = client.exec_run(running, ["cat"], input=INPUT)
        assert (given.exit_code, given.output) == (0, WHOLE)


@pytest.mark.dear
def test_the_input_of_an_exec_is_refused_where_its_upgrade_is_taken_away(
    behind: Callable[[str], Client], running: str
) -> None:
    """As by HAProxy 2.6; 3.0 passes it on, and the input with its end."""
    client = behind("HAProxy")
    try:
        given = client.exec_run(running, ["cat"], input=INPUT)
    except UnexpectedReply as error:
        assert str(error) == (
            f"{client.base_url}: POST /exec/{{id}}/start: answered 200 and not 101; input would "
            "not arrive: a proxy in front of the Engine has taken `Upgrade: tcp` out of the "
            "request, as HAProxy (and so docker-socket-proxy) does where that has a body"
        )
    else:
        assert (given.exit_code, given.output) == (0, WHOLE)
