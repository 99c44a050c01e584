"""What a container is, and its networks, as they are given and written."""

from __future__ import annotations

import attrs
import pytest

from dockerapi.models.config import (
    ContainerConfig,
    EndpointSettings,
    Healthcheck,
    NetworkingConfig,
)
from dockerapi.models.kinds import command_line, environment


@pytest.mark.parametrize("test", ["curl -f x", ["CMD-SHELL", "curl -f x"]])
def test_a_health_check_of_one_line_is_for_the_shell(test):
    assert Healthcheck(test=test).to_wire() == {"Test": ["CMD-SHELL", "curl -f x"]}


def test_an_image_can_be_given_as_a_model():
    @attrs.frozen
    class Thing:
        id: str

    assert ContainerConfig(image=Thing("sha256:" + "0" * 64)).image == "sha256:" + "0" * 64
    assert ContainerConfig(image="").image == ""


def test_the_networks_of_a_container_are_written_by_name():
    made = NetworkingConfig(
        endpoints={
            "front": None,
            "back": EndpointSettings(
                ipv4_address="172.20.30.33",
                ipv6_address="2001:db8::1",
                link_local_ips=["169.254.34.68"],
                links={"db": "data"},
                aliases=["server"],
                mac_address="02:42:ac:12:05:02",
                driver_options={"a": 1},
                gateway_priority=-10,
            ),
        },
        extra={"New": 1},
    )
    assert made.to_wire() == {
        "EndpointsConfig": {
            "front": {},
            "back": {
                "IPAMConfig": {
                    "IPv4Address": "172.20.30.33",
                    "IPv6Address": "2001:db8::1",
                    "LinkLocalIPs": ["169.254.34.68"],
                },
                "Links": ["db:data"],
                "MacAddress": "02:42:ac:12:05:02",
                "Aliases": ["server"],
                "DriverOpts": {"a": "1"},
                "GwPriority": -10,
            },
        },
        "New": 1,
    }
    assert attrs.evolve(NetworkingConfig.parse(made.to_wire()), extra={"New": 1}) == made


def test_the_forms_of_a_command_and_an_environment_are_for_exec_too():
    assert command_line("a 'b c'") == ("a", "b c")
    assert environment({"A": None}) == ("A",)
