"""Filters of the list that are not looked at anywhere else."""

from __future__ import annotations

import pytest

from dockerapi import BadRequest, Client, ContainerConfig, HostConfig
from dockerapi.testing import FakeEngine


def test_filters_by_ports_volumes_and_kind() -> None:
    config = ContainerConfig(exposed_ports=[80], volumes=["/data"])
    host = HostConfig(port_bindings={80: 8080})
    with FakeEngine("1.51") as engine, Client(engine.url) as client:
        id = client.run_detached("busybox", ["sleep", "9"], config=config, host_config=host)
        for filters, expected in (
            ({"publish": "80"}, [id]),
            ({"publish": "81"}, []),
            ({"expose": "80/tcp"}, [id]),
            ({"volume": "/data"}, [id]),
            ({"volume": "/other"}, []),
            ({"health": "none"}, [id]),
            ({"label": "none"}, []),
        ):
            assert [row.id for row in client.containers(filters=filters)] == expected, filters


def test_a_status_that_there_is_not_is_refused() -> None:
    with FakeEngine("1.51") as engine, Client(engine.url) as client:
        with pytest.raises(BadRequest) as caught:
            client.containers(filters={"status": "lost"})
    assert caught.value.message == "invalid filter 'status=[lost]'"


def test_old_engines_pass_over_a_filter_that_there_is_not() -> None:
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        client.create_container("busybox", ["true"])
        assert len(client.containers(all=True, filters={"nonsense": "x"})) == 1
