"""The state of a fake Engine: what its routes are about, apart from how they are asked for."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from ...versions.releases import Release
from ..play.playing import Players
from ..routes.containers import Containers
from ..routes.execs import Execs
from .events import Events
from .images import Images
from .registry import Registry


class Daemon:
    """Containers, images, execs and events of one Engine, in a folder that `close` removes."""

    def __init__(self, release: Release, *, processes: bool, registry: Registry) -> None:
        self.release = release
        self.registry = registry
        self.account: dict[str, str] = {}  # who logged in, where the Engine keeps that
        self.lock = threading.RLock()
        self.folder = Path(tempfile.mkdtemp(prefix="dockerapi-")).absolute()
        self.events = Events()
        self.players = Players(processes=processes)
        self.images = Images(self)
        self.containers = Containers(self)
        self.execs = Execs(self)

    def close(self) -> None:
        """End what runs, and remove everything; may be called twice."""
        self.events.close()
        self.containers.close()
        self.players.close()
        shutil.rmtree(self.folder, ignore_errors=True)
