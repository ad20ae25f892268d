"""What the exchange costs while nothing happens, and as there is more of it."""

import time
from collections.abc import Callable
from functools import partial

from deploy.local.ports import free_port
from deploy.stack.programs import answers
from shared.contracts import Queue
from tests.bench.bench import Bench
from tests.bench.crew import Crew
from tests.bench.patience import wait_until
from tests.bench.pipeline import Ours
from tests.bench.races import Load, saturated
from tests.bench.usage import used_by_tree

STARTED_WITHIN = 180.0
CALM_EACH = 1.5
"""Seconds for each process until what a start leaves to do is done."""
WATCHED = 30.0
STACK = 14
"""Processes of the whole stack, about."""
MANY_WORKERS = 4
MANY_RELAYS = 10
"""Relays of each service: fifty of five services."""


def idle(bench: Bench) -> None:
    """Goal 12: the whole stack as `make up` runs it, its supervisor and both servers included."""
    port = free_port()
    data = bench.exchange.folder / "idle"
    with Crew(bench.exchange.folder) as crew:
        stack = crew.run("stack", "deploy.cli", "up", "--data", data, "--port", port)
        try:
            wait_until(lambda: answers(port), seconds=STARTED_WITHIN, what="the stack answers")
            share = _share_of_a_core(partial(used_by_tree, stack.pid), STACK)
            crew.check()
        finally:
            # Asked to stop it ends what it has started.
            stack.terminate()
            stack.wait(timeout=STARTED_WITHIN)
    bench.measured.ratio("12", 100 * share)
    bench.say(f"the whole stack at rest: {100 * share:.2f} % of a core")


def relays(bench: Bench) -> None:
    """Processor time at rest of five relays, and of fifty."""
    shares = []
    for each in (1, MANY_RELAYS):
        with Crew(bench.exchange.folder) as crew:
            for number in range(each):
                for service in Queue:
                    bench.exchange.start(crew, service, "relay", number=number)
            shares.append(_share_of_a_core(partial(_with_servers, bench, crew), len(crew.names)))
        count = each * len(Queue)
        bench.measured.note(f"{count} idle relays with both servers, % of a core", 100 * shares[-1])
    told = f"{100 * shares[0]:.2f} % of a core, fifty {100 * shares[1]:.2f} %"
    bench.say(f"five idle relays: {told}")


def workers(bench: Bench) -> None:
    """Rate and cost with four workers for each service, beside one."""
    bench.exchange.empty_queues()
    many = Ours(bench.exchange, workers=MANY_WORKERS)
    run = saturated(many, bench.exchange.folder, Load(bench.cases))
    bench.tell(f"ours, {MANY_WORKERS} workers per service", run)
    one = bench.frames
    told = f"{run.rate / one.rate:.2f} of the rate, {run.total / one.total:.2f} of the cost"
    bench.say(f"{MANY_WORKERS} workers per service: {told} of one")


def _with_servers(bench: Bench, crew: Crew) -> float:
    servers = (bench.exchange.postgres.pid, bench.exchange.redis.pid)
    return crew.cpu(crew.names) + sum(used_by_tree(pid) for pid in servers)


def _share_of_a_core(used: Callable[[], float], processes: int) -> float:
    time.sleep(CALM_EACH * processes)
    before, began = used(), time.monotonic()
    time.sleep(WATCHED)
    return (used() - before) / (time.monotonic() - began)
