"""Running a container from its image to its exit code (manual v1.19, section 3.1).

Create; if the image is missing, pull it and create again; *attach, then start*; read to the end;
wait. The manual attaches after the start, with `logs=1`. That hangs on a container that has already
exited, and replaces bytes that are not UTF-8 (seen on 20.10 and 28.5). Attaching before the start
is exact on every Engine since 0.3.3.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import models
from ..archive.source import Data
from ..errors import Conflict, DockerError, ImageNotFound, command_failed
from ..output import Output
from ..protocol.reference import ImageRef, container_name, is_image_id
from .attach import attach_query, check_input
from .containers import create_body
from .ends import ContainerEnd
from .images import ImagesMixin
from .operations import WholeTime, warn
from .wait import WaitMixin

if TYPE_CHECKING:
    from ..models.config import ContainerConfig, HostConfig, NetworkingConfig
    from ..models.containers import Container
    from ..models.exec import RunResult
    from ..registry.auth import Credentials
    from ..transport import Request
    from .images import OnProgress


_TO_TIDY_UP = 30.0  # seconds to kill or remove a container after a timeout


class RunMixin(WaitMixin, ImagesMixin):
    """Runs containers in one call."""

    def run(
        self,
        image: ImageRef,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        config: ContainerConfig | None = None,
        host_config: HostConfig | None = None,
        networking: NetworkingConfig | None = None,
        platform: str | None = None,
        input: Data | None = None,
        auth: Credentials | None = None,
        remove: bool = False,
        check: bool = False,
        progress: OnProgress | None = None,
        timeout: float | None = None,
    ) -> RunResult:
        """Runs a container to its end: its exit code and everything it wrote.

        Blocks until the end. A missing image is pulled. The output is exact, byte for byte: the
        container is attached to before it starts.

        Args:
            image, command, name, config, host_config, networking, platform: as in
                `create_container`; `host_config` may be given at every API version, and several
                networks from 1.22 on.
            input: the standard input of the container, followed by an end of file: bytes, a file
                object opened for reading bytes, or an iterable of bytes. None gives it no input.
            auth: credentials for pulling the image; None takes the stored ones, if any.
            remove: remove the container and its anonymous volumes afterwards, even if this call is
                interrupted.
            check: raise `CommandFailed` for an exit code other than 0.
            progress: called with every `Progress` of the pull, if the image is pulled.
            timeout: seconds for the whole call, the pull included; the client's timeouts still
                bound each wait. After a timeout the container is killed, or removed if `remove` is
                given, within 30 seconds more. None waits without bound.

        Raises:
            CommandFailed: `check` and a non-zero exit code.
            ImageNotFound, PullFailed: neither the Engine nor the registry has the image.
            ContainerNotFound, NetworkNotFound, VolumeNotFound, PluginNotFound: an object that the
                configuration names does not exist. (Some Engines answer `BadRequest` or
                `ServerError` for some of them.)
            StreamInterrupted: the output ended, and the Engine does not confirm that the container
                ended: the Engine was killed, or the connection was cut.
            TimedOut: the run was not done after `timeout` seconds: `.output` is the output so far,
                `.id` the container.
            ApiError: the container could not be started, e.g. its command does not exist; the
                container is removed in any case.
            ValueError: `host_config.auto_remove`, which would remove the exit code as well; or
                `input` with a TTY.

        Source: manual v1.19, section 3.1.
        """
        if host_config is not None and host_config.auto_remove:
            raise ValueError("run: auto_remove takes the exit code away; use remove=True instead")
        whole = WholeTime(timeout)
        view = self._ending(whole.ends)
        name = None if name is None else container_name(name)
        body = create_body(image, command, config, host_config, networking)
        body.update(AttachStdout=True, AttachStderr=True)
        if input is not None:
            check_input(view._transport, "run", input, tty=bool(body.get("Tty")))
            body.update(AttachStdin=True, OpenStdin=True, StdinOnce=True)
        id, started, output = "", False, Output()
        try:
            id, start = view._create_for_start(body, name, platform, auth, progress)
            streams = attach_query(stdin=input is not None)
            attachment, end = view._attach(id, streams, created=view._as_created(id, body))
            with attachment:
                view._transport.call(start, id)
                started = True
                output = attachment.read() if input is None else attachment.communicate(input)
            exit_code = end.exit_code if isinstance(end, ContainerEnd) else None
            if exit_code is None:
                # Without retry: a restarted Engine may report another exit code.
                exit_code = view._wait(view._transport.without_retry(), id)
            if check and exit_code != 0:
                raise command_failed(f"{body['Image']} {command or ''}", exit_code, output)
        except BaseException as error:
            cut = whole.has_cut(error)
            then = self._tidy_up(id, cut=cut, remove=remove or not started)
            if not cut:
                raise
            output = getattr(error, "output", None) or output
            raise whole.error("run: not done", then, output=output, id=id) from error
        if remove:
            self._remove(id)
        return models.exec.RunResult(exit_code=exit_code, output=output, container_id=id)

    def run_detached(
        self,
        image: ImageRef,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        config: ContainerConfig | None = None,
        host_config: HostConfig | None = None,
        networking: NetworkingConfig | None = None,
        platform: str | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> str:
        """Starts a new container in the background: its id.

        A missing image is pulled. Arguments and errors are those of `run`.
        """
        name = None if name is None else container_name(name)
        body = create_body(image, command, config, host_config, networking)
        id, start = self._create_for_start(body, name, platform, auth, progress)
        try:
            self._transport.call(start, id)
        except BaseException:
            self._remove_after_failure(id)
            raise
        return id

    def _create_for_start(
        self,
        body: dict[str, Any],
        name: str | None,
        platform: str | None,
        auth: Credentials | None,
        progress: OnProgress | None,
    ) -> tuple[str, Request]:
        """The id of a new container, and the request that starts it."""
        at_create, at_start = self._transport.negotiated.split_create_body(
            self._join_by_one_word(body)
        )
        at_create, further = self._transport.negotiated.split_networks(at_create)
        # Checked before the creation, since a later refusal would leave a container behind.
        start = self._transport.require("POST /containers/{id}/start", body=at_start)
        connect = "POST /networks/{id}/connect"
        if further:
            self._transport.require("POST /containers/create", body=at_create)
        for endpoint in further.values():
            self._transport.require(connect, body={"EndpointConfig": endpoint})
        id = self._create_or_pull(at_create, name, platform, auth, progress)
        try:
            for network, endpoint in further.items():
                body = {"Container": id, "EndpointConfig": endpoint}
                self._transport.call(connect, network, body=body)
        except BaseException:
            self._remove_after_failure(id)
            raise
        return id, start

    def _as_created(self, id: str, body: dict[str, Any]) -> Container:
        """A container that was not started yet: as it was asked for, or as the Engine tells it."""
        if self._transport.negotiated.creates_as_the_image_says:
            return self.inspect_container(id)
        state = {"Status": "created", "ExitCode": 0}
        host_config = body.get("HostConfig")
        return models.containers.Container.parse(
            {"Id": id, "State": state, "Config": body, "HostConfig": host_config}
        )

    def _remove(self, id: str) -> None:
        """Removes a container, running or not, with its anonymous volumes."""
        force = self._transport.supports("DELETE /containers/{id}", query="force")
        if not force:  # below API 1.10, where killing an ended container does nothing
            self.kill(id)
        self.remove_container(id, volumes=True, force=force)

    def _tidy_up(self, id: str, *, cut: bool, remove: bool) -> str:
        """Removes or kills the container of a failed run: the outcome in words."""
        if not id:
            return "no container was started"
        view = self._ending(time.monotonic() + _TO_TIDY_UP) if cut else self
        if remove:
            return view._remove_after_failure(id)
        return view._kill_after_failure(id) if cut else ""

    def _remove_after_failure(self, id: str) -> str:
        """Removes a container after a failure: the outcome in words; errors are only logged."""
        try:
            self._remove(id)
        except DockerError as error:
            warn(__name__, "run: the container %s is left behind: %s", id, error)
            return f"container {id} could not be removed"
        return f"container {id} was removed"

    def _kill_after_failure(self, id: str) -> str:
        """Kills a container after a failure: the outcome in words; errors are only logged."""
        try:
            self.kill(id)
        except Conflict:
            return f"container {id} had ended"
        except DockerError as error:
            warn(__name__, "run: the container %s may still run: %s", id, error)
            return f"container {id} could not be killed"
        return f"container {id} was killed"

    def _create_or_pull(
        self,
        body: dict[str, Any],
        name: str | None,
        platform: str | None,
        auth: Credentials | None,
        progress: OnProgress | None,
    ) -> str:
        """The id of a new container; a missing image is pulled first."""
        try:
            return self._create(body, name, platform).id
        except ImageNotFound:
            if is_image_id(body["Image"]):
                raise
            self.pull(body["Image"], platform=platform, auth=auth, progress=progress)
            return self._create(body, name, platform).id
