"""Registries, in memory: Docker Hub and every other one that a test names.

What is pushed can be pulled again, also by another `FakeEngine` that is given the same `Registry`.
Nothing is asked of the network. The routes that talk to a registry are in `pulling.py`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ...protocol.reference import ImageReference
from .layers import entry

HUB = "docker.io"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@attrs.frozen
class Stored:
    """An image in a registry: what describes it, and its layers by their digests, lowest first."""

    description: bytes = attrs.field(repr=False)
    layers: tuple[tuple[str, bytes], ...] = attrs.field(repr=False)

    @property
    def manifest(self) -> bytes:
        """What the registry serves of it first."""
        described = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": CONFIG,
                "size": len(self.description),
                "digest": f"sha256:{hashlib.sha256(self.description).hexdigest()}",
            },
            "layers": [
                {"mediaType": LAYER, "size": len(content), "digest": f"sha256:{digest}"}
                for digest, content in self.layers
            ],
        }
        return json.dumps(described, indent=3).encode()

    @property
    def digest(self) -> str:
        """What names it for good: `sha256:...`."""
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"


class Registry:
    """Images that can be pulled, and a place to push to. One object is all registries there are.

        engine.registry.add("debian:12", files={"etc/debian_version": b"12\\n"}, command=["bash"])
        engine.registry.login("ada", "secret", registry="registry.example.com")
        engine.registry.unreachable.add("registry.example.org")

    A pull of a name that was not added or pushed is answered as a registry does that has none of
    it. All methods may be called from any thread, before and while an Engine runs.

    Attributes:
        unreachable: hosts that nobody answers for, such as `docker.io`; ports 1 and 9 of this
            machine to begin with, on which there is never a registry.
        descriptions: what a search tells of a repository.
    """

    def __init__(self) -> None:
        self.unreachable = {
            f"{host}:{port}" for host in ("127.0.0.1", "localhost") for port in (1, 9)
        }
        self.descriptions: dict[str, str] = {}
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, Stored]] = {}
        self._digests: dict[str, dict[str, Stored]] = {}
        self._users: dict[str, dict[str, str]] = {}

    def add(
        self,
        name: str,
        *,
        files: Mapping[str, bytes] | None = None,
        command: Sequence[str] = ("sh",),
        entrypoint: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        description: str = "",
    ) -> str:
        """Have an image to be pulled; gives its digest.

        Args:
            name: e.g. `debian:12` or `registry.example.com:5000/team/app`; without a tag, `latest`.
            files: what is in it, by path.
            command, entrypoint, env, labels: what containers of it have if not told otherwise.
            description: what a search tells of it.
        """
        parts = [entry(path.lstrip("/"), data) for path, data in sorted((files or {}).items())]
        layer = b"".join(parts) + bytes(1024)
        digest = hashlib.sha256(layer).hexdigest()
        created = "2020-01-01T00:00:00Z"
        about: dict[str, Any] = {
            "architecture": "amd64",
            "os": "linux",
            "created": created,
            "config": {
                "Cmd": list(command),
                "Entrypoint": None if entrypoint is None else list(entrypoint),
                "Env": [f"{key}={value}" for key, value in (env or {}).items()] or None,
                "Labels": dict(labels) if labels else None,
                "WorkingDir": "",
            },
            "history": [{"created": created, "created_by": "/bin/sh -c #(nop) ADD files in / "}],
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
        stored = Stored(json.dumps(about, sort_keys=True).encode(), ((digest, layer),))
        parsed = ImageReference.parse(name)
        if description:
            self.descriptions[parsed.familiar_name] = description
        return self.put(parsed, stored)

    def login(self, username: str, password: str, *, registry: str = HUB) -> None:
        """From now on a registry serves only those whom it knows, this one among them."""
        with self._lock:
            self._users.setdefault(host_in(registry), {})[username] = password

    def names(self) -> list[str]:
        """Everything that can be pulled, `repository:tag`, in the shortest form."""
        with self._lock:
            return sorted(
                f"{ImageReference.parse(repository).familiar_name}:{tag}"
                for repository, tags in self._tags.items()
                for tag in tags
            )

    # For the Engine.

    def put(self, name: ImageReference, stored: Stored) -> str:
        """Keep an image under a name; gives its digest."""
        digest = stored.digest
        with self._lock:
            self._tags.setdefault(name.full_name, {})[name.tag or "latest"] = stored
            self._digests.setdefault(name.full_name, {})[digest] = stored
        return digest

    def get(self, name: ImageReference) -> Stored | None:
        """The image of a name, with a tag or a digest."""
        with self._lock:
            if name.digest:
                return self._digests.get(name.full_name, {}).get(name.digest)
            return self._tags.get(name.full_name, {}).get(name.tag or "latest")

    def tags(self, name: ImageReference) -> list[str]:
        """All tags of a repository."""
        with self._lock:
            return sorted(self._tags.get(name.full_name, {}))

    def knows_layer(self, name: ImageReference, digest: str) -> str | None:
        """The repository that has a layer already, the one of that name first."""
        with self._lock:
            for repository in sorted(self._digests, key=lambda one: one != name.full_name):
                for stored in self._digests[repository].values():
                    if any(digest == one for one, _ in stored.layers):
                        return repository
        return None

    def lets_in(self, host: str, credentials: Mapping[str, Any]) -> bool | None:
        """Whether a registry serves somebody; None if it wants credentials and got none."""
        with self._lock:
            users = self._users.get(host_in(host))
        if users is None:
            return True
        username = str(credentials.get("username") or "")
        if not username and not credentials.get("identitytoken"):
            return None
        return users.get(username) == credentials.get("password")

    def search(self, term: str) -> list[tuple[str, str]]:
        """Repositories of Docker Hub with a word in their name or description, and the latter."""
        word = term.rpartition("/")[2].lower()
        with self._lock:
            found = []
            for repository in sorted(self._tags):
                name = ImageReference.parse(repository).familiar_name
                told = self.descriptions.get(name, "")
                if word in name.lower() or word in told.lower():
                    found.append((name, told))
        return found


def host_in(registry: str) -> str:
    """The host of a registry's name or address; that of Docker Hub by its best known name."""
    host = registry.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return HUB if host in ("index.docker.io", "registry-1.docker.io") else host


def host_of(name: ImageReference) -> str:
    """The registry of a name."""
    return name.full_name.partition("/")[0]
