"""Execs: commands in a running container, and the results of `run` and `exec_run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .base import Model, filled, flag, integer, model, strings, text, unless_zero, wire

if TYPE_CHECKING:
    from ..output import Output


@attrs.frozen
class ExecCreated:
    """A command that was created but not started.

    Attributes:
        id: the id of the exec.
        tty: whether it has a TTY, which determines how its output is decoded.
    """

    id: str
    tty: bool


def _exit_code(found: dict[str, Any]) -> int | None:
    # While the command runs, old Engines send 0 and newer ones null.
    return None if flag(found.get("Running")) else integer(found.get("ExitCode"))


@model
class Exec(Model):
    """An exec: a command in a container.

    Attributes:
        id: the id of the exec.
        container_id: the id of its container.
        running: whether it is running.
        exit_code: None until it has ended (up to Engine 1.8, 0 before it was started).
        pid: its process, on the host; None before it was started; API 1.25 and later.
        entrypoint: the program that it runs.
        arguments: the arguments of the program.
        user: its user; None for the container's own user.
        privileged: whether it is privileged.
        tty: whether it has a TTY.
        open_stdin: whether its stdin is attached.
        open_stdout: whether its stdout is attached.
        open_stderr: whether its stderr is attached.
        can_remove: whether it has ended and the Engine may forget it; API 1.22 and later.
        detach_keys: the keys that detach from its TTY; None for the default; API 1.22 and later.
    """

    id: str = wire("ID", read=text, required=True)
    container_id: str | None = wire("ContainerID", "Container.ID", "Container.Id", read=filled)
    running: bool | None = wire("Running", read=flag)
    exit_code: int | None = wire("", read=_exit_code)
    pid: int | None = wire("Pid", read=unless_zero)
    entrypoint: str | None = wire("ProcessConfig.entrypoint", read=text)
    arguments: tuple[str, ...] = wire("ProcessConfig.arguments", read=strings, default=())
    user: str | None = wire("ProcessConfig.user", read=filled)
    privileged: bool | None = wire("ProcessConfig.privileged", read=flag)
    tty: bool | None = wire("ProcessConfig.tty", read=flag)
    open_stdin: bool | None = wire("OpenStdin", read=flag)
    open_stdout: bool | None = wire("OpenStdout", read=flag)
    open_stderr: bool | None = wire("OpenStderr", read=flag)
    can_remove: bool | None = wire("CanRemove", read=flag)
    detach_keys: str | None = wire("DetachKeys", read=filled)


@attrs.frozen
class ExecResult:
    """The result of a command in a container.

    If the command could not be started (no such program, no permission, no such user or directory),
    `exit_code` is 126 or 127, by the Engine's release, and `output.stdout` has the Engine's
    message.

    Attributes:
        exit_code: 0 is success.
        output: everything that it wrote.
    """

    exit_code: int
    output: Output


@attrs.frozen
class RunResult:
    """The result of a container; the container still exists unless `remove` was given.

    Attributes:
        exit_code: 0 is success.
        output: everything that it wrote.
        container_id: the id of the container, removed or not.
    """

    exit_code: int
    output: Output
    container_id: str
