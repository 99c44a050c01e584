"""JSON text into values: by orjson where the extra `speedups` has installed it, else by `json`.

Whatever is installed, the value or the error is that of the standard library:

- orjson makes a float of a whole number beyond 64 bits. A text that could have one is not for it.
- It refuses NaN, 1e400, lone surrogates, a byte order mark and UTF-16. What it refuses is read once
  more, by the standard library.
- It takes 1,024 levels, the standard library as many as Python has room for, some 900 and more. So
  it is given `DEEPEST` of them, and what is deeper is refused by it.
"""

from __future__ import annotations

import json
from typing import Any

try:
    import orjson

    # Up to 3.9.14 its nesting has no bound, and a deep text ends the process (CVE-2024-27454). The
    # extra asks for 3.11; another program in the same environment may have brought an older one.
    if tuple(map(int, orjson.__version__.split(".")[:2])) < (3, 11):
        orjson = None  # type: ignore[assignment]  # its type would be that of the module
except ImportError:
    orjson = None  # type: ignore[assignment]

DEEPEST = 512  # levels that orjson may read
_LEVELS = 1024  # that it takes: as many more stand around a text of which nobody knows
_SHORT = 64 * 1024  # bytes of a text whose brackets are counted sooner
_OPEN, _CLOSE = b"[" * (_LEVELS - DEEPEST), b"]" * (_LEVELS - DEEPEST)
# What tells of whole numbers and of brackets: one digit, one bracket, one mark before a number.
# An id has long runs of digits, too, with something else before them.
_LIKE = bytes.maketrans(b"123456789{: \t\r\n", b"000000000[,,,,,")
# 2**64 has twenty digits, -2**63 nineteen.
_LONG, _LONG_IN_LIST, _LONG_NEGATIVE = b"," + b"0" * 20, b"[" + b"0" * 20, b"-" + b"0" * 19

_decode = json.JSONDecoder().decode


def reader() -> str:
    """What reads JSON here, for people."""
    return "the standard library" if orjson is None else f"orjson {orjson.__version__}"


def parsed(text: bytes) -> Any:
    """The value of a text.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is too deep.
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
            except ValueError:  # also where this is not one text: the standard library says so
                pass
    if text[:1] in (b"{", b"[") and text[1:2] != b"\0":  # UTF-8: `json` takes its time to find out
        return _decode(text.decode("utf-8", "surrogatepass"))
    return json.loads(text)
