"""Prints docs/filters.md from the ledger: `make api-versions`.

The ledger tells since when an Engine has a filter. What it means is written here; a filter without
a meaning is an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.versions.fit import LEDGER
from dockerapi.versions.ledger import EVENTS, IMAGES, LIST, NETWORKS, SEARCH, Added, Moved

# The operations, by route; in each, what the filters are that are as old as `filters=` itself.
OPERATIONS = {
    LIST: ("containers", "1.12", ()),
    IMAGES: ("images", "1.12", ("dangling",)),
    NETWORKS: ("networks", "1.21", ("id", "name")),
    SEARCH: ("search", "1.24", ("is-automated", "is-official", "stars")),
    EVENTS: ("events", "1.16", ("container", "event", "image")),
    "GET /volumes": ("volumes", "1.21", ("dangling",)),
    "GET /plugins": ("plugins", "1.28", ()),
    "GET /services": ("services", "1.24", ("id", "label", "mode", "name", "runtime")),
    "GET /tasks": (
        "tasks",
        "1.24",
        ("desired-state", "id", "label", "name", "node", "runtime", "service"),
    ),
    "GET /secrets": ("secrets", "1.25", ("id", "label", "name", "names")),
    "GET /configs": ("configs", "1.30", ("id", "label", "name")),
    "GET /nodes": ("nodes", "1.24", ("id", "label", "membership", "name", "node.label", "role")),
    "POST /containers/prune": ("prune_containers", "1.28", ()),
    "POST /images/prune": ("prune_images", "1.28", ()),
    "POST /networks/prune": ("prune_networks", "1.28", ()),
    "POST /volumes/prune": ("prune_volumes", "1.29", ()),
}

# What has an argument of its own.
HIDDEN = {"all"}

LABEL = "`label` has it, `label=value` with this value; of several all must fit"
UNTIL = "made before this: a time, or how long ago (`24h`)"

# By operation and filter; what holds for all operations has no operation.
MEANINGS = {
    (None, "label"): LABEL,
    (None, "label!"): "as `label`, and it must not have it",
    (None, "until"): UNTIL,
    (
        "containers",
        "name",
    ): "a regular expression, found **anywhere in the name**: `web` is also in "
    "`web-2`; `^/?web$` is one name",
    ("containers", "id"): "the **beginning** of the id",
    ("containers", "ancestor"): "made of this image, or of one that was built on it: a name, an id",
    ("containers", "before"): "made before this one: a name, an id; also `before=`",
    ("containers", "since"): "made after this one: a name, an id; also `since=`",
    ("containers", "exited"): "ended with this code; add `all=True`",
    ("containers", "expose"): "exposes this port: `80`, `80/tcp`, a range",
    ("containers", "publish"): "publishes this port, as `expose`",
    ("containers", "health"): "`starting`, `healthy`, `unhealthy` or `none`",
    ("containers", "is-task"): "whether it is a task of a service",
    ("containers", "isolation"): "`default`, `process` or `hyperv`; on Windows",
    ("containers", "network"): "in this network: the **exact** name, an id",
    (
        "containers",
        "status",
    ): "`created`, `running`, `paused`, `restarting`, `removing`, `exited` or "
    "`dead`; lists those that ended, too",
    ("containers", "volume"): "mounts this volume, or mounts something there: a name, a path",
    ("images", "dangling"): "whether it has no name",
    ("images", "reference"): "a **pattern** for the name, with `*` and `?` that do not go beyond a "
    "slash: `debian*`; `debian` has every tag; also `reference=`",
    ("images", "before"): "made before this image",
    ("images", "since"): "made after this image",
    ("networks", "name"): "a regular expression, found **anywhere in the name** (Engine 1.9: the "
    "exact name)",
    ("networks", "id"): "a regular expression, found anywhere in the id (before Engine 1.13: its "
    "beginning)",
    ("networks", "dangling"): "whether no container uses it",
    ("networks", "driver"): "the **exact** name of its driver",
    ("networks", "scope"): "`local`, `global` or `swarm`",
    ("networks", "type"): "`custom` or `builtin`",
    ("volumes", "dangling"): "whether no container has it",
    ("volumes", "driver"): "the **exact** name of its driver",
    ("volumes", "name"): "a **part** of the name",
    ("plugins", "enabled"): "whether it is enabled",
    (
        "plugins",
        "capability",
    ): "the **exact** name of what it is for: `volumedriver`, `logdriver` ...",
    ("services", "id"): "the **beginning** of the id",
    ("services", "label"): f"of the service, not of its containers: {LABEL}",
    ("services", "mode"): "`replicated`, `global`, `replicated-job` or `global-job`; from Engine "
    "17.05 on",
    ("services", "name"): "the **beginning** of the name",
    ("services", "runtime"): "`container`, which is the default, or `plugin`; from Engine 17.07 on",
    ("tasks", "desired-state"): "`running`, `shutdown` or `accepted`",
    ("tasks", "id"): "the **beginning** of the id",
    ("tasks", "label"): f"of its service, not of its container: {LABEL}",
    ("tasks", "name"): "the **beginning** of the name: `web.1`",
    ("tasks", "node"): "on this node: a name, an id; another one is `NotFound`",
    ("tasks", "runtime"): "`container`, which is the default, or `plugin`; from Engine 17.07 on",
    ("tasks", "service"): "of this service: a name, an id; another one is `NotFound`",
    ("nodes", "id"): "the **beginning** of the id",
    ("nodes", "label"): "of the node's **Engine**; of several values for one label the last counts",
    ("nodes", "membership"): "`pending`; `accepted` finds nothing on any Engine so far",
    ("nodes", "name"): "the **beginning** of the name of its host",
    ("nodes", "node.label"): "what the swarm has given the node, on Engine 19.03 and later",
    ("nodes", "role"): "`worker` or `manager`",
    ("search", "is-automated"): "whether it is built automatically",
    ("search", "is-official"): "whether it is an official image",
    ("search", "stars"): "has at least so many",
    ("events", "container"): "of this container: the **exact** name, or an id",
    ("events", "event"): "the action, such as `die`; of those with more to them (`exec_start: sh`) "
    "the word before the colon",
    ("events", "image"): "of this image, or of a container of it: a name with or without its tag",
    ("events", "label"): "of what has this label: `label` or `label=value`",
    ("secrets", "id"): "the **beginning** of the id",
    ("secrets", "name"): "the **beginning** of the name",
    ("secrets", "names"): "the **whole** name",
    ("configs", "id"): "the **beginning** of the id",
    ("configs", "name"): "the **beginning** of the name",
    ("events", "type"): "`container`, `image`, `network`, `volume`, `daemon` ...",
    ("events", "volume"): "of this volume: the **exact** name",
    ("events", "network"): "of this network: the **exact** name, or an id",
    ("events", "daemon"): "of the Engine itself: its name or id",
    ("events", "plugin"): "of this plugin: a name, an id",
    ("events", "scope"): "`local` or `swarm`",
    ("events", "config"): "of this config of a swarm: a name, an id",
    ("events", "node"): "of this node of a swarm: a name, an id",
    ("events", "secret"): "of this secret of a swarm: a name, an id",
    ("events", "service"): "of this service of a swarm: a name, an id",
}

HEAD = """\
# Filters

<!-- Written by `make api-versions` from docs/filters.py and dockerapi/versions/ledger.py. -->

`filters=` is a mapping from the names below to a string, or to several: one of them is enough, but
for labels, all of which must fit. True and False are what they say. What the version spoken does
not have is `NotSupported`.

```python
from dockerapi import Client

with Client.from_env() as client:
    for container in client.containers(all=True, filters={"label": "env=ci", "status": "exited"}):
        print(container.names)
```
"""


def filters_of(route: str) -> dict[str, str]:
    """The filters of a route and since when they are there: an API version, an Engine."""
    _, since, first = OPERATIONS[route]
    found = dict.fromkeys(first, f"API {since}")
    for version in sorted(LEDGER):
        for row in LEDGER[version]:
            if row.route != route or not isinstance(row, (Added, Moved)):
                continue
            name = (row.query or "").removeprefix("filters.")
            if name in ("", row.query) or name in HIDDEN:
                continue
            old = f", before as `{row.was}=`" if isinstance(row, Moved) else ""
            found[name] = f"Engine {row.release}" if row.release else f"API {version}"
            found[name] += old
    return dict(sorted(found.items()))


def meaning(operation: str, name: str) -> str:
    return MEANINGS.get((operation, name)) or MEANINGS[None, name]


def document() -> str:
    return "\n".join([HEAD, *tables()])


def tables() -> Iterator[str]:
    for route, (operation, _, _) in OPERATIONS.items():
        yield f"## {operation}"
        yield ""
        yield "| filter | since | what is given |"
        yield "|---|---|---|"
        for name, since in filters_of(route).items():
            yield f"| `{name}` | {since} | {meaning(operation, name)} |"
        yield ""


if __name__ == "__main__":
    print(document().rstrip())
