"""The tables of keys: what a row says, and that no version has a key twice."""

from __future__ import annotations

import pytest

from dockerapi.testing.versions import keys
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.testing.versions.keys import Table
from dockerapi.versions.releases import ApiVersion, Release
from testing.conversation import dialects

TABLES = {name: value for name, value in vars(keys).items() if isinstance(value, Table)}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_version_has_a_key_twice(name: str) -> None:
    twice = set()
    for dialect in dialects():
        found = [row.key for row in TABLES[name].rows(dialect)]
        twice |= {(key, str(dialect)) for key in found if found.count(key) > 1}
    assert sorted(twice)[:5] == []


def dialect(release: str, api: str) -> Dialect:
    return Dialect(Release.parse(release), ApiVersion.parse(api))


def test_a_row_holds_for_releases_and_prefixes() -> None:
    table = Table("""
    always: Always=""
        Named<Own=[]
    1.6.0..1.7.0: Between=0
    1.7.0.. v1.12..v1.19: Prefix=false
    ..1.8.0 omit: Left=null
    """)
    newest = {"Between": 1, "Own": [2], "Unknown": 3}
    assert table.shaped(dialect("1.6.2", "1.18"), newest) == {
        "Always": "",
        "Between": 1,
        "Named": [2],
    }
    assert table.shaped(dialect("1.7.1", "1.12"), {"Left": "x", "Prefix": True}) == {
        "Always": "",
        "Prefix": True,
        "Left": "x",
        "Named": [],
    }
    assert list(table.shaped(dialect("1.7.1", "1.19"), {})) == ["Always", "Named"]


def test_a_table_in_a_table_is_filled_in() -> None:
    inner = Table("""
    always: Name=""
    ..1.0.0: Old=0
    """)
    table = Table("always: Inner={INNER}", INNER=inner)
    assert table.shaped(dialect("20.10.0", "1.41"), {"Inner": None}) == {"Inner": {"Name": ""}}
    assert table.shaped(dialect("0.9.0", "1.10"), {"Inner": {"Name": "a"}}) == {
        "Inner": {"Name": "a", "Old": 0}
    }


def test_a_row_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="what is 'sometimes'"):
        Table('sometimes: Key=""')
