"""Volumes: what the values say, and what is made of answers."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi import ClusterVolumeSpec, MountVolume
from dockerapi.models.volumes import (
    ClusterVolume,
    ClusterVolumeInfo,
    ClusterVolumePublished,
    Volume,
    VolumeUsage,
)

UTC = datetime.timezone.utc

# As 28.5 has it, with what it has once a driver has made it.
SPEC = {
    "Group": "g",
    "AccessMode": {"Scope": "single", "Sharing": "none", "BlockVolume": {}},
    "AccessibilityRequirements": {"Requisite": [{"Segments": {"zone": "1"}}], "Preferred": None},
    "CapacityRange": {"RequiredBytes": 1048576, "LimitBytes": 2**64 - 1},
    "Secrets": [{"Key": "key", "Secret": "secret"}],
    "Availability": "active",
}
READ = ClusterVolumeSpec(
    group="g",
    scope="single",
    sharing="none",
    block=True,
    requisite=[{"zone": "1"}],
    preferred=[],
    required_bytes="1m",
    limit_bytes=2**64 - 1,
    secrets={"key": "secret"},
    availability="active",
)
WIRE = {
    "ClusterVolume": {
        "ID": "cv1",
        "Version": {"Index": 2**64 - 1},
        "CreatedAt": "2026-11-30T02:55:55.775409817Z",
        "UpdatedAt": "2026-11-30T02:55:55.775409817Z",
        "Spec": SPEC,
        "PublishStatus": [
            {"NodeID": "n1", "State": "published", "PublishContext": {"a": "b"}},
            {"NodeID": "n2", "State": "pending-publish"},
        ],
        "Info": {
            "CapacityBytes": 2097152,
            "VolumeContext": {"c": "d"},
            "VolumeID": "csi-1",
            "AccessibleTopology": [{"Segments": {"zone": "1"}}, {}],
        },
    },
    "CreatedAt": "2026-11-30 02:55:55.775409817 +0000 UTC",
    "Driver": "csi",
    "Labels": {"rec": "cluster"},
    "Mountpoint": "",
    "Name": "data",
    "Options": None,
    "Scope": "global",
    "Status": {"any": [1, None]},
}
AT = datetime.datetime(2026, 11, 30, 2, 55, 55, 775409, UTC)


def test_a_volume_of_a_cluster_is_read() -> None:
    found = Volume.parse(WIRE)
    assert found == Volume(
        name="data",
        driver="csi",
        created=AT,
        labels={"rec": "cluster"},
        scope="global",
        status={"any": [1, None]},
        cluster=ClusterVolume(
            id="cv1",
            version=2**64 - 1,
            created=AT,
            updated=AT,
            spec=READ,
            info=ClusterVolumeInfo(
                capacity_bytes=2097152,
                context={"c": "d"},
                volume_id="csi-1",
                accessible_from=({"zone": "1"}, {}),
            ),
            publish_status=(
                ClusterVolumePublished(node_id="n1", state="published", context={"a": "b"}),
                ClusterVolumePublished(node_id="n2", state="pending-publish"),
            ),
        ),
    )
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found


@pytest.mark.parametrize(
    "answer",
    [
        {"Name": "data", "Driver": "local", "Mountpoint": "/m"},  # 1.9
        {"Driver": "local", "Labels": None, "Mountpoint": "/m", "Name": "data", "Options": {}},
        {"Name": "data", "Driver": "local", "Mountpoint": "/m", "Scope": "", "CreatedAt": ""},
        {"Name": "data", "Driver": "local", "Mountpoint": "/m", "Status": {}, "UsageData": None},
    ],
)
def test_null_absent_and_empty_are_alike(answer: dict[str, Any]) -> None:
    assert Volume.parse(answer) == Volume(name="data", driver="local", mountpoint="/m")


@pytest.mark.parametrize(
    ("received", "created"),
    [
        ("2026-11-30T02:42:19Z", datetime.datetime(2026, 11, 30, 2, 42, 19, tzinfo=UTC)),
        ("2026-11-30 02:32:04 +0000 UTC", datetime.datetime(2026, 11, 30, 2, 32, 4, tzinfo=UTC)),
        (
            "2026-11-30 04:32:04.5 +0200 EET",
            datetime.datetime(2026, 11, 30, 2, 32, 4, 500000, UTC),
        ),
        ("0001-01-01 00:00:00 +0000 UTC", None),
    ],
)
def test_a_time_comes_as_rfc_3339_or_as_go_prints_it(received: str, created: Any) -> None:
    assert Volume.parse({"Name": "v", "CreatedAt": received}).created == created


@pytest.mark.parametrize(
    ("received", "usage"),
    [
        ({"Size": 2**63, "RefCount": 2}, VolumeUsage(size=2**63, reference_count=2)),
        ({"Size": 0, "RefCount": 0}, VolumeUsage(size=0, reference_count=0)),
        ({"Size": -1, "RefCount": -1}, VolumeUsage()),
    ],
)
def test_what_was_not_computed_is_none(received: dict[str, int], usage: VolumeUsage) -> None:
    assert Volume.parse({"Name": "v", "UsageData": received}).usage == usage


# What a volume of a cluster is to be


def test_a_spec_that_was_read_is_written_as_it_was() -> None:
    assert ClusterVolumeSpec.parse(SPEC).to_wire() == SPEC


def test_a_spec_of_the_caller_is_written_with_what_was_given() -> None:
    spec = ClusterVolumeSpec(mount=MountVolume(fs_type="ext4"), requisite=[], limit_bytes=0)
    assert spec.to_wire() == {
        "AccessMode": {"MountVolume": {"FsType": "ext4"}},
        "AccessibilityRequirements": {"Requisite": []},
        "CapacityRange": {"LimitBytes": 0},
    }
    assert ClusterVolumeSpec(block=False).to_wire() == {}


UNKNOWN = st.dictionaries(
    st.text("XYZ", min_size=1, max_size=3),
    st.none() | st.booleans() | st.integers(0, 2**64 - 1) | st.just({}) | st.lists(st.none()),
    max_size=3,
)


@given(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, st.integers(0, 2**64 - 1))
def test_what_nobody_changed_goes_back_as_it_came(
    top: Any, mode: Any, mount: Any, capacity: Any, limit: int
) -> None:
    received = {
        **SPEC,
        **top,
        "AccessMode": {"Scope": "single", "MountVolume": {"FsType": "ext4", **mount}, **mode},
        "CapacityRange": {"LimitBytes": limit, **capacity},
    }
    read = ClusterVolumeSpec.parse(copy.deepcopy(received))
    assert read.to_wire() == received
    changed = attrs.evolve(read, availability="drain")
    assert changed.to_wire() == {**received, "Availability": "drain"}
    assert attrs.evolve(changed, availability="active").to_wire() == received
    without = attrs.evolve(read, group=None).to_wire()
    assert without == {key: value for key, value in received.items() if key != "Group"}
    assert read.mount is not None
    other = attrs.evolve(read, mount=attrs.evolve(read.mount, fs_type="xfs")).to_wire()
    written = {**received["AccessMode"], "MountVolume": {**mount, "FsType": "xfs"}}
    assert other == {**received, "AccessMode": written}


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        (
            {"scope": "both"},
            ValueError,
            "scope: one of 'single', 'multi' was expected, not 'both'",
        ),
        (
            {"sharing": "some"},
            ValueError,
            "sharing: one of 'none', 'readonly', 'onewriter', 'all' was expected, not 'some'",
        ),
        (
            {"block": True, "mount": MountVolume()},
            ValueError,
            "block: True, but the volume has mount, too",
        ),
        ({"block": 1}, TypeError, "block: True or False was expected, not 1"),
        ({"limit_bytes": -1}, ValueError, "limit_bytes: at least 0 was expected, not -1"),
        (
            {"requisite": {"zone": "1"}},
            TypeError,
            "requisite: a list of mappings was expected, not {'zone': '1'}",
        ),
        ({"secrets": ["a"]}, TypeError, "secrets: a mapping was expected, not ['a']"),
    ],
)
def test_what_no_volume_can_be_is_refused(
    given_: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        ClusterVolumeSpec(**given_)
    assert str(caught.value) == message
