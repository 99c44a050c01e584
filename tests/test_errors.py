"""The tree of errors: what is caught by what, what they say, and that they survive a pickle."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

from dockerapi import Output, errors
from dockerapi.errors import (
    ApiError,
    BadArchive,
    BadRequest,
    BuildFailed,
    Busy,
    Closed,
    CommandFailed,
    Conflict,
    ConnectionFailed,
    ContainerNotFound,
    CredentialsError,
    DockerError,
    Forbidden,
    ImageNotFound,
    ImportFailed,
    InUse,
    JoinPending,
    LoadFailed,
    LogsIncomplete,
    NetworkNotFound,
    NoCommonVersion,
    NotAcceptable,
    NotAFrame,
    NotAManager,
    NotFound,
    NotSupported,
    OperationFailed,
    OutOfSequence,
    PathNotFound,
    PluginNotFound,
    PrivilegesNeeded,
    PullFailed,
    PushFailed,
    RateLimited,
    ServerError,
    ServiceFailed,
    StreamError,
    StreamInterrupted,
    TimedOut,
    Truncated,
    Unauthorized,
    UnexpectedReply,
    VersionError,
    VolumeNotFound,
    command_failed,
    engine_words,
    error_for,
    fits_several,
    is_success,
    last_lines,
    shown,
)
from dockerapi.models.services import Service
from dockerapi.models.tasks import Task

BASES: dict[type[DockerError], tuple[type, ...]] = {
    DockerError: (Exception,),
    ConnectionFailed: (DockerError, ConnectionError),
    TimedOut: (ConnectionFailed, TimeoutError),
    Closed: (ConnectionFailed,),
    ApiError: (DockerError,),
    BadRequest: (ApiError,),
    Unauthorized: (ApiError,),
    Forbidden: (ApiError,),
    NotFound: (ApiError,),
    ContainerNotFound: (NotFound,),
    ImageNotFound: (NotFound,),
    NetworkNotFound: (NotFound,),
    VolumeNotFound: (NotFound,),
    PluginNotFound: (NotFound,),
    PathNotFound: (NotFound,),
    OutOfSequence: (Conflict,),
    NotAManager: (ApiError,),
    JoinPending: (ApiError,),
    NotAcceptable: (ApiError,),
    RateLimited: (ApiError,),
    Conflict: (ApiError,),
    InUse: (Conflict,),
    Busy: (Conflict,),
    ServerError: (ApiError,),
    VersionError: (DockerError,),
    NoCommonVersion: (VersionError,),
    NotSupported: (VersionError,),
    StreamError: (DockerError,),
    NotAFrame: (StreamError,),
    BadArchive: (StreamError,),
    Truncated: (StreamError,),
    StreamInterrupted: (StreamError,),
    LogsIncomplete: (StreamError,),
    OperationFailed: (DockerError,),
    BuildFailed: (OperationFailed,),
    PullFailed: (OperationFailed,),
    PushFailed: (OperationFailed,),
    LoadFailed: (OperationFailed,),
    ImportFailed: (OperationFailed,),
    PrivilegesNeeded: (DockerError,),
    ServiceFailed: (DockerError,),
    CommandFailed: (DockerError,),
    CredentialsError: (DockerError,),
    UnexpectedReply: (DockerError,),
}


def defined() -> Iterator[type[DockerError]]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, DockerError):
            yield value


def test_the_tree_is_as_drawn() -> None:
    assert {cls: cls.__bases__ for cls in defined()} == BASES


def test_every_class_is_in_the_drawing_at_the_top() -> None:
    drawing = errors.__doc__ or ""
    assert [
        cls.__name__ for cls in BASES if cls.__name__ not in drawing.split("A class is")[0]
    ] == []


TASK = Task.parse({"ID": "t", "Version": {"Index": 1}, "Spec": {}})
SERVICE = Service.parse({"ID": "s", "Version": {"Index": 1}, "Spec": {}})
# One of each class, with everything that it can hold.
SAMPLES: list[DockerError] = [
    DockerError("words"),
    ConnectionFailed("words"),
    TimedOut("words", kind="read", seconds=2.5, output=Output(b"out", b"err", b"outerr")),
    TimedOut("words", kind="whole", seconds=9, tasks=(TASK,)),
    Closed("words"),
    *(
        cls("words", route="GET /info", status=418)
        for cls in BASES
        if cls is ApiError or ApiError in cls.__mro__
    ),
    InUse("words", route="DELETE /networks/{id}", status=403, users=("web",)),
    NotAManager("words", route="GET /swarm", status=503, state="worker"),
    VersionError("words"),
    NoCommonVersion("words"),
    NotSupported("words", route="GET /info", what="?x", needs="1.19", has="1.18"),
    StreamError("words"),
    NotAFrame("words", data=b"\x07"),
    BadArchive("words", member="a"),
    Truncated("words", missing=3),
    StreamInterrupted("words"),
    LogsIncomplete("words", nodes=("n1",), tasks=("t1", "t2")),
    OperationFailed("words", route="POST /build", code=3),
    BuildFailed(
        "words",
        route="POST /build",
        code=3,
        step="Step 1 : RUN x",
        log="Step 1",
        output="out",
        hint="do that",
    ),
    PullFailed("words", route="POST /images/create", code=1),
    PushFailed("words", route="POST /images/{name}/push", code=1),
    LoadFailed("words", route="POST /images/load", code=1),
    ImportFailed("words", route="POST /images/create", code=1),
    PrivilegesNeeded("words", privileges=("network",)),
    ServiceFailed("words", service=SERVICE, tasks=(TASK,)),
    CommandFailed("words", exit_code=7, output=Output(b"out", b"err", b"outerr")),
    CredentialsError("words"),
    UnexpectedReply("words", raw={"Id": None}),
]


LINES = "".join(f"line {number}\n" for number in range(30))


@pytest.mark.parametrize(
    ("output", "told"),
    [
        pytest.param(Output(), "", id="nothing"),
        pytest.param(Output(b"\n\n", b" "), "", id="nothing to see"),
        pytest.param(Output(b"out\n", b""), "\nstdout:\nout", id="as of what cannot start"),
        pytest.param(Output(b"", b"err"), "\nstderr:\nerr", id="stderr alone"),
        pytest.param(Output(b"a\n", b"b\n"), "\nstdout:\na\nstderr:\nb", id="both"),
        pytest.param(
            Output(LINES.encode(), b"\xff"),
            f"\nstdout:\n{LINES[-160:].rstrip()}\nstderr:\n\ufffd",
            id="the last lines",
        ),
        pytest.param(
            Output("\u00e4".encode() * 3000 + b"x", b"e" * 5000),
            "\nstdout:\n" + "\u00e4" * 2047 + "x\nstderr:\n" + "e" * 4096,
            id="the last 4 KiB",
        ),
    ],
)
def test_a_command_that_failed_tells_how_its_outputs_end(output: Output, told: str) -> None:
    error = command_failed("busybox ['false']", 3, output)
    assert str(error) == f"busybox ['false'] ended with exit code 3{told}"
    assert (error.exit_code, error.output) == (3, output)


def test_the_output_of_a_command_that_failed_is_never_none() -> None:
    """So that a type checker lets `error.output.stderr` through, which the guide has."""
    assert CommandFailed("words").output == Output()


def test_there_is_a_sample_of_every_class() -> None:
    assert {type(sample) for sample in SAMPLES} == set(BASES)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_a_pickle_whole(error: DockerError, protocol: int) -> None:
    copy = pickle.loads(pickle.dumps(error, protocol))
    assert type(copy) is type(error)
    assert (copy.args, vars(copy), str(copy)) == (error.args, vars(error), str(error))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DockerError("words"), "words"),
        (TimedOut("words", kind="read", seconds=1), "words"),
        (NotFound("no such id", route="GET /info", status=404), "GET /info: 404 no such id"),
        (ServerError("", route="GET /info", status=500), "GET /info: 500 (no message)"),
        (OperationFailed("words"), "words"),
        (OperationFailed("words", route="POST /build"), "POST /build: words"),
    ],
)
def test_an_error_says(error: DockerError, text: str) -> None:
    assert str(error) == text


def test_the_exit_code_of_a_failed_build_is_the_code_that_the_engine_gave() -> None:
    assert BuildFailed("words", code=7).exit_code == 7
    assert BuildFailed("words").exit_code is None


def test_a_hint_and_the_output_follow_the_words_of_a_build_that_failed() -> None:
    error = BuildFailed("words", route="POST /build", output="why\nnot", hint="do that")
    assert str(error) == "POST /build: words (do that)\nwhy\nnot"
    assert error.message == "words"


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("", ""),
        ("\n \n", ""),
        ("\na\n\nb\n\n", "a\n\nb"),
        ("x\n" * 21, "\n".join(["x"] * 20)),
        ("\u20ac" * 2000, "\u20ac" * 1365),
        ("\udcff", ""),
    ],
    ids=["nothing", "white space", "all", "many lines", "much text", "no text"],
)
def test_of_an_output_an_error_shows_the_end(output: str, shown: str) -> None:
    assert last_lines(output) == shown


@pytest.mark.parametrize(
    ("route", "status", "expected"),
    [
        ("GET /info", 400, BadRequest),
        ("GET /info", 401, Unauthorized),
        ("GET /info", 402, ApiError),
        ("GET /info", 403, Forbidden),
        ("GET /info", 404, NotFound),
        ("POST /containers/{id}/attach", 406, NotAcceptable),
        ("POST /containers/create", 409, Conflict),
        ("GET /info", 418, ApiError),
        ("GET /info", 302, ApiError),
        ("GET /info", 500, ServerError),
        ("GET /info", 503, ServerError),
        ("GET /info", 599, ServerError),
        # What is missing, only words tell.
        ("GET /containers/{id}/json", 404, NotFound),
        ("POST /containers/create", 404, NotFound),
        ("POST /images/create", 404, NotFound),
        ("POST /build", 404, NotFound),
    ],
)
def test_the_class_follows_from_status_and_route(
    route: str, status: int, expected: type[ApiError]
) -> None:
    error = error_for(route, status, "words")
    assert type(error) is expected
    assert (error.route, error.status, error.message) == (route, status, "words")


ID = "0c1bce6b0b7a" * 5
CREATE, START, PULL = (
    "POST /containers/create",
    "POST /containers/{id}/start",
    "POST /images/create",
)
OF_A_PLATFORM = "image with reference busybox was found but "
LOOKUP = "dial tcp: lookup nope.invalid on 10.255.255.53:53: no such host"
NO_COMMAND = 'unable to start container process: exec: "nope": executable file not found in $PATH'


@pytest.mark.parametrize(
    ("route", "words", "expected"),
    [
        # Creating a container: the image, for all releases and for Podman, or anything else.
        (CREATE, "No such image: nope:latest", ImageNotFound),
        (CREATE, "No such image: nope (tag: latest)", ImageNotFound),
        (CREATE, "create: No such image: nope (tag: latest)", ImageNotFound),
        (CREATE, f"No such image: busybox@sha256:{ID}", ImageNotFound),
        (CREATE, "no such image: docker.io/library/nope: image not known", ImageNotFound),
        (
            CREATE,
            f"{OF_A_PLATFORM}does not match the specified platform: wanted linux/s390x, actual: "
            "linux/amd64",
            ImageNotFound,
        ),
        (
            CREATE,
            f"{OF_A_PLATFORM}its platform (linux/amd64) does not match the specified platform "
            "(linux/s390x)",
            ImageNotFound,
        ),
        (CREATE, f"{OF_A_PLATFORM}does not provide the specified platform (x)", ImageNotFound),
        (
            CREATE,
            'create x: error looking up volume plugin nope: plugin "nope" not found',
            PluginNotFound,
        ),
        (
            CREATE,
            "create x: create x: Error looking up volume plugin nope: legacy plugin: plugin not "
            "found",
            PluginNotFound,
        ),
        (CREATE, "Error looking up volume plugin nope: Plugin not found", PluginNotFound),
        (CREATE, "No such container: nope", ContainerNotFound),
        (CREATE, "could not get container for nope: No such container: nope", ContainerNotFound),
        (CREATE, "no such id: nope", ContainerNotFound),
        (CREATE, "get x: no such volume", VolumeNotFound),
        (CREATE, "network nope not found", NetworkNotFound),
        (CREATE, "404 page not found", NotFound),
        (CREATE, "page not found", NotFound),
        (CREATE, "", NotFound),
        (CREATE, "<html><h1>Not Found</h1> the image is not known here</html>", NotFound),
        # Starting one.
        (START, "network nope not found", NetworkNotFound),
        (START, "failed to set up container networking: network nope not found", NetworkNotFound),
        (START, "No such container: nope", ContainerNotFound),
        (START, "no such id: nope", ContainerNotFound),
        (
            START,
            f"OCI runtime create failed: runc create failed: {NO_COMMAND}: unknown",
            BadRequest,
        ),
        (
            START,
            "oci runtime error: container_linux.go:262: starting container process caused "
            '"exec: \\"/nope\\": stat /nope: no such file or directory"',
            BadRequest,
        ),
        (
            START,
            f"Cannot start container {ID}: [8] System error: exec: "
            '"nope": executable file not found in $PATH',
            BadRequest,
        ),
        (START, "Container command 'nope' not found or does not exist.", BadRequest),
        (
            START,
            'error gathering device information while adding custom device "/dev/nope": '
            "no such file or directory",
            ServerError,
        ),
        ("POST /exec/{id}/start", f"exec failed: {NO_COMMAND}", BadRequest),
        ("GET /containers/{id}/top", 'exec: "ps": executable file not found in $PATH', ServerError),
        # What is asked of a registry or a web server.
        (PULL, f'Get "https://nope.invalid/v2/": {LOOKUP}', ServerError),
        ("POST /auth", f'Get "https://nope.invalid/v2/": {LOOKUP}', ServerError),
        ("GET /images/search", f"invalid registry endpoint: {LOOKUP}. If this", ServerError),
        (
            "POST /build",
            f"error downloading remote context http://nope.invalid/x: {LOOKUP}",
            ServerError,
        ),
        ("POST /build", "failed to GET http://h/x with status 404 Not Found", ServerError),
        (PULL, "Got HTTP status code >= 400: 404 Not Found", ServerError),
        (
            "POST /auth",
            "login attempt to http://r:5000/v2/ failed with status: 404 Not Found",
            ServerError,
        ),
        (PULL, "manifest for r:5000/x:y not found: manifest unknown", ImageNotFound),
        (PULL, "Error: image library/nope not found", ImageNotFound),
        (
            PULL,
            "repository nope not found: does not exist or no pull access",
            ImageNotFound,
        ),
        (
            PULL,
            "pull access denied for nope, repository does not exist or may require 'docker login'",
            ImageNotFound,
        ),
        # Anything else.
        (
            "POST /containers/{id}/kill",
            "Cannot kill container: x: No such container: x",
            ContainerNotFound,
        ),
        (
            "GET /containers/{id}/json",
            'no container with name or ID "nope" found: no such container',
            ContainerNotFound,
        ),
        ("POST /commit", "No such container: nope", ContainerNotFound),
        (
            "GET /images/{name}/json",
            "no such image: nope: No such image: nope:latest",
            ImageNotFound,
        ),
        ("GET /images/{name}/json", "failed to find image x: x: image not known", ImageNotFound),
        (
            "GET /containers/{id}/archive",
            f"Could not find the file /x in container {ID}",
            PathNotFound,
        ),
        (
            "GET /containers/{id}/archive",
            f"Could not find the file /No such container: y in container {ID}",
            PathNotFound,
        ),
        ("GET /containers/{id}/archive", "no such file or directory", PathNotFound),
        ("GET /exec/{id}/json", "No such exec instance: nope", NotFound),
        ("GET /exec/{id}/json", "No such exec instance 'nope' found in daemon", NotFound),
        # 0.6.6, of a volume that it takes for the last part of a bind, when the container is gone.
        ("DELETE /containers/{id}", "No such id: run", NotFound),
    ],
)
def test_the_class_of_a_404_follows_from_what_is_missing(
    route: str, words: str, expected: type[ApiError]
) -> None:
    error = error_for(route, 404, words)
    assert (type(error), error.status, error.message) == (expected, 404, words)


@pytest.mark.parametrize("status", [404, 406, 409])
def test_a_name_that_makes_another_status_is_not_found_all_the_same(status: int) -> None:
    """1.7 to 1.12 make the status of any of the words that they find."""
    error = error_for("GET /containers/{id}/json", status, "No such container: conflict-1")
    assert (type(error), error.status) == (ContainerNotFound, status)


@pytest.mark.parametrize(
    ("route", "status", "words", "expected"),
    [
        (
            "POST /auth",
            500,
            "login attempt to http://r:5000/v2/ failed with status: 401 Unauthorized",
            Unauthorized,
        ),
        (
            "POST /auth",
            500,
            "login attempt to http://r:5000/v2/ failed with status: 404 Not Found",
            ServerError,
        ),
        (
            "POST /images/create",
            500,
            'Head "http://r:5000/v2/app/manifests/1": no basic auth credentials',
            Unauthorized,
        ),
        ("POST /images/create", 500, "unauthorized: authentication required", Unauthorized),
        (
            "POST /images/create",
            500,
            'Get "http://r:5000/v2/": dial tcp r:5000: connect: connection refused',
            ServerError,
        ),
        ("POST /images/create", 500, "unauthorized", Unauthorized),
        ("POST /images/create", 500, "denied: requested access", Forbidden),
        # With the images in containerd's store (28.5, 29.7).
        (
            "POST /images/create",
            500,
            'failed to resolve reference "r:5000/x:1": pull access denied, repository does not '
            "exist or may require authorization: authorization failed: no basic auth credentials",
            Unauthorized,
        ),
        (
            "POST /images/create",
            500,
            'unknown: failed to resolve reference "r:5000/x:1": unexpected status from HEAD '
            "request to http://r:5000/v2/x/manifests/1: 401 Unauthorized",
            Unauthorized,
        ),
        (
            "POST /images/create",
            500,
            'unknown: failed to resolve reference "r:5000/x:1": unexpected status from HEAD '
            "request to http://r:5000/v2/x/manifests/1: 403 Forbidden",
            Forbidden,
        ),
        (
            "POST /images/create",
            500,
            'unknown: failed to resolve reference "r:5000/x:1": unexpected status from HEAD '
            "request to http://r:5000/v2/x/manifests/1: 429 Too Many Requests",
            RateLimited,
        ),
        (
            "POST /images/create",
            500,
            "error parsing HTTP 429 response body: invalid character 'T' looking for beginning of "
            'value: "Too Many Requests"',
            RateLimited,
        ),
        ("POST /images/create", 429, "toomanyrequests: slower", RateLimited),
        ("GET /images/search", 500, "Unexpected status code 429", RateLimited),
        ("GET /info", 500, "toomanyrequests: slower", ServerError),
        # 1.5 to 1.10.
        (
            "POST /auth",
            500,
            "no successful auth challenge for http://r:5000/v2/ - errors: [basic auth attempt to "
            'http://r:5000/v2/ realm "r" failed with status: 401 Unauthorized]',
            Unauthorized,
        ),
        ("POST /images/create", 503, "unauthorized: authentication required", ServerError),
        ("GET /info", 500, "unauthorized: authentication required", ServerError),
        # Podman 4.3 and 5.4.
        (
            "POST /images/{name}/push",
            500,
            "trying to reuse blob sha256:17d4 at destination: checking whether a blob sha256:17d4 "
            "exists in r:5000/x: authentication required",
            Unauthorized,
        ),
        (
            "POST /images/{name}/push",
            500,
            "trying to reuse blob sha256:17d4 at destination: checking whether a blob sha256:17d4 "
            "exists in r:5000/x: unauthorized: authentication required",
            Unauthorized,
        ),
        (
            "POST /images/create",
            500,
            "unable to retrieve auth token: invalid username/password: unauthorized: wrong user",
            Unauthorized,
        ),
        (
            "POST /images/{name}/push",
            500,
            "writing blob: initiating layer upload to /v2/x/blobs/uploads/ in r:5000: denied: no",
            Forbidden,
        ),
        (
            "POST /images/{name}/push",
            500,
            "writing manifest: uploading manifest 1 to r:5000/x: requested access to the resource "
            "is denied",
            Forbidden,
        ),
    ],
)
def test_a_registry_that_refuses_is_no_failure_of_the_engine(
    route: str, status: int, words: str, expected: type[ApiError]
) -> None:
    error = error_for(route, status, words)
    assert (type(error), error.status, error.message) == (expected, status, words)


ARCHIVE = "PUT /containers/{id}/archive"
PROCESSING = "Error processing tar file(exit status 1): "
CROSSED = 'cannot overwrite non-directory "/etc/passwd" with directory "/etc"'


@pytest.mark.parametrize(
    ("route", "words", "expected"),
    [
        (ARCHIVE, "extraction point is not a directory", BadRequest),
        (ARCHIVE, "container rootfs is marked read-only", BadRequest),
        (ARCHIVE, PROCESSING + CROSSED, BadRequest),
        (ARCHIVE, CROSSED, BadRequest),
        (ARCHIVE, PROCESSING + "unexpected EOF", ServerError),
        (ARCHIVE, PROCESSING + "mkdir /etc/passwd/x: not a directory", ServerError),
        (ARCHIVE, "lstat /etc/passwd/: not a directory", PathNotFound),
        ("POST /containers/{id}/unpause", "Container 87ed is not paused", Conflict),
        ("POST /containers/{id}/pause", "Container 87ed is not paused", ServerError),
    ],
)
def test_what_is_no_fault_of_the_engine_is_none_of_its_own(
    route: str, words: str, expected: type[ApiError]
) -> None:
    """20.10.24 and 28.5.2 answer 500."""
    assert type(error_for(route, 500, words)) is expected
    assert type(error_for(route, 503, words)) is ServerError


REMOVE = "DELETE /networks/{id}"
PERMANENT = "rpc error: code = FailedPrecondition desc = "


@pytest.mark.parametrize(
    ("route", "status", "words", "users"),
    [
        (REMOVE, 500, "network rec-full has active endpoints", ()),
        (
            REMOVE,
            403,
            "error while removing network: network a b id 87ed has active endpoints",
            (),
        ),
        (
            REMOVE,
            403,
            'error while removing network: network n has active endpoints (name:"web" id:"bc0d", '
            'name:"db" id:"87ed")',
            ("web", "db"),
        ),
        (REMOVE, 400, f"{PERMANENT}network 2ndu is in use by service 6l7k", ("6l7k",)),
        (
            REMOVE,
            400,
            f"{PERMANENT}ingress network cannot be removed because service pd29 depends on it",
            ("pd29",),
        ),
        (
            "DELETE /images/{name}",
            409,
            "Conflict, cannot delete 87ed because the running container 0a1b is using it, stop it "
            "and use -f to force",
            ("0a1b",),
        ),
        (
            "DELETE /images/{name}",
            409,
            'conflict: unable to remove repository reference "app" (must force) - container 0a1b '
            "is using its referenced image 87ed",
            ("0a1b",),
        ),
        (
            "DELETE /images/{name}",
            409,
            "conflict: unable to delete 87ed (cannot be forced) - image is being used by running "
            "container 0a1b",
            ("0a1b",),
        ),
        ("DELETE /volumes/{name}", 409, "Conflict: volume is in use", ()),  # 1.9
        (
            "DELETE /volumes/{name}",
            409,
            f"Unable to remove volume, volume still in use: remove {'a' * 64}: volume is in use - "
            f"[{'b' * 64}, {'c' * 64}]",
            ("b" * 64, "c" * 64),
        ),
        (
            "DELETE /volumes/{name}",
            409,
            f"remove {'a' * 64}: volume is in use - [{'b' * 64}]",
            ("b" * 64,),
        ),
        ("DELETE /volumes/{name}", 400, f"{PERMANENT}volume is still in use", ()),
    ],
)
def test_what_is_used_cannot_be_removed_whatever_the_status(
    route: str, status: int, words: str, users: tuple[str, ...]
) -> None:
    error = error_for(route, status, words)
    assert isinstance(error, InUse)
    assert (error.message, error.status, error.users) == (words, status, users)
    assert not isinstance(error_for("POST /networks/{id}/connect", status, words), InUse)


@pytest.mark.parametrize(
    ("route", "status", "words", "expected"),
    [
        ("POST /networks/prune", 409, "a prune operation is already running", Busy),
        ("POST /containers/prune", 500, "a prune operation is already running", Busy),
        ("POST /networks/create", 500, "network with name n already exists", Conflict),
        ("POST /networks/create", 409, "network with name n already exists", Conflict),
        (
            "POST /networks/create",
            409,
            "cannot create network br-87 (87ed): conflicts with network 0a1b (br-0a): same range",
            Forbidden,
        ),
        (
            "POST /networks/create",
            403,
            "invalid pool request: Pool overlaps with other one on this address space",
            Forbidden,
        ),
        (
            "POST /networks/create",
            404,
            'configuration network "base" does not exist',
            NetworkNotFound,
        ),
        (
            "POST /networks/{id}/connect",
            403,
            "endpoint with name web already exists in network n",
            Conflict,
        ),
        (
            "POST /networks/{id}/connect",
            500,
            "service endpoint with name web already exists",
            Conflict,
        ),
        (
            "POST /networks/{id}/connect",
            500,
            "container already connected to network n",
            Conflict,
        ),
        ("POST /networks/{id}/connect", 500, "Container 87ed is not running", Conflict),
        (
            "POST /networks/{id}/disconnect",
            500,
            "container 87ed is not connected to the network",
            Conflict,
        ),
        (
            "POST /networks/{id}/disconnect",
            500,
            "container 87ed is not connected to network n",
            Conflict,
        ),
        (  # one that does not run, 20.10
            "POST /networks/{id}/disconnect",
            500,
            "container 87ed is not connected to the network n",
            Conflict,
        ),
        ("POST /networks/{id}/disconnect", 404, "endpoint web not found", ContainerNotFound),
        ("POST /networks/{id}/disconnect", 404, "No such container: web", ContainerNotFound),
        ("POST /networks/{id}/disconnect", 404, "network n not found", NetworkNotFound),
        (REMOVE, 403, "bridge is a pre-defined network and cannot be removed", Forbidden),
        (
            REMOVE,
            500,
            "rpc error: code = 7 desc = ingress (ki2y) is a pre-defined network and cannot be "
            "removed",
            Forbidden,
        ),
    ],
)
def test_what_networks_refuse_has_one_class_on_every_release(
    route: str, status: int, words: str, expected: type[ApiError]
) -> None:
    error = error_for(route, status, words)
    assert (type(error), error.message) == (expected, words)


OUTSIDE = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
    "this node to swarm and try again."
)
WORKER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)
LOCKED = (
    "Swarm is encrypted and needs to be unlocked before it can be used. Please use "
    '"docker swarm unlock" to unlock it.'
)
LEADERLESS = (
    "The swarm does not have a leader. It's possible that too few managers are online. Make sure "
    "more than half of the managers are online."
)


@pytest.mark.parametrize(
    ("route", "status", "words", "state"),
    [
        ("GET /nodes", 406, OUTSIDE, "inactive"),
        ("GET /nodes", 503, OUTSIDE, "inactive"),
        ("POST /networks/create", 403, OUTSIDE, "inactive"),
        ("POST /swarm/leave", 503, "This node is not part of a swarm", "inactive"),
        ("GET /swarm", 503, WORKER, "worker"),
        (
            "POST /networks/create",
            500,
            "Cannot create a multi-host network from a worker node. Please create the network from "
            "a manager node.",
            "worker",
        ),
        ("GET /swarm", 500, LOCKED, "locked"),
        ("GET /services", 503, LOCKED, "locked"),
        ("GET /nodes", 500, f"rpc error: code = 2 desc = {LEADERLESS}", "no leader"),
        ("GET /nodes", 503, f"rpc error: code = Unknown desc = {LEADERLESS}", "no leader"),
    ],
)
def test_what_only_managers_do(route: str, status: int, words: str, state: str) -> None:
    error = error_for(route, status, words)
    assert isinstance(error, NotAManager)
    assert (error.message, error.status, error.state, error.hint) == (words, status, state, "")


def test_a_locked_manager_that_is_to_leave() -> None:
    words = (
        "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this "
        "message."
    )
    error = error_for("POST /swarm/leave", 503, words)
    assert isinstance(error, NotAManager)
    assert (error.state, error.hint) == ("locked", "force=True leaves nevertheless")


SWARM = "POST /swarm/"
LAST = (
    "You are attempting to leave the swarm on a node that is participating as a manager. Removing "
    "the last manager erases all current state of the swarm. Use `--force` to ignore this message. "
)
MEMBER = "node n is a cluster manager and is a member of the raft cluster. It must be demoted to"
STALE = "update out of sequence"


@pytest.mark.parametrize(
    ("route", "status", "words", "expected", "hint"),
    [
        (f"{SWARM}update", 500, f"rpc error: code = 2 desc = {STALE}", OutOfSequence, ""),
        (f"{SWARM}update", 500, f"rpc error: code = Unknown desc = {STALE}", OutOfSequence, ""),
        (f"{SWARM}init", 406, "This node is already part of a swarm. Use x", Conflict, ""),
        (f"{SWARM}join", 503, "This node is already part of a swarm. Use x", Conflict, ""),
        (
            f"{SWARM}join",
            503,
            "This node is processing an existing join request that has not succeeded yet.",
            Conflict,
            "",
        ),
        (
            f"{SWARM}join",
            500,
            "Timeout was reached before node joined. The attempt to join the swarm will continue "
            'in the background. Use the "docker info" command to see the current swarm status.',
            JoinPending,
            "",
        ),
        (f"{SWARM}leave", 500, LAST, Conflict, "force=True leaves nevertheless"),
        (f"{SWARM}leave", 503, LAST, Conflict, "force=True leaves nevertheless"),
        (f"{SWARM}unlock", 500, "swarm is not locked", Conflict, ""),
        (
            f"{SWARM}unlock",
            500,
            "swarm could not be unlocked: invalid key provided",
            Unauthorized,
            "",
        ),
        (f"{SWARM}unlock", 500, "invalid key string", BadRequest, ""),
        (f"{SWARM}init", 500, "subnet size is out of range: 33", BadRequest, ""),
        (
            f"{SWARM}init",
            400,
            "could not choose an IP address to advertise since this system has multiple addresses "
            "on interface e (10.0.0.1 and 10.0.0.2)",
            BadRequest,
            "give advertise=",
        ),
        (
            f"{SWARM}join",
            500,
            "could not find the system's IP address",
            BadRequest,
            "give advertise=",
        ),
        (
            f"{SWARM}join",
            500,
            "rpc error: code = 3 desc = A valid join token is necessary to join this cluster",
            BadRequest,
            "",
        ),
        ("GET /nodes", 500, "Invalid role filter: 'king'", BadRequest, ""),
        (
            "POST /nodes/{id}/update",
            400,
            "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of "
            "the swarm",
            Conflict,
            "",
        ),
        (
            "DELETE /nodes/{id}",
            500,
            f"rpc error: code = 9 desc = {MEMBER} worker before removal",
            Conflict,
            "demote it first",
        ),
        (
            "DELETE /nodes/{id}",
            400,
            "rpc error: code = FailedPrecondition desc = node n is not down and can't be removed",
            Conflict,
            "force=True removes it nevertheless",
        ),
        ("GET /secrets/{id}", 500, "rpc error: code = 5 desc = secret s not found", NotFound, ""),
        (
            "POST /secrets/create",
            500,
            "rpc error: code = 6 desc = secret s already exists",
            Conflict,
            "",
        ),
        (
            f"{SWARM}join",
            500,
            "rpc error: code = 14 desc = grpc: the connection is unavailable",
            ServerError,
            "",
        ),
    ],
)
def test_what_a_swarm_refuses_has_one_class_on_every_release(
    route: str, status: int, words: str, expected: type[ApiError], hint: str
) -> None:
    error = error_for(route, status, words)
    assert isinstance(error, ApiError)
    assert (type(error), error.message, error.hint) == (expected, words, hint)


PULL_PLUGIN, SET_PLUGIN = "POST /plugins/pull", "POST /plugins/{name}/set"
ENABLED = "plugin a:1 is enabled"


@pytest.mark.parametrize(
    ("route", "status", "words", "expected"),
    [
        (PULL_PLUGIN, 400, "plugin a:1 already exists", Conflict),
        ("POST /plugins/create", 409, "plugin a:1 already exists", Conflict),
        ("POST /plugins/create", 500, 'plugin "a:1" already exists', Conflict),
        ("POST /plugins/create", 409, "content sha256:f5d2: already exists", Conflict),
        ("POST /plugins/create", 500, "content sha256:f5d2: already exists", Conflict),
        ("POST /plugins/create", 404, "config not found", BadRequest),
        ("POST /plugins/create", 500, "failed to read from tar: unexpected EOF", BadRequest),
        ("POST /plugins/{name}/enable", 409, f"plugin already enabled: {ENABLED}", Conflict),
        ("POST /plugins/{name}/enable", 500, f"plugin already enabled: {ENABLED}", Conflict),
        (
            "POST /plugins/{name}/disable",
            500,
            "plugin is already disabled: plugin a:1 found but disabled",
            Conflict,
        ),
        ("POST /plugins/{name}/disable", 409, "plugin a:1 is in use", InUse),
        ("DELETE /plugins/{name}", 500, "plugin a:1 is in use", InUse),
        ("DELETE /plugins/{name}", 500, ENABLED, Conflict),
        (
            "POST /plugins/{name}/upgrade",
            500,
            f"plugin must be disabled before upgrading: {ENABLED}",
            Conflict,
        ),
        (
            "POST /plugins/{name}/upgrade",
            404,
            'plugin must be installed before upgrading: plugin "a:latest" not found',
            PluginNotFound,
        ),
        (
            SET_PLUGIN,
            500,
            "cannot set on an active plugin, disable plugin before setting",
            Conflict,
        ),
        (SET_PLUGIN, 500, '"FIXED" is not settable', BadRequest),
        (SET_PLUGIN, 404, 'setting "A" not found in the plugin configuration', BadRequest),
        (SET_PLUGIN, 404, 'plugin "a" not found', PluginNotFound),
        (PULL_PLUGIN, 404, "error resolving plugin reference: r/a:1: not found", PluginNotFound),
        (PULL_PLUGIN, 500, "did not find plugin config for specified reference a", PluginNotFound),
        ("GET /plugins/privileges", 500, "target is image", PluginNotFound),
        (
            "GET /plugins/privileges",
            404,
            "Error: image rec/nosuch:latest not found",
            PluginNotFound,
        ),
        (
            PULL_PLUGIN,
            500,
            "error resolving plugin reference: pull access denied, repository does not exist or "
            "may require authorization: authorization failed: no basic auth credentials",
            Unauthorized,
        ),
        (
            PULL_PLUGIN,
            500,
            "error resolving plugin reference: failed to do request: Head: http: server gave HTTP "
            "response to HTTPS client",
            ServerError,
        ),
    ],
)
def test_what_plugins_refuse_has_one_class_on_every_release(
    route: str, status: int, words: str, expected: type[ApiError]
) -> None:
    error = error_for(route, status, words)
    assert (type(error), error.message) == (expected, words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2 matches found based on name: network web is ambiguous", True),
        ("3 matches found based on ID prefix: network 0a is ambiguous", True),
        ("network web is ambiguous (2 matches found based on name)", True),
        ("invalid filter 'x'", False),
    ],
)
def test_a_name_that_several_networks_have(words: str, expected: bool) -> None:
    assert fits_several(BadRequest(words, status=400)) is expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"No such container: x\n", "No such container: x"),
        (b'{"message":"No such container: x"}\n', "No such container: x"),
        (b'{"message":" two  words \\n"}', "two  words"),
        (b'{"message":""}', ""),
        # JSON, but not the Engine's: the words are all of it.
        (b'{"message":null}', '{"message":null}'),
        (b'{"message":{"a":1}}', '{"message":{"a":1}}'),
        (b'{"error":"x"}', '{"error":"x"}'),
        (b'["message"]', '["message"]'),
        (b'"message"', '"message"'),
        # Not JSON, although it begins like it.
        (b"{broken", "{broken"),
        (b'{"message": 1' + b"0" * 5000 + b"}", '{"message": 1' + "0" * 5000 + "}"),
        (b'{"a":' * 50_000, '{"a":' * 50_000),
        (b"\xff\xfe caf\xc3\xa9", "\ufffd\ufffd caf\u00e9"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_words_of_the_engine(body: bytes, words: str) -> None:
    assert engine_words(body) == words


RUNNING = "The container 0123456789ab is already running."


@pytest.mark.parametrize(
    ("release", "route", "status", "words", "expected"),
    [
        ((0, 4, 4), "POST /containers/{id}/resize", 500, "errno 0", True),
        ((0, 4, 0), "POST /containers/{id}/resize", 500, "errno 0", True),
        ((0, 3, 4), "POST /containers/{id}/resize", 500, "errno 0", False),
        ((0, 5, 0), "POST /containers/{id}/resize", 500, "errno 0", False),
        ((0, 4, 4), "POST /containers/{id}/resize", 404, "errno 0", False),
        ((0, 4, 4), "POST /containers/{id}/resize", 500, "errno 01", False),
        ((0, 4, 4), "POST /containers/{id}/stop", 500, "errno 0", False),
        (
            (0, 4, 4),
            "POST /containers/{id}/start",
            500,
            f"Error starting container abc: {RUNNING}",
            True,
        ),
        (
            (0, 6, 7),
            "POST /containers/{id}/start",
            500,
            f"start: Cannot start container abc: {RUNNING}",
            True,
        ),
        (
            (0, 6, 7),
            "POST /containers/{id}/start",
            500,
            "start: Cannot start container abc: no such file",
            False,
        ),
        (
            (0, 10, 0),
            "POST /containers/{id}/start",
            500,
            f"Cannot start container abc: {RUNNING}",
            False,
        ),
    ],
)
def test_an_error_that_means_success(
    release: tuple[int, int, int], route: str, status: int, words: str, expected: bool
) -> None:
    assert is_success(route, status, words, release) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "'x'"),
        (b"\0", r"b'\x00'"),
        ("x" * 198, f"'{'x' * 198}'"),
        ("x" * 199, f"'{'x' * 199}... (201 characters)"),
        ("x" * 9998, f"'{'x' * 199}... (10,000 characters)"),
        ("x" * 2**21, f"'{'x' * 199}... (2,097,152 characters)"),
        (b"x" * 2**21, f"b'{'x' * 198}... (2,097,152 bytes)"),
    ],
    ids=["text", "bytes", "as long as may be", "one more", "long", "large", "large bytes"],
)
def test_a_value_is_shown_up_to_a_length(value: object, text: str) -> None:
    assert shown(value) == text


PODMAN = {
    ("POST /containers/create", "creating storage: the name is used: that name is already in use"),
    ("POST /containers/{id}/rename", "x: UNIQUE constraint failed: ContainerConfig.Name"),
    (
        "POST /containers/{id}/pause",
        '"created" is not running, cannot pause: container state improper',
    ),
    (
        "DELETE /containers/{id}",
        "cannot remove container c as it is running: container state improper",
    ),
    (
        "POST /exec/{id}/start",
        'can only start created exec sessions, while e is "running": exec session state improper',
    ),
    ("GET /containers/{id}/top", "top can only be used on running containers"),
}


@pytest.mark.parametrize(("route", "words"), sorted(PODMAN))
def test_what_podman_calls_a_failure_and_is_a_conflict_is_one(route: str, words: str) -> None:
    error = error_for(route, 500, words)
    assert (type(error), error.message, error.status) == (Conflict, words, 500)


OTHERS_OF_PODMAN = {
    ("GET /containers/json", "nonsense is an invalid filter", BadRequest),
    ("GET /images/json", 'invalid image filter "nonsense": must be in the format', BadRequest),
    ("POST /containers/{id}/kill", "invalid signal: SIGNONSENSE", BadRequest),
    (
        "POST /containers/{id}/attach",
        'runc: exec: "nope": executable file not found in $PATH: OCI runtime attempted it',
        BadRequest,
    ),
    ("POST /containers/create", "unable to find network nope: network not found", NetworkNotFound),
    ("POST /containers/create", 'container "nope" found: no such container', ContainerNotFound),
    (
        "GET /containers/{id}/json",
        "container 0123 is being removed: no such container",
        ContainerNotFound,
    ),
    ("DELETE /containers/{id}", "no such container", ContainerNotFound),
    ("POST /containers/{id}/pause", "network not found", ServerError),
    (
        "PUT /containers/{id}/archive",
        "copier: put: /etc/passwd (/etc/passwd): exists but is not a directory",
        BadRequest,
    ),
    (
        "PUT /containers/{id}/archive",
        "copier: put: /etc/passwd/x: lstat /etc/passwd/x: not a directory",
        PathNotFound,
    ),
    (
        "PUT /containers/{id}/archive",
        'error during bulk transfer for copier.request{Request:"PUT"}: copier: put: error opening '
        '"/x" for writing: open /etc/x: file name too long',
        PathNotFound,
    ),
    (
        "GET /containers/{id}/archive",
        'copier: stat: error resolving "/loop": open /loop: too many levels of symbolic links',
        PathNotFound,
    ),
}


@pytest.mark.parametrize(
    ("route", "words", "expected"), sorted(OTHERS_OF_PODMAN, key=lambda row: row[:2])
)
def test_what_podman_calls_a_failure_has_the_class_of_engines(
    route: str, words: str, expected: type[ApiError]
) -> None:
    error = error_for(route, 500, words)
    assert (type(error), error.message) == (expected, words)


def test_an_image_that_podman_has_not_is_image_not_found() -> None:
    words = "failed to find image a: docker.io/library/a: No such image"
    assert type(error_for("GET /images/{name}/json", 404, words)) is ImageNotFound


def test_a_push_that_podman_refuses_before_its_stream_is_push_failed() -> None:
    words = "trying to reuse blob: dial tcp 127.0.0.1:1: connect: connection refused"
    body = json.dumps({"errorDetail": {"message": words}, "error": words}).encode()
    error = error_for("POST /images/{name}/push", 500, engine_words(body))
    assert (type(error), str(error)) == (PushFailed, f"POST /images/{{name}}/push: {words}")
    for broken in (b'{"errorDetail"', b'{"errorDetail": 1}', b'{"errorDetail": {"message": 1}}'):
        error = error_for("POST /images/{name}/push", 500, engine_words(broken))
        assert (type(error), error.message) == (ServerError, broken.decode())
