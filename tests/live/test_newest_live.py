"""Arguments that came later than what they are of, on a real Engine."""

from __future__ import annotations

import pytest

from dockerapi import Client, ContainerConfig, HostConfig, ImageNotFound

pytestmark = pytest.mark.real("arguments that the fake Engine does not read")
TRAP = "trap 'echo told; exit 7' USR1; echo ready; while :; do sleep 0.1; done"


@pytest.mark.needs("1.42")
def test_a_container_is_stopped_by_the_signal_that_is_given(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.run_detached(busybox, ["sh", "-c", TRAP], config=config)
    with client.logs(id, follow=True) as logs:
        assert next(logs).data == b"ready\n"
    client.stop(id, timeout=60, signal="USR1")
    assert client.wait(id) == 7


@pytest.mark.needs("1.42")
def test_an_exec_has_the_console_that_it_is_given(client: Client, sleeper: str) -> None:
    made = client.exec_create(sleeper, ["stty", "size"], tty=True, console_size=(11, 22))
    with client.exec_start(made) as stream:
        assert stream.read().stdout == b"11 22\r\n"
    made = client.exec_create(sleeper, ["stty", "size"], tty=True)
    with client.exec_start(made, console_size=(33, 44)) as stream:
        assert stream.read().stdout == b"33 44\r\n"


@pytest.mark.needs("1.23")
def test_details_of_a_log_are_what_its_driver_was_told_to_keep(
    client: Client, busybox: str, label: dict[str, str]
) -> None:
    kept = ContainerConfig(labels={**label, "kept": "yes"})
    log = HostConfig(log_config={"type": "json-file", "config": {"labels": "kept"}})
    result = client.run(busybox, ["echo", "hello"], config=kept, host_config=log)
    with client.logs(result.container_id, details=True) as logs:
        assert logs.read().stdout == b"kept=yes hello\n"
    client.remove_container(result.container_id)


@pytest.mark.needs("1.22")
def test_a_start_takes_keys_to_detach(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    client.start(id, detach_keys="ctrl-a")
    assert client.wait(id) == 0


@pytest.mark.needs("1.42")
def test_what_images_share_is_told_where_it_is_asked_for(client: Client, busybox: str) -> None:
    [row] = client.images(reference=busybox, shared_size=True)
    assert row.shared_size is not None and row.shared_size >= 0
    [row] = client.images(reference=busybox)
    assert row.shared_size is None


@pytest.mark.needs("1.48", "1.49")
def test_an_image_is_of_its_platform_only(client: Client, busybox: str) -> None:
    """That of the store with one platform under a name; of the other: test_containerd_live."""
    assert client.history(busybox, platform="linux/amd64") == client.history(busybox)
    found = client.inspect_image(busybox, platform="linux/amd64")
    assert found == client.inspect_image(busybox)
    assert client.inspect_image(busybox, manifests=True).manifests == ()
    for call in (client.inspect_image, client.history):
        with pytest.raises(ImageNotFound):
            call(busybox, platform="linux/s390x")
    with pytest.raises(ImageNotFound):
        client.get_image(busybox, platforms=["linux/s390x"])


@pytest.mark.needs("1.50")
def test_what_is_removed_of_a_platform_that_is_not_there_stays(
    client: Client, busybox: str, name: str
) -> None:
    client.tag(busybox, name)
    try:
        with pytest.raises(ImageNotFound):
            client.remove_image(name, platforms=["linux/s390x"])
    finally:
        client.remove_image(name)
