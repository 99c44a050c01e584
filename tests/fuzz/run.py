"""Fuzzes the targets of this folder, guided by coverage, one after the other.

    python -m fuzz.run                     every target, 10 seconds each
    python -m fuzz.run frames --seconds 600

Each target is a module with `check(data)`, which asserts what must hold whatever the bytes are,
and `seeds()`, the inputs to begin with; `words()`, if there, are put into inputs. What is found is
kept in `.fuzz/` (inputs that reach new code, and those that fail), and the exit code is 1 if
anything failed. To run an input again: `python -m fuzz.run frames --input .fuzz/frames/crash-...`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import attrs

TARGETS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in ("form", "run", "test_fuzz")
)
FOLDER = Path(".fuzz")
SLOW = 10  # seconds that one input may take
MEMORY = 1024  # MiB that the process may take
LONGEST = 4096  # bytes of an input


@attrs.frozen
class Report:
    """What came of one target."""

    target: str
    executions: int
    seconds: float
    coverage: int
    crashes: tuple[str, ...]
    output: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.target:<14}{self.executions:>12,} executions{self.seconds:>8.0f} s"
            f"{self.coverage:>8,} edges{len(self.crashes):>4} crashes"
        )


def target(name: str) -> ModuleType:
    return importlib.import_module(f"fuzz.{name}")


def fuzz(name: str, seconds: int, folder: Path = FOLDER) -> Report:
    """Fuzzes one target in a process of its own, since libFuzzer never returns."""
    corpus, seeded, found = folder / name / "corpus", folder / name / "seeds", folder / name
    for path in (corpus, seeded):
        path.mkdir(parents=True, exist_ok=True)
    module = target(name)
    for number, seed in enumerate(module.seeds()):
        (seeded / f"{number:04}").write_bytes(seed)
    words = folder / name / "words"
    quoted = (json.dumps(word) for word in sorted(set(getattr(module, "words", list)())) if word)
    words.write_text("".join(re.sub(r"\\n", r"\\x0a", word) + "\n" for word in quoted))
    before = {path.name for path in found.iterdir()}
    command = [sys.executable, "-m", "fuzz.run", name, "--libfuzzer", str(corpus), str(seeded)]
    command += [f"-max_total_time={seconds}", f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}"]
    command += [f"-max_len={LONGEST}", f"-artifact_prefix={found}/", "-print_final_stats=1"]
    if words.stat().st_size:
        command.append(f"-dict={words}")
    start = time.monotonic()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds * 2 + 120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    took = time.monotonic() - start
    crashes = sorted({path.name for path in found.iterdir()} - before)
    if done.returncode and not crashes:
        crashes = [f"exit code {done.returncode}"]
    executions = _last(r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)\s", done.stdout)
    return Report(
        name, executions, took, _last(r" cov: (\d+)", done.stdout), tuple(crashes), done.stdout
    )


def _last(pattern: str, text: str) -> int:
    found = [next(filter(None, match.groups())) for match in re.finditer(pattern, text, re.M)]
    return int(found[-1]) if found else 0


def _libfuzzer(name: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["dockerapi"]):
        module = target(name)
    atheris.Setup([sys.argv[0], *options], module.check)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--input", type=Path, help="run one target on this file, and nothing else")
    parser.add_argument("--libfuzzer", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.targets or TARGETS
    unknown = set(names) - set(TARGETS)
    if unknown:
        parser.error(f"no target: {', '.join(sorted(unknown))}")
    if given.libfuzzer is not None:
        _libfuzzer(names[0], given.libfuzzer)
    if given.input is not None:
        target(names[0]).check(given.input.read_bytes())
        return 0
    failed = False
    for name in names:
        report = fuzz(name, given.seconds)
        print(report, flush=True)
        if report.crashes:
            failed = True
            print(report.output[-4000:], *report.crashes, sep="\n", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
