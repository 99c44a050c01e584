"""Which version is spoken: what an Engine says of itself, asked once for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from threading import get_ident
from typing import Any, Protocol

import attrs

from ..endpoint.endpoint import Endpoint
from ..errors import ApiError, Forbidden, NoCommonVersion, UnexpectedReply, shown
from ..versions.releases import (
    NEWEST,
    OLDEST,
    ApiVersion,
    Described,
    Release,
    described,
    first_release_of,
    misreads,
    pinged,
)

_PATIENCE = 0.05  # seconds for which a thread waits before it looks whether it still should


@attrs.frozen
class Negotiated:
    """What was found: the version that is spoken, the Engine's own, its release, its system."""

    version: ApiVersion
    newest: ApiVersion
    release: Release
    windows: bool = False


class Negotiation:
    """The one question that many threads want to have answered.

    This is the one place where a lock is held while bytes move, so that it is asked once. A thread
    that is here already, and meets it again in the handler of a signal or in a policy, asks for
    itself: it must not wait for itself.
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
        """What a policy says; what it asks itself is asked without one."""
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
    told = None
    try:
        told = pinged(get("GET /_ping").headers)
    except ApiError as error:
        if error.status >= 500:
            raise
    if told is not None and not told.release.guessed and told.newest <= NEWEST:
        if _common(told, pinned) is not None:
            return _agreed(told, endpoint, pinned)
    try:
        found = get("GET /version").json()
    except Forbidden:
        if told is None and pinned is not None:
            release = attrs.evolve(first_release_of(pinned), guessed=True)
            told = Described(pinned, None, release)
        if told is None:
            raise
        whatever = attrs.evolve(told, oldest=None)
        return _agreed(whatever if _common(whatever, pinned) else told, endpoint, pinned)
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
    return _agreed(told, endpoint, pinned)


def _common(told: Described, pinned: ApiVersion | None) -> ApiVersion | None:
    """The version that is spoken, if there is one that both sides know."""
    version = pinned or min(NEWEST, told.newest)
    known = max(OLDEST, told.oldest or OLDEST) <= version <= min(NEWEST, told.newest)
    return version if known else None


def _agreed(told: Described, endpoint: Endpoint, pinned: ApiVersion | None) -> Negotiated:
    version = _common(told, pinned)
    if version is not None:
        return Negotiated(version, told.newest, told.release, told.windows)
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
