"""The shape of every recorded answer of a real Engine, and of a fake one's to the same session.

What stays different is in a table, with the reason: what a machine or a moment decides, and what a
real Engine got wrong and the fake one does not. How many there are is said at the end.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from dockerapi.testing.versions import shapes
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import ApiVersion
from testing.comparing import differences, shape_of, words_of
from testing.conversation import Session, dialects, pairs, recorded

V1_2 = ApiVersion(1, 2)
MACHINE = "the recording machine: "
MOMENT = "a moment: "
UNUSED = "not imitated: "


@attrs.frozen
class Justified:
    """Differences of some operations on some Engines that stay, and why."""

    operations: str
    engines: str
    differences: str
    why: str
    always: bool = True  # False: it is there or not, by chance

    def covers(self, operation: str, engine: str, difference: str) -> bool:
        return all(
            re.fullmatch(pattern, text)
            for pattern, text in (
                (self.operations, operation),
                (self.engines, engine),
                (self.differences, difference),
            )
        )


NO_ANSWER = "(status|content_type|framing|end|kind): .*"

JUSTIFIED = (
    # Engines that crashed, or did not answer in time.
    Justified(
        "container_start_sleep",
        "0.4.4_v1.2",
        NO_ANSWER,
        "0.4.4 crashed when it started a container with a volume",
    ),
    Justified(
        "container_inspect_running",
        "0.4.4_v1.2",
        r".* \.Volumes.*",
        "0.4.4 crashed when it started this container, so that no volume was there",
    ),
    Justified(
        "container_kill_stdin",
        r"0\.3\.3_v1\.0|0\.4\.4_v1\.2|0\.6\.7_v1\.[67]",
        NO_ANSWER,
        MOMENT + "the Engine did not answer before the recorder gave up",
    ),
    Justified(
        "container_stats",
        r"1\.6\.2_.*",
        NO_ANSWER,
        "1.6.2 found no cgroups that it could read, and never answered",
    ),
    Justified(
        "image_pull_fail",
        r"0\.3\.3_v1\.0|0\.4\.4_v1\.2",
        r"(end|kind|separator|lacks|also has).*",
        MOMENT + "the recorder gave up before the Engine did; the error would have come next",
    ),
    # The terminal and the input.
    Justified(
        "container_attach_tty",
        r".*",
        "kind: raw, not ",
        MOMENT + "busybox's shell had not set up its terminal; the fake one's echoes what is typed",
    ),
    Justified(
        "container_attach_stdin",
        r"0\.3\.3_v1\.0|0\.4\.4_v1\.2",
        "kind: raw, not ",
        MOMENT + "they close the connection when input ends, and output may come before",
        always=False,
    ),
    # What is not imitated: no client and no test of a user decides by it.
    Justified(
        ".*",
        r"0\..*|1\.[67]\..*",
        r"content_type: .*, not (text/plain; charset=utf-8|application/octet-stream)",
        UNUSED + "content types that Go guesses, or that were others once",
    ),
    Justified(
        "container_.*|image_remove(_built)?",
        r"0\..*",
        "framing: none, not marked",
        UNUSED + "the length of what a 204 has not",
    ),
    Justified(
        "exec_inspect",
        r"1\.[67]\..*",
        r"lacks \.Container\..*",
        UNUSED + "up to 1.7 an exec holds its whole container; here its id",
    ),
    Justified(
        "exec_start_404|container_logs_404",
        r"1\.[67]\..*",
        NO_ANSWER,
        UNUSED + "what is not there is refused by a 200; the client inspects it before",
    ),
    Justified(
        "container_create(_.*)?",
        r"0\.[46]\..*",
        r"also has \.Warnings NoneType",
        UNUSED + "no warnings are no warnings, said or not",
    ),
    Justified(
        "container_list(_.*)?",
        r"1\.6\.2_v1\.[02]",
        r"also has \[\]\..*|lacks  \[\]",
        UNUSED + "1.6.2 finds no containers under the oldest prefixes, by mistake",
    ),
    Justified(
        "container_inspect_created",
        r"20\.10_.*",
        r"also has \.HostConfig\.Runtime str",
        UNUSED + "the runtime of a container that was never started",
    ),
    Justified(
        "image_inspect",
        r"0\..*",
        r"also has \.config\..*",
        UNUSED + "the empty configuration of an image that was imported",
    ),
    Justified(
        "container_inspect_tty",
        r"20\.10_.*",
        r"(also has|lacks) \.HostConfig\.(Dns\w*|MaskedPaths|ReadonlyPaths)(\[\])? .*",
        UNUSED + "what is empty in a host config that came with the start",
    ),
    Justified(
        "info",
        r"1\.6\.2_.*",
        r"(also has|lacks) \.\w+ (bool|int)",
        UNUSED + "0 and 1 for flags",
    ),
    # What a machine has.
    Justified(
        "container_changes",
        r"0\.3\.3_v1\.0|0\.4\.4_v1\.2",
        ".*",
        MACHINE + "its stand-in of a container runtime added /sbin/init to every container",
    ),
    Justified(
        "container_top(_args)?",
        r"0\.6\..*",
        r".*\.Processes.*",
        MACHINE + "its stand-in of lxc-ps listed no process",
    ),
    Justified(
        "image_inspect",
        r"20\.10_v1\.(24|41)",
        r".*RepoDigests.*",
        MACHINE + "busybox had been pushed to a registry, and has a digest from it",
    ),
    Justified(
        "info",
        r"28\.5_v1\.24",
        r"also has \.(Containerd|Init)Commit\.Expected str",
        MACHINE + "its packages do not know their commit, and what is empty is left out",
    ),
    Justified(
        "info",
        r"0\.6\.6_v1\.6|0\.6\.7_v1\.7",
        r"lacks \.NEventsListener int",
        MACHINE + "somebody had listened to events before; the number is left out while it is 0",
    ),
    Justified(
        "events(_until)?",
        r"0\.6\.7_v1\.6",
        r"also has \.id str, \.status str, \.time int",
        MACHINE + "nothing had been untagged or deleted in front of the recording",
    ),
    Justified(
        "image_list(_all)?",
        r"20\.10_v1\.12",
        r"also has \[\]\.Labels {}",
        MACHINE + "nothing had been committed in front of the recording",
    ),
)


@pytest.fixture(scope="module", autouse=True)
def compared(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """How many recordings were compared, and were equal; said at the end."""
    counts = dict.fromkeys(("compared", "equal", "justified", "errors", "words"), 0)
    yield counts
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(
            f"\n{counts['compared']:,} recordings compared with the fake Engine: "
            f"{counts['equal']:,} equal, {counts['compared'] - counts['equal']:,} different by "
            f"{counts['justified']:,} differences that are justified; "
            f"{counts['words']:,} of {counts['errors']:,} errors in the same words"
        )


USED: set[int] = set()


@pytest.mark.parametrize("engine", pairs())
def test_an_answer_has_the_shape_of_the_real_engines(engine: str, compared: dict[str, int]) -> None:
    unjustified: list[str] = []
    for one, answer in Session(engine).hold(recorded(engine)):
        was = shape_of(one.answer, truncated=one.truncated)
        found = differences(was, shape_of(answer, truncated=one.truncated))
        compared["compared"] += 1
        compared["equal"] += not found
        if not found and one.answer.status[:1] in ("4", "5") and one.answer.body:
            compared["errors"] += 1
            compared["words"] += words_of(one.answer) == words_of(answer)
        for difference in found:
            reasons = _reasons(one.operation, engine, difference)
            USED.update(reasons)
            compared["justified"] += bool(reasons)
            if not reasons:
                unjustified.append(f"{one.operation}: {difference}")
    print("\n".join(f"@@{engine} {x}" for x in unjustified))
    assert unjustified == []


def _reasons(operation: str, engine: str, difference: str) -> set[int]:
    return {
        number for number, one in enumerate(JUSTIFIED) if one.covers(operation, engine, difference)
    }


def test_every_recording_was_compared_and_every_justification_was_of_use(
    request: pytest.FixtureRequest, compared: dict[str, int]
) -> None:
    if compared["compared"] == sum(len(recorded(engine)) for engine in pairs()):
        unused = [
            one.why for number, one in enumerate(JUSTIFIED) if one.always and number not in USED
        ]
        assert (compared["compared"], unused) == (2072, [])


def newest(operation: str) -> Any:
    """What Engine 28.5 answered at API 1.51: the shape that goes into `shapes`."""
    (found,) = [one for one in recorded("28.5_v1.51") if one.operation == operation]
    return json.loads(found.answer.body)


def ends() -> list[Dialect]:
    """Every release with the oldest and the newest prefix that it takes."""
    found = [list(same) for _, same in itertools.groupby(dialects(), lambda one: one.release)]
    return [dialect for same in found for dialect in dict.fromkeys((same[0], same[-1]))]


@pytest.mark.parametrize(
    "chosen", [ends, pytest.param(dialects, marks=pytest.mark.nightly)], ids=["ends", "all"]
)
def test_every_release_makes_something_of_every_answer_and_leaves_it_as_it_was(
    chosen: Callable[[], list[Dialect]],
) -> None:
    container, rows = newest("container_inspect_running"), newest("container_list_running")
    image, images = newest("image_inspect"), newest("image_list")
    history, stats = newest("image_history"), newest("container_stats")
    instance, top = newest("exec_inspect"), newest("container_top")
    given = (container, rows, image, images, history, stats, instance, top)
    before = json.dumps(given)
    for dialect in chosen():
        made = (
            shapes.container(dialect, container),
            shapes.container_rows(dialect, rows),
            shapes.image(dialect, image),
            shapes.image_rows(dialect, images),
            shapes.history(dialect, history),
            shapes.stats(dialect, stats),
            shapes.exec_instance(dialect, instance),
            shapes.top(dialect, top["Titles"], top["Processes"]),
            shapes.version(dialect),
            shapes.info(dialect, {"Containers": 1, "Images": 2}),
        )
        json.dumps(made)
        if str(dialect.release) == "28.3.0" and str(dialect.api) == "1.51":
            assert made[:8] == (*given[:2], {**image, "Config": made[2]["Config"]}, *given[3:])
    assert json.dumps(given) == before
