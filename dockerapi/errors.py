"""What can go wrong, as one tree of classes.

    DockerError
    ├── ConnectionFailed (ConnectionError)   no Engine reached, or the connection was lost
    │   ├── TimedOut (TimeoutError)          connect, read or idle; after how long
    │   └── Closed                           closed by the caller
    ├── ApiError                             the Engine's own refusal: .status .message .route
    │   ├── BadRequest 400   Unauthorized 401   Forbidden 403
    │   ├── NotFound 404: ContainerNotFound, ImageNotFound, NetworkNotFound, VolumeNotFound,
    │   │       PluginNotFound, PathNotFound
    │   ├── Conflict 409: InUse, Busy, OutOfSequence
    │   ├── NotAManager                      of a swarm: outside, a worker, locked, without a leader
    │   ├── JoinPending                      not joined yet; the Engine goes on trying
    │   └── NotAcceptable 406   RateLimited 429   ServerError 5xx
    ├── VersionError: NoCommonVersion, NotSupported
    ├── StreamError: NotAFrame, BadArchive, Truncated, StreamInterrupted, LogsIncomplete
    ├── OperationFailed                      reported inside a stream that began with 200
    │   └── BuildFailed, PullFailed, PushFailed, LoadFailed, ImportFailed
    ├── PrivilegesNeeded                     a plugin asks for what nobody has granted
    ├── ServiceFailed                        a service of a swarm will not be as was asked
    ├── CommandFailed                        `check=True` and a non-zero exit code
    ├── CredentialsError                     config.json, a credential helper
    └── UnexpectedReply                      a success that does not say what the route promises

The class of an error follows from the status, or from the kind of failure. Only the tables at the
end of this module look at the Engine's words: they tell what a 404 is about, and correct Engines
that send a wrong status. `.message` keeps those words unaltered. Every error can be pickled: its
first argument is the message, and everything else is a keyword with a default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .late import load

if TYPE_CHECKING:
    from .output import Output

T = TypeVar("T")
DISTRIBUTION = "dockerapi"  # what pip installs
VERSION = "0.1.0"
SHOWN = 200
_LARGE = 1024 * 1024  # characters or bytes; a repr may need four times as much


def shown(value: object) -> str:
    """The value's repr, cut to a readable length."""
    if isinstance(value, (str, bytes)) and len(value) > _LARGE:
        what = "characters" if isinstance(value, str) else "bytes"
        return f"{value[:SHOWN]!r:.{SHOWN}}... ({len(value):,} {what})"
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"


def installing(extra: str) -> str:
    """The command that installs an extra of this library."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def named(name: str, check: Callable[[Any], Any], value: Any) -> Any:
    """`check(value)`; its error gets the name of the argument in front."""
    try:
        return check(value)
    except TypeError as error:
        raise TypeError(_after(name, error)) from error
    except ValueError as error:
        raise ValueError(_after(name, error)) from error


def _after(name: str, error: Exception) -> str:
    """The name and the error's words; a part such as `["80"]` follows the name directly."""
    words = str(error)
    return f"{name}{words}" if re.match(r'\[["\d]', words) else f"{name}: {words}"


_LAST_LINES, LAST_BYTES = 20, 4096


def last_lines(output: str) -> str:
    """The end of an output as errors show it: at most 20 lines and 4 KiB."""
    kept = "\n".join(output.rstrip().lstrip("\n").split("\n")[-_LAST_LINES:])
    return kept.encode("utf-8", "surrogateescape")[-LAST_BYTES:].decode("utf-8", "ignore")


class DockerError(Exception):
    """Base of every error about the Engine, a registry or the connection to them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConnectionFailed(DockerError, ConnectionError):
    """No Engine was reached, or the connection to it was lost; the message names the cure.

    `permanent` is true if another attempt would fail as well: no permission, or a TLS failure.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class TimedOut(ConnectionFailed, TimeoutError):
    """The Engine was silent for longer than allowed, or an operation took longer.

    `kind` says which limit was reached: "connect", "read", "idle", "ready" (`wait_until_ready`), or
    "whole" (the `timeout` of `run`, `exec_run`, `wait_until` and `wait_for_service`). `seconds` is
    that limit. `output` is what had arrived, if the error ended the `read()` of an output, a `run`
    or an `exec_run`. `id` is the container of that `run` or the exec of that `exec_run`, if it was
    created. `tasks` are the tasks of the service that was waited for.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        seconds: float | None = None,
        output: Output | None = None,
        id: str = "",
        tasks: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.seconds = seconds
        self.output = output
        self.id = id
        self.tasks = tasks


class Closed(ConnectionFailed):
    """The client or the stream was closed by the caller."""


class ApiError(DockerError):
    """The Engine refused the request: `status`, `message` and `route` say what and how.

    `message` has the Engine's own words. `status` is 200 if a registry's refusal was reported
    inside a stream. `hint` says what to do, where the Engine's words do not.
    """

    def __init__(self, message: str, *, route: str = "", status: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.route = route
        self.status = status
        self.hint = hint

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.route}: {self.status} {self.message or '(no message)'}{hint}"


class BadRequest(ApiError):
    """400: a parameter that the Engine does not accept.

    Also raised if the container's image lacks the command; Engines up to 17.06 send 404 for that.
    """


class Unauthorized(ApiError):
    """Wrong or missing credentials: a 401, or the status an Engine gives to a registry's 401."""


class Forbidden(ApiError):
    """403: an Engine or a registry knows the caller and does not permit the request."""


class NotFound(ApiError):
    """404: no such object, or no such route in this Engine.

    A subclass is raised where the Engine says what is missing. The missing object need not be the
    one in the call: starting a container whose network was removed raises `NetworkNotFound`.
    """


class ContainerNotFound(NotFound):
    """There is no such container."""


class ImageNotFound(NotFound):
    """There is no such image, or none for the platform that was asked for."""


class NetworkNotFound(NotFound):
    """There is no such network."""


class VolumeNotFound(NotFound):
    """There is no such volume."""


class PluginNotFound(NotFound):
    """There is no such plugin, e.g. no such volume driver."""


class PathNotFound(NotFound):
    """The container exists, but has no such path."""


class NotAcceptable(ApiError):
    """406: not possible in the container's present state (old Engines)."""


class Conflict(ApiError):
    """409: the name is taken, or the state forbids it."""


class InUse(Conflict):
    """The object is in use and cannot be removed, or a port that is to be published is taken.

    Engines answer this with 400, 403, 409 or 500. `users` has the names or ids of the users, as far
    as the Engine tells them: containers for a network, a volume or an image; services for a network
    or a port.
    """

    def __init__(
        self,
        message: str,
        *,
        route: str = "",
        status: int = 0,
        hint: str = "",
        users: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, route=route, status=status, hint=hint)
        self.users = users


class Busy(Conflict):
    """The Engine runs one such operation at a time, and one is running: try again later."""


class OutOfSequence(Conflict):
    """The object has changed since it was read: read it again, and update that version."""


class NotAManager(ApiError):
    """Only a manager of a swarm can do this; Engines answer it with different statuses.

    `state` is `inactive` (not in a swarm), `worker`, `locked` (the manager needs the unlock key) or
    `no leader` (too few managers can be reached).
    """

    def __init__(
        self, message: str, *, route: str = "", status: int = 0, hint: str = "", state: str = ""
    ) -> None:
        super().__init__(message, route=route, status=status, hint=hint)
        self.state = state


class JoinPending(ApiError):
    """The Engine did not join the swarm in time; it keeps trying in the background."""


class RateLimited(ApiError):
    """A registry accepts no more requests for now: a 429, or the status an Engine gives to it."""


class ServerError(ApiError):
    """5xx: the Engine failed, or a registry, device or program that it needed failed."""


class VersionError(DockerError):
    """The Engine's API version cannot do what was asked."""


class NoCommonVersion(VersionError):
    """The Engine and this library have no API version in common; the message names both ranges."""


class NotSupported(VersionError):
    """The version in use has no such route, parameter or field; nothing was sent.

    `what` is the part of `route` that is missing. `needs` is the API version or Engine release that
    has it, `has` the version in use.
    """

    def __init__(
        self, message: str, *, route: str = "", what: str = "", needs: str = "", has: str = ""
    ) -> None:
        super().__init__(message)
        self.route = route
        self.what = what
        self.needs = needs
        self.has = has


class StreamError(DockerError):
    """A stream has bytes that it must not have, or ended too early.

    `output` is what had arrived before, if the error ended the `read()` of an output.
    """

    output: Output | None = None


class NotAFrame(StreamError):
    """A frame header was expected and something else arrived: `data` has the bytes."""

    def __init__(self, message: str, *, data: bytes = b"") -> None:
        super().__init__(message)
        self.data = data


class BadArchive(StreamError):
    """An archive from a container is broken, or would write outside of the target.

    `member` is the name of the refused member, if a single member was the cause.
    """

    def __init__(self, message: str, *, member: str | None = None) -> None:
        super().__init__(message)
        self.member = member

    def __str__(self) -> str:
        member = "" if self.member is None else f" {shown(self.member)}:"
        return f"archive refused:{member} {self.message}"


class Truncated(StreamError):
    """The stream ended inside a frame, value or archive; `missing` counts the bytes, if known."""

    def __init__(self, message: str, *, missing: int | None = None) -> None:
        super().__init__(message)
        self.missing = missing


class StreamInterrupted(StreamError):
    """The connection broke in the middle of a stream; all that arrived before was returned."""


class LogsIncomplete(StreamError):
    """A part of a service's logs is missing; all that could be read was returned.

    `nodes` are the unreachable nodes, `tasks` the tasks without a node, as far as the Engine names
    them. The message has the Engine's words.
    """

    def __init__(
        self, message: str, *, nodes: tuple[str, ...] = (), tasks: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.nodes = nodes
        self.tasks = tasks


class OperationFailed(DockerError):
    """The Engine answered 200 and then reported this error inside the stream.

    `message` has the Engine's words, and `code` its error number, if it gave one.
    """

    def __init__(self, message: str, *, route: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.route = route
        self.code = code

    def __str__(self) -> str:
        return f"{self.route}: {self.message}" if self.route else self.message


class BuildFailed(OperationFailed):
    """A build failed.

    `step` is the line of the step that failed (None before the first step). `exit_code` is the exit
    code of its command, if the Engine tells it. `log` is all output so far. `output` is the end of
    the step's own output, at most 20 lines and 4 KiB; the error's text ends with it. `hint` says
    what to do, where the Engine's words do not.
    """

    def __init__(
        self,
        message: str,
        *,
        route: str = "",
        code: int | None = None,
        step: str | None = None,
        log: str = "",
        output: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, route=route, code=code)
        self.step = step
        self.log = log
        self.output = output
        self.hint = hint

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        output = f"\n{self.output}" if self.output else ""
        return f"{super().__str__()}{hint}{output}"

    @property
    def exit_code(self) -> int | None:
        """The exit code of the failing command, where the Engine tells it."""
        return self.code


class PullFailed(OperationFailed):
    """An image or a plugin was not pulled."""


class PushFailed(OperationFailed):
    """An image or a plugin was not pushed."""


class LoadFailed(OperationFailed):
    """An image archive was not loaded."""


class ImportFailed(OperationFailed):
    """A root file system was not imported as an image."""


class PrivilegesNeeded(DockerError):
    """A plugin asks for other privileges than those granted; nothing was installed.

    `privileges` has what the plugin asks for, in the form of `plugin_privileges`. It is empty if
    the Engine does not say.
    """

    def __init__(self, message: str, *, privileges: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.privileges = privileges


class ServiceFailed(DockerError):
    """A service of a swarm cannot reach the state that was asked for.

    `service` is the service as last read. `tasks` are its tasks, with their `error` and
    `exit_code`.
    """

    def __init__(self, message: str, *, service: Any = None, tasks: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.service = service
        self.tasks = tasks


class CommandFailed(DockerError):
    """A command ended with a non-zero exit code, and the caller had passed `check=True`.

    `output` is everything the command wrote. The message has the end of both streams, at most 20
    lines and 4 KiB of each.
    """

    def __init__(self, message: str, *, exit_code: int = 1, output: Output | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        if output is None:  # pickle and some tests construct it so
            load("dockerapi.output")
            from .output import Output

            output = Output()
        self.output = output


def command_failed(command: str, exit_code: int, output: Output) -> CommandFailed:
    """The error for a command that failed under `check=True`."""
    ends = {"stdout": _end_of(output.stdout), "stderr": _end_of(output.stderr)}
    told = "".join(f"\n{name}:\n{end}" for name, end in ends.items() if end)
    return CommandFailed(
        f"{command} ended with exit code {exit_code}{told}", exit_code=exit_code, output=output
    )


def _end_of(output: bytes) -> str:
    # The slice may cut a character in two; decoding drops its rest.
    return last_lines(output.rstrip()[-LAST_BYTES - 3 :].decode("utf-8", "replace"))


class CredentialsError(DockerError):
    """Stored credentials could not be read; the message never holds a secret."""


class UnexpectedReply(DockerError):
    """A success whose body is not what the route promises; `raw` is the body."""

    def __init__(self, message: str, *, raw: Any = None) -> None:
        super().__init__(message)
        self.raw = raw


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    406: NotAcceptable,
    409: Conflict,
    429: RateLimited,
}


def engine_words(body: bytes) -> str:
    """The message of a refusal: plain text, or JSON from Engine 1.12.0 on."""
    words = body.decode("utf-8", "replace").strip()
    if words.startswith("{"):
        try:
            found = json.loads(words)
        except (ValueError, RecursionError):
            return words
        message = found.get("message")
        if isinstance(message, str):
            return message.strip()
    return words


# Successes that some Engines report as an error. A row: the first release that does so, the first
# that does not, route, status, the whole message.
_SUCCESSES = (
    # 0.4.4 resizes the terminal, then takes the system's "no error" for an error (seen).
    ((0, 4, 0), (0, 5, 0), "POST /containers/{id}/resize", 500, r"errno 0"),
    # The container runs already; newer Engines answer 304 (0.3.3, 0.4.4, 0.6.6, 0.6.7: seen; 0.10.0
    # answers 204).
    (
        (0, 3, 3),
        (0, 10, 0),
        "POST /containers/{id}/start",
        500,
        r"(start: )?(Error starting|Cannot start) container \S+: "
        r"The container [0-9a-f]+ is already running\.",
    ),
)


def is_success(route: str, status: int, words: str, release: tuple[int, int, int]) -> bool:
    """Whether this error answer reports a success (`_SUCCESSES`)."""
    return any(
        first <= release < end and (route, status) == (liar, code) and re.fullmatch(said, words)
        for first, end, liar, code, said in _SUCCESSES
    )


_PULLS_OF_PLUGINS = r"GET /plugins/privileges|POST /plugins/(pull|\{name\}/upgrade)"
_OF_PLUGINS = rf"{_PULLS_OF_PLUGINS}|POST /plugins/\{{name\}}/push"

# What a 404 is about. A row: class, routes, the whole message. The first matching row decides;
# without one the class is `NotFound`. Engines up to 17.06 derive the status from their own message:
# "no such" and, from 1.7 on, "not found" anywhere in it make a 404. The first rows undo that for
# failures that later Engines answer with 400 or 500.
_MISSING: tuple[tuple[type[ApiError], str, str], ...] = (
    (NotFound, r".*", r"(404 )?page not found"),
    # A command that cannot be run (1.6.2 to 17.06), or a missing device or program on the Engine's
    # host.
    (
        BadRequest,
        r"POST /(containers/\{id\}/(start|restart)|exec/\{id\}/start)",
        r'.*\bexec: \\?"[^"]*": (stat [^"]*: )?'
        r"(executable file not found in \$PATH|no such file or directory)\b.*"
        r"|Container command .* not found or does not exist\.",
    ),
    (
        ServerError,
        r"POST /containers/\{id\}/(start|restart)|GET /containers/\{id\}/top",
        r".*\b(no such file or directory|executable file not found in \$PATH)\b.*",
    ),
    # A host name without an address (1.8.3, 17.06), or something missing on a web server or
    # registry.
    (
        ServerError,
        r"POST /(auth|build|images/create|images/\{name\}/(push|insert))|GET /images/search",
        r".*(\bno such host|\bwith status:? 404|>= 400: 404)\b.*",
    ),
    (
        BadRequest,
        r"POST /services/.*",
        r"rpc error: .* (secret|config) not found\b.*",
    ),  # 1.13, 17.06
    (PathNotFound, r".*", r"Could not find the file .+ in container \S+"),
    (PathNotFound, r"\w+ /containers/\{id\}/(archive|copy)", r"(.*: )?no such file or directory"),
    (NotFound, r".*", r"No such exec instance\b.*"),
    # On 1.7 to 1.12 these are 409 or 406 if the name contains "conflict" or "impossible".
    (ImageNotFound, r".*", r"(.*: )?[Nn]o such image: \S+( \(tag: \S+\)|: image not known)?"),
    (ImageNotFound, r".*", r"(.*: )?image with reference \S+ was found but .+"),
    (ImageNotFound, r".*", r"(.*: )?(image not known|No such image)"),  # Podman
    (ContainerNotFound, r".*", r"(.*: )?(No such container|no such id): \S+"),
    (ContainerNotFound, r".*", r"(.*: )?no such container"),  # Podman
    # disconnect_network(force=True) looks for the container among the network's endpoints only.
    (ContainerNotFound, r"POST /networks/\{id\}/disconnect", r"endpoint \S+ not found"),
    (NetworkNotFound, r"POST /networks/create", r"configuration network \S+ does not exist"),
    (NetworkNotFound, r".*", r"(.*: )?network (\S+ )?not found"),
    (VolumeNotFound, r".*", r"(.*(: | desc = ))?(no such volume(: \S+)?|volume \S+ not found)"),
    (PluginNotFound, r".*", r"(.*\b)?[Pp]lugin (\S+ )?not found"),
    # The registry does not have the image.
    (
        ImageNotFound,
        r"POST /images/create|GET /distribution/.*",
        r".*\b(not found|manifest unknown|does not exist|no pull access)\b.*",
    ),
    (PluginNotFound, _PULLS_OF_PLUGINS, r".*\b(not found|manifest unknown)\b.*"),
)
_MISSING_BY_STATUS = (404, 406, 409)

# Refusals of a registry, which Engines answer with 500 or report inside the stream. A row: class,
# routes, the whole message. Seen on 20.10.24, 26.1.5 and 28.5.2. The last two use containerd's
# words if images are in its store. 28.5.2 passes some of the registry's own statuses on.
_OF_REGISTRIES: tuple[tuple[type[ApiError], str, str], ...] = (
    (
        RateLimited,
        r"POST /(build|images/create|images/\{name\}/push)|GET /(images/search|distribution/.*)"
        rf"|{_OF_PLUGINS}",
        r'(\w+ "\S+": |error from registry: )?toomanyrequests: .*'
        r"|error parsing HTTP 429 response body: .*|Unexpected status code 429"
        r"|.*(unexpected status from \w+ request to \S+|failed with status code \[[^]]*\]): "
        r"429 Too Many Requests",
    ),
    # 1.5 to 1.10 list all attempts; this is one of them.
    (Unauthorized, r"POST /auth", r".*\bfailed with status: 401 Unauthorized\b.*"),
    (
        Unauthorized,
        rf"POST /images/(create|\{{name\}}/push)|GET /distribution/.*|{_OF_PLUGINS}",
        r'(\w+ "\S+": )?(no basic auth credentials|unauthorized(: .+)?)'
        r"|(.*: )?(pull|push) access denied, repository does not exist or may require authorization"
        r"\b.*|(.*: )?authorization failed(: .*)?"
        r"|.*unexpected status from \w+ request to \S+: 401 Unauthorized",
    ),
    (
        Forbidden,
        rf"POST /images/(create|\{{name\}}/push)|GET /distribution/.*|{_OF_PLUGINS}",
        r"(errors:\n)?denied(: .*)?|.*unexpected status from \w+ request to \S+: 403 Forbidden",
    ),
    # Podman 4.3 and 5.4.
    (
        Unauthorized,
        r"POST /images/(create|\{name\}/push)",
        r"(.*: )?(checking whether a blob \S+ exists in \S+: (unauthorized: )?authentication "
        r"required|unable to retrieve auth token: invalid username/password: .*)",
    ),
    (
        Forbidden,
        r"POST /images/\{name\}/push",
        r"writing blob: initiating layer upload to \S+ in \S+: denied: .*"
        r"|writing manifest: uploading manifest \S+ to \S+: requested access to the resource is "
        r"denied",
    ),
    # 1.8 to 1.13 report it during the pull.
    (
        ImageNotFound,
        r"POST /images/create",
        r"Error: image \S+ not found|Tag \S+ not found in repository .+"
        r"|manifest (for \S+ not found: manifest )?unknown(: .*)?",
    ),
    (
        ImageNotFound,
        r"POST /images/\{name\}/push",
        r"(An image does not exist locally with the tag|tag does not exist|No such id"
        r"|Repository does not exist): \S+|image with reference \S+ was found but .+",
    ),
    # 1.13 reports the first during the pull; the others are answers to a pull of an image's name.
    (
        PluginNotFound,
        _PULLS_OF_PLUGINS,
        r"Error: image \S+ not found|did not find plugin config for .+|target is image"
        r"|Encountered remote \S+ when fetching",
    ),
)

# Missing objects and bad requests that Engines answer with 500. A row: class, routes, the whole
# message. Seen on 20.10.24 and 28.5.2.
_NO_FAULTS: tuple[tuple[type[ApiError], str, str], ...] = (
    # gRPC codes of a swarm, up to 17.06; later Engines translate them to a status.
    (BadRequest, r".*", r"rpc error: code = (3|9|11) desc = .*"),
    (NotFound, r".*", r"rpc error: code = 5 desc = .*"),
    (Conflict, r".*", r"rpc error: code = 6 desc = .*"),
    # The last four are 500 on every release.
    (
        BadRequest,
        r"POST /swarm/(init|join|update|unlock)",
        r"(listen|advertise|data path|datapath) address must be .*|invalid ListenAddr .*"
        r"|could not (choose|find) .*|interface \S+ has more than one .*"
        r"|at least 1 RemoteAddr is required to join"
        r"|invalid key string|invalid join token|(.*: )?remote CA does not match fingerprint\b.*"
        r"|invalid base pool .*|subnet size is out of range: .*"
        r"|Datapath port number is not in valid range .*|invalid Availability: .*",
    ),
    (BadRequest, r"GET /nodes", r"Invalid (role|membership) filter: .*"),
    (Unauthorized, r"POST /swarm/unlock", r"swarm could not be unlocked: invalid key provided"),
    (
        BadRequest,
        r"PUT /containers/\{id\}/archive",
        r"extraction point is not a directory|container rootfs is marked read-only"
        r"|(Error processing tar file\(exit status 1\): )?cannot overwrite (non-)?directory .+",
    ),
    (Conflict, r"POST /containers/\{id\}/unpause", r"Container \S+ is not paused"),
    (NetworkNotFound, r"POST /services/.*", r"network \S+ not found"),
    (
        BadRequest,
        r"POST /services/.*|GET /tasks",
        r"unrec\w+ (update|rollback) .*|invalid [A-Z]\w+: .*|invalid resolution mode: .*"
        r"|cannot specify both .*|Invalid desired-state filter: .*"
        r"|rpc error: .* constraint expected .*",
    ),
    # The first is 500 up to 17.06, the second on every release, the third on 1.9.
    (Conflict, r"POST /networks/create", r"network with name \S+ already exists"),
    (Conflict, r"POST /volumes/create", r"A volume name \S+ already exists with the .+"),
    (
        Conflict,
        r"POST /networks/\{id\}/disconnect",
        r"container \S+ is not connected to (the )?network( \S+)?",
    ),
    (Conflict, r"POST /networks/\{id\}/(dis)?connect", r"Container \S+ is not running"),
    (PluginNotFound, r"POST /secrets/create", r'rpc error: .* desc = plugin "[^"]*" not found'),
    # For one image, and for several images.
    (ImageNotFound, r"GET /images/(\{name\}/)?get", r"no suitable export target found\b.*"),
    # Up to 17.07.
    (
        Conflict,
        r"POST /containers/\{id\}/update",
        r"Cannot update container \S+: (Memory limit should be smaller than already set memoryswap "
        r"limit\b.*|Restart policy cannot be updated because AutoRemove is enabled\b.*"
        r"|Conflicting options: .*)",
    ),
    (
        PathNotFound,
        r"\w+ /containers/\{id\}/archive",
        r"(lstat .*: )?(not a directory|file name too long|too many levels of symbolic links)"
        r"|[Ee]valSymlinks(InScope)?: too many links( in .*)?",
    ),
)

# One cause under several statuses. A row: class, routes, the whole message. "The container is
# already in the network" is 500 up to 17.06 and 403 later. "The address is taken" is 409 up to 1.13
# and 403 later; as a Conflict it would look like a taken name.
_WHATEVER_THE_STATUS: tuple[tuple[type[ApiError], str, str], ...] = (
    (Busy, r"POST /\w+/prune", r"a prune operation is already running"),
    (Busy, r"GET /system/df", r"a disk usage operation is already running"),
    (OutOfSequence, r".*", r"(rpc error: .* desc = )?update out of sequence"),
    (
        Conflict,
        r"POST /swarm/.*",
        r"This node is (already part of a swarm|processing an existing join request)\b.*"
        r"|You are attempting to leave the swarm on a node that is participating as a manager\b.*"
        r"|swarm is not locked",
    ),
    (JoinPending, r"POST /swarm/.*", r".*\bwill continue in the background\b.*"),
    (
        Conflict,
        r"(POST|DELETE) /nodes/.*",
        r"rpc error: .* (is not down and can't be removed|is a cluster manager and is .*"
        r"|attempting to demote the last manager of the swarm|.* loss of quorum\b.*)",
    ),
    (
        Conflict,
        r"POST /networks/\{id\}/connect",
        r"(service )?endpoint with name \S+ already exists( in network \S+)?"
        r"|container already connected to network \S+",
    ),
    (
        Forbidden,
        r"POST /networks/create",
        r"cannot create network.*: conflicts with network.+"
        r"|(.*: )?Pool overlaps with other one on this address space",
    ),
    (Forbidden, r"DELETE /networks/\{id\}", r"(.*: )?.+ is a pre-defined network and cannot be .+"),
    (
        Conflict,
        r"POST /containers/\{id\}/checkpoints",
        r"(.*: )?checkpoint with name \S+ already exists for container \S+"
        r"|[Cc]ontainer \S+ (is )?not running",
    ),
    (
        NotFound,
        r"(DELETE|POST) /containers/\{id\}/(checkpoints/.+|start)",
        r"checkpoint \S+ does not exist for container \S+",
    ),
    # A plugin that exists: 400 for a pull, 500 up to 17.06.
    # A file system that exists: 409 on 20.10, 500 on 28.5.
    (
        Conflict,
        r"POST /plugins/(create|pull)",
        r"plugin \S+ already exists|content \S+: already exists",
    ),
    (
        Conflict,
        r"(POST|DELETE) /plugins/.*",
        r"(plugin (already enabled|must be disabled before upgrading): )?plugin \S+ is enabled"
        r"|(plugin is already disabled: )?plugin \S+ found but disabled"
        r"|cannot set on an active plugin, disable plugin before setting",
    ),
    # The caller's mistakes, 500 on every release, or 404 on 1.13.
    (
        BadRequest,
        r"POST /plugins/create",
        r"config not found|failed to (read from tar|parse config|parse reference \S+): .+",
    ),
    (
        BadRequest,
        r"POST /plugins/\{name\}/set",
        r'"[^"]*" is not settable|setting "[^"]*" not found in the plugin configuration',
    ),
)

# Objects that cannot be removed because they are in use, whatever the status. A row: routes, the
# whole message, how it names the users. For a network, 28.5 names the containers; 20.10 and 26.1 do
# not.
_IN_USE: tuple[tuple[str, str, str], ...] = (
    (
        r"DELETE /networks/\{id\}",
        r"(error while removing network: )?network .+ has active endpoints( .*)?",
        r'name:"([^"]*)"',
    ),
    (
        r"DELETE /networks/\{id\}",
        r"rpc error: .* (is in use by service \S+|because service \S+ depends on it)",
        r"\bservice (\S+)",
    ),
    (
        r"POST /services/(create|\{id\}/update)",
        r"rpc error: .* port '\d+' is already in use by service .*",
        r"by service '([^']*)'",
    ),
    (
        r"DELETE /(secrets|configs)/\{id\}",
        r"rpc error: .* is in use by the following services?: .+",
        r"(?<=[:,] )([^\s,:]+)(?=,|$)",
    ),
    (
        r"DELETE /plugins/\{name\}|POST /plugins/\{name\}/disable",
        r"plugin \S+ is in use",
        r"$^",  # the message names no user
    ),
    (
        r"DELETE /images/\{name\}",
        r"[Cc]onflict\b.* (is using (it|its referenced image)|image is being used by)\b.*",
        r"\bcontainer ([0-9a-f]+)",
    ),
    (
        r"DELETE /volumes/\{name\}",
        r"(.*: |.* desc = )?volume is (still )?in use( - \[.*)?",
        r"[\[ ]([0-9a-f]{64})(?=[\],])",
    ),
)
# Why an Engine is not a manager of a swarm. A row: state, routes, the whole message; any status.
_NO_MANAGER: tuple[tuple[str, str, str], ...] = (
    (
        "worker",
        r".*",
        r".*\bWorker nodes can't be used\b.*|Cannot create a multi-host network from a worker .*",
    ),
    ("locked", r".*", r"Swarm is encrypted and (needs to be unlocked|locked)\b.*"),
    ("no leader", r".*", r"(rpc error: .* desc = )?The swarm does not have a leader\b.*"),
    ("inactive", r".*", r"This node is not (a swarm manager|part of a swarm)\b.*"),
)
# What to do, in this library's terms, where the Engine's words do not say it. A row: hint, routes,
# the whole message.
_HINTS: tuple[tuple[str, str, str], ...] = (
    (
        "give memory_swap, too; -1 is unlimited",
        r"POST /containers/\{id\}/update",
        r".*Memory limit should be smaller than already set memoryswap limit\b.*",
    ),
    (
        "disable it first",
        r"POST /plugins/\{name\}/(set|upgrade)|DELETE /plugins/\{name\}",
        r"(.*: )?plugin \S+ is (enabled|in use)|cannot set on an active plugin, .*",
    ),
    (
        "give advertise=",
        r"POST /swarm/(init|join)",
        r"could not (choose an IP address to advertise|find the system's IP address)\b.*",
    ),
    (
        "force=True leaves nevertheless",
        r"POST /swarm/leave",
        r"(You are attempting to leave the swarm on|Swarm is encrypted and locked\b).*",
    ),
    ("demote it first", r"DELETE /nodes/.*", r"rpc error: .* is a cluster manager and .*"),
    ("force=True removes it nevertheless", r"DELETE /nodes/.*", r"rpc error: .* is not down .*"),
)
_SEVERAL = (
    r"\d+ matches found based on .+: network \S+ is ambiguous"
    r"|network \S+ is ambiguous \(\d+ matches found .+\)"  # the words of DELETE
)


# What Podman answers with 500 and Engines with another status (4.3 and 5.4, seen).
_OF_PODMAN: tuple[tuple[type[ApiError], str, str], ...] = (
    (
        Conflict,
        r".*",
        r".*: (container|exec session) state improper|.*: that name is already in use"
        r"|.*: UNIQUE constraint failed: ContainerConfig\.Name"
        r"|top can only be used on running containers",
    ),
    (BadRequest, r"GET .*", r"\S+ is an invalid filter|invalid image filter .*"),
    (BadRequest, r"POST /containers/\{id\}/kill", r"invalid signal: .*"),
    # Podman creates the process at attach.
    (
        BadRequest,
        r"POST /containers/\{id\}/(attach|start)",
        r'.*\bexec: \\?"[^"]*": (executable file not found in \$PATH|stat .*): .*',
    ),
    (
        BadRequest,
        r"PUT /containers/\{id\}/archive",
        r"copier: put: .*: exists but is not a directory",
    ),
    (
        PathNotFound,
        r"\w+ /containers/\{id\}/archive",
        r"(copier: |error during bulk transfer ).*: "
        r"(not a directory|file name too long|too many levels of symbolic links)",
    ),
    (NetworkNotFound, r"POST /containers/create", r".*: network not found"),
    # Also for a container that is being removed.
    (ContainerNotFound, r"\w+ /containers/(create|\{id\}.*)", r"(.*: )?no such container"),
)


def error_for(route: str, status: int, message: str) -> DockerError:
    """The error for an answer with `status` on `route`; it keeps the Engine's own words."""
    reported = _reported(message)
    if reported is not None and route == "POST /images/{name}/push":
        return refused_by_registry(route, reported) or PushFailed(reported, route=route)
    for routes, said, named in _IN_USE:
        if re.fullmatch(routes, route) and re.fullmatch(said, message, re.DOTALL):
            users = tuple(re.findall(named, message))
            return InUse(message, route=route, status=status, users=users)
    hint = _said(_HINTS, route, message) or ""
    state = _said(_NO_MANAGER, route, message)
    if state is not None:
        return NotAManager(message, route=route, status=status, hint=hint, state=state)
    cls = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    if status in _MISSING_BY_STATUS:
        cls = _said(_MISSING, route, message) or cls
    if status == 500:
        cls = _said(_NO_FAULTS + _OF_REGISTRIES + _OF_PODMAN, route, message) or cls
    cls = _said(_WHATEVER_THE_STATUS, route, message) or cls
    return cls(message, route=route, status=status, hint=hint)


def fits_several(error: ApiError) -> bool:
    """Whether an Engine refuses a network's name because several networks have it."""
    return re.fullmatch(_SEVERAL, error.message) is not None


def refuses_privileges(error: OperationFailed) -> bool:
    """Whether the pull of a plugin ended because the plugin asks for other privileges."""
    return error.message == "incorrect privileges"


def _reported(message: str) -> str | None:
    """The message of an error report that came in place of the stream (Podman 5.4)."""
    if not message.startswith('{"errorDetail"'):
        return None
    try:
        words = json.loads(message)["errorDetail"]["message"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return words if isinstance(words, str) else None


def refused_by_registry(route: str, message: str) -> ApiError | None:
    """The error for a registry's refusal reported inside a stream; None for another failure."""
    cls = _said(_OF_REGISTRIES, route, message)
    return None if cls is None else cls(message, route=route, status=200)


def _said(table: tuple[tuple[T, str, str], ...], route: str, words: str) -> T | None:
    """The result of the first matching row."""
    for found, routes, said in table:
        if re.fullmatch(routes, route) and re.fullmatch(said, words.strip(), re.DOTALL):
            return found
    return None
