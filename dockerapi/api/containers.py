"""Containers (manual v1.19, section 2.1)."""

from __future__ import annotations

import contextlib
import signal as signals
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .. import models
from ..errors import (
    Conflict,
    ContainerNotFound,
    NotFound,
    NotSupported,
    OperationFailed,
    PathNotFound,
    TimedOut,
    UnexpectedReply,
    shown,
)
from ..link import Source, opened
from ..protocol.reference import (
    ContainerRef,
    ImageRef,
    container_id,
    container_name,
    image_name,
    link_name,
)
from ..protocol.wire import FrameDecoder, Terminal
from ..streams import Archive, Attachment, ByteStream, FrameStream, ValueStream
from .ends import ContainerEnd, LogEnd
from .parameters import (
    Filters,
    Timestamp,
    joined_filters,
    signal_name,
    terminal_size,
    text,
    timestamp,
    whole,
)

if TYPE_CHECKING:
    from ..models.config import ContainerConfig, HostConfig, NetworkingConfig
    from ..models.containers import (
        Change,
        Container,
        ContainerSummary,
        Created,
        Processes,
        Stats,
    )
    from ..transport import Transport

STAT_HEADER = "X-Docker-Container-Path-Stat"


class ContainersMixin:
    """Containers: create, look at, talk to, stop, remove."""

    _transport: Transport

    def containers(
        self,
        *,
        all: bool = False,
        size: bool = False,
        limit: int | None = None,
        since: ContainerRef | None = None,
        before: ContainerRef | None = None,
        filters: Filters | None = None,
    ) -> list[ContainerSummary]:
        """The containers that run, newest first; with `all`, the others too.

        Args:
            all: those that are stopped or were never started, too.
            size: also compute `size_rw` and `size_root_fs`, which can take seconds.
            limit: only the newest so many, stopped ones included.
            since, before: only those created after, or before, this container, stopped ones
                included.
            filters: e.g. `{"label": "env=ci", "status": ["exited", "dead"]}`; API 1.12 and later.

        Raises:
            ValueError: `since` or `before` is in `filters`, too.
            BadRequest: a filter that the Engine does not know (ServerError before 1.24).

        Source: manual v1.19, "List containers".
        """
        wanted = joined_filters(
            filters,
            since=None if since is None else container_id(since),
            before=None if before is None else container_id(before),
        )
        # Engines from 1.10.0 on leave the stopped ones out here, unless they are asked for.
        by_age = since is not None or before is not None
        query = {
            "all": all or by_age or None,
            "size": size or None,
            "limit": whole("limit", limit, least=1),
            "filters": wanted,
        }
        reply = self._transport.call("GET /containers/json", query=query)
        return models.base.rows(models.containers.ContainerSummary, reply.json())

    def create_container(
        self,
        image: ImageRef,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        config: ContainerConfig | None = None,
        host_config: HostConfig | None = None,
        networking: NetworkingConfig | None = None,
        platform: str | None = None,
    ) -> Created:
        """A new container, not started: its `id`, and the Engine's `warnings`.

        Args:
            image: what it is made from; it must be there (`run` pulls it, this does not).
            command: a list of the program and its arguments; a string is split as a shell would,
                without any expansion. None takes the image's.
            name: its name; None lets the Engine choose.
            config: everything else about the container itself.
            host_config: what it gets of the host: binds, ports, limits ...; API 1.15 and later
                (before, give it to `start`).
            networking: the networks it joins; API 1.22 and later.
            platform: e.g. `linux/arm64`; API 1.41 and later.

        Raises:
            ImageNotFound: there is no such image, or none for the platform.
            ContainerNotFound, NetworkNotFound, VolumeNotFound, PluginNotFound: what it is to be
                connected with is not there. (Some Engines answer `BadRequest` for some of it, and
                most look for networks at the start only.)
            Conflict: the name is taken.
            ValueError: `config` names another image or command.

        Source: manual v1.19, "Create a container".
        """
        body = create_body(image, command, config, host_config, networking)
        return self._create(body, name, platform)

    def _create(self, body: dict[str, Any], name: str | None, platform: str | None) -> Created:
        query = {
            "name": None if name is None else container_name(name),
            "platform": text("platform", platform, empty=False),
        }
        route = "POST /containers/create"
        reply = self._transport.call(route, query=query, body=body)
        created = models.containers.Created.parse(reply.json())
        if not created.id:  # which is read here and now
            raise UnexpectedReply(f"{route}: an Id was expected: {created.raw}", raw=created.raw)
        return created

    def inspect_container(self, id: ContainerRef, *, size: bool = False) -> Container:
        """Everything that the Engine knows of a container.

        Args:
            size: also compute `size_rw` and `size_root_fs`; API 1.21 and later.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Inspect a container".
        """
        reply = self._transport.call(
            "GET /containers/{id}/json", container_id(id), query={"size": size or None}
        )
        return models.containers.Container.parse(reply.json())

    def top(self, id: ContainerRef, *, ps_args: str | None = None) -> Processes:
        """The processes that run in a container, as `ps` on the host shows them.

        Args:
            ps_args: arguments of `ps`, e.g. `aux`.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it does not run; ServerError before API 1.24.

        Source: manual v1.19, "List processes running inside a container".
        """
        reply = self._transport.call(
            "GET /containers/{id}/top",
            container_id(id),
            query={"ps_args": text("ps_args", ps_args)},
        )
        return models.containers.Processes.parse(reply.json())

    def logs(
        self,
        id: ContainerRef,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = False,
        timestamps: bool = False,
        tail: int | None = None,
        since: Timestamp | None = None,
        until: Timestamp | None = None,
    ) -> FrameStream:
        """What a container has written; the caller closes the stream.

        The Engine's log driver may have replaced bytes that are not UTF-8 by U+FFFD (json-file
        does); `attach` and `run` give them exactly.

        Args:
            stdout, stderr: the outputs that are wanted.
            follow: go on with what it writes from now on, until it ends; iterating then blocks.
            timestamps: each line begins with the time the Engine got it, in RFC 3339.
            tail: only the last so many lines, None for all; API 1.13 and later.
            since, until: only what was written from, or up to, this time; API 1.19, 1.35.

        Raises:
            ContainerNotFound: no such container.
            ValueError: neither of the streams is wanted.

        Source: manual v1.19, "Get container logs".
        """
        if not stdout and not stderr:
            raise ValueError("logs: stdout and stderr are both False; nothing is left to read")
        query = {
            "stdout": stdout,
            "stderr": stderr,
            "follow": follow or None,
            "timestamps": timestamps or None,
            "tail": whole("tail", tail),
            "since": timestamp("since", since),
            "until": timestamp("until", until),
        }
        route = "GET /containers/{id}/logs"
        subject = container_id(id)
        self._transport.require(route, query=query)
        container = self.inspect_container(subject)
        end = self._end(container, stream=follow)
        body = self._transport.stream(route, subject, query=query)
        return FrameStream(body, self._frames(container), None if body.marked else end)

    def _frames(self, container: Container) -> FrameDecoder:
        return self._transport.frames(tty=bool(container.config.tty))

    def _end(
        self, container: Container, *, stream: bool, stdin: bool = False
    ) -> ContainerEnd | LogEnd:
        """What confirms the end of its raw output; to be made before the stream is opened."""
        if not stream:
            return LogEnd(self._transport, container)
        detachable = stdin and bool(container.config.tty)
        return ContainerEnd(self._transport, container, detachable=detachable)

    def diff(self, id: ContainerRef) -> list[Change]:
        """What a container has modified, added or deleted in its file system.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Inspect changes on a container's filesystem".
        """
        reply = self._transport.call("GET /containers/{id}/changes", container_id(id))
        return models.base.rows(models.containers.Change, reply.json())

    def export(self, id: ContainerRef) -> ByteStream:
        """A container's whole file system as a tar archive; the caller closes the stream.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Export a container".
        """
        return ByteStream(self._transport.stream("GET /containers/{id}/export", container_id(id)))

    def stats(self, id: ContainerRef) -> Stats:
        """What a container uses now; takes a second or two, since rates need two readings.

        All figures are 0 or None if it does not run.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Get container stats based on resource usage".
        """
        # Below API 1.19 this is a stream without end: one value is read, and the line hung up.
        route = "GET /containers/{id}/stats"
        body = self._transport.stream(route, container_id(id), query={"stream": False})
        with ValueStream(body, models.containers.Stats.parse) as stream:
            for value in stream.rest():
                return value
        raise UnexpectedReply(f"{route}: the Engine ended the stream without a value")

    def stream_stats(self, id: ContainerRef) -> ValueStream[Stats]:
        """What a container uses, about once a second; the caller closes the stream.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Get container stats based on resource usage".
        """
        return ValueStream(
            self._transport.stream("GET /containers/{id}/stats", container_id(id)),
            models.containers.Stats.parse,
        )

    def resize(self, id: ContainerRef, *, height: int, width: int) -> None:
        """Sets the size of a running container's TTY, in characters.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it does not run; ServerError from older Engines.

        Source: manual v1.19, "Resize a container TTY".
        """
        self._transport.call(
            "POST /containers/{id}/resize", container_id(id), query=terminal_size(height, width)
        )

    def start(self, id: ContainerRef, *, host_config: HostConfig | None = None) -> None:
        """Starts a container; one that runs already is left as it is.

        Args:
            host_config: what it gets of the host, for API 1.3 to 1.14; from 1.15 to 1.23 this
                *replaces* what was given at creation, from 1.24 on it is refused.

        Raises:
            ContainerNotFound: no such container.
            NetworkNotFound: it is to join a network that is not there.
            BadRequest: its command is not in the image, or cannot be run.

        Source: manual v1.19, "Start a container".
        """
        body = None if host_config is None else host_config.to_wire()
        self._transport.call("POST /containers/{id}/start", container_id(id), body=body)

    def stop(self, id: ContainerRef, *, timeout: int | None = None) -> None:
        """Asks a container to end, and kills it after a while; blocks until it has ended.

        One that is stopped already is left alone.

        Args:
            timeout: seconds until it is killed. None takes the container's own, 10 if it has none,
                and waits without bound, or for `Timeouts(idle=)`.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Stop a container".
        """
        self._halt("POST /containers/{id}/stop", id, timeout)

    def restart(self, id: ContainerRef, *, timeout: int | None = None) -> None:
        """Stops a container as `stop` does, and starts it again.

        Args:
            timeout: as in `stop`.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Restart a container".
        """
        self._halt("POST /containers/{id}/restart", id, timeout)

    def _halt(self, route: str, id: ContainerRef, timeout: int | None) -> None:
        seconds = whole("timeout", timeout)
        # A container's own stop timeout is not known here and may be long: no bound then.
        self._transport.call(route, container_id(id), query={"t": seconds}, extra_time=seconds)

    def kill(self, id: ContainerRef, *, signal: str | int | signals.Signals | None = None) -> None:
        """Sends a signal to a container; SIGKILL if none is given.

        Args:
            signal: a name with or without SIG, a number, or a `signal.Signals`.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it does not run (API 1.20 and later; before, nothing happens).

        Source: manual v1.19, "Kill a container".
        """
        self._transport.call(
            "POST /containers/{id}/kill", container_id(id), query={"signal": signal_name(signal)}
        )

    def rename(self, id: ContainerRef, name: str) -> None:
        """Gives a container another name.

        Raises:
            ContainerNotFound: no such container.
            Conflict: the name is taken.

        Source: manual v1.19, "Rename a container".
        """
        self._transport.call(
            "POST /containers/{id}/rename", container_id(id), query={"name": container_name(name)}
        )

    def pause(self, id: ContainerRef) -> None:
        """Freezes all processes of a container.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it does not run, or is paused already; ServerError from older Engines.

        Source: manual v1.19, "Pause a container".
        """
        self._transport.call("POST /containers/{id}/pause", container_id(id))

    def unpause(self, id: ContainerRef) -> None:
        """Lets a paused container go on.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not paused; ServerError from older Engines.

        Source: manual v1.19, "Unpause a container".
        """
        self._transport.call("POST /containers/{id}/unpause", container_id(id))

    def attach(
        self,
        id: ContainerRef,
        *,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
    ) -> Attachment:
        """A container's streams, live; the caller closes them.

        A container that was created but not started can be attached to: nothing it writes is
        missed then. Its input must have been opened with `ContainerConfig(open_stdin=True)`. For
        `close_stdin` it must have been made with `stdin_once=True` as well: otherwise its input
        stays open for the next one who attaches, and the Engine ends the output instead.

        Nothing marks the end of such a stream. Whoever reads to it has the Engine asked whether the
        container has ended, too; if not, or if nobody tells, reading raises `StreamInterrupted`,
        after at most a few seconds. Two ends are taken for ends that may be none: with `stdin` and
        a TTY, where keys (ctrl-p ctrl-q) detach from what goes on; and with `stream=False`, where
        only the Engine must still answer (`logs` has marked ends).

        Args:
            stdin: be able to write to its input.
            stdout, stderr: the outputs that are wanted.
            logs: begin with what it has written so far.
            stream: go on with what it writes from now on.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it has ended (Engines answer and then stay silent for ever); `logs` reads it.
            ValueError: nothing is wanted.

        Source: manual v1.19, "Attach to a container".
        """
        subject = container_id(id)
        query = _attach_query(stdin, stdout, stderr, logs, stream)
        container = self._attachable(subject, stream=stream)
        end = self._end(container, stream=stream, stdin=stdin)
        connection = self._transport.hijack(
            "POST /containers/{id}/attach",
            subject,
            query=query,
            no_half_close=no_end_of_input(
                tty=bool(container.config.tty), once=bool(container.config.stdin_once)
            ),
        )
        return Attachment(connection, self._frames(container), end)

    def attach_websocket(
        self,
        id: ContainerRef,
        *,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
    ) -> Attachment:
        """The same as `attach`, over a websocket, for what lets only HTTP through.

        Needs the extra: `pip install 'dockerapi[websocket]'`. Websockets are not framed: stdout
        and stderr come as one, as "stdout". Their input cannot be ended: `close_stdin` raises
        `NotSupported`.

        Arguments and errors are those of `attach`.

        Source: manual v1.19, "Attach to a container (websocket)".
        """
        subject = container_id(id)
        query = _attach_query(stdin, stdout, stderr, logs, stream)
        route = "GET /containers/{id}/attach/ws"
        self._transport.require(route, query=query)
        self._attachable(subject, stream=stream)
        return Attachment(self._transport.websocket(route, subject, query=query), Terminal())

    def _attachable(self, subject: str, *, stream: bool) -> Container:
        """The container; refused if it has ended: Engines answer 200 and then never say a word."""
        container = self.inspect_container(subject)
        state = container.state
        if stream and state.status in ("exited", "dead", "removing"):
            raise Conflict(
                f"container {subject} is {state.status} (exit code {state.exit_code}): there is "
                "nothing to attach to; logs() gives what it wrote",
                route="POST /containers/{id}/attach",
                status=409,
            )
        return container

    def wait(
        self, id: ContainerRef, *, condition: str | None = None, timeout: float | None = None
    ) -> int:
        """The exit code of a container; blocks until it has ended.

        One that was never started does not run: its 0 comes at once, unless `condition` says what
        is waited for.

        Args:
            condition: `not-running` (the default), `next-exit` or `removed`; API 1.30 and later.
            timeout: seconds to wait at most; None waits without bound.

        Raises:
            ContainerNotFound: no such container.
            TimedOut: it still ran after `timeout` seconds.
            OperationFailed: the Engine reports an error with the exit.

        Source: manual v1.19, "Wait a container".
        """
        return self._wait(self._transport, id, condition, timeout)

    def _wait(
        self,
        transport: Transport,
        id: ContainerRef,
        condition: str | None = None,
        timeout: float | None = None,
    ) -> int:
        route = "POST /containers/{id}/wait"
        waiting = transport.with_timeouts(attrs.evolve(transport.timeouts, read=timeout))
        subject = container_id(id)
        if condition not in (None, "not-running", "next-exit", "removed"):
            raise ValueError(
                f"condition: not-running, next-exit or removed was expected, not {condition!r}"
            )
        try:
            reply = waiting.call(route, subject, query={"condition": condition}).json()
        except TimedOut as error:
            if error.kind != "read":
                raise
            words = f"container {subject} has not ended within {error.seconds:g} seconds"
            raise TimedOut(words, kind="read", seconds=error.seconds) from error
        code = reply.get("StatusCode") if isinstance(reply, dict) else None
        if isinstance(code, bool) or not isinstance(code, int):
            raise UnexpectedReply(
                f"{route}: a StatusCode was expected, not {shown(reply)}", raw=reply
            )
        if reply.get("Error"):
            raise OperationFailed(str(reply["Error"].get("Message")), route=route, code=code)
        return code

    def remove_container(
        self, id: ContainerRef, *, volumes: bool = False, link: bool = False, force: bool = False
    ) -> None:
        """Removes a container; blocks as long as the Engine takes, or for `Timeouts(idle=)`.

        Args:
            volumes: its anonymous volumes, too.
            link: `id` is the name of a link, `parent/alias`; remove that, and no container.
            force: kill it first if it runs; API 1.10 and later.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it runs, and `force` is not given; other classes from older Engines.

        Source: manual v1.19, "Remove a container".
        """
        subject = link_name(id) if link else container_id(id)
        query = {"v": volumes or None, "link": link or None, "force": force or None}
        self._transport.call("DELETE /containers/{id}", subject, query=query, extra_time=None)

    def get_archive(self, id: ContainerRef, path: str) -> Archive:
        """A file or directory of a container as a tar archive.

        The caller closes the stream. The archive's `stat` describes the path itself; it is None
        below API 1.20, where this is the manual's "Copy files or folders from a container".

        Args:
            path: in the container.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: no such path in it; ServerError from Engines before 1.8.0.

        Source: manual v1.19, "Copy files or folders from a container".
        """
        subject, query = container_id(id), {"path": path_in_container(path)}
        with self._naming_path(subject, path):
            body = self._transport.stream("GET /containers/{id}/archive", subject, query=query)
        encoded = body.headers.get(STAT_HEADER)
        try:
            stat = None if encoded is None else models.containers.PathStat.from_header(encoded)
            return Archive(body, stat)
        except UnexpectedReply:
            body.close()
            raise

    def put_archive(
        self,
        id: ContainerRef,
        path: str,
        data: Source,
        *,
        no_overwrite_dir_non_dir: bool = False,
        copy_uid_gid: bool = False,
    ) -> None:
        """Unpacks a tar archive into a directory of a container. API 1.20 and later.

        Blocks as long as the Engine takes, or for `Timeouts(idle=)`.

        Args:
            path: a directory in the container, which must be there.
            data: the archive (plain, gzip, bzip2 or xz): the path of a file, or bytes, a file
                object, an iterable of bytes.
            no_overwrite_dir_non_dir: refuse to replace a directory by a file, or the reverse.
            copy_uid_gid: give the files to the user of the container, if it was made with one; API
                1.30 and later. Otherwise they have the numbers of owner and group in the archive.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: no such directory in it.
            BadRequest: the path is no directory, or the data no archive.
            Forbidden: the file system is read-only.
            OSError: a file cannot be read, or changed its size while it was sent.
        """
        query = {
            "path": path_in_container(path),
            "noOverwriteDirNonDir": no_overwrite_dir_non_dir or None,
            "copyUIDGID": copy_uid_gid or None,
        }
        route = "PUT /containers/{id}/archive"
        subject = container_id(id)
        with opened(data) as content, self._naming_path(subject, path):
            self._transport.call(
                route,
                subject,
                query=query,
                data=content,
                headers={"Content-Type": "application/x-tar"},
                extra_time=None,
            )

    @contextlib.contextmanager
    def _naming_path(self, subject: str, path: str) -> Iterator[None]:
        """Asks whether the container is there where a 404 has no words, as that of a HEAD."""
        try:
            yield
        except NotFound as error:
            if error.message:
                raise
            try:
                self._transport.call("GET /containers/{id}/json", subject)
            except ContainerNotFound as missing:
                raise ContainerNotFound(missing.message, route=error.route, status=404) from error
            words = f"no such path in the container: {path}"
            raise PathNotFound(words, route=error.route, status=404) from error


def create_body(
    image: ImageRef,
    command: str | Sequence[str] | None,
    config: ContainerConfig | None,
    host_config: HostConfig | None,
    networking: NetworkingConfig | None,
) -> dict[str, Any]:
    """What `POST /containers/create` is told, in the newest shape."""
    made = config or models.config.ContainerConfig()
    name = image_name(image)
    if made.image not in (None, name):
        raise ValueError(f"image: {name!r}, but config has {made.image!r}")
    if command is not None and made.command is not None:
        raise ValueError(f"command: {command!r}, but config has {made.command!r}, too")
    body = {**made.to_wire(), "Image": name}
    if command is not None:
        body["Cmd"] = list(models.settings.command_line(command))
    if host_config is not None:
        body["HostConfig"] = host_config.to_wire()
    if networking is not None:
        body["NetworkingConfig"] = networking.to_wire()
    return body


def _attach_query(
    stdin: bool, stdout: bool, stderr: bool, logs: bool, stream: bool
) -> dict[str, bool]:
    if not (stdin or stdout or stderr):
        raise ValueError("attach: none of stdin, stdout and stderr is wanted")
    if not (logs or stream):
        raise ValueError("attach: neither logs nor stream is wanted")
    if stdin and not stream:
        raise ValueError("attach: stdin needs stream=True")
    return {
        "stdin": stdin,
        "stdout": stdout,
        "stderr": stderr,
        "logs": logs,
        "stream": stream,
    }


def no_end_of_input(*, tty: bool, once: bool = True) -> NotSupported | None:
    """Why the input of a container or exec cannot be ended, if that is so.

    Engines then end the output instead, without a word (moby, container/stream/attach.go: only
    with StdinOnce and without a TTY is the input closed).
    """
    if tty:
        why = "a TTY's input has no end; write what ends it there, as a rule b'\\x04'"
    elif not once:
        why = "the container was created without stdin_once=True, so that its input stays open"
    else:
        return None
    return NotSupported(f"close_stdin: {why}", what="close_stdin")


def path_in_container(path: str) -> str:
    if not isinstance(path, str):
        raise TypeError(f"path: a string was expected, not {path!r}")
    if not path or "\0" in path:
        raise ValueError(f"path: empty, or with a NUL in it: {path!r}")
    return path
