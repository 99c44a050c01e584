"""Prints docs/api-versions.md from the ledger: `make api-versions`."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.api.routes import NEEDED, ROUTES
from dockerapi.versions.fit import LEDGER, supports
from dockerapi.versions.ledger import (
    BROKEN,
    DEFAULTS,
    NOT_ON_WINDOWS,
    Added,
    Ignored,
    Moved,
    Removed,
    Replaced,
    Reshaped,
    Row,
)
from dockerapi.versions.releases import (
    FIRST_FRAMED,
    NEWEST,
    OLDEST,
    RELEASES,
    ApiVersion,
    Release,
)

VERSIONS = [ApiVersion(1, minor) for minor in range(OLDEST.minor, NEWEST.minor + 1)]

# What is done with more than one request, or after the answer.
NOTES = {
    "attach": f"below {FIRST_FRAMED} stdout and stderr come as one",
    "logs": f"below {FIRST_FRAMED} stdout and stderr come as one",
    "run": "below 1.15 the host config goes with the start; `remove` kills first below 1.10",
    "run_detached": "below 1.15 the host config goes with the start",
    "stats": "below 1.19 one value of the stream is read",
    "viz": "from 1.7 on drawn from the list of images",
}

# What the translations in the ledger make of a value.
FORMS = {
    "_attached": "only if both are wanted",
    "_by_section": "in the sections that its configuration files have",
    "_exchanged": "with height and width exchanged",
    "_multipart": "as a form",
    "_of_default_driver": "with the driver `default` where it names none",
    "_only": "with a single value",
    "_ports_of_ingress": "without their mode, if it is `ingress`",
    "_signal_number": "as a number",
    "_whole_seconds": "in whole seconds",
    "_one_network": "with one network only",
}

HEAD = f"""\
# API versions

<!-- Written by `make api-versions` from dockerapi/versions/ledger.py. -->

`dockerapi` speaks API {OLDEST} to {NEWEST}: with each Engine the newest version that both know, or
the one given by `Client(version=...)`. What is asked is written as that version has it; what it has
not is refused with `NotSupported`, which names it. Nothing that was asked for is left out.

`client.supports("logs")` tells whether the version spoken has an operation.
"""


def rows_of(route: str) -> Iterator[tuple[ApiVersion, Row]]:
    """The rows of a route, oldest first."""
    for version in sorted(LEDGER):
        for row in LEDGER[version]:
            if row.route == route:
                yield version, row


def place(row: Row) -> str:
    """The part of a request that a row is about, or nothing for the route itself."""
    if isinstance(row, Replaced):
        return ""
    if row.query == "." or row.body == ".":
        return "the query" if row.query else "the body"
    name = f"?{row.query}" if row.query else row.body or row.header
    return f"`{name}`" if name else ""


def operations() -> Iterator[str]:
    yield "| Method | API | Asked otherwise |"
    yield "|---|---|---|"
    told: dict[str, str] = {}
    for method, routes in ROUTES.items():
        notes = [NOTES[method]] if method in NOTES else []
        for route in routes:
            found = [note for version, row in rows_of(route) for note in translated(version, row)]
            found += released(route)
            if found and route in told:
                found = [f"as `{told[route]}`"]
            told.setdefault(route, method)
            notes += found
        yield f"| `{method}` | {spoken(method, routes)} | {'; '.join(notes)} |"


def spoken(method: str, routes: tuple[str, ...]) -> str:
    """The range of versions that have all routes, or others for the same."""
    having = [
        version
        for version in VERSIONS
        if all(supports(route, version, query=NEEDED.get((method, route))) for route in routes)
    ]
    if not having:
        return "none"
    assert having == VERSIONS[VERSIONS.index(having[0]) :][: len(having)], routes
    return f"{having[0]} to {having[-1]}"


def translated(version: ApiVersion, row: Row) -> Iterator[str]:
    if isinstance(row, Replaced):
        yield f"below {version} as `{row.was}`"
        return
    before = f"Engine {shown(Release.parse(row.release))}" if row.release else str(version)
    if isinstance(row, Moved):
        where = "the body" if row.into_body else f"`{row.was}`"
        yield f"{place(row)} below {before} as {where}"
    elif isinstance(row, Reshaped):
        yield f"{place(row)} below {before} {FORMS[row.turn.__name__]}"
    elif isinstance(row, Ignored):
        yield f"{place(row)} refused before {before} with {row.what}"
    elif isinstance(row, Added) and not place(row) and row.release:
        yield f"from {before} on"
    elif isinstance(row, Added) and row.implied is not None:
        yield f"{place(row)} below {before} not sent if it is `{row.implied}`"


def released(route: str) -> Iterator[str]:
    """What follows the release of the Engine."""
    if route in DEFAULTS:
        release, query = DEFAULTS[route]
        words = "&".join(f"{name}={value}" for name, value in query.items())
        yield f"`?{words}` is sent to Engines before {release} if nothing is given"
    if route in BROKEN:
        first, fixed, needed, what = BROKEN[route]
        yield f"refused below {needed} on Engines {first} to before {fixed}: each {what}"

    for name in sorted(name for asked, name in NOT_ON_WINDOWS if asked == route):
        yield f"`?{name}` is refused for Engines on Windows"


def parts() -> Iterator[str]:
    for route in dict.fromkeys(route for routes in ROUTES.values() for route in routes):
        found: dict[str, list[str]] = {}
        for version, row in rows_of(route):
            if not place(row) or not isinstance(row, (Added, Removed)):
                continue
            since = isinstance(row, Added)
            words = f"from {version}" if since else f"below {version}"
            late = f" (Engine {row.release})" if row.release else ""
            found.setdefault(words, []).append(place(row) + late)
        if found:
            yield f"### {route}"
            yield ""
            yield from (f"- {words}: {', '.join(places)}" for words, places in found.items())
            yield ""


def releases() -> Iterator[str]:
    yield "| Engine | newest API | lowest API |"
    yield "|---|---|---|"
    for first, (newest, lowest) in RELEASES.items():
        yield f"| from {shown(first)} | {newest} | {lowest or 'any'} |"


def shown(release: Release) -> str:
    """A release as it was named: 17.03.1, but 1.3.1 and 23.0.1."""
    if 17 <= release.major <= 19:
        return f"{release.major}.{release.minor:02}.{release.patch}"
    return str(release)


def document() -> str:
    return "\n".join(
        [
            HEAD,
            "## Operations",
            "",
            *operations(),
            "",
            "## Parts of requests",
            "",
            "What is not here is as old as its route. In brackets is the first Engine that has it,",
            "of those that speak the version.",
            "",
            *parts(),
            "## Engines",
            "",
            "What each release speaks by default, on Linux.",
            "",
            *releases(),
        ]
    )


if __name__ == "__main__":
    print(document())
