"""Prunes and the use of the disk: from API 1.25 on, the build cache from 1.31."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerapi import Client
from matrix.form import Case, OfRelease, Outcome, before, needs, since

CONTAINERS = "POST /containers/prune"
IMAGES = "POST /images/prune"
VOLUMES = "POST /volumes/prune"
CACHE = "POST /build/prune"
USAGE = "GET /system/df"
EVERY_VOLUME = "all=True removes every volume that no container has"
ALL_OF_IT = "all=True removes all of the cache"
NAMED_TOO = needs(f"{VOLUMES} ?filters.all", "1.42", EVERY_VOLUME)
WHOLE_CACHE = needs(f"{CACHE} ?all", "1.39", ALL_OF_IT)


def _case(method: str, name: str, by_version: dict[str, Outcome], **given: Any) -> Case:
    call: Callable[[Client], Any] = lambda client: getattr(client, method)(**given)  # noqa: E731
    return Case(method, name, call, by_version)


def _dated(method: str, route: str) -> list[Case]:
    """The filters that containers and images have alike."""
    none = {before("1.25"): needs(route, "1.25")}
    return [
        _case(
            method,
            "filters-until",
            {
                **none,
                "1.25 to 1.27": needs(f"{route} ?filters.until", "1.28"),
                since("1.28"): f'{route}?filters={{"until": ["24h"]}}',
            },
            filters={"until": "24h"},
        ),
        *(
            _case(
                method,
                f"filters-{name}",
                {
                    **none,
                    "1.25 to 1.28": needs(f"{route} ?filters.{name}", "1.29"),
                    since("1.29"): f'{route}?filters={{"{name}": ["a=b"]}}',
                },
                filters={name: "a=b"},
            )
            for name in ("label", "label!")
        ),
    ]


NO_CACHE = {before("1.31"): needs(CACHE, "1.31")}


def _of_cache(name: str, what: str, version: str, sent: str, **given: Any) -> Case:
    """What the build cache takes from a version on, beside `all`."""
    early = before(version).rpartition(" ")[2]
    return _case(
        "prune_build_cache",
        name,
        {
            **NO_CACHE,
            f"1.31 to {early}": needs(f"{CACHE} {what}", version),
            since(version): f"{CACHE}?all=1&{sent}",
        },
        all=True,
        **given,
    )


CASES = [
    _case(
        "prune_containers",
        "plain",
        {before("1.25"): needs(CONTAINERS, "1.25"), since("1.25"): CONTAINERS},
    ),
    *_dated("prune_containers", CONTAINERS),
    _case("prune_images", "plain", {before("1.25"): needs(IMAGES, "1.25"), since("1.25"): IMAGES}),
    _case(
        "prune_images",
        "all",
        {
            before("1.25"): needs(IMAGES, "1.25"),
            since("1.25"): f'{IMAGES}?filters={{"dangling": ["false"]}}',
        },
        all=True,
    ),
    *_dated("prune_images", IMAGES),
    _case(
        "prune_volumes",
        "without-names",
        {
            before("1.25"): needs(VOLUMES, "1.25"),
            "1.25 to 1.41": NAMED_TOO,
            since("1.42"): VOLUMES,
        },
    ),
    _case(
        "prune_volumes",
        "plain",
        {
            before("1.25"): needs(VOLUMES, "1.25"),
            "1.25 to 1.41": VOLUMES,
            since("1.42"): f'{VOLUMES}?filters={{"all": ["true"]}}',
        },
        all=True,
    ),
    *(
        _case(
            "prune_volumes",
            f"filters-{name}",
            {
                before("1.25"): needs(VOLUMES, "1.25"),
                "1.25 to 1.28": needs(f"{VOLUMES} ?filters.{name}", "1.29"),
                "1.29 to 1.41": f'{VOLUMES}?filters={{"{name}": ["a=b"]}}',
                since("1.42"): f'{VOLUMES}?filters={{"{name}": ["a=b"], "all": ["true"]}}',
            },
            all=True,
            filters={name: "a=b"},
        )
        for name in ("label", "label!")
    ),
    _case(
        "prune_build_cache",
        "dangling",
        {**NO_CACHE, "1.31 to 1.38": WHOLE_CACHE, since("1.39"): CACHE},
    ),
    _case(
        "prune_build_cache",
        "plain",
        {**NO_CACHE, "1.31 to 1.38": CACHE, since("1.39"): f"{CACHE}?all=1"},
        all=True,
    ),
    _of_cache(
        "filters-until", "?filters", "1.39", 'filters={"until": ["24h"]}', filters={"until": "24h"}
    ),
    _of_cache(
        "filters-inuse", "?filters", "1.39", 'filters={"inuse": []}', filters={"inuse": True}
    ),
    _case(
        "prune_build_cache",
        "reserved-space",
        {
            **NO_CACHE,
            "1.31 to 1.38": needs(f"{CACHE} ?reserved-space", "1.39"),
            "1.39 to 1.47": f"{CACHE}?all=1&keep-storage=65536",
            since("1.48"): f"{CACHE}?all=1&reserved-space=65536",
        },
        all=True,
        reserved_space="64k",
    ),
    _of_cache("max-used-space", "?max-used-space", "1.48", "max-used-space=1", max_used_space=1),
    _of_cache("min-free-space", "?min-free-space", "1.48", "min-free-space=0", min_free_space=0),
    _case(
        "disk_usage",
        "plain",
        {
            before("1.25"): needs(USAGE, "1.25"),
            "1.25 to 1.51": USAGE,
            since("1.52"): f"{USAGE}?verbose=1",
        },
    ),
    _case(
        "disk_usage",
        "types",
        {
            before("1.25"): needs(USAGE, "1.25"),
            "1.25 to 1.41": USAGE,
            "1.42 to 1.51": f"{USAGE}?type=volume&type=build-cache",
            since("1.52"): f"{USAGE}?type=volume&type=build-cache&verbose=1",
        },
        types=["volume", "build-cache"],
    ),
]

OF_RELEASES = [
    # What the prefix decides, whatever the Engine has.
    OfRelease("prune_volumes", "28.5.2", "1.41", lambda client: client.prune_volumes(), NAMED_TOO),
    OfRelease(
        "prune_build_cache",
        "28.5.2",
        "1.47",
        lambda client: client.prune_build_cache(reserved_space=1),
        f"{CACHE}?keep-storage=1",
    ),
]
