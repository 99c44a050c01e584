"""The classic builder, through the client and, for what it prints, byte by byte."""

from __future__ import annotations

import base64
import contextlib
import json
import threading

import pytest

from dockerapi import BuildFailed, BuildOptions, Client
from dockerapi.errors import BadRequest
from dockerapi.testing import FakeEngine, Run
from testing.asking import SIMPLE, context, posted, printed, text_of
from testing.tars import archive, contents, file, folder

# What it prints, as real Engines did (recordings `build` and `build_fail`).


STEPS = (
    "Step 1/3 : FROM busybox\n ---> ID\n"
    "Step 2/3 : RUN echo built > /built\n ---> Running in ID\n"
    " ---> Removed intermediate container ID\n ---> ID\n"
    "Step 3/3 : CMD cat /built\n ---> Running in ID\n"
    " ---> Removed intermediate container ID\n ---> ID\n"
    "Successfully built ID\n"
)


def test_text_up_to_0_6() -> None:
    with FakeEngine("1.6") as engine:
        assert printed(engine, SIMPLE, "rm=1") == STEPS
        assert printed(engine, "FROM busybox\nRUN exit 7\n").splitlines()[-1] == (
            "Error build: The command '/bin/sh -c exit 7' returned a non-zero code: 7"
        )


def test_json_in_1_7() -> None:
    with FakeEngine("1.19") as engine:
        assert text_of(printed(engine, SIMPLE)) == STEPS
        assert text_of(printed(engine, SIMPLE)) == STEPS  # there is no cache


def test_json_steps_of_all_and_the_id_from_17_on(engine: FakeEngine) -> None:
    assert printed(engine, SIMPLE, "t=built:1&t=two") == (
        '{"stream":"Step 1/3 : FROM busybox"}\r\n{"stream":"\\n"}\r\n'
        '{"stream":" ---> ID\\n"}\r\n'
        '{"stream":"Step 2/3 : RUN echo built > /built"}\r\n{"stream":"\\n"}\r\n'
        '{"stream":" ---> Running in ID\\n"}\r\n'
        '{"stream":" ---> Removed intermediate container ID\\n"}\r\n'
        '{"stream":" ---> ID\\n"}\r\n'
        '{"stream":"Step 3/3 : CMD cat /built"}\r\n{"stream":"\\n"}\r\n'
        '{"stream":" ---> Running in ID\\n"}\r\n'
        '{"stream":" ---> Removed intermediate container ID\\n"}\r\n'
        '{"stream":" ---> ID\\n"}\r\n'
        '{"aux":{"ID":"sha256:LONG"}}\r\n'
        '{"stream":"Successfully built ID\\n"}\r\n'
        '{"stream":"Successfully tagged built:1\\n"}\r\n'
        '{"stream":"Successfully tagged two:latest\\n"}\r\n'
    )


def test_output_is_told_as_it_comes_errors_in_red(engine: FakeEngine) -> None:
    found = printed(engine, "FROM busybox\nRUN echo out;echo err >&2;exit 3\n", "forcerm=1")
    assert found.split("\r\n")[6:] == [
        '{"stream":"out\\n"}',
        '{"stream":"\\u001b[91merr\\n\\u001b[0m"}',
        '{"stream":" ---> Removed intermediate container ID\\n"}',
        '{"errorDetail":{"code":3,"message":"The command \'/bin/sh -c echo out;echo err >'
        '&2;exit 3\' returned a non-zero code: 3"},"error":"The command \'/bin/sh -c echo '
        "out;echo err >&2;exit 3' returned a non-zero code: 3\"}",
        "",
    ]


# What it makes.

FULL = """\
# A comment
FROM busybox AS base
MAINTAINER me
RUN echo one \\
    # in between
    two > /made
ENV A=1 B="x $A y" PATH=$PATH:/own
ENV OLD form of it
LABEL a.b="c d" e=f
WORKDIR /w
WORKDIR sub
COPY file dir/ ./
ADD packed.tar /unpacked/
COPY ["file", "/with space"]
COPY *.txt /texts/
EXPOSE 80 90-91/udp
VOLUME ["/v"] 
USER nobody
STOPSIGNAL SIGINT
CMD ["a", "b"]
ENTRYPOINT echo $A
"""  # noqa: W291


def test_every_instruction_does_what_it_says(client: Client) -> None:
    built = client.build(
        context(
            FULL,
            file("file", "F"),
            folder("dir"),
            file("dir/inner", "I"),
            file("packed.tar", archive(file("in", "P")).decode()),
            file("one.txt", "1"),
            file("two.txt", "2"),
        ),
        tag="full",
    )
    image = client.inspect_image("full")
    assert (built.image_id, built.tags, image.author) == (image.id, ("full:latest",), "me")
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/own"
    assert image.raw["Config"] == {
        "Cmd": ["a", "b"],
        "Entrypoint": ["/bin/sh", "-c", "echo $A"],
        "Env": [path, "A=1", "B=x  y", "OLD=form of it"],
        "ExposedPorts": {"80/tcp": {}, "90/udp": {}, "91/udp": {}},
        "Labels": {"a.b": "c d", "e": "f"},
        "OnBuild": None,
        "StopSignal": "SIGINT",
        "User": "nobody",
        "Volumes": {"/v": {}},
        "WorkingDir": "/w/sub",
    }
    assert files_of(client, "full") == {
        "made": "one two\n",
        "texts/one.txt": "1",
        "texts/two.txt": "2",
        "unpacked/in": "P",
        "w/sub/file": "F",
        "w/sub/inner": "I",
        "with space": "F",
    }
    assert [layer.created_by for layer in client.history("full")][-4:-1] == [
        "/bin/sh -c #(nop)  ENV A=1 B=x  y " + path,
        "/bin/sh -c echo one     two > /made",
        "/bin/sh -c #(nop)  MAINTAINER me",
    ]


def files_of(client: Client, image: str) -> dict[str, str]:
    """The files of an image that busybox has not."""
    created = client.create_container(image, ["x"])
    plain = client.create_container("busybox", ["x"])
    try:
        with client.export(created.id) as ours, client.export(plain.id) as theirs:
            found, known = contents(ours.read()), contents(theirs.read())
    finally:
        client.remove_container(created.id)
        client.remove_container(plain.id)
    return {name: data.decode() for name, data in found.items() if name not in known}


def test_a_layer_is_added_only_where_files_changed(client: Client) -> None:
    client.build(context("FROM busybox\nRUN echo\nENV A=1\nCOPY Dockerfile /\n"), tag="x")
    before, after = client.inspect_image("busybox"), client.inspect_image("x")
    assert len(after.raw["RootFS"]["Layers"]) == len(before.raw["RootFS"]["Layers"]) + 1


def test_stages_names_targets_and_copies_between_them(engine: FakeEngine, client: Client) -> None:
    dockerfile = (
        "ARG base=busybox\nFROM ${base} AS one\nRUN echo hi > /h\n"
        "FROM busybox\nCOPY --from=one /h /i\nCOPY --from=0 /h /j\n"
        "COPY --from=busybox /etc/group /k\n"
        "FROM busybox AS last\nRUN exit 1\n"
    )
    client.build(context(dockerfile), tag="x", options=BuildOptions(target="1"))
    found = files_of(client, "x")
    assert (found["i"], found["j"], sorted(found)) == ("hi\n", "hi\n", ["i", "j", "k"])
    with pytest.raises(BadRequest) as caught:
        client.build(context(dockerfile), options=BuildOptions(target="nosuch"))
    assert caught.value.message == 'target stage "nosuch" could not be found'
    told = printed(engine, "FROM busybox AS a\nFROM a\nENV A=1\n")
    assert told.count('{"aux":{"ID":"sha256:LONG"}}') == 2


def test_nothing_to_stand_on(client: Client) -> None:
    client.build(context("FROM scratch\nCOPY Dockerfile /only\n"), tag="x")
    created = client.create_container("x", ["y"])
    with client.export(created.id) as exported:
        assert sorted(contents(exported.read())) == ["only"]


def test_build_arguments_are_seen_by_run_only(client: Client) -> None:
    dockerfile = "FROM busybox\nARG V=1\nARG W\nENV E=$V\nRUN echo E=$E V=$V W=$W\n"
    options = BuildOptions(build_args={"W": "2", "unused": "x"})
    built = client.build(context(dockerfile), options=options, tag="x")
    assert "\nE=1 V=1 W=2\n" in built.log
    assert "[Warning] One or more build-args [unused] were not consumed\n" in built.log
    assert client.inspect_image("x").raw["Config"]["Env"][1:] == ["E=1"]
    assert client.history("x")[0].created_by == "|2 V=1 W=2 /bin/sh -c echo E=$E V=$V W=$W"


def test_labels_of_the_request_come_last(client: Client) -> None:
    options = BuildOptions(labels={"a": "b", "c": 'e "f" $g'})
    built = client.build(context("FROM busybox\nLABEL a=x\n"), options=options, tag="x")
    assert client.inspect_image("x").raw["Config"]["Labels"] == {"a": "b", "c": 'e "f" $g'}
    assert "Step 3/3 : LABEL a=b " in built.log


def test_a_base_that_is_missing_is_pulled(engine: FakeEngine, client: Client) -> None:
    engine.registry.add("debian:12", files={"etc/debian_version": b"12\n"})
    built = client.build(context("FROM debian:12\nENV A=1\n"), tag="x")
    assert built.tags == ("x:latest",)
    assert sorted(tag for image in client.images() for tag in image.repo_tags) == [
        "busybox:latest", "debian:12", "x:latest",
    ]  # fmt: skip
    with pytest.raises(BuildFailed, match="pull access denied for nosuch"):
        client.build(context("FROM nosuch\n"))


def test_a_private_base_is_pulled_with_the_credentials_of_the_build(engine: FakeEngine) -> None:
    engine.registry.add("registry.test/base")
    engine.registry.login("ada", "secret", registry="registry.test")
    body = context("FROM registry.test/base\n")
    told = json.dumps({"registry.test": {"username": "ada", "password": "secret"}}).encode()
    config = base64.urlsafe_b64encode(told).decode()
    _, _, without = posted(engine, "/build", body)
    _, _, found = posted(engine, "/build", body, X_Registry_Config=config)
    assert b"no basic auth credentials" in without
    assert b"Successfully built" in found


# What comes in.


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        ("FROM scratch\n", "No image was generated. Is your Dockerfile empty?"),
        (
            "FROM busybox\nCOPY nosuch /\n",
            "COPY failed: file not found in build context or excluded by .dockerignore: "
            "stat nosuch: file does not exist",
        ),
        (
            "FROM busybox\nCOPY ../x /\n",
            "COPY failed: forbidden path outside the build context: ../x ()",
        ),
        (
            "FROM busybox\nCOPY Dockerfile Dockerfile /nodir\n",
            "When using COPY with more than one source file, "
            "the destination must be a directory and end with a /",
        ),
        ("FROM busybox\nCOPY *.nosuch /\n", "COPY failed: no source files were specified"),
        ("FROM busybox\nEXPOSE x\n", "Invalid containerPort: x"),
        ("FROM UPPER\n", "invalid reference format"),
        (
            "FROM busybox\nCOPY --from=UPPER x /\n",
            "invalid from flag value UPPER: invalid reference format",
        ),
        (
            "FROM busybox\nCOPY --chmod=644 Dockerfile /\n",
            "the --chmod option requires BuildKit. Refer to "
            "https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit "
            "enabled",
        ),
        (
            "FROM busybox\nADD http://127.0.0.1:9/x /y\n",
            "ADD failed: the fake Engine fetches nothing: http://127.0.0.1:9/x",
        ),
    ],
)
def test_a_step_that_fails_is_told_in_the_stream(
    client: Client, dockerfile: str, message: str
) -> None:
    with pytest.raises(BuildFailed) as caught:
        client.build(context(dockerfile))
    assert caught.value.message == message


def test_an_argument_from_before_the_first_stage_is_had_where_it_is_asked_for(
    client: Client,
) -> None:
    dockerfile = "ARG a=one b=two\nFROM busybox\nARG a\nRUN echo a=$a b=$b\n"
    assert "a=one b=\n" in client.build(context(dockerfile)).log


def test_an_unknown_instruction_in_an_old_engine() -> None:
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        with pytest.raises(BuildFailed, match="^POST /build: Unknown instruction: BOGUS$"):
            client.build(context("FROM busybox\nBOGUS x\n"))


def test_a_command_that_nobody_plays_fails_with_127_and_says_how_to_play_it(
    client: Client,
) -> None:
    with pytest.raises(BuildFailed) as caught:
        client.build(context('FROM busybox\nRUN ["nosuch", "x"]\n'))
    assert (caught.value.code, caught.value.message) == (
        127, "The command 'nosuch x' returned a non-zero code: 127",
    )  # fmt: skip


def test_a_client_that_hangs_up_ends_the_command() -> None:
    started, ended = threading.Event(), threading.Event()

    def wait_for_ever(run: Run) -> None:
        started.set()
        try:
            run.sleep(3600)
        finally:
            ended.set()

    with FakeEngine("1.51") as engine, Client(engine.url) as client:
        engine.on("busybox", ["forever"], wait_for_ever)
        stream = client.stream_build(context('FROM busybox\nRUN ["forever"]\n'), tag="x")
        with stream:
            assert started.wait(60)
        assert ended.wait(60)
        assert [image.repo_tags for image in client.images()] == [("busybox:latest",)]


def test_a_container_of_run_stays_if_it_failed_or_was_to_stay(client: Client) -> None:
    def left(dockerfile: str, **more: bool) -> list[str]:
        with contextlib.suppress(BuildFailed):
            client.build(context(dockerfile), options=BuildOptions(no_cache=True, **more))
        found = client.containers(all=True)
        for one in found:
            client.remove_container(one.id)
        return [str(one.command) for one in found]

    works, fails = "FROM busybox\nRUN echo\n", "FROM busybox\nRUN exit 3\n"
    assert (left(works), left(fails)) == ([], ["/bin/sh -c 'exit 3'"])
    assert left(works, rm=False) == ["/bin/sh -c echo"]
    assert left(fails, force_rm=True) == []


def test_a_container_of_run_is_seen_with_the_labels_of_the_image() -> None:
    seen: list[str] = []
    with FakeEngine("1.51") as engine, Client(engine.url) as client, Client(engine.url) as other:

        def look(run: Run) -> None:
            seen.extend(str(one.labels) for one in other.containers(filters={"label": "a=b"}))

        engine.on("busybox", ["look"], look)
        client.build(context('FROM busybox\nLABEL a=b\nENTRYPOINT ["x"]\nRUN ["look"]\n'))
    assert seen == ["{'a': 'b'}"]
