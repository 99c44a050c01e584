"""What is refused in a request to create a container, in the words of the release."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi.testing.http.errors import HttpError
from dockerapi.testing.routes.create import check
from dockerapi.testing.versions.dialect import Dialect, release_of


def dialect(version: str) -> Dialect:
    return Dialect.of(release_of(version), version)[0]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"Cmd": "ls", "Entrypoint": ["a"], "Labels": {"a": "b"}, "Tty": True},
        {"Hostname": None, "Env": None, "HostConfig": None},
        {"HostConfig": {"Binds": ["/a:/b", "name:/c:ro", "/d"], "VolumesFrom": "x"}},
        {"HostConfig": {"RestartPolicy": {"Name": "always"}, "Memory": 6 << 20}},
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.19", "1.51"])
def test_what_is_right_is_let_through(asked: dict[str, Any], version: str) -> None:
    check(dialect(version), asked)


@pytest.mark.parametrize(
    ("asked", "version", "status", "message"),
    [
        ({"Memory": 5}, "1.19", 500, "Minimum memory limit allowed is 4MB"),
        ({"HostConfig": {"Memory": 5}}, "1.51", 400, "Minimum memory limit allowed is 6MB"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(
    asked: dict[str, Any], version: str, status: int, message: str
) -> None:
    with pytest.raises(HttpError) as caught:
        check(dialect(version), asked)
    assert (caught.value.status, caught.value.message) == (status, message)
