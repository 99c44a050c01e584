from __future__ import annotations

import pickle

from dockerapi.testing.http.errors import HttpError


def test_an_error_has_its_status_and_its_words_and_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(HttpError(404, "no such thing")))
    assert (error.status, error.message) == (404, "no such thing")
