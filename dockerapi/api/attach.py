"""The logs of a container, and its attached streams (manual v1.19, section 2.1)."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..archive.source import Data, check_data
from ..errors import Conflict
from ..protocol.reference import ContainerRef, container_id
from ..protocol.wire import FrameDecoder, RawDecoder
from ..streams import Attachment, FrameStream
from .containers import ContainersMixin
from .ends import ContainerEnd, LogEnd
from .parameters import Timestamp, outputs, text, timestamp, whole

if TYPE_CHECKING:
    from ..models.containers import Container
    from ..registry.credentials import StoredCredentials
    from ..transport import Transport
    from ..transport.hijack import DuplexStream


class AttachMixin(ContainersMixin):
    """The output of containers, and their input."""

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
        details: bool = False,
    ) -> FrameStream:
        """The output of a container so far; the caller closes the stream.

        The Engine's log driver may have replaced bytes that are not UTF-8 by U+FFFD (json-file
        does); `attach` and `run` give the exact bytes.

        Args:
            stdout, stderr: the outputs to read.
            follow: go on with new output until the container ends; iterating then blocks.
            timestamps: each line begins with the time at which the Engine read it, in RFC 3339. The
                Engine stores a long line in pieces of 16 KiB, and each piece begins with its own
                time.
            tail: at most so many of the last lines, None for all; API 1.13 and later.
            since, until: only output from, or up to, this time: a datetime with a zone, unix
                seconds (a number, a Decimal or text), a time that an Engine wrote in RFC 3339, or
                nanoseconds such as `Event.time_nano`; API 1.19, 1.35.
            details: each line has, after the time, the labels and variables of the container that
                the log driver was told to keep, as `name=value,...` and a blank; API 1.23 and
                later.

        Raises:
            ContainerNotFound: no such container.
            ValueError: neither stdout nor stderr is wanted.

        Source: manual v1.19, "Get container logs".
        """
        query = {
            **outputs("logs", stdout, stderr),
            "follow": follow or None,
            "timestamps": timestamps or None,
            "tail": whole("tail", tail),
            "since": timestamp("since", since),
            "until": timestamp("until", until),
            "details": details or None,
        }
        subject = container_id(id)
        asked = self._transport.require("GET /containers/{id}/logs", query=query)
        # Raw output has no end mark, and a proxy may set one after a cut. An object that is made
        # before the stream is opened confirms the end.
        is_raw = asked.route == "POST /containers/{id}/attach"
        end: ContainerEnd | LogEnd
        tty = None if follow else self._transport.terminals.get(subject)
        if tty is not None:
            end = LogEnd(self._transport, subject)
        else:
            container = self.inspect_container(subject)
            tty = bool(container.config.tty)
            self._transport.remember_terminal(container.id, tty)
            if follow and (is_raw or (container.state.running and until is None)):
                end = ContainerEnd(self._transport, container, detachable=False)
            else:
                end = LogEnd(self._transport, container.id)
        body = self._transport.stream(asked, subject)
        # In HTTP/1.0 nothing proves the end: a log may be far behind its container.
        is_unknown = not (body.marked or is_raw)
        return FrameStream(body, self._frames(tty), None if body.is_sure or is_unknown else end)

    def _frames(self, tty: bool) -> FrameDecoder:
        return self._transport.negotiated.frames(tty=tty)

    def attach(
        self,
        id: ContainerRef,
        *,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
        detach_keys: str | None = None,
    ) -> Attachment:
        """A container's streams, live; the caller closes them.

        Attach before the start, and no output is missed. `stdin` needs a container created with
        `ContainerConfig(open_stdin=True)`. `close_stdin` needs `stdin_once=True` as well: otherwise
        the Engine keeps the input open for the next client, and ends the output instead. Over TCP
        an input that can be ended gets its own connection, since proxies such as nginx close both
        directions when one ends.

        The stream itself has no end mark. At the end of a read, the Engine is therefore asked
        whether the container has ended. If it has not, or if the Engine does not answer, the read
        raises `StreamInterrupted`, after a few seconds at most. With `stdin` and a TTY, detach keys
        (ctrl-p ctrl-q) may end the stream; then the Engine must have an event for them. With
        `stream=False` it is enough that the Engine answers, so a cut may pass for the end (`logs`
        marks its end).

        Args:
            stdin: the stream can write to the container's input.
            stdout, stderr: the outputs to read.
            logs: begin with the output so far. Output written at that moment may come twice, as the
                Engine reads its log while the stream is already open (20.10 and 28.5, seen).
            stream: go on with new output.
            detach_keys: keys that detach from a TTY, e.g. `ctrl-p,ctrl-q`; API 1.22 and later. None
                takes those of `config.json`, if set there.

        Raises:
            ContainerNotFound: no such container.
            Conflict: the container has ended, before or during the attach, or was removed without
                having been started (the Engine would then answer and stay silent forever); `logs`
                reads an ended container. Or `stdin` for a container created without `open_stdin`.
                Or `logs` with a log driver that keeps nothing.
            StreamInterrupted: while reading: the container ended during the attach, after some
                output.
            UnexpectedReply: `stdin`, and a proxy in front of the Engine does not pass input on.
            ValueError: no stream is wanted.

        Source: manual v1.19, "Attach to a container".
        """
        query = {
            **attach_query(stdin=stdin, stdout=stdout, stderr=stderr, logs=logs, stream=stream),
            "detachKeys": keys_that_detach(
                self._transport, self._credentials, detach_keys, stdin=stdin
            ),
        }
        return self._attach(id, query)[0]

    def _attach(
        self, id: ContainerRef, query: Mapping[str, Any], *, created: Container | None = None
    ) -> tuple[Attachment, ContainerEnd | LogEnd]:
        """The attachment, and the object that confirms its end.

        A container that the caller has `created`, and starts next, is not inspected before the
        attach, and needs no watch for a container that never writes.
        """
        subject = container_id(id)
        route = "POST /containers/{id}/attach"
        asked, second = self._transport.require(route, query=query), None
        container = created or self._attachable(subject, query)
        tty, stdin = bool(container.config.tty), query["stdin"]
        no_end = self._transport.negotiated.no_end_of_input(
            tty=tty, once=bool(container.config.stdin_once)
        )
        has_output = query["stdout"] or query["stderr"]
        # A proxy may close both directions at the end of the input; here it cannot close the
        # output.
        if stdin and has_output and no_end is None and self._transport.endpoint.host:
            asked = self._transport.require(route, query={**query, "stdin": False})
            second = self._transport.require(route, query={**query, **_INPUT})
        end: ContainerEnd | LogEnd = LogEnd(self._transport, container.id)
        if query["stream"]:
            end = ContainerEnd(
                self._transport,
                container,
                detachable=stdin and tty,
                has_output=has_output,
            )
        connection = self._transport.hijack(
            asked,
            subject,
            no_half_close=no_end,
            input=stdin,
            input_request=second,
        )
        attachment = Attachment(connection, self._frames(tty), end, no_input=_no_input(stdin))
        end.connection = weakref.ref(connection)
        if isinstance(end, ContainerEnd) and created is None:
            self._watch(attachment, end, connection)
        return attachment, end

    def _watch(self, attachment: Attachment, end: ContainerEnd, connection: DuplexStream) -> None:
        try:
            end.watch(connection)
        except BaseException:
            attachment.close()
            raise

    def attach_websocket(
        self,
        id: ContainerRef,
        *,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
        detach_keys: str | None = None,
    ) -> Attachment:
        """The same as `attach`, over a websocket, which passes proxies that only know HTTP.

        Needs the extra: `pip install 'dockerapi[websocket]'`. A websocket has no frames: stdout and
        stderr arrive mixed, as "stdout". Its input cannot be ended: `close_stdin` raises
        `NotSupported`.

        Arguments and errors are those of `attach`.
        Source: manual v1.19, "Attach to a container (websocket)".
        """
        subject = container_id(id)
        query = {
            **attach_query(stdin=stdin, stdout=stdout, stderr=stderr, logs=logs, stream=stream),
            "detachKeys": keys_that_detach(
                self._transport, self._credentials, detach_keys, stdin=stdin
            ),
        }
        asked = self._transport.require("GET /containers/{id}/attach/ws", query=query)
        container = self._attachable(subject, query)
        connection = self._transport.websocket(asked, subject)
        attachment = Attachment(connection, RawDecoder(), no_input=_no_input(stdin))
        if stream:
            end = ContainerEnd(self._transport, container, detachable=False)
            self._watch(attachment, end, connection)
        return attachment

    def _attachable(self, subject: str, query: Mapping[str, Any]) -> Container:
        """Inspects the container, and refuses what Engines answer with 200 and then silence.

        Those are an attach to an ended container, and input for a container that has none.
        """
        container = self.inspect_container(subject)
        state, host = container.state, container.host_config
        trouble = None
        if query["stdin"] and container.config.open_stdin is False:
            trouble = "was created without open_stdin=True: it has no input to attach to"
        driver = None if host is None or host.log_config is None else host.log_config.type
        if query["logs"] and driver == "none":
            trouble = f"has the log driver {driver}, which keeps nothing: there are no logs"
        if trouble is not None:
            raise Conflict(
                f"container {subject} {trouble}", route="POST /containers/{id}/attach", status=409
            )
        if query["stream"] and state.status in ("exited", "dead", "removing"):
            raise Conflict(
                f"container {subject} is {state.status} (exit code {state.exit_code}): there is "
                "nothing to attach to; logs() gives what it wrote",
                route="POST /containers/{id}/attach",
                status=409,
            )
        return container


_INPUT = {"stdin": True, "stdout": False, "stderr": False, "logs": False}


def attach_query(
    *,
    stdin: bool,
    stdout: bool = True,
    stderr: bool = True,
    logs: bool = False,
    stream: bool = True,
) -> dict[str, bool]:
    """The query of an attach; ValueError for one that would transfer nothing."""
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


def keys_that_detach(
    transport: Transport, stored: StoredCredentials, given: str | None, *, stdin: bool
) -> str | None:
    """The detach keys: those given or, if the stream can write, those of `config.json`.

    Keys of `config.json` are left out if the API version has no detach keys: they are only a
    default.
    """
    if given is not None or not stdin:
        return text("detach_keys", given)
    keys = stored.detach_keys()
    route = "POST /containers/{id}/attach"
    return keys if keys and transport.supports(route, query="detachKeys") else None


def _no_input(stdin: bool) -> str | None:
    return None if stdin else "it was attached to without stdin=True"


def check_input(
    transport: Transport, method: str, input: Data, *, tty: bool, exec_route: str | None = None
) -> None:
    """Refuses input whose end could not be sent, before anything is created.

    `exec_route` is a route that an exec needs, and None for a container. If the Engine lacks the
    route, the error names the route and not the input.
    """
    check_data("input", input)
    if tty:
        raise ValueError(f"{method}: input needs an end, which a TTY's input has not: tty=True")
    if exec_route is not None:
        transport.require(exec_route)
    refusal = transport.negotiated.no_end_of_input(exec=exec_route is not None)
    if refusal is not None:
        raise refusal
