"""Files of variables, as the docker command reads them after `--env-file`."""

from __future__ import annotations

import os
from pathlib import Path

_BLANKS = " \t"


def read_env_file(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """The variables of a file, as `NAME=value`, for `ContainerConfig(env=...)`.

    A line is one variable. Its value is all that follows the first `=`, with quotes and blanks. A
    name alone has the value that it has in this process, and is left out where it has none. Empty
    lines, and those that begin with `#`, mean nothing; blanks before a name neither.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no UTF-8, or a line has no name, or one with blanks in it; says which.
    """
    found = []
    lines = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, data in enumerate(lines, 1):
        try:
            line = data.removesuffix(b"\r").decode().lstrip(_BLANKS)
        except UnicodeDecodeError:
            raise ValueError(f"{os.fspath(path)}, line {number}: no UTF-8") from None
        if not line or line.startswith("#"):
            continue
        name, is_set, value = line.partition("=")
        if not name or any(blank in name for blank in _BLANKS):
            # The value may be a secret.
            raise ValueError(f"{os.fspath(path)}, line {number}: no name of a variable: {name!r}")
        if is_set:
            found.append(f"{name}={value}")
        elif name in os.environ:
            found.append(f"{name}={os.environ[name]}")
    return tuple(found)
