"""Checkpoints of containers, on Engines that are experimental and have criu; in no manual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models
from ..protocol.reference import ContainerRef, checkpoint_name, container_id
from .parameters import folder

if TYPE_CHECKING:
    from ..models.containers import Checkpoint
    from ..transport import Transport


class CheckpointsMixin:
    """States of running containers that are kept, to go on from."""

    _transport: Transport

    def checkpoints(self, id: ContainerRef, *, directory: str | None = None) -> list[Checkpoint]:
        """The checkpoints of a container; experimental, API 1.25 and later.

        Args:
            directory: where they are on the Engine's host; None is its own place.

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
        """Keeps the state of a running container, which is stopped then; `start` goes on from it.

        Experimental, API 1.25 and later. Blocks as long as the Engine takes, or for
        `Timeouts(idle=)`.

        Args:
            name: of the checkpoint.
            directory: where to keep it on the Engine's host; None is its own place.
            leave_running: the container goes on.

        Raises:
            ContainerNotFound: no such container.
            Conflict: the name is taken, or the container does not run.
            ServerError: the Engine is not experimental, or has no criu, or that failed.
            ValueError: a name that is not of letters, digits, `_`, `.` and `-`, two or more.
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
            directory: where it is on the Engine's host; None is its own place.

        Raises:
            ContainerNotFound: no such container.
            NotFound: it has no such checkpoint.
            ServerError: the Engine is not experimental.
        """
        route = "DELETE /containers/{id}/checkpoints/{checkpoint}"
        subject = (container_id(id), checkpoint_name(name))
        self._transport.call(route, subject, query={"dir": folder("directory", directory)})
