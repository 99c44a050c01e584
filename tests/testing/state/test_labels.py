from __future__ import annotations

import pytest

from dockerapi.testing.state.labels import has_label


@pytest.mark.parametrize(
    ("wanted", "found"), [("a", True), ("a=1", True), ("a=", False), ("b", False), ("1", False)]
)
def test_a_label_is_asked_for_by_its_name_or_with_its_value(wanted: str, found: bool) -> None:
    assert (has_label({"a": "1"}, wanted), has_label(None, wanted)) == (found, False)
