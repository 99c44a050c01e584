"""The end of an attached stream, and what the Engine says of it when it is asked."""

from __future__ import annotations

import datetime
import itertools
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from dockerapi import (
    Client,
    Closed,
    DockerError,
    Output,
    ServerError,
    StreamInterrupted,
    TLSConfig,
)
from dockerapi.models.exec import ExecCreated
from scripted import (
    PATIENCE,
    UPGRADED,
    Answer,
    Conversation,
    Made,
    ScriptedDaemon,
    asked,
    chunked,
    exec_died,
    exec_event,
    frame,
    head,
    json_reply,
    reply,
)

ID = "926b0c168505" * 5
INSPECT = f"GET /v1.41/containers/{ID}/json"
INFO = "GET /v1.41/info"
PING = "GET /v1.41/_ping"
EVENTS = "GET /v1.41/events"
OUTPUT = UPGRADED + frame("stdout", b"out\n")
WHOLE = Output(b"out\n", b"")
STARTED = "2026-01-01T00:00:01Z"
NEVER = "0001-01-01T00:00:00Z"
VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
RUNNING = {"Status": "running", "Running": True, "StartedAt": STARTED, "FinishedAt": NEVER}
CREATED = {"Status": "created", "Running": False, "StartedAt": NEVER, "FinishedAt": NEVER}


def exited(at: int = 5, **state: Any) -> dict[str, Any]:
    """The state of a container that has ended so many seconds after midnight."""
    ended = {"Status": "exited", "Running": False, "FinishedAt": f"2026-01-01T00:00:{at:02}Z"}
    return {**RUNNING, **ended, **state}


def container(state: dict[str, Any], *, auto_remove: bool = False, **config: bool) -> Any:
    return {
        "Id": ID,
        "State": state,
        "Config": config,
        "HostConfig": {"AutoRemove": auto_remove},
        "NetworkSettings": {},
    }


def script(
    before: Any, *after: Answer, attach: Answer = OUTPUT, kept: bool = True, **more: Answer
) -> dict[str, Any]:
    """A container that is attached to, and then asked for; unless `kept`, on a new connection."""
    first = json_reply(before) if kept else json_reply(before, Connection="close")
    again = [json_reply(before)] if before["State"]["Running"] else []  # is it too late?
    return {
        "GET /v1.41/containers/web/json": [first],
        "POST /v1.41/containers/web/attach": [attach],
        INSPECT: [*again, *after],
        **more,
    }


def attached(daemon: ScriptedDaemon, **options: Any) -> Output:
    with Client(daemon.url) as client, client.attach("web", **options) as attachment:
        return attachment.read()


def interrupted(act: Callable[[], object]) -> str:
    with pytest.raises(StreamInterrupted) as caught:
        act()
    return str(caught.value)


def trouble(daemon: ScriptedDaemon, words: str, what: str = "container 926b0c168505") -> str:
    return f"{daemon.url}: the stream of {what} ended, {words}"


# Containers


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(RUNNING, exited(), id="it has ended"),
        pytest.param(
            RUNNING,
            {**RUNNING, "FinishedAt": "2026-01-01T00:00:05Z"},
            id="it has ended, and was started again",
        ),
        pytest.param(RUNNING, exited(Status="removing", Dead=True), id="it is being removed"),
        pytest.param(CREATED, exited(), id="it was started, and has ended"),
        pytest.param(
            CREATED, {**CREATED, "ExitCode": 127, "Error": "not found"}, id="it could not start"
        ),
        pytest.param(
            {"Running": True, "StartedAt": STARTED},
            {"Running": True, "StartedAt": "2026-01-01T00:00:07Z"},
            id="it was started again, and the Engine does not note ends",
        ),
    ],
)
def test_the_end_of_a_container_ends_its_stream(before: Any, after: Any) -> None:
    answers = script(container(before), json_reply(container(after)))
    with ScriptedDaemon(answers) as daemon:
        assert attached(daemon) == WHOLE
    assert daemon.requests == [
        asked("GET /v1.41/containers/web/json"),
        asked("POST /v1.41/containers/web/attach?stdin=0&stdout=1&stderr=1&logs=0&stream=1"),
        *[asked(INSPECT)] * (2 if before["Running"] else 1),
    ]


def test_a_container_that_was_removed_has_ended() -> None:
    answers = script(container(RUNNING), json_reply({"message": "No such container: c1"}, 404))
    with ScriptedDaemon(answers) as daemon:
        assert attached(daemon) == WHOLE


def test_an_engine_that_notes_the_end_a_moment_later_is_asked_again() -> None:
    """Its clock decides then: the connection may have been cut before the container ended."""
    answers = script(
        container(RUNNING),
        *[json_reply(container(RUNNING))] * 2,
        json_reply(container(exited(5))),
        **{INFO: json_reply({"SystemTime": "2026-01-01T00:00:15Z"})},
    )
    with ScriptedDaemon(answers) as daemon:
        assert attached(daemon) == WHOLE


@pytest.mark.parametrize("state", [RUNNING, CREATED], ids=["running", "created"])
def test_a_stream_that_ends_before_its_container_is_interrupted(state: Any) -> None:
    answers = script(container(state))
    answers[INSPECT] = json_reply(container(state))
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment:
            assert next(attachment).data == b"out\n"
            found = interrupted(attachment.read)
            assert interrupted(lambda: list(attachment)) == found
    words = f"but the container did not: it is {state['Status']}"
    assert found == trouble(daemon, words)


def test_lines_come_before_the_error_that_ends_them() -> None:
    answers = script(container(RUNNING), json_reply({"message": "no"}, 500))
    lines = []
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment, pytest.raises(StreamInterrupted):
            for line in attachment.lines():
                lines.append(line.text)
    assert lines == ["out"]


def hang_up(conversation: Conversation) -> None:
    """The question is read, and not answered."""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            json_reply({"message": "broken"}, 500),
            "GET /containers/{id}/json: 500 broken",
            id="refused",
        ),
        pytest.param(
            reply(200, b"[]"), "Container: an object was expected, not []", id="no container"
        ),
    ],
)
def test_an_end_that_nobody_can_confirm_is_none(answer: Answer, words: str) -> None:
    with ScriptedDaemon(script(container(RUNNING), answer)) as daemon:
        found = interrupted(lambda: attached(daemon))
    assert found == trouble(daemon, f"and this cannot be told from a break: {words}")


def test_an_engine_that_is_gone_is_not_waited_for_whatever_the_policy_says() -> None:
    """It may come back, and would not know."""
    asked_of: list[str] = []

    def retry(route: str, error: DockerError, times: int) -> float:
        asked_of.append(route)
        return 0.001

    answers = script(container(RUNNING), hang_up, hang_up)  # twice: a kept connection may be stale
    with ScriptedDaemon(answers) as daemon, Client(daemon.url, retry=retry) as client:
        with client.attach("web") as attachment:
            found = interrupted(attachment.read)
    assert (found, asked_of) == (
        trouble(
            daemon,
            "and this cannot be told from a break: GET /containers/{id}/json: the "
            "Engine closed the connection without an answer. Did it stop, or crash on this "
            "request? Its log tells",
        ),
        [],
    )


@pytest.mark.parametrize("left", [True, False], ids=["keys", "a cut"])
def test_keys_end_the_stream_of_a_terminal_if_the_engine_says_so(left: bool) -> None:
    """They make an event, which a connection that is cut does not."""
    before = container(RUNNING, Tty=True, OpenStdin=True)
    after = json_reply(before, Date="Thu, 01 Jan 2026 00:00:10 GMT")
    query = (
        "?since=1767225609&filters=%7B%22event%22%3A+%5B%22detach%22%5D%2C+%22container%22%3A+"
        f"%5B%22{ID}%22%5D%7D"
    )
    told = json_reply({"Type": "container", "Action": "detach", "Actor": {"ID": ID}})
    answers = script(before, attach=UPGRADED + b"$ ")
    answers[INSPECT] = after
    answers[EVENTS + query] = told if left else chunked()
    with ScriptedDaemon(answers) as daemon:
        if left:
            assert attached(daemon, stdin=True) == Output(b"$ ", b"")
        else:
            found = interrupted(lambda: attached(daemon, stdin=True))
            assert found == trouble(daemon, "but the container did not: it is running")


def test_closing_the_client_meanwhile_is_no_break() -> None:
    def close(conversation: Conversation) -> None:
        client.close()
        conversation.wait_for_hangup()

    with ScriptedDaemon(script(container(RUNNING), close)) as daemon:
        client = Client(daemon.url)
        with client.attach("web") as attachment, pytest.raises(Closed):
            attachment.read()


def test_who_does_not_read_to_the_end_asks_nothing() -> None:
    with ScriptedDaemon(script(container(RUNNING))) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment:
            assert next(attachment).data == b"out\n"
    assert len(daemon.requests) == 3


def test_the_log_of_a_container_needs_only_an_engine_at_its_end() -> None:
    answers = script(container(exited()))
    for version, whole in ((json_reply({}), True), (json_reply({"message": "no"}, 500), False)):
        with ScriptedDaemon({**answers, PING: version}) as daemon:
            if whole:
                assert attached(daemon, logs=True, stream=False) == WHOLE
            else:
                found = interrupted(lambda: attached(daemon, logs=True, stream=False))
                words = "and this cannot be told from a break: GET /_ping: 500 no"
                assert found == trouble(daemon, words, "what container 926b0c168505 wrote")


# An Engine that came back answers on a new connection


def date(answer: bytes) -> dict[str, Answer]:
    """An old Engine that does not tell its time, but in the head of what it answers."""
    return {INFO: json_reply({}), PING: answer}


TOLD = {INFO: json_reply({"SystemTime": "2026-01-01T00:00:10.5Z"})}
DATED = date(reply(Date="Thu, 01 Jan 2026 00:00:10 GMT"))


def check_later(found: str, daemon: ScriptedDaemon, late: float) -> None:
    """At least so many seconds: those in which the Engine was asked are added."""
    match = re.search(r" (\d+\.\d\d) seconds later", found)
    assert match is not None, found
    words = (
        f"and the container {match[1]} seconds later: the Engine was restarted, or the connection "
        "cut"
    )
    assert found == trouble(daemon, words)
    assert late <= float(match[1]) < late + 5


@pytest.mark.parametrize("over_tcp", [False, True])
@pytest.mark.parametrize(
    ("ended", "clock"),
    [
        pytest.param(exited(9), TOLD, id="by its time"),
        pytest.param(exited(11), DATED, id="by a date, about"),
        pytest.param(exited(FinishedAt=None, ExitCode=3), TOLD, id="at a time not noted"),
    ],
)
def test_a_container_that_ended_before_its_stream_has_ended(
    ended: Any, clock: Any, over_tcp: bool
) -> None:
    answers = script(container(RUNNING), json_reply(container(ended)), kept=over_tcp, **clock)
    with ScriptedDaemon(answers, tcp=over_tcp) as daemon:
        assert attached(daemon) == WHOLE


@pytest.mark.parametrize("over_tcp", [False, True])
@pytest.mark.parametrize(
    ("clock", "at", "late"),
    [
        pytest.param(TOLD, 15, 4.5, id="time"),
        pytest.param(TOLD, 11, 0.5, id="time, a moment"),
        pytest.param(DATED, 15, 3, id="date"),
    ],
)
def test_a_container_that_ended_after_its_stream_wrote_more(
    clock: Any, at: int, late: float, over_tcp: bool
) -> None:
    """Over TCP also where the same Engine answers: something in between may have hung up."""
    answers = script(container(RUNNING), json_reply(container(exited(at))), kept=over_tcp, **clock)
    with ScriptedDaemon(answers, tcp=over_tcp) as daemon:
        found = interrupted(lambda: attached(daemon))
    check_later(found, daemon, late)


def test_a_container_that_ended_while_it_was_asked_for_wrote_more() -> None:
    """The same Engine; something on the way has cut the connection."""
    answers = script(
        container(RUNNING),
        json_reply(container(RUNNING)),
        json_reply(container(exited(15))),
        **TOLD,
    )
    with ScriptedDaemon(answers) as daemon:
        found = interrupted(lambda: attached(daemon))
    check_later(found, daemon, 4.5)


def test_a_refused_time_is_taken_from_the_dates_of_answers_when_they_change() -> None:
    ticks = [reply(Date=f"Thu, 01 Jan 2026 00:00:{at:02} GMT") for at in (10, 10, 11)]
    refused = {INFO: json_reply({"message": "forbidden"}, 403)}
    for ended, late in ((exited(9), 0), (exited(15), 3)):
        answers = script(container(RUNNING), json_reply(container(ended)), kept=False)
        with ScriptedDaemon({**answers, **refused, PING: ticks}) as daemon:
            if late:
                check_later(interrupted(lambda: attached(daemon)), daemon, late)
            else:
                assert attached(daemon) == WHOLE


@pytest.mark.dear
@pytest.mark.parametrize("refused", [False, True], ids=["its time", "the dates of its answers"])
def test_a_time_that_takes_seconds_to_be_told_is_asked_for_until_it_takes_less(
    refused: bool,
) -> None:
    """It may be from any moment of these seconds, and the container ended within them."""
    began, asked_for = time.monotonic(), itertools.count()

    def now() -> datetime.datetime:
        midnight = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        return midnight + datetime.timedelta(seconds=10 + time.monotonic() - began)

    def inspect(conversation: Conversation) -> None:
        ended = now() + datetime.timedelta(seconds=1)
        conversation.send(json_reply(container(exited(FinishedAt=ended.isoformat()))))

    def tell(conversation: Conversation) -> None:
        if next(asked_for) < (2 if refused else 5):
            threading.Event().wait(1.7)
        date = format_datetime(now(), usegmt=True)
        conversation.send(json_reply({"SystemTime": now().isoformat()}, Date=date))

    answers = script(container(RUNNING), inspect)
    answers.update({INFO: tell, PING: tell})
    if refused:
        answers[INFO] = json_reply({"message": "forbidden"}, 403)
    with ScriptedDaemon(answers, tcp=True) as daemon:
        check_later(interrupted(lambda: attached(daemon)), daemon, 0)


@pytest.mark.parametrize("head", [{}, {"Date": "today"}], ids=["no date", "no such date"])
def test_where_nobody_tells_the_time_an_end_that_took_long_is_none(head: dict[str, str]) -> None:
    answers = script(container(RUNNING), json_reply(container(exited(9))), kept=False)
    answers.update({INFO: json_reply({"message": "forbidden"}, 403), PING: reply(**head)})
    with ScriptedDaemon(answers) as daemon:
        found = interrupted(lambda: attached(daemon))
    words = (
        "and nobody tells whether the container had ended before: neither GET /info nor a Date has "
        "the Engine's time (does a proxy keep them back, or is it busy?)"
    )
    assert found == trouble(daemon, words)


def died(at: int) -> dict[str, Answer]:
    """The event of a container's end, and an Engine whose time is 00:00:10."""
    event = {"Type": "container", "Action": "die", "Actor": {"ID": ID}}
    return {EVENTS: json_reply({**event, "timeNano": (1767225600 + at) * 10**9}), **TOLD}


@pytest.mark.parametrize("auto_remove", [False, True])
@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("slow", [False, True])
def test_a_container_that_removes_itself_may_have_been_removed_by_a_new_engine(
    auto_remove: bool, kept: bool, slow: bool
) -> None:
    """That takes its time, answers on a new connection, and has forgotten its events."""

    def gone(conversation: Conversation) -> None:
        threading.Event().wait(0.6)
        conversation.send(missing)

    missing = json_reply({"message": "No such container: c1"}, 404)
    before = container(RUNNING, auto_remove=auto_remove)
    answers = script(before, gone if slow else missing, kept=kept)
    answers.update({PING: reply(), EVENTS: chunked()})
    words = "and nobody tells whether it had ended before: the container was removed"
    with ScriptedDaemon(answers) as daemon:
        # A function of the script ends its connection, so that the next question has a new one.
        if auto_remove and slow:
            assert interrupted(lambda: attached(daemon)) == trouble(daemon, words)
        else:
            assert attached(daemon) == WHOLE


@pytest.mark.parametrize(("at", "late"), [(9, 0), (15, 4.5)], ids=["before", "after"])
@pytest.mark.parametrize("auto_remove", [False, True])
@pytest.mark.parametrize("over_tcp", [False, True])
def test_a_container_that_is_gone_has_died_before_its_stream_ended_or_wrote_more(
    at: int, late: float, auto_remove: bool, over_tcp: bool
) -> None:
    """It ran on when the stream had ended, and was removed then: the connection was cut.

    Over TCP it may have done so before it was asked for.
    """
    missing = json_reply({"message": "No such container: c1"}, 404)
    before = container(RUNNING, auto_remove=auto_remove)
    still = [] if over_tcp else [json_reply(before)]
    answers = script(before, *still, missing, **died(at), **{PING: reply()})
    with ScriptedDaemon(answers, tcp=over_tcp) as daemon:
        if late:
            check_later(interrupted(lambda: attached(daemon)), daemon, late)
        else:
            assert attached(daemon) == WHOLE


# Over TCP, where something between may hang up both ways at the end of an input

ATTACH = "POST /v1.41/containers/web/attach"
OUTPUT_ALONE = f"{ATTACH}?stdin=0&stdout=1&stderr=1&logs=0&stream=1"
INPUT_ALONE = f"{ATTACH}?stdin=1&stdout=0&stderr=0&logs=0&stream=1"


def with_input(input: Callable[[Conversation], None], after: Any) -> dict[str, Any]:
    """A container of which the output comes when its input was played."""

    def output(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        assert played.wait(PATIENCE)
        conversation.send(frame("stdout", b"out\n"))

    def play(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        input(conversation)
        conversation.sock.shutdown(socket.SHUT_RDWR)
        played.set()

    played = threading.Event()
    before = container(CREATED, OpenStdin=True, StdinOnce=True)
    answers = script(before, json_reply(container(after)))
    del answers[ATTACH]
    return {**answers, OUTPUT_ALONE: output, INPUT_ALONE: play, **TOLD}


def test_an_input_whose_end_is_not_passed_on_takes_no_output_with_it() -> None:
    taken = []
    answers = with_input(lambda conversation: taken.append(conversation.receive_all()), exited(9))
    with ScriptedDaemon(answers, tcp=True) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            assert attachment.communicate(b"in") == WHOLE
    assert taken == [b"in"]
    assert [f"{one.method} {one.target}" for one in daemon.requests[1:3]] == [
        OUTPUT_ALONE,
        INPUT_ALONE,
    ]


@pytest.mark.parametrize(("ended", "late"), [(9, False), (15, True)], ids=["before", "after"])
def test_an_input_that_is_taken_no_more_was_cut_if_its_container_ended_later(
    ended: int, late: bool
) -> None:
    """A command that reads its input ends with it."""
    answers = with_input(lambda conversation: None, exited(ended))
    with ScriptedDaemon(answers, tcp=True) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            with pytest.raises(StreamInterrupted):
                while True:
                    attachment.write(b"in")
            if late:
                check_later(interrupted(attachment.read), daemon, 4.5)
            else:
                assert attachment.read() == WHOLE


def test_an_input_that_cannot_be_attached_to_leaves_no_output_open() -> None:
    answers = with_input(lambda conversation: None, exited())
    answers[INPUT_ALONE] = json_reply({"message": "no"}, 500)
    answers[OUTPUT_ALONE] = UPGRADED
    del answers[INSPECT], answers[INFO]
    with ScriptedDaemon(answers, tcp=True) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServerError):
            client.attach("web", stdin=True)


def leaves_input_unread(written: threading.Event) -> Callable[[Conversation], None]:
    """Hangs up when the input is there: who writes must not meet the reset."""

    def play(conversation: Conversation) -> None:
        conversation.send(OUTPUT)
        assert written.wait(PATIENCE)

    return play


@pytest.mark.parametrize("ended", [True, False])
def test_a_reset_by_an_engine_that_leaves_input_unread_is_an_end_if_its_container_ended(
    ended: bool,
) -> None:
    """As Engines before 20.10 close, on a socket of this machine, where nothing sent is lost."""
    written = threading.Event()
    before = container(CREATED, OpenStdin=True, StdinOnce=True)
    answers = script(before, attach=leaves_input_unread(written))
    answers[INSPECT] = json_reply(container(exited())) if ended else json_reply(before)
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            attachment.write(b"in")
            written.set()
            if ended:
                assert attachment.read() == WHOLE
                return
            with pytest.raises(StreamInterrupted) as caught:
                attachment.read()
    assert caught.value.output == WHOLE
    assert str(caught.value) == f"{daemon.url}: the connection was reset. Did the Engine stop?"


def test_a_reset_of_an_exec_is_an_end_if_it_ended() -> None:
    written = threading.Event()
    answers = exec_script(exec_died(), start=leaves_input_unread(written))
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.exec_start(ExecCreated("e1", tty=False)) as attachment:
            attachment.write(b"in")
            written.set()
            assert attachment.read() == WHOLE


def test_a_reset_over_tcp_is_a_break_since_what_came_last_may_be_lost() -> None:
    def start(conversation: Conversation) -> None:
        conversation.send(OUTPUT)
        conversation.reset()

    answers = exec_script(start=start)
    del answers[EVENTS]
    with ScriptedDaemon(answers, tcp=True) as daemon, Client(daemon.url) as client:
        with client.exec_start(ExecCreated("e1", tty=False)) as attachment:
            with pytest.raises(StreamInterrupted) as caught:
                attachment.read()
    assert str(caught.value) == (
        f"{daemon.url}: the connection was reset. Did the Engine stop, or does it expect TLS there?"
    )


# Execs


def exec_script(*events: Answer, start: Answer = OUTPUT, **more: Answer) -> dict[str, Any]:
    """An exec, and what is told of its end: by events, and by what is asked before and after."""
    script = {"POST /v1.41/exec/e1/start": start, EVENTS: list(events), **more}
    states = in_turn(more.get("GET /v1.41/exec/e1/json", []), tty=start is not OUTPUT)
    return {**script, "GET /v1.41/exec/e1/json": states}


def in_turn(states: Any, *, tty: bool = False, **more: Any) -> Any:
    """An exec that was not started yet, and then these states, or always this one."""
    new = found(Running=False, ExitCode=None, CanRemove=False, ProcessConfig={"tty": tty}, **more)
    if isinstance(states, bytes):
        return Made(itertools.chain([new], itertools.repeat(states)).__next__)
    return [new, *states]


def found(**more: Any) -> bytes:
    return json_reply({"ID": "e1", **more})


def at(seconds: int) -> int:
    """So many seconds after midnight, in nanoseconds."""
    return (1767225600 + seconds) * 10**9


def started(daemon: ScriptedDaemon, *, tty: bool = False) -> Output:
    with Client(daemon.url) as client:
        with client.exec_start(ExecCreated("e1", tty=tty)) as attachment:
            return attachment.read()


def test_an_exec_has_ended_once_the_engine_says_so() -> None:
    """Other events are those of other execs, even of one that ended at the same time."""
    other = {"Type": "container", "Action": "exec_die", "Actor": {"ID": ID}}
    events = [json.dumps(one).encode() for one in (other, exec_event(3, timeNano=at(9)))]
    with ScriptedDaemon(exec_script(chunked(*events))) as daemon:
        assert started(daemon) == WHOLE


def silent(conversation: Conversation) -> None:
    """Events that are not told at once."""
    conversation.send(head(200, Transfer_Encoding="chunked"))
    conversation.wait_for_hangup()


STILL, EXITED = found(Running=True), found(Running=False, ExitCode=0, Pid=7)


@pytest.mark.parametrize("over_tcp", [False, True])
@pytest.mark.parametrize(
    ("state", "ended", "late"),
    [
        pytest.param(STILL, 9, False, id="it ran, and ended before"),
        pytest.param(STILL, 11, True, id="it ran"),
        pytest.param(EXITED, 11, False, id="it had ended, and the Engine is busy"),
        pytest.param(EXITED, 15, True, id="it had ended, and its child wrote more"),
    ],
)
def test_an_exec_that_ended_after_its_stream_wrote_more(
    state: bytes, ended: int, late: bool, over_tcp: bool
) -> None:
    """Its exit code and its end prove nothing: the connection was cut before.

    On a socket of this machine nothing cuts it, and an Engine that is very busy tells of the end
    seconds later; one that came back since would not know the exec.
    """
    told = TOLD if over_tcp else {}
    answers = exec_script(silent, exec_died(timeNano=at(ended)), **told)
    answers["GET /v1.41/exec/e1/json"] = in_turn([state], OpenStdin=False)
    with ScriptedDaemon(answers, tcp=over_tcp) as daemon:
        if not (late and over_tcp):
            assert started(daemon) == WHOLE
            return
        words = interrupted(lambda: started(daemon))
    match = re.search(r"\d+\.\d\d seconds later", words)
    assert match is not None and words == trouble(
        daemon,
        f"and the command {match[0]}: the Engine was restarted, or the connection cut",
        "exec e1",
    )


@pytest.mark.parametrize("proxy", [False, True], ids=["the Engine's", "a proxy's"])
def test_over_tls_the_goodbye_of_the_engine_is_an_end_however_late_the_event_is(
    proxy: bool, tmp_path: Path
) -> None:
    """An Engine on a starved machine told of the end 3 seconds after it; a cut has no goodbye.

    A proxy that speaks TLS itself says it, too, where it was cut off from the Engine.
    """
    authority = Authority(tmp_path)
    answers = exec_script(silent, exec_died(timeNano=at(15)), **TOLD, **(NGINX if proxy else {}))
    answers["GET /v1.41/exec/e1/json"] = in_turn([STILL], OpenStdin=False)
    if proxy:
        answers["GET /version"] = json_reply(VERSION)
    with ScriptedDaemon(answers, tls=authority.daemon()) as daemon:
        with Client(daemon.url, tls=TLSConfig(authority.ca)) as client:
            with client.exec_start(ExecCreated("e1", tty=False)) as attachment:
                if not proxy:
                    assert attachment.read() == WHOLE
                    return
                words = interrupted(attachment.read)
    match = re.search(r"\d+\.\d\d seconds later", words)
    assert match is not None and words == trouble(
        daemon,
        f"and the command {match[0]}: the Engine was restarted, or the connection cut (there is a "
        "proxy in between, Server: nginx/1.22.1)",
        "exec e1",
    )


def test_over_tls_the_end_of_a_container_is_told_by_the_goodbye_and_its_state(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    answers = script(container(RUNNING), json_reply(container(exited(15))))
    with ScriptedDaemon(answers, tls=authority.daemon()) as daemon:
        with Client(daemon.url, tls=TLSConfig(authority.ca)) as client:
            with client.attach("web") as attachment:
                assert attachment.read() == WHOLE


@pytest.mark.dear
@pytest.mark.parametrize("over_tcp", [False, True])
def test_an_exec_that_ended_while_its_end_was_asked_for_wrote_more(over_tcp: bool) -> None:
    """Over TCP: from an Engine on a socket of this machine nothing in between can hang up."""

    def asked_late(conversation: Conversation) -> None:
        threading.Event().wait(1.6)
        conversation.send(exec_died(timeNano=at(15)))

    answers = exec_script(asked_late, **TOLD)
    answers["GET /v1.41/exec/e1/json"] = in_turn([EXITED] if over_tcp else [])
    with ScriptedDaemon(answers, tcp=over_tcp) as daemon:
        if not over_tcp:
            assert started(daemon) == WHOLE
            return
        words = interrupted(lambda: started(daemon))
    match = re.search(r"\d+\.\d\d seconds later", words)
    assert match is not None and words == trouble(
        daemon,
        f"and the command {match[0]}: the Engine was restarted, or the connection cut",
        "exec e1",
    )


NGINX = {"GET /_ping": reply(200, b"OK", Server="nginx/1.22.1", Api_Version="1.41")}


@pytest.mark.parametrize("input", [True, False], ids=["input", "none"])
@pytest.mark.parametrize(("ended", "late"), [(9, False), (11, True)], ids=["before", "after"])
def test_an_exec_with_input_over_tcp_has_ended_before_its_stream_however_soon_that_is_told(
    input: bool, ended: int, late: bool
) -> None:
    """A proxy may have hung up at the end of the input, with which the command ended."""
    answers = exec_script(exec_died(timeNano=at(ended)), **TOLD)
    answers["GET /v1.41/exec/e1/json"] = [
        found(Running=False, ExitCode=None, CanRemove=False, OpenStdin=input),
        *([EXITED] if input else []),
    ]
    if not input:
        del answers[INFO]
    with ScriptedDaemon(answers, tcp=True) as daemon:
        if not (input and late):
            assert started(daemon) == WHOLE
            return
        words = interrupted(lambda: started(daemon))
    match = re.search(r"\d+\.\d\d seconds later", words)
    assert match is not None and words == trouble(
        daemon,
        f"and the command {match[0]}: the Engine was restarted, or the connection cut",
        "exec e1",
    )


def test_an_end_that_is_none_names_the_proxy_in_between() -> None:
    answers = exec_script(chunked(), chunked(), **{"GET /v1.41/exec/e1/json": STILL}, **NGINX)
    answers["GET /version"] = json_reply(VERSION)
    with ScriptedDaemon(answers, tcp=True) as daemon:
        words = interrupted(lambda: started(daemon))
    told = "but it still runs (there is a proxy in between, Server: nginx/1.22.1)"
    assert words == trouble(daemon, told, "exec e1")


def test_an_exec_that_could_not_be_started_has_no_event_and_has_ended() -> None:
    state = found(Running=False, ExitCode=127, Pid=0)
    answers = exec_script(chunked(), **{"GET /v1.41/exec/e1/json": state})
    with ScriptedDaemon(answers) as daemon:
        assert started(daemon) == WHOLE


def test_an_engine_that_has_come_back_knows_no_exec() -> None:
    """Its event of the end, on a new connection, is one of its own."""
    unknown = json_reply({"message": "No such exec"}, 404)
    hello = {"GET /version": json_reply(VERSION, Connection="close")}
    answers = exec_script(exec_died(), **hello)
    first = json_reply({"ID": "e1"}, Connection="close")
    answers["GET /v1.41/exec/e1/json"] = [first, unknown]
    with ScriptedDaemon(answers) as daemon:
        words = interrupted(lambda: started(daemon))
    assert words == trouble(
        daemon,
        "and this cannot be told from a break: GET /exec/{id}/json: 404 No such exec",
        "exec e1",
    )


@pytest.mark.parametrize("running", [True, False], ids=["it runs", "nobody tells"])
def test_an_exec_of_whose_end_there_is_no_event_may_have_written_more(running: bool) -> None:
    state = found(Running=running, ExitCode=None if running else 0)
    answers = exec_script(chunked(), chunked(), **{"GET /v1.41/exec/e1/json": state})
    with ScriptedDaemon(answers) as daemon:
        words = interrupted(lambda: started(daemon))
    why = "and nobody tells whether it did: the Engine has no event of its end any more"
    assert words == trouble(daemon, "but it still runs" if running else why, "exec e1")


def test_an_exec_that_the_engine_does_not_know_any_more_may_have_written_more() -> None:
    unknown = json_reply({"message": "No such exec"}, 404)
    with ScriptedDaemon(exec_script(chunked(), **{"GET /v1.41/exec/e1/json": unknown})) as daemon:
        words = interrupted(lambda: started(daemon))
    assert words == trouble(
        daemon,
        "and this cannot be told from a break: GET /exec/{id}/json: 404 No such exec",
        "exec e1",
    )


@pytest.mark.parametrize("soon", [True, False])
def test_where_events_are_refused_an_exec_must_have_ended_at_once(soon: bool) -> None:
    running, ended = found(Running=True), found(Running=False, ExitCode=3)
    asked_of = {"GET /v1.41/exec/e1/json": [running, ended] if soon else running}
    answers = exec_script(json_reply({"message": "forbidden"}, 403), **asked_of)  # type: ignore[arg-type]
    with ScriptedDaemon(answers) as daemon:
        if soon:
            assert started(daemon) == WHOLE
        else:
            words = interrupted(lambda: started(daemon))
            assert words == trouble(
                daemon,
                "and nobody tells whether it did, since it ran on for a moment at least: "
                "GET /events: 403 forbidden",
                "exec e1",
            )


@pytest.mark.parametrize("soon", [True, False])
def test_where_there_is_no_event_an_exec_must_have_ended_at_once(soon: bool) -> None:
    running, ended = found(Running=True), found(Running=False, ExitCode=3)
    answers: dict[str, Any] = {
        "POST /v1.35/exec/e1/start": OUTPUT,
        "GET /v1.35/exec/e1/json": in_turn([running, ended] if soon else running),
    }
    with ScriptedDaemon(answers, release="17.12.1", api="1.35") as daemon:
        if soon:
            assert started(daemon) == WHOLE
        else:
            words = interrupted(lambda: started(daemon))
            assert words == trouble(
                daemon,
                "and nobody tells whether it did, since it ran on for a moment at least: "
                "this Engine has no event of it",
                "exec e1",
            )


@pytest.mark.dear
@pytest.mark.parametrize("tcp", [True, False])
def test_where_there_is_no_event_and_an_answer_takes_long_over_tcp_nobody_tells(tcp: bool) -> None:
    """It may have been cut, and the exec have ended since (Podman, behind what cuts)."""

    def late(conversation: Conversation) -> None:
        threading.Event().wait(1.6)
        conversation.send(found(Running=False, ExitCode=3))

    answers: dict[str, Any] = {
        "POST /v1.35/exec/e1/start": OUTPUT,
        "GET /v1.35/exec/e1/json": late,
    }
    with ScriptedDaemon(answers, tcp=tcp, release="17.12.1", api="1.35") as daemon:
        if not tcp:
            assert started(daemon) == WHOLE
            return
        words = interrupted(lambda: started(daemon))
        assert re.sub(r"\d\.\d seconds", "N seconds", words) == trouble(
            daemon,
            "and nobody tells whether it did, N seconds later: this Engine has no event of it",
            "exec e1",
        )


def test_keys_end_the_stream_of_an_exec_on_a_terminal_if_the_engine_says_so() -> None:
    answers = exec_script(exec_died(action="exec_detach"), start=UPGRADED + b"$ ")
    with ScriptedDaemon(answers) as daemon:
        assert started(daemon, tty=True) == Output(b"$ ", b"")


SIGN = b"exec attach failed: error on attach stdin: read escape sequence\r\n"
LEFT, DIED = exec_died(action="exec_detach"), exec_died()


@pytest.mark.parametrize(
    ("pieces", "event", "output"),
    [
        pytest.param([b"$ " + SIGN], LEFT, b"$ ", id="it comes with the rest"),
        pytest.param([b"$ ", SIGN], LEFT, b"$ ", id="it comes alone"),
        pytest.param([b"$ " + SIGN[:20], SIGN[20:]], LEFT, b"$ ", id="it comes in pieces"),
        pytest.param([b"$ ", SIGN], DIED, b"$ " + SIGN, id="the command wrote it"),
        pytest.param([SIGN, b"$ "], LEFT, SIGN + b"$ ", id="the command wrote it before"),
        pytest.param([SIGN, SIGN], LEFT, SIGN, id="the command wrote it just before"),
        pytest.param([b"$ " + SIGN[:-1]], LEFT, b"$ " + SIGN[:-1], id="a part of it"),
    ],
)
def test_the_sign_that_keys_have_detached_is_no_output(
    pieces: list[bytes], event: bytes, output: bytes
) -> None:
    def start(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        for piece in pieces:
            conversation.send(piece)

    answers = exec_script(event, start=start)
    answers["GET /v1.41/exec/e1/json"] = in_turn(EXITED, tty=True)
    with ScriptedDaemon(answers) as daemon:
        assert started(daemon, tty=True) == Output(output, b"")


@pytest.mark.parametrize(
    ("code", "event", "output"),
    [
        pytest.param(126, chunked(), b"$ ", id="left"),
        pytest.param(126, exec_died(127), b"$ ", id="left, and has ended"),
        pytest.param(126, exec_died(126), b"$ " + SIGN, id="the command wrote it"),
        pytest.param(0, [chunked(), chunked()], None, id="nobody tells"),
    ],
)
def test_an_engine_without_an_event_of_it_says_126_of_an_exec_that_keys_have_left(
    code: int, event: Any, output: bytes | None
) -> None:
    state = found(Running=False, ExitCode=code, Pid=7)
    events = event if isinstance(event, list) else [event]
    answers = exec_script(*events, start=UPGRADED + b"$ " + SIGN)
    answers["GET /v1.41/exec/e1/json"] = in_turn(state, tty=True)
    with ScriptedDaemon(answers) as daemon:
        if output is not None:
            assert started(daemon, tty=True) == Output(output, b"")
            return
        words = interrupted(lambda: started(daemon, tty=True))
    why = "and nobody tells whether it did: the Engine has no event of its end any more"
    assert words == trouble(daemon, why, "exec e1")


def test_what_may_be_that_sign_comes_before_the_error_of_a_break() -> None:
    answers = exec_script(chunked(), chunked(), start=UPGRADED + SIGN)
    answers["GET /v1.41/exec/e1/json"] = in_turn(STILL, tty=True)
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.exec_start(ExecCreated("e1", tty=True)) as attachment:
            with pytest.raises(StreamInterrupted) as caught:
                attachment.read()
    assert caught.value.output == Output(SIGN, b"")


def test_an_exec_on_a_terminal_that_nobody_left_wrote_more() -> None:
    answers = exec_script(
        chunked(),
        chunked(),
        start=UPGRADED + b"$ ",
        **{"GET /v1.41/exec/e1/json": found(Running=True)},
    )
    with ScriptedDaemon(answers) as daemon:
        words = interrupted(lambda: started(daemon, tty=True))
    assert words == trouble(daemon, "but it still runs", "exec e1")


def test_the_exit_code_of_a_command_is_in_the_event_of_its_end() -> None:
    """An Engine whose event does not have it is asked."""
    for event, asked_of in (
        (exec_died(3), {}),
        (exec_died(""), {"GET /v1.41/exec/e1/json": found(Running=False, ExitCode=3)}),
    ):
        answers = exec_script(event, **asked_of)
        answers["POST /v1.41/containers/web/exec"] = json_reply({"Id": "e1"}, 201)
        answers["GET /v1.41/exec/e1/json"] = asked_of.get("GET /v1.41/exec/e1/json", [])
        with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
            assert client.exec_run("web", ["false"]).exit_code == 3


def test_where_execs_cannot_be_asked_for_the_engine_must_be_there() -> None:
    answers = {"POST /v1.15/exec/e1/start": OUTPUT, "GET /v1.15/_ping": reply(500, b"no")}
    with ScriptedDaemon(answers) as daemon, Client(daemon.url, version="1.15") as client:
        with client.exec_start("e1", tty=False) as attachment:
            words = interrupted(attachment.read)
    assert words == trouble(
        daemon, "and this cannot be told from a break: GET /_ping: 500 no", "exec e1"
    )


# Logs that come by way of attach


@pytest.mark.parametrize("follow", [False, True])
def test_logs_of_old_are_attachments(follow: bool) -> None:
    """Below API 1.11; nothing marks their end either."""
    before = container({"Running": True, "StartedAt": STARTED})
    after = container({"Running": False, "StartedAt": STARTED})
    answers: dict[str, Any] = {
        "GET /v1.10/containers/web/json": json_reply(before),
        "POST /v1.10/containers/web/attach": head(200) + frame("stdout", b"out\n"),
    }
    if follow:
        answers[f"GET /v1.10/containers/{ID}/json"] = json_reply(after)
    else:
        answers["GET /v1.10/version"] = json_reply({})
    with ScriptedDaemon(answers, release="0.10.0", api="1.10", lowest=None) as daemon:
        with Client(daemon.url) as client, client.logs("web", follow=follow) as logs:
            assert logs.read() == WHOLE
        asked_last = daemon.requests[-1].target
    assert asked_last == (f"/v1.10/containers/{ID}/json" if follow else "/v1.10/version")


def test_logs_of_old_whose_engine_is_gone_are_interrupted() -> None:
    gone = threading.Event()

    def attach(conversation: Conversation) -> None:
        conversation.send(head(200) + frame("stdout", b"out\n"))
        assert gone.wait(PATIENCE)

    answers = {
        "GET /v1.10/containers/web/json": json_reply(container(RUNNING)),
        "POST /v1.10/containers/web/attach": attach,
        "GET /v1.10/version": reply(500, b"no"),
    }
    with ScriptedDaemon(answers, release="0.10.0", api="1.10", lowest=None) as daemon:
        with Client(daemon.url) as client, client.logs("web") as logs:
            assert next(logs).data == b"out\n"
            gone.set()
            words = interrupted(logs.read)
    assert words == trouble(
        daemon,
        "and this cannot be told from a break: GET /version: 500 no",
        "what container 926b0c168505 wrote",
    )


# Answers whose end nothing marks, or a proxy


UNMARKED = (
    "the connection ended, and nobody tells whether that was all: the answer does not mark its "
    "end. A proxy speaks HTTP/1.0, and would have to speak HTTP/1.1"
)


@pytest.mark.parametrize("follow", [False, True])
def test_logs_whose_end_nothing_marks_are_interrupted(follow: bool) -> None:
    """That their container has ended says nothing of them: they may be far behind it."""
    answers = {
        "GET /v1.41/containers/web/json": json_reply(container(exited())),
        "GET /v1.41/containers/web/logs": head(200) + frame("stdout", b"out\n"),
    }
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.logs("web", follow=follow) as logs, pytest.raises(StreamInterrupted) as caught:
            logs.read()
    assert caught.value.output == WHOLE
    assert str(caught.value) == f"{daemon.url}: GET /containers/{{id}}/logs: {UNMARKED}"


def test_past_events_whose_end_nothing_marks_are_interrupted() -> None:
    answers = {EVENTS: head(200, Date="Thu, 01 Jan 2026 00:00:10 GMT") + b'{"Action": "die"}\n'}
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.events(since=1, until=2) as events:
            assert next(events).action == "die"
            with pytest.raises(StreamInterrupted) as caught:
                next(events)
    assert str(caught.value) == f"{daemon.url}: GET /events: {UNMARKED}"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param(exited(), None, id="it ended"),
        pytest.param(RUNNING, "but the container did not: it is running", id="it runs"),
        pytest.param(None, "and this cannot be told from a break", id="the Engine is gone"),
    ],
)
def test_followed_logs_that_a_proxy_ends_are_whole_if_their_container_has_ended(
    state: Any, words: str | None
) -> None:
    """nginx marks the end where it was cut off from an Engine to which it speaks HTTP/1.0."""
    gone = reply(502, b"<html><body>502 Bad Gateway</body></html>", Server="nginx/1.22.1")
    now = gone if state is None else json_reply(container(state))
    answers = {
        "GET /v1.41/containers/web/json": json_reply(container(RUNNING)),
        "GET /v1.41/containers/web/logs": chunked(frame("stdout", b"out\n")),
        INSPECT: now,
        **NGINX,
        "GET /version": json_reply(VERSION),
        **TOLD,
    }
    with ScriptedDaemon(answers, tcp=True) as daemon, Client(daemon.url) as client:
        with client.logs("web", follow=True) as logs:
            if words is None:
                assert logs.read() == WHOLE
                return
            found = interrupted(logs.read)
    assert found.startswith(trouble(daemon, words))


@pytest.mark.dear
def test_stats_end_with_their_container() -> None:
    """An Engine that is stopped, and a proxy, may end them properly before."""
    answers: dict[str, Any] = {
        "GET /v1.41/containers/web/stats": chunked(b"{}"),
        "GET /v1.41/containers/web/json": json_reply(container(RUNNING)),
    }
    with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
        with client.stream_stats("web") as stats:
            found = interrupted(lambda: list(stats))
    assert found == trouble(daemon, "but the container runs on", "stats of container web")
    for gone in (
        json_reply(container(exited())),
        json_reply({"message": "No such container: web"}, 404),
    ):
        answers["GET /v1.41/containers/web/json"] = [json_reply(container(RUNNING)), gone]
        with ScriptedDaemon(answers) as daemon, Client(daemon.url) as client:
            with client.stream_stats("web") as stats:
                assert len(list(stats)) == 1
