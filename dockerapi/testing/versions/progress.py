"""The reports of long operations, value by value, with their separators.

A value is as the newest Engines write it: `status`, `id`, `progressDetail`, `stream`, `aux`, or
`error` with `errorDetail`. `progress`, the text for the numbers, is created here. A value that the
version does not have is b"".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from .dialect import Dialect

Json = dict[str, Any]
# The report of a long operation, value by value.
Values = Generator[Json, None, None]

WIDTH = 50


class Failed(Exception):
    """A long operation fails: the message is in its report, or before the report with `status`.

    `code` is the exit code of a build's command, if one failed.
    """

    def __init__(self, message: str, status: int = 500, code: int | None = None) -> None:
        super().__init__(message, status, code)
        self.message = message
        self.status = status
        self.code = code

    @property
    def value(self) -> Json:
        """The last value of the report."""
        detail: Json = {} if self.code is None else {"code": self.code}
        return {"errorDetail": {**detail, "message": self.message}, "error": self.message}


def state(status: str, id: str) -> Json:
    """The state of a layer."""
    return {"status": status, "progressDetail": {}, "id": id}


def moved(status: str, id: str, size: int) -> Json:
    """A layer that was transferred completely."""
    detail = {"current": size, "total": size}
    return {"status": status, "progressDetail": detail, "progress": "", "id": id}


def progress(dialect: Dialect, value: Json) -> bytes:
    """A value of pull, push, import or insert; plain text in 1.0."""
    found = dict(value)
    if found.get("progress") == "":
        size = _size(dialect, found["progressDetail"]["total"])
        found["progress"] = f"[{'=' * WIDTH}>] {size:>8}/{size}"
    if "status" in found and "id" not in found:
        found["status"] = dialect.id(found["status"])
    if not dialect.progress_is_json:
        return _line(dialect, found)
    return dialect.stream_value(_reported(dialect, found))


def _line(dialect: Dialect, value: Json) -> bytes:
    if "error" in value:
        words = f"Error: {value['error']}" if dialect.since("0.4.0") else value["error"]
    else:
        words = " ".join(filter(None, (value.get("status", ""), value.get("progress", ""))))
    end = "\r\n" if dialect.since("0.4.5") else "\n"
    return f"{words}{end}".encode() if words else b""


def _reported(dialect: Dialect, value: Json) -> Json:
    """The keys of a value that the release has (differences, 2.3)."""
    found = dict(value)
    if "aux" in found and not dialect.speaks("1.30"):
        return {}
    if not dialect.since("0.5.1"):
        found.pop("id", None)
        found.pop("errorDetail", None)
    if not dialect.since("0.7.1"):
        found.pop("progressDetail", None)
    return found


def build(dialect: Dialect, value: Json) -> bytes:
    """A value of a build; plain text below 1.8."""
    if dialect.build_is_json:
        found = _reported(dialect, value)
        if "errorDetail" in found and dialect.since("0.8.0") and not dialect.since("1.7.0"):
            found["errorDetail"] = {"message": found["errorDetail"]["message"]}
        return dialect.stream_value(found) if found else b""
    if "error" in value:
        begin, end = ("Error", "\r\n") if dialect.since("0.7.1") else ("Error build", "\n")
        return f"{begin}: {value['error']}{end}".encode()
    words = value.get("stream", "")
    return f"{words}\r".encode() if words and dialect.since("0.7.1") else words.encode()


def load(dialect: Dialect, value: Json) -> bytes:
    """A value of a load."""
    return progress(dialect, value) if dialect.load_reports else b""


def _size(dialect: Dialect, size: int) -> str:
    value, units = float(size), ["GB", "MB", "kB", "B"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop()
    return f"{value:.4g}{'' if dialect.since('17.5.0') else ' '}{units[-1]}"
