"""Registries, in memory: Docker Hub and all others that a test names.

A pushed image can be pulled again, also by another `FakeEngine` with the same `Registry`. Nothing
is sent over the network.
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
    """An image in a registry: its description, and its layers by digest, lowest first."""

    description: bytes = attrs.field(repr=False)
    layers: tuple[tuple[str, bytes], ...] = attrs.field(repr=False)

    @property
    def manifest(self) -> bytes:
        """Its manifest, as served by a registry."""
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
        """The digest of the manifest: `sha256:...`."""
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"


class Registry:
    """Images that can be pulled, and a place to push to. One object stands for all registries.

        engine.registry.add("debian:12", files={"etc/debian_version": b"12\\n"}, command=["bash"])
        engine.registry.login("ada", "secret", registry="registry.example.com")
        engine.registry.unreachable.add("registry.example.org")

    A name that was neither added nor pushed is not found. All methods may be called from any
    thread, before and while an Engine runs.

    Attributes:
        unreachable: hosts that do not answer, such as `docker.io`; initially ports 1 and 9 of this
            machine, where there is never a registry.
        descriptions: the descriptions of repositories, for searches.
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
        """Add an image that can be pulled; returns its digest.

        Args:
            name: e.g. `debian:12` or `registry.example.com:5000/team/app`; without a tag, `latest`.
            files: its files, by path.
            command, entrypoint, env, labels: the configuration of its containers.
            description: the text that a search gives.
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
        """Add a user to a registry, which from then on serves only its users.

        Args:
            username, password: the accepted credentials.
            registry: its host; by default Docker Hub.
        """
        with self._lock:
            self._users.setdefault(host_in(registry), {})[username] = password

    def names(self) -> list[str]:
        """All images that can be pulled, as `repository:tag`, in the shortest form."""
        with self._lock:
            return sorted(
                f"{ImageReference.parse(repository).familiar_name}:{tag}"
                for repository, tags in self._tags.items()
                for tag in tags
            )

    # For the Engine

    def put(self, name: ImageReference, stored: Stored) -> str:
        """Store the image `stored` under `name`; returns its digest."""
        digest = stored.digest
        with self._lock:
            self._tags.setdefault(name.full_name, {})[name.tag or "latest"] = stored
            self._digests.setdefault(name.full_name, {})[digest] = stored
        return digest

    def get(self, name: ImageReference) -> Stored | None:
        """The image of `name`, which has a tag or a digest."""
        with self._lock:
            if name.digest:
                return self._digests.get(name.full_name, {}).get(name.digest)
            return self._tags.get(name.full_name, {}).get(name.tag or "latest")

    def tags(self, name: ImageReference) -> list[str]:
        """All tags of the repository of `name`."""
        with self._lock:
            return sorted(self._tags.get(name.full_name, {}))

    def knows_layer(self, name: ImageReference, digest: str) -> bool:
        """Whether the repository of `name` has the layer of `digest` already."""
        with self._lock:
            known = self._digests.get(name.full_name, {}).values()
            return any(digest == one for stored in known for one, _ in stored.layers)

    def lets_in(self, host: str, credentials: Mapping[str, Any]) -> bool | None:
        """Whether the registry `host` accepts `credentials`; None if some are missing."""
        with self._lock:
            users = self._users.get(host_in(host))
        if users is None:
            return True
        username = str(credentials.get("username") or "")
        if not username and not credentials.get("identitytoken"):
            return None
        return users.get(username) == credentials.get("password")

    def search(self, term: str) -> list[tuple[str, str]]:
        """Name and description of Docker Hub's repositories that have `term` in either."""
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
    """The host in a registry's name or address; `docker.io` for Docker Hub."""
    host = registry.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return HUB if host in ("index.docker.io", "registry-1.docker.io") else host


def host_of(name: ImageReference) -> str:
    """The registry in a name."""
    return name.full_name.partition("/")[0]
