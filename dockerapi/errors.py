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

if TYPE_CHECKING:
    from .output import Output

T = TypeVar("T")
DISTRIBUTION = "dockerapi"  # what pip installs
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
    """The error's words after `name`, also where they begin with a part of it: `["80"]`."""
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

    `permanent` tells that another attempt would fail, too: no permission, or a failure of TLS.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class TimedOut(ConnectionFailed, TimeoutError):
    """The Engine was silent for longer than allowed, or an operation took longer.

    `kind` is "connect", "read" or "idle", "ready" of `wait_until_ready`, or "whole" of the
    `timeout` of `run`, `exec_run`, `wait_until` and `wait_for_service`; `seconds` is the limit that
    was reached. `output` is what had come, if it ended the `read()` of an output, a `run` or an
    `exec_run`, and `id` that of the container or exec of the last two, if one was made. `tasks` are
    those of the service that was waited for.
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
    """The Engine refused: `status`, `message` in its own words, and the `route` that was asked.

    `status` is 200 where a registry's refusal was reported inside a stream. `hint` says what to do,
    where the Engine's words do not.
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

    Also for a command that the container's image does not have; Engines up to 17.06 send 404.
    """


class Unauthorized(ApiError):
    """Wrong or missing credentials: 401, or what Engines make of a registry's 401."""


class Forbidden(ApiError):
    """403: refused although the caller is known, by the Engine or by a registry."""


class NotFound(ApiError):
    """404: no such object, or no such route in this Engine.

    A subclass is raised where the Engine says what is missing. The missing object may be another
    than the one in the call: starting a container whose network was removed raises
    `NetworkNotFound`.
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
    """There is no such plugin, e.g. a driver of volumes."""


class PathNotFound(NotFound):
    """The container is there, and has no such path."""


class NotAcceptable(ApiError):
    """406: impossible in the container's present state (old Engines)."""


class Conflict(ApiError):
    """409: the name is taken, or the state forbids it."""


class InUse(Conflict):
    """What is to be removed is used, whatever the Engine's status for it: 400, 403, 409 or 500.

    Also a port that is to be published. `users` has the names or ids of what uses it, as far as the
    Engine tells: of the containers of a network, a volume or an image, of the services of a network
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
    """The Engine does one such thing at a time, and is doing it: try again when it is done."""


class OutOfSequence(Conflict):
    """What is to be updated has changed since it was read: read it again, and change that."""


class NotAManager(ApiError):
    """Only a manager of a swarm does this, whatever the Engine's status for it.

    `state` is `inactive` (in no swarm), `worker`, `locked` (it needs the unlock key) or `no leader`
    (too few managers can be reached).
    """

    def __init__(
        self, message: str, *, route: str = "", status: int = 0, hint: str = "", state: str = ""
    ) -> None:
        super().__init__(message, route=route, status=status, hint=hint)
        self.state = state


class JoinPending(ApiError):
    """The Engine has not joined the swarm in time, and goes on trying in the background."""


class RateLimited(ApiError):
    """A registry takes no more requests for now: 429, or what Engines make of it."""


class ServerError(ApiError):
    """5xx: the Engine failed, or a registry, device or program that it needed did."""


class VersionError(DockerError):
    """The Engine's API version cannot do what was asked."""


class NoCommonVersion(VersionError):
    """The Engine and this library have no API version in common; the message names both ranges."""


class NotSupported(VersionError):
    """Refused before anything was sent: the version in use has no such route, parameter or field.

    `what` is the part of `route` that is missing, `needs` the API version or Engine release that
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
    """A stream of bytes that is not what it should be, or that ended too early.

    `output` is what had come before, if it ended the `read()` of an output.
    """

    output: Output | None = None


class NotAFrame(StreamError):
    """A frame header was expected and something else came: `data` has the bytes."""

    def __init__(self, message: str, *, data: bytes = b"") -> None:
        super().__init__(message)
        self.data = data


class BadArchive(StreamError):
    """An archive from a container that is broken, or that would write outside of the target.

    `member` is the name of the member that caused the refusal, if one did.
    """

    def __init__(self, message: str, *, member: str | None = None) -> None:
        super().__init__(message)
        self.member = member

    def __str__(self) -> str:
        member = "" if self.member is None else f" {shown(self.member)}:"
        return f"archive refused:{member} {self.message}"


class Truncated(StreamError):
    """The stream ended inside a frame, value or archive; `missing` bytes, where that is known."""

    def __init__(self, message: str, *, missing: int | None = None) -> None:
        super().__init__(message)
        self.missing = missing


class StreamInterrupted(StreamError):
    """The connection broke in the middle of a stream; what arrived before was handed out."""


class LogsIncomplete(StreamError):
    """A part of the logs of a service is missing; what could be had was handed out.

    `nodes` are those that are away, `tasks` those that have no node yet, as far as the Engine
    tells. The message has its words.
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
    """A build did not succeed.

    `step` is the line of the step that failed (None before the first), `exit_code` that of its
    command where the Engine tells it, `log` the output so far. `output` is the end of what that
    step has written, 20 lines and 4 KiB at most; the text of the error ends with it. `hint` says
    what to do where the Engine's words do not.
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
    """An archive of images was not loaded."""


class ImportFailed(OperationFailed):
    """A file system was not imported as an image."""


class PrivilegesNeeded(DockerError):
    """A plugin asks for other privileges than it was granted; nothing was installed.

    `privileges` has those that it asks for, as `plugin_privileges` gives them; they are empty where
    the Engine does not tell.
    """

    def __init__(self, message: str, *, privileges: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.privileges = privileges


class ServiceFailed(DockerError):
    """A service of a swarm will not become what was asked for.

    `service` is what was read last, and `tasks` are its tasks, with `error` and `exit_code`.
    """

    def __init__(self, message: str, *, service: Any = None, tasks: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.service = service
        self.tasks = tasks


class CommandFailed(DockerError):
    """A command ended with a non-zero exit code and the caller had asked for `check=True`.

    `output` is all that it wrote; the message has the end of both streams, at most 20 lines and
    4 KiB of each.
    """

    def __init__(self, message: str, *, exit_code: int = 1, output: Output | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        if output is None:  # as a pickle makes it, and a test may
            from .output import Output

            output = Output()
        self.output = output


def command_failed(command: str, exit_code: int, output: Output) -> CommandFailed:
    """The error for a command that was to succeed."""
    ends = {"stdout": _end_of(output.stdout), "stderr": _end_of(output.stderr)}
    told = "".join(f"\n{name}:\n{end}" for name, end in ends.items() if end)
    return CommandFailed(
        f"{command} ended with exit code {exit_code}{told}", exit_code=exit_code, output=output
    )


def _end_of(output: bytes) -> str:
    # A character that is cut goes with the bytes that are too many.
    return last_lines(output.rstrip()[-LAST_BYTES - 3 :].decode("utf-8", "replace"))


class CredentialsError(DockerError):
    """Stored credentials could not be read; the message never holds a secret."""


class UnexpectedReply(DockerError):
    """A success that does not say what the route promises; `raw` is what came."""

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
    """The message of a refusal, which comes as text or, from Engine 1.12.0 on, as JSON."""
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


# Successes that some Engines answer as an error: first release, first release that does not, route,
# status, all the words.
_SUCCESSES = (
    # 0.4.4 sets the size of a terminal and then takes the system's "no error" for one (seen).
    ((0, 4, 0), (0, 5, 0), "POST /containers/{id}/resize", 500, r"errno 0"),
    # What newer ones say by 304 (0.3.3, 0.4.4, 0.6.6, 0.6.7: seen; 0.10.0 answers 204).
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
    """Whether this answer is an error by its status only, and means success."""
    return any(
        first <= release < end and (route, status) == (liar, code) and re.fullmatch(said, words)
        for first, end, liar, code, said in _SUCCESSES
    )


_PULLS_OF_PLUGINS = r"GET /plugins/privileges|POST /plugins/(pull|\{name\}/upgrade)"
_OF_PLUGINS = rf"{_PULLS_OF_PLUGINS}|POST /plugins/\{{name\}}/push"

# What a 404 is about: the class, the routes, all the words. The first row that fits is taken; if
# none fits, the class is `NotFound`. Engines up to 17.06 derive the status from their own words:
# "no such" and, from 1.7 on, "not found" anywhere in them make a 404. The first rows undo that for
# failures that later Engines answer with 400 or 500.
_MISSING: tuple[tuple[type[ApiError], str, str], ...] = (
    (NotFound, r".*", r"(404 )?page not found"),
    # A command that cannot be run (1.6.2 to 17.06), and a device or a program of the Engine's host.
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
    # A host without an address (1.8.3, 17.06), and what a web server or a registry has not.
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
    # On 1.7 to 1.12 these are a 409 or 406 if the name has "conflict" or "impossible" in it.
    (ImageNotFound, r".*", r"(.*: )?[Nn]o such image: \S+( \(tag: \S+\)|: image not known)?"),
    (ImageNotFound, r".*", r"(.*: )?image with reference \S+ was found but .+"),
    (ImageNotFound, r".*", r"(.*: )?(image not known|No such image)"),  # Podman's
    (ContainerNotFound, r".*", r"(.*: )?(No such container|no such id): \S+"),
    (ContainerNotFound, r".*", r"(.*: )?no such container"),  # Podman's
    # By force: it looks for the place in the network only.
    (ContainerNotFound, r"POST /networks/\{id\}/disconnect", r"endpoint \S+ not found"),
    (NetworkNotFound, r"POST /networks/create", r"configuration network \S+ does not exist"),
    (NetworkNotFound, r".*", r"(.*: )?network (\S+ )?not found"),
    (VolumeNotFound, r".*", r"(.*(: | desc = ))?(no such volume(: \S+)?|volume \S+ not found)"),
    (PluginNotFound, r".*", r"(.*\b)?[Pp]lugin (\S+ )?not found"),
    # What a registry says of an image that it has not.
    (
        ImageNotFound,
        r"POST /images/create|GET /distribution/.*",
        r".*\b(not found|manifest unknown|does not exist|no pull access)\b.*",
    ),
    (PluginNotFound, _PULLS_OF_PLUGINS, r".*\b(not found|manifest unknown)\b.*"),
)
_MISSING_BY_STATUS = (404, 406, 409)

# Refusals of a registry, which Engines answer as a 500 or report inside the stream: the class, the
# routes, all the words. Seen on 20.10.24, 26.1.5 and 28.5.2; the last two use containerd's words
# where images are in its store. 28.5.2 passes on the registry's own status for some of them.
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
    # On 1.5 to 1.10, one entry in the list of all attempts.
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
    # Podman's (4.3 and 5.4).
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
    # 1.8 to 1.13 report it while they pull.
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
    # 1.13 reports the first while it pulls; the others are what is said of an image.
    (
        PluginNotFound,
        _PULLS_OF_PLUGINS,
        r"Error: image \S+ not found|did not find plugin config for .+|target is image"
        r"|Encountered remote \S+ when fetching",
    ),
)

# Missing objects and bad requests that Engines answer as a failure of their own (500): the class,
# the routes, all the words. Seen on 20.10.24 and 28.5.2.
_NO_FAULTS: tuple[tuple[type[ApiError], str, str], ...] = (
    # Of a swarm, up to 17.06: later Engines have a status for the number.
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
    # For one image, and for several.
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

# What is one thing under several statuses: the class, the routes, all the words. That a container
# is in the network already is 500 up to 17.06 and 403 later. That addresses are taken is 409 up to
# 1.13 and 403 later; a Conflict there would look like a name that is taken.
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
    # 400 where one is pulled, 500 up to 17.06.
    # That the file system is there is 409 on 20.10 and 500 on 28.5.
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
    # Faults of the caller, which are 500 on every release, or 404 on 1.13.
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

# What cannot be removed because it is used, whatever the status: the routes, all the words, and how
# those name the users. Of a network 28.5 names the containers, 20.10 and 26.1 name nobody.
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
        r"$^",  # it names nobody
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
# Why an Engine is no manager of a swarm: the state, the routes, all the words, whatever the status.
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
# What to do where the Engine's words do not say it in ours: the hint, the routes, all the words.
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
    r"|network \S+ is ambiguous \(\d+ matches found .+\)"  # where one is removed
)


# What Podman answers as a 500 where Engines have another status (4.3 and 5.4, seen).
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
    # It makes what it starts when it is attached to.
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
    # Also of one that is just being removed.
    (ContainerNotFound, r"\w+ /containers/(create|\{id\}.*)", r"(.*: )?no such container"),
)


def error_for(route: str, status: int, message: str) -> DockerError:
    """The error for an answer of `status` on `route`, with the Engine's own words."""
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
    """Whether an Engine refuses a name of a network because several have it."""
    return re.fullmatch(_SEVERAL, error.message) is not None


def refuses_privileges(error: OperationFailed) -> bool:
    """Whether a pull of a plugin ended since it asks for other privileges."""
    return error.message == "incorrect privileges"


def _reported(message: str) -> str | None:
    """The words of an error report that came in place of the stream (Podman 5.4)."""
    if not message.startswith('{"errorDetail"'):
        return None
    try:
        words = json.loads(message)["errorDetail"]["message"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return words if isinstance(words, str) else None


def refused_by_registry(route: str, message: str) -> ApiError | None:
    """The error for a registry's refusal that was reported inside a stream; None if it is none."""
    cls = _said(_OF_REGISTRIES, route, message)
    return None if cls is None else cls(message, route=route, status=200)


def _said(table: tuple[tuple[T, str, str], ...], route: str, words: str) -> T | None:
    """What the first row that fits has for these words."""
    for found, routes, said in table:
        if re.fullmatch(routes, route) and re.fullmatch(said, words.strip(), re.DOTALL):
            return found
    return None
