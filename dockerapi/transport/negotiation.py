"""Which version is spoken: what an Engine says of itself, asked once for all threads.

What follows from the version and the release is here, too: no layer above compares them.
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
    described,
    ends_any_input,
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

_PATIENCE = 0.05  # seconds for which a thread waits before it looks whether it still should


@attrs.frozen
class Negotiated:
    """What was found: the version that is spoken, the Engine's own, its release, its system."""

    version: ApiVersion
    newest: ApiVersion
    release: Release
    windows: bool = False
    proxy: str = ""  # how what is in front of the Engine calls itself, in `Server`

    def supports(self, route: str, *, query: str | None = None, header: str | None = None) -> bool:
        """Whether the version spoken has this route, or another for the same; with a part of it."""
        return supports(route, self.version, self.release, query=query, header=header)

    def is_success(self, route: str, status: int, words: str) -> bool:
        """Whether this error is one of the few that mean, on this Engine, that all went well."""
        release = self.release.major, self.release.minor, self.release.patch
        return is_success(route, status, words, release)

    def split_create_body(
        self, body: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The body of create as one for create and one for start, as this Engine takes them."""
        return split_create_body(body, self.version, self.release)

    def split_networks(self, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The body of create, and the networks that this Engine lets a container join later."""
        return split_networks(body, self.version, self.release)

    def frames(self, *, tty: bool) -> FrameDecoder:
        """The decoder of a container's or exec's output.

        Only `Config.Tty` of inspect tells; content types do not (differences, 0.4).
        """
        return Demuxer() if not tty and framed(self.version) else RawDecoder()

    def no_end_of_input(
        self, *, tty: bool = False, once: bool = True, exec: bool = False, websocket: bool = False
    ) -> NotSupported | None:
        """Why the input of a container or exec cannot be ended alone, or None.

        Without `once` (StdinOnce), and with a TTY, Engines end the output instead, without a word
        (moby, container/stream/attach.go). An exec has one connection for input and output; a proxy
        may hang up both ways at the end of the input.
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
    def refuses_second_starts(self) -> bool:
        """Whether a second start of an exec is an error of the Engine's own."""
        return refuses_second_starts(self.release)

    @property
    def finds_secrets_by_name(self) -> bool:
        """Whether a secret of a swarm is found by its name, and not by its id only."""
        return finds_secrets_by_name(self.release)

    @property
    def tells_of_execs(self) -> bool:
        """Whether an event tells of the end of an exec."""
        return tells_of_execs(self.release)

    @property
    def no_past_events(self) -> NotSupported | None:
        """Why events until a time that has passed cannot be asked for, if that is so."""
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
        """Whether the statistics of a container that does not run come, and are not waited for."""
        return tells_of_the_stopped(self.release)

    @property
    def erases_locked_swarms(self) -> bool:
        """Whether a locked manager leaves its swarm without being asked twice, and erases it."""
        return erases_locked_swarms(self.release)

    @property
    def keeps_what_failed(self) -> bool:
        """Whether a container that could not be created is there all the same."""
        return keeps_what_failed(self.release)

    @property
    def unnamed_copies(self) -> NotSupported | None:
        """Why what is copied out of a container cannot be told from other things, if that is so."""
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

    This is the only place where a lock is held while bytes move. A thread that is already inside,
    and comes again from a signal handler or a policy, asks for itself: else it would wait for
    itself.
    """

    def __init__(self, result: Negotiated | None = None) -> None:
        self.result = result
        self._asking = threading.RLock()
        self._threads: set[int] = set()  # that ask, or wait, or decide whether to ask again

    @property
    def is_here(self) -> bool:
        """Whether this thread is in the middle of it."""
        return get_ident() in self._threads

    def step(self, ask: Callable[[], Negotiated]) -> None:
        """Asks, or waits for a moment while another thread does; `result` has what was found."""
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
            except RuntimeError:  # it is not this thread's
                pass
            finally:
                self._threads.discard(thread)

    def decide(self, policy: Callable[[], float | None]) -> float | None:
        """What a policy says. The calls that it makes itself have no policy."""
        thread = get_ident()
        try:
            self._threads.add(thread)
            return policy()
        finally:
            self._threads.discard(thread)


class Answer(Protocol):
    """What an Engine answered."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def json(self) -> Any: ...


def ask(get: Callable[[str], Answer], endpoint: Endpoint, pinned: ApiVersion | None) -> Negotiated:
    """What to speak with an Engine: it is asked `GET /_ping`, and `GET /version` if need be.

    The ping takes no time, and tells enough from 1.8.0 on; Podman 4.3 takes seconds for its
    version. That is asked for where the ping is refused or does not tell the release, and where the
    oldest version matters, which only `/version` has. If a proxy refuses that, too, what is known
    or pinned has to do; an Engine that does not speak it says so.

    Raises:
        UnexpectedReply: that is no Engine.
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
    """The version that is spoken, if there is one that both sides know."""
    version = pinned or min(NEWEST, told.newest)
    known = max(OLDEST, told.oldest or OLDEST) <= version <= min(NEWEST, told.newest)
    return version if known else None


def _agreed(
    told: Described, endpoint: Endpoint, pinned: ApiVersion | None, proxy: str
) -> Negotiated:
    version = _common(told, pinned)
    if version is not None:
        # On a socket of this machine an Engine may call itself what it likes.
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
