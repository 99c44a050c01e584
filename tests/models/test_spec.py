"""What was read goes back without loss, and only what was changed is another."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi import Healthcheck, Mount, UnexpectedReply
from dockerapi.models.base import Model
from dockerapi.models.secrets import Config, ConfigSpec, Secret, SecretSpec
from dockerapi.models.services import Replicated, Service, ServiceSpec
from dockerapi.models.spec import Spec
from dockerapi.models.swarm import Node, NodeSpec, Swarm, SwarmSpec
from dockerapi.models.tasks import Task, TaskSpec
from models.recorded import of_swarm

READ: dict[str, type[Model]] = {
    "swarm": Swarm,
    "nodes": Node,
    "services": Service,
    "tasks": Task,
    "secrets": Secret,
    "configs": Config,
}
SPECS: dict[str, type[Spec]] = {
    "swarm": SwarmSpec,
    "nodes": NodeSpec,
    "services": ServiceSpec,
    "tasks": TaskSpec,
    "secrets": SecretSpec,
    "configs": ConfigSpec,
}
RECORDED = [(kind, name, found) for kind in READ for name, found in of_swarm(kind)]
# Their keys are those of users, who have no other values than texts.
MAPS = ("Labels", "Options", "DriverOpts", "Sysctls")


def walked(value: Any) -> Iterator[Any]:
    """A value and all that is in it, every field of it read."""
    yield value
    if isinstance(value, Model):
        for field in attrs.fields(type(value)):  # type: ignore[arg-type]
            yield from walked(getattr(value, field.name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from walked(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walked(item)


@pytest.mark.parametrize("kind", READ)
def test_every_field_of_what_engines_answer_is_read(kind: str) -> None:
    found = of_swarm(kind)
    assert len(found) >= 15
    for name, json in found:
        value = READ[kind].parse(json)
        assert sum(1 for _ in walked(value)) > 5, name
        assert pickle.loads(pickle.dumps(value)) == value
        assert hash(value.id) and value.raw == json  # type: ignore[attr-defined]


def places(json: Any, key: str = "") -> Iterator[dict[str, Any]]:
    """The objects in it that have fields."""
    if isinstance(json, dict) and key not in MAPS:
        yield json
        for name, item in json.items():
            yield from places(item, name)
    elif isinstance(json, list):
        for item in json:
            yield from places(item)


ODD = st.one_of(
    st.integers(0, 2**64 - 1), st.none(), st.just({}), st.just([]), st.text(), st.booleans()
)


@given(
    st.sampled_from(RECORDED),
    st.lists(st.tuples(st.integers(0, 2**32), ODD), max_size=8),
)
def test_a_spec_goes_back_as_it_came(
    recorded: tuple[str, str, Any], odd: list[tuple[int, Any]]
) -> None:
    kind, _, found = recorded
    json = copy.deepcopy(found["Spec"])
    for seed, value in odd:
        place = Random(seed).choice(list(places(json)))
        place[f"Unknown{seed}"] = copy.deepcopy(value)
    spec = SPECS[kind].parse(json)
    before = copy.deepcopy(json)
    assert spec.to_wire() == json
    list(walked(spec))
    assert spec.to_wire() == json
    assert attrs.evolve(spec).to_wire() == json
    changed = attrs.evolve(spec, **CHANGES[kind][0])
    expected = copy.deepcopy(json)
    for key in CHANGES[kind][1][:-1]:
        expected = expected.setdefault(key, {})
    written = changed.to_wire()
    within = written
    for key in CHANGES[kind][1][:-1]:
        within = within[key]
    assert within == {**expected, CHANGES[kind][1][-1]: CHANGES[kind][2]}
    top = CHANGES[kind][1][0]
    assert {**written, top: None} == {**json, top: None}
    assert json == before
    back = attrs.evolve(changed, **{name: getattr(spec, name) for name in CHANGES[kind][0]})
    assert back == spec
    if top in json:
        assert back.to_wire() == json


CHANGES: dict[str, tuple[dict[str, Any], list[str], Any]] = {
    "swarm": (
        {"task_history_limit": 77},
        ["Orchestration", "TaskHistoryRetentionLimit"],
        77,
    ),
    "nodes": ({"availability": "pause"}, ["Availability"], "pause"),
    "services": ({"labels": {"new": "x"}}, ["Labels"], {"new": "x"}),
    "tasks": ({"force_update": 2**64 - 1}, ["ForceUpdate"], 2**64 - 1),
    "secrets": ({"labels": {"new": "x"}}, ["Labels"], {"new": "x"}),
    "configs": ({"labels": {"new": "x"}}, ["Labels"], {"new": "x"}),
}


SERVICE = {
    "Name": "web",
    "Odd": {"": None},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "a",
            "StopGracePeriod": 123456789012345678,
            "Env": None,
            "Mounts": [
                {
                    "Type": "volume",
                    "Target": "/a",
                    "Odd": 1,
                    "VolumeOptions": {"DriverConfig": {}, "Odd": 2},
                },
                {"Type": "bind", "Source": "/b", "Target": "/b", "VolumeOptions": {}},
            ],
            "Healthcheck": {"Test": ["NONE"], "Odd": [3]},
        },
        "Odd": 4,
    },
    "Mode": {"Replicated": {"Replicas": 1, "Odd": 5}, "Global": None},
}


def test_what_is_deep_within_is_changed_alone() -> None:
    spec = ServiceSpec.parse(SERVICE)
    assert spec.task.container is not None and spec.task.container.mounts is not None
    mounts = [*spec.task.container.mounts, Mount(target="/c", type="tmpfs")]
    container = attrs.evolve(spec.task.container, mounts=mounts, env={"A": "b"})
    changed = attrs.evolve(spec, task=attrs.evolve(spec.task, container=container)).scaled(3)
    expected = copy.deepcopy(SERVICE)
    within: Any = expected["TaskTemplate"]["ContainerSpec"]  # type: ignore[index,call-overload]
    within["Env"] = ["A=b"]
    within["Mounts"].append({"Type": "tmpfs", "Target": "/c"})
    expected["Mode"] = {"Replicated": {"Replicas": 3, "Odd": 5}, "Global": None}
    assert changed.to_wire() == expected
    assert changed.raw == SERVICE
    assert spec.to_wire() == SERVICE


def test_what_is_as_it_was_received_is_not_checked_again() -> None:
    """An Engine may have taken more than today; what is changed is checked."""
    json = {"Target": "relative", "Type": "bind", "Source": "also", "TmpfsOptions": {"Mode": 99999}}
    mount = Mount.parse(json)
    assert attrs.evolve(mount, read_only=True).to_wire() == {**json, "ReadOnly": True}
    with pytest.raises(ValueError, match=r"^source: an absolute path was expected, not 'other'"):
        attrs.evolve(mount, source="other")
    with pytest.raises(ValueError, match=r"^tmpfs_mode: at most 4095 was expected, not 88888"):
        attrs.evolve(mount, tmpfs_mode=88888)
    with pytest.raises(TypeError, match="unexpected keyword argument 'odd'"):
        attrs.evolve(mount, odd=1)


def test_a_field_that_is_taken_away_is_absent() -> None:
    json = {"Test": ["NONE"], "Interval": 1, "Odd": 2}
    assert attrs.evolve(Healthcheck.parse(json), interval=None).to_wire() == {
        "Test": ["NONE"],
        "Odd": 2,
    }


def test_a_value_that_was_read_equals_one_that_was_made() -> None:
    read = Replicated.parse({"Replicated": {"Replicas": 2}, "Odd": 1})
    made = Replicated(replicas=2)
    assert (read, hash(read), repr(read)) == (made, hash(made), "Replicated(replicas=2)")
    assert (made.raw, made.to_wire()) == ({}, {"Replicated": {"Replicas": 2}})


def test_a_field_of_another_type_names_itself() -> None:
    spec = ServiceSpec.parse({"Name": "web", "TaskTemplate": {}, "Labels": 3})
    assert spec.to_wire() == {"Name": "web", "TaskTemplate": {}, "Labels": 3}
    with pytest.raises(UnexpectedReply, match=r"^ServiceSpec.labels: Labels is 3"):
        attrs.evolve(spec, name="other")
