"""The road over ssh, with a program `ssh` that goes to a scripted daemon instead."""

from __future__ import annotations

import contextlib
import itertools
import json
import linecache
import os
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerapi import (
    Client,
    Closed,
    ConnectionFailed,
    StreamInterrupted,
    TimedOut,
    Timeouts,
    TLSConfig,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.endpoint.ssh import SshHost, SshSocket
from dockerapi.protocol.deadline import Deadline
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.hijack import upgrade
from dockerapi.transport.pool import Pool
from dockerapi.transport.prepared import Prepared
from interruptions import Moments, descriptors, told_only
from scripted import (
    PATIENCE,
    UPGRADED,
    Conversation,
    Made,
    ScriptedDaemon,
    chunk,
    frame,
    head,
    json_reply,
)

# As `ssh` and `docker system dial-stdio` do: ends when the Engine has ended.
DIAL = """
import os, socket, threading
sock = socket.socket(socket.AF_UNIX)
sock.connect({path!r})
def there():
    while data := os.read(0, 65536):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
threading.Thread(target=there, daemon=True).start()
while data := sock.recv(65536):
    os.write(1, data)
os._exit(0)
"""

CONTAINER = {
    "Id": "c",
    "State": {"Running": True},
    "Config": {"OpenStdin": True, "StdinOnce": True},
}

Install = Callable[[str], Path]


_looks = itertools.count()


def restarted() -> dict[str, Any]:
    """The container, which was started again since it was last looked at, so that it had ended."""
    started = f"2026-01-02T03:04:{next(_looks) % 60:02}Z"
    return {**CONTAINER, "State": {"Running": True, "StartedAt": started}}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a Python script first on the PATH, as `ssh`; gives the file with its arguments."""
    log = tmp_path / "arguments"
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    def write(script: str) -> Path:
        program.write_text(
            f"#!{sys.executable} -SEI\nimport json, os, sys, time\n"
            f"with open({str(log)!r}, 'a') as log:\n"
            "    print(json.dumps([os.getpid(), *sys.argv[1:]]), file=log)\n"
            f"{script}"
        )
        program.chmod(0o755)
        return log

    return write


def logged(log: Path) -> list[list[object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def is_gone(pid: object) -> bool:
    """Not even a zombie is left."""
    return not Path(f"/proc/{pid}").exists() if sys.platform == "linux" else True


# Conversations


@pytest.fixture
def daemon() -> Iterator[ScriptedDaemon]:
    def attached(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(frame("stdout", c.receive_all()))

    def followed(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(frame("stdout", b"ready\n")))
        c.wait_for_hangup()

    script = {
        "GET /v1.41/_ping": json_reply("OK"),
        "GET /v1.41/containers/c/json": Made(lambda: json_reply(restarted())),
        "POST /v1.41/containers/c/attach": attached,
        "GET /v1.41/containers/c/logs": followed,
    }
    with ScriptedDaemon(script) as daemon:
        yield daemon


def test_calls_streams_and_half_close_over_ssh(daemon: ScriptedDaemon, install: Install) -> None:
    log = install(DIAL.format(path=daemon.path))
    with Client("ssh://ada@engine:2222/run/it's.sock", timeout=7) as client:
        assert client.base_url == "ssh://ada@engine:2222/run/it's.sock"
        client.ping()
        client.ping()
        with client.attach("c", stdin=True) as attachment:
            assert attachment.communicate(b"in").stdout == b"in"
        with client.logs("c", follow=True) as logs:
            assert next(logs).data == b"ready\n"
    begun = logged(log)
    assert [arguments for _, *arguments in begun] == 2 * [
        [
            *("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=7", "-l", "ada", "-p", "2222"),
            *("--", "engine", "docker --host 'unix:///run/it'\"'\"'s.sock' system dial-stdio"),
        ]
    ]
    assert all(is_gone(pid) for pid, *_ in begun)


def test_several_connections_at_once_over_ssh(daemon: ScriptedDaemon, install: Install) -> None:
    log = install(DIAL.format(path=daemon.path))
    with Client("ssh://engine") as client:
        streams = [client.logs("c", follow=True) for _ in range(4)]
        assert [next(stream).data for stream in streams] == [b"ready\n"] * 4
        client.ping()
        for stream in streams:
            stream.close()
    assert len(logged(log)) == 5
    assert all(is_gone(pid) for pid, *_ in logged(log))


def test_close_from_another_thread_over_ssh(daemon: ScriptedDaemon, install: Install) -> None:
    log = install(DIAL.format(path=daemon.path))
    found: list[object] = []
    with Client("ssh://engine") as client:
        logs = client.logs("c", follow=True)
        assert next(logs).data == b"ready\n"
        reading = threading.Thread(target=lambda: found.extend(logs), daemon=True)
        reading.start()
        began = time.monotonic()
        client.close()
        reading.join(PATIENCE)
        assert not reading.is_alive() and found == []
        assert time.monotonic() - began < PATIENCE / 2
        with pytest.raises(Closed):
            client.ping()
    assert all(is_gone(pid) for pid, *_ in logged(log))


def test_a_program_that_does_not_end_is_ended(daemon: ScriptedDaemon, install: Install) -> None:
    stubborn = DIAL.format(path=daemon.path).replace("os._exit(0)", "time.sleep(600)")
    log = install(stubborn)
    with Client("ssh://engine") as client:
        client.ping()
        ((pid, *_),) = logged(log)
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE / 2
    assert is_gone(pid)


FORK = """
import os, sys
from dockerapi import Client

with Client("ssh://engine") as client:
    logs = client.logs("c", follow=True)
    assert next(logs).data == b"ready\\n"
    client.ping()
    child = os.fork()
    if child == 0:
        client.ping()
        logs.close()
        client.close()
        sys.exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    client.ping()
    logs.close()
"""


@pytest.mark.dear
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_a_fork_the_child_ends_its_own_ssh_only(
    daemon: ScriptedDaemon, install: Install
) -> None:
    log = install(DIAL.format(path=daemon.path))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", FORK],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(logged(log)) == 3  # two of the parent, which the child did not end, and its own
    assert all(is_gone(pid) for pid, *_ in logged(log))


# What goes wrong


def failing(install: Install, script: str, timeout: float | None = 10) -> ConnectionFailed:
    log = install(script)
    with Client("ssh://ada@engine", timeout=timeout) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
        # It may have been given up before it came to say who it is.
        assert all(is_gone(pid) for pid, *_ in (logged(log) if log.exists() else []))
    return caught.value


def test_what_ssh_says_is_in_the_error(install: Install) -> None:
    script = "sys.stderr.write('ada@engine: Permission denied (publickey).\\r\\n'); sys.exit(255)"
    error = failing(install, script)
    assert type(error) is ConnectionFailed
    assert str(error) == (
        "ssh://ada@engine: ssh ended with exit code 255: ada@engine: Permission denied "
        "(publickey). Does `ssh -l ada engine docker system info` work?"
    )


def test_the_command_to_try_names_the_socket_too(install: Install) -> None:
    install("sys.exit(1)")
    with Client("ssh://engine/run/x.sock") as client, pytest.raises(ConnectionFailed) as caught:
        client.ping()
    assert str(caught.value) == (
        "ssh://engine/run/x.sock: ssh ended with exit code 1: (it said nothing). "
        "Does `ssh engine docker --host unix:///run/x.sock system info` work?"
    )


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sys.exit(127)", "ended with exit code 127: (it said nothing)"),
        (
            "print('one\\n\\n two', file=sys.stderr); sys.exit(1)",
            "ended with exit code 1: one; two",
        ),
        (
            "sys.stdin.buffer.read(1); print('gone', file=sys.stderr); sys.exit(255)",
            "ended with exit code 255: gone",
        ),
        ("os.kill(os.getpid(), 9)", "ended with exit code -9: (it said nothing)"),
    ],
)
def test_an_ssh_that_fails(install: Install, script: str, message: str) -> None:
    """Before it has read the request, and after."""
    assert str(failing(install, script)) == (
        f"ssh://ada@engine: ssh {message}. Does `ssh -l ada engine docker system info` work?"
    )


def test_an_ssh_that_says_very_much_goes_on(daemon: ScriptedDaemon, install: Install) -> None:
    """Nobody reads it while there is no error, and it must not wait for that."""
    say = "\ntry:\n    os.write(2, b'x' * 1000000)\nexcept BlockingIOError:\n    pass\n"
    install(say + DIAL.format(path=daemon.path))
    with Client("ssh://engine") as client:
        client.ping()


def test_an_ssh_that_connects_for_too_long(install: Install) -> None:
    script = "time.sleep(0.3); print('Connection timed out', file=sys.stderr); sys.exit(255)"
    error = failing(install, script, timeout=0.25)
    assert isinstance(error, TimedOut) and error.seconds == 0.25
    install(script)
    with Client("ssh://engine", timeout=Timeouts(connect=0.25, read=PATIENCE)) as client:
        with pytest.raises(TimedOut) as caught:
            client.ping()
    assert (caught.value.kind, caught.value.seconds) == ("connect", 0.25)
    assert str(caught.value) == (
        "ssh://engine: no connection within 0.25 seconds (connect timeout): Connection timed out"
    )


def test_an_ssh_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Client("ssh://engine") as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
    assert str(caught.value) == (
        "ssh://engine: the program ssh cannot be run (No such file or directory). Is it "
        "installed, and on the PATH?"
    )


def test_an_ssh_that_breaks_is_no_end_of_a_stream(daemon: ScriptedDaemon, install: Install) -> None:
    """The output of a terminal has no frames: its end is the connection's, a break must not be."""
    broken = DIAL.format(path=daemon.path).replace("os.write(1, data)", "last = data; break")
    install(
        broken.replace(
            "os._exit(0)",
            "os.write(1, b'HTTP/1.1 101 X\\r\\n\\r\\nhalf'); os.write(2, b'Broken pipe'); "
            "os._exit(255)",
        )
    )
    pool = Pool(SocketRegistry(Endpoint.parse("ssh://engine")))
    request, soon = Prepared("POST /x", "/v1.41/containers/c/attach", {}), Deadline(10)
    connection = upgrade(pool, request, "tcp", connect=soon, read=soon, idle=soon)
    try:
        assert connection.read() == b"half"
        with pytest.raises(StreamInterrupted) as caught:
            connection.read()
    finally:
        connection.close()
    assert str(caught.value) == (
        "ssh://engine: ssh ended with exit code 255: Broken pipe. Does "
        "`ssh engine docker system info` work?"
    )


class Ring(BaseException):
    """What a handler raises."""


@pytest.mark.dear
@pytest.mark.skipif(sys.platform != "linux", reason="nobody lists the descriptors")
def test_a_handler_that_raises_while_it_is_made_leaves_no_descriptor(install: Install) -> None:
    """But the two of the pipe, if it raises where they are two numbers that nobody has yet."""
    install("sys.stdin.read()")
    before, leaks = descriptors(), set()
    moments = Moments(signals=True, within="endpoint/ssh.py")

    def ring() -> None:
        raise Ring

    def play(at: int) -> None:
        with contextlib.suppress(Ring):
            moments.interrupt(lambda: SshSocket(SshHost("h"), 10), at, ring).close()
        if left := descriptors().keys() - before.keys():
            file, _, line = moments.place.partition(",")[0].rpartition(":")
            leaks.add((len(left), linecache.getline(file, int(line)).strip()))
            for number in left:
                os.close(number)

    with told_only(Ring), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of a program that ends by itself
        assert moments.each(play) > 10
    assert leaks <= {(2, "self._words, words = os.pipe()")}


# Its URL


@pytest.mark.parametrize(
    ("url", "host", "text"),
    [
        ("ssh://h", SshHost("h"), "ssh://h"),
        ("ssh://h/", SshHost("h"), "ssh://h"),
        ("ssh://Bastion:22", SshHost("Bastion", None, 22), "ssh://Bastion:22"),
        ("ssh://a@h/run/x.sock", SshHost("h", "a", None, "/run/x.sock"), "ssh://a@h/run/x.sock"),
        ("ssh://a%40b@[::1]:2", SshHost("::1", "a@b", 2), "ssh://a@b@[::1]:2"),
        ("SSH://h", SshHost("h"), "ssh://h"),
    ],
)
def test_the_url_of_an_ssh_host(url: str, host: SshHost, text: str) -> None:
    endpoint = Endpoint.parse(url)
    assert (endpoint, str(endpoint), endpoint.address) == (Endpoint(ssh=host), text, "localhost")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "ssh://a:s3cret@h",
            "base_url: a password in an ssh:// URL is not supported; ssh takes a key, from an "
            "agent or as ~/.ssh/config says",
        ),
        ("ssh://", "base_url: ssh://user@host:port/path was expected: 'ssh://'"),
        ("ssh://a@", "base_url: ssh://user@host:port/path was expected: 'ssh://a@'"),
        ("ssh://h?x", "base_url: ssh://user@host:port/path was expected: 'ssh://h?x'"),
        ("ssh://h#x", "base_url: ssh://user@host:port/path was expected: 'ssh://h#x'"),
        ("ssh://h/%00", "base_url: ssh://user@host:port/path was expected: 'ssh://h/%00'"),
        ("ssh://-oX=y", "base_url: no name of a host or user: '-oX=y': 'ssh://-oX=y'"),
        ("ssh://-lx@h", "base_url: no name of a host or user: '-lx': 'ssh://-lx@h'"),
        ("ssh://$(x)", "base_url: no name of a host or user: '$(x)': 'ssh://$(x)'"),
        ("ssh://a%3bb@h", "base_url: no name of a host or user: 'a;b': 'ssh://a%3bb@h'"),
        ("ssh://h/\ud800", "base_url: half a character in it: 'ssh://h/\\ud800'"),
        ("ssh://a:s3cret@h:70000", "base_url: Port out of range 0-65535: 'ssh://a@h:70000'"),
    ],
)
def test_what_is_no_ssh_host(url: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(url)
    assert str(caught.value) == message


def test_there_is_no_tls_over_ssh() -> None:
    with pytest.raises(ValueError) as caught:
        Client("ssh://h", tls=TLSConfig())
    assert str(caught.value) == "base_url: TLS is for TCP, not for ssh: 'ssh://h'"


def test_a_host_is_never_an_option() -> None:
    assert SshHost("-oProxyCommand=x").command()[-3:] == [
        "--",
        "-oProxyCommand=x",
        "docker system dial-stdio",
    ]


def test_an_ssh_that_was_begun_for_nobody_is_ended(
    daemon: ScriptedDaemon, install: Install
) -> None:
    log = install(DIAL.format(path=daemon.path))

    def refuse(sock: socket.socket) -> None:
        raise Closed("closed meanwhile")

    with pytest.raises(Closed):
        Endpoint.parse("ssh://h").connect(Deadline(1, "connect"), refuse)
    assert not log.exists() or all(is_gone(pid) for pid, *_ in logged(log))
