"""We and the peers that do the same durable work: how fast, how soon, at which cost, and killed."""

from tests.bench.bench import LONE_SAMPLES, PACE, Bench
from tests.bench.durable.peers import USUAL, NotInstalled, Peer
from tests.bench.pipeline import Ours
from tests.bench.races import Contestant, Load, Run, killed, lone, saturated
from tests.bench.stopwatch import percentile


def same_work(bench: Bench) -> None:
    """Goals 3b and 3c."""
    runs: dict[str, Run] = {}
    for peer in peers(bench):
        runs[peer.name] = saturated(peer, bench.exchange.folder, Load(bench.cases))
        bench.tell(peer.name, runs[peer.name])
    best = max(runs.values(), key=lambda run: run.rate)
    bench.measured.ratio("3b", bench.frames.rate / best.rate)
    bench.measured.ratio("3c", bench.frames.total / best.total)


def lone_cases(bench: Bench) -> None:
    """Goal 5c."""
    load = Load(bench.share_of(LONE_SAMPLES), batch=1, rate=PACE)
    middles: dict[str, float] = {}
    for contestant in _all(bench):
        latencies = lone(contestant, bench.exchange.folder, load)
        bench.tell_latency(f"a lone case, {contestant.name},", latencies)
        middles[contestant.name] = percentile(latencies, 0.5)
    ours = middles.pop("ours")
    bench.measured.ratio("5c", ours / min(middles.values()))


def kills(bench: Bench) -> None:
    """What each loses or doubles when all its workers are killed, and when it has gone on."""
    for contestant in _all(bench):
        seen = killed(contestant, bench.exchange.folder)
        name = f"{contestant.name}, all workers killed"
        bench.measured.note(f"{name}: until the last case s", seen.seconds)
        bench.measured.note(f"{name}: longest standstill s", seen.standstill)
        bench.measured.note(f"{name}: lost", seen.lost)
        bench.measured.note(f"{name}: doubled", seen.doubled)
        went_on = f"the last case after {seen.seconds:.1f} s, standstill {seen.standstill:.1f} s"
        bench.say(f"{name}: {went_on}, lost {seen.lost}, doubled {seen.doubled}")


def peers(bench: Bench) -> list[Peer]:
    """Those that can be had; raises ``NotInstalled`` if that is none."""
    found = []
    for name in (*USUAL, *(["dbos"] if bench.dbos else [])):
        try:
            found.append(bench.peer(name))
        except NotInstalled as missing:
            bench.measured.reasons[name] = str(missing)
    if not found:
        raise NotInstalled("no peer that does the same work is installed; `make bench` does it")
    return found


def _all(bench: Bench) -> list[Contestant]:
    return [Ours(bench.exchange), *peers(bench)]
