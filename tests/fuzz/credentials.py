"""`config.json` and `.dockercfg`: the first byte chooses which, the rest is the file."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs

from dockerapi.errors import CredentialsError
from dockerapi.registry.auth import Credentials
from dockerapi.registry.credentials import StoredCredentials

_SECRET = "hunter2-" * 3
_FOLDER = Path(tempfile.gettempdir()) / f"dockerapi-fuzz-{os.getpid()}"


def check(data: bytes) -> None:
    """A file gives credentials, or a `CredentialsError` that holds no secret."""
    _FOLDER.mkdir(exist_ok=True)
    name = ("config.json", "dockercfg")[data[0] % 2] if data else "config.json"
    path = _FOLDER / name
    path.write_bytes(data[1:])
    try:
        _read(path)
    finally:
        path.unlink()
        _FOLDER.rmdir()


def _read(path: Path) -> None:
    stored = StoredCredentials(
        folder=_FOLDER if path.name == "config.json" else None,
        dockercfg=path if path.name == "dockercfg" else None,
        environ={"PATH": str(_FOLDER)},
        helper_timeout=60,
    )
    for ask in (
        lambda: stored.of("registry.example.com"),
        lambda: stored.of("docker.io"),
        lambda: stored.for_build(["registry.example.com"]),
        stored.http_headers,
    ):
        try:
            found = ask()
        except CredentialsError as error:
            assert _SECRET not in str(error)
            continue
        if isinstance(found, Credentials):
            secrets = ("password", "identity_token", "registry_token")
            others = {name: getattr(found, name) and "another" for name in secrets}
            assert repr(attrs.evolve(found, **others)) == repr(found)


def seeds() -> Iterator[bytes]:
    auth = base64.b64encode(f"user:{_SECRET}".encode()).decode()
    for document in (
        {"auths": {"registry.example.com": {"auth": auth, "email": "a@b"}}},
        {"auths": {"https://index.docker.io/v1/": {"identitytoken": _SECRET}}},
        {"credsStore": "none", "credHelpers": {"registry.example.com": "other"}},
        {"HttpHeaders": {"X-Meta": "1", "User-Agent": "x"}},
        {"auths": {"docker.io": {"username": "u", "password": _SECRET, "registrytoken": "t"}}},
    ):
        yield b"\0" + json.dumps(document).encode()
        yield b"\1" + json.dumps(document.get("auths", document)).encode()
    yield b"\1username = u\npassword = " + _SECRET.encode() + b"\nauth = " + auth.encode()


def words() -> Iterator[str]:
    yield from ("auths", "auth", "credsStore", "credHelpers", "HttpHeaders", "identitytoken")
    yield from ("username", "password", "registry.example.com", "https://index.docker.io/v1/")
