"""What is said no to about networks: the status and the words of some releases.

The recorded ones are compared in tests/testing/routes/test_networks.py.
"""

from __future__ import annotations

import pytest

from dockerapi.testing.versions import network_words
from testing.conversation import dialects


def test_every_release_has_words_for_everything() -> None:
    for dialect in dialects():
        if not dialect.since("1.9.0"):
            continue
        told = [
            network_words.no_body(dialect),
            network_words.no_name(dialect),
            network_words.name_taken(dialect, "n"),
            network_words.only_one(dialect, "host"),
            network_words.no_swarm(dialect),
            network_words.no_plugin(dialect, "d"),
            network_words.no_addresses(dialect),
            network_words.pool_taken(dialect),
            network_words.in_use(dialect, "n", "0a", [("web", "1b")]),
            network_words.connected_already(dialect, "c", "n"),
            network_words.not_connected(dialect, "c", "n"),
            network_words.no_container_named(dialect),
            network_words.of_the_host(dialect, "disconnect"),
            network_words.private(dialect),
            network_words.shared(dialect),
            network_words.no_address_there(dialect, "10.0.0.1"),
            network_words.address_outside(dialect, "10.0.0.1"),
            network_words.several(dialect, "n", 2, "name"),
        ]
        assert all(error.status in (400, 403, 404, 409, 500) for error in told), dialect
        assert all(error.message for error in told), dialect


@pytest.mark.parametrize(
    ("release", "status", "words"),
    [
        ("1.9.0", 500, "network n has active endpoints"),
        (
            "20.10.0",
            403,
            "error while removing network: network n id 0a has active endpoints",
        ),
        (
            "28.0.0",
            403,
            'error while removing network: network n has active endpoints (name:"web" id:"1b")',
        ),
    ],
)
def test_a_network_in_use_is_told_as_the_release_does(
    release: str, status: int, words: str
) -> None:
    [dialect] = [one for one in dialects() if str(one.release) == release][-1:]
    error = network_words.in_use(dialect, "n", "0a", [("web", "1b")])
    assert (error.status, error.message) == (status, words)
