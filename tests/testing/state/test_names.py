"""Names that are made up."""

from __future__ import annotations

import re

from dockerapi.testing.state.names import derived_id, free_name


class Everything:
    """All names are taken, but those that end in a digit."""

    def __contains__(self, name: object) -> bool:
        return not str(name)[-1].isdigit()


def test_a_name_is_an_adjective_and_a_noun() -> None:
    assert re.fullmatch(r"[a-z]+_[a-z]+", free_name(()))


def test_a_name_that_is_not_taken_is_found_in_the_end() -> None:
    assert re.fullmatch(r"[a-z]+_[a-z]+\d+", free_name(Everything()))


def test_an_id_that_is_derived_is_always_the_same() -> None:
    assert derived_id("network", "bridge") == derived_id("network", "bridge")
    assert re.fullmatch(r"[0-9a-f]{64}", derived_id("network", "none"))
