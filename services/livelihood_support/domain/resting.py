"""Which open cases rest, with a plan or an offer, on rows of the law that are not certain."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from services.livelihood_support.domain.reach import reached
from services.livelihood_support.domain.tracks import IS_SUPPORTED, REGIME
from services.livelihood_support.models import (
    AnswerSet,
    CaseFile,
    Offer,
    Plan,
    PlanRevision,
    Referral,
)
from services.livelihood_support.policy import OfferStatus
from shared.access import Permission
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import AgeBand
from shared.kit.arrays import among
from shared.kit.subjects import Subject
from shared.law import PeriodKey
from shared.law.entitlements import ContentOf
from shared.law.entitling import Decision
from shared.law.entries import Entry, Table, uncertain
from shared.resting import RestingThing, resting, rows_of
from shared.resting.reading import NEVER

_OF_CODE = frozenset({Table.CONDITION, Table.CERTAINTY, Table.CONTENT, Table.AMOUNT})
ANYONE = ""
_CLOCK = CLOCKS.c

# The newest revision, or the plan as it was opened.
_LAST = (
    select(PlanRevision.category, PlanRevision.answers_id, PlanRevision.revised_at)
    .where(PlanRevision.plan_id == Plan.id)
    .order_by(PlanRevision.number.desc())
    .limit(1)
    .lateral("last")
)
_CATEGORY = func.coalesce(_LAST.c.category, Plan.category)
_SINCE = func.coalesce(_LAST.c.revised_at, Plan.opened_at)
_ANSWERS = func.coalesce(_LAST.c.answers_id, Plan.answers_id)
_ANSWER = func.jsonb_array_elements(AnswerSet.answers).table_valued("value").lateral("answer")


def find_what_rests(subject: Subject, permission: Permission, now: datetime) -> Select[Any]:
    """Plans by what was answered, and offers by the period that runs."""
    is_reached = reached(subject, permission, now)
    every = union_all(
        _on_codes(is_reached),
        _on_categories(is_reached),
        _on_periods(is_reached),
        _on_clocks(is_reached),
    )
    return select(every.subquery())


def _on_codes(is_reached: ColumnElement[bool]) -> Select[Any]:
    """By the rows about each code that is granted or may be, and by the condition that refused."""
    found = [it for it in uncertain().values() if it.table in _OF_CODE]
    rows = rows_of("rows", ("key", "regime", "table", "code", "age"), list(map(_of_code, found)))
    said = cast(_ANSWER.c.value, AnswerSet.answers.type)
    is_refused = said["decision"].astext == Decision.NOT_ENTITLED
    is_by_condition = and_(
        rows.c.table == Table.CONDITION, func.jsonb_array_length(said["facts"]) > 0
    )
    is_of_age = case(
        (CaseFile.age_band == AgeBand.ADULT, rows.c.age != ContentOf.UNDER_18),
        else_=rows.c.age != ContentOf.ADULT,
    )
    return (
        _plans(rows.c.key, rows.c.regime, is_reached)
        .join(AnswerSet, AnswerSet.id == _ANSWERS)
        .join(_ANSWER, true())
        .join(rows, and_(rows.c.regime == REGIME, rows.c.code == said["code"].astext))
        .where(or_(~is_refused, is_by_condition), is_of_age)
    )


def _of_code(entry: Entry) -> tuple[str, ...]:
    _, code, what = [*entry.key.split("."), ANYONE][:3]
    age = what if entry.table is Table.CONTENT else ANYONE
    return entry.key, str(entry.regime), entry.table, code.upper(), age


def _on_categories(is_reached: ColumnElement[bool]) -> Select[Any]:
    found = [it for it in uncertain().values() if it.table is Table.CATEGORY]
    data = [(it.key, str(it.regime), it.key.split(".")[1].upper()) for it in found]
    rows = rows_of("rows", ("key", "regime", "category"), data)
    is_of = and_(rows.c.regime == REGIME, rows.c.category == _CATEGORY)
    return _plans(rows.c.key, rows.c.regime, is_reached).join(rows, is_of)


def _plans(
    key: SQLColumnExpression[Any],
    regime: SQLColumnExpression[Any],
    is_reached: ColumnElement[bool],
) -> Select[Any]:
    line = resting(
        (key, regime),
        case_id=CaseFile.case_id,
        case_code=CaseFile.code,
        subject=RestingThing.PLAN,
        object_id=Plan.id,
        since=_SINCE,
        due_at=NEVER,
    )
    return (
        line.select_from(Plan)
        .join(CaseFile, CaseFile.case_id == Plan.case_id)
        .outerjoin(_LAST, true())
        .where(IS_SUPPORTED, is_reached)
    )


def _on_periods(is_reached: ColumnElement[bool]) -> Select[Any]:
    """By the period of an offer that is on its way, until it has arrived; then it is on a clock."""
    is_on_its_way = and_(Offer.delivered_at.is_(None), Offer.seen_at.is_(None))
    key = literal(str(PeriodKey.REFERRAL_DELIVERY))
    known = [str(it) for it, regime in uncertain() if regime is None]
    line = resting(
        (key, cast(null(), String)),
        case_id=CaseFile.case_id,
        case_code=CaseFile.code,
        subject=RestingThing.OFFER,
        object_id=Offer.id,
        since=Offer.offered_at,
        due_at=Offer.delivery_due_at,
    )
    return (
        line.select_from(Offer)
        .join(Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .where(Offer.status == OfferStatus.OFFERED, is_on_its_way, among(key, known), is_reached)
    )


def _on_clocks(is_reached: ColumnElement[bool]) -> Select[Any]:
    """By the period in which somebody has to answer, begin, confirm or ask, as it was shipped."""
    known = [str(it) for it, regime in uncertain() if regime is None]
    line = resting(
        (_CLOCK.key, cast(null(), String)),
        case_id=CaseFile.case_id,
        case_code=CaseFile.code,
        subject=RestingThing.OFFER,
        object_id=Offer.id,
        since=_CLOCK.started_at,
        due_at=_CLOCK.due_at,
    )
    is_of = or_(
        Offer.id == _CLOCK.object_id,
        and_(Offer.referral_id == _CLOCK.object_id, Offer.is_current),
    )
    return (
        line.select_from(CLOCKS)
        .join(Offer, is_of)
        .join(CaseFile, CaseFile.case_id == _CLOCK.case_id)
        .where(
            _CLOCK.ended_at.is_(None), _CLOCK.row_id.is_(None), among(_CLOCK.key, known), is_reached
        )
    )
