"""The volumes of a fake Engine: which there are."""

from __future__ import annotations

import pytest

from dockerapi.testing.state.errors import NoVolume
from dockerapi.testing.state.volumes import Volumes


def test_a_name_is_given_once_and_found() -> None:
    volumes = Volumes()
    made = volumes.create({"Name": "data", "Labels": {"a": "b"}})
    assert volumes.create({"Name": "data"}) is made is volumes.find("data")
    assert (made.asked, made.is_anonymous) == ({"Name": "data", "Labels": {"a": "b"}}, False)
    volumes.remove(made)
    with pytest.raises(NoVolume):
        volumes.find("data")


def test_who_gives_none_gets_a_name() -> None:
    volumes = Volumes()
    first, second = volumes.create({}), volumes.create({"Name": ""})
    assert first.is_anonymous and second.is_anonymous and first.name != second.name


def test_what_a_container_has_is_there_and_goes_with_it_if_it_has_no_name_of_its_own() -> None:
    volumes = Volumes()
    anonymous = "0" * 64
    mounts = [
        {"Type": "volume", "Name": "data"},
        {"Type": "volume", "Name": anonymous},
        {"Type": "bind", "Source": "/etc"},
    ]
    volumes.mount(mounts)
    assert [one.name for one in volumes.all()] == ["data", anonymous]
    volumes.drop(mounts)
    assert [one.name for one in volumes.all()] == ["data"]
