"""Builds: what is asked of the Engine, what comes, and what is refused."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import subprocess
import sys
import tarfile
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from api.rows import (
    FAILURE,
    NEW,
    NO_DATA,
    OLD,
    SESSION,
    Row,
    Statuses,
    all_of,
    check_refusal,
    check_refused_argument,
    encoded,
    played,
    recorded,
    refusals,
)
from caller import GET_SECRET, SWITCHED, Answer, Caller
from dockerapi import (
    ApiError,
    BadRequest,
    BuildFailed,
    BuildOptions,
    BuildSecret,
    Client,
    Conflict,
    Credentials,
    ServerError,
)
from dockerapi.buildkit.services import OUTPUT
from dockerapi.models.images import (
    Built,
    BuiltFiles,
    Progress,
)
from dockerapi.models.pruned import Pruned
from dockerapi.protocol.buildkit import NO_SESSION
from dockerapi.protocol.protobuf import field
from interruptions import Moments, told_only
from scripted import (
    PATIENCE,
    PODMAN,
    Conversation,
    Request,
    ScriptedDaemon,
    asked,
    chunked,
    json_reply,
)

BUILDKIT = BuildOptions(builder="buildkit")


def buildkit(name: str) -> bytes:
    """What an Engine answered to a build by BuildKit."""
    folder = Path(__file__).parent.parent / "recordings" / "buildkit"
    return (folder / f"{name}.jsonl").read_bytes()


SECRET = "s3cret"
ADA = Credentials(username="ada", password=SECRET)
ADA_AT_THE_HUB = base64.urlsafe_b64encode(
    json.dumps({"https://index.docker.io/v1/": {"username": "ada", "password": SECRET}}).encode()
).decode()
TAR = "application/x-tar"
IMAGE_ID = "sha256:79b093875232704b6a2bee72f2709aaf334b048ead3bbafaf254ae3f459a8cf2"


def values(*values: Any) -> bytes:
    """A stream of JSON values, a chunk and an end of line after each, as Engines send them."""
    return chunked(
        *(json.dumps(value).encode() + b"\r\n" for value in values),
        Content_Type="application/json",
    )


BUILD_LOG = """Step 1/3 : FROM busybox
 ---> 79b093875232
Step 2/3 : RUN echo built > /built
 ---> Using cache
 ---> b92ee925951e
Step 3/3 : CMD cat /built
 ---> Using cache
 ---> 73ec40d40307
Successfully built 73ec40d40307
Successfully tagged built:v1.41
"""
BUILT = Built(
    image_id="sha256:73ec40d40307321d8e7de4352054892e4403f3565e9d36a2a4e19c29c7146beb",
    tags=("built:v1.41",),
    log=BUILD_LOG,
)

TAR_OUTPUT = {"Type": "tar", "Attrs": {}}


class Files:
    """An Engine that ends the build when its files were taken."""

    taken = threading.Event()

    @staticmethod
    def session(conversation: Conversation) -> None:
        caller = Caller(conversation)
        stream = caller.begin(OUTPUT)
        caller.message(stream, field(1, b"a tar"), end=True)
        assert caller.answer(stream).status == 0
        Files.taken.set()
        with contextlib.suppress(ConnectionError):
            while True:
                caller.read()

    @staticmethod
    def build(conversation: Conversation) -> None:
        assert Files.taken.wait(PATIENCE)
        conversation.send(chunked(b'{"stream": "built\\n"}'))


ROWS = [
    # Build
    Row(
        id="build",
        call=lambda client: client.build(b"an archive"),
        asks=[asked("POST /build", b"an archive", Content_Type=TAR)],
        answers=["build"],
        gives=BUILT,
        at=(NEW,),
    ),
    Row(
        id="build: every argument",
        call=lambda client: client.build(
            io.BytesIO(b"an archive"),
            tag=["app:v1", "registry.example.com:5000/app"],
            dockerfile="docker/Dockerfile",
            options=BuildOptions(
                no_cache=True,
                pull=True,
                quiet=False,
                rm=True,
                force_rm=False,
                build_args={"A": "1"},
                labels={"a": "b"},
                memory="64m",
                cache_from=["app:v0"],
                extra={"newer": "1"},
            ),
            auth=ADA,
        ),
        asks=[
            asked(
                "POST /build?nocache=1&pull=1&q=0&rm=1&forcerm=0&buildargs="
                + encoded({"A": "1"})
                + "&labels="
                + encoded({"a": "b"})
                + f"&cachefrom={encoded(['app:v0'])}&memory=67108864&newer=1"
                + "&t=app%3Av1&t=registry.example.com%3A5000%2Fapp&dockerfile=docker%2FDockerfile",
                b"an archive",
                X_Registry_Config=ADA_AT_THE_HUB,
                Content_Type=TAR,
            )
        ],
        answers=["build"],
        gives=BUILT,
        at=(NEW,),
    ),
    Row(
        id="build: of a URL",
        call=lambda client: client.build("https://example.com/app.git#v1", tag="app"),
        asks=[asked("POST /build?t=app&remote=https%3A%2F%2Fexample.com%2Fapp.git%23v1")],
        answers=[values({"stream": "Successfully built 73ec40d40307\n"})],
        gives=Built(
            image_id="73ec40d40307",
            tags=("app:latest",),
            log="Successfully built 73ec40d40307\n",
        ),
    ),
    Row(
        id="stream_build",
        call=lambda client: all_of(client.stream_build(b"an archive", tag="app")),
        asks=[asked("POST /build?t=app", b"an archive", Content_Type=TAR)],
        answers=[values({"stream": "Step 1/1 : FROM scratch\n"}, {"aux": {"ID": IMAGE_ID}})],
        gives=[Progress(text="Step 1/1 : FROM scratch\n"), Progress(aux={"ID": IMAGE_ID})],
    ),
    Row(
        id="build: by BuildKit",
        call=lambda client: client.build(b"an archive", tag="app:v1", options=BUILDKIT),
        asks=[asked("POST /build?version=2&t=app%3Av1", b"an archive", Content_Type=TAR)],
        answers=[chunked(buildkit("26.1-built"))],
        gives=Built(
            image_id="sha256:31b75530457626b27b30b53a0d91802e23f04b4cd7c6d781185c1ad8f09abfad",
            tags=("app:v1",),
            log="""\
[internal] load remote build context
copy /context /
[internal] load metadata for docker.io/library/busybox:latest
[1/4] FROM docker.io/library/busybox:latest
CACHED
[2/4] COPY x /x
[3/4] RUN echo out; echo err >&2; printf 'no end'
out
no enderr
[4/4] RUN echo two
two
exporting to image
""",
        ),
        at=("1.38",),  # the last without a session
    ),
    Row(
        id="build_files",
        call=lambda client: client.build_files(b"an archive", io.BytesIO()),
        asks=[
            Request(
                "POST",
                "/session",
                {
                    "X-Docker-Expose-Session-Name": "dockerapi",
                    "X-Docker-Expose-Session-Sharedkey": "",
                    "X-Docker-Expose-Session-Grpc-Method": OUTPUT,
                },
            ),
            asked(
                f"POST /build?version=2&outputs={encoded([TAR_OUTPUT])}{SESSION}",
                b"an archive",
                Content_Type=TAR,
            ),
        ],
        answers=[Files.session, Files.build],
        gives=BuiltFiles(log="built\n"),
        at=(NEW,),
    ),
    # Prune
    Row(
        id="prune_build_cache",
        call=lambda client: client.prune_build_cache(),
        asks=[asked("POST /build/prune")],
        answers=[json_reply({"CachesDeleted": None, "SpaceReclaimed": 0})],
        gives=Pruned(space_reclaimed=0),
        at=(NEW,),
    ),
    Row(
        id="prune_build_cache: every argument",
        call=lambda client: client.prune_build_cache(
            all=True,
            filters={"until": "24h", "shared": True, "type": ["regular"], "private": []},
            reserved_space="1g",
            max_used_space=2**40,
            min_free_space=0,
        ),
        asks=[
            asked(
                "POST /build/prune?all=1&filters="
                + encoded({"until": ["24h"], "shared": [], "type": ["regular"], "private": []})
                + f"&reserved-space={2**30}&max-used-space={2**40}&min-free-space=0"
            )
        ],
        answers=[json_reply({"CachesDeleted": ["m6f", "ffc"], "SpaceReclaimed": 10305})],
        gives=Pruned(deleted=("m6f", "ffc"), space_reclaimed=10305),
        at=("1.51",),
        release="28.5.2",
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


# What the Engine refuses

STATUSES: Statuses = [
    ("POST /build", "build: of a URL", {400: BadRequest, 500: ServerError}),
    (
        "POST /build/prune",
        "prune_build_cache",
        {400: BadRequest, 409: Conflict, 500: ServerError},
    ),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize("name", ["20.10-failed", "26.1-failed", "28.5-failed"])
def test_a_build_by_buildkit_that_fails_tells_the_same_as_another(name: str) -> None:
    script = {"POST /v1.38/build": chunked(buildkit(name))}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version="1.38") as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"an archive", options=BUILDKIT)
    error = caught.value
    assert (error.step, error.exit_code, error.route) == (
        "[a 2/2] RUN echo before; sleep .3; exit 7",
        7,
        "POST /build",
    )
    assert error.message.endswith(": exit code: 7")
    assert error.log.endswith("before\n")
    assert (error.output, error.hint) == ("before", "")
    assert str(error) == f"POST /build: {error.message}\nbefore"


def test_a_build_that_needs_a_session_says_so_after_the_words_of_the_engine() -> None:
    script = {"POST /v1.38/build": chunked(buildkit("28.5-secret"))}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version="1.38") as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"an archive", options=BUILDKIT)
    assert caught.value.message == "no active sessions"
    assert str(caught.value) == f"POST /build: no active sessions ({NO_SESSION})"


# The session of a build by BuildKit

GIVEN = BuildOptions(builder="buildkit", secrets={"x": b"s3cret"})


class Engine:
    """Asks for a secret before it ends a build."""

    def __init__(self, id: str, end: bytes) -> None:
        self.answers: list[Answer] = []
        self.ended = threading.Event()
        self.script = {"POST /v1.41/session": self._session, "POST /v1.41/build": self._build}
        self._id = id
        self._end = end
        self._asked = threading.Event()

    def _session(self, conversation: Conversation) -> None:
        caller = Caller(conversation)
        self.answers.append(caller.unary(GET_SECRET, field(1, self._id.encode())))
        self._asked.set()
        with contextlib.suppress(ConnectionError):
            while True:
                caller.read()
        self.ended.set()

    def _build(self, conversation: Conversation) -> None:
        assert self._asked.wait(PATIENCE)
        conversation.send(self._end)


def test_a_build_is_posted_with_the_name_of_its_session_and_ends_it() -> None:
    engine = Engine("x", chunked(buildkit("28.5-built")))
    with ScriptedDaemon(engine.script) as daemon, Client(daemon.url) as client:
        client.build(b"an archive", options=GIVEN)
        assert engine.ended.wait(PATIENCE)
    first, second = daemon.requests
    name = first.headers["X-Docker-Expose-Session-Uuid"]
    assert second == asked(
        f"POST /v1.41/build?version=2&session={name}", b"an archive", Content_Type=TAR
    )
    assert engine.answers == [Answer(0, "", [field(1, b"s3cret")], True)]


def test_a_build_that_failed_by_what_was_asked_for_has_that_as_its_cause() -> None:
    error = {"error": "secret y: not found", "errorDetail": {"message": "secret y: not found"}}
    engine = Engine("y", chunked(json.dumps(error).encode()))
    with ScriptedDaemon(engine.script) as daemon, Client(daemon.url) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"an archive", options=GIVEN)
    assert str(caught.value.__cause__) == "secrets: 'y' was asked for, and was not given"


class Ring(BaseException):
    """What a handler raises."""


@pytest.mark.dear
def test_a_handler_that_raises_at_any_moment_leaves_no_session() -> None:
    """Also between the moment at which it is open and the one at which the build has it."""
    open_ones = threading.Semaphore(0)

    def session(conversation: Conversation) -> None:
        conversation.send(SWITCHED)
        conversation.wait_for_hangup()
        open_ones.release()

    def ring() -> None:
        raise Ring

    script = {
        "POST /v1.41/session": session,
        "POST /v1.41/build": chunked(buildkit("28.5-built")),
    }
    moments = Moments(signals=True, once=True, within="build")  # api/build.py, and buildkit/
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client, told_only(Ring):
        client.build(b"an archive", options=GIVEN)  # what is imported has no moments of its own
        assert open_ones.acquire(timeout=PATIENCE)

        def play(at: int) -> None:
            before = sum(one.target.endswith("/session") for one in daemon.requests)
            with contextlib.suppress(Ring):
                moments.interrupt(lambda: client.build(b"an archive", options=GIVEN), at, ring)
            opened = sum(one.target.endswith("/session") for one in daemon.requests) - before
            for _ in range(opened):
                assert open_ones.acquire(timeout=PATIENCE), moments.place

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # of a stream that nobody had yet
            assert moments.each(play) > 20


def test_a_build_is_not_posted_where_its_session_cannot_be_opened() -> None:
    for status, options in [(500, BUILDKIT), (404, GIVEN)]:
        script = {"POST /v1.41/session": json_reply({"message": "no"}, status)}
        with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
            with pytest.raises(ApiError) as caught:
                client.build(b"an archive", options=options)
        assert (caught.value.route, caught.value.status) == ("POST /session", status)


def test_what_has_no_sessions_may_build_what_needs_none() -> None:
    script = {
        "POST /v1.41/session": json_reply({"message": "page not found"}, 404),
        "POST /v1.41/build": chunked(buildkit("28.5-built")),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.build(b"an archive", options=BUILDKIT)
    assert daemon.requests[1].target == "/v1.41/build?version=2"


WITHOUT_H2 = """
import io, sys
sys.modules["h2"] = sys.modules["h2.config"] = None
from dockerapi import BuildOptions, Client

def build(context, dockerfile=None, **options):
    options = BuildOptions(builder="buildkit", **options)
    try:
        client.build(context, dockerfile=dockerfile, options=options)
    except ImportError as error:
        print(error)

with Client(sys.argv[1]) as client:
    build(b"an archive")
    build(b"", secrets={"x": b"s"})
    build(b"", ssh={"default": "/x"})
    build(None, io.StringIO("FROM a\\nRUN --mount=type=ssh true"))
"""


@pytest.mark.dear
def test_without_the_extra_a_build_goes_without_a_session_or_says_what_to_install() -> None:
    script = {"POST /v1.41/build": chunked(buildkit("28.5-built"))}
    with ScriptedDaemon(script) as daemon:
        command = [sys.executable, "-c", WITHOUT_H2, daemon.url]
        ran = subprocess.run(command, capture_output=True, text=True)
    needs = [
        f"build: {what} needs: pip install 'dockerapi[buildkit]'"
        for what in ("secrets", "ssh", "RUN --mount=type=ssh")
    ]
    assert (ran.stdout.splitlines(), ran.stderr) == (needs, "")
    assert [request.target for request in daemon.requests] == ["/v1.41/build?version=2"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"secrets": {"x": BuildSecret.of_env("NO_SUCH")}}, ValueError, "no variable NO_SUCH"),
        ({"secrets": {"x": Path("/no/such")}}, FileNotFoundError, "/no/such"),
        ({"secrets": {"x": bytes(512_001)}}, ValueError, "there may be 512000 bytes"),
        ({"ssh": {"default": "/no/such"}}, FileNotFoundError, "/no/such"),
        ({"secrets": {"x": b""}, "builder": None}, ValueError, "secrets: only BuildKit takes them"),
    ],
    ids=["a variable", "a file", "a large one", "an agent", "no builder named"],
)
def test_what_is_not_there_is_found_before_anything_is_sent(
    options: Any, error: type[Exception], words: str
) -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(error, match=words):
            client.build(b"", options=BuildOptions(**{"builder": "buildkit", **options}))
    assert (daemon.requests, daemon.negotiations) == ([], 0)


def test_files_come_of_buildkit_only_and_go_into_a_folder_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    classic = BuildOptions(builder="classic")
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(ValueError, match="^build_files: builder: the classic one gives no"):
            client.build_files(b"", tmp_path, options=classic)
        with pytest.raises(NotADirectoryError):
            client.build_files(b"", tmp_path / "file")
        with pytest.raises(TypeError):
            client.build_files(b"", io.StringIO())  # type: ignore[arg-type]
    assert (daemon.requests, daemon.negotiations) == ([], 0)


BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "build: options that are a dictionary": (
        lambda client: client.build(b"", options={"pull": True}),
        TypeError,
        "options: use dockerapi.BuildOptions(...); it was a dict",
    ),
    "build: credentials that are a pair": (
        lambda client: client.build(b"", auth=("ada", "secret")),
        TypeError,
        "auth: use dockerapi.Credentials(...); it was a tuple",
    ),
    "build: no directory": (
        lambda client: client.build("/no/such/directory"),
        ValueError,
        "build: the context is no directory: '/no/such/directory'",
    ),
    "build: nothing": (
        lambda client: client.build(None),
        ValueError,
        "build: without a context it needs the text of a Dockerfile: dockerfile=io.StringIO(text)",
    ),
    "build: what gives no bytes": (
        lambda client: client.build(7),
        TypeError,
        f"context: {NO_DATA}7",
    ),
    "build: a number as the size of a shell": (
        lambda client: client.build(b"", options=BuildOptions(memory="much")),
        ValueError,
        "memory: a size such as 64m or 1.5g was expected, not 'much'",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_recorded_build_that_failed_tells_its_step_its_exit_code_and_its_log(
    version: str,
) -> None:
    script = {f"POST /v{version}/build": recorded("build_fail", version)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"an archive")
    found = caught.value
    *log, running = found.log.splitlines()
    assert (found.message, found.step, found.exit_code, log, running[:15]) == (
        "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
        "Step 2/2 : RUN exit 7",
        7,
        ["Step 1/2 : FROM busybox", " ---> 79b093875232", "Step 2/2 : RUN exit 7"],
        " ---> Running i",
    )


def test_a_build_that_failed_tells_the_end_of_the_output_of_its_step() -> None:
    """20 lines, without those of steps before and those of the Engine."""
    log = ["Step 1/2 : RUN echo early\n", " ---> Running in 0a1b2c3d4e5f\n", "early\n"]
    log += ["Step 2/2 : RUN make\n", " ---> Running in 1a1b2c3d4e5f\n"]
    log += [f"line {number}\n" for number in range(100)]
    log += ["Removing intermediate container 1a1b2c3d4e5f\n"]
    script = {"POST /v1.41/build": values(*({"stream": text} for text in log), FAILURE)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"")
    last = "\n".join(f"line {number}" for number in range(80, 100))
    assert caught.value.output == last
    assert str(caught.value) == f"POST /build: {FAILURE['error']}\n{last}"


def test_a_build_that_fails_before_its_first_step_names_none() -> None:
    script = {"POST /v1.41/build": values(FAILURE)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"")
    assert (caught.value.step, caught.value.log) == (None, "")


# Uploads


def test_a_directory_is_built_from_its_archive(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    (tmp_path / "data").write_bytes(b"x" * 200_000)
    script = {"POST /v1.41/build": recorded("build")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.build(tmp_path) == BUILT
    (request,) = daemon.requests
    with tarfile.open(fileobj=io.BytesIO(request.content)) as archive:
        names = [(member.name, member.size) for member in archive]
    assert (request.target, request.headers, names) == (
        "/v1.41/build",
        {"Content-Type": TAR},
        [("Dockerfile", 13), ("data", 200_000)],
    )


def test_the_text_of_a_dockerfile_is_built_alone() -> None:
    script = {"POST /v1.41/build": recorded("build")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.build(None, dockerfile=io.StringIO("FROM busybox\n")) == BUILT
    (request,) = daemon.requests
    with tarfile.open(fileobj=io.BytesIO(request.content)) as archive:
        names = [(member.name, member.size) for member in archive]
    assert (request.target, names) == ("/v1.41/build", [("Dockerfile", 13)])


def test_a_build_that_failed_on_podman_tells_its_step_its_exit_code_and_its_log() -> None:
    """As 4.3.1 and 5.4.2 send it: no number, and steps in capitals."""
    words = 'building at STEP "RUN echo hi; exit 7": while running runtime: exit status 7\n'
    output = ["STEP 1/2: FROM busybox\n", "STEP 2/2: RUN echo hi; exit 7\n", "hi\n"]
    failure = {"errorDetail": {"message": words}, "error": words}
    reports = [{"stream": piece} for piece in output]
    script = {"GET /version": json_reply(PODMAN), "POST /v1.41/build": values(*reports, failure)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(b"")
    found = caught.value
    assert (found.message, found.step, found.exit_code, found.log) == (
        words.strip(),
        "STEP 2/2: RUN echo hi; exit 7",
        7,
        "".join(output),
    )
    assert str(found) == f"POST /build: {words}hi"


def test_a_build_on_podman_has_the_names_that_it_was_given() -> None:
    """It repeats them as they were asked for, where Engines add the tag."""
    reports = [
        {"stream": "Successfully tagged docker.io/library/app:latest\n"},
        {"aux": {"ID": "sha256:0123"}},
        {"stream": "Successfully built 0123\n"},
        {"stream": "Successfully tagged app\n"},
        {"stream": "Successfully tagged localhost:5000/app\n"},
    ]
    script = {"GET /version": json_reply(PODMAN), "POST /v1.41/build": values(*reports)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        names = ["app", "localhost:5000/app"]
        assert client.build(b"", tag=names).tags == ("app:latest", "localhost:5000/app:latest")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"filters": {"label": "a"}},
            ValueError,
            "filters: one of until, unused-for, id, parent, type, description, inuse, shared, "
            "private, mutable, immutable was expected, not 'label'",
        ),
        (
            {"filters": {"inuse": False}},
            ValueError,
            "filters: inuse: True was expected, not ['false']",
        ),
        ({"reserved_space": -1}, ValueError, "reserved_space: at least 0 was expected, not -1"),
        (
            {"max_used_space": "much"},
            ValueError,
            "max_used_space: a size such as 64m or 1.5g was expected, not 'much'",
        ),
        (
            {"min_free_space": True},
            TypeError,
            "min_free_space: a whole number was expected, not True",
        ),
    ],
)
def test_what_no_prune_of_the_cache_does_is_refused_and_nothing_is_sent(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    check_refused_argument(
        lambda client: client.prune_build_cache(all=True, **given), error, message
    )
