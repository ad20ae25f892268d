"""Random faults under load: ``make chaos SECONDS=600 SEED=n``.

While messages are told without a pause, a fault of a random sort happens every second or two. In
the end everything is thawed, the system settles, and what was told must have taken effect once, in
the order of each case. The seed is printed first: it decides which faults come in which order. The
result is printed last, as ``CHAOS {json}``.
"""

import argparse
import random
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM

import orjson
from sqlalchemy.exc import DBAPIError

from deploy.local.scratch import scratch
from deploy.stack.invariants import Balance
from tests.faults.lab import Lab, Way, open_lab
from tests.faults.proxy import Weather
from tests.faults.roles import SENDER

FOREVER = 10**9


@dataclass(frozen=True)
class Outcome:
    """How a run ended in which every invariant held."""

    seed: int
    faults: dict[str, int]
    effects: int
    settled_after: float
    """Seconds between the last fault and the moment nothing was on its way any more."""
    balance: Balance

    def line(self) -> str:
        """The last line."""
        figures = {
            "holds": True,
            "seed": self.seed,
            "faults": self.faults,
            "told": self.balance.told,
            "effects": self.effects,
            "lost": self.balance.lost,
            "twice": self.balance.twice,
            "resent": self.balance.resent,
            "settled_after": round(self.settled_after, 1),
        }
        return f"CHAOS {orjson.dumps(figures).decode()}"


class Chaos:
    """One run."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self._lab = lab
        # How much is told meanwhile depends on the machine; which faults come must not.
        self._random = random.Random(seed)
        self._telling = random.Random(seed + FOREVER)
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

    def _tell_for(self, seconds: float) -> None:
        """Tell messages, most published at once, some left to the relay."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for role in self._lab.roles.values():
                role.look()
            self._tell(Way.HTTP if self._telling.random() < 0.7 else Way.RELAY)
            time.sleep(0.05)

    def _tell(self, way: Way) -> None:
        told = len(self._lab.told)
        try:
            self._lab.tell(self._telling.randint(1, 12), cases=4, way=way)
        except DBAPIError:
            # What was refused was not told: the sender's own count says how much was.
            query = (
                "SELECT coalesce(sum(CAST(last AS bigint)), 0)"
                " FROM outbox_sequences, jsonb_each_text(last_sequences) AS told(destination, last)"
            )
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
        with self._lab.frozen("worker"):
            self._tell_for(self._random.uniform(0.0, 0.5))
            self._lab.roles["worker"].signal(SIGKILL)

    def kill_broker(self) -> None:
        """SIGKILL and restart from its file."""
        self._lab.redis_server.kill()
        self._tell(Way.HTTP)
        self._lab.redis_server.restart()

    def forget_everything(self) -> None:
        """FLUSHALL."""
        self._lab.client().flushall()

    def swallow_traffic(self) -> None:
        """The network to the broker swallows everything for a while."""
        with self._lab.weather(Weather.HOLE):
            self._tell_for(self._random.uniform(0.5, 3.0))

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


def run(seconds: float, seed: int) -> Outcome:
    """A run in a laboratory of its own; raises ``AssertionError`` if an invariant is broken."""
    # Kept, with the logs of all processes, where something went wrong.
    with scratch(kept_after_a_fault=True) as folder:
        return _run(folder, seconds, seed)


def _run(folder: Path, seconds: float, seed: int) -> Outcome:
    lab = open_lab(folder)
    try:
        lab.run_all()
        chaos = Chaos(lab, seed)
        chaos.run(seconds)
        ended = time.monotonic()
        found = lab.settle()
        settled_after = time.monotonic() - ended
        lab.assert_each_once_in_order()
        return Outcome(seed, dict(chaos.happened), lab.effects(), settled_after, found)
    finally:
        lab.close()


def main() -> int:
    """``python -m tests.faults.chaos [--seconds 60] [--seed N]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(FOREVER))
    chosen = parser.parse_args()
    print(f"SEED={chosen.seed} SECONDS={chosen.seconds:g}", flush=True)
    try:
        print(run(chosen.seconds, chosen.seed).line(), flush=True)
    except AssertionError:
        traceback.print_exc()
        print(f"CHAOS {orjson.dumps({'holds': False, 'seed': chosen.seed}).decode()}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
