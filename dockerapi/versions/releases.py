"""API versions, Engine releases, and behaviour that follows from the release alone.

The ledger has what follows from the version. The shape of credentials, errors and more follows the
release, whatever version is in use; `Release` exists to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(order=True)
class ApiVersion:
    """A version of the API, such as 1.41."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> ApiVersion:
        """The version in a text such as `1.41`; ValueError for any other text."""
        if not isinstance(text, str):
            raise TypeError(f"an API version such as '1.41' was expected, not {text!r}")
        match = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", text, re.ASCII)
        if match is None:
            raise ValueError(f"an API version such as 1.41 was expected, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@attrs.frozen(order=True)
class Release:
    """A release of the Engine, such as 20.10.24; a pre-release counts as the release.

    `podman` is Podman's own release, if Podman answers. Its numbers are not those of an Engine; it
    counts as the first Engine that spoke the same API version. An Engine that does not tell its
    release counts the same way, with `guessed`.
    """

    major: int
    minor: int
    patch: int
    podman: str = attrs.field(default="", kw_only=True, eq=False)
    guessed: bool = attrs.field(default=False, kw_only=True, eq=False)

    @classmethod
    def parse(cls, text: str) -> Release:
        """The release in an Engine's own text: `0.6.5-dev`, `20.10.24+dfsg1`."""
        match = re.match(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?![\d])", text, re.ASCII)
        if match is None:
            raise ValueError(f"a release of the Engine such as 20.10.24 was expected, not {text!r}")
        return cls(int(match[1]), int(match[2]), int(match[3] or 0))

    def __str__(self) -> str:
        counted = f"{self.major}.{self.minor}.{self.patch}"
        if self.guessed:
            return f"{counted} (a guess by the API version: nobody tells the Engine's release)"
        return f"{counted} (Podman {self.podman})" if self.podman else counted


# The range that this library speaks.
OLDEST = ApiVersion(1, 0)
NEWEST = ApiVersion(1, 55)
FIRST_FRAMED = ApiVersion(1, 6)
PODMANS_OLDEST = ApiVersion(1, 24)  # MinAPIVersion of 4.3 and 5.4

# The release that first spoke a version by default, and the lowest version that it accepts (None:
# any). These are the defaults on Linux; from 25.0 on DOCKER_MIN_API_VERSION can change the lowest.
RELEASES: dict[Release, tuple[ApiVersion, ApiVersion | None]] = {
    Release.parse(release): (
        ApiVersion.parse(newest),
        ApiVersion.parse(oldest) if oldest else None,
    )
    for release, newest, oldest in (
        ("0.3.3", "1.0", None),
        ("0.3.4", "1.1", None),
        ("0.4.1", "1.2", None),
        ("0.4.5", "1.3", None),
        ("0.5.1", "1.4", None),
        ("0.6.2", "1.5", None),
        ("0.6.4", "1.6", None),
        ("0.6.7", "1.7", None),
        ("0.7.1", "1.8", None),
        ("0.8.0", "1.9", None),
        ("0.9.0", "1.10", None),
        ("0.11.0", "1.11", None),
        ("0.12.0", "1.12", None),
        ("1.1.0", "1.13", None),
        ("1.2.0", "1.14", None),
        ("1.3.0", "1.15", None),
        ("1.4.0", "1.16", None),
        ("1.5.0", "1.17", None),
        ("1.6.0", "1.18", None),
        # 1.7.0 takes any prefix; below 1.12 it answers in the shape of 1.19.
        ("1.7.0", "1.19", None),
        ("1.7.1", "1.19", "1.12"),
        ("1.8.0", "1.20", "1.12"),
        ("1.9.0", "1.21", "1.12"),
        ("1.10.0", "1.22", "1.12"),
        ("1.11.0", "1.23", "1.12"),
        ("1.12.0", "1.24", "1.12"),
        ("1.13.0", "1.25", "1.12"),
        ("1.13.1", "1.26", "1.12"),
        ("17.3.1", "1.27", "1.12"),
        ("17.4.0", "1.28", "1.12"),
        ("17.5.0", "1.29", "1.12"),
        ("17.6.0", "1.30", "1.12"),
        ("17.7.0", "1.31", "1.12"),
        ("17.9.0", "1.32", "1.12"),
        ("17.10.0", "1.33", "1.12"),
        ("17.11.0", "1.34", "1.12"),
        ("17.12.0", "1.35", "1.12"),
        ("18.2.0", "1.36", "1.12"),
        ("18.3.0", "1.37", "1.12"),
        ("18.6.0", "1.38", "1.12"),
        ("18.9.0", "1.39", "1.12"),
        ("19.3.0", "1.40", "1.12"),
        ("20.10.0", "1.41", "1.12"),
        ("23.0.0", "1.42", "1.12"),
        ("24.0.0", "1.43", "1.12"),
        ("25.0.0", "1.44", "1.24"),
        ("26.0.0", "1.45", "1.24"),
        ("27.0.0", "1.46", "1.24"),
        ("27.2.0", "1.47", "1.24"),
        ("28.0.0", "1.48", "1.24"),
        ("28.1.0", "1.49", "1.24"),
        ("28.2.0", "1.50", "1.24"),
        ("28.3.0", "1.51", "1.24"),
        ("29.0.0", "1.52", "1.44"),
        ("29.2.0", "1.53", "1.44"),
        ("29.3.0", "1.54", "1.40"),
        ("29.6.0", "1.55", "1.40"),
    )
}


def api_range_of(release: str) -> tuple[ApiVersion, ApiVersion | None]:
    """The newest version that a release speaks and the lowest that it accepts (None: any).

    A release newer than this library counts as the newest known one. ValueError for a text without
    a release, or one before 0.3.3, which has no API.
    """
    asked = Release.parse(release)
    for first, spoken in reversed(RELEASES.items()):
        if first <= asked:
            return spoken
    raise ValueError(f"the Engine has an HTTP API from release 0.3.3 on, not in {asked}")


def first_release_of(version: ApiVersion) -> Release:
    """The first release that spoke a version, or else the newest release before it."""
    spoken = [release for release, (newest, _) in RELEASES.items() if newest <= version]
    newest_of_them = max(RELEASES[release][0] for release in spoken or RELEASES)
    return min(r for r, (newest, _) in RELEASES.items() if newest == newest_of_them)


@attrs.frozen
class Described:
    """An Engine's own account: its newest and oldest version (None: any), and its release."""

    newest: ApiVersion
    oldest: ApiVersion | None
    release: Release
    windows: bool = False


def described(found: Mapping[str, Any]) -> Described:
    """What an Engine says about itself in `/version`.

    Engines from 0.10.0 on name the versions; for older ones they follow from the release. An
    unofficial build, whose release is no number, counts as the first release that spoke the
    version, and so does Podman. ValueError if the answer has neither.
    """
    windows = found.get("Os") == "windows"
    if not found.get("ApiVersion"):
        release = Release.parse(str(found.get("Version")))
        return Described(*api_range_of(str(release)), release, windows)
    newest = ApiVersion.parse(str(found["ApiVersion"]))
    podman = podman_release(found)
    release = _release_in("" if podman else str(found.get("Version"))) or attrs.evolve(
        first_release_of(newest), podman=podman
    )
    oldest = api_range_of(str(release))[1]
    if found.get("MinAPIVersion"):
        oldest = ApiVersion.parse(str(found["MinAPIVersion"]))
    return Described(newest, oldest, release, windows)


def pinged(headers: Mapping[str, str]) -> Described | None:
    """What an Engine says in the headers of `/_ping`; None if nothing, as up to 1.7.1.

    The headers have the release from 1.8.0 on, unless a proxy has replaced it by its own name, and
    the newest version from 1.13.0 on. They never have the oldest version: the release's default is
    used.
    """
    server = headers.get("Server", "")
    product, _, number = server.partition("/")
    podman = headers.get("Libpod-Api-Version", "")
    release = _release_in(number if product == "Docker" and not podman else "")
    try:
        if headers.get("Api-Version"):
            newest = ApiVersion.parse(headers["Api-Version"])
        elif release is not None:
            newest = api_range_of(str(release))[0]
        else:
            return None
        if release is None:
            release = first_release_of(newest)
            release = attrs.evolve(release, podman=podman, guessed=not podman)
        oldest = PODMANS_OLDEST if podman else api_range_of(str(release))[1]
    except ValueError:
        return None
    windows = headers.get("Ostype") == "windows" or "(windows)" in server
    return Described(newest, oldest, release, windows)


def _release_in(text: str) -> Release | None:
    try:
        return Release.parse(text)
    except ValueError:
        return None


def podman_release(found: Mapping[str, Any]) -> str:
    """Podman's own release, e.g. `4.3.1`, if this `/version` is Podman's; otherwise ""."""
    components = found.get("Components")
    first = components[0] if isinstance(components, list) and components else None
    if not isinstance(first, Mapping) or first.get("Name") != "Podman Engine":
        return ""
    return str(first.get("Version") or found.get("Version"))


def framed(version: ApiVersion) -> bool:
    """Whether output without a TTY comes in frames: from API 1.6 on."""
    return version >= FIRST_FRAMED


def misreads(version: ApiVersion, release: Release) -> bool:
    """Whether a release accepts this version by mistake.

    Releases up to 0.8.1 read a version as a decimal fraction: 1.12 is then between 1.1 and 1.2.
    They refuse only fractions above their own version (seen: 9.99 on 0.3.3 to 0.6.7).
    """
    if release >= Release(0, 9, 0) or version.minor < 10:
        return False
    return float(str(version)) <= float(str(api_range_of(str(release))[0]))


def half_closes(release: Release) -> bool:
    """Whether the input of an attachment can be closed without losing the output.

    From 0.5.0 on; 0.3.3 and 0.4.4 close the whole socket (differences, 0.1).
    """
    return release >= Release(0, 5, 0)


def upgrades(release: Release) -> bool:
    """Whether a request to upgrade a connection is answered by 101: from 1.5.0 on.

    Older releases do not know the header, and answer 200.
    """
    return release >= Release(1, 5, 0)


def ends_any_input(release: Release) -> bool:
    """Whether closing an attachment's input also closes the container's, with or without StdinOnce.

    Engines do so only with StdinOnce. Podman always does, and reports StdinOnce as false for every
    container (4.3 and 5.4, seen).
    """
    return bool(release.podman)


def creates_as_the_image_says(release: Release) -> bool:
    """Whether a container takes Tty, OpenStdin and StdinOnce from its image where they are unset.

    Of 0.10.0 that is not known for certain: the change came two weeks before (moby's pull request
    4882), and none of its notes names it.
    """
    return release < Release(0, 11, 0)


def refuses_second_starts(release: Release) -> bool:
    """Whether a second start of an exec is an error; Engines send their refusal as its output.

    Podman refuses it, but reports the exit code 0 before the first start as well (4.3 and 5.4,
    seen).
    """
    return bool(release.podman)


def tells_of_the_past(release: Release) -> bool:
    """Whether `events` returns all events of a past period.

    Podman returns some of them, or none: it stops reading them at random (4.3 and 5.4, seen).
    """
    return not release.podman


def copies_by_name(release: Release) -> bool:
    """Whether `POST /containers/{id}/copy` gives a directory under its name.

    20.10 gives only the directory's content (seen), so a directory with one file looks like that
    file. From 1.8.0 on there are the archive routes.
    """
    return release < Release(1, 8, 0)


def finds_secrets_by_name(release: Release) -> bool:
    """Whether a swarm's secret is found by its name; 1.13.0 to 17.03 only know ids (seen)."""
    return release >= Release(17, 4, 0) or bool(release.podman)


def tells_of_execs(release: Release) -> bool:
    """Whether the event `exec_die` reports the end of an exec, with its id and exit code.

    It came with API 1.36. Podman's event has neither.
    """
    return release >= Release(18, 2, 0) and not release.podman


def ends_reports(release: Release) -> bool:
    """Whether the last message of a pull, push, import or build is known as such.

    All of them end with a message of their own from 17.05 on; Podman's pulls do not.
    """
    return release >= Release(17, 5, 0) and not release.podman


def tells_of_the_stopped(release: Release) -> bool:
    """Whether the stats of a stopped container come at once, with all figures 0.

    Up to 1.8.3 nothing comes until the container runs (seen).
    """
    return release >= Release(1, 9, 0)


def erases_locked_swarms(release: Release) -> bool:
    """Whether a locked manager leaves its swarm without `force` (1.13.1: seen)."""
    return Release(1, 13, 0) <= release < Release(17, 4, 0)


def keeps_what_failed(release: Release) -> bool:
    """Whether a container is left behind by a create that the Engine answered with an error.

    1.8.3 does so if something that the host config names does not exist (seen).
    """
    return Release(1, 8, 0) <= release < Release(1, 9, 0)
