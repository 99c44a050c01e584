"""`python -m dockerapi`: which Engine this machine would talk to and why, and what prevents it.

It asks `locate`, `Endpoint` and `StoredCredentials`, as a client does, and decides nothing itself.
It shows names of files, variables, registries and helpers, and never a secret. It words each cure
in variables and files, since its reader has set those, and not in arguments of Python.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import stat
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from socket import gaierror
from typing import Any, TextIO

import attrs

from .client import Client
from .endpoint.endpoint import Endpoint
from .endpoint.locate import Location, locate, tls_folder
from .endpoint.tls import TLSConfig
from .errors import (
    DISTRIBUTION,
    VERSION,
    ApiError,
    DockerError,
    NoCommonVersion,
    NotFound,
    TimedOut,
    UnexpectedReply,
)
from .late import load
from .protocol import texts
from .registry.credentials import StoredCredentials
from .transport import Timeouts
from .versions.releases import NEWEST, OLDEST, api_range_of, podman_release

_PINGS = 5
_VARIABLES = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"),
    *("DOCKER_API_VERSION", "DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "DOCKER_CUSTOM_HEADERS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_ASK_FOR_TLS = ("DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH")
_LIBRARIES = ("requests", "urllib3", "websockets")

Found = dict[str, Any]


def examine(
    environ: Mapping[str, str],
    *,
    host: str | None = None,
    context: str | None = None,
    timeout: float = 10.0,
) -> Found:
    """The findings as JSON; `error` says why no Engine was reached, or is None.

    `cure` says what to do, where the error does not.
    """
    found: Found = {
        "error": None,
        "cure": None,
        "dockerapi": VERSION,
        "python": platform.python_version(),
        "libraries": {name: _version_of(name) for name in _LIBRARIES},
        "json": texts.reader(),
        "variables": [name for name in _VARIABLES if environ.get(name)],
    }
    try:
        location = _location(environ, host, context)
        endpoint = Endpoint.parse(location.url, tls=location.tls, proxy=location.proxy)
        found["engine"] = {"url": str(endpoint), "source": location.source}
        found["sockets"] = [_socket(path) for path in endpoint.paths]
        found["tls"] = None if endpoint.tls is None else _tls(endpoint.tls)
        if endpoint.tls is not None and any(map(environ.get, _ASK_FOR_TLS)):
            missing = [name for name in ("ca", "cert", "key") if not found["tls"][name]]
            found["tls"]["missing"] = [f"{tls_folder(environ)}/{name}.pem" for name in missing]
        found["proxy"] = None if endpoint.proxy is None else str(endpoint.proxy)
        stored = StoredCredentials.from_env(environ)
        headers = sorted(stored.http_headers())
        found["credentials"] = [attrs.asdict(source) for source in stored.sources()]
        found["headers"] = headers
        with Client(
            location.url,
            version=environ.get("DOCKER_API_VERSION") or None,
            timeout=Timeouts(connect=timeout, read=timeout),
            tls=location.tls,
            proxy=location.proxy,
            credentials=stored,
        ) as client:
            found.update(_asked(client))
            found["engine"]["url"] = client.base_url  # of several sockets, the one that answered
    except (DockerError, ValueError) as error:
        found["error"] = _in_variables(error, found, environ)
        found["cure"] = _cure(error, environ)
        found["elsewhere"] = _elsewhere(environ)
    return found


# Left: how an error names an argument of the client. Right: the same for the environment; "{}" is
# the folder of the TLS files.
_VARIABLES_FOR = (
    ("give tls= a TLSConfig", "set DOCKER_TLS_VERIFY=1, with its certificates in {}"),
    ("leave out tls=", "unset DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH"),
    ("give TLSConfig() a cert and its key", "put cert.pem and key.pem into {}"),
    ("give TLSConfig(ca=) that very certificate", "put that very certificate into {}/ca.pem"),
    (
        "Give TLSConfig(ca=) the certificate of the one that signed it",
        "Put the certificate of the one that signed it into {}/ca.pem",
    ),
    (", in the URL or as TLSConfig(server_name=)", " in DOCKER_HOST"),
    ("Was TLSConfig(ca=) given the right CA?", "Is {}/ca.pem the right CA?"),
    ("with base_url= or DOCKER_HOST", "with DOCKER_HOST"),
    ("version={version} was asked for", "DOCKER_API_VERSION={version} was asked for"),
)


def _in_variables(error: Exception, found: Found, environ: Mapping[str, str]) -> str:
    """The error in terms of variables; the text always has the address."""
    text = str(error)
    version = environ.get("DOCKER_API_VERSION", "")
    for said, instead in _VARIABLES_FOR:
        instead = instead.replace("{}", str(tls_folder(environ)))
        text = text.replace(
            said.replace("{version}", version), instead.replace("{version}", version)
        )
    url = found["engine"]["url"] if "engine" in found else ""
    tells = not isinstance(error, (ApiError, UnexpectedReply)) or url in text
    return text if tells else f"{url}: {text}"


def _cure(error: Exception, environ: Mapping[str, str]) -> str | None:
    """What to do about an error that does not say it."""
    if isinstance(error, NoCommonVersion) and environ.get("DOCKER_API_VERSION"):
        return "unset DOCKER_API_VERSION: the newest version that both know is then spoken"
    if isinstance(error, NoCommonVersion):
        return f"a newer release of this library may speak it: pip install --upgrade {DISTRIBUTION}"
    if isinstance(error.__cause__, gaierror) and environ.get("DOCKER_HOST"):
        return f"is {environ['DOCKER_HOST']!r} of DOCKER_HOST a host? A socket is unix:///path"
    if isinstance(error, TimedOut):
        return (
            "an Engine that is well answers at once: see its log, and whether something in between "
            "drops what is sent. --timeout waits longer"
        )
    if isinstance(error, (UnexpectedReply, NotFound)):
        return (
            "what answers there is no Docker Engine, or something in front of one. Is the port "
            "right? Engines use 2375, and 2376 for TLS"
        )
    return None


def _elsewhere(environ: Mapping[str, str]) -> list[Found]:
    """Existing sockets of products that run an Engine; the client does not search for them."""
    home = environ.get("HOME") or os.path.expanduser("~")
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{getattr(os, 'getuid', int)()}"
    known = {
        f"{home}/.docker/desktop/docker.sock": "Docker Desktop",
        f"{home}/.colima/default/docker.sock": "Colima",
        f"{home}/.colima/docker.sock": "Colima",
        f"{home}/.rd/docker.sock": "Rancher Desktop",
        f"{home}/.orbstack/run/docker.sock": "OrbStack",
        f"{runtime}/podman/podman.sock": "Podman",
        "/run/podman/podman.sock": "Podman",
    }
    return [{"of": of, **_socket(path)} for path, of in known.items() if os.path.exists(path)]


def _location(environ: Mapping[str, str], host: str | None, context: str | None) -> Location:
    if host is None:
        return locate(environ, context)
    # As with `docker --host`, TLS and proxies come from the environment.
    given = locate({**environ, "DOCKER_HOST": host})
    return attrs.evolve(given, source="the argument --host")


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _socket(path: str) -> Found:
    """The file's mode and owner, and whether this user may use it as a socket."""
    try:
        status = os.stat(path)
    except OSError as error:
        return {"path": path, "there": False, "usable": False, "what": error.strerror}
    what = stat.filemode(status.st_mode)
    if os.name == "posix":
        what += f" {_owner(status.st_uid)}:{_group(status.st_gid)}"
    usable = stat.S_ISSOCK(status.st_mode) and os.access(path, os.R_OK | os.W_OK)
    if not stat.S_ISSOCK(status.st_mode):
        what += ", no socket"
    return {"path": path, "there": True, "usable": usable, "what": what}


def _owner(number: int) -> str:
    load("pwd")  # not on every system
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    load("grp")
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _tls(tls: TLSConfig) -> Found:
    files = {name: getattr(tls, name) for name in ("ca", "cert", "key")}
    named = {name: None if path is None else str(path) for name, path in files.items()}
    return {**named, "verify": tls.verify, "server_name": tls.server_name}


def _asked(client: Client) -> Found:
    """What the Engine says about itself, and its round trip."""
    spoken = client.api_version
    told = client.version()
    newest, oldest = told.api_version, told.min_api_version
    if newest is None or oldest is None:  # old Engines do not say
        known = api_range_of(str(told.version))
        newest = newest or str(known[0])
        oldest = oldest or str(known[1] or OLDEST)
    return {
        "release": {
            "product": "Podman" if podman_release(told.raw) else "Docker",
            "version": told.version,
            "os": told.os,
            "arch": told.arch,
            "kernel": told.kernel_version,
        },
        "api": {
            "engine": [oldest, newest],
            "library": [str(OLDEST), str(NEWEST)],
            "spoken": spoken,
        },
        "round_trip_ms": round(statistics.median(_ping(client) for _ in range(_PINGS)), 3),
    }


def _ping(client: Client) -> float:
    began = time.perf_counter()
    client.ping()
    return (time.perf_counter() - began) * 1000


def lines(found: Found) -> list[str]:
    """The findings as text."""
    rows: list[tuple[str, str]] = []
    if "engine" in found:
        rows.append(("Engine", f"{found['engine']['url']}"))
        rows.append(("because of", found["engine"]["source"]))
    for socket in found.get("sockets", ()):
        usable = "" if not socket["there"] else ", may be used" if socket["usable"] else ", may not"
        rows.append(("Socket", f"{socket['path']}: {socket['what']}{usable}"))
    for socket in found.get("elsewhere", ()):
        cure = f"DOCKER_HOST=unix://{socket['path']} or its context would take it"
        rows.append(("Elsewhere", f"{socket['path']} of {socket['of']}: {cure}"))
    if "credentials" in found:
        rows += _of_roads(found)
    if "release" in found:
        rows += _of_engine(found)
    known = ", ".join(f"{name} {text}" for name, text in found["libraries"].items() if text)
    mine = f"dockerapi {found['dockerapi']}, Python {found['python']}"
    rows.append(("Library", f"{mine}, {known}, JSON by {found['json']}"))
    rows.append(("Variables", ", ".join(found["variables"]) or "none that count"))
    return [f"{name:<12}{text}" for name, text in rows]


def _of_roads(found: Found) -> list[tuple[str, str]]:
    rows = [("TLS", "no")]
    if found["tls"] is not None:
        tls = found["tls"]
        named = [f"{name} {tls[name]}" for name in ("ca", "cert", "key") if tls[name]]
        verified = "verified" if tls["verify"] else "NOT verified: anybody could answer"
        rows = [("TLS", ", ".join([verified, *named]))]
        rows += [("TLS", f"{path} is not there") for path in tls.get("missing", ())]
    if found["proxy"] is not None:
        rows.append(("Proxy", found["proxy"]))
    for source in found["credentials"]:
        named = [*source["registries"]]
        named += [f"{registry} by {helper}" for registry, helper in source["helpers"].items()]
        if source["store"]:
            named.append(f"all others by {source['store']}")
        rows.append(("Credentials", f"{source['source']}: {', '.join(named) or 'none'}"))
    if not found["credentials"]:
        rows.append(("Credentials", "none"))
    if found["headers"]:
        rows.append(("Headers", ", ".join(found["headers"])))
    return rows


def _of_engine(found: Found) -> list[tuple[str, str]]:
    release, api = found["release"], found["api"]
    system = "/".join(filter(None, (release["os"], release["arch"])))
    product = "Podman " if release["product"] == "Podman" else ""
    kernel = f", kernel {release['kernel']}" if release["kernel"] else ""
    return [
        ("Release", f"{product}{release['version']}{f' on {system}' if system else ''}{kernel}"),
        (
            "API",
            f"{api['spoken']} is spoken; the Engine has {' to '.join(api['engine'])}, this library "
            f"{' to '.join(api['library'])}",
        ),
        ("Round trip", f"{found['round_trip_ms']:.1f} ms"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if the Engine answers, 1 if it does not."""
    parser = argparse.ArgumentParser(
        prog="python -m dockerapi",
        description="Says which Docker Engine is talked to and why, and what is in the way.",
    )
    parser.add_argument("--host", metavar="URL", help="in place of DOCKER_HOST and contexts")
    parser.add_argument("--context", metavar="NAME", help="the Docker context of that name")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=10.0)
    parser.add_argument("--json", action="store_true", help="for tools")
    given = parser.parse_args(arguments)
    if given.host is not None and given.context is not None:
        parser.error("--host and --context contradict each other")
    if given.host == "":  # an unset variable; it would mean the default socket
        parser.error("--host: a URL was expected")
    if not 0 < given.timeout < 1e9:
        parser.error("--timeout: more than 0 seconds")
    found = examine(os.environ, host=given.host, context=given.context, timeout=given.timeout)
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        _print("\n".join(lines(found)), sys.stdout)
        if found["error"] is not None:
            _print(f"error: {found['error']}", sys.stderr)
        if found["cure"] is not None:
            _print(f"cure: {found['cure']}", sys.stderr)
    return 0 if found["error"] is None else 1


def _print(text: str, file: TextIO) -> None:
    """Prints lines; characters that the terminal cannot show are escaped."""
    encoding = file.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=file, flush=True)
