"""What is measured: the jobs, how much each does, and what is promised of it."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
CLIENTS = ("ours", "docker_py", "plain")
SPEEDUPS = "speedups"  # ours with the extra of that name, which the others do not see


@dataclass(frozen=True)
class Job:
    """One job, which every client does in its own way.

    Args:
        does: the function of a client's module.
        amount: how much, in the unit of that function; `tiny` for a test of the benchmarks.
        arguments: the function's further ones.
        target: the time of dockerapi over that of docker-py, at most.
        with_speedups: the same with the extra `speedups`.
        of_plain: the time of dockerapi over that of plain sockets, at most.
        peer_amount: what docker-py gets, where it could not do `amount` in a minute.
        streams: memory must not grow with the amount: at most docker-py's, and 60 MiB.
    """

    name: str
    title: str
    does: str
    amount: int
    tiny: int
    arguments: tuple[int, ...] = ()
    target: float | None = None
    with_speedups: float | None = None
    of_plain: float | None = None
    peer_amount: int | None = None
    streams: bool = False

    @property
    def scales(self) -> bool:
        """Whether docker-py does as much as the others."""
        return self.peer_amount is None

    @property
    def clients(self) -> tuple[str, ...]:
        """Who does it."""
        return CLIENTS if self.with_speedups is None else (*CLIENTS, SPEEDUPS)


def _framed(size: int, title: str, amount: int, iterated: float) -> list[Job]:
    name, held = f"logs_{title.replace(' ', '').lower()}", min(amount, 64 * MIB)
    what = f"frames of {title}"
    return [
        Job(
            name,
            f"logs of {amount // MIB} MiB, {what}, iterated",
            "logs",
            amount // size,
            64,
            (size,),
            target=iterated,
            streams=True,
        ),
        Job(
            f"{name}_packed",
            f"logs of {amount // MIB} MiB, {what}, many in a chunk, iterated",
            "logs_packed",
            amount // size,
            512,
            (size,),
            target=iterated,
            streams=True,
        ),
        Job(
            f"{name}_read",
            f"logs of {held // MIB} MiB, {what}, read as a whole",
            "logs_read",
            held // size,
            64,
            (size,),
            target=0.20 if size == 64 else None,
        ),
    ]


def _exec(size: int, title: str, amount: int) -> Job:
    return Job(
        f"exec_{title.replace(' ', '').lower()}",
        f"output of an exec, {amount // MIB} MiB, frames of {title}, read as a whole",
        "exec_read",
        amount // size,
        64,
        (size,),
        target=0.5,
    )


JOBS = [
    Job("import", "import and first request", "first", 1, 1, target=0.6),
    Job("inspect_one", "inspect one id 2,000 times", "inspect_one", 2000, 3, target=0.24),
    Job("inspect_many", "inspect 2,000 ids", "inspect_many", 2000, 3, target=0.16),
    Job(
        "list",
        "list 1,000 containers, read id, names, state; 20 times",
        "list_containers",
        20,
        2,
        target=0.95,
        with_speedups=0.65,
    ),
    Job("threads", "32 threads, 200 inspects each", "threads", 200, 2, (32,), target=0.32),
    *_framed(64, "64 B", 16 * MIB, 0.20),
    Job(
        "logs_64b_joined",
        "the same, beside the frames that docker-py streams, joined",
        "logs_joined",
        16 * MIB // 64,
        64,
        (64,),
        target=0.10,
    ),
    *_framed(1024, "1 KiB", 64 * MIB, 0.35),
    *_framed(16 * 1024, "16 KiB", 512 * MIB, 0.90),
    Job("tty", "logs of a TTY, 1 MiB", "tty", MIB, 8192, target=0.02, streams=True),
    _exec(64, "64 B", 16 * MIB),
    _exec(1024, "1 KiB", 64 * MIB),
    _exec(16 * 1024, "16 KiB", 64 * MIB),
    Job(
        "exec_16kib_x4",
        "output of an exec, 256 MiB, frames of 16 KiB, read as a whole",
        "exec_read",
        256 * MIB // (16 * 1024),
        64,
        (16 * 1024,),
        target=0.5,
    ),
    Job(
        "events",
        "200,000 events, read id and action",
        "events",
        200_000,
        10,
        target=0.40,
        with_speedups=0.30,
        streams=True,
    ),
    Job(
        "events_packed",
        "200,000 events, fifty in a chunk, read id and action",
        "events_packed",
        200_000,
        100,
        target=0.85,
        with_speedups=0.65,
        streams=True,
    ),
    Job(
        "pull",
        "50,000 messages of a pull, nothing between them",
        "pull",
        50_000,
        10,
        target=1.0,
        streams=True,
    ),
    Job(
        "export",
        "export 1 GiB",
        "export",
        1024 * MIB,
        MIB,
        target=0.90,
        of_plain=2.0,
        streams=True,
    ),
    Job("upload", "upload a tar of 1 GiB", "upload", 1024 * MIB, MIB, target=0.6, streams=True),
    Job(
        "context", "build context of 20,000 files", "context", 20_000, 20, target=0.5, streams=True
    ),
    Job(
        "json_5mb",
        "one JSON value of 5 MB in chunks of 4 KiB",
        "json",
        5_000_000,
        9000,
        peer_amount=500_000,
    ),
    Job(
        "json_20mb",
        "one JSON value of 20 MB in chunks of 4 KiB",
        "json",
        20_000_000,
        9000,
        peer_amount=2_000_000,
    ),
]

# What CI looks at, in little: none may become much slower than the document says.
GUARDED = {"inspect_one": 600, "list": 15, "logs_64b": 128 * 1024}
MOST_SLOWER = 1.5  # in two of three rounds

# Four times as much must take at most so many times as long.
LINEAR = [("exec_16kib", "exec_16kib_x4", 4.5), ("json_5mb", "json_20mb", 4.5)]

BY_NAME = {job.name: job for job in JOBS}
