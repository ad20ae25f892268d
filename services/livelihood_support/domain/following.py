"""Dates that run are moved where a row was published that applies to them; others are never."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.locks import lock_free_cases
from services.livelihood_support.domain.timekeeping import KEYS
from services.livelihood_support.models import Offer, Programme, Referral
from services.livelihood_support.policy import OfferStatus
from shared import clocks
from shared.contracts.law import PeriodKey
from shared.kit import audit
from shared.kit.clock import local_date
from shared.law import End, Period, Rules, Superseding, supersede
from shared.rulebook import Reach, moving_rows, rules_of

FOLLOW = "follow_rules"
BATCH = 64


@dataclass(frozen=True)
class Running:
    """A kind of date that is stored: where, since when it runs, and while what holds."""

    key: PeriodKey
    due: InstrumentedAttribute[datetime | None]
    began: SQLColumnExpression[Any]
    runs: ColumnElement[bool]
    period: Callable[[Rules, datetime], Period]
    end: Callable[[Rules, datetime], End | None]


_REACHED = or_(Offer.delivered_at.is_not(None), Offer.seen_at.is_not(None))
_OFFERED = Offer.status == OfferStatus.OFFERED
RUNNING = (
    Running(
        PeriodKey.REFERRAL_DELIVERY,
        Offer.delivery_due_at,
        Offer.offered_at,
        _OFFERED & ~_REACHED,
        periods.delivery_period,
        periods.end_of_delivery,
    ),
)


@dataclass(frozen=True)
class Move:
    """A date that another row gives another moment; ``due`` is unset where nothing runs by it."""

    offer_id: UUID
    case_id: UUID
    row_id: UUID
    due: datetime | None


def follow_rules(session: Session, now: datetime) -> int:
    """Move what runs by rows that apply to it; returns how many dates were moved.

    A row that does not is never asked here: what it begins with is later than it was published.
    """
    moving = moving_rows(session)
    return sum(
        _move(session, kind, moved, now)
        for kind in RUNNING
        if any(key is kind.key for key in moving.values())
        and (moved := moved_by(session, kind, rules_of(session), moving))
    )


def moved_by(
    session: Session, kind: Running, rules: Rules, moving: Mapping[UUID, PeriodKey]
) -> list[Move]:
    """The dates of a kind that run by one of these rows, and do not end by it."""
    return list(_differing(_running(session, kind), kind, rules, moving))


def _running(session: Session, kind: Running) -> Sequence[Any]:
    return session.execute(
        select(Offer.id, Referral.case_id, kind.began.label("began"), kind.due.label("due"))
        .join(Referral, Referral.id == Offer.referral_id)
        .where(kind.runs)
        .order_by(Offer.id)
    ).all()


def _differing(
    rows: Iterable[Any], kind: Running, rules: Rules, moving: Mapping[UUID, PeriodKey]
) -> Iterable[Move]:
    for row in rows:
        row_id = kind.period(rules, row.began).row_id
        if row_id is None or row_id not in moving:
            continue
        end = kind.end(rules, row.began)
        due = end.at if end else None
        if due != row.due:
            yield Move(row.id, row.case_id, row_id, due)


def _move(session: Session, kind: Running, moves: Sequence[Move], now: datetime) -> int:
    """Of so many at a time, those whose cases nobody else is changing; the rest come again."""
    some = moves[:BATCH]
    cases = lock_free_cases(session, {each.case_id for each in some})
    done = 0
    for each in some:
        if each.case_id in cases and _is_moved(session, kind, each):
            done += 1
            audit.record(
                session,
                actor=f"sweep:{FOLLOW}",
                action="offer.date_moved",
                object_id=each.offer_id,
                now=now,
                key=kind.key,
                rule_id=str(each.row_id),
                due_at=each.due.isoformat() if each.due else None,
            )
    return done


def _is_moved(session: Session, kind: Running, move: Move) -> bool:
    """Whether it still ran once the case was locked, and so was moved."""
    moved = session.execute(
        update(Offer)
        .where(Offer.id == move.offer_id, kind.runs)
        .values({kind.due: move.due})
        .returning(Offer.id)
        .execution_options(synchronize_session="fetch")
    )
    return moved.first() is not None


def rehearse(session: Session, proposed: Superseding) -> Reach:
    """What a row would move if it were published now; nothing is changed.

    A row that leaves alone what runs is asked all the same: its first day says that it moves none.
    """
    before = rules_of(session)
    after, moving = supersede(before, [proposed]), {proposed.id: proposed.key}
    if proposed.key in KEYS:
        return clocks.rehearse(session, proposed, KEYS)
    kind = next((each for each in RUNNING if each.key is proposed.key), None)
    if kind is not None:
        rows = _running(session, kind)
        return Reach(len(rows), len(list(_differing(rows, kind, after, moving))))
    if proposed.key is PeriodKey.DIRECTORY_FRESHNESS:
        days = [local_date(at) for at in session.scalars(_ASSURED_AT) if at is not None]
        ends = [(periods.assured_until(rules, day) for rules in (before, after)) for day in days]
        return Reach(len(days), sum(was != becomes for was, becomes in ends))
    return Reach(None, 0)


_ASSURED_AT = select(Programme.assured_at).where(
    Programme.is_active, Programme.assured_by.is_not(None)
)
