"""Contexts in private git repositories, which BuildKit fetches with what the session gives."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import BuildFailed, BuildOptions, Client, NotSupported
from live.agents import serve_agent
from live.engine import Engine, numbers
from live.repositories import AUTHORIZATION, TOKEN, make_repository, serve_repository
from live.sshd import serve_ssh

pytestmark = [pytest.mark.real("BuildKit"), pytest.mark.uses("git")]


@pytest.fixture
def repository(
    engine: Engine, busybox: str, label: dict[str, str], tmp_path: Path, name: str
) -> Path:
    """A repository with a Dockerfile, of which no Engine has anything in its cache."""
    if not engine.url.startswith("unix://"):
        pytest.skip("the Engine may be on another machine, which does not reach this one")
    [(key, value)] = label.items()
    dockerfile = f"FROM {busybox}\nLABEL {key}={value}\nCOPY said /\nRUN cat /said\n"
    files = {"Dockerfile": "FROM scratch\n", "Dockerfile.other": dockerfile, "said": f"{name}\n"}
    return make_repository(tmp_path / "git", files)


@pytest.fixture
def url(repository: Path) -> Iterator[str]:
    with serve_repository(repository.parent) as url:
        yield url


@pytest.mark.parametrize(
    ("id", "secret"), [("GIT_AUTH_TOKEN", TOKEN), ("GIT_AUTH_HEADER", AUTHORIZATION)]
)
def test_a_repository_is_fetched_with_a_secret(
    newest: Client, url: str, name: str, id: str, secret: str
) -> None:
    options = BuildOptions(builder="buildkit", no_cache=True, secrets={id: secret.encode()})
    built = newest.build(f"{url}#main", dockerfile="Dockerfile.other", options=options)
    assert name in built.log.splitlines()
    assert secret not in built.log


def test_a_repository_without_its_secret_fails_the_build(newest: Client, url: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        newest.build(f"{url}#main", options=BuildOptions(builder="buildkit"))
    assert caught.value.step == f"[internal] load git source {url}#main"


def test_a_repository_is_fetched_by_ssh_with_the_default_agent(
    newest: Client,
    engine: Engine,
    repository: Path,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sshd").mkdir()
    with serve_ssh(tmp_path / "sshd"), serve_agent(tmp_path / "agent") as (agent, _):
        with (tmp_path / "sshd" / "key.pub").open("a") as allowed:
            allowed.write((tmp_path / "agent" / "key.pub").read_text())
        found = re.search(r"Port (\d+)", (tmp_path / "sshd" / "ssh_config").read_text())
        assert found is not None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{found[1]}{repository}#main"
        options = BuildOptions(builder="buildkit", no_cache=True, ssh={"default": None})
        if numbers(engine.version) >= [23]:
            built = newest.build(url, dockerfile="Dockerfile.other", options=options)
            assert name in built.log.splitlines()
            return
        with pytest.raises(NotSupported) as caught:
            newest.build(url, options=options)
    assert caught.value.what == "with ?remote=ssh://... for BuildKit"
