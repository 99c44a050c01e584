"""Every API version: what a plain script sees of it, and which prefixes a release takes."""

from __future__ import annotations

import pytest

from dockerapi import Client
from dockerapi.models.config import ContainerConfig
from dockerapi.testing import FakeEngine
from dockerapi.testing.http.server import Refusal
from dockerapi.testing.versions.dialect import Dialect, release_of
from dockerapi.versions.releases import Release

VERSIONS = [f"1.{minor}" for minor in range(56)]
DIFFER = "client and server don't have same version"
BOTH = "client API version: {}, server API version: {}"
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
        assert row.status in (["Exit 3"] if minor < 10 else ENDED)
        assert row.state == ("exited" if minor >= 23 else None)

        (image,) = client.images()
        assert image.raw["RepoTags"] == ["busybox:latest"]
        assert client.inspect_image("busybox").id == image.id
        assert [layer.id for layer in client.history("busybox")] == [
            image.id if minor >= 6 else str(image.id)[:12]
        ]
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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_stands_for_every_version(version: str) -> None:
    release = release_of(version)
    assert str(Dialect.of(release, None).api) == version


@pytest.mark.parametrize(
    ("release", "prefix", "status", "words"),
    [
        ("0.7.6", "9.99", 404, ""),
        ("0.8.1", "9.99", 404, f"{DIFFER} (client : 9.99, server: 1.9)"),
        ("1.6.2", "1.19", 404, f"{DIFFER} (client : 1.19, server: 1.18)"),
        ("1.7.0", "1.20", 400, f"{DIFFER} ({BOTH.format('1.20', '1.19')})"),
        ("1.12.0", "1.25", 400, f"client is newer than server ({BOTH.format('1.25', '1.24')})"),
        ("17.12.0", "1.36", 400, NEWER.format("1.36", "1.35")),
        (
            "1.7.1",
            "1.11",
            400,
            f"client is too old, minimum supported API version is 1.12, {CURE}",
        ),
        ("1.9.0", "1.11", 400, OLDER.format("1.11", "1.21")),  # it names the wrong one
        ("29.0.0", "1.43", 400, OLDER.format("1.43", "1.44")),
    ],
)
def test_a_prefix_out_of_range_is_refused_in_the_words_of_the_release(
    release: str, prefix: str, status: int, words: str
) -> None:
    with pytest.raises(Refusal) as caught:
        Dialect.of(Release.parse(release), prefix)
    assert (caught.value.status, caught.value.message) == (status, words)


@pytest.mark.parametrize(
    ("release", "prefix", "api"),
    [
        ("0.4.4", "1.12", "1.1"),  # read as a fraction, in front of 1.2
        ("0.9.0", "1.10", "1.10"),
        ("1.13.0", "1.99", "1.25"),  # no check at all up to 17.10
        ("28.5.2", "1.24", "1.24"),
    ],
)
def test_a_prefix_in_range_is_what_is_spoken(release: str, prefix: str, api: str) -> None:
    assert str(Dialect.of(Release.parse(release), prefix).api) == api
