from __future__ import annotations

import time

import pytest

from dockerapi import Client
from dockerapi.testing import FakeEngine
from dockerapi.testing.state.events import Event, Events, matches


def test_the_past_is_told_from_a_time_on_and_what_comes_after() -> None:
    events = Events()
    events.tell("container", "create", "one", name="a")
    middle = time.time_ns()
    events.tell("container", "start", "one", name="a")
    with events.listen(middle, None) as listening, events.listen(None, None) as late:
        events.tell("container", "die", "one", name="a")
        events.close()
        assert [event.action for event in listening if event] == ["start", "die"]
        assert [event.action for event in late if event] == ["die"]


def test_listening_ends_at_its_time() -> None:
    events = Events()
    events.tell("container", "create", "one")
    with events.listen(0, time.time_ns()) as listening:
        assert [event.action for event in listening if event] == ["create"]


def test_who_listens_after_the_end_hears_the_past_only() -> None:
    events = Events()
    events.tell("image", "pull", "busybox:latest")
    events.close()
    with events.listen(0, None) as listening:
        assert [event.id for event in listening if event] == ["busybox:latest"]


def test_nobody_is_remembered_who_has_stopped_listening() -> None:
    events = Events()
    with events.listen(None, None):
        assert events.listeners == 1
    assert events.listeners == 0


OF_CONTAINER = {"image": "db:1", "name": "db1", "k": "v"}
CONTAINER = Event("container", "exec_start: ls", "abcdef", OF_CONTAINER, 0)
IMAGE = Event("image", "tag", "db:1", {"name": "db:1"}, 0)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [CONTAINER, IMAGE]),
        ({"type": ["image"]}, [IMAGE]),
        ({"event": ["exec_start"]}, [CONTAINER]),
        ({"event": ["tag", "pull"]}, [IMAGE]),
        ({"container": ["db1"]}, [CONTAINER]),
        ({"container": ["abcd"]}, [CONTAINER]),
        ({"container": ["zz"]}, []),
        ({"image": ["db"]}, [CONTAINER, IMAGE]),
        ({"image": ["db:1"], "type": ["container"]}, [CONTAINER]),
        ({"label": ["k"]}, [CONTAINER]),
        ({"label": ["k=v"]}, [CONTAINER]),
        ({"label": ["k=w"]}, []),
    ],
)
def test_filters(filters: dict[str, list[str]], found: list[Event]) -> None:
    assert [event for event in (CONTAINER, IMAGE) if matches(event, filters)] == found


@pytest.mark.api_versions("1.4", "1.7", "1.18", "1.19", "1.41", "1.55")
def test_a_client_hears_of_a_life(fake_engine: FakeEngine, fake_client: Client) -> None:
    heard: list[str | None] = []
    with fake_client.events() as events:
        id = fake_client.run("busybox", ["true"], remove=True).container_id
        for event in events:
            if id.startswith(event.id or "-") and event.action != "attach":
                heard.append(event.action)
            if event.action == "destroy":
                break
    assert heard == ["create", "start", "die", "destroy"]
