from __future__ import annotations

import json

from dockerapi.testing.versions import progress
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release

NEW = Dialect.of(Release.parse("28.5.2"), None)[0]
OLD = Dialect.of(Release.parse("1.7.1"), None)[0]


# As 28.5 wrote them.


def test_values_of_a_layer() -> None:
    assert progress.state("Preparing", "0123") == {
        "status": "Preparing", "progressDetail": {}, "id": "0123",
    }  # fmt: skip
    value = progress.moved("Pushing", "0123", 2)
    assert json.loads(progress.progress(NEW, value)) == {
        "status": "Pushing",
        "progressDetail": {"current": 2, "total": 2},
        "progress": "[" + "=" * 50 + ">]       2B/2B",
        "id": "0123",
    }
