"""Finds the Engine if the caller names none, in the order of the docker command.

The order is: DOCKER_HOST; the Docker context in DOCKER_CONTEXT; the one in `currentContext` of
`config.json`; the default socket. Contexts are files that `docker context create` writes below the
directory of DOCKER_CONFIG, or `~/.docker`, in directories named by the SHA-256 of the context's
name. They are only read, never written. The context `default` has no files.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ..errors import ConnectionFailed
from ..late import load
from .endpoint import Endpoint
from .proxy import Proxy, proxy_of
from .tls import TLSConfig

DEFAULT = "default"
_ASK_FOR_TLS = ("DOCKER_TLS_VERIFY", "DOCKER_TLS")


@attrs.frozen
class Location:
    """Where an Engine is: arguments for a client, and their `source`.

    `url` None is the default socket. `source` is the variable (DOCKER_HOST, or one that asks for
    TLS), "the context NAME (of ...)" or "the default socket".
    """

    url: str | None
    tls: TLSConfig | None
    proxy: Proxy | None
    source: str


def locate(environ: Mapping[str, str], context: str | None = None) -> Location:
    """The Engine of the environment, or of the named context.

    Raises:
        ConnectionFailed: the named context does not exist, or cannot be read.
        ValueError: an address in the environment or in the context is not valid.
    """
    if context is not None:
        name, origin = context, ""
    elif environ.get("DOCKER_HOST"):
        name, origin = DEFAULT, ""
    elif environ.get("DOCKER_CONTEXT"):
        name, origin = environ["DOCKER_CONTEXT"], " (of DOCKER_CONTEXT)"
    else:
        name, origin = _current_context(_folder(environ))
    if name == DEFAULT:
        url, tls = from_environment(environ)
        source = "the default socket"
        if url is not None:
            said = ("DOCKER_HOST", *_ASK_FOR_TLS)
            source = next(variable for variable in said if environ.get(variable))
    else:
        source = f"the context {name!r}{origin}"
        url, tls = _Stored(_folder(environ), name, source).endpoint()
    try:
        endpoint = Endpoint.parse(url, tls=tls)
    except ValueError as error:  # it names the client's argument
        raise ValueError(f"{source}: {str(error).removeprefix('base_url: ')}") from None
    proxy = None
    if endpoint.host:
        proxy = proxy_of(environ, endpoint.host, endpoint.port, tls=endpoint.tls is not None)
    return Location(url, tls, proxy, source)


def from_environment(environ: Mapping[str, str]) -> tuple[str | None, TLSConfig | None]:
    """`base_url` and `tls` from DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH.

    Any non-empty DOCKER_TLS_VERIFY means TLS with verification, with the files in DOCKER_CERT_PATH
    or `~/.docker`. DOCKER_TLS or DOCKER_CERT_PATH alone mean TLS without verification, as in the
    docker command and moby's Go client. All of them apply to TCP only.

    If DOCKER_TLS_VERIFY or DOCKER_TLS asks for TLS and DOCKER_HOST is not set, the address is port
    2376 of this machine. An address without a host means this machine, and `unix://` alone the
    system's socket.
    """
    url = environ.get("DOCKER_HOST") or None
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    directory = environ.get("DOCKER_CERT_PATH")
    if url is None and any(map(environ.get, _ASK_FOR_TLS)):
        url = "tcp://localhost:2376"
    elif url == "unix://":
        url = "unix:///var/run/docker.sock"
    elif url and (found := re.fullmatch(r"(tcp://|(?=:))(:\d+)?(/.*)?", url, re.ASCII)):
        url = f"tcp://localhost{found[2] or ''}{found[3] or ''}"
    asked = verify or directory or environ.get("DOCKER_TLS")
    if url is None or not asked or not _takes_tls(url):
        return url, None
    return url, TLSConfig.from_directory(tls_folder(environ), verify=verify)


def tls_folder(environ: Mapping[str, str]) -> Path:
    """The folder of the TLS files, if the environment asks for TLS."""
    directory = environ.get("DOCKER_CERT_PATH")
    return Path(directory) if directory else _home(environ) / ".docker"


def _takes_tls(url: str) -> bool:
    return not url.startswith(("unix://", "/", "http://", "ssh://"))


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or os.path.expanduser("~"))


def _folder(environ: Mapping[str, str]) -> Path:
    """The directory of `config.json` and of the contexts."""
    folder = environ.get("DOCKER_CONFIG")
    return Path(folder) if folder else _home(environ) / ".docker"


def _current_context(folder: Path) -> tuple[str, str]:
    """The current context of `config.json`, and the file that names it."""
    path = folder / "config.json"
    try:
        found = _object(path).get("currentContext") or DEFAULT
    except (FileNotFoundError, NotADirectoryError):
        return DEFAULT, ""
    except (OSError, ValueError) as error:
        raise _unreadable(f"{path}", error) from error
    return str(found), f" (currentContext in {path})"


class _Stored:
    """A context stored in files."""

    def __init__(self, folder: Path, name: str, source: str) -> None:
        load("hashlib")  # loads OpenSSL; few users have contexts
        import hashlib

        digest = hashlib.sha256(os.fsencode(name)).hexdigest()
        self._source = source
        self._contexts = folder / "contexts"
        self._meta = self._contexts / "meta" / digest / "meta.json"
        self._tls = self._contexts / "tls" / digest / "docker"

    def endpoint(self) -> tuple[str | None, TLSConfig | None]:
        """The address and the TLS files of the context's Engine."""
        try:
            found = _object(self._meta).get("Endpoints") or {}
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ConnectionFailed(
                f"{self._source} is not there: {self._contexts} has none of that name. "
                "`docker context ls` shows those that there are"
            ) from error
        except (OSError, ValueError) as error:
            raise _unreadable(f"{self._source}: {self._meta}", error) from error
        docker = found.get("docker") if isinstance(found, dict) else None
        if not isinstance(docker, dict):
            raise ConnectionFailed(f"{self._source}: {self._meta} names no Docker Engine")
        url = docker.get("Host") or None
        if not isinstance(url, (str, type(None))):
            raise ConnectionFailed(f"{self._source}: {self._meta}: Host is no string")
        if url is None or not _takes_tls(url):
            return url, None
        skip = bool(docker.get("SkipTLSVerify"))
        tls = TLSConfig.from_directory(self._tls, verify=not skip)
        return url, tls if skip or tls != TLSConfig() else None


def _object(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8-sig")
    try:
        found = json.loads(text) if text.strip() else {}
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("an object was expected")
    return found


def _unreadable(what: str, error: Exception) -> ConnectionFailed:
    why = error.strerror if isinstance(error, OSError) else f"no JSON: {error}"
    return ConnectionFailed(f"{what}: cannot be read: {why}")
