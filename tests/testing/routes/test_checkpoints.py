"""Checkpoints of the fake Engine, which is not experimental."""

from __future__ import annotations

import pytest

from dockerapi import BadRequest, Client, ServerError
from dockerapi.testing import FakeEngine


@pytest.mark.parametrize(
    ("release", "how"),
    [("1.13.1", "with --experimental"), ("28.5.2", "in experimental mode")],
)
def test_they_are_refused_as_by_an_engine_that_is_not_experimental(release: str, how: str) -> None:
    words = (
        "This experimental feature is disabled by default. Start the Docker daemon "
        f"{how} in order to enable it."
    )
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        for call in (
            lambda: client.checkpoints(id),
            lambda: client.create_checkpoint(id, "one"),
            lambda: client.remove_checkpoint(id, "one"),
        ):
            with pytest.raises(ServerError) as caught:
                call()
            assert (caught.value.status, caught.value.message) == (501, words)
        with pytest.raises(BadRequest) as refused:
            client.start(id, checkpoint="one")
        assert refused.value.message == "checkpoint is only supported in experimental mode"
