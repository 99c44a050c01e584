"""The routes that operations need: there is such an operation, and there are such routes."""

from __future__ import annotations

import itertools

import pytest

from dockerapi import Client
from dockerapi.api.routes import ROUTES
from dockerapi.versions import ledger
from scripted import ScriptedDaemon

MIXINS = [base for base in Client.__mro__ if base.__module__.startswith("dockerapi.api.")]


def test_every_operation_and_nothing_else_has_its_routes() -> None:
    """test_matrix proves that they are the right ones, version by version."""
    names = {name for mixin in MIXINS for name in dir(mixin) if not name.startswith("_")}
    assert sorted(ROUTES) == sorted(names)


def test_the_ledger_knows_every_route() -> None:
    known = {row.route for row in itertools.chain.from_iterable(ledger.ROWS.values())}
    assert set(itertools.chain.from_iterable(ROUTES.values())) - known == set()


def test_supports_asks_for_the_version_once_and_answers_for_it() -> None:
    with ScriptedDaemon(release="1.6.2", api="1.18", lowest=None) as daemon:
        with Client(daemon.url) as client:
            assert client.supports("logs")
            assert not client.supports("put_archive")
            assert client.supports("viz")
    assert daemon.negotiations == 1
    assert daemon.requests == []


def test_supports_is_false_where_the_release_cannot_do_it_in_a_version() -> None:
    """1.6.2 answers every list of containers below API 1.5 with nothing."""
    with ScriptedDaemon(release="1.6.2", api="1.18", lowest=None) as daemon:
        with Client(daemon.url, version="1.4") as client:
            assert not client.supports("containers")
            assert client.supports("images")


@pytest.mark.parametrize("name", ["", "log", "close", "supports", "_create"])
def test_supports_of_what_is_no_operation_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError) as caught, Client("unix:///nowhere") as client:
        client.supports(name)
    assert str(caught.value) == f"no operation of a client: {name!r}"
