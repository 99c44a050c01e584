from __future__ import annotations

import json

import pytest

from dockerapi import BadRequest, BuildFailed, BuildOptions, Client, NotFound, ServerError
from dockerapi.errors import ApiError
from dockerapi.models.pruned import Pruned
from dockerapi.testing import FakeEngine
from testing.asking import SIMPLE, context, posted, printed


def test_a_quiet_build_prints_the_id_only(engine: FakeEngine) -> None:
    assert printed(engine, SIMPLE, "q=1") == '{"stream":"sha256:LONG\\n"}\r\n'
    failed = printed(engine, "FROM busybox\nRUN echo hidden; exit 3\n", "q=1").split("\r\n")
    words = "The command '/bin/sh -c echo hidden; exit 3' returned a non-zero code: 3"
    assert failed[0] == '{"stream":"Step 1/2 : FROM busybox"}'  # all of it, once it failed
    assert json.loads(failed[-2]) == {"errorDetail": {"code": 3, "message": words}, "error": words}


def test_a_quiet_build_of_an_old_engine_hides_the_output_of_commands() -> None:
    with FakeEngine("1.6") as engine:
        assert "hidden\n" not in printed(engine, "FROM busybox\nRUN echo hidden;\n", "q=1")


def test_no_form_from_0_4_5_on() -> None:
    with FakeEngine(release="1.6.2") as engine:
        assert posted(engine, "/v1.2/build", b"")[2] == (
            b"Multipart upload for build is no longer supported. "
            b"Please upgrade your docker client.\n"
        )


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("dockerfile=nosuch", 500, "Cannot locate specified Dockerfile: nosuch"),
        ("dockerfile=../x", 500, "forbidden path outside the build context: ../x ()"),
        ("t=UPPER", 400, "invalid reference format"),
        (
            "version=2",
            400,
            "the fake Engine has no BuildKit: build with the classic builder (version=1)",
        ),
        ("remote=http://x/y", 500, "the fake Engine fetches nothing: http://x/y"),
    ],
)
def test_what_cannot_be_asked_for(
    engine: FakeEngine, query: str, status: int, message: str
) -> None:
    found = posted(engine, f"/v1.51/build?{query}", context(SIMPLE))
    assert (found[0], json.loads(found[2])) == (status, {"message": message})


def test_the_client_is_told_that_there_is_no_buildkit(client: Client) -> None:
    with pytest.raises(BadRequest) as caught:
        client.build(context(SIMPLE), options=BuildOptions(builder="buildkit"))
    assert caught.value.message.startswith(
        "the fake Engine has no BuildKit: build with the classic"
    )
    options = BuildOptions(builder="buildkit", secrets={"x": b""})
    with pytest.raises(NotFound) as missing:
        client.build(context(SIMPLE), options=options)
    assert missing.value.route == "POST /session"


def test_a_bad_archive(client: Client) -> None:
    with pytest.raises(ServerError) as caught:
        client.build(b"not a tar")
    assert caught.value.message == "unexpected EOF"


def test_no_folder_of_a_build_is_left(engine: FakeEngine, client: Client) -> None:
    client.build(context(SIMPLE))
    with pytest.raises(ApiError):
        client.build(b"not a tar")
    with pytest.raises(BuildFailed):
        client.build(context("FROM busybox\nRUN exit 1\n"), options=BuildOptions(force_rm=True))
    folder = engine._running().folder
    assert sorted(path.name for path in folder.iterdir()) == ["containers", "docker.sock", "layers"]
    assert list((folder / "containers").iterdir()) == []


def test_there_is_no_cache_to_prune(client: Client) -> None:
    assert client.prune_build_cache(all=True) == Pruned(space_reclaimed=0)
