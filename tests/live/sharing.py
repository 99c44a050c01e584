"""One Engine for all processes of a test run: the first that needs it starts it, and ends it last.

With pytest-xdist every process is a session of its own. They find each other by files in the folder
of the run: one tells where the Engine is, and who uses that holds a shared lock on another, which
goes with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from live.engine import Engine, NoEngine
from live.programs import Missing, in_turn


@contextlib.contextmanager
def shared(folder: Path, begin: Callable[[], Engine]) -> Iterator[Engine]:
    """The Engine of the run that the folder belongs to; `begin` starts it if there is none yet."""
    told, coming = folder / "engine.json", folder / "engine.coming"
    with contextlib.ExitStack() as stack:
        users = stack.enter_context(open(folder / "engine.users", "a"))
        with in_turn(coming):
            found = json.loads(told.read_text()) if told.exists() else {}
            if "missing" in found:
                raise NoEngine(found["missing"])
            if found:
                engine = Engine(found["url"])
            else:
                try:
                    engine = stack.enter_context(begin())
                except Missing as error:
                    told.write_text(json.dumps({"missing": str(error)}))
                    raise
                told.write_text(json.dumps({"url": engine.url}))
            fcntl.flock(users, fcntl.LOCK_SH)
        yield engine
        if not found:
            with in_turn(coming):
                fcntl.flock(users, fcntl.LOCK_EX)  # once the others have gone
                told.unlink()
                stack.close()
