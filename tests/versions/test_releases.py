"""Versions and releases: what they are called, their order, and what each speaks."""

from __future__ import annotations

import inspect

import attrs
import pytest

from dockerapi.errors import _SUCCESSES
from dockerapi.versions import releases
from dockerapi.versions.fit import LEDGER, spelled_out
from dockerapi.versions.ledger import BROKEN, DEFAULTS
from dockerapi.versions.releases import (
    RELEASES,
    ApiVersion,
    Release,
    api_range_of,
    described,
    misreads,
    pinged,
)
from scripted import PODMAN


def version(text: str) -> ApiVersion:
    return ApiVersion.parse(text)


def test_a_version_is_parsed_and_printed() -> None:
    assert ApiVersion.parse("1.19") == ApiVersion(1, 19)
    assert str(ApiVersion(1, 19)) == "1.19"


def test_versions_are_ordered_by_their_numbers_and_not_as_text() -> None:
    assert sorted(map(version, ["1.10", "1.9", "2.0", "1.41"])) == [
        ApiVersion(1, 9),
        ApiVersion(1, 10),
        ApiVersion(1, 41),
        ApiVersion(2, 0),
    ]


@pytest.mark.parametrize(
    "text", ["", "1", "1.", ".1", "v1.19", "1.19.0", " 1.19", "1.19\n", "1.x", "1.¹"]
)
def test_what_is_no_version_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        ApiVersion.parse(text)
    assert str(caught.value) == f"an API version such as 1.41 was expected, not {text!r}"


def test_a_version_that_is_a_number_is_refused() -> None:
    """1.1 and 1.10 would be the same."""
    with pytest.raises(TypeError) as caught:
        ApiVersion.parse(1.19)  # type: ignore[arg-type]
    assert str(caught.value) == "an API version such as '1.41' was expected, not 1.19"


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("0.6.5-dev", Release(0, 6, 5)),
        ("20.10.24+dfsg1", Release(20, 10, 24)),
        ("1.9.1", Release(1, 9, 1)),
        ("17.03.0-ce", Release(17, 3, 0)),
        ("1.13.0-rc2", Release(1, 13, 0)),
        ("25.0", Release(25, 0, 0)),
        ("v29.1.5", Release(29, 1, 5)),
    ],
)
def test_a_release_is_read_from_what_engines_say_of_themselves(text: str, release: Release) -> None:
    assert Release.parse(text) == release
    assert Release.parse(str(release)) == release


@pytest.mark.parametrize("text", ["", "dev", "library-import", "1", "-1.2.3", "12345.1.1"])
def test_what_is_no_release_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        Release.parse(text)
    assert (
        str(caught.value) == f"a release of the Engine such as 20.10.24 was expected, not {text!r}"
    )


@pytest.mark.parametrize(
    ("release", "newest", "oldest"),
    [
        ("0.3.3", "1.0", None),
        ("0.4.0", "1.1", None),
        ("0.4.4", "1.2", None),
        ("0.5.0", "1.3", None),
        ("0.6.1", "1.4", None),
        ("0.6.5-dev", "1.6", None),
        ("0.7.0", "1.7", None),
        ("0.8.1", "1.9", None),
        ("0.10.0", "1.10", None),
        ("1.0.1", "1.12", None),
        ("1.6.2", "1.18", None),
        ("1.7.0", "1.19", None),
        ("1.7.1", "1.19", "1.12"),
        ("1.9.1", "1.21", "1.12"),
        ("1.12.6", "1.24", "1.12"),
        ("17.03.0-ce", "1.26", "1.12"),
        ("17.03.2-ce", "1.27", "1.12"),
        ("18.01.0-ce", "1.35", "1.12"),
        ("18.05.0-ce", "1.37", "1.12"),
        ("20.10.24+dfsg1", "1.41", "1.12"),
        ("25.0.3", "1.44", "1.24"),
        ("27.1.2", "1.46", "1.24"),
        ("27.5.1", "1.47", "1.24"),
        ("28.5.2", "1.51", "1.24"),
        ("29.1.5", "1.52", "1.44"),
        ("29.5.3", "1.54", "1.40"),
        ("29.7.2", "1.55", "1.40"),
        ("31.0.0", "1.55", "1.40"),
    ],
)
def test_a_release_has_its_range_of_versions(release: str, newest: str, oldest: str | None) -> None:
    assert api_range_of(release) == (version(newest), version(oldest) if oldest else None)


def test_a_release_before_the_http_api_has_no_range() -> None:
    with pytest.raises(ValueError) as caught:
        api_range_of("0.3.2")
    assert str(caught.value) == "the Engine has an HTTP API from release 0.3.3 on, not in 0.3.2"


def test_releases_speak_ever_newer_versions() -> None:
    assert list(RELEASES) == sorted(RELEASES)
    newest = [newest for newest, _ in RELEASES.values()]
    assert newest == sorted(newest)


@pytest.mark.parametrize(
    ("at", "release", "expected"),
    [
        ("1.12", "0.8.1", True),
        ("1.24", "0.8.1", True),
        ("1.19", "0.4.4", True),
        ("1.24", "0.4.4", False),  # more than 1.2 as a fraction, too: it answers 404
        ("1.12", "0.3.3", False),
        ("9.99", "0.8.1", False),
        ("1.9", "0.8.1", False),
        ("1.12", "0.9.0", False),
    ],
)
def test_engines_to_0_8_1_misread_what_is_low_enough_as_a_fraction(
    at: str, release: str, expected: bool
) -> None:
    assert misreads(version(at), Release.parse(release)) is expected


def podman(release: str = "4.3.1") -> Release:
    found = {**PODMAN, "Version": release}
    found["Components"] = [{"Name": "Podman Engine", "Version": release}]
    told = described(found)
    assert (told.newest, told.oldest) == (ApiVersion(1, 41), ApiVersion(1, 24))
    headers = {"Server": f"Libpod/{release} (linux)", "Api-Version": "1.41"}
    assert pinged({**headers, "Libpod-Api-Version": release}) == told
    return told.release


@pytest.mark.parametrize("release", ["3.0.1", "4.3.1", "5.4.2"])
def test_podman_counts_as_the_first_engine_of_its_api_version(release: str) -> None:
    counted = podman(release)
    assert (counted, counted.podman) == (Release(20, 10, 0), release)
    assert str(counted) == f"20.10.0 (Podman {release})"
    assert Release(17, 6, 0) < counted < Release(23, 0, 0)


def test_an_engine_is_not_taken_for_podman() -> None:
    for components in (None, [], "Podman Engine", [{"Name": "Engine", "Version": "20.10.24"}]):
        found = {"Version": "20.10.24", "ApiVersion": "1.41", "Components": components}
        counted = described(found).release
        assert (counted, counted.podman) == (Release(20, 10, 24), "")


# The whole of what depends on a release: for Podman, whose numbers are those of an old Engine.


def test_what_the_ledger_says_of_old_releases_does_not_hold_for_podman() -> None:
    released = {getattr(row, "release", None) for rows in LEDGER.values() for row in rows} - {None}
    newer = {release for release in released if podman() < Release.parse(release)}
    assert released - newer  # Podman's own numbers are below most of them
    assert any(Release(4, 3, 1) < Release.parse(release) for release in released)
    # Tokens of an identity, secrets as variables, networks that nobody uses: it is asked for them
    # as little as 20.10 is.
    assert newer == {"23.0.0", "28.0.0", "29.0.0"}


def test_no_default_of_old_releases_is_spelled_out_for_podman() -> None:
    assert [spelled_out(route, podman()) for route in DEFAULTS] == [{}] * len(DEFAULTS)
    assert [before for before, _ in DEFAULTS.values() if podman() < Release.parse(before)] == []


def test_no_route_that_is_broken_in_old_releases_is_so_in_podman() -> None:
    for first, end, version, _ in BROKEN.values():
        assert not Release.parse(first) <= podman() < Release.parse(end), version


def test_no_error_of_old_releases_is_a_success_of_podman() -> None:
    for first, end, route, status, words in _SUCCESSES:
        assert not first <= attrs.astuple(podman()) < end, (route, status, words)


# What follows from a release, for Podman; a function that is not here fails the test.
OF_PODMAN = {
    "copies_by_name": False,
    "creates_as_the_image_says": False,
    "ends_any_input": True,
    "ends_reports": False,
    "finds_secrets_by_name": True,
    "erases_locked_swarms": False,
    "half_closes": True,
    "keeps_what_failed": False,
    "refuses_second_starts": True,
    "tells_of_execs": False,
    "tells_of_the_past": False,
    "tells_of_the_stopped": True,
    "upgrades": True,
}


def test_all_that_follows_from_a_release_is_what_podman_does() -> None:
    found = {
        name: function(podman())
        for name, function in inspect.getmembers(releases, inspect.isfunction)
        if list(inspect.signature(function).parameters) == ["release"] and name != "api_range_of"
    }
    assert found == OF_PODMAN
    newest = Release(20, 10, 0)  # what is so of Podman alone
    assert [name for name in OF_PODMAN if getattr(releases, name)(newest) != found[name]] == [
        "ends_any_input",
        "ends_reports",
        "refuses_second_starts",
        "tells_of_execs",
        "tells_of_the_past",
    ]
    assert not misreads(ApiVersion(1, 12), podman())
