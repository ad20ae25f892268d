"""One round of each comparison: everything that is compared runs within minutes of each other."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from tests.bench import growth, web
from tests.bench.contestants import Run, Track, paced_plain, saturated_peer, saturated_plain
from tests.bench.crew import Crew
from tests.bench.exchange import Exchange
from tests.bench.peers import PEERS
from tests.bench.pipeline import Load, pour, saturated
from tests.bench.stopwatch import percentile

JOBS = 1_000
"""Jobs of plain Celery and of peers in one run; ours has twice as many cases."""
PACED = 100
PACE = 10.0
"""Jobs a second in the runs that measure latency: five rounds make 500 samples."""
POSTS = 1_500
BACKLOG_CASES = 3_400
"""Each tells three services: more than 10,000 messages."""

Say = Callable[[str], None]


@dataclass
class Measured:
    """Ratios of every round, by goal; and figures for people, by name."""

    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, name: str, value: float) -> None:
        """A figure that is no ratio."""
        self.figures[name].append(value)

    def ratio(self, goal: str, value: float) -> None:
        """A ratio of this round."""
        self.ratios[goal].append(value)


def pipeline(exchange: Exchange, track: Track, measured: Measured, say: Say) -> None:
    """Goals 1, 2, 3, 6 and 9."""
    plain = _quiet(exchange, saturated_plain(track, JOBS))
    _tell(measured, say, "plain Celery, four hops", plain)
    ours = _quiet(exchange, saturated(exchange, Load(2 * JOBS)))
    _tell(measured, say, "ours, frames", ours)
    single = _quiet(exchange, saturated(exchange, Load(JOBS // 4, batch=1, frame=1)))
    _tell(measured, say, "ours, one message per frame", single)
    peers = {}
    for name in PEERS:
        peers[name] = _quiet(exchange, saturated_peer(track, name, JOBS))
        _tell(measured, say, name, peers[name])
    measured.ratio("1", ours.rate / plain.rate)
    measured.ratio("2", single.rate / plain.rate)
    measured.ratio("3", ours.rate / max(peer.rate for peer in peers.values()))
    measured.ratio("6", ours.cpu / plain.cpu)
    measured.ratio("9", ours.memory / plain.memory)


def journeys(exchange: Exchange, track: Track, measured: Measured, say: Say) -> None:
    """Goals 4 and 5."""
    plain = _quiet(exchange, saturated_plain(track, JOBS))
    full = web.journeys(exchange, web.Pace(JOBS)).rate
    measured.note("POST to webhook, journeys/s", full)
    measured.ratio("4", full / plain.rate)
    say(f"POST to webhook: {full:.0f}/s; plain Celery: {plain.rate:.0f}/s")
    theirs = paced_plain(track, PACED, PACE)
    exchange.empty_queues()
    ours = web.journeys(exchange, web.Pace(PACED, PACE)).latencies
    for name, values in (("plain Celery", theirs), ("POST to webhook", ours)):
        measured.figures[f"{name} at {PACE:.0f}/s, seconds"].extend(values)
        p50, p99 = (percentile(values, share) * 1e3 for share in (0.5, 0.99))
        say(f"{name} at {PACE:.0f}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    measured.ratio("5", percentile(ours, 0.5) / percentile(theirs, 0.5))
    measured.ratio("5b", percentile(ours, 0.99) / percentile(theirs, 0.99))


def posts(exchange: Exchange, measured: Measured, say: Say) -> None:
    """Goal 8."""
    stored = web.submissions(exchange, web.STORED, POSTS).rate
    unstored = web.submissions(exchange, web.UNSTORED, POSTS).rate
    measured.note("POST with commit, 16 clients, cases/s", stored)
    measured.note("POST without database, 16 clients, cases/s", unstored)
    measured.ratio("8", stored / unstored)
    say(f"POST with commit: {stored:.0f}/s; without database: {unstored:.0f}/s")


def stored_rows(sets: list[growth.Grown], measured: Measured, say: Say) -> None:
    """Goal 7."""
    costs = {one.size: growth.seconds_per_case(one) for one in sets}
    for size, seconds in costs.items():
        measured.note(f"a case in databases of {size:,} rows, ms", seconds * 1e3)
    measured.ratio("7", costs[max(costs)] / costs[min(costs)])
    told = ", ".join(f"{size:,} rows: {cost * 1e3:.2f} ms" for size, cost in costs.items())
    say(f"a case, {told}")


def sustained(exchange: Exchange, measured: Measured, say: Say, *, seconds: float) -> None:
    """Goal 10."""
    rate = 0.8 * median(measured.figures["POST to webhook, journeys/s"])
    share = web.sustained(exchange, rate, seconds)
    measured.ratio("10", share)
    say(f"at {rate:.0f}/s for {seconds:.0f} s: {share:.3f} of what was accepted was completed")


def backlog(exchange: Exchange, measured: Measured, say: Say) -> None:
    """Goal 11."""
    before = exchange.balance()
    with Crew(exchange.folder) as crew:
        exchange.start_services(crew)
        exchange.settle()
        workers = [name for name in crew.names if name.endswith("worker")]
        crew.freeze(workers)
        pour(exchange, crew, "backlog", Load(BACKLOG_CASES))
        crew.thaw(workers)
        exchange.settle()
    after = exchange.balance()
    share = (after.resent - before.resent) / (after.told - before.told)
    measured.ratio("11", share)
    say(f"backlog of {3 * BACKLOG_CASES:,} messages: {share:.4f} of all were sent again")


def _quiet(exchange: Exchange, run: Run) -> Run:
    """What one contestant left in the broker must not be in the way of the next."""
    exchange.empty_queues()
    return run


def _tell(measured: Measured, say: Say, name: str, run: Run) -> None:
    measured.note(f"{name}, jobs/s", run.rate)
    measured.note(f"{name}, worker CPU us/job", run.cpu * 1e6)
    if run.memory:
        measured.note(f"{name}, USS of a worker MB", run.memory)
    say(f"{name}: {run.rate:.0f}/s, {run.cpu * 1e6:.0f} us CPU a job {run.detail}")
