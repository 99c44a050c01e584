from __future__ import annotations

import hashlib
import json

import pytest

from dockerapi import Client
from dockerapi.protocol.reference import ImageReference
from dockerapi.testing import FakeEngine, Registry


def test_what_was_added_can_be_had_by_tag_and_by_digest() -> None:
    registry = Registry()
    digest = registry.add("debian:12", files={"/etc/v": b"12"}, env={"A": "1"}, labels={"l": "m"})
    found = registry.get(ImageReference.parse("docker.io/library/debian:12"))
    assert found is not None
    assert found is registry.get(ImageReference.parse(f"debian@{digest}"))
    assert digest == f"sha256:{hashlib.sha256(found.manifest).hexdigest()}"
    assert json.loads(found.description)["config"] == {
        "Cmd": ["sh"],
        "Entrypoint": None,
        "Env": ["A=1"],
        "Labels": {"l": "m"},
        "WorkingDir": "",
    }
    assert [
        registry.get(ImageReference.parse(name))
        for name in ("debian", "debian:11", "nosuch", f"debian@sha256:{'0' * 64}")
    ] == [None] * 4


def test_names_and_tags() -> None:
    registry = Registry()
    registry.add("app")
    registry.add("host:5000/team/app:2")
    registry.add("host:5000/team/app:1")
    assert registry.names() == ["app:latest", "host:5000/team/app:1", "host:5000/team/app:2"]
    assert registry.tags(ImageReference.parse("host:5000/team/app")) == ["1", "2"]


def test_the_same_content_has_the_same_digest() -> None:
    one, two = Registry(), Registry()
    assert one.add("a", files={"f": b"x"}) == two.add("b:2", files={"f": b"x"})


@pytest.mark.parametrize(
    ("who", "host", "welcome"),
    [
        ({}, "other", True),
        ({}, "host:5000", None),
        ({"username": "ada", "password": "secret"}, "host:5000", True),
        ({"username": "ada", "password": "wrong"}, "host:5000", False),
        ({"username": "bob", "password": "secret"}, "host:5000", False),
    ],
)
def test_a_registry_lets_in_whom_it_knows(
    who: dict[str, str], host: str, welcome: bool | None
) -> None:
    registry = Registry()
    registry.login("ada", "secret", registry="https://host:5000/v1/")
    assert registry.lets_in(host, who) is welcome


def test_a_search_finds_names_and_descriptions() -> None:
    registry = Registry()
    registry.add("debian", description="The universal system")
    registry.add("team/tool")
    assert registry.search("DEB") == [("debian", "The universal system")]
    assert registry.search("system") == [("debian", "The universal system")]
    assert registry.search("tool") == [("team/tool", "")]


def test_engines_may_share_one() -> None:
    registry = Registry()
    with FakeEngine("1.19", registry=registry) as old, Client(old.url) as client:
        client.tag("busybox", "host:5000/mine", tag="1")
        client.push("host:5000/mine:1")
    with FakeEngine("1.51", registry=registry) as new, Client(new.url) as client:
        client.pull("host:5000/mine:1")
        assert client.inspect_image("host:5000/mine:1").repo_tags == ("host:5000/mine:1",)
