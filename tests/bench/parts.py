"""Which parts a measurement has, in which order, and what happens if one of them cannot run."""

import traceback
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from tests.bench import endpoints, pages, recovery, rounds, same_work, standing
from tests.bench.bench import Bench

Part = Callable[[Bench], None]

EVERY_ROUND: Mapping[str, Part] = MappingProxyType(
    {
        "pipeline": rounds.pipeline,
        "floor": rounds.limit,
        "unkept": rounds.unkept,
        "same-work": same_work.same_work,
        "lone": same_work.lone_cases,
        "journeys": rounds.journeys,
        "posts": rounds.posts,
        "stored": rounds.stored,
        "sustained": rounds.sustained,
        "backlog": rounds.backlog,
    }
)
ONCE: Mapping[str, Part] = MappingProxyType(
    {
        "kills": same_work.kills,
        "recovery": recovery.recovery,
        "idle": standing.idle,
        "relays": standing.relays,
        "workers": standing.workers,
        "endpoints": endpoints.endpoints,
        "pages": pages.pages,
    }
)


def run(bench: Bench, asked: Collection[str]) -> None:
    """Run what was asked for: some parts in every round, the others once at the end."""
    for number in range(1, bench.rounds + 1):
        bench.say(f"round {number} of {bench.rounds}")
        bench.begin()
        for name, part in EVERY_ROUND.items():
            if name in asked:
                _run(bench, name, part)
    for name, part in ONCE.items():
        if name in asked:
            _run(bench, name, part)


def _run(bench: Bench, name: str, part: Part) -> None:
    """One part; what it cannot do is told, and the others go on."""
    try:
        part(bench)
    except Exception as fault:  # noqa: BLE001 - the reason is shown, recorded, and fails the run
        reason = f"{type(fault).__name__}: {fault}".splitlines()[0]
        bench.measured.reasons[name] = reason
        bench.say(f"{name} could not be measured: {reason}")
        traceback.print_exc()
