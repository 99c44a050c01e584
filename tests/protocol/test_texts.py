"""JSON text into values: the value or the error is that of the standard library, whoever reads."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockerapi.protocol import texts

pytestmark = pytest.mark.usefixtures("json_reader")


def outcome(read: Any, text: bytes) -> str:
    """The value, with the types of all that is in it, or the error."""
    try:
        return f"{read(text)!r}"  # 1 and 1.0, and 0.0 and -0.0, differ, and nan is nan
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


NUMBERS = st.one_of(
    st.integers(),
    st.integers(2**62, 2**66),
    st.integers(-(2**66), -(2**62)),
    st.floats(),
    st.sampled_from([10**18, 10**19, 10**20, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]),
    st.sampled_from([2**64 - 1, 2**64, 2**67, -(10**19) + 1, -(10**20)]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])


@given(VALUES, st.booleans(), ENCODINGS)
def test_a_value_in_any_encoding(value: Any, escaped: bool, encoding: str) -> None:
    text = json.dumps(value, ensure_ascii=escaped).encode(encoding, "surrogatepass")
    assert outcome(texts.parsed, text) == outcome(json.loads, text)


@given(st.text('{}[]":,\\ \n0123456789.eE+-tfnulasr\u00e9', max_size=40) | st.binary(max_size=40))
@example("1],[2")
@example("],[")
@example("[]],[[]")
@example('{"a":1,"a":2}')
def test_any_text(given_text: str | bytes) -> None:
    text = given_text if isinstance(given_text, bytes) else given_text.encode()
    for tried in (text, b"[" * 513 + text + b"]" * 513, b'"' + b"[" * 600 + b'"' + text):
        assert outcome(texts.parsed, tried) == outcome(json.loads, tried), tried


@given(st.text("0123456789", min_size=1, max_size=24), st.text("0123456789", max_size=24))
@example("123456789012345678", "")
@example("9" * 19, "")
@example("9" * 20, "")
@example("1" * 20, "1" * 24)
def test_any_number(digits: str, fraction: str) -> None:
    for sign in ("", "-"):
        for end in ("", f".{fraction}", "e5", f"E-{fraction}", f"e+{fraction}", f".{fraction}e400"):
            number = f"{sign}{digits}{end}"
            for around in ("%s", "[%s]", "[0,%s]", '{"a":%s}', " %s ", "[\n%s", '"%s"', '"a%s"'):
                text = (around % number).encode()
                assert outcome(texts.parsed, text) == outcome(json.loads, text), text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"147573952589676412928", 2**67),
        (b"-9223372036854775809", -(2**63) - 1),
        (b"18446744073709551615", 2**64 - 1),
        (b"1e400", math.inf),
        (b"[-Infinity]", [-math.inf]),
        (rb'"\ud800"', "\ud800"),
        (b'"\xed\xa0\x80"', "\ud800"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        ('{"a": 1}'.encode("utf-16-le"), {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"-0", 0),
    ],
)
def test_what_other_readers_refuse_or_change(text: bytes, value: Any) -> None:
    found = texts.parsed(text)
    assert (found, type(found)) == (value, type(value))


def test_what_is_no_number_is_one() -> None:
    assert math.isnan(texts.parsed(b"NaN"))


@pytest.mark.parametrize("begin, end", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
@pytest.mark.parametrize("more", [b"", b" " * texts._SHORT], ids=["short", "long"])
def test_what_is_deep_is_read_by_both_and_what_is_deeper_by_neither(
    begin: bytes, end: bytes, more: bytes
) -> None:
    deep = begin * texts.DEEPEST + b"1" + end * texts.DEEPEST + more
    value = texts.parsed(deep)
    for _ in range(texts.DEEPEST):
        (value,) = value.values() if isinstance(value, dict) else value
    assert value == 1
    deeper = begin * 200_000 + b"1" + end * 200_000 + more
    with pytest.raises(RecursionError):
        texts.parsed(deeper)


def test_an_orjson_that_a_deep_text_would_crash_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "orjson.py").write_text("__version__ = '3.9.14'\ndef loads(text): 1 / 0\n")
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from dockerapi.protocol import texts
print(texts.reader(), texts.parsed(b"[1]"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stderr, done.stdout) == ("", "the standard library [1]\n")


def test_the_reader_is_named(json_reader: str) -> None:
    assert texts.reader() == json_reader
