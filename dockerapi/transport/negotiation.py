"""The negotiated version: the Engine is asked about itself once, for all threads.

Everything that follows from the version and the release is here, so no layer above compares them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from threading import get_ident
from typing import Any, Protocol

import attrs

from ..endpoint.endpoint import Endpoint
from ..errors import (
    ApiError,
    Forbidden,
    NoCommonVersion,
    NotSupported,
    UnexpectedReply,
    is_success,
    shown,
)
from ..protocol.wire import Demuxer, FrameDecoder, RawDecoder
from ..versions.fit import split_create_body, split_networks, supports
from ..versions.releases import (
    NEWEST,
    OLDEST,
    ApiVersion,
    Described,
    Release,
    copies_by_name,
    creates_as_the_image_says,
    described,
    ends_any_input,
    ends_reports,
    erases_locked_swarms,
    finds_secrets_by_name,
    first_release_of,
    framed,
    half_closes,
    keeps_what_failed,
    misreads,
    pinged,
    refuses_second_starts,
    tells_of_execs,
    tells_of_the_past,
    tells_of_the_stopped,
)
from .failures import proxy_in

_PATIENCE = 0.05  # seconds between two looks whether another thread has the result


@attrs.frozen
class Negotiated:
    """The result: the version in use, the Engine's newest, its release, its operating system."""

    version: ApiVersion
    newest: ApiVersion
    release: Release
    windows: bool = False
    proxy: str = ""  # the name in the `Server` header of a proxy

    def supports(self, route: str, *, query: str | None = None, header: str | None = None) -> bool:
        """Whether the version in use has this route or an equivalent, with this parameter."""
        return supports(route, self.version, self.release, query=query, header=header)

    def is_success(self, route: str, status: int, words: str) -> bool:
        """Whether this error is one of the few by which this Engine reports a success."""
        release = self.release.major, self.release.minor, self.release.patch
        return is_success(route, status, words, release)

    def split_create_body(
        self, body: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The body of create as one for create and one for start, as this Engine takes them."""
        return split_create_body(body, self.version, self.release)

    def split_networks(self, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The body of create, and the networks to join after it, for this Engine."""
        return split_networks(body, self.version, self.release)

    def frames(self, *, tty: bool) -> FrameDecoder:
        """The decoder of a container's or exec's output.

        Only `Config.Tty` of inspect says which; content types do not (differences, 0.4).
        """
        return Demuxer() if not tty and framed(self.version) else RawDecoder()

    def no_end_of_input(
        self, *, tty: bool = False, once: bool = True, exec: bool = False, websocket: bool = False
    ) -> NotSupported | None:
        """Why the input of a container or exec cannot be ended alone, or None.

        Without `once` (StdinOnce), and with a TTY, Engines silently end the output instead (moby,
        container/stream/attach.go). An exec uses one connection for input and output, and a proxy
        may close both directions at the end of the input.
        """
        if websocket:
            route = "GET /containers/{id}/attach/ws"
            words = f"{route}: a websocket cannot end its input and go on reading; use attach()"
            return NotSupported(words, route=route, what="close_stdin")
        if tty:
            words = "close_stdin: a TTY's input has no end; write what ends it there, as a rule "
            return NotSupported(words + "b'\\x04'", what="close_stdin")
        if not (once or ends_any_input(self.release)):
            words = "close_stdin: the container was created without stdin_once=True, so that its "
            return NotSupported(words + "input stays open", what="close_stdin")
        if not half_closes(self.release):
            return NotSupported(
                f"ending the input of a container needs Engine 0.5.0; this one is {self.release}, "
                "which would lose the output",
                what="close_stdin",
                needs="0.5.0",
                has=str(self.release),
            )
        if exec and self.proxy:
            return NotSupported(
                "ending the input of an exec needs a way to the Engine that passes half-closes. "
                f"There is a proxy in front of it (Server: {self.proxy}); nginx and others hang up "
                "both ways then, and the output would be lost. One that passes them on and leaves "
                "the Engine's own Server in the answers, as HAProxy in TCP mode, is taken for none",
                what="close_stdin",
                needs="half-closes",
                has=self.proxy,
            )
        return None

    @property
    def creates_as_the_image_says(self) -> bool:
        """Whether a container may have a terminal, or an input, because its image has."""
        return creates_as_the_image_says(self.release)

    @property
    def refuses_second_starts(self) -> bool:
        """Whether a second start of an exec is an error; Engines send it as output."""
        return refuses_second_starts(self.release)

    @property
    def finds_secrets_by_name(self) -> bool:
        """Whether a swarm's secret is found by its name, and not only by its id."""
        return finds_secrets_by_name(self.release)

    @property
    def tells_of_execs(self) -> bool:
        """Whether an event reports the end of an exec."""
        return tells_of_execs(self.release)

    @property
    def ends_reports(self) -> bool:
        """Whether the last message of a pull, push, import or build is known as such."""
        return ends_reports(self.release)

    @property
    def no_past_events(self) -> NotSupported | None:
        """Why events of a past period cannot be requested, if so."""
        if tells_of_the_past(self.release):
            return None
        return NotSupported(
            "GET /events ?until with a time that has passed: Podman gives some of the events, or "
            "none; ask until a second from now, and stop at the first that is later",
            route="GET /events",
            what="?until",
            needs="a Docker Engine",
            has=str(self.release),
        )

    @property
    def tells_of_the_stopped(self) -> bool:
        """Whether the stats of a stopped container come at once."""
        return tells_of_the_stopped(self.release)

    @property
    def erases_locked_swarms(self) -> bool:
        """Whether a locked manager leaves its swarm, and erases it, even without `force`."""
        return erases_locked_swarms(self.release)

    @property
    def keeps_what_failed(self) -> bool:
        """Whether a container is left behind by a create that failed."""
        return keeps_what_failed(self.release)

    @property
    def unnamed_copies(self) -> NotSupported | None:
        """Why a copy out of a container cannot be told from other content, if so."""
        route = "GET /containers/{id}/archive"
        if self.supports(f"HEAD {route[4:]}") or copies_by_name(self.release):
            return None
        return NotSupported(
            f"{route} needs API 1.20 on Engine {self.release}, which leaves out the name of what "
            f"is copied below; API {self.version} was asked for",
            route=route,
            needs="1.20",
            has=str(self.version),
        )


class Negotiation:
    """Asks the Engine once, however many threads need the answer.

    Only here is a lock held while bytes move. A thread that is already asking may come again, from
    a signal handler or a retry policy; it then asks a second time, as it would otherwise wait for
    itself.
    """

    def __init__(self, result: Negotiated | None = None) -> None:
        self.result = result
        self._asking = threading.RLock()
        self._threads: set[int] = set()  # threads that ask, wait, or run a retry policy

    @property
    def is_here(self) -> bool:
        """Whether this thread is in the middle of negotiating."""
        return get_ident() in self._threads

    def step(self, ask: Callable[[], Negotiated]) -> None:
        """Asks, or waits a moment while another thread asks; `result` has the outcome."""
        if self.is_here:
            self.result = ask()
            return
        thread = get_ident()
        try:
            self._threads.add(thread)
            if self._asking.acquire(timeout=_PATIENCE) and self.result is None:
                self.result = ask()
        finally:
            try:
                self._asking.release()
            except RuntimeError:  # this thread does not hold it
                pass
            finally:
                self._threads.discard(thread)

    def decide(self, policy: Callable[[], float | None]) -> float | None:
        """The policy's answer. Calls made by the policy itself are not subject to it."""
        thread = get_ident()
        try:
            self._threads.add(thread)
            return policy()
        finally:
            self._threads.discard(thread)


class Answer(Protocol):
    """An answer of the Engine."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def json(self) -> Any: ...


def ask(get: Callable[[str], Answer], endpoint: Endpoint, pinned: ApiVersion | None) -> Negotiated:
    """The version to use with an Engine, from `GET /_ping` and, if necessary, `GET /version`.

    The ping is fast, and sufficient from 1.8.0 on; Podman 4.3 takes seconds for its version.
    `/version` is asked if the ping is refused or lacks the release, and if the oldest version
    matters, which only `/version` has. If a proxy refuses `/version` as well, the versions known so
    far or pinned are used; an Engine that does not speak them says so later.

    Raises:
        UnexpectedReply: this is not an Engine.
        NoCommonVersion: the Engine and this library have none.
    """
    told, proxy = None, ""
    try:
        headers = get("GET /_ping").headers
        told, proxy = pinged(headers), proxy_in(headers)
    except ApiError as error:
        if error.status >= 500:
            raise
    if told is not None and not told.release.guessed and told.newest <= NEWEST:
        if _common(told, pinned) is not None:
            return _agreed(told, endpoint, pinned, proxy)
    try:
        answer = get("GET /version")
        found, proxy = answer.json(), proxy or proxy_in(answer.headers)
    except Forbidden:
        if told is None and pinned is not None:
            release = attrs.evolve(first_release_of(pinned), guessed=True)
            told = Described(pinned, None, release)
        if told is None:
            raise
        whatever = attrs.evolve(told, oldest=None)
        return _agreed(whatever if _common(whatever, pinned) else told, endpoint, pinned, proxy)
    if not isinstance(found, dict):
        raise UnexpectedReply(
            f"{endpoint}: GET /version: an object was expected, not {shown(found)}", raw=found
        )
    try:
        told = described(found)
    except ValueError as error:
        raise UnexpectedReply(
            f"{endpoint}: GET /version names no Docker Engine: {shown(found)}", raw=found
        ) from error
    return _agreed(told, endpoint, pinned, proxy)


def _common(told: Described, pinned: ApiVersion | None) -> ApiVersion | None:
    """The version to use, if both sides know it."""
    version = pinned or min(NEWEST, told.newest)
    known = max(OLDEST, told.oldest or OLDEST) <= version <= min(NEWEST, told.newest)
    return version if known else None


def _agreed(
    told: Described, endpoint: Endpoint, pinned: ApiVersion | None, proxy: str
) -> Negotiated:
    version = _common(told, pinned)
    if version is not None:
        # Behind a local socket there is no proxy, whatever the Engine's Server header says.
        proxy = proxy if endpoint.host else ""
        return Negotiated(version, told.newest, told.release, told.windows, proxy)
    words = (
        f"{endpoint}: the Engine speaks API {told.oldest or OLDEST} to {told.newest}, this library "
        f"{OLDEST} to {NEWEST}"
    )
    if pinned is not None:
        words += f", and version={pinned} was asked for"
    if pinned is not None and misreads(pinned, told.release):
        words += (
            f"; Engine {told.release} would read {pinned} as a decimal fraction and answer as for "
            f"API {str(pinned)[:3]}"
        )
    raise NoCommonVersion(words)
