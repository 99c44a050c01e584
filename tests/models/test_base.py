from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models.base import (
    Model,
    by_name,
    filled,
    flag,
    integer,
    keys,
    many,
    mapping,
    model,
    number,
    one,
    rows,
    strings,
    table,
    text,
    to_json,
    when,
    wire,
)

UTC = datetime.timezone.utc


@model
class Wheel(Model):
    """A part."""

    size: int | None = wire("Size", read=integer)


@model
class Cart(Model):
    """Every kind of field."""

    id: str = wire("Id", "ID", read=text, required=True)
    address: str | None = wire("Net.IPAddress", "Net.IpAddress", read=text)
    wheels: tuple[Wheel, ...] = wire("Wheels", read=many(Wheel), default=())
    front: Wheel | None = wire("Front", read=one(Wheel))
    key_count: int | None = wire("", read=len)
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    secret: str | None = wire("Secret", read=text, repr=False)
    load: int | None = wire("Load", read=integer, converter=integer, write=str)


class TestParse:
    def test_a_field_comes_from_its_newest_place(self) -> None:
        cart = Cart.parse({"Id": "new", "ID": "old", "Net": {"IPAddress": "1", "IpAddress": "2"}})
        assert (cart.id, cart.address) == ("new", "1")

    def test_a_field_comes_from_an_older_place_if_the_newer_is_missing_or_null(self) -> None:
        cart = Cart.parse({"ID": "old", "Net": {"IPAddress": None, "IpAddress": "2"}})
        assert (cart.id, cart.address) == ("old", "2")

    def test_an_empty_path_is_the_whole_object(self) -> None:
        assert Cart.parse({"Id": "a", "More": 1}).key_count == 2

    def test_a_path_through_something_else_than_an_object_leads_nowhere(self) -> None:
        assert Cart.parse({"Id": "a", "Net": "none"}).address is None

    def test_what_is_missing_is_empty_or_none(self) -> None:
        assert Cart.parse({"Id": "a"}) == Cart(id="a", key_count=1)

    def test_a_field_is_converted_once(self) -> None:
        cart = Cart.parse({"Id": "a", "Wheels": [{"Size": 1}]})
        assert cart.wheels is cart.wheels

    def test_a_wrong_type_raises_when_its_field_is_read(self) -> None:
        cart = Cart.parse({"Id": "a", "Load": "heavy"})
        assert cart.id == "a"
        with pytest.raises(UnexpectedReply) as raised:
            cart.load  # noqa: B018
        assert str(raised.value) == "Cart.load: Load is 'heavy'"
        assert raised.value.raw == {"Id": "a", "Load": "heavy"}

    def test_a_long_wrong_value_is_cut_in_the_message(self) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            Cart.parse({"Id": "a", "Load": "x" * 1000}).load  # noqa: B018
        assert str(raised.value) == f"Cart.load: Load is '{'x' * 199}... (1,002 characters)"

    def test_a_missing_required_field_names_its_places(self) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            Cart.parse({"Name": "a"}).id  # noqa: B018
        assert str(raised.value) == "Cart.id: Id or ID is missing"

    def test_the_error_of_a_nested_model_is_its_own(self) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            Cart.parse({"Id": "a", "Wheels": [7]}).wheels  # noqa: B018
        assert str(raised.value) == "Wheel: an object was expected, not 7"

    @pytest.mark.parametrize("json", [None, [], "text", 7, True])
    def test_only_an_object_is_a_model(self, json: Any) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            Cart.parse(json)
        assert str(raised.value) == f"Cart: an object was expected, not {json!r}"
        assert raised.value.raw == json


class TestValue:
    def test_raw_is_the_json_as_it_was_received(self) -> None:
        json = {"Id": "a", "Unknown": [1]}
        assert Cart.parse(json).raw is json

    def test_raw_is_empty_for_a_model_that_a_caller_made(self) -> None:
        assert dict(Cart(id="a").raw) == {}

    def test_parsed_and_made_models_compare_and_print_alike(self) -> None:
        made = Wheel(size=3)
        parsed = Wheel.parse({"Size": 3, "Unknown": 1})
        assert parsed == made
        assert repr(parsed) == repr(made) == "Wheel(size=3)"
        assert hash(parsed) == hash(made)

    def test_a_secret_is_not_printed(self) -> None:
        assert "hidden" not in repr(Cart.parse({"Id": "a", "Secret": "hidden"}))

    def test_a_model_is_frozen(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Wheel.parse({"Size": 3}).size = 4  # type: ignore[misc]

    @pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda x: attrs.evolve(x)])
    def test_a_copy_is_equal(self, through: Callable[[Any], Any]) -> None:
        wheel = Wheel.parse({"Size": 3})
        assert through(wheel) == wheel

    def test_a_pickled_model_keeps_its_fields_and_its_json(self) -> None:
        cart = pickle.loads(pickle.dumps(Cart.parse({"Id": "a", "Load": 3, "More": 1})))
        assert cart == Cart(id="a", load=3, key_count=3)
        assert cart.raw == {"Id": "a", "Load": 3, "More": 1}

    def test_the_class_hands_out_its_descriptors(self) -> None:
        assert type(Wheel.size).__name__ == "_Field"


class TestToWire:
    def test_what_is_not_none_is_written_under_its_newest_path(self) -> None:
        cart = Cart(id="a", address="1", wheels=(Wheel(size=2),), labels={"k": "v"}, load="7")
        assert cart.to_wire() == {
            "Id": "a",
            "Net": {"IPAddress": "1"},
            "Wheels": [{"Size": 2}],
            "Labels": {"k": "v"},
            "Load": "7",
        }

    def test_empty_is_written(self) -> None:
        assert Cart(id="").to_wire() == {"Id": "", "Wheels": [], "Labels": {}}

    def test_models_tuples_and_mappings_become_json(self) -> None:
        assert to_json({"a": (Wheel(size=1), [True, None])}) == {"a": [{"Size": 1}, [True, None]]}


TIMES = {
    "2026-11-21T00:24:47.13688362Z": datetime.datetime(2026, 11, 21, 0, 24, 47, 136883, UTC),
    "2026-11-21T00:24:47Z": datetime.datetime(2026, 11, 21, 0, 24, 47, tzinfo=UTC),
    "2026-11-21T00:24:47.1z": datetime.datetime(2026, 11, 21, 0, 24, 47, 100000, UTC),
    "2013-03-23T22:24:18.818426-07:00": datetime.datetime(
        2013, 3, 23, 22, 24, 18, 818426, datetime.timezone(-datetime.timedelta(hours=7))
    ),
    1795220687: datetime.datetime(2026, 11, 21, 0, 24, 47, tzinfo=UTC),
    1795220687.25: datetime.datetime(2026, 11, 21, 0, 24, 47, 250000, UTC),
    0: datetime.datetime(1970, 1, 1, tzinfo=UTC),
    "0001-01-01T00:00:00Z": None,
    "": None,
    None: None,
}


@pytest.mark.parametrize(("received", "expected"), TIMES.items(), ids=map(str, TIMES))
def test_when(received: Any, expected: datetime.datetime | None) -> None:
    assert when(received) == expected
    assert when(expected) == expected


CONVERSIONS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "text": (text, "a", "a"),
    "text of a number": (text, 123, "123"),
    "text of true": (text, True, "true"),
    "text of false": (text, False, "false"),
    "text of null": (text, None, None),
    "filled": (filled, "a", "a"),
    "filled, empty": (filled, "", None),
    "filled, null": (filled, None, None),
    "integer": (integer, -1, -1),
    "integer of text": (integer, "67108864", 67108864),
    "integer of no text": (integer, "", None),
    "integer of a whole float": (integer, 3.0, 3),
    "integer of null": (integer, None, None),
    "number": (number, 1, 1.0),
    "number of text": (number, "1.5", 1.5),
    "number of null": (number, None, None),
    "flag": (flag, True, True),
    "flag of 0": (flag, 0, False),
    "flag of 1": (flag, 1, True),
    "flag of text": (flag, "false", False),
    "flag of null": (flag, None, None),
    "strings": (strings, ["a", 1, None], ("a", "1", "")),
    "strings of one": (strings, "a", ("a",)),
    "strings of null": (strings, None, ()),
    "mapping": (mapping, {"a": 1, "b": None}, {"a": "1", "b": ""}),
    "mapping of null": (mapping, None, {}),
    "keys": (keys, {"b": {}, "a": {}}, ("a", "b")),
    "keys of null": (keys, None, ()),
    "table": (table, [["a", 1], []], (("a", "1"), ())),
    "table of null": (table, None, ()),
    "one": (one(Wheel), {"Size": 1}, Wheel(size=1)),
    "one, made": (one(Wheel), Wheel(size=1), Wheel(size=1)),
    "one of null": (one(Wheel), None, None),
    "many": (many(Wheel), [{"Size": 1}, Wheel(size=2)], (Wheel(size=1), Wheel(size=2))),
    "many of null": (many(Wheel), None, ()),
    "by name": (by_name(Wheel), {"a": {"Size": 1}}, {"a": Wheel(size=1)}),
    "by name of null": (by_name(Wheel), None, {}),
}


@pytest.mark.parametrize(
    ("convert", "received", "expected"), CONVERSIONS.values(), ids=CONVERSIONS.keys()
)
def test_conversion(convert: Callable[[Any], Any], received: Any, expected: Any) -> None:
    assert convert(received) == expected
    assert type(convert(received)) is type(expected)


REFUSED: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "text": (text, ["a"], "not a string: ['a']"),
    "integer of a fraction": (integer, 1.5, "not an integer: 1.5"),
    "integer of a list": (integer, [], "not an integer: []"),
    "number": (number, [], "not a number: []"),
    "flag": (flag, 2, "not a boolean: 2"),
    "flag of text": (flag, "yes", "not a boolean: 'yes'"),
    "strings": (strings, 1, "not an array: 1"),
    "mapping": (mapping, [], "not an object: []"),
    "keys": (keys, "a", "not an object: 'a'"),
    "table": (table, {}, "not an array: {}"),
    "many": (many(Wheel), {}, "not an array: {}"),
    "by name": (by_name(Wheel), [], "not an object: []"),
    "when": (when, "yesterday", "not a time: 'yesterday'"),
}


@pytest.mark.parametrize(("convert", "received", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refusal(convert: Callable[[Any], Any], received: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        convert(received)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "received", [True, [], "2026-13-01T00:00:00Z", 1e300, 67768040609740800, float("nan")]
)
def test_no_time_is_an_error_that_a_field_turns_into_unexpected_reply(received: Any) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        when(received)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime.datetime(2, 1, 1)))
def test_every_time_survives_its_text(moment: datetime.datetime) -> None:
    assert when(moment.isoformat("T", "microseconds")) == moment


def test_rows_of_an_array() -> None:
    assert rows(Wheel, [{"Size": 1}]) == [Wheel(size=1)]


def test_rows_of_null_are_an_empty_list() -> None:
    assert rows(Wheel, None) == []


def test_rows_of_anything_else_are_unexpected() -> None:
    with pytest.raises(UnexpectedReply) as raised:
        rows(Wheel, {"Size": 1})
    assert str(raised.value) == "Wheel: an array was expected, not {'Size': 1}"
