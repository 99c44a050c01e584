"""What is written: lines in the log, and those who listen."""

from __future__ import annotations

import threading

import pytest

from dockerapi.testing.state.streams import FAR_BEHIND, LONGEST_LINE, Broadcast, Entry, Log

BOTH = frozenset({"stdout", "stderr"})


def never() -> bool:
    return False


def kept(log: Log) -> list[tuple[str, bytes]]:
    return [(entry.stream, entry.data) for entry in log.entries()]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_are_kept_whole_however_they_come(size: int) -> None:
    log = Log()
    text = b"one\ntwo\n\nthree"
    for place in range(0, len(text), size):
        log.add("stdout", text[place : place + size])
    assert kept(log) == [("stdout", b"one\n"), ("stdout", b"two\n"), ("stdout", b"\n")]
    log.finish()
    assert kept(log)[3:] == [("stdout", b"three")]


def test_lines_of_two_streams_do_not_mix() -> None:
    log = Log()
    for stream, data in (
        ("stdout", b"o"),
        ("stderr", b"e"),
        ("stdout", b"ut\n"),
        ("stderr", b"rr\n"),
    ):
        log.add(stream, data)
    assert kept(log) == [("stdout", b"out\n"), ("stderr", b"err\n")]


def test_a_long_line_is_cut() -> None:
    log = Log()
    log.add("stdout", b"x" * (LONGEST_LINE + 5) + b"\n")
    assert [len(entry.data) for entry in log.entries()] == [LONGEST_LINE, 6]


def test_what_is_not_utf_8_is_replaced_when_it_is_read() -> None:
    assert Entry(0, "stdout", b"\xff\xc3\xa9").text == "\ufffdé".encode()


def test_who_listens_hears_what_comes_and_the_end() -> None:
    broadcast = Broadcast(log=False)
    subscriber, deaf = broadcast.listen(BOTH), broadcast.listen(frozenset({"stderr"}))
    broadcast.put("stdout", b"too early")
    broadcast.open()
    broadcast.put("stdout", b"x")
    broadcast.end()
    broadcast.put("stdout", b"too late")
    assert [subscriber.get(never), subscriber.get(never), deaf.get(never)] == [
        ("stdout", b"x"),
        None,
        None,
    ]


def test_a_writer_waits_for_a_listener_that_is_far_behind() -> None:
    broadcast = Broadcast(log=False)
    broadcast.open()
    subscriber = broadcast.listen(BOTH)
    broadcast.put("stdout", bytes(FAR_BEHIND))
    done = threading.Event()

    def write() -> None:
        broadcast.put("stdout", b"more")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not done.wait(0.1)
    assert subscriber.get(never) == ("stdout", bytes(FAR_BEHIND))
    assert subscriber.get(never) == ("stdout", b"more")
    thread.join()


@pytest.mark.parametrize("release", ["close", "end"])
def test_a_writer_that_waits_is_released_at_the_end(release: str) -> None:
    broadcast = Broadcast(log=False)
    broadcast.open()
    subscriber = broadcast.listen(BOTH)
    broadcast.put("stdout", bytes(FAR_BEHIND))
    thread = threading.Thread(target=broadcast.put, args=("stdout", b"more"))
    thread.start()
    if release == "close":
        subscriber.close()
    else:
        broadcast.end()
    thread.join(60)
    assert not thread.is_alive()


def test_a_listener_that_is_gone_hears_nothing_any_more() -> None:
    broadcast = Broadcast(log=False)
    broadcast.open()
    assert broadcast.listen(BOTH).get(lambda: True) is None
    broadcast.close()
    assert broadcast.listen(BOTH).get(never) is None
