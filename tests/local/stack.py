"""A small stack under a supervisor, in a process of its own that tests may kill.

Run as ``stack.py FOLDER PROGRAM...``: ``servers`` for PostgreSQL and Redis, ``family`` for a shell
with a child. Prints ``up`` when everything is ready.
"""

import os
import sys
from pathlib import Path

from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.redis import Redis
from deploy.local.supervisor import Supervisor, stop_on_signals


def main(folder: Path, *names: str) -> None:
    with stop_on_signals(), Supervisor(folder) as stack:
        if "servers" in names:
            postgres = Postgres.prepare(folder / "postgres")
            redis = Redis.prepare(folder / "redis")
            stack.start([postgres.program(), redis.program()])
        if "family" in names:
            born = folder / "born"
            born.unlink(missing_ok=True)
            shell = ["/bin/sh", "-c", f"sleep 1000 & : > {born}; wait"]
            stack.start(
                [Program(name="family", argv=shell, env=dict(os.environ), ready=born.exists)]
            )
        print("up", flush=True)
        stack.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
