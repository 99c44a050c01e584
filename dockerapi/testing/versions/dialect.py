"""How the Engine of one release answers under one prefix, apart from its resources.

This covers the accepted prefixes, the form of errors, headers, JSON, and the separators of streams.
Answers about containers and images are in `shapes.py`.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import attrs

from ...versions.releases import ApiVersion, Release, api_range_of
from ..http.errors import HttpError

# The release that stands for an API version: up to 1.19, or if another release was recorded, the
# last one that spoke the version; otherwise the first.
_FIRST_TWENTY = (  # of 1.0 to 1.19
    "0.3.3 0.4.0 0.4.4 0.5.0 0.6.1 0.6.3 0.6.6 0.6.7 0.7.6 0.8.1 "
    "0.10.0 0.11.1 1.0.1 1.1.2 1.2.0 1.3.3 1.4.1 1.5.0 1.6.2 1.7.1"
).split()
RELEASE_OF = {f"1.{minor}": release for minor, release in enumerate(_FIRST_TWENTY)}
RELEASE_OF |= {"1.41": "20.10.24", "1.45": "26.1.5", "1.51": "28.5.2"}

TEXT = "text/plain; charset=utf-8"
RAW_STREAM = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"
# The first release with each event; all other events are as old as events themselves.
_NEWS = {
    "0.12.0": "container/pause container/unpause",
    "1.3.0": "container/exec_create container/exec_start",
    "1.4.0": "container/oom",
    "1.6.0": "image/import image/pull",
    "1.7.0": "image/push image/tag",
    "1.8.0": "container/archive-path container/attach container/commit container/copy "
    "container/extract-to-dir container/rename container/resize container/top",
    "1.10.0": "container/update",
    "1.11.0": "image/load image/save",
    "1.12.0": "container/health_status",
    "17.9.0": "container/exec_die",
    "28.0.0": "image/create",
}
_TOLD_SINCE = {event: release for release, events in _NEWS.items() for event in events.split()}

# Cached: called repeatedly for a handful of texts.
_release = functools.lru_cache(maxsize=512)(Release.parse)
_version = functools.lru_cache(maxsize=512)(ApiVersion.parse)


@attrs.frozen
class Dialect:
    """A release, and the requested API version."""

    release: Release
    api: ApiVersion

    def since(self, release: str) -> bool:
        """Whether the Engine has this release or a newer one."""
        return self.release >= _release(release)

    def speaks(self, version: str) -> bool:
        """Whether the prefix has this API version or a newer one."""
        return self.api >= _version(version)

    @property
    def modern(self) -> bool:
        """Whether it is of the second era: 1.10.0 changed stored data and messages."""
        return self.since("1.10.0")

    # Prefixes (daemons.md, sections 3 and 4).

    @classmethod
    def of(cls, release: Release, prefix: str | None) -> tuple[Dialect, HttpError | None]:
        """The dialect for a prefix such as `1.19`, and the error if the prefix is refused."""
        newest, oldest = api_range_of(str(release))
        own = cls(release, newest)
        if prefix is None:
            return own, None
        asked = _as_version(prefix)
        if asked > newest and (not own.since("1.13.0") or own.since("17.11.0")):
            return own, HttpError(400 if own.since("1.7.0") else 404, own._too_new(prefix))
        if oldest is not None and asked < oldest:
            # The error has the form of the requested version.
            words = (
                f"client version {prefix} is too old. Minimum supported API version is {oldest}, "
                "please upgrade your client to a newer version"
            )
            return cls(release, asked), HttpError(400, words)
        return cls(release, min(asked, newest)), None

    def _too_new(self, prefix: str) -> str:
        if not self.since("0.8.0"):
            return ""
        if not self.since("1.13.0"):
            return (
                f"client and server don't have same version (client : {prefix}, server: {self.api})"
            )
        return f"client version {prefix} is too new. Maximum supported API version is {self.api}"

    # Errors

    @property
    def errors_are_json(self) -> bool:
        """From 1.12.0 on by the prefix, 26.0.0 to 28.0 always, then by the prefix again."""
        if self.since("26.0.0") and not self.since("28.1.0"):
            return True
        return self.since("1.12.0") and self.speaks("1.24")

    @property
    def bad_request(self) -> int:
        """The status for a mistake in a request: 500 before 17.10.0."""
        return 400 if self.since("17.10.0") else 500

    @property
    def conflict(self) -> int:
        """The status if a container's state forbids a request: 500 before 1.12.0."""
        return 409 if self.since("1.12.0") else 500

    @property
    def checks_first(self) -> bool:
        """Whether a build checks the whole Dockerfile first: from 17.6.0 on."""
        return self.since("17.6.0")

    def takes_name(self, name: str) -> bool:
        """Whether a container can have this name: one letter is enough before 0.12.0."""
        pattern = r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+" if self.since("0.12.0") else r"/?[a-zA-Z0-9_-]+"
        return re.fullmatch(pattern, name) is not None

    @property
    def publishes_what_is_bound(self) -> bool:
        """Whether a bound port that is not exposed is published: up to 1.6, and from 29 on."""
        return not self.since("1.7.0") or self.since("29.0.0")

    @property
    def tells_networks_apart(self) -> bool:
        """Whether an ambiguous network name is refused; up to 1.13 the first match is taken."""
        return self.since("17.6.0")

    def error(self, message: str) -> tuple[str, bytes]:
        """Content type and body of an error."""
        if self.errors_are_json:
            return "application/json", self.encoded({"message": message})
        return TEXT, f"{message}\n".encode() if message else b""

    def no_route(self) -> HttpError:
        """The answer to a path or method that the release does not know."""
        return HttpError(404, "page not found" if self.since("1.12.0") else "404 page not found")

    def bad_json(self) -> HttpError:
        """The answer to a body that is not a JSON object."""
        if self.since("23.0.0"):
            return HttpError(400, "invalid JSON: an object was expected")
        return HttpError(500, "unexpected end of JSON input" if self.modern else "unexpected EOF")

    # Heads and bodies

    def headers(self, route: str) -> dict[str, str]:
        """The headers by which the release describes itself in every answer."""
        found: dict[str, str] = {}
        if not route:  # the router's own answer
            return found
        newest = str(api_range_of(str(self.release))[0])
        if self.since("1.13.0"):
            found["Api-Version"] = newest
            found["Docker-Experimental"] = "false"
        if self.since("17.4.0"):
            found["Ostype"] = "linux"
        if self.since("1.8.0"):
            found["Server"] = f"Docker/{self.release} (linux)"
        return found

    def ping_headers(self) -> dict[str, str]:
        """The additional headers of a ping's answer."""
        found = {}
        if self.since("19.3.0"):
            found.update({"Cache-Control": "no-cache, no-store, must-revalidate"})
            found["Pragma"] = "no-cache"
        if self.since("18.9.0"):
            found["Builder-Version"] = "2" if self.since("23.0.0") else "1"
        if self.since("23.0.0"):
            found["Swarm"] = "inactive"
        return found

    def event(self, value: dict[str, Any]) -> bytes:
        """One event with its separator: nothing up to 1.6, then a newline."""
        return self.encoded(value).rstrip(b"\n") + (b"\n" if self.since("1.7.0") else b"")

    def encoded(self, value: Any) -> bytes:
        """A JSON value as Go writes it: compact, and from 1.7.0 on with a newline."""
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return text.encode() + (b"\n" if self.since("1.7.0") else b"")

    def stream_value(self, value: dict[str, Any]) -> bytes:
        """One value of a JSON stream with its separator.

        Nothing up to 0.8.1, CRLF from 0.9.0; progress has no separator before 1.10.0 (differences,
        2.2).
        """
        content = self.encoded(value).rstrip(b"\n")
        if not self.since("0.9.0") or ("progress" in value and not self.modern):
            return content
        return content + b"\r\n"

    # Values

    def id(self, id: str) -> str:
        """An image's id as the release writes it: with its algorithm from 1.10.0 on."""
        return id if self.modern else id.removeprefix("sha256:")

    @property
    def progress_is_json(self) -> bool:
        """Whether pull, push, import and insert report in JSON (differences, 2.1)."""
        return self.speaks("1.1") or self.since("1.7.0")

    @property
    def build_is_json(self) -> bool:
        """Whether a build reports in JSON (differences, 2.1)."""
        return self.speaks("1.8") or self.since("1.7.0")

    @property
    def load_reports(self) -> bool:
        """Whether a load sends a report: from 1.11.0 on (differences, 0.6)."""
        return self.since("1.11.0")

    def tells(self, type: str, action: str) -> bool:
        """Whether the release has events of this kind."""
        action = action.partition(":")[0]
        if type not in ("container", "image"):
            return self.modern
        return self.since(_TOLD_SINCE.get(f"{type}/{action}", "0.5.1"))

    # Streams

    @property
    def frames(self) -> bool:
        """Whether output without a TTY is framed: by the prefix, from 1.8.0 on always."""
        return self.speaks("1.6") or self.since("1.8.0")

    def logs_type(self, framed: bool) -> str | None:
        """The content type of logs; none up to 20.10."""
        if not self.since("23.0.0"):
            return None
        return MULTIPLEXED if framed and self.speaks("1.42") else RAW_STREAM

    def raw_error(self, route: str, error: HttpError) -> tuple[int, bytes] | None:
        """Status and body of a refusal that is a raw stream (differences, 0.2 and 0.3)."""
        if route != "POST /containers/{id}/attach":
            return None
        if self.since("1.12.0"):
            return error.status, f"{error.message}\r\n".encode()
        return None if self.since("0.4.0") else (200, f"Error: {error.message}\n".encode())

    def exec_failed(self, id: str, words: str, *, tty: bool) -> bytes:
        """The output of an exec whose command does not exist, after the status 200."""
        told = f"Error starting exec command in container {id}: {words}\n"
        if self.modern:
            started = "unable to start container process"
            told = f"OCI runtime exec failed: exec failed: {started}: {words}: unknown\r\n"
        return told.encode() if tty or not self.frames else _frame(1, told)

    @property
    def waits_in_chunks(self) -> bool:
        """Whether a wait sends its head before it waits."""
        return self.since("17.6.0") and self.speaks("1.30")

    @property
    def frames_logs(self) -> bool:
        """Whether logs are framed: from 1.7.0 on whatever the prefix (differences, 3.2)."""
        return self.frames or self.since("1.7.0")

    @property
    def upgrades(self) -> bool:
        """Whether a hijack answers 101 to a request for an upgrade (differences, 3.4)."""
        return self.since("1.5.0")

    def names_frames(self, upgrade: bool) -> bool:
        """Whether the head says that the stream is framed (differences, 0.4 and 3.4)."""
        return upgrade and self.since("23.0.0") and self.speaks("1.42")


def release_of(api_version: str | None, release: str | None = None) -> Release:
    """The named release, or the one that stands for an API version; by default the newest.

    Raises:
        ValueError: there is no such version or release, or the release speaks another version.
    """
    from ...versions.releases import NEWEST, OLDEST, first_release_of

    asked = NEWEST if api_version is None else ApiVersion.parse(api_version)
    if release is not None:
        newest = api_range_of(release)[0]
        if api_version is not None and asked != newest:
            raise ValueError(f"Engine {release} speaks API {newest}, not {api_version}")
        return Release.parse(release)
    if not OLDEST <= asked <= NEWEST:
        raise ValueError(f"API {OLDEST} to {NEWEST} can be had, not {asked}")
    found = RELEASE_OF.get(str(asked))
    return Release.parse(found) if found else first_release_of(asked)


def _frame(stream: int, text: str) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text.encode()).to_bytes(4, "big") + text.encode()


def _as_version(prefix: str) -> ApiVersion:
    """A prefix, part by part; a part that is not a number counts as 0."""
    major, _, minor = prefix.partition(".")
    minor = minor.partition(".")[0]
    return ApiVersion(*(int(part) if part.isdecimal() else 0 for part in (major, minor)))
