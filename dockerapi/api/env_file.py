"""Files of environment variables, in the format of the docker command's `--env-file`."""

from __future__ import annotations

import os
from pathlib import Path

_BLANKS = " \t"


def read_env_file(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """The variables of the file `path` as `NAME=value` strings, for `ContainerConfig(env=...)`.

    Each line is one variable. The value is everything after the first `=`, quotes and blanks
    included. A name without `=` takes its value from this process, and is left out if it has none.
    Empty lines and lines that begin with `#` are skipped, as are blanks before a name.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not UTF-8, or a line has no name or a name with blanks; the message
            says which line.
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
            # The line is not shown: its value may be a secret.
            raise ValueError(f"{os.fspath(path)}, line {number}: no name of a variable: {name!r}")
        if is_set:
            found.append(f"{name}={value}")
        elif name in os.environ:
            found.append(f"{name}={os.environ[name]}")
    return tuple(found)
