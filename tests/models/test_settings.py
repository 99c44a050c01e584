from __future__ import annotations

import attrs
import pytest

from dockerapi.models import kinds
from dockerapi.models.base import model
from dockerapi.models.kinds import whole
from dockerapi.models.settings import OpenSettings, Settings, setting


@model
class Sample(OpenSettings):
    """Settings of every shape that matters here."""

    _empty = frozenset({"names"})
    _reserved = frozenset({"taken"})

    amount: int | None = setting("Amount", whole(1, 5, -1))
    nested: int | None = setting("Outer.Nested", whole(), "Old")
    names: tuple[str, ...] | None = setting("Names", kinds.NAMES)
    lines: tuple[str, ...] | None = setting("Lines", kinds.LINES)


def test_what_the_caller_left_out_is_not_sent():
    assert Sample().to_wire() == {}


def test_what_is_empty_zero_or_false_is_sent():
    assert Sample(nested=0, names=[]).to_wire() == {"Outer": {"Nested": 0}, "Names": []}


def test_what_an_answer_leaves_out_is_none_and_null_is_empty():
    found = Sample.parse({"Lines": None})
    assert (found.amount, found.nested, found.lines) == (None, None, ())
    assert found.to_wire() == {"Names": [], "Lines": []}


def test_what_newer_engines_leave_out_is_empty_in_an_answer():
    assert Sample.parse({}).names == ()


def test_a_setting_is_found_in_its_older_place():
    assert Sample.parse({"Old": 3}).nested == 3
    assert Sample.parse({"Outer": None, "Old": 3}).nested == 3
    assert Sample.parse({"Outer": {"Nested": 4}, "Old": 3}).nested == 4


def test_settings_of_an_answer_can_be_changed():
    found = Sample.parse({"Amount": 2, "Lines": ["a b"]})
    assert attrs.evolve(found, amount=-1) == Sample(amount=-1, names=[], lines=["a b"])


def test_an_error_names_the_setting_and_shows_the_value():
    with pytest.raises(ValueError) as caught:
        Sample(amount=6)
    assert str(caught.value) == "amount: at most 5 was expected, not 6"
    with pytest.raises(TypeError) as caught:
        Sample(amount=True)
    assert str(caught.value) == "amount: a whole number was expected, not True"


def test_extra_settings_are_sent_under_their_names():
    given_names = {"Newer": {"a": [1]}}
    sample = Sample(amount=1, extra=given_names)
    given_names.clear()
    assert sample.to_wire() == {"Amount": 1, "Newer": {"a": [1]}}


@pytest.mark.parametrize("name", ["Amount", "amount", "AMOUNT", "taken", "Taken"])
def test_an_extra_setting_that_has_a_field_or_an_argument_is_refused(name):
    with pytest.raises(ValueError) as caught:
        Sample(amount=1, extra={name: 2})
    assert str(caught.value) == f"extra: {name!r} has a field or an argument of its own"


def test_an_extra_setting_may_take_the_place_of_a_field_that_is_not_given():
    assert Sample(extra={"Amount": "new form"}).to_wire() == {"Amount": "new form"}


@pytest.mark.parametrize("extra", [None, ["a"], {1: 2}])
def test_extra_settings_must_be_a_mapping_of_names(extra):
    with pytest.raises(TypeError) as caught:
        Sample(extra=extra)
    assert str(caught.value) == f"extra: a mapping of wire names was expected, not {extra!r}"


def test_brief_shows_only_what_is_set():
    assert Sample(amount=1, names=["a"]).brief() == "Sample(amount=1, names=('a',))"


def test_settings_without_extra_have_none():
    assert not hasattr(Settings, "extra")
