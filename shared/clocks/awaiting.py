"""What waits is put on its clock by whoever looks at what waits, and what waits no more is ended.

No change of a thing ends a clock, and none has to begin one, so what an upgrade, a restore or a way
nobody thought of left is on its clock all the same. Where the day is asked for at once, whoever
brought about that something waits calls ``begin``.

What waits is known by the thing and by when it began: a thing that waits anew, from another moment,
has another clock, and what waits again from the same moment stays on the one that has ended.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from shared.clocks.clock import Beginning, Clock, begun, ended
from shared.clocks.keeping import find_free, keep, start_once
from shared.clocks.sweep import BATCH, Watch
from shared.clocks.tables import CLOCKS
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import Regime
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import id_of
from shared.places.holders import Place
from shared.rulebook import rules_of

_CLOCK = CLOCKS.c


@dataclass(frozen=True)
class Awaited:
    """Something that has to happen to things of one kind by a day."""

    key: PeriodKey
    fact: str
    """The event with which the period begins, as the row of law names it."""
    subject: str
    waiting: Select[*tuple[Any, ...]]
    """What waits for it, each once: ``object_id``, ``began``, ``case_id``, ``area_code``,
    ``area_on``.
    """
    happened: Callable[[Session, Collection[UUID]], Mapping[UUID, datetime | None]]
    """When it did, of those that wait no more; unset where it never will."""
    regime: Callable[[datetime], Regime | None] = lambda _began: None
    """Under which law, where the rows are of one."""


def look(
    session: Session, awaited: Iterable[Awaited], watch: Watch, now: datetime
) -> tuple[int, list[Clock]]:
    """Put what waits on its clock, end the others, and bring what is due to its next stage.

    Returns how many changed, and those that ended. Nobody is told of what waits no more: while
    there is more of it than fits, nothing is told.
    """
    kinds = tuple(awaited)
    many = sum(begin(session, each) for each in kinds)
    running = select(_CLOCK.fact).where(_CLOCK.ended_at.is_(None)).distinct()
    facts = set(session.scalars(running))
    ends = [_end(session, each, now) for each in kinds if each.fact in facts]
    over = [clock for each in ends for clock in each]
    told = watch.watch(session, now) if max(map(len, ends), default=0) < BATCH else 0
    return many + len(over) + told, over


def begin(session: Session, kind: Awaited, only: Collection[UUID] | None = None) -> int:
    """Put what waits on its clock, of these things only; returns how many clocks were begun."""
    object_id, began = (kind.waiting.selected_columns[it] for it in ("object_id", "began"))
    has_one = exists().where(
        _CLOCK.object_id == object_id,
        _CLOCK.fact == kind.fact,
        or_(_CLOCK.ended_at.is_(None), _CLOCK.started_at == began),
    )
    found = kind.waiting.where(~has_one).order_by(object_id).limit(BATCH)
    if only is not None:
        found = found.where(among(object_id, only)).limit(None)
    rows = session.execute(found).all()
    start_once(session, [_begun(session, kind, each) for each in rows])
    return len(rows)


def _begun(session: Session, kind: Awaited, row: Any) -> Clock:
    rules = rules_of(session)
    beginning = Beginning(
        subject=kind.subject,
        object_id=row.object_id,
        fact_id=id_of(row.object_id, f"{kind.fact} {row.began.astimezone(UTC).isoformat()}"),
        at=row.began,
        case_id=row.case_id,
        place=Place(row.area_code, row.area_on),
    )
    on, regime = local_date(row.began), kind.regime(row.began)
    return begun(rules, rules.find(kind.key, on=on, regime=regime), beginning)


def _end(session: Session, kind: Awaited, now: datetime) -> Sequence[Clock]:
    object_id, began = (kind.waiting.selected_columns[it] for it in ("object_id", "began"))
    is_it = and_(object_id == _CLOCK.object_id, began == _CLOCK.started_at)
    waits = kind.waiting.where(is_it).correlate(CLOCKS).exists()
    over = find_free(
        session, (_CLOCK.fact == kind.fact) & _CLOCK.ended_at.is_(None) & ~waits, BATCH
    )
    if not over:
        return ()
    happened = kind.happened(session, [each.object_id for each in over])
    for each in over:
        keep(session, ended(each, happened.get(each.object_id) or now))
    return over
