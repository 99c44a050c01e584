"""Functions of a test that answer requests instead of the fake Engine (`FakeEngine.answer`)."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from .asked import Asked
from .http.errors import ClientGone, HttpError
from .routes.exchange import Exchange

log = logging.getLogger("dockerapi.testing")

Responder = Callable[[Asked], "tuple[int, Any] | None"]
BYTES = "application/octet-stream"


@attrs.define(eq=False)
class Answer:
    """A function for a route; `left` is the number of remaining answers, None for no limit."""

    route: str
    function: Responder
    left: int | None
    _pattern: re.Pattern[str] = attrs.field(
        init=False, default=attrs.Factory(lambda self: _pattern_of(self.route), True)
    )

    def fits(self, method: str, path: str) -> bool:
        """Whether it is for this request."""
        return method == self.route.partition(" ")[0] and bool(self._pattern.fullmatch(path))


class Answers:
    """All such functions, and the exceptions that they raised."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: list[Answer] = []
        self._raised: list[BaseException] = []

    def add(self, route: str, function: Responder, times: int | None) -> None:
        """Add a function for a route; newer functions are asked first."""
        if not re.fullmatch(r"[A-Z]+ /\S*", route):
            raise ValueError(f"routes are written as in the manual, not {route!r}")
        if not callable(function):
            raise TypeError(f"answer() takes a function of the request, not {function!r}")
        if times is not None and times < 1:
            raise ValueError(f"times is at least 1, not {times}")
        with self._lock:
            self._answers.insert(0, Answer(route, function, times))

    def has(self, route: str) -> bool:
        """Whether there is a function for this route."""
        with self._lock:
            return any(one.route == route for one in self._answers)

    def about(self, method: str, path: str) -> list[Answer]:
        """The functions for a request, newest first."""
        with self._lock:
            return [one for one in self._answers if one.fits(method, path)]

    def serve(self, found: list[Answer], exchange: Exchange, asked: Callable[[], Asked]) -> bool:
        """Ask the functions until one answers; returns whether one did."""
        return any(self._took(one) and self._served(one, exchange, asked()) for one in found)

    def raised(self) -> BaseException | None:
        """The first exception that a function raised; returned only once."""
        with self._lock:
            first = self._raised[0] if self._raised else None
            self._raised.clear()
        return first

    def _took(self, one: Answer) -> bool:
        with self._lock:
            if one.left is None:
                return True
            takes = one.left > 0
            one.left -= int(takes)
            return takes

    def _served(self, one: Answer, exchange: Exchange, asked: Asked) -> bool:
        try:
            given = one.function(asked)
            if given is not None:
                _send(exchange, given)
        except (ClientGone, HttpError):
            raise
        except BaseException as error:
            log.exception("the function that answers %s failed", one.route)
            with self._lock:
                self._raised.append(error)
            if exchange.answered:
                raise ClientGone from error
            words = f"the function that answers {one.route} failed: {error!r}"
            raise HttpError(500, words) from error
        if given is None and one.left is not None:
            with self._lock:
                one.left += 1  # only answers count
        return given is not None


def _send(exchange: Exchange, given: Any) -> None:
    """Send a function's result: a status, and JSON, bytes or an iterator of bytes."""
    if not (isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], int)):
        raise TypeError(f"a function that answers gives (status, content) or None, not {given!r}")
    status, content = given
    headers = exchange.dialect.ping_headers() if exchange.path == "/_ping" else {}
    if isinstance(content, Iterator):
        with exchange.stream(BYTES, status, headers) as chunks:
            for block in content:
                chunks.write(block)
    elif status in (204, 304):
        exchange.answer(status, headers=headers)
    elif isinstance(content, bytes):
        exchange.answer(status, content, BYTES if content else None, headers)
    else:
        exchange.answer_json(content, status, headers)


def _pattern_of(route: str) -> re.Pattern[str]:
    """The pattern for a route's paths; only `{name}` may contain a slash."""
    path = re.escape(route.partition(" ")[2]).replace(r"\{name\}", ".+")
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]*", path))
