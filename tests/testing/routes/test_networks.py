"""Networks of the fake Engine: the recorded sessions once more, and what they do not show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from dockerapi import Client, HostConfig
from dockerapi.testing import FakeEngine, Run
from testing.comparing import differences, shape_of, words_of
from testing.conversation import MODERN, Answer, Recorded, Session, pairs, recorded


class NetworkSession(Session):
    """With the containers that the recordings are about, from the first connection on."""

    def _play(self, engine: FakeEngine) -> None:
        engine.on("busybox", ["stay"], _stay)

    def _seed(self, engine: FakeEngine) -> None:
        self._rec_a = self._again = ""

    def _talk(self, engine: FakeEngine, one: Recorded) -> Answer:
        if one.operation == "network_connect":
            self._create_containers(engine)
        answer = super()._talk(engine, one)
        if one.operation == "network_create_again" and answer.status.startswith("201"):
            self._again = json.loads(answer.body)["Id"]
        if one.operation == "network_inspect_ambiguous" and self._again:
            with Client(engine.url) as client:
                client.remove_network(self._again)
        return answer

    def _create_containers(self, engine: FakeEngine) -> None:
        with Client(engine.url) as client:
            for name in ("rec-a", "rec-b", "rec-c"):
                mode = HostConfig(network_mode="host" if name == "rec-c" else "bridge")
                id = client.run_detached("busybox", ["stay"], name=name, host_config=mode)
                self._rec_a = self._rec_a or id
            client.create_container("busybox", ["stay"], name="rec-d")

    def _translated(self, text: str) -> str:
        text = re.sub(r'"Container": "[0-9a-f]{64}"', f'"Container": "{self._rec_a}"', text)
        for old, new in self._ids.items():
            text = text.replace(old, new).replace(old[:12], new[:12])
        return text


def _stay(run: Run) -> None:
    run.sleep(600)


def of_one_host(pair: str) -> Iterator[Recorded]:
    """What was asked before there was a swarm."""
    for one in recorded(pair, MODERN):
        if one.operation == "network_list_swarm":
            return
        # The client always says that it sends JSON.
        if one.operation.startswith("network_") and not one.operation.endswith("_no_type"):
            yield one


# What stays different, on 1.9, and why.
JUSTIFIED = {
    "network_list_builtin": "the bridge of that machine has no gateway of its own",
    "network_create_no_ipv4": "the iptables of that machine",
    "network_inspect_no_ipv4": "so that there is no such network",
    "network_create_predefined": "the words are JSON, and say so",
    "network_remove_builtin": "the words are JSON, and say so",
    "network_list_filter_map": "the fake Engine takes filters as newer clients send them",
}


@pytest.mark.parametrize("pair", pairs(MODERN))
def test_an_answer_has_the_shape_of_the_real_engines(pair: str) -> None:
    different, words = {}, {}
    for one, answer in NetworkSession(pair).hold(list(of_one_host(pair))):
        if not one.answer.received:  # it looked for a driver, for longer than was waited
            continue
        found = differences(shape_of(one.answer), shape_of(answer))
        if found:
            different[one.operation] = found
        elif one.answer.status[:1] in "45" and one.operation not in OTHER_WORDS:
            said = words_of(one.answer).lower(), words_of(answer).lower()
            words.update({one.operation: said} if said[0] != said[1] else {})
    assert different.keys() == (JUSTIFIED.keys() if pair.startswith("1.9") else set()), different
    assert list(words) == []


# Of one era; nobody decides by them.
OTHER_WORDS = {
    "network_create_bad_range",
    "network_create_overlap",
    "network_create_bad_json",
    "network_create_bad_subnet",
    "network_create_overlay_503",
    "network_create_ingress_503",
    "network_connect_bad_ip",
    "network_connect_container_404",
    "network_disconnect_container_404",
    "network_disconnect_container_404_force",
    "network_list_filter_bad_json",
    "network_list_filter_string",
}
