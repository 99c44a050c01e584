"""Volumes: from API 1.21 on."""

from __future__ import annotations

from dockerapi import Client, ClusterVolumeSpec
from dockerapi.models.volumes import Volume
from matrix.form import Case, OfRelease, before, later_release, needs, sends, since

LIST = "GET /volumes"
INSPECT = "GET /volumes/{name}"
CREATE = "POST /volumes/create"
UPDATE = "PUT /volumes/{name}"
REMOVE = "DELETE /volumes/{name}"
LOCAL = f"{CREATE} with options of the driver local"
OPTIONS = {"type": "tmpfs", "device": "tmpfs"}
OF_CLUSTER = Volume.parse(
    {"Name": "v1", "ClusterVolume": {"ID": "cv1", "Version": {"Index": 7}, "Spec": {"New": 1}}}
)


def _forced(client: Client) -> None:
    client.remove_volume("v1", force=True)


CASES = [
    Case(
        "volumes",
        "plain",
        lambda client: client.volumes(),
        {before("1.21"): needs(LIST, "1.21"), since("1.21"): LIST},
    ),
    Case(
        "volumes",
        "filters-dangling",
        lambda client: client.volumes(filters={"dangling": True}),
        {
            before("1.21"): needs(LIST, "1.21"),
            since("1.21"): 'GET /volumes?filters={"dangling": ["true"]}',
        },
    ),
    Case(
        "volumes",
        "filters-not-dangling",
        lambda client: client.volumes(filters={"dangling": False}),
        {
            before("1.21"): needs(LIST, "1.21"),
            "1.21": later_release(
                f"{LIST} ?filters.dangling with another value than true", "1.10.0"
            ),
            since("1.22"): 'GET /volumes?filters={"dangling": ["false"]}',
        },
    ),
    Case(
        "volumes",
        "filters-name",
        lambda client: client.volumes(filters={"name": "v"}),
        {
            before("1.21"): needs(LIST, "1.21"),
            "1.21 to 1.23": needs(f"{LIST} ?filters.name", "1.24"),
            since("1.24"): 'GET /volumes?filters={"name": ["v"]}',
        },
    ),
    Case(
        "volumes",
        "filters-driver",
        lambda client: client.volumes(filters={"driver": "local"}),
        {
            before("1.21"): needs(LIST, "1.21"),
            "1.21 to 1.23": needs(f"{LIST} ?filters.driver", "1.24"),
            since("1.24"): 'GET /volumes?filters={"driver": ["local"]}',
        },
    ),
    Case(
        "volumes",
        "filters-label",
        lambda client: client.volumes(filters={"label": ["a", "b=c"]}),
        {
            before("1.21"): needs(LIST, "1.21"),
            "1.21 to 1.24": needs(f"{LIST} ?filters.label", "1.25"),
            since("1.25"): 'GET /volumes?filters={"label": ["a", "b=c"]}',
        },
    ),
    Case(
        "inspect_volume",
        "plain",
        lambda client: client.inspect_volume("v1"),
        {before("1.21"): needs(INSPECT, "1.21"), since("1.21"): "GET /volumes/v1"},
    ),
    Case(
        "create_volume",
        "plain",
        lambda client: client.create_volume("v1"),
        {before("1.21"): needs(CREATE, "1.21"), since("1.21"): sends(CREATE, {"Name": "v1"})},
    ),
    Case(
        "create_volume",
        "anonymous",
        lambda client: client.create_volume(),
        {before("1.21"): needs(CREATE, "1.21"), since("1.21"): sends(CREATE, {})},
    ),
    Case(
        "create_volume",
        "driver",
        lambda client: client.create_volume("v1", driver="local"),
        {
            before("1.21"): needs(CREATE, "1.21"),
            since("1.21"): sends(CREATE, {"Name": "v1", "Driver": "local"}),
        },
    ),
    Case(
        "create_volume",
        "options",
        lambda client: client.create_volume("v2", options=OPTIONS),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21 to 1.22": later_release(LOCAL, "1.11.0"),
            since("1.23"): sends(CREATE, {"Name": "v2", "DriverOpts": OPTIONS}),
        },
    ),
    Case(
        "create_volume",
        "options-other-driver",
        lambda client: client.create_volume("v2", driver="d", options={"size": "1"}),
        {
            before("1.21"): needs(CREATE, "1.21"),
            since("1.21"): sends(
                CREATE, {"Name": "v2", "Driver": "d", "DriverOpts": {"size": "1"}}
            ),
        },
    ),
    Case(
        "create_volume",
        "labels",
        lambda client: client.create_volume("v2", labels={"a": "b"}),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21 to 1.22": needs(f"{CREATE} Labels", "1.23"),
            since("1.23"): sends(CREATE, {"Name": "v2", "Labels": {"a": "b"}}),
        },
    ),
    Case(
        "create_volume",
        "cluster",
        lambda client: client.create_volume("v2", driver="d", cluster=ClusterVolumeSpec(group="g")),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21 to 1.41": needs(f"{CREATE} ClusterVolumeSpec", "1.42"),
            since("1.42"): sends(
                CREATE, {"Name": "v2", "Driver": "d", "ClusterVolumeSpec": {"Group": "g"}}
            ),
        },
    ),
    Case(
        "update_volume",
        "plain",
        lambda client: client.update_volume(OF_CLUSTER, availability="drain"),
        {
            before("1.42"): needs(UPDATE, "1.42"),
            since("1.42"): sends(
                "PUT /volumes/cv1?version=7", {"Spec": {"New": 1, "Availability": "drain"}}
            ),
        },
    ),
    Case(
        "remove_volume",
        "plain",
        lambda client: client.remove_volume("v1"),
        {before("1.21"): needs(REMOVE, "1.21"), since("1.21"): "DELETE /volumes/v1"},
    ),
    Case(
        "remove_volume",
        "force",
        _forced,
        {
            before("1.21"): needs(REMOVE, "1.21"),
            "1.21 to 1.24": needs(f"{REMOVE} ?force", "1.25"),
            "1.25 to 1.26": later_release(f"{REMOVE} ?force", "17.3.1"),
            since("1.27"): "DELETE /volumes/v1?force=1",
        },
    ),
]

OF_RELEASES = [
    # 1.13 forgets one that is in use, too.
    OfRelease(
        "remove_volume", "1.13.1", "1.26", _forced, later_release(f"{REMOVE} ?force", "17.3.1")
    ),
    OfRelease("remove_volume", "17.3.1", "1.25", _forced, "DELETE /volumes/v1?force=1"),
]
