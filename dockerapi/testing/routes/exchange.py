"""A request to one route, and its answer in the form of the Engine's version."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..http.errors import HttpError
from ..http.exchange import HttpExchange
from ..http.server import Connection
from ..http.wire import Chunks, Damage, Hijacked
from ..versions.dialect import MULTIPLEXED, RAW_STREAM, TEXT, Dialect
from ..versions.progress import Failed, Json, Values


class Exchange(HttpExchange):
    """A request; `route` is its name as in the manual, "" for an unknown one."""

    def __init__(
        self,
        connection: Connection,
        request: tuple[str, str, Mapping[str, str]],
        dialect: Dialect,
        route: str = "",
        damage: Damage | None = None,
    ) -> None:
        super().__init__(connection, request, damage)
        self.dialect = dialect
        self.route = route

    # The request

    def filters(self) -> dict[str, list[str]]:
        """The parameter `filters`: lists, or the map of maps that newer clients send."""
        found = self.decoded(self.asked("filters", "{}").encode() or b"{}")
        if not all(isinstance(values, (dict, list)) for values in found.values()):
            raise self.dialect.bad_json()
        return {
            name: [value for value, on in values.items() if on]
            if isinstance(values, dict)
            else [str(value) for value in values]
            for name, values in found.items()
        }

    def json(self) -> dict[str, Any]:
        """The body, a JSON object; an empty body counts as an empty object."""
        return self.decoded(self.body.read() or b"{}")

    def decoded(self, content: bytes) -> dict[str, Any]:
        """A JSON object sent by the client, or the Engine's error about it."""
        try:
            found = json.loads(content)
        except ValueError as error:
            raise self.dialect.bad_json() from error
        if not isinstance(found, dict | None):
            raise self.dialect.bad_json()
        return found or {}

    # Ways to answer; `websocket` is another one

    def answer(
        self,
        status: int = 200,
        body: bytes = b"",
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A complete answer."""
        found = {**self.dialect.headers(self.route), **(headers or {})}
        if content_type is not None:
            found["Content-Type"] = content_type
        self.send_whole(status, body, found)

    def answer_json(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """A complete answer in JSON, in the version's form."""
        self.answer(status, self.dialect.encoded(value), "application/json", headers)

    def refuse(self, error: HttpError) -> None:
        """A complete error answer, in the version's form."""
        if error.status == 304:
            self.answer(304)
            return
        raw = self.dialect.raw_error(self.route, error)
        if raw is not None:
            self.send_raw(raw[0], raw[1], {"Content-Type": RAW_STREAM})
            return
        content_type, body = self.dialect.error(error.message)
        self.answer(error.status, body, content_type)

    def stream(
        self,
        content_type: str | None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Chunks:
        """A chunked answer; the end of the `with` block sends the last chunk."""
        found = {**self.dialect.headers(self.route), **(headers or {})}
        if content_type is not None:
            found["Content-Type"] = content_type
        return self.send_chunks(status, found)

    def report(self, values: Values, encode: Callable[[Dialect, Json], bytes]) -> None:
        """Report a long operation as it proceeds: the head is sent with the first value.

        A failure before that is a status, a later one is the last value.
        """
        answer: Chunks | None = None
        content_type = "application/json" if self.dialect.progress_is_json else TEXT
        with contextlib.closing(values):
            try:
                for value in values:
                    if content := encode(self.dialect, value):
                        answer = answer or self.stream(content_type)
                        answer.write(content)
            except Failed as failed:
                if answer is None:
                    raise HttpError(failed.status, failed.message) from failed
                answer.write(encode(self.dialect, failed.value))
        with answer or self.stream(content_type):
            pass

    def hijack(self, *, framed: bool) -> Hijacked:
        """The connection itself: 101 for an upgrade, if the Engine supports that."""
        upgrade = bool(self.headers.get("Upgrade")) and self.dialect.upgrades
        content_type = MULTIPLEXED if framed and self.dialect.names_frames(upgrade) else RAW_STREAM
        found = {"Content-Type": content_type}
        if not upgrade:
            return self.take_over(200, found, None)
        found.update({"Connection": "Upgrade", "Upgrade": "tcp"})
        return self.take_over(101, found, "UPGRADED")
