"""Which version is spoken: what an Engine says of itself, asked once for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import get_ident
from typing import Any

import attrs

from ..endpoint.endpoint import Endpoint
from ..errors import NoCommonVersion, UnexpectedReply, shown
from ..versions.releases import (
    NEWEST,
    OLDEST,
    ApiVersion,
    Release,
    described,
    misreads,
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


def negotiated(found: Any, endpoint: Endpoint, pinned: ApiVersion | None) -> Negotiated:
    """What to speak with an Engine that answers so to `GET /version`.

    Raises:
        UnexpectedReply: that is no Engine.
        NoCommonVersion: the Engine and this library have none.
    """
    if not isinstance(found, dict):
        raise UnexpectedReply(
            f"{endpoint}: GET /version: an object was expected, not {shown(found)}", raw=found
        )
    try:
        newest, oldest, release = described(found)
    except ValueError as error:
        raise UnexpectedReply(
            f"{endpoint}: GET /version names no Docker Engine: {shown(found)}", raw=found
        ) from error
    oldest = oldest or OLDEST
    version = pinned or min(NEWEST, newest)
    if max(OLDEST, oldest) <= version <= min(NEWEST, newest):
        return Negotiated(version, newest, release, found.get("Os") == "windows")
    words = (
        f"{endpoint}: the Engine speaks API {oldest} to {newest}, this library {OLDEST} to {NEWEST}"
    )
    if pinned is not None:
        words += f", and version={pinned} was asked for"
    if pinned is not None and misreads(pinned, release):
        words += (
            f"; Engine {release} would read {pinned} as a decimal fraction and answer as for API "
            f"{str(pinned)[:3]}"
        )
    raise NoCommonVersion(words)
