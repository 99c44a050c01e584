"""One job by one client, in this process: prints seconds and what was counted, as JSON.

python -m benchmarks.live.worker CLIENT JOB SOCKET AMOUNT ID IMAGE CONTEXT
"""

from __future__ import annotations

import importlib
import json
import sys
import time

from benchmarks.live.jobs import ASKED_BEFORE


def main(client: str, job: str, socket_path: str, amount: str, *subjects: str) -> None:
    """The subjects: the id of a container, the name of an image, the path of a build context."""
    sys.modules["orjson"] = None  # type: ignore[assignment]  # as without the extra `speedups`
    module = importlib.import_module(f"benchmarks.live.{client}")
    connection = module.connect(socket_path)
    module.inspect(connection, ASKED_BEFORE, *subjects)
    does = getattr(module, job)
    does(connection, 1, *subjects)  # which imports what the job needs
    started = time.perf_counter()
    counted = does(connection, int(amount), *subjects)
    seconds = time.perf_counter() - started
    module.close(connection)
    print(json.dumps({"seconds": seconds, "counted": counted}))


if __name__ == "__main__":
    main(*sys.argv[1:])
