from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given

from dockerapi.errors import UnexpectedReply
from dockerapi.models import exec as exec_models
from dockerapi.models.exec import Exec, ExecCreated, ExecResult, RunResult
from dockerapi.output import Output
from models.hostile import json_values, objects_of, read_everything
from models.recorded import answer, engines


def test_of_engine_1_7_1() -> None:
    assert Exec.parse(answer("1.7.1_v1.19", "exec_inspect")) == Exec(
        id="90509ef1914f9083b05954392bd430e29288a10cd15ae1c865eabea8cca8daa9",
        container_id="4c1d42b4a999e59a5b6dfd3f98d4445246ce99a9dd4cbd885d2bd60f310c3bdf",
        running=False,
        exit_code=2,
        entrypoint="sh",
        arguments=("-c", "echo eo; echo ee >&2; exit 2"),
        privileged=False,
        tty=False,
        open_stdin=False,
        open_stdout=True,
        open_stderr=True,
    )


@pytest.mark.parametrize("engine", engines("exec_inspect"))
def test_the_same_command_is_equal_from_every_engine(engine: str) -> None:
    """From 20.10 on there are also its pid and whether it can be removed."""
    expected = Exec.parse(answer("1.7.1_v1.19", "exec_inspect"))
    found = Exec.parse(answer(engine, "exec_inspect"))
    assert found.container_id is not None
    assert (found.pid is None, found.can_remove) == (
        (False, False) if engine.startswith("2") else (True, None)
    )
    ids = {"id": expected.id, "container_id": expected.container_id}
    assert attrs.evolve(found, pid=None, can_remove=None, **ids) == expected


EXIT_CODES: dict[str, tuple[dict[str, Any], int | None]] = {
    "ended": ({"Running": False, "ExitCode": 0}, 0),
    "running, from 1.9": ({"Running": True, "ExitCode": None}, None),
    "running, to 1.8": ({"Running": True, "ExitCode": 0}, None),
    "not started, from 1.9": ({"Running": False, "ExitCode": None}, None),
}


@pytest.mark.parametrize(("received", "expected"), EXIT_CODES.values(), ids=EXIT_CODES)
def test_exit_code(received: dict[str, Any], expected: int | None) -> None:
    assert Exec.parse({"ID": "a", **received}).exit_code == expected


def test_the_rest() -> None:
    found = Exec.parse(
        {
            "ID": "a",
            "Container": {"Id": "c"},
            "Pid": 0,
            "ProcessConfig": {"user": "root", "privileged": True, "tty": 1, "arguments": None},
            "DetachKeys": "ctrl-p",
        }
    )
    assert found == Exec(
        id="a",
        container_id="c",
        user="root",
        privileged=True,
        tty=True,
        detach_keys="ctrl-p",
    )


def test_without_an_id_is_an_unexpected_reply() -> None:
    with pytest.raises(UnexpectedReply) as raised:
        Exec.parse({"Running": True}).id  # noqa: B018
    assert str(raised.value) == "Exec.id: ID is missing"


def test_what_callers_get_compares_by_value() -> None:
    assert ExecCreated("a", tty=False) == ExecCreated("a", tty=False)
    output = Output(b"x\n", b"", b"x\n")
    assert ExecResult(exit_code=0, output=output) == ExecResult(exit_code=0, output=output)
    assert RunResult(0, output, "a") != RunResult(0, output, "b")


VALUES = json_values(exec_models)


@pytest.mark.dear
@given(json=objects_of(Exec, VALUES))
def test_any_object_gives_values_or_unexpected_reply(json: dict[str, Any]) -> None:
    read_everything(Exec.parse(json))
