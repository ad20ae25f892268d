"""A relay's sweep in a process of its own, that can be killed before it has committed."""

import sys
import time
from datetime import datetime

from services.verification.domain import WATCHING
from shared.kit.database import Database, make_engine, run_hooks


def main(url: str, now: str) -> None:
    """Sweep, write all that is written before a commit, and say so; never commit."""
    with Database(make_engine(url)).begin() as session:
        moved = WATCHING.watch(session, datetime.fromisoformat(now))
        run_hooks(session)
        session.flush()
        session.connection().exec_driver_sql("SELECT 1")
        print(moved, flush=True)
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
