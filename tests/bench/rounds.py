"""One round of each comparison: everything that is compared runs within minutes of each other."""

from statistics import median

from tests.bench import floor, growth, plain, web
from tests.bench.bench import PACE, SAMPLES, Bench
from tests.bench.contestants import paced_plain, saturated_peer, saturated_plain
from tests.bench.crew import Crew
from tests.bench.peers import PEERS
from tests.bench.pipeline import pour
from tests.bench.races import Load
from tests.bench.stopwatch import percentile

MANY_HOPS_SHARE = 3
UNKEPT_SHARE = 2
SINGLES_SHARE = 6
JOURNEYS_SHARE = 3
"""What is slower, measured twice or hardly has to be filled gets a part of the cases."""
POSTS = 1_500
BACKLOG_MESSAGES = 10_000
JOURNEYS_NAME = "POST to webhook, journeys/s"


def pipeline(bench: Bench) -> None:
    """Goals 1, 1b, 2, 3, 6 and 9."""
    four_hops = bench.quiet(saturated_plain(bench.track, bench.cases))
    bench.tell("plain Celery, four hops (N)", four_hops)
    ours = bench.frames
    hops = round(ours.messages)
    many_hops = bench.quiet(saturated_plain(bench.track, bench.cases // MANY_HOPS_SHARE, hops))
    bench.tell(f"plain Celery, {hops} hops (N10)", many_hops)
    single = bench.ours(Load(bench.cases // SINGLES_SHARE, batch=1, frame=1))
    bench.tell("ours, one message per frame", single)
    bench.measured.ratio("1", ours.rate / four_hops.rate)
    bench.measured.ratio("1b", ours.rate / many_hops.rate)
    bench.measured.ratio("2", single.rate / many_hops.rate)
    bench.measured.ratio("6", ours.cpu / four_hops.cpu)
    bench.measured.ratio("9", ours.memory / four_hops.memory)


def limit(bench: Bench) -> None:
    """Goal 6b."""
    here, ours = floor.measure(bench.exchange), bench.frames
    least = here.of(ours.rows, ours.messages)
    bench.measured.note("floor: a row, us", here.row * 1e6)
    bench.measured.note("floor: a message, us", here.message * 1e6)
    bench.measured.note("floor: a case, us", least * 1e6)
    bench.measured.ratio("6b", ours.total / least)
    bench.say(f"floor of a case: {least * 1e6:.0f} us; ours costs {ours.total * 1e6:.0f} us")


def unkept(bench: Bench) -> None:
    """Goal 3."""
    ours = bench.frames
    rates = []
    for name in PEERS:
        peer = bench.quiet(saturated_peer(bench.track, name, bench.cases // UNKEPT_SHARE))
        bench.tell(name, peer)
        rates.append(peer.rate * plain.HOPS)
    bench.measured.ratio("3", ours.rate * ours.messages / max(rates))


def journeys(bench: Bench) -> None:
    """Goals 4 and 5."""
    four_hops = bench.quiet(saturated_plain(bench.track, bench.cases // JOURNEYS_SHARE))
    travelled = web.journeys(bench.exchange, web.Pace(bench.cases // JOURNEYS_SHARE))
    full = travelled.rate
    bench.measured.note("POST to webhook, CPU of the load us/journey", travelled.load * 1e6)
    bench.measured.note(JOURNEYS_NAME, full)
    bench.measured.ratio("4", full / four_hops.rate)
    bench.say(f"POST to webhook: {full:.0f}/s; plain Celery: {four_hops.rate:.0f}/s")
    paced = bench.share_of(SAMPLES)
    theirs = paced_plain(bench.track, paced, PACE)
    bench.exchange.empty_queues()
    ours = web.journeys(bench.exchange, web.Pace(paced, PACE)).latencies
    for name, values in (("plain Celery", theirs), ("POST to webhook", ours)):
        bench.tell_latency(name, values)
    bench.measured.ratio("5", percentile(ours, 0.5) / percentile(theirs, 0.5))
    bench.measured.ratio("5b", percentile(ours, 0.99) / percentile(theirs, 0.99))


def posts(bench: Bench) -> None:
    """Goal 8."""
    stored = web.submissions(bench.exchange, web.STORED, POSTS).rate
    unstored = web.submissions(bench.exchange, web.UNSTORED, POSTS).rate
    bench.measured.note("POST with commit, 16 clients, cases/s", stored)
    bench.measured.note("POST without database, 16 clients, cases/s", unstored)
    bench.measured.ratio("8", stored / unstored)
    bench.say(f"POST with commit: {stored:.0f}/s; without database: {unstored:.0f}/s")


def stored(bench: Bench) -> None:
    """Goal 7."""
    costs = {one.size: growth.seconds_per_case(one) for one in bench.sets}
    for size, seconds in costs.items():
        bench.measured.note(f"a case in databases of {size:,} rows, ms", seconds * 1e3)
    ratio = costs[max(costs)] / costs[min(costs)]
    if max(costs) >= growth.GOAL_ROWS:
        bench.measured.ratio("7", ratio)
    told = ", ".join(f"{size:,} rows: {cost * 1e3:.2f} ms" for size, cost in costs.items())
    bench.say(f"a case, {told}")


def sustained(bench: Bench) -> None:
    """Goal 10."""
    rate = 0.8 * median(bench.measured.figures[JOURNEYS_NAME])
    share = web.sustained(bench.exchange, rate, bench.seconds)
    bench.measured.ratio("10", share)
    told = f"{share:.3f} of what was accepted was completed"
    bench.say(f"at {rate:.0f}/s for {bench.seconds:.0f} s: {told}")


def backlog(bench: Bench) -> None:
    """Goal 11."""
    before = bench.exchange.balance()
    with Crew(bench.exchange.folder) as crew:
        bench.exchange.start_services(crew)
        bench.exchange.settle()
        workers = [name for name in crew.names if name.endswith("worker")]
        crew.freeze(workers)
        # A case tells at least two services before any of them answers.
        pour(bench.exchange, crew, "backlog", Load(BACKLOG_MESSAGES // 2))
        waiting = bench.exchange.balance().open
        crew.thaw(workers)
        bench.exchange.settle()
    after = bench.exchange.balance()
    share = (after.resent - before.resent) / (after.told - before.told)
    bench.measured.ratio("11", share)
    bench.say(f"backlog of {waiting:,} messages: {share:.4f} of all were sent again")
