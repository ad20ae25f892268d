"""Random faults under load: ``make chaos SECONDS=600 SEED=n``. The seed is printed first.

While messages are told without a pause, a fault of a random sort happens every second or two. In
the end everything is thawed, the system settles, and what was told must have taken effect once, in
the order of each case.
"""

import argparse
import random
import secrets
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM
from tempfile import mkdtemp

from sqlalchemy.exc import DBAPIError

from tests.faults.lab import Lab, open_lab
from tests.faults.proxy import Weather
from tests.faults.roles import SENDER


class Chaos:
    """One run."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self._lab = lab
        self._random = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self._faults: list[Callable[[], None]] = [
            self.kill_worker,
            self.end_worker_in_order,
            self.kill_relay,
            self.kill_sender,
            self.freeze_worker,
            self.kill_broker,
            self.forget_everything,
            self.swallow_traffic,
            self.reset_connections,
            self.terminate_backends,
            self.drop_receipts,
        ]

    def run(self, seconds: float) -> None:
        """Tell and break until the time is up."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            fault = self._random.choice(self._faults)
            self.happened[fault.__name__] += 1
            fault()
            self._tell_for(self._random.uniform(0.5, 1.5))
        self._lab.to_redis.weather = Weather.PASS
        for role in self._lab.roles.values():
            role.signal(SIGCONT)

    def _tell_for(self, seconds: float) -> None:
        """Tell messages, some published at once, some left to the relay."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for role in self._lab.roles.values():
                role.look()
            self._tell(is_published=self._random.random() < 0.7)
            time.sleep(0.05)

    def _tell(self, *, is_published: bool) -> None:
        told = len(self._lab.told)
        try:
            self._lab.tell(self._random.randint(1, 12), cases=4, is_published=is_published)
        except DBAPIError:
            # What was refused was not told: the sender's own count says how much was.
            query = "SELECT coalesce(sum(last_sequence), 0) FROM outbox_sequences"
            committed = int(self._lab.query(SENDER, query)[0][0])
            del self._lab.told[max(committed, told) :]

    def kill_worker(self) -> None:
        """SIGKILL."""
        self._lab.roles["worker"].signal(SIGKILL)

    def end_worker_in_order(self) -> None:
        """SIGTERM, as a roll-out does."""
        self._lab.roles["worker"].signal(SIGTERM)

    def kill_relay(self) -> None:
        """SIGKILL to the receiver's relay."""
        self._lab.roles["relay"].signal(SIGKILL)

    def kill_sender(self) -> None:
        """SIGKILL to the sender's relay."""
        self._lab.roles["sender"].signal(SIGKILL)

    def freeze_worker(self) -> None:
        """Stop it with whatever it holds, then kill it."""
        self._lab.roles["worker"].signal(SIGSTOP)
        time.sleep(self._random.uniform(0.0, 0.5))
        self._lab.roles["worker"].signal(SIGKILL)

    def kill_broker(self) -> None:
        """SIGKILL and restart from its file."""
        self._lab.redis_server.kill()
        self._tell(is_published=True)
        self._lab.redis_server.restart()

    def forget_everything(self) -> None:
        """FLUSHALL."""
        self._lab.client().flushall()

    def swallow_traffic(self) -> None:
        """The network to the broker swallows everything for a while."""
        self._lab.to_redis.weather = Weather.HOLE
        self._tell_for(self._random.uniform(0.5, 3.0))
        self._lab.to_redis.weather = Weather.PASS

    def reset_connections(self) -> None:
        """RST to every connection to the broker and to the database."""
        self._lab.to_redis.reset_all()
        self._lab.to_postgres.reset_all()

    def terminate_backends(self) -> None:
        """The database ends every session."""
        self._lab.terminate_backends()

    def drop_receipts(self) -> None:
        """Receipts on their way are lost."""
        self._lab.client().delete(f"{SENDER}.receipts")


def run(seconds: float, seed: int) -> Lab:
    """A run in a laboratory of its own; raises ``AssertionError`` if an invariant is broken."""
    print(f"SEED={seed} SECONDS={seconds:g}", flush=True)
    folder = Path(mkdtemp(prefix="nhipcau-chaos-"))
    lab = open_lab(folder)
    try:
        lab.run_all()
        chaos = Chaos(lab, seed)
        chaos.run(seconds)
        ended = time.monotonic()
        found = lab.settle(seconds=120)
        print(dict(chaos.happened), flush=True)
        print(f"settled {time.monotonic() - ended:.1f} s after the last fault: {found}", flush=True)
        lab.assert_each_once_in_order()
        return lab
    finally:
        lab.close()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """``python -m tests.faults.chaos [--seconds 60] [--seed N]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    chosen = parser.parse_args()
    run(chosen.seconds, chosen.seed)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
