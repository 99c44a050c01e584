"""What a request to create a container asks for, wherever its version puts it."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi.testing.state.config import (
    CONFIG,
    HOST_CONFIG,
    LEFT_OUT,
    create_of,
    environment_of,
)


def config(asked: dict[str, Any], image: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the Config of a request is that differs from an empty one."""
    empty = {name: value for name, value in CONFIG.items() if name not in LEFT_OUT}
    empty["Labels"] = {}
    found, _ = create_of(asked, image or {})
    return {name: value for name, value in found.items() if value != empty.get(name)}


def host(asked: dict[str, Any]) -> dict[str, Any]:
    """What its HostConfig is that differs from an empty one."""
    _, found = create_of(asked, {})
    return {name: value for name, value in found.items() if value != HOST_CONFIG.get(name)}


@pytest.mark.parametrize(
    ("asked", "image", "expected"),
    [
        ({}, {}, {}),
        ({"Cmd": "ls"}, {}, {"Cmd": ["ls"]}),
        ({"Entrypoint": "sh", "Cmd": ["-c"]}, {}, {"Entrypoint": ["sh"], "Cmd": ["-c"]}),
        ({"PortSpecs": ["80", "1:53/udp"]}, {}, {"ExposedPorts": {"80/tcp": {}, "53/udp": {}}}),
        ({"StopTimeout": 0}, {}, {"StopTimeout": 0}),
        ({"Cmd": ["x"]}, {"Cmd": ["y"], "Entrypoint": ["e"]}, {"Cmd": ["x"], "Entrypoint": ["e"]}),
        ({"Entrypoint": ["x"]}, {"Cmd": ["y"], "Entrypoint": ["e"]}, {"Entrypoint": ["x"]}),
        ({"Entrypoint": [""], "Cmd": ["x"]}, {"Entrypoint": ["e"]}, {"Cmd": ["x"]}),
        ({"Env": ["B=3", "C=4"]}, {"Env": ["A=1", "B=2"]}, {"Env": ["B=3", "C=4", "A=1"]}),
        ({"Labels": {"y": "2"}}, {"Labels": {"x": "1"}}, {"Labels": {"x": "1", "y": "2"}}),
        ({"User": "me"}, {"User": "you", "WorkingDir": "/w"}, {"User": "me", "WorkingDir": "/w"}),
    ],
)
def test_config_is_what_was_asked_for_and_what_the_image_brings(
    asked: dict[str, Any], image: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert config(asked, image) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {}),
        ({"Memory": 5, "Cpuset": "0"}, {"Memory": 5, "CpusetCpus": "0"}),
        ({"Memory": 5, "HostConfig": {"Memory": 6}}, {"Memory": 6}),
        ({"VolumesFrom": "other"}, {"VolumesFrom": ["other"]}),
        ({"HostConfig": {"VolumesFrom": ["a", "b"]}}, {"VolumesFrom": ["a", "b"]}),
        ({"HostConfig": {"NetworkMode": "default"}}, {}),
        ({"HostConfig": {"RestartPolicy": {"Name": ""}}}, {}),
        (
            {"PortSpecs": ["8080:80"]},
            {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}},
        ),
    ],
)  # fmt: skip
def test_host_config_has_what_older_versions_put_into_config(
    asked: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert host(asked) == expected


@pytest.mark.parametrize("spec", ["x", "a:80", "80:x", ""])
def test_a_port_that_is_none_is_refused(spec: str) -> None:
    with pytest.raises(ValueError) as caught:
        create_of({"PortSpecs": [spec]}, {})
    assert str(caught.value) == f"Invalid port specification: {spec}"


def test_the_environment_has_what_every_container_has() -> None:
    found = environment_of({"Env": ["HOME=/srv", "PATH", "A=b=c"], "Tty": True}, "box")
    assert found == {"HOSTNAME": "box", "TERM": "xterm", "HOME": "/srv", "A": "b=c"}
