"""What holds for all tests: their options and profiles, and why some were skipped, once each.

The profiles are hypothesis': how many examples a property is tried with. `--hypothesis-profile`
chooses: `dev` is for the edge of a change, `ci` for every run of all tests, `nightly` for finds.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from dockerapi.protocol import texts

# How long an example takes is a matter of the machine and of what else it does: no time limit.
settings.register_profile(
    "ci", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=25)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=1000)
settings.load_profile("ci")
CRASHED = pytest.StashKey[bool]()


@pytest.fixture(scope="module", params=["orjson", "the standard library"])
def json_reader(request: pytest.FixtureRequest) -> Iterator[str]:
    """JSON is read by orjson, and as if that were not installed: which it is, in words."""
    installed = texts.orjson
    if request.param == "orjson" and installed is None:
        pytest.skip("orjson is not installed")
    texts.orjson = installed if request.param == "orjson" else None
    yield texts.reader()
    texts.orjson = installed


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("live tests")
    group.addoption(
        "--engine",
        metavar="RELEASE",
        help="run on a private Engine of this release, such as 28.5, which is fetched if need be; "
        "or on the embedded one of an API version, such as fake-1.19; "
        "without it on one that answers here, or else on this machine's own, started privately",
    )
    group.addoption(
        "--api",
        metavar="VERSIONS",
        default="negotiated,1.19",
        help="the API versions to run with, such as 1.24,negotiated (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Coverage is that of pytest's own processes, not of those that tests begin."""
    # Which is ignored in what nohup, or a script in its background, has begun.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        os.environ.pop("COVERAGE_PROCESS_START", None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker that crashed has left tests that were not run: more than a failed test."""
    if error:
        node.config.stash[CRASHED] = True


def pytest_sessionfinish(session: pytest.Session) -> None:
    if CRASHED in session.config.stash:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, number in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"{number} {reason[0].lower()}{reason[1:]}", yellow=True)
