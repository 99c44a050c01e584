"""The ledger as data: well formed, and each of its rows has an effect."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi.api import routes
from dockerapi.errors import NotSupported
from dockerapi.models.config import ContainerUpdate, Mount
from dockerapi.models.settings import OpenSettings
from dockerapi.models.tasks import _NEVER
from dockerapi.versions.fit import LEDGER, fit
from dockerapi.versions.ledger import (
    ROWS,
    UPDATE,
    Added,
    CannotTranslate,
    Moved,
    Removed,
    Replaced,
    Reshaped,
    Row,
    _ports_of_ingress,
    for_start,
)
from dockerapi.versions.releases import ApiVersion

# What operations need, and what is asked besides or in place of it.
ROUTES = {
    *itertools.chain.from_iterable(routes.ROUTES.values()),
    "GET /containers/ps",
    "POST /containers/{id}/copy",
    "HEAD /containers/{id}/archive",
    "GET /images/viz",
    "GET /images/get",
    "GET /nodes",
}

# Places that are as old as their route, to which a row moves something.
FROM_THE_BEGINNING = {"Memory", "MemorySwap", "CpuShares", "VolumesFrom", "Dns"}
FROM_THE_BEGINNING |= {"since", "before", "filter", "Networks"}

ALL = [(version, row) for version, rows in LEDGER.items() for row in rows]
PLACED = [(version, row) for version, row in ALL if not isinstance(row, Replaced)]


def words(version: ApiVersion, row: Row) -> str:
    place = "" if isinstance(row, Replaced) else row.query or row.body or row.header or ""
    return f"{version}-{type(row).__name__}-{row.route}-{place}"


def test_versions_are_in_order_and_in_no_block_twice() -> None:
    assert list(LEDGER) == sorted(LEDGER)
    assert len(LEDGER) == len(ROWS)


def test_it_knows_every_route_and_no_other() -> None:
    assert {row.route for _, row in ALL} == ROUTES
    assert {row.was for _, row in ALL if isinstance(row, Replaced)} <= ROUTES


def test_every_route_comes_into_being_exactly_once() -> None:
    made = [
        row.route
        for _, row in ALL
        if isinstance(row, Replaced)
        or (isinstance(row, Added) and row.query is row.body is row.header is None)
    ]
    assert sorted(made) == sorted(ROUTES)


def test_a_row_has_one_place_at_most() -> None:
    for version, row in PLACED:
        assert [row.query, row.body, row.header].count(None) >= 2, words(version, row)


def test_no_row_is_there_twice() -> None:
    seen = [
        (type(row), row.route, row.query, row.body, row.header, getattr(row, "what", None))
        for _, row in PLACED
    ]
    assert len(seen) == len(set(seen))


def test_a_field_is_added_before_it_is_removed() -> None:
    added = {
        (row.route, row.query, row.body, row.header): version
        for version, row in PLACED
        if isinstance(row, Added)
    }
    for version, row in PLACED:
        if isinstance(row, Removed):
            place = (row.route, row.query, row.body, row.header)
            assert added.get(place, ApiVersion(1, 0)) < version, words(version, row)


def test_what_moved_was_somewhere_before() -> None:
    added = {(row.route, row.query or row.body or row.header) for _, row in PLACED}
    for version, row in PLACED:
        if isinstance(row, Moved) and row.was not in FROM_THE_BEGINNING:
            assert (row.route, row.was) in added, words(version, row)


def probe(row: Added | Removed) -> dict[str, Any]:
    """A request that asks for the row's place and for nothing else, beyond what it lies in."""
    value: Any = "x"
    if getattr(row, "implied", None) is False:
        value = True
    place = row.query or row.body
    if place == ".":
        value = {"Unknown": 1}
    elif place is not None:
        for key in reversed(place.split(".")):
            value = {"any" if key == "*" else key: value}
    return {
        "query": value if row.query else {},
        "body": value if row.body else None,
        "headers": {row.header: "e30="} if row.header else {},
    }


@pytest.mark.parametrize(
    ("version", "row"),
    [
        pytest.param(version, row, id=words(version, row))
        for version, row in PLACED
        if isinstance(row, Added) and version.minor > 0
    ],
)
def test_what_a_version_added_is_refused_in_the_one_before(version: ApiVersion, row: Added) -> None:
    with pytest.raises(NotSupported) as caught:
        fit(row.route, **probe(row), version=ApiVersion(1, version.minor - 1))
    assert caught.value.route == row.route


@pytest.mark.parametrize(
    ("version", "row"),
    [
        pytest.param(version, row, id=words(version, row))
        for version, row in PLACED
        if isinstance(row, Removed)
    ],
)
def test_what_a_version_removed_is_refused_in_it(version: ApiVersion, row: Removed) -> None:
    with pytest.raises(NotSupported) as caught:
        fit(row.route, **probe(row), version=version)
    assert caught.value.needs == f"before {version}"


# What create takes as the host config from 1.15 on, start takes until 1.23.
BY_BOTH = [ApiVersion(1, minor) for minor in range(15, 24)]
IN_HOST_CONFIG = sorted(
    {
        row.body.removeprefix("HostConfig.")
        for _, row in PLACED
        if row.route == "POST /containers/create" and (row.body or "").startswith("HostConfig.")
    }
)


def tree(place: str) -> dict[str, Any]:
    value: Any = ["x"]
    for key in reversed(place.split(".")):
        value = {key: value}
    return value  # type: ignore[no-any-return]


@pytest.mark.parametrize("version", BY_BOTH, ids=str)
def test_the_host_config_of_start_is_that_of_create(version: ApiVersion) -> None:
    """A row that is missing for one of the two routes would be lost there in silence."""
    assert [field for field in IN_HOST_CONFIG if not is_the_same(version, field)] == []


def is_the_same(version: ApiVersion, field: str) -> bool:
    """Whether the start puts a field where create puts it, or refuses it for the same reason."""
    made: Any
    try:
        made = fit("POST /containers/create", {}, {"HostConfig": tree(field)}, version).body
    except NotSupported as error:
        made = error.needs
    try:
        given: Any = fit("POST /containers/{id}/start", {}, tree(field), version).body
        return {"HostConfig": given} == made
    except NotSupported as error:
        of_config = str(error).endswith(": give it to create_container()")
        return error.needs == made or (of_config and "HostConfig" not in made)


MOVED_WITHIN = Moved("POST /containers/create", body="HostConfig.New.*.A", was="HostConfig.Old")


@pytest.mark.parametrize(
    ("row", "meant"),
    [
        (MOVED_WITHIN, Moved("POST /containers/{id}/start", body="New.*.A", was="Old")),
        (
            Moved("POST /containers/create", body="HostConfig.Dns", was="Dns", release="0.10.0"),
            Added(
                "POST /containers/{id}/start",
                body="Dns",
                release="0.10.0",
                instead="give it to create_container()",
            ),
        ),
        (
            Reshaped("POST /containers/create", body="HostConfig.New", turn=str),
            Reshaped("POST /containers/{id}/start", body="New", turn=str),
        ),
        (Added("POST /containers/create", body="HostConfig"), None),
        (Added("POST /containers/create", body="Image"), None),
        (Added("POST /containers/create", query="platform"), None),
        (Replaced("POST /containers/create", was="GET /info"), None),
        (Added("POST /commit", body="HostConfig.New"), None),
    ],
    ids=lambda value: None if value is None else type(value).__name__,
)
def test_a_row_of_the_host_config_is_written_once_for_both_routes(
    row: Row, meant: Row | None
) -> None:
    assert for_start("1.30", row) == meant


def test_what_create_lost_after_start_had_lost_it_all_is_no_row_of_start() -> None:
    removed = Removed("POST /containers/create", body="HostConfig.Old", instead="x")
    assert for_start("1.22", removed) == Removed(
        "POST /containers/{id}/start", body="Old", instead="x"
    )
    assert for_start("1.24", removed) is None


def test_every_translation_is_refused_or_made_by_a_function_without_side_effects() -> None:
    # Those that take a header or a whole query are in test_fit.
    placed = [row for _, row in PLACED if row.header is None and row.query != "."]
    turns = [row.turn for row in placed if isinstance(row, (Moved, Reshaped)) and row.turn]
    values = [["a"], ["a", "b"], "a", "9", 1, 1.5, "1.5", True, False]
    ports = [{"PublishMode": mode, "TargetPort": 1} for mode in ("ingress", "host")]
    of_ports = {_ports_of_ingress}
    for turn, value in [
        *itertools.product(set(turns) - of_ports, values),
        *itertools.product(of_ports, ([], ports, ports[:1])),
    ]:
        before = copy.deepcopy(value)
        try:
            turn(value)
        except CannotTranslate:
            pass
        assert value == before


# Never less than was asked

DROPPED = [
    tuple(part.strip() for part in line.split("|"))
    for line in (Path(__file__).parent / "dropped.txt").read_text().splitlines()
    if not line.startswith("#")
]


def rows_for(needs: str, route: str, part: str) -> list[Row]:
    """The rows that refuse this, or write it otherwise, below what obeys it."""
    version, _, release = needs.partition(" of Engine ")
    return [
        row
        for at, row in PLACED
        if (str(at), row.route, row.release or "") == (version, route, release)
        and part == (f"?{row.query}" if row.query else row.body or "")
    ]


@pytest.mark.parametrize(
    ("needs", "route", "part"),
    [
        pytest.param(*line, id=f"{line[0]} {line[1]} {line[2]}")
        for line in DROPPED
        if not line[0].startswith(("never", "pending"))
    ],
)
def test_what_an_engine_would_drop_is_refused_or_written_otherwise(
    needs: str, route: str, part: str
) -> None:
    [row] = rows_for(needs, route, part)
    assert not isinstance(row, Replaced)


def test_what_has_no_row_is_found() -> None:
    assert rows_for("1.23", "POST /networks/create", "Internal") == []
    assert rows_for("1.22", "POST /networks/create", "Nosuch") == []
    assert rows_for("1.21", "GET /networks", "?filters.dangling") == []


def test_what_no_engine_obeys_cannot_be_asked_for() -> None:
    known = {field.metadata["paths"][0] for field in attrs.fields(ContainerUpdate)}
    never = [(route, part) for needs, route, part in DROPPED if needs == "never"]
    of_services = {part.rpartition(".")[2] for route, part in never if route != UPDATE}
    mount = {field.metadata["paths"][0]: field.name for field in attrs.fields(Mount)}
    assert {mount[f"BindOptions.{part}"] for part in of_services} == set(_NEVER)
    assert known.isdisjoint(part for _, part in never)
    assert not issubclass(ContainerUpdate, OpenSettings)  # which would take any by its wire name


def test_what_is_pending_has_no_route_yet() -> None:
    pending = {route for needs, route, _ in DROPPED if needs.startswith("pending ")}
    assert pending.isdisjoint(ROUTES)
