from __future__ import annotations

import pytest

from dockerapi import Client, Frame, Output

pytestmark = pytest.mark.usefixtures("tools")


def test_an_exec_has_the_containers_surroundings_and_its_own(client: Client, sleeper: str) -> None:
    script = ["sh", "-c", 'echo "$A $B"; pwd']
    found = client.exec_run(sleeper, script, env={"B": "2"})
    assert found.output.stdout == b"1 2\n/tmp\n"
    found = client.exec_run(sleeper, script, env={"A": "3"}, working_dir="/etc")
    assert found.output.stdout == b"3 \n/etc\n"
    client.exec_run(sleeper, ["touch", "made"])
    assert [one.path for one in client.diff(sleeper)] == ["/tmp", "/tmp/made"]


def test_an_exec_is_known_before_while_and_after_it_runs(client: Client, sleeper: str) -> None:
    created = client.exec_create(sleeper, ["upper"], stdin=True)
    found = client.exec_inspect(created)
    assert (found.running, found.exit_code, found.pid) == (False, None, None)
    assert (found.entrypoint, found.arguments, found.container_id) == ("upper", (), sleeper)
    with client.exec_start(created) as attachment:
        attachment.write(b"x\n")
        assert next(attachment) == Frame("stdout", b"X\n")
        found = client.exec_inspect(created)
        assert (found.running, found.exit_code, bool(found.pid)) == (True, None, True)
        attachment.close_stdin()
        assert attachment.read() == Output(b"", b"end\n")
    found = client.exec_inspect(created)
    assert (found.running, found.exit_code) == (False, 9)


def test_an_exec_ends_with_its_container(client: Client, sleeper: str) -> None:
    created = client.exec_create(sleeper, ["sleep", "600"])
    with client.exec_start(created) as attachment:
        client.kill(sleeper)
        assert attachment.read() == Output(b"", b"")
    assert client.exec_inspect(created).exit_code == 137
