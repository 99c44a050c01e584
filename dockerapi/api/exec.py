"""Exec: more commands in a running container (manual v1.19, from section "Exec Create" on)."""

from __future__ import annotations

import functools
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import models
from ..archive.source import Data
from ..errors import Conflict, DockerError, command_failed, named
from ..output import Batch, Output
from ..protocol.reference import ContainerRef, container_id, exec_id
from ..streams import Attachment
from .attach import check_input, keys_that_detach
from .ends import ExecEnd
from .operations import Operations, WholeTime
from .parameters import terminal_size, text

if TYPE_CHECKING:
    from ..models.exec import Exec, ExecCreated, ExecResult


_TO_LOOK = 10.0  # seconds to inspect an exec after its timeout


class ExecMixin(Operations):
    """Commands in running containers."""

    def exec_create(
        self,
        id: ContainerRef,
        command: str | Sequence[str],
        *,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        tty: bool = False,
        detach_keys: str | None = None,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        privileged: bool | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        console_size: tuple[int, int] | None = None,
    ) -> ExecCreated:
        """An exec instance, created but not started: its `id` and `tty`, for `exec_start`.

        Args:
            id: a running container.
            command: a list of the program and its arguments; a string is split as a shell would,
                without any expansion.
            stdin, stdout, stderr: the streams that `exec_start` will be attached to.
            tty: run it on a terminal; its output is then one stream. (The message that Engines
                write there after a detach by keys is removed.)
            detach_keys: keys that detach from it, e.g. `ctrl-p,ctrl-q`; API 1.22 and later. None
                takes those of `config.json`, if set there and if it has an input.
            env: additional variables; API 1.25 and later.
            privileged: with all capabilities.
            user: `name`, `uid`, `name:group` or `uid:gid`.
            working_dir: the directory in the container; API 1.35 and later.
            console_size: height and width of its TTY, in characters; API 1.42 and later.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is paused or not running; ServerError before API 1.21.
            NotSupported: API below 1.15, or an argument that the version lacks.

        Source: manual v1.19, "Exec Create".
        """
        keys = keys_that_detach(self._transport, self._credentials, detach_keys, stdin=stdin)
        body = exec_body(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            tty=tty,
            detach_keys=keys,
            env=env,
            privileged=privileged,
            user=user,
            working_dir=working_dir,
            console_size=console_size,
        )
        return self._exec_create(container_id(id), body)

    def _exec_create(self, subject: str, body: dict[str, Any]) -> ExecCreated:
        reply = self._transport.call("POST /containers/{id}/exec", subject, body=body).json()
        id = models.base.made_id(reply, "exec_create")
        return models.exec.ExecCreated(id=id, tty=body["Tty"])

    def exec_start(
        self,
        exec: ExecCreated | str,
        *,
        tty: bool | None = None,
        console_size: tuple[int, int] | None = None,
    ) -> Attachment:
        """Starts an exec instance: its streams, which the caller closes.

        The stream itself has no end mark. At the end of a read, the Engine is therefore asked for
        the event of the command's end (`exec_die`) or, on a TTY, for that of detach keys. If the
        event is later than the end of the stream, or if the Engine does not answer, the read raises
        `StreamInterrupted`. Below Engine 18.02, on Podman, and where `GET /events` is refused, the
        command must have ended within 0.4 seconds. Below API 1.16 it is enough that the Engine
        answers.

        Args:
            exec: what `exec_create` returned, or the id of an exec instance.
            tty: whether it was created with a TTY. None takes that from `exec`; for an id the
                Engine is asked, which needs API 1.16.
            console_size: height and width of its TTY, in characters; API 1.42 and later.

        Raises:
            NotFound: no such exec instance.
            Conflict: its container is stopped or paused (ServerError before API 1.21); or it was
                started before (API 1.22 and later).
            UnexpectedReply: it has an input, and a proxy in front of the Engine does not pass input
                on. (A proxy that does may not pass on the input's end: then `close_stdin` is
                refused, or the read raises `StreamInterrupted`.)
            ValueError: `tty` contradicts what it was created with, or `console_size` is given and
                it has no TTY.

        Source: manual v1.19, "Exec Start".
        """
        subject = exec_id(exec)
        size = console(console_size, tty=getattr(exec, "tty", tty))
        if size is not None:
            self._transport.require("POST /exec/{id}/start", body={"ConsoleSize": size})
        terminal, found = self._exec_tty(exec, tty)
        if found is None and self._transport.supports("GET /exec/{id}/json"):
            found = self.exec_inspect(exec)
        if found is None:
            end = ExecEnd(self._transport, subject, detachable=terminal)
            return self._exec_start(subject, terminal, end, stdin=None)
        # Up to 1.8 the exit code is 0 before the start as well; `can_remove` came later.
        ended = found.exit_code is not None and found.can_remove is not None
        if (found.running or ended) and not self._transport.negotiated.refuses_second_starts:
            raise Conflict(
                f"exec {subject} was started before (exit code {found.exit_code}): Engines would "
                "give their refusal as its output",
                route="POST /exec/{id}/start",
                status=409,
            )
        console(console_size, tty=terminal)
        end = ExecEnd(
            self._transport,
            subject,
            detachable=terminal,
            has_input=found.open_stdin is not False,
            has_output=not (found.open_stdout is found.open_stderr is False),
        )
        return self._exec_start(subject, terminal, end, stdin=found.open_stdin, size=size)

    def _exec_start(
        self,
        subject: str,
        tty: bool,
        end: ExecEnd,
        *,
        stdin: bool | None,
        size: list[int] | None = None,
    ) -> Attachment:
        """Starts the exec; `stdin` says whether it has an input, None if unknown."""
        connection = self._transport.hijack(
            "POST /exec/{id}/start",
            subject,
            body={"Detach": False, "Tty": tty, "ConsoleSize": size},
            no_half_close=self._transport.negotiated.no_end_of_input(tty=tty, exec=True),
            input=bool(stdin),
        )
        end.connection = weakref.ref(connection)
        no_input = "the exec was created without stdin=True" if stdin is False else None
        return Attachment(
            connection,
            self._transport.negotiated.frames(tty=tty),
            end,
            no_input=no_input,
            select=functools.partial(_without_sign, end) if tty else iter,
        )

    def exec_start_detached(self, exec: ExecCreated | str, *, tty: bool | None = None) -> None:
        """Starts an exec instance without attaching to it; `exec_inspect` shows its state.

        Engine 1.5 answers only when the command has ended. Arguments and errors are those of
        `exec_start`.
        """
        subject = exec_id(exec)
        terminal, _ = self._exec_tty(exec, tty)
        self._transport.call(
            "POST /exec/{id}/start", subject, body={"Detach": True, "Tty": terminal}
        )

    def _exec_tty(self, exec: ExecCreated | str, tty: bool | None) -> tuple[bool, Exec | None]:
        """Whether an exec has a TTY; and the result of an inspect, if one was needed."""
        found = None
        if isinstance(exec, models.exec.ExecCreated):
            known = exec.tty
        elif tty is None or self._transport.supports("GET /exec/{id}/json"):
            # Also needed if the caller knows: 1.6.2 and 1.7.1 answer 200 to a start of an unknown
            # exec.
            found = self.exec_inspect(exec)
            known = bool(found.tty)
        else:
            known = tty
        if tty not in (None, known):
            raise ValueError(f"tty={tty} contradicts {exec!r}, which was created with tty={known}")
        return known, found

    def exec_resize(self, exec: ExecCreated | str, *, height: int, width: int) -> None:
        """Sets the size of an exec's TTY.

        Args:
            height, width: the number of lines, and of characters in a line.

        Raises:
            NotFound: no such exec instance.

        Source: manual v1.19, "Exec Resize".
        """
        self._transport.call(
            "POST /exec/{id}/resize", exec_id(exec), query=terminal_size(height, width)
        )

    def exec_inspect(self, exec: ExecCreated | str) -> Exec:
        """Everything that the Engine says about an exec; `exit_code` is None while it runs.

        Raises:
            NotFound: no such exec instance.
            NotSupported: API below 1.16.

        Source: manual v1.19, "Exec Inspect".
        """
        return models.exec.Exec.parse(
            self._transport.call("GET /exec/{id}/json", exec_id(exec)).json()
        )

    def exec_run(
        self,
        id: ContainerRef,
        command: str | Sequence[str],
        *,
        input: Data | None = None,
        tty: bool = False,
        check: bool = False,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        privileged: bool | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        timeout: float | None = None,
    ) -> ExecResult:
        """Runs a command in a running container to its end: its exit code and its output.

        Args:
            id: a running container.
            command: a list of the program and its arguments; a string is split as a shell would.
            input: the standard input of the command, followed by an end of file: bytes, a file
                object opened for reading bytes, or an iterable of bytes. None gives it no input.
            check: raise `CommandFailed` for an exit code other than 0.
            tty, env, privileged, user, working_dir: as in `exec_create`.
            timeout: seconds for the whole call; the client's timeouts still bound each wait. None
                waits without bound. After a timeout the command keeps running: Engines cannot kill
                an exec.

        Raises:
            CommandFailed: `check` and a non-zero exit code.
            TimedOut: the command had not ended after `timeout` seconds: `.output` is the output so
                far, `.id` the exec. The message has the number of its process on the Engine's host,
                if the Engine tells it (API 1.25 and later).
            ContainerNotFound, Conflict: as `exec_create`.
            StreamInterrupted: the output ended, and the Engine does not confirm that the command
                ended before (see `exec_start`).
            NotSupported: `input` over TCP, with a proxy in front of the Engine that names itself in
                its answers. It may not pass on the end of the input (nginx does not). Nothing was
                created.
            ValueError: `input` with a TTY, whose input has no end.
        """
        whole = WholeTime(timeout)
        view = self._ending(whole.ends)
        subject = container_id(id)
        body = exec_body(
            command,
            stdin=input is not None,
            tty=tty,
            env=env,
            privileged=privileged,
            user=user,
            working_dir=working_dir,
        )
        route = "GET /exec/{id}/json"  # needed at the end, for the exit code
        made = ""
        try:
            if input is not None:
                check_input(view._transport, "exec_run", input, tty=tty, exec_route=route)
            view._transport.require(route)
            made = view._exec_create(subject, body).id
            end = ExecEnd(
                view._transport,
                made,
                detachable=False,  # input is bytes, not keys
                has_input=input is not None,
            )
            with view._exec_start(made, tty, end, stdin=input is not None) as attachment:
                output = attachment.read() if input is None else attachment.communicate(input)
        except DockerError as error:
            if not whole.has_cut(error):
                raise
            then = self._ending(time.monotonic() + _TO_LOOK)._what_goes_on(made)
            so_far = getattr(error, "output", None) or Output()
            raise whole.error("exec_run: not done", then, output=so_far, id=made) from error
        exit_code = end.exit_code
        if check and exit_code != 0:
            raise command_failed(repr(command), exit_code, output)
        return models.exec.ExecResult(exit_code=exit_code, output=output)

    def _what_goes_on(self, id: str) -> str:
        """The state of an exec after its timeout, for the message."""
        if not id:
            return "nothing was started"
        try:
            found = self.exec_inspect(id)
        except DockerError:
            return f"what became of exec {id} is not known"
        if not found.running:
            return f"exec {id} does not run"
        process = f" as process {found.pid} of the Engine's host" if found.pid else ""
        return f"exec {id} goes on{process}"


# What Engines write into an exec's output after a detach by keys (20.10, 26.1, 28.5).
_SIGN = b"exec attach failed: error on attach stdin: read escape sequence\r\n"
_BEGINNING = _SIGN[:18]


def _without_sign(end: ExecEnd, batches: Iterator[Batch]) -> Iterator[Batch]:
    """A terminal's output without `_SIGN`, if detach keys ended it."""
    held = b""
    try:
        for _, pieces in batches:
            data = held + b"".join(pieces)
            at = data.rfind(_BEGINNING)
            held = data[at:] if at >= 0 and _SIGN.startswith(data[at:]) else b""
            end.ends_with_sign = held == _SIGN
            if passed := data.removesuffix(held):
                yield ["stdout"], [passed]
    except DockerError:
        if held:
            yield ["stdout"], [held]
        raise
    if held and not (held == _SIGN and end.was_left):
        yield ["stdout"], [held]


def exec_body(
    command: str | Sequence[str],
    *,
    stdin: bool,
    stdout: bool = True,
    stderr: bool = True,
    tty: bool,
    detach_keys: str | None = None,
    env: Mapping[str, str | None] | Sequence[str] | None,
    privileged: bool | None,
    user: str | None,
    working_dir: str | None,
    console_size: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """The body of `POST /containers/{id}/exec`, in the newest shape."""
    words = list(named("command", models.kinds.command_line, command))
    if not words:
        raise ValueError(f"command: a program was expected, not {command!r}")
    return {
        "AttachStdin": stdin,
        "AttachStdout": stdout,
        "AttachStderr": stderr,
        "Tty": tty,
        "Cmd": words,
        "DetachKeys": text("detach_keys", detach_keys),
        "Env": None if env is None else list(named("env", models.kinds.environment, env)),
        "Privileged": privileged,
        "User": text("user", user),
        "WorkingDir": text("working_dir", working_dir),
        "ConsoleSize": console(console_size, tty=tty),
    }


def console(size: tuple[int, int] | None, *, tty: bool | None) -> list[int] | None:
    """A terminal's height and width for a body; `tty` says if there is one, None if unknown."""
    if size is None:
        return None
    height, width = named("console_size", models.kinds.CONSOLE_SIZE.check, size)
    if tty is False:
        raise ValueError("console_size: it is that of a TTY, and there is none")
    return [*terminal_size(height, width).values()]
