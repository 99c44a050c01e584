"""Checkpoints of containers, on experimental Engines with criu; in no manual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models
from ..protocol.reference import ContainerRef, checkpoint_name, container_id
from .parameters import folder

if TYPE_CHECKING:
    from ..models.containers import Checkpoint
    from ..transport import Transport


class CheckpointsMixin:
    """Saved states of running containers."""

    _transport: Transport

    def checkpoints(self, id: ContainerRef, *, directory: str | None = None) -> list[Checkpoint]:
        """The checkpoints of a container; experimental, API 1.25 and later.

        Args:
            directory: where they are on the Engine's host; None is the Engine's own place.

        Raises:
            ContainerNotFound: no such container.
            ServerError: the Engine is not experimental.
        """
        query = {"dir": folder("directory", directory)}
        reply = self._transport.call(
            "GET /containers/{id}/checkpoints", container_id(id), query=query
        )
        return models.base.rows(models.containers.Checkpoint, reply.json())

    def create_checkpoint(
        self,
        id: ContainerRef,
        name: str,
        *,
        directory: str | None = None,
        leave_running: bool = False,
    ) -> None:
        """Saves the state of a running container and stops it; `start` can resume from it.

        Experimental, API 1.25 and later. Blocks until the Engine is done, at most for
        `Timeouts(idle=)`.

        Args:
            name: the checkpoint's name.
            directory: where to save it on the Engine's host; None is the Engine's own place.
            leave_running: do not stop the container.

        Raises:
            ContainerNotFound: no such container.
            Conflict: the name is taken, or the container is not running.
            ServerError: the Engine is not experimental, lacks criu, or criu failed.
            ValueError: a name with other characters than letters, digits, `_`, `.` and `-`, or of
            fewer than two.
        """
        body = {
            "CheckpointID": checkpoint_name(name),
            "CheckpointDir": folder("directory", directory),
            "Exit": not leave_running,
        }
        route = "POST /containers/{id}/checkpoints"
        self._transport.call(route, container_id(id), body=body, extra_time=None)

    def remove_checkpoint(
        self, id: ContainerRef, name: str, *, directory: str | None = None
    ) -> None:
        """Removes a checkpoint of a container; experimental, API 1.25 and later.

        Args:
            name: the name of the checkpoint.
            directory: where it is on the Engine's host; None is the Engine's own place.

        Raises:
            ContainerNotFound: no such container.
            NotFound: the container has no such checkpoint.
            ServerError: the Engine is not experimental.
        """
        route = "DELETE /containers/{id}/checkpoints/{checkpoint}"
        subject = (container_id(id), checkpoint_name(name))
        self._transport.call(route, subject, query={"dir": folder("directory", directory)})
