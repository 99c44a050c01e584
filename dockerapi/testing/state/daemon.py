"""The state of a fake Engine, behind its routes."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from ..play.busybox import COMMANDS
from ..play.players import Players
from .container import Shared
from .containers import Containers
from .events import Events
from .images import Images
from .networks import Networks
from .registry import Registry
from .volumes import Volumes


class Daemon:
    """The state of one Engine: containers, images, ..., in a directory that `close` removes.

    Args:
        release: the release that images name as the one that built them.
        processes: whether commands run as local processes.
        publishes_what_is_bound: whether a port that is bound but not exposed is published.
        tells_networks_apart: whether an ambiguous network name is refused.
    """

    def __init__(
        self,
        release: str,
        *,
        processes: bool,
        registry: Registry,
        publishes_what_is_bound: bool,
        tells_networks_apart: bool,
    ) -> None:
        self.registry = registry
        self.account: dict[str, str] = {}  # the stored login, on Engines that keep one
        self.lock = threading.RLock()
        self.folder = Path(tempfile.mkdtemp(prefix="dockerapi-")).absolute()
        self.events = Events()
        self.players = Players(processes=processes, built_in=COMMANDS)
        self.images = Images(self.lock, self.folder, release)
        self.networks = Networks(tells_apart=tells_networks_apart)
        self.volumes = Volumes()
        shared = Shared(
            self.lock,
            self.folder,
            self.events,
            self.images,
            self.players,
            self.networks,
            self.volumes,
        )
        self.containers = Containers(shared, publishes_what_is_bound=publishes_what_is_bound)
        self.execs = self.containers.execs

    def close(self) -> None:
        """End all commands, and remove everything; may be called twice."""
        self.events.close()
        self.containers.close()
        self.players.close()
        shutil.rmtree(self.folder, ignore_errors=True)
