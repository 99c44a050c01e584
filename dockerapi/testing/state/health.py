"""Health checks: a command in a container's config, run repeatedly as an exec."""

from __future__ import annotations

import threading
import time
from typing import Any

import attrs

from ..play.running import CannotStart
from .container import Container
from .execs import Execs
from .images import timestamp

SECOND = 10**9
INTERVAL = TIMEOUT = 30 * SECOND
START_INTERVAL = 5 * SECOND
RETRIES = 3
KEPT = 5  # results shown by inspect
LONGEST = 4096  # bytes of output


def watch(container: Container, execs: Execs) -> None:
    """Check a container that has just been started; called with the lock held."""
    check: dict[str, Any] = container.config.get("Healthcheck") or {}
    test = [str(word) for word in check.get("Test") or ()]
    container.health = None
    if not test or test[0] == "NONE":
        return
    argv = test[1:]
    if test[0] == "CMD-SHELL":
        argv = [*(container.config.get("Shell") or ("/bin/sh", "-c")), *argv]
    container.health = {"Status": "starting", "FailingStreak": 0, "Log": []}
    watcher = _Watcher(container, execs, check, argv, container.starts)
    threading.Thread(target=watcher.watch, daemon=True).start()


@attrs.define(eq=False)
class _Watcher:
    """The checks during one run of a container."""

    _container: Container
    _execs: Execs
    _check: dict[str, Any]
    _argv: list[str]
    _run: int

    def _over(self) -> bool:
        return self._container.starts != self._run or self._container.running is None

    def watch(self) -> None:
        changed = self._container.changed
        began = time.monotonic_ns()
        grace = self._check.get("StartPeriod") or 0
        while True:
            early = time.monotonic_ns() - began < grace
            pause = self._check.get("Interval") or INTERVAL
            if early and self._status() == "starting":
                pause = self._check.get("StartInterval") or START_INTERVAL
            with changed:
                if changed.wait_for(self._over, pause / SECOND):
                    return
                if self._container.state == "paused":
                    continue
                result = self._checked()
                if result is None:
                    return
                self._note(result, counts=time.monotonic_ns() - began >= grace)

    def _status(self) -> str:
        return str((self._container.health or {}).get("Status"))

    def _checked(self) -> dict[str, Any] | None:
        """Run the check once; returns the result, None once the container has ended."""
        changed = self._container.changed
        timeout = self._check.get("Timeout") or TIMEOUT
        asked = {"Cmd": self._argv, "AttachStdout": True, "AttachStderr": True}
        begun = time.time_ns()
        one = self._execs.add(self._container, asked)
        heard = one.broadcast.listen(frozenset(("stdout", "stderr")))
        try:
            one.start()
            in_time = changed.wait_for(
                lambda: self._over() or one.exit_code is not None, timeout / SECOND
            )
            code, said = one.exit_code, b""
            if not in_time:
                one.kill()
                code, said = -1, f"Health check exceeded timeout ({timeout / SECOND:g}s)".encode()
        except CannotStart as error:
            code, said = -1, str(error).encode()
        finally:
            heard.close()
            self._container.execs.pop(one.id)
        if code is None or self._over():
            return None
        output = said or b"".join(data for _, data in heard.waiting())
        return {
            "Start": timestamp(begun),
            "End": timestamp(time.time_ns()),
            "ExitCode": code,
            "Output": output[:LONGEST].decode("utf-8", "replace"),
        }

    def _note(self, result: dict[str, Any], *, counts: bool) -> None:
        health, before = self._container.health, self._status()
        assert health is not None
        streak, status = health["FailingStreak"], before
        if result["ExitCode"] == 0:
            streak, status = 0, "healthy"
        elif counts or before != "starting":
            streak += 1
            status = "unhealthy" if streak >= (self._check.get("Retries") or RETRIES) else before
        log = [*health["Log"], result][-KEPT:]
        self._container.health = {"Status": status, "FailingStreak": streak, "Log": log}
        if status != before:
            self._container.tell(f"health_status: {status}")
        self._container.changed.notify_all()
