"""The one way in which all that a swarm keeps is changed: read, write, begin again if too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from dockerapi import Client, ConnectionFailed, NodeSpec, OutOfSequence
from dockerapi.api.changes import changed
from dockerapi.models.spec import evolve
from dockerapi.models.swarm import Node
from scripted import Conversation, ScriptedDaemon, json_reply


@attrs.define
class Store:
    """A node that others change, too: so many writes come too late."""

    others: int = 0
    index: int = 7
    labels: dict[str, str] = attrs.Factory(dict)
    log: list[Any] = attrs.Factory(list)
    loses: bool = False

    def read(self, what: Any) -> Node:
        self.log.append(f"read {what}")
        spec = {"Role": "worker", "Availability": "active", "Labels": dict(self.labels)}
        return Node.parse({"ID": "n1", "Version": {"Index": self.index}, "Spec": spec})

    def write(self, node: Node, spec: NodeSpec) -> None:
        self.log.append(f"write {node.version}")
        if self.others:
            self.others -= 1
            self.index += 1
            self.labels[f"other{self.others}"] = ""
        if node.version != self.index:
            raise OutOfSequence("update out of sequence", status=500)
        self.labels, self.index = dict(spec.labels or {}), self.index + 1
        if self.loses:
            raise ConnectionFailed("lost")


def labelled(spec: NodeSpec) -> NodeSpec:
    return evolve(spec, labels={**(spec.labels or {}), "mine": "1"})


def test_what_is_returned_was_read_after_the_change() -> None:
    store = Store()
    after = changed(store.read, "name", labelled, store.write, 1)
    assert (after.version, after.spec.labels) == (8, {"mine": "1"})
    assert store.log == ["read name", "write 7", "read n1"]


def test_who_comes_too_late_begins_again_with_what_others_wrote() -> None:
    store = Store(others=2)
    after = changed(store.read, "name", labelled, store.write, 3)
    assert (after.version, after.spec.labels) == (10, {"other1": "", "other0": "", "mine": "1"})
    assert store.log == [
        "read name",
        "write 7",
        "read n1",
        "write 8",
        "read n1",
        "write 9",
        "read n1",
    ]


def test_there_are_so_many_tries_and_no_more() -> None:
    store = Store(others=5)
    with pytest.raises(OutOfSequence):
        changed(store.read, "name", labelled, store.write, 2)
    assert store.log == ["read name", "write 7", "read n1", "write 8"]


def test_the_same_spec_is_not_written() -> None:
    store = Store()
    for same in (lambda spec: spec, lambda spec: NodeSpec.parse(dict(spec.received))):
        assert changed(store.read, "name", same, store.write, 1).version == 7
    assert store.log == ["read name", "read name"]


def test_nothing_is_tried_again_after_an_answer_that_was_lost() -> None:
    store = Store(loses=True)
    with pytest.raises(ConnectionFailed):
        changed(store.read, "name", labelled, store.write, 10)
    assert (store.log, store.labels) == (["read name", "write 7"], {"mine": "1"})


OF_A_NODE = {"Role": "worker", "Availability": "active"}
OF_A_SERVICE = {"Name": "a", "TaskTemplate": {"ContainerSpec": {"Image": "a"}}}
ALL: dict[str, tuple[Callable[[Client], Any], str, Any]] = {
    "service": (lambda c: c.change_service("a", labelled), "services/a", OF_A_SERVICE),
    "node": (lambda c: c.change_node("a", labelled), "nodes/a", OF_A_NODE),
    "swarm": (lambda c: c.change_swarm(labelled), "swarm", {"Name": "default"}),
    "secret": (lambda c: c.change_secret("a", labelled), "secrets/a", {"Name": "a"}),
    "config": (lambda c: c.change_config("a", labelled), "configs/a", {"Name": "a"}),
}


@pytest.mark.parametrize(("call", "path", "spec"), ALL.values(), ids=ALL)
def test_a_policy_that_sends_all_again_makes_no_change_twice(
    call: Callable[[Client], Any], path: str, spec: Any
) -> None:
    """The second one would come too late because of the first, and be made anew."""

    def lost(conversation: Conversation) -> None:
        """It was written, and nobody is told."""

    def again(route: str, error: Exception, times: int) -> float | None:
        return 0 if times < 3 else None

    found = json_reply({"ID": "a", "Version": {"Index": 7}, "Spec": spec})
    script = {
        f"GET /v1.41/{path}": found,
        f"POST /v1.41/{path}/update?version=7": lost,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url, retry=again) as client:
        with pytest.raises(ConnectionFailed):
            call(client)
    assert [request.method for request in daemon.requests] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("change", "tries", "error", "words"),
    [
        (None, 1, TypeError, "change: a function from the spec to the new one, not None"),
        (labelled, 0, ValueError, "tries: at least 1, not 0"),
        (labelled, None, TypeError, "tries: a whole number was expected, not None"),
        (labelled, True, TypeError, "tries: a whole number was expected, not True"),
    ],
)
def test_bad_input_is_refused_before_anything_is_read(
    change: Callable[[Any], Any], tries: Any, error: type[Exception], words: str
) -> None:
    store = Store()
    with pytest.raises(error) as caught:
        changed(store.read, "name", change, store.write, tries)
    assert (str(caught.value), store.log) == (words, [])


def test_a_change_that_gives_nothing_back_is_named() -> None:
    store = Store()
    with pytest.raises(TypeError) as caught:
        changed(store.read, "name", lambda spec: None, store.write, 1)
    assert str(caught.value) == "change: use dockerapi.NodeSpec(...); it was None"
    assert store.log == ["read name"]
