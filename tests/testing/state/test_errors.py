from __future__ import annotations

import inspect

from dockerapi.testing.routes import table
from dockerapi.testing.state import errors


def test_every_error_of_the_state_is_told_in_words_of_the_version() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.StateError)
    }
    assert set(table.TOLD) == kinds - {errors.StateError}
