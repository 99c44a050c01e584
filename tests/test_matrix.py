"""Every method of a client in every API version: what it asks of the Engine, or why it refuses.

The expected requests are the tables in `tests/matrix/`, which nothing in the package computes. Each
case is a row, each version a column; the Engine of a column is a release that speaks it.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dockerapi import Client
from dockerapi.errors import NotSupported
from matrix.engines import ENGINES, engine
from matrix.form import VERSIONS, Case, OfRelease, Refused, expected, seen, within
from scripted import ScriptedDaemon

FILES = sorted((Path(__file__).parent / "matrix").glob("*.py"))
MODULES = [importlib.import_module(f"matrix.{path.stem}") for path in FILES]
TABLES = [module for module in MODULES if hasattr(module, "CASES")]
CASES = [case for table in TABLES for case in table.CASES]
OF_RELEASES = [case for table in TABLES for case in table.OF_RELEASES]
MIXINS = [base for base in Client.__mro__ if base.__module__.startswith("dockerapi.api.")]
METHODS = {name for mixin in MIXINS for name in dir(mixin) if not name.startswith("_")}


class Column:
    """An Engine that speaks a version, and a client of it."""

    def __init__(self, daemon: ScriptedDaemon, client: Client, version: str, release: str) -> None:
        self._daemon = daemon
        self.client = client
        self.version = version
        self.release = release

    def outcome(self, call: Callable[[Client], Any]) -> Any:
        """What the call asks, or with which words it is refused and what it asked before."""
        self._daemon.requests.clear()
        words = None
        try:
            found = call(self.client)
        except NotSupported as error:
            words = str(error)
        else:
            close = getattr(found, "close", None)
            if close is not None:
                close()
        requests = [seen(request, self.version) for request in self._daemon.requests]
        return requests if words is None else (words, requests)


@pytest.fixture(scope="module")
def columns() -> Iterator[list[Column]]:
    with ExitStack() as stack:
        made = []
        for version in VERSIONS:
            daemon = stack.enter_context(engine(version, ENGINES[version]))
            client = stack.enter_context(Client(daemon.url))
            made.append(Column(daemon, client, version, ENGINES[version]))
        yield made


def test_every_version_has_an_engine_that_is_spoken_to_in_it(columns: list[Column]) -> None:
    assert [column.client.api_version for column in columns] == VERSIONS


def test_every_method_has_a_plain_case_and_no_other_has_any() -> None:
    assert sorted({case.method for case in CASES}) == sorted(METHODS)
    assert sorted(case.method for case in CASES if case.name == "plain") == sorted(METHODS)
    assert {case.method for case in OF_RELEASES} - METHODS == set()


def test_no_case_is_there_twice() -> None:
    assert [name for name, number in Counter(map(str, CASES)).items() if number > 1] == []


def test_every_version_is_in_one_range_of_a_case() -> None:
    for case in CASES:
        found = [version for words in case.by_version for version in within(words)]
        assert (str(case), found) == (str(case), VERSIONS)


@pytest.mark.dear
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_method_asks_what_the_table_says(case: Case, columns: list[Column]) -> None:
    assert differences(case, columns) == {}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_does_where_a_range_begins_and_where_it_ends(case: Case, columns: list[Column]) -> None:
    """What `make check` has of the test above."""
    ranges = [within(words) for words in case.by_version]
    ends = {end for versions in ranges for end in (versions[0], versions[-1])}
    assert differences(case, [column for column in columns if column.version in ends]) == {}


def differences(case: Case, columns: list[Column]) -> dict[str, dict[str, Any]]:
    outcomes = {
        version: outcome for words, outcome in case.by_version.items() for version in within(words)
    }
    wrong = {}
    for column in columns:
        found = column.outcome(case.call)
        wanted = expected(outcomes[column.version], column.version, column.release, column.version)
        if found != wanted:
            wrong[column.version] = {"asked": found, "table": wanted}
    return wrong


@pytest.mark.parametrize("case", OF_RELEASES, ids=str)
def test_a_method_asks_a_release_what_the_table_says(case: OfRelease) -> None:
    newest = max(
        (version for version in VERSIONS if _numbers(ENGINES[version]) <= _numbers(case.release)),
        key=_numbers,
    )
    found, wanted = {}, {}
    for version in within(case.versions):
        spoken = max(newest, version, key=_numbers)
        with engine(version, case.release, spoken) as daemon:
            with Client(daemon.url, version=version) as client:
                column = Column(daemon, client, version, case.release)
                found[version] = column.outcome(case.call)
        wanted[version] = expected(case.outcome, version, case.release, spoken)
    assert found == wanted


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_supports_says_which_plain_calls_are_refused(columns: list[Column]) -> None:
    plain = {case.method: case for case in CASES if case.name == "plain"}
    for method, case in plain.items():
        refused = {
            version
            for words, outcome in case.by_version.items()
            for version in within(words)
            if isinstance(outcome, Refused)
        }
        supported = {column.version for column in columns if column.client.supports(method)}
        assert supported == set(VERSIONS) - refused, method


def test_the_number_of_cells_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    cells = len(CASES) * len(VERSIONS) + sum(len(within(case.versions)) for case in OF_RELEASES)
    with capsys.disabled():
        print(f"\nmatrix: {len(METHODS)} methods, {len(CASES)} cases, {cells} cells")
    assert cells > 20_000
