"""Sender and receiver compared after one database was restored, and what is needed (ADR 0015).

For each pair and aggregate: what the receiver lacks is opened again at the sender, and a sender
that is behind its receiver goes on after it. The first comes before the second: work that a
restored service does again is told under its old numbers, by which its receivers know it. A case
that intake has forgotten is told again when its agency submits it again, and not passed over.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from deploy.stack import forgotten_cases, remembering
from deploy.stack.invariants.reading import Urls, connect
from shared.contracts import CaseReceived, IntakeAlertRaised, Queue
from shared.kit.database import Database
from shared.messaging import reopening
from shared.messaging.reopening import Numbers

Databases = Callable[[Queue], Database]

Pair = tuple[Queue, Queue]
"""A sender and a receiver."""

TOLD_OF_A_CASE = (CaseReceived, IntakeAlertRaised)
"""What a receiver hears first of a case, told again if its agency submits it again."""


@dataclass(frozen=True)
class Forgotten:
    """Messages a receiver has had, of which their sender knows nothing any more."""

    numbers: Numbers
    receiver: Queue
    types: tuple[str, ...]
    """What they were, as far as the receiver's inbox remembers."""
    waits: bool
    """Whether something about the aggregate is still on its way to or from the sender."""

    @property
    def is_case(self) -> bool:
        """Whether it is a case, which only whoever has submitted it can tell again.

        A reception that notification heard of from the release before is not told to it again.
        """
        return self.numbers.first == 1 and any(
            self.types[:1] == (told.type,) and self.receiver in told.to for told in TOLD_OF_A_CASE
        )


@dataclass(frozen=True)
class Difference:
    """How the two ends of one pair differ."""

    sender: Queue
    receiver: Queue
    missing: tuple[Numbers, ...] = ()
    """The receiver lacks them, and the sender has kept them."""
    gone: tuple[Numbers, ...] = ()
    """The receiver lacks them, and nobody has them."""
    forgotten: tuple[Forgotten, ...] = ()


@dataclass
class Report:
    """What was found in the end, and what was done on the way there."""

    differences: list[Difference]
    reopened: int = 0
    passed: int = 0
    forgotten: list[tuple[Pair, Forgotten]] = field(default_factory=list)
    """What was passed over, for an operator to look at."""

    @property
    def cases(self) -> set[UUID]:
        """Cases that wait for their agencies: intake has lost them, and the others work on them."""
        return _abouts(it for each in self.differences for it in each.forgotten if it.is_case)

    @property
    def is_in_step(self) -> bool:
        """Nothing is missing that could not be told again, and every sender goes on."""
        return not self.differences


def compare(urls: Urls, services: Iterable[Queue] = Queue) -> list[Difference]:
    """Compare every pair. May be asked while the exchange works: what is open is not missing."""
    services = tuple(services)
    view = _look(urls, services)
    found = [_difference(urls, view, a, b) for a in services for b in services if a != b]
    return [it for it in found if it.missing or it.gone or it.forgotten]


def reconcile(
    urls: Urls,
    databases: Databases,
    *,
    actor: str,
    patience: float,
    services: Iterable[Queue] = Queue,
) -> Report:
    """Do what is needed until both ends agree or the patience, in seconds, is over."""
    services = tuple(services)
    report = Report(compare(urls, services))
    until = time.monotonic() + patience
    looks: Counter[tuple[Queue, Queue, UUID]] = Counter()
    while any(map(_can_be_mended, report.differences)):
        looks = _still(looks, report.differences)
        remembering.retrace(databases(Queue.LIVELIHOOD_SUPPORT))
        for difference in report.differences:
            _mend(databases(difference.sender), difference, report, looks, actor)
        time.sleep(_LOOK_EVERY)
        # What was mended at last is looked at, too: it is not told as if it were still needed.
        report.differences = compare(urls, services)
        if time.monotonic() > until:
            break
    if report.cases:
        forgotten_cases.show(urls, databases(Queue.INTAKE), report.cases)
    return report


def forgotten_by(service: Queue, differences: Iterable[Difference]) -> set[UUID]:
    """What the others have heard of, and the service does not know to have told."""
    return _abouts(it for each in differences if each.sender is service for it in each.forgotten)


def _abouts(forgotten: Iterable[Forgotten]) -> set[UUID]:
    return {it.numbers.aggregate_id for it in forgotten}


def _can_be_mended(difference: Difference) -> bool:
    return bool(difference.missing) or not all(it.is_case for it in difference.forgotten)


_LOOK_EVERY = 1.0
_LOOKS = 4
"""Looks in a row at which nothing about an aggregate moves, before its numbers are passed over."""


def _still(
    before: Mapping[tuple[Queue, Queue, UUID], int],
    differences: Iterable[Difference],
) -> "Counter[tuple[Queue, Queue, UUID]]":
    """At how many looks in a row each forgetful aggregate has been at rest."""
    now = Counter(
        (each.sender, each.receiver, it.numbers.aggregate_id)
        for each in differences
        for it in each.forgotten
        if not it.waits and not it.is_case
    )
    return Counter({about: before.get(about, 0) + 1 for about in now})


def _mend(
    database: Database,
    difference: Difference,
    report: Report,
    looks: "Counter[tuple[Queue, Queue, UUID]]",
    actor: str,
) -> None:
    pair = (difference.sender, difference.receiver)
    ready = [it for it in difference.forgotten if looks[*pair, it.numbers.aggregate_id] >= _LOOKS]
    with database.begin() as session:
        if difference.missing:
            report.reopened += reopening.reopen(
                session, destination=difference.receiver, missing=difference.missing, actor=actor
            )
        if ready:
            report.passed += reopening.pass_numbers(
                session,
                destination=difference.receiver,
                forgotten=[it.numbers for it in ready],
                actor=actor,
            )
            report.forgotten += [(pair, it) for it in ready]


@dataclass(frozen=True)
class _Sent:
    """What a sender has told to whom about what, and which of it is open."""

    told: Mapping[tuple[str, UUID], int]
    opened: Mapping[tuple[str, UUID], frozenset[int]]


@dataclass(frozen=True)
class _Taken:
    """How far a receiver has come with whom about what, and what waits there."""

    passed: Mapping[tuple[str, UUID], int]
    waiting: Mapping[tuple[str, UUID], frozenset[int]]
    remembered: frozenset[UUID]


@dataclass(frozen=True)
class _View:
    """All services: senders first, then receivers, then what senders have told by then."""

    sent: Mapping[Queue, _Sent]
    taken: Mapping[Queue, _Taken]
    told_by_now: Mapping[Queue, Mapping[tuple[str, UUID], int]]


def _look(urls: Urls, services: Sequence[Queue]) -> _View:
    # What is closed between two looks is no more missing than what is open, and what is told
    # between them is not forgotten.
    return _View(
        sent={service: _sent(urls(service)) for service in services},
        taken={service: _taken(urls(service), service) for service in services},
        told_by_now={service: _sent(urls(service)).told for service in services},
    )


def _read(url: str, *statements: str) -> list[list[tuple[Any, ...]]]:
    """The rows of several statements, as they were at one moment."""
    with connect(url) as connection:
        return [connection.execute(statement).fetchall() for statement in statements]


def _rows(url: str, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with connect(url) as connection:
        return connection.execute(statement, values).fetchall()


def _sent(url: str) -> _Sent:
    told, opened = _read(
        url,
        "SELECT destination, aggregate_id, CAST(last AS bigint)"
        " FROM outbox_sequences, jsonb_each_text(last_sequences) AS told(destination, last)",
        "SELECT destination, aggregate_id, array_agg(sequence)"
        " FROM outbox, unnest(aggregates, sequences) AS told(aggregate_id, sequence) GROUP BY 1, 2",
    )
    return _Sent(_lasts(told), _sets(opened))


def _taken(url: str, service: Queue) -> _Taken:
    passed, waiting, remembered = _read(
        url,
        "SELECT source, aggregate_id, last_sequence FROM inbox_cursors",
        "SELECT source, aggregate_id, array_agg(sequence) FROM inbox"
        " WHERE state IN ('held', 'parked') GROUP BY 1, 2",
        _REMEMBERED.get(service, "SELECT WHERE false"),
    )
    return _Taken(_lasts(passed), _sets(waiting), frozenset(row[0] for row in remembered))


_REMEMBERED = {Queue.LIVELIHOOD_SUPPORT: "SELECT DISTINCT case_id FROM remembered_steps"}


def _lasts(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, UUID], int]:
    return {(row[0], row[1]): row[2] for row in rows}


def _sets(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, UUID], frozenset[int]]:
    return {(row[0], row[1]): frozenset(row[2]) for row in rows}


def _restless(view: _View, service: Queue) -> set[UUID]:
    """Aggregates of which something is on its way to a service, waits there, or leaves it.

    Also those about which it still has to take up what the others remember.
    """
    here = view.taken[service]
    coming = {
        about
        for source, its in view.sent.items()
        for (destination, about), last in its.told.items()
        if destination == service and last > here.passed.get((source, about), 0)
    }
    leaving = {about for _, about in view.sent[service].opened}
    return coming | leaving | {about for _, about in here.waiting} | here.remembered


def _difference(urls: Urls, view: _View, sender: Queue, receiver: Queue) -> Difference:
    pair = (sender, receiver)
    lacking = list(_lacking(pair, view.sent[sender], view.taken[receiver]))
    kept = _kept(urls(sender), receiver, {about for about, _ in lacking})
    ahead = list(_ahead(pair, view.told_by_now[sender], view.taken[receiver]))
    restless = _restless(view, sender) if ahead else set()
    types = _types(urls(receiver), sender, ahead) if ahead else {}
    return Difference(
        sender,
        receiver,
        missing=_numbers(it for it in lacking if it in kept),
        gone=_numbers(it for it in lacking if it not in kept),
        forgotten=tuple(
            Forgotten(it, receiver, types.get(it.aggregate_id, ()), it.aggregate_id in restless)
            for it in ahead
        ),
    )


def _lacking(pair: Pair, sent: _Sent, taken: _Taken) -> Iterator[tuple[UUID, int]]:
    sender, receiver = pair
    for (destination, about), last in sent.told.items():
        passed = taken.passed.get((sender, about), 0)
        if destination != receiver or last <= passed:
            continue
        there = sent.opened.get((receiver, about), frozenset())
        here = taken.waiting.get((sender, about), frozenset())
        for number in range(passed + 1, last + 1):
            if number not in there and number not in here:
                yield about, number


def _kept(url: str, receiver: Queue, abouts: set[UUID]) -> set[tuple[UUID, int]]:
    if not abouts:
        return set()
    rows = _rows(
        url,
        "SELECT aggregate_id, sequence"
        " FROM closed_outbox, unnest(aggregates, sequences) AS told(aggregate_id, sequence)"
        " WHERE destination = %s AND aggregates && %s AND aggregate_id = ANY(%s)",
        [receiver, list(abouts), list(abouts)],
    )
    return {(row[0], row[1]) for row in rows}


def _ahead(
    pair: Pair,
    told: Mapping[tuple[str, UUID], int],
    taken: _Taken,
) -> Iterator[Numbers]:
    sender, receiver = pair
    for source, about in {*taken.passed, *taken.waiting}:
        if source != sender:
            continue
        waiting = taken.waiting.get((source, about), frozenset())
        highest = max(taken.passed.get((source, about), 0), *waiting, 0)
        last = told.get((receiver, about), 0)
        if highest > last:
            yield Numbers(about, last + 1, highest)


def _types(url: str, sender: Queue, ahead: Sequence[Numbers]) -> dict[UUID, tuple[str, ...]]:
    """Of each aggregate what these numbers were, asked once: the inbox may have no index by it."""
    rows = _rows(
        url,
        "SELECT aggregate_id, array_agg(type ORDER BY sequence) FROM inbox"
        "  JOIN unnest(%s::uuid[], %s::bigint[], %s::bigint[])"
        "       AS asked(aggregate_id, first, last) USING (aggregate_id)"
        " WHERE source = %s AND sequence BETWEEN first AND last AND state <> 'stale' GROUP BY 1",
        [*map(list, zip(*map(astuple, ahead), strict=True)), sender],
    )
    return {row[0]: tuple(row[1]) for row in rows}


def _numbers(found: Iterable[tuple[UUID, int]]) -> tuple[Numbers, ...]:
    """Runs of numbers without a gap."""
    ordered = enumerate(sorted(found))
    runs = groupby(ordered, key=lambda it: (it[1][0], it[1][1] - it[0]))
    spans = [[number for _, number in run] for _, run in runs]
    return tuple(Numbers(span[0][0], span[0][1], span[-1][1]) for span in spans)
