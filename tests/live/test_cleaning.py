"""What the live tests remove from an Engine that may be somebody else's."""

from __future__ import annotations

import pytest

from live.engine import Engine
from scripted import Request, ScriptedDaemon, json_reply, reply

pytestmark = pytest.mark.real("is about what is not of the tests")

OURS = {"Labels": {"dockerapi.test": "a1", "more": ""}}
OTHERS = [
    {},  # up to 1.5 there are no labels
    {"Labels": None},
    {"Labels": {}},
    {"Labels": {"dockerapi.test": "b2"}},
    {"Labels": {"other": "a1"}},
]


@pytest.mark.parametrize("label", ["dockerapi.test=a1", "more"])
def test_what_does_not_carry_the_label_stays_whatever_the_engine_lists(label: str) -> None:
    """Engines up to 1.5 list everything: they ignore a filter by label."""
    rows = [{"Id": f"x{number}", **row} for number, row in enumerate([OURS, *OTHERS])]
    script = {
        "GET /containers/json": json_reply(rows),
        "GET /images/json": json_reply(rows),
        "GET /networks": json_reply(rows),
        "GET /volumes": json_reply({"Volumes": [{"Name": row["Id"], **row} for row in rows]}),
        "DELETE /containers/x0": reply(204),
        "DELETE /images/x0": json_reply([]),
        "DELETE /networks/x0": reply(204),
        "DELETE /volumes/x0": reply(204),
    }
    with ScriptedDaemon(script) as daemon:
        Engine(daemon.url).remove_labelled(label)
    assert [request for request in daemon.requests if request.method == "DELETE"] == [
        Request("DELETE", "/containers/x0?force=1&v=1"),
        Request("DELETE", "/images/x0?force=1"),
        Request("DELETE", "/networks/x0"),
        Request("DELETE", "/volumes/x0"),
    ]


def test_only_what_has_the_variable_is_removed() -> None:
    """It stands for the label where there are none."""
    has = {
        "x0": ["A=1", "dockerapi.test=a1"],
        "x1": ["dockerapi.test=b2"],
        "x2": ["Z=dockerapi.test=a1"],
        "x3": None,
    }
    script = {
        "GET /containers/json": json_reply([{"Id": id} for id in has]),
        **{
            f"GET /containers/{id}/json": json_reply({"Config": {"Env": variables}})
            for id, variables in has.items()
        },
        "DELETE /containers/x0": reply(204),
    }
    with ScriptedDaemon(script) as daemon:
        Engine(daemon.url).remove_with_variable("dockerapi.test=a1")
    assert [request for request in daemon.requests if request.method == "DELETE"] == [
        Request("DELETE", "/containers/x0?force=1&v=1")
    ]
