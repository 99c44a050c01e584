"""Every API version: what a plain script sees of it, and which prefixes a release takes."""

from __future__ import annotations

import json

import pytest

from dockerapi import Client
from dockerapi.models.config import ContainerConfig
from dockerapi.testing import FakeEngine
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release
from testing.asking import posted

VERSIONS = [f"1.{minor}" for minor in range(56)]
DIFFER = "client and server don't have same version"
NEWER = "client version {} is too new. Maximum supported API version is {}"
CURE = "please upgrade your client to a newer version"
OLDER = f"client version {{}} is too old. Minimum supported API version is {{}}, {CURE}"
SCRIPT = "echo out; echo err >&2; exit 3"
# How long ago is a matter of the machine that runs the tests.
SECONDS = ["Less than a second", "1 second", *(f"{n} seconds" for n in range(2, 60))]
ENDED = [f"Exited (3) {words} ago" for words in [*SECONDS, "About a minute"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plain_script_sees_the_same_in_every_version(version: str) -> None:
    minor = int(version[2:])
    config = ContainerConfig(env={"A": "1"}, working_dir="/tmp" if minor >= 4 else None)
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["sh", "-c", SCRIPT], config=config).id
        assert len(id) == (64 if minor >= 7 else 12)
        with client.attach(id) as attached:
            client.start(id)
            output = attached.read()
        framed = minor >= 6
        assert (output.stdout, output.stderr) == (
            (b"out\n", b"err\n") if framed else (b"out\nerr\n", b"")
        )
        assert client.wait(id) == 3
        logged = client.logs(id).read()
        assert (logged.stdout, logged.stderr) == (output.stdout, output.stderr)

        found = client.inspect_container(id)
        assert found.id is not None and found.id.startswith(id)
        assert (
            found.path,
            found.args,
            found.state.running,
            found.state.exit_code,
            found.config.command,
            found.config.env[0],
        ) == ("sh", ("-c", SCRIPT), False, 3, ("sh", "-c", SCRIPT), "A=1")

        (row,) = client.containers(all=True)
        assert (row.id, row.image, row.names) == (
            found.id,
            "busybox" if minor >= 19 else "busybox:latest",
            (found.name,) if minor >= 6 else (),
        )
        assert row.status in ENDED
        assert row.state == ("exited" if minor >= 23 else None)

        (image,) = client.images()
        assert image.raw["RepoTags"] == ["busybox:latest"]
        assert client.inspect_image("busybox").id == image.id
        assert [layer.id for layer in client.history("busybox")] == [image.id]
        if minor >= 4:
            with client.events(since=0) as events:
                told = [next(events) for _ in range(_before_death(minor))]
            mine = [event.action for event in told if str(found.id).startswith(str(event.id))]
            assert [one for one in mine if one != "attach"] == ["create", "start", "die"]

        client.remove_container(id)
        assert client.containers(all=True) == []


def _before_death(minor: int) -> int:
    """How many events there are up to the end of the container."""
    attach, network = minor >= 20, minor >= 22
    return 3 + attach + network


@pytest.mark.parametrize(
    ("release", "prefix", "status", "words"),
    [
        ("0.7.6", "9.99", 404, ""),
        ("1.6.2", "1.19", 404, f"{DIFFER} (client : 1.19, server: 1.18)"),
        ("1.12.0", "1.25", 400, f"{DIFFER} (client : 1.25, server: 1.24)"),
        ("17.12.0", "1.36", 400, NEWER.format("1.36", "1.35")),
        ("1.7.1", "1.11", 400, OLDER.format("1.11", "1.12")),
        ("29.0.0", "1.43", 400, OLDER.format("1.43", "1.44")),
    ],
)
def test_a_prefix_out_of_range_is_refused(
    release: str, prefix: str, status: int, words: str
) -> None:
    _, error = Dialect.of(Release.parse(release), prefix)
    assert error is not None
    assert (error.status, error.message) == (status, words)


@pytest.mark.parametrize(
    ("release", "prefix", "api"),
    [
        ("0.9.0", "1.10", "1.10"),
        ("1.13.0", "1.99", "1.25"),  # no check at all up to 17.10
        ("28.5.2", "1.24", "1.24"),
    ],
)
def test_a_prefix_in_range_is_what_is_spoken(release: str, prefix: str, api: str) -> None:
    assert str(Dialect.of(Release.parse(release), prefix)[0].api) == api


@pytest.mark.parametrize(
    ("release", "taken"),
    [("0.11.1", ["x", "_x", "/ab"]), ("0.12.0", ["/ab", "a.b"]), ("28.5.2", ["/ab", "a.b"])],
)
def test_a_name_of_one_letter_is_taken_by_old_engines(release: str, taken: list[str]) -> None:
    dialect, _ = Dialect.of(Release.parse(release), None)
    names = ["x", "_x", "/ab", "a.b", "a b", ""]
    assert [name for name in names if dialect.takes_name(name)] == taken


@pytest.mark.parametrize(
    ("release", "published"),
    [("1.6.2", True), ("1.7.0", False), ("28.5.2", False), ("29.0.0", True)],
)
def test_a_port_that_is_bound_and_not_exposed_is_published_by_some(
    release: str, published: bool
) -> None:
    asked = {
        "Image": "busybox",
        "Cmd": ["cat"],
        "OpenStdin": True,
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}},
    }
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        # As another client asks: ours exposes what it publishes.
        path, body = f"/v{engine.api_version}/containers/create", json.dumps(asked).encode()
        _, _, created = posted(engine, path, body, Content_Type="application/json")
        id = json.loads(created)["Id"]
        client.start(id)
        assert ("80/tcp" in client.inspect_container(id).network_settings.ports) is published
        client.kill(id)
        client.wait(id)
