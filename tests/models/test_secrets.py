"""Secrets and configs of a swarm."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from dockerapi import ConfigSpec, Driver, SecretSpec
from dockerapi.models.secrets import Config, Secret
from models.recorded import of_swarm

UTC = datetime.timezone.utc


def test_a_secret_of_today() -> None:
    [json, *_] = [json for name, json in of_swarm("secrets") if name.startswith("29.7")]
    assert Secret.parse(json) == Secret(
        id="k5pi85jxh26r0nhnoyfi50n6q",
        version=56,
        created=datetime.datetime(2026, 11, 30, 2, 54, 54, 592089, UTC),
        updated=datetime.datetime(2026, 11, 30, 2, 54, 54, 592089, UTC),
        spec=SecretSpec(name="rec-one", labels={"rec": "one", "tier": "db"}),
    )


def test_a_config_of_today_has_its_content_which_no_repr_shows() -> None:
    found = [Config.parse(json) for name, json in of_swarm("configs") if name.startswith("29.7")]
    assert [config.spec for config in found] == [
        ConfigSpec(name="rec-one", labels={"rec": "one", "tier": "db"}, data=b"hush"),
        ConfigSpec(
            name="rec-templ",
            labels={},
            data=b"{{.Service.Name}}",
            templating=Driver(name="golang"),
        ),
        ConfigSpec(name="rec-one", labels={"rec": "two"}, data=b"hush"),
    ]
    assert "hush" not in repr(found) and "aHVzaA" not in repr(found)


def test_specs_are_written_as_engines_say_them() -> None:
    config = ConfigSpec(name="a", data=b"hush", templating=Driver(name="golang"))
    assert config.to_wire() == {
        "Name": "a",
        "Data": "aHVzaA==",
        "Templating": {"Name": "golang"},
    }
    secret = SecretSpec(name="a", labels=["b"], driver=Driver(name="vault", options={"x": 1}))
    assert secret.to_wire() == {
        "Name": "a",
        "Labels": {"b": ""},
        "Driver": {"Name": "vault", "Options": {"x": "1"}},
    }


@pytest.mark.parametrize("name", ["", "a b", "a" * 65, "a.", "-a", "é"])
@pytest.mark.parametrize("spec", [SecretSpec, ConfigSpec])
def test_a_name_that_is_none_is_refused(spec: Any, name: str) -> None:
    with pytest.raises(ValueError, match="^name: up to 64 letters, digits, and '-', '_' and '.'"):
        spec(name=name)
    assert spec(name="a" * 64).name == "a" * 64


def test_no_error_shows_a_config() -> None:
    given: Any = "hushed"
    with pytest.raises(TypeError) as caught:
        ConfigSpec(name="a", data=given)
    assert str(caught.value) == "data: bytes were expected, not str"
