"""Refusals about volumes, with the status and the words of each release.

The words are from recordings of 1.9, 1.13, 19.03, 20.10, 26.1, 28.5 and 29.7; a release in between
has those of the one before.
"""

from __future__ import annotations

from ..http.errors import HttpError
from .dialect import Dialect

_RULES = "includes invalid characters for a local volume name, only"


def no_volume(dialect: Dialect, name: str) -> HttpError:
    """There is no such volume."""
    return HttpError(404, f"get {name}: no such volume" if dialect.modern else "no such volume")


def bad_name(dialect: Dialect, name: str) -> HttpError:
    """An invalid name."""
    if not dialect.modern:
        return HttpError(400, f"{name} {_RULES} [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    words = f'"{name}" {_RULES} "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a '
    words += "host directory, use absolute path"
    if len(name) == 1:
        words = "volume name is too short, names should be at least two alphanumeric characters"
    return HttpError(dialect.bad_request, f"create {name}: {words}")


def bad_option(dialect: Dialect, name: str, key: str) -> HttpError:
    """An option unknown to the driver."""
    words = f'invalid option{"" if dialect.since("17.6.0") else " key"}: "{key}"'
    return HttpError(dialect.bad_request, f"create {name}: {words}")


def no_plugin(dialect: Dialect, name: str, driver: str, *, there: bool) -> HttpError:
    """There is no such driver; `there` if a volume with the name exists."""
    if dialect.since("17.6.0"):
        words = (
            f'create {name}: error looking up volume plugin {driver}: plugin "{driver}" not found'
        )
    elif dialect.modern:
        twice = f"create {name}: " * (1 if there else 2)
        words = f"{twice}Error looking up volume plugin {driver}: legacy plugin: plugin not found"
    elif there:
        words = f"A volume name {name} already exists with the local driver. "
        return HttpError(500, f"{words}Choose a different volume name.")
    else:
        words = f"Error looking up volume plugin {driver}: Plugin not found"
    return HttpError(404, words)


def no_swarm() -> HttpError:
    """A cluster volume outside of a swarm."""
    words = 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to '
    return HttpError(503, f"{words}connect this node to swarm and try again.")


def in_use(dialect: Dialect, name: str, users: list[str]) -> HttpError:
    """Containers use the volume to be removed."""
    if not dialect.modern:
        return HttpError(409, "Conflict: volume is in use")
    words = f"remove {name}: volume is in use - [{', '.join(users)}]"
    if not dialect.since("1.13.0"):
        words = f"Conflict: {words}"
    elif not dialect.since("17.6.0"):
        words = f"Unable to remove volume, volume still in use: {words}"
    return HttpError(409, words)


def two_dangling(dialect: Dialect, values: list[str]) -> HttpError:
    """More than one value where only one is allowed."""
    if not dialect.modern:
        return HttpError(409, "Conflict: cannot use more than 1 value for `dangling` filter")
    return HttpError(400, f"invalid filter 'dangling=[{' '.join(values)}]'")


def every(values: list[str]) -> bool:
    """The filter `all` of a prune, from 23.0 on."""
    if len(values) > 1:
        shown = " ".join(values)
        raise HttpError(400, f"invalid filter 'all=[{shown}]': only one value is expected")
    if values and values[0] not in ("1", "t", "true", "0", "f", "false"):
        parse = f'strconv.ParseBool: parsing "{values[0]}": invalid syntax'
        raise HttpError(400, f"invalid filter 'all': {parse}")
    return bool(values) and values[0] in ("1", "t", "true")
