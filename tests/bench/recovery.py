"""How soon a service's work goes on after its worker was killed with frames in its hand."""

import time
from dataclasses import dataclass
from datetime import datetime

from shared.contracts import Queue
from tests.bench.bench import Bench
from tests.bench.crew import Crew, go
from tests.bench.exchange import TRAVELLED, Exchange
from tests.bench.patience import wait_until
from tests.bench.pipeline import Ours
from tests.bench.races import Load

CASES = 300
KILLS = 3
"""Of each service's worker."""
WITHIN = 60.0
_NOW = "SELECT clock_timestamp()"
_RESENT = "SELECT coalesce(sum(resent), 0) FROM outbox_totals WHERE destination = %s"
_IN_HAND = "SELECT count(*) FROM begun_frames WHERE begun_at > %s"


def recovery(bench: Bench) -> None:
    """Goal 13: the kill, a new process, and all that the dead one had in hand handled."""
    for _ in range(KILLS):
        for service in TRAVELLED:
            seen = killed_in_the_middle(bench.exchange, service)
            name = f"worker of {service} killed"
            bench.measured.ratio("13", seen.goes_on)
            bench.measured.note(f"{name}: until work goes on s", seen.goes_on)
            bench.measured.note(f"{name}: until all is handled s", seen.is_done)
            bench.say(f"{name}: goes on after {seen.goes_on:.1f} s, done after {seen.is_done:.1f}")


@dataclass(frozen=True)
class Resumed:
    """Seconds from the kill, the new process's start among them."""

    goes_on: float
    """Until something that was sent again is committed and receipted."""
    is_done: float
    """Until every message is handled and receipted; what was begun is handled one by one."""


def killed_in_the_middle(exchange: Exchange, service: Queue) -> Resumed:
    """A worker is killed with frames in its hand, and started again at once."""
    ours, load = Ours(exchange), Load(CASES)
    with Crew(exchange.folder) as crew:
        ours.start(crew, load)
        _let_go(ours, crew, "warm-up", load)
        ours.settle()
        since = exchange.query(service, _NOW)[0][0]
        _let_go(ours, crew, "feeder", load)
        worker = f"{service}-worker"
        _freeze_with_frames(exchange, crew, service, since)
        sent_again = _sent_again(exchange, service)
        began = time.monotonic()
        crew.end([worker])
        exchange.start(crew, service, "worker")
        wait_until(
            lambda: _sent_again(exchange, service) > sent_again,
            seconds=WITHIN,
            what="it goes on",
            every=0.1,
        )
        goes_on = time.monotonic() - began
        wait_until(exchange.is_calm, seconds=WITHIN, what="all is handled", every=0.1)
        is_done = time.monotonic() - began
        ours.settle()
        crew.check()
    return Resumed(goes_on, is_done)


def _let_go(ours: Ours, crew: Crew, name: str, load: Load) -> None:
    go(ours.lap(crew, name, load).feeder)


def _freeze_with_frames(exchange: Exchange, crew: Crew, service: Queue, since: datetime) -> None:
    """Let its worker stand still at a moment at which it has begun what it has not ended."""
    worker = f"{service}-worker"

    def has_frames() -> bool:
        crew.freeze([worker])
        if exchange.query(service, _IN_HAND, since)[0][0]:
            return True
        crew.thaw([worker])
        return False

    wait_until(has_frames, seconds=WITHIN, what=f"{worker} has frames in hand", every=0.01)


def _sent_again(exchange: Exchange, receiver: Queue) -> int:
    """How many sendings beyond the first a service has receipted so far."""
    counted = [exchange.query(sender, _RESENT, receiver)[0][0] for sender in Queue]
    return int(sum(counted))
