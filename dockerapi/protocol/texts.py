"""Parses JSON: with orjson if the extra `speedups` has installed it, else with `json`.

The value or the error is always that of the standard library:

- orjson turns a whole number beyond 64 bits into a float, so it does not get a text that may have
  one.
- It refuses NaN, 1e400, lone surrogates, a byte order mark and UTF-16. A text that it refuses is
  parsed again by the standard library.
- It accepts 1,024 levels, the standard library as many as Python's stack holds, some 900 and more.
  So orjson gets at most `DEEPEST` levels, and deeper texts go to the standard library.
"""

from __future__ import annotations

import json
from typing import Any

try:
    import orjson

    # Up to 3.9.14 its nesting has no limit, and a deep text crashes the process (CVE-2024-27454).
    # The extra requires 3.11, but another program in the environment may have brought an older one.
    if tuple(map(int, orjson.__version__.split(".")[:2])) < (3, 11):
        orjson = None  # type: ignore[assignment]  # declared as a module
except ImportError:
    orjson = None  # type: ignore[assignment]

DEEPEST = 512  # levels that orjson may read
_LEVELS = 1024  # its own limit
_SHORT = 64 * 1024  # bytes; brackets of shorter texts are counted first
_OPEN, _CLOSE = b"[" * (_LEVELS - DEEPEST), b"]" * (_LEVELS - DEEPEST)
# Signs of large numbers and of brackets: one digit, one bracket, one mark before a number. Ids have
# long runs of digits as well, but another character before them.
_LIKE = bytes.maketrans(b"123456789{: \t\r\n", b"000000000[,,,,,")
# 2**64 has twenty digits, -2**63 nineteen.
_LONG, _LONG_IN_LIST, _LONG_NEGATIVE = b"," + b"0" * 20, b"[" + b"0" * 20, b"-" + b"0" * 19

_decode = json.JSONDecoder().decode


def reader() -> str:
    """The JSON parser in use, for messages."""
    return "the standard library" if orjson is None else f"orjson {orjson.__version__}"


def parsed(text: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: this is not JSON.
        RecursionError: it is nested too deeply.
    """
    if orjson is not None:
        like = b",%b" % text.translate(_LIKE)
        if not (_LONG in like or _LONG_IN_LIST in like or _LONG_NEGATIVE in like):
            try:
                if len(text) < _SHORT and like.count(b"[") <= DEEPEST:
                    return orjson.loads(text)
                value = orjson.loads(b"%b%b%b" % (_OPEN, text, _CLOSE))
                for _ in _OPEN:
                    (value,) = value
                return value
            except ValueError:  # parsed again below, for the value or the error
                pass
    if text[:1] in (b"{", b"[") and text[1:2] != b"\0":  # UTF-8: json would first have to detect it
        return _decode(text.decode("utf-8", "surrogatepass"))
    return json.loads(text)
