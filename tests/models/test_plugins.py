"""Plugins as the Engine describes them, and privileges as callers grant them."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import PluginPrivilege
from dockerapi.models.plugins import PRIVILEGES, Plugin, PluginConfig, PluginSettings


def test_what_is_null_absent_and_empty_is_alike() -> None:
    base: dict[str, Any] = {"Id": "0a", "Name": "a:1"}
    full = {"Settings": {"Mounts": [], "Env": None}, "Config": {"Interface": {}, "Args": None}}
    empty = {"Settings": {"Devices": []}, "Config": {"User": {}, "Env": [], "WorkDir": ""}}
    expected = Plugin(id="0a", name="a:1", settings=PluginSettings(), config=PluginConfig())
    assert Plugin.parse({**base, **full}) == Plugin.parse({**base, **empty}) == expected
    assert Plugin.parse(base) == Plugin(id="0a", name="a:1")


@pytest.mark.parametrize(
    "json",
    [
        {"Name": "network", "Description": "of the host", "Value": ["host"]},
        {"Name": "mount", "Description": "", "Value": None},
        {"Name": "allow-all-devices"},
    ],
)
def test_a_privilege_that_was_read_is_granted_as_it_is(json: dict[str, Any]) -> None:
    sent = PluginPrivilege.parse(json).to_wire()
    assert {key: value for key, value in sent.items() if value} == {
        key: value for key, value in json.items() if value
    }


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("network", TypeError, "a list of PluginPrivilege values was expected, not 'network'"),
        (["network"], TypeError, "use dockerapi.PluginPrivilege(...); it was 'network'"),
        (True, TypeError, "a list of PluginPrivilege values was expected, not True"),
    ],
)
def test_what_is_no_privilege_is_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        PRIVILEGES.check(value)
    assert str(caught.value) == message


def test_a_privilege_prints_as_its_name_and_values() -> None:
    assert str(PluginPrivilege(name="mount", values=["/a", "/b"])) == "mount /a /b"
    assert str(PluginPrivilege(name="x")) == "x"
