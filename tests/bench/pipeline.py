"""Our four services under a load of cases: how fast, at which cost."""

import subprocess
import time
from dataclasses import dataclass

from deploy.stack.environment import Process
from shared.contracts import Queue
from tests.bench.contestants import Run
from tests.bench.crew import Crew, go
from tests.bench.exchange import TRAVELLED, Exchange, wait_until

WARM_UP = 128
SEALED_WITHIN = 60.0


@dataclass(frozen=True)
class Load:
    """Cases in all and per transaction; ``frame``: most messages per frame, unset for ours."""

    cases: int
    batch: int = 64
    frame: int | None = None


def saturated(exchange: Exchange, load: Load) -> Run:
    """From the first transaction of intake to the delivery row of the last offer."""
    with Crew(exchange.folder) as crew:
        exchange.start_services(crew, load.frame)
        feed(exchange, crew, "warm-up", Load(WARM_UP, load.batch, load.frame))
        exchange.settle()
        told = exchange.balance().told
        used, relayed = _usage(crew, "worker"), _usage(crew, "relay")
        seconds = feed(exchange, crew, "feeder", load)
        spent, relayed = _usage(crew, "worker") - used, _usage(crew, "relay") - relayed
        exchange.settle()
        crew.check()
        memory = sum(crew.memory(f"{service}-worker") for service in TRAVELLED) / len(TRAVELLED)
        hops = (exchange.balance().told - told) / load.cases
    detail = f"{hops:.1f} messages per case; relays {relayed * 1e6 / load.cases:.0f} us per case"
    return Run(load.cases / seconds, spent / load.cases, memory, detail)


def feed(exchange: Exchange, crew: Crew, name: str, load: Load) -> float:
    """Feed cases and wait for their referrals; returns the seconds from the first to the last."""
    feeder = _feeder(exchange, crew, name, load)
    with exchange.referrals() as wait:
        began = time.monotonic()
        go(feeder)
        return wait(load.cases) - began


def pour(exchange: Exchange, crew: Crew, name: str, load: Load) -> None:
    """Feed cases and return when the last one is stored, whatever becomes of them."""
    feeder = _feeder(exchange, crew, name, load)
    go(feeder)
    if feeder.wait(timeout=SEALED_WITHIN):
        raise RuntimeError("the feeder failed; see its log")


def _feeder(exchange: Exchange, crew: Crew, name: str, load: Load) -> "subprocess.Popen[bytes]":
    """A process that has sealed its cases and waits for a line."""
    env = exchange.environment.of(Queue.INTAKE, Process.API)
    if load.frame is not None:
        env["INTAKE_FRAME"] = str(load.frame)
    receiver = exchange.receiver_id()
    feeder = crew.run(name, "tests.bench.feed", load.cases, load.batch, receiver, env=env)
    wait_until(lambda: _is_asleep(crew, name), seconds=SEALED_WITHIN, what="cases are sealed")
    return feeder


def _is_asleep(crew: Crew, name: str) -> bool:
    """Whether the feeder waits for its line: it has prepared its cases and uses no processor."""
    before = crew.cpu([name])
    time.sleep(0.1)
    return before > 0.3 and crew.cpu([name]) == before


def _usage(crew: Crew, part: str) -> float:
    return crew.cpu([f"{service}-{part}" for service in TRAVELLED])
