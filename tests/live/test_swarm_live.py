"""A swarm of two private Engines, each on a machine of its own."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from dockerapi import (
    BadRequest,
    CAConfig,
    Client,
    Conflict,
    ContainerSpec,
    JoinPending,
    LogsIncomplete,
    NodeSpec,
    NotAManager,
    NotFound,
    NotSupported,
    OutOfSequence,
    Output,
    Placement,
    RaftConfig,
    ServerError,
    ServiceSpec,
    SwarmSpec,
    TaskSpec,
    Timeouts,
    Unauthorized,
)
from dockerapi.models.swarm import Node, Swarm
from live.engine import PATIENCE, PrivateEngine, cannot_start
from live.programs import Missing, do_without
from live.swarms import IMAGE, Machine, give_image, machines, until

pytestmark = [pytest.mark.real("a swarm"), pytest.mark.dear]
VERSIONS = [
    pytest.param("1.24", id="1.24"),
    pytest.param("1.30", id="1.30", marks=pytest.mark.nightly),
    pytest.param(None, id="newest"),
]


@attrs.frozen
class Two:
    """The machines, and the Engines on them."""

    one: Machine
    two: Machine
    manager: PrivateEngine
    worker: PrivateEngine

    def init(self, client: Client, spec: SwarmSpec | None = None) -> str:
        return client.init_swarm(spec, listen=self.one.address, advertise=self.one.address)

    def join(self, client: Client, token: str, remote: str | None = None) -> None:
        client.join_swarm(
            remote or f"{self.one.address}:2377",
            token=token,
            listen=self.two.address,
            advertise=self.two.address,
        )


@pytest.fixture(scope="module")
def engines(programs: Path | None) -> Iterator[Two]:
    if why := cannot_start():
        pytest.skip(why)
    try:
        with (
            machines() as (one, two),
            one.engine(programs, "manager") as manager,
            two.engine(programs, "worker") as worker,
        ):
            yield Two(one, two, manager, worker)
    except Missing as missing:
        do_without(missing)


@pytest.fixture
def two(engines: Two) -> Iterator[Two]:
    """They are in no swarm, before and after."""
    yield engines
    for engine in (engines.worker, engines.manager):
        engine.request("POST", "/swarm/leave?force=1")
        assert engine.get("/info")["Swarm"]["LocalNodeState"] == "inactive"


@pytest.fixture(params=VERSIONS)
def spoken(request: pytest.FixtureRequest, two: Two) -> str | None:
    version: str | None = request.param
    least = two.manager.api_versions[0]
    if version is not None and [*map(int, version.split("."))] < [*map(int, least.split("."))]:
        pytest.skip(f"the Engine speaks {least} and later")
    return version


@pytest.fixture
def manager(two: Two, spoken: str | None) -> Iterator[Client]:
    with Client(two.manager.url, version=spoken) as client:
        yield client


@pytest.fixture
def worker(two: Two, spoken: str | None) -> Iterator[Client]:
    with Client(two.worker.url, version=spoken) as client:
        yield client


def in_state(client: Client, id: str, state: str) -> Node:
    def look() -> Node | None:
        found = client.inspect_node(id)
        return found if found.state == state else None

    return until(look)


def joins(two: Two, manager: Client, worker: Client) -> Node:
    """The node of a worker that has joined."""
    tokens = manager.inspect_swarm().join_tokens
    assert tokens is not None and tokens.worker is not None
    two.join(worker, tokens.worker)
    [found] = manager.nodes(filters={"role": "worker"})
    return in_state(manager, found.id, "ready")


def drained(spec: NodeSpec) -> NodeSpec:
    return attrs.evolve(spec, availability="drain")


SPEC = SwarmSpec(
    labels={"dockerapi.test": "life", "empty": ""},
    task_history_limit=0,
    raft=RaftConfig(snapshot_interval=5000, log_entries_for_slow_followers=400),
    heartbeat_period=1,
    ca=CAConfig(node_cert_expiry=7200),
)


def test_a_swarm_from_its_beginning_to_its_end(two: Two, manager: Client, worker: Client) -> None:
    id = two.init(manager, SPEC)
    made = manager.inspect_swarm()
    assert (made.spec.labels, made.spec.task_history_limit) == (SPEC.labels, 0)
    assert made.spec.raft is not None and made.spec.raft.snapshot_interval == 5000
    assert made.spec.raft.log_entries_for_slow_followers == 400
    assert made.spec.ca is not None and made.spec.ca.node_cert_expiry == 7200
    assert made.spec.heartbeat_period == 1
    with pytest.raises(Conflict):
        two.init(manager)

    # A worker joins, and is none of those that may ask.
    assert made.join_tokens is not None and made.join_tokens.worker is not None
    two.join(worker, made.join_tokens.worker)
    with pytest.raises(Conflict):
        two.join(worker, made.join_tokens.worker)
    for ask in (worker.inspect_swarm, worker.nodes):
        with pytest.raises(NotAManager) as caught:
            ask()
        assert caught.value.state == "worker"
    [joined] = manager.nodes(filters={"role": "worker"})
    found = in_state(manager, joined.id, "ready")
    assert (found.spec.role, found.spec.availability, found.manager) == ("worker", "active", None)
    assert [node.id for node in manager.nodes(filters={"role": "manager"})] == [id]
    assert {node.id for node in manager.nodes()} == {id, joined.id}
    first = manager.inspect_node(id)
    assert first.manager is not None and first.manager.leader

    # What was read goes back; what is stale does not.
    read = manager.inspect_swarm()
    manager.update_swarm(read)
    assert manager.inspect_swarm().spec == read.spec
    with pytest.raises(OutOfSequence):
        manager.update_swarm(read)
    with pytest.raises(BadRequest):
        manager.change_swarm(lambda spec: attrs.evolve(spec, ca=CAConfig(node_cert_expiry=60)))
    changed = manager.change_swarm(lambda spec: attrs.evolve(spec, task_history_limit=4))
    assert changed.spec == attrs.evolve(read.spec, task_history_limit=4)
    manager.update_swarm(changed, rotate_worker_token=True, rotate_manager_token=True)
    after = manager.inspect_swarm()
    assert after.spec == changed.spec and after.join_tokens is not None
    assert after.join_tokens.worker != made.join_tokens.worker
    assert after.join_tokens.manager != made.join_tokens.manager

    # Nodes
    node = manager.change_node(joined, lambda spec: attrs.evolve(spec, labels={"disk": "ssd"}))
    assert node.spec == attrs.evolve(found.spec, labels={"disk": "ssd"})
    assert [one.id for one in manager.nodes(filters={"node.label": "disk=ssd"})] == [node.id]
    assert manager.nodes(filters={"label": "disk=ssd"}) == []
    with pytest.raises(OutOfSequence):
        manager.update_node(found, drained(found.spec))
    assert manager.change_node(joined.id, drained).spec.availability == "drain"
    with pytest.raises(Conflict):
        manager.change_node(id, lambda spec: attrs.evolve(spec, role="worker"))
    with pytest.raises(NotFound):
        manager.inspect_node("nosuch")
    for no in (id, joined.id):
        with pytest.raises(Conflict):
            manager.remove_node(no)

    # The end
    worker.leave_swarm()
    with pytest.raises(NotAManager) as caught:
        worker.leave_swarm()
    assert caught.value.state == "inactive"
    in_state(manager, joined.id, "down")
    manager.remove_node(joined)
    with pytest.raises(NotFound):
        manager.remove_node(joined)
    with pytest.raises(Conflict) as refused:
        manager.leave_swarm()
    assert refused.value.hint == "force=True leaves nevertheless"
    manager.leave_swarm(force=True)
    with pytest.raises(NotAManager) as caught:
        manager.inspect_swarm()
    assert caught.value.state == "inactive"


def with_role(role: str) -> Callable[[NodeSpec], NodeSpec]:
    return lambda spec: attrs.evolve(spec, role=role)


def state_of(client: Client) -> str:
    """Why it does not do what managers do; empty if it does."""
    try:
        client.nodes()
    except NotAManager as error:
        return error.state
    except ServerError as error:  # it waits for others, before it knows that they are too few
        return error.message
    return ""


@contextlib.contextmanager
def off(engine: PrivateEngine) -> Iterator[None]:
    """An Engine is away meanwhile."""
    engine.stop()
    try:
        yield
    finally:
        engine.start()


@pytest.mark.nightly
def test_of_two_managers_one_goes_and_the_other_goes_on(two: Two) -> None:
    """A worker is promoted, demoted and promoted again; then its machine is off."""
    with Client(two.manager.url) as manager, Client(two.worker.url) as other:
        first = two.init(manager)
        joined = joins(two, manager, other)
        swarm = manager.inspect_swarm().id
        assert manager.change_node(joined, with_role("manager")).spec.role == "manager"
        until(lambda: state_of(other) == "")
        assert {node.id for node in other.nodes()} == {first, joined.id}
        with pytest.raises(Conflict) as refused:
            other.leave_swarm()
        assert refused.value.hint == "force=True leaves nevertheless"
        with pytest.raises(Conflict):
            manager.remove_node(joined, force=True)

        # Asked by itself
        other.change_node(joined, with_role("worker"))
        until(lambda: state_of(other) == "worker")
        assert until(lambda: not manager.inspect_node(joined).manager)

        manager.change_node(joined, with_role("manager"))
        until(lambda: state_of(other) == "")
        with off(two.worker):
            until(lambda: state_of(manager) == "no leader")
            address = two.one.address
            id = manager.init_swarm(listen=address, advertise=address, force_new_cluster=True)
            assert (id, manager.inspect_swarm().id) == (first, swarm)
            until(lambda: state_of(manager) == "")
            manager.remove_node(joined, force=True)
            assert [node.id for node in manager.nodes()] == [first]


def test_the_authority_of_a_swarm_is_another_one(two: Two) -> None:
    with Client(two.manager.url) as manager, Client(two.worker.url) as worker:
        two.init(manager)
        joins(two, manager, worker)
        before = manager.inspect_swarm()
        assert before.root_rotation_in_progress is False

        def rotated(spec: SwarmSpec) -> SwarmSpec:
            return attrs.evolve(spec, ca=attrs.evolve(spec.ca or CAConfig(), force_rotate=1))

        manager.change_swarm(rotated)

        def look() -> Swarm | None:
            found = manager.inspect_swarm()
            return None if found.root_rotation_in_progress else found

        after = until(look)
        assert before.tls is not None and after.tls is not None
        assert after.tls.trust_root not in (None, before.tls.trust_root)
        assert before.join_tokens is not None and after.join_tokens is not None
        assert after.join_tokens.worker != before.join_tokens.worker
        assert after.join_tokens.manager != before.join_tokens.manager
        root = after.tls.trust_root
        until(lambda: all(node.tls and node.tls.trust_root == root for node in manager.nodes()))


def test_logs_are_incomplete_while_a_node_is_away(two: Two, tmp_path: Path) -> None:
    with Client(two.manager.url) as manager, Client(two.worker.url) as worker:
        two.init(manager, SwarmSpec(heartbeat_period=1))
        joined = joins(two, manager, worker)
        for client in (manager, worker):
            give_image(client, tmp_path)
        command = ["sh", "-c", "echo here; exec sleep 6000"]
        container = ContainerSpec(image=IMAGE, command=command, stop_grace_period=0.5)
        task = TaskSpec(container=container, placement=Placement(max_replicas=1))
        id = manager.create_service(ServiceSpec(name="web", task=task).scaled(2)).id
        manager.wait_for_service(id, timeout=PATIENCE)
        with manager.service_logs(id, follow=True) as logs:
            assert [next(logs).data, next(logs).data] == [b"here\n"] * 2
        with off(two.worker):
            in_state(manager, joined.id, "down")
            with pytest.raises(LogsIncomplete) as caught, manager.service_logs(id) as logs:
                logs.read()
            assert (caught.value.nodes, caught.value.tasks) == ((joined.id,), ())
            assert caught.value.output == Output(b"here\n", b"")


def test_what_a_swarm_is_made_with(two: Two) -> None:
    with Client(two.manager.url) as client:
        address = two.one.address
        id = client.init_swarm(
            listen=address,
            advertise=address,
            data_path=address,
            data_path_port=4790,
            address_pools=["10.30.0.0/16"],
            subnet_size=25,
            availability="pause",
        )
        found = client.inspect_swarm()
        assert (found.address_pools, found.subnet_size) == (("10.30.0.0/16",), 25)
        assert found.data_path_port == 4790
        assert client.inspect_node(id).spec.availability == "pause"
        assert client.swarm_unlock_key() == ""


def test_what_an_older_version_would_drop_is_not_sent(two: Two) -> None:
    with Client(two.manager.url, version="1.24") as client:
        for given in ({"subnet_size": 25}, {"availability": "pause"}):
            with pytest.raises(NotSupported):
                client.init_swarm(**given)  # type: ignore[arg-type]


def test_the_error_names_the_argument_where_there_are_several_addresses(two: Two) -> None:
    two.one.has("10.214.0.9")
    with Client(two.manager.url) as client, pytest.raises(BadRequest) as caught:
        client.init_swarm()
    assert caught.value.hint == "give advertise="


def test_a_manager_that_is_locked(two: Two) -> None:
    with Client(two.manager.url) as client:
        two.init(client, SwarmSpec(auto_lock=True))
        key = client.swarm_unlock_key()
        assert key.startswith("SWMKEY-1-")
        two.manager.restart()
        for ask in (client.inspect_swarm, client.nodes, client.leave_swarm):
            with pytest.raises(NotAManager) as caught:
                ask()
            assert caught.value.state == "locked"
        other = base64.b64encode(bytes(32)).decode().rstrip("=")
        with pytest.raises(Unauthorized):
            client.unlock_swarm(f"SWMKEY-1-{other}")
        with pytest.raises(BadRequest):
            client.unlock_swarm("nonsense")
        client.unlock_swarm(key)
        assert client.inspect_swarm().spec.auto_lock
        with pytest.raises(Conflict):
            client.unlock_swarm(key)
        # The manager itself takes the new one some time later (26.1: seen).
        client.update_swarm(client.inspect_swarm(), rotate_unlock_key=True)
        assert client.swarm_unlock_key() not in ("", key)


@pytest.mark.nightly
def test_a_join_that_does_not_succeed(two: Two) -> None:
    other = f"SWMTKN-1-{'0' * 50}-{'1' * 25}"
    with Client(two.manager.url) as manager, Client(two.worker.url) as worker:
        two.init(manager)
        tokens = manager.inspect_swarm().join_tokens
        assert tokens is not None and tokens.worker is not None
        wrong = f"{tokens.worker[:-25]}{'1' * 25}"  # of this swarm, and of nobody in it
        for token in (wrong, other):
            with pytest.raises(BadRequest):
                two.join(worker, token)
        with pytest.raises(ServerError):
            two.join(worker, tokens.worker, f"{two.one.address}:9")
        two.join(worker, tokens.worker)


@pytest.mark.nightly
def test_a_join_that_goes_on(two: Two) -> None:
    """Nobody answers at that address; the Engine gives up after 20 seconds, and does not."""
    token = f"SWMTKN-1-{'0' * 50}-{'1' * 25}"
    with Client(two.worker.url, timeout=Timeouts(read=1, idle=PATIENCE)) as client:
        with pytest.raises(JoinPending):
            two.join(client, token, "10.214.0.77:2377")
        found = client.info().swarm
        assert found is not None and found.local_node_state == "pending"
        with pytest.raises(Conflict):
            two.join(client, token)
        client.leave_swarm(force=True)


def test_of_two_writers_nobody_loses_anything(two: Two) -> None:
    """Twenty rounds: each adds a label to what it has read."""
    with Client(two.manager.url) as client:
        id = two.init(client)

        def write(who: str) -> None:
            for number in range(20):
                label = {f"{who}{number}": ""}
                client.change_node(
                    id,
                    lambda spec, label=label: attrs.evolve(  # type: ignore[misc]
                        spec, labels={**(spec.labels or {}), **label}
                    ),
                    tries=1000,
                )

        threads = [threading.Thread(target=write, args=(who,)) for who in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(client.inspect_node(id).spec.labels or ()) == {
            f"{who}{number}" for who in "ab" for number in range(20)
        }


SERVICE = {
    "Name": "idle",
    "TaskTemplate": {"ContainerSpec": {"Image": "nosuch:1"}},
    "Mode": {"Replicated": {"Replicas": 0}},
}


def test_events_of_a_swarm_come_as_they_happen(two: Two) -> None:
    """Of a node, a secret, a config and a service; made by other requests."""
    data = base64.b64encode(b"x").decode()
    with Client(two.manager.url) as client:
        id = two.init(client)
        expected = {("node", "update", id)}
        with client.events(filters={"scope": "swarm"}) as events:
            client.change_node(id, drained)
            for kind, body in (
                ("secret", {"Name": "s", "Data": data}),
                ("config", {"Name": "c", "Data": data}),
                ("service", SERVICE),
            ):
                made = client.session.post(f"/{kind}s/create", json=body)
                expected.add((kind, "create", made.json()["ID"]))
            seen = set()
            for event in events:
                assert event.scope == "swarm"
                seen.add((event.type, event.action, event.id))
                if seen >= expected:
                    break
        assert seen >= expected
