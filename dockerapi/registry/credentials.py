"""The docker command's stored settings, above all credentials. They are read, never written.

Credentials come from DOCKER_AUTH_CONFIG, which has the text of a `config.json`; then from
`config.json` in the directory DOCKER_CONFIG, by default `~/.docker`; or, if there is none, from
`~/.dockercfg`, the file of Docker before 1.7. `config.json` also has headers for every request,
proxies for containers and builds, and detach keys. The rules:

- Files are read when they are needed, and each time again: logins change.
- For an image, the longest stored path that its name begins with (`host/team/app`) wins; then the
  entry of its registry.
- A helper (`docker-credential-NAME`) is asked for one registry at a time, with a time limit.
- An unreadable file is a `CredentialsError` that names the place. The error has no cause if that
  would hold the text: not even a traceback may show a secret.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from ..errors import CredentialsError, named
from ..late import load
from ..protocol.reference import (
    DOCKER_HUB,
    credentials_key,
    header_value,
    registry_key,
    registry_of,
)
from .auth import Credentials

HELPER_TIMEOUT = 30.0
# By this failure a helper says that it has no credentials (docker-credential-helpers).
_NOT_FOUND = b"credentials not found in native keychain"
# This user name says that the secret is an identity token (docker-credential-helpers).
_TOKEN_USER = "<token>"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Headers of the connection, and this library's User-Agent. As with the docker command, users cannot
# set them.
_OWN_HEADERS = {"connection", "content-length", "host", "transfer-encoding", "upgrade"}
_SIGNATURE = "User-Agent"
# The names of the variables in `proxies` of config.json (docker/cli 28.5; 20.10 has no allProxy).
_PROXIES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "ftpProxy": "FTP_PROXY",
    "allProxy": "ALL_PROXY",
}


def _path(value: str | os.PathLike[str] | None) -> Path | None:
    return None if value is None else Path(value)


def _known(given: Mapping[str, Credentials]) -> dict[str, Credentials]:
    if not isinstance(given, Mapping):
        raise TypeError(
            "credentials: StoredCredentials, or Credentials by registry, were expected, not "
            f"{type(given).__name__}"
        )
    found = {}
    for address, credentials in given.items():
        key = named("credentials", credentials_key, address)
        if not key:
            raise ValueError("credentials: '' is no registry; Docker Hub is 'docker.io'")
        if not isinstance(credentials, Credentials):
            raise TypeError(
                f"credentials[{address!r}]: use dockerapi.Credentials(...); it was a "
                f"{type(credentials).__name__}"
            )
        registry = credentials.server_address or registry_of(key)
        found[key] = attrs.evolve(credentials, server_address=registry)
    return found


def _copy(environ: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if environ is None else dict(environ)  # os.environ cannot be pickled


@attrs.frozen
class CredentialSource:
    """A place with credentials: the registries it has, and the helpers for others.

    `store` is the helper for every registry that is not in `helpers`. It holds no secret.
    """

    source: str
    registries: tuple[str, ...]
    helpers: Mapping[str, str]
    store: str | None


@attrs.frozen(kw_only=True)
class StoredCredentials:
    """Where to look up credentials for calls without `auth`.

    Args:
        known: credentials by registry, or by a path below one (`registry.example.com/team`), which
            are looked up first. Docker Hub is `docker.io`.
        folder: the directory of `config.json`; None reads no file.
        auth_config: the text of a `config.json`, which is looked up before the file.
        dockercfg: an old `.dockercfg`, read if the directory has no `config.json`.
        environ: the variables that helpers get, PATH included; None is those of the process.
        helper_timeout: seconds that a helper may take.
        custom_headers: headers for every request, instead of those of `config.json`: the text of
            DOCKER_CUSTOM_HEADERS, `name=value` in the form of CSV.
    """

    known: Mapping[str, Credentials] = attrs.field(factory=dict, converter=_known)
    folder: Path | None = attrs.field(default=None, converter=_path)
    auth_config: str | None = attrs.field(default=None, repr=False)
    dockercfg: Path | None = attrs.field(default=None, converter=_path)
    environ: Mapping[str, str] | None = attrs.field(
        default=None, converter=_copy, repr=False, eq=False
    )
    helper_timeout: float = HELPER_TIMEOUT
    custom_headers: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> StoredCredentials:
        """The places that the `docker` command would use; no file is read yet.

        `environ` has the variables; None is those of the process.

        DOCKER_AUTH_CONFIG is the text of a `config.json`; DOCKER_CONFIG is the directory of the
        file, by default `~/.docker`. Without DOCKER_CONFIG, `~/.dockercfg` is used as well. The
        headers of DOCKER_CUSTOM_HEADERS replace those in `config.json`.
        """
        variables = os.environ if environ is None else environ
        folder = variables.get("DOCKER_CONFIG")
        home = Path(variables.get("HOME") or os.path.expanduser("~"))
        return cls(
            folder=Path(folder) if folder else home / ".docker",
            auth_config=variables.get("DOCKER_AUTH_CONFIG") or None,
            dockercfg=None if folder else home / ".dockercfg",
            environ=environ,
            custom_headers=variables.get("DOCKER_CUSTOM_HEADERS") or None,
        )

    def of(self, name: str) -> Credentials | None:
        """The credentials for an image or a registry, from a helper or a file; None if none.

        Args:
            name: the registry, e.g. `registry.example.com:5000`, or the full name of the image,
                e.g. `docker.io/library/busybox`.

        Raises:
            CredentialsError: a file cannot be read, or a helper failed.
        """
        registry = registry_of(name)
        parts = [] if "://" in name else name.split("/")
        longest_first = ["/".join(parts[:end]) for end in range(len(parts), 1, -1)]
        for config in self._configs():
            for key in longest_first:
                if key in config.auths:
                    return config.auths[key]
            helper = config.helpers.get(registry, config.store)
            found = self._ask(helper, registry, config.source) if helper else None
            found = found or config.auths.get(registry)
            if found is not None:
                return found
        return None

    def for_build(self, names: Iterable[str]) -> dict[str, Credentials]:
        """The credentials for a build, by registry: all that are in files, and those of helpers.

        Helpers are only asked for `names`: the registries, or the full names of images, that the
        build is known to pull. Engines take one entry per registry: that of its first image.
        """
        known: dict[str, Credentials] = {}
        for config in self._configs():
            whole = {key: one for key, one in config.auths.items() if _is_registry(key)}
            known = {**whole, **known}
        found: dict[str, Credentials] = {}
        for name in names:
            registry = registry_of(name)
            one = None if registry in found else self.of(name)
            if one is not None:
                found[registry] = one
        return {**known, **found}

    def sources(self) -> list[CredentialSource]:
        """The places that exist, in the order in which they are used; no helper is asked.

        Raises:
            CredentialsError: a file cannot be read.
        """
        return [
            CredentialSource(found.source, tuple(found.auths), found.helpers, found.store)
            for found in self._configs()
        ]

    def http_headers(self) -> dict[str, str]:
        """The headers that `config.json` sets for every request to the Engine."""
        if self.custom_headers is not None:
            return _custom_headers(self.custom_headers)
        config = self._of_folder()
        return {} if config is None else config.headers

    def proxies(self, host: str) -> dict[str, str]:
        """The proxy variables for containers and builds of an Engine.

        Those in `config.json` for `host`, such as `tcp://10.0.0.1:2376`, else those for all hosts;
        each name in upper and lower case, as the docker command passes them.
        """
        config = self._of_folder()
        found = {} if config is None else config.proxies
        mine = found.get(host, found.get("default", {}))
        variables = {name: mine.get(key) for key, name in _PROXIES.items()}
        given = {name: value for name, value in variables.items() if value}
        return {**given, **{name.lower(): value for name, value in given.items()}}

    def detach_keys(self) -> str | None:
        """The detach keys of `config.json`."""
        config = self._of_folder()
        return None if config is None else config.detach_keys

    def _configs(self) -> Iterator[_Config]:
        if self.known:
            yield _Config("given by the program", dict(self.known))
        if self.auth_config is not None:
            yield _config(self.auth_config, "DOCKER_AUTH_CONFIG")
        found = self._of_folder()
        if found is not None:
            yield found

    def _of_folder(self) -> _Config | None:
        if self.folder is not None:
            path = self.folder / "config.json"
            text = _read(path)
            if text is not None:
                return _config(text, str(path))
        if self.dockercfg is not None:
            text = _read(self.dockercfg)
            if text is not None:
                return _old_config(text, str(self.dockercfg))
        return None

    def _ask(self, name: str, registry: str, source: str) -> Credentials | None:
        """A helper's credentials for a registry (docker-credential-helpers, protocol: get)."""
        load("shutil")  # 10 ms with the next, and few programs need them
        load("subprocess")
        import shutil
        import subprocess

        helper = f"docker-credential-{name}"
        environ = os.environ if self.environ is None else self.environ
        program = shutil.which(helper, path=environ.get("PATH", os.defpath))
        if program is None:
            raise CredentialsError(
                f"{source} has the credentials for {registry} in {helper}, which is not on the PATH"
            )
        try:
            done = subprocess.run(
                [program, "get"],
                input=registry.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environ,
                timeout=self.helper_timeout,
            )
        except subprocess.TimeoutExpired:
            done = None
        except OSError as error:
            raise CredentialsError(f"{helper}: cannot be run: {error.strerror}") from error
        if done is None:
            raise CredentialsError(
                f"{helper}: no answer for {registry} within {self.helper_timeout:g} seconds"
            )
        if done.returncode == 0:
            return _answer(done.stdout, helper, registry)
        if done.stdout.strip() == _NOT_FOUND:
            return None
        raise CredentialsError(
            f"{helper}: failed for {registry} with exit code {done.returncode}; to see what it "
            f"says, which may be secret: echo {registry} | {helper} get"
        )


def _is_registry(key: str) -> bool:
    return key == DOCKER_HUB or "/" not in key


def _answer(output: bytes, helper: str, registry: str) -> Credentials | None:
    try:
        found = json.loads(output)
        username, secret = found["Username"], found["Secret"]
    except (ValueError, RecursionError, KeyError, TypeError):
        username = secret = None
    if not isinstance(username, str) or not isinstance(secret, str):
        raise CredentialsError(
            f"{helper}: its answer for {registry} is no JSON object with a Username and a Secret"
        )
    if username == _TOKEN_USER:
        return Credentials(server_address=registry, identity_token=secret)
    if not username and not secret:
        return None
    return Credentials(server_address=registry, username=username, password=secret)


@attrs.frozen(repr=False)
class _Config:
    """A parsed file: its credentials, the helpers for others, and its other settings."""

    source: str
    auths: dict[str, Credentials]
    store: str | None = None
    helpers: dict[str, str] = attrs.field(factory=dict)
    headers: dict[str, str] = attrs.field(factory=dict)
    proxies: dict[str, dict[str, str]] = attrs.field(factory=dict)
    detach_keys: str | None = None


def _read(path: Path) -> str | None:
    """The text of a file; None if it does not exist."""
    try:
        return path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CredentialsError(
            f"{path}: {error.strerror}; if it is not for you, set DOCKER_CONFIG to another folder"
        ) from error
    except UnicodeDecodeError as error:
        trouble = f"byte {error.start + 1} is no UTF-8"
    raise CredentialsError(f"{path}: {trouble}")


def _config(text: str, source: str) -> _Config:
    document = _json(text, source)
    store = document.get("credsStore") or None
    helpers = {
        registry_key(address): _helper_name(name, f"{source}: credHelpers: {address!r}")
        for address, name in _object(document.get("credHelpers"), f"{source}: credHelpers").items()
    }
    return _Config(
        source,
        _auths(document.get("auths"), f"{source}: auths"),
        None if store is None else _helper_name(store, f"{source}: credsStore"),
        helpers,
        _headers(document.get("HttpHeaders"), f"{source}: HttpHeaders"),
        _proxies(document.get("proxies"), f"{source}: proxies"),
        _string(document.get("detachKeys"), f"{source}: detachKeys") or None,
    )


def _old_config(text: str, source: str) -> _Config:
    """A `.dockercfg`: registries at the top level or, before Docker 0.5, lines for Docker Hub."""
    if text.lstrip().startswith("{"):
        return _Config(source, _auths(_json(text, source), source))
    lines = (line.partition("=") for line in text.splitlines())
    fields = {name.strip(): value.strip() for name, _, value in lines}
    return _Config(source, _auths({DOCKER_HUB: fields}, source))


def _auths(value: Any, where: str) -> dict[str, Credentials]:
    known: dict[str, Credentials] = {}
    for address, entry in _object(value, where).items():
        key = credentials_key(address)
        registry = key if _is_registry(key) else registry_of(key)
        found = _credentials(entry, registry, f"{where}: {address!r}")
        # An entry without credentials marks a registry that a helper has. If a registry is spelled
        # in two ways, the usual spelling wins, else the first.
        if found is not None and (key not in known or address == key):
            known[key] = found
    return known


def _credentials(entry: Any, registry: str, where: str) -> Credentials | None:
    fields = {
        name: _string(value, f"{where}: {name}")
        for name, value in _object(entry, where).items()
        if name in ("auth", "username", "password", "email", "identitytoken", "registrytoken")
    }
    username, password = fields.get("username"), fields.get("password")
    if fields.get("auth"):
        username, password = _user_and_password(fields["auth"], f"{where}: auth")
    found = Credentials(
        server_address=registry,
        username=username or None,
        password=password or None,
        email=fields.get("email") or None,
        identity_token=fields.get("identitytoken") or None,
        registry_token=fields.get("registrytoken") or None,
    )
    known = found.username or found.identity_token or found.registry_token
    return found if known else None


def _user_and_password(auth: str, where: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(auth, validate=True).decode()
    except ValueError:
        decoded = ""
    username, _, password = decoded.partition(":")
    if not username or username == decoded:
        raise CredentialsError(f"{where}: the base64 of user:password was expected")
    return username, password.strip("\0")  # old padding, which the docker command also strips


def _helper_name(value: Any, where: str) -> str:
    name = _string(value, where)
    if re.search(r"[/\\\0]", name):
        raise CredentialsError(f"{where}: {name!r} is not the name of a helper")
    return name


def _headers(value: Any, where: str) -> dict[str, str]:
    headers = {}
    for name, text in _object(value, where).items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise CredentialsError(f"{where}: {name!r} is not a header that can be set")
        # In one spelling, so that a request's own headers replace them.
        name = "-".join(part.capitalize() for part in name.split("-"))
        if name != _SIGNATURE:
            headers[name] = _header(_string(text, f"{where}: {name}"), f"{where}: {name}")
    return headers


def _proxies(value: Any, where: str) -> dict[str, dict[str, str]]:
    return {
        host: {
            name: _string(text, f"{where}: {host!r}: {name}")
            for name, text in _object(entry, f"{where}: {host!r}").items()
            if name in _PROXIES
        }
        for host, entry in _object(value, where).items()
    }


def _custom_headers(text: str) -> dict[str, str]:
    """`one=1,"two=2, and more"`: if a name comes twice, the last value wins (docker/cli)."""
    load("csv")  # few users set these headers
    import csv

    where = "DOCKER_CUSTOM_HEADERS"
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        rows = []
    if len(rows) != 1 or not all("=" in field for field in rows[0]):
        raise CredentialsError(f"{where}: name=value, separated by commas as in CSV, was expected")
    pairs = (field.partition("=") for field in rows[0])
    return _headers({name.strip(): value for name, _, value in pairs}, where)


def _header(text: str, where: str) -> str:
    try:
        return header_value(text)
    except ValueError:
        pass  # the error would show the value
    raise CredentialsError(f"{where}: not a value of a header")


def _json(text: str, source: str) -> dict[str, Any]:
    """The JSON object in a text; a blank text is an empty object."""
    try:
        return _object(json.loads(text) if text.strip() else None, source)
    except json.JSONDecodeError as error:
        trouble = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except ValueError:
        trouble = "a number of thousands of digits"
    except RecursionError:
        trouble = "nested too deeply"
    raise CredentialsError(f"{source}: no JSON: {trouble}")


def _object(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CredentialsError(f"{where}: an object was expected, not {type(value).__name__}")
    return value


def _string(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CredentialsError(f"{where}: a string was expected, not {type(value).__name__}")
    return value
