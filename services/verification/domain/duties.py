"""What a verifier, a protector, a case owner and an operator must do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from services.verification.domain.owning import owned_by
from services.verification.domain.protection import duties as protection
from services.verification.domain.reach import reached_as
from services.verification.domain.requests import SUBJECT
from services.verification.domain.unread import is_unread
from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    ASKED,
    COMPLAINED,
    DECIDED,
    WITH_VERIFIER,
    ComplaintStatus,
    Duty,
    Party,
    VerificationStatus,
)
from shared import clocks
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import ClockLevel, Role, VerificationOutcome
from shared.duties import (
    About,
    Due,
    Duties,
    Escalation,
    Named,
    duty,
    has_come_to,
    operators,
)
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

_STATUS = Verification.status
_ALERT = OPERATOR_ALERTS.c
_IS_STILL = and_(
    _ALERT.object_id == Verification.id,
    _ALERT.settled_at.is_(None),
    _ALERT.kind.in_(
        (AlertKind.AUTHORITY_ENDED, AlertKind.DECISION_OVERDUE, AlertKind.LEVEL_UNHELD)
    ),
)
_LAST_MOVE = (
    select(func.max(VerificationMove.at))
    .where(VerificationMove.verification_id == Verification.id)
    .scalar_subquery()
)
_CLOCK = CLOCKS.c
# While it is paused nothing runs; the end is known again when the work goes on.
# A decision, or after it the answer to a complaint: never both of one verification.
_RUNS = and_(
    _CLOCK.object_id == Verification.id,
    _CLOCK.fact.in_((ASKED, COMPLAINED)),
    _CLOCK.ended_at.is_(None),
    _CLOCK.paused_at.is_(None),
)
_DUE_AT = select(_CLOCK.due_at).where(_RUNS).scalar_subquery()
_IS_WITH_HEAD = exists().where(_RUNS, _CLOCK.level.in_((ClockLevel.HEAD, ClockLevel.DEPARTMENT)))


def _verifiers(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What it was asked to decide and has not."""
    what = case(
        (_STATUS == VerificationStatus.ASSIGNED, literal(str(Duty.START_VERIFICATION))),
        (_STATUS == VerificationStatus.PAUSED, str(Duty.RESUME_VERIFICATION)),
        else_=str(Duty.DECIDE_VERIFICATION),
    )
    reach = reached_as(subject, Permission.VERIFICATION_MOVE, now)[Party.VERIFIER]
    return _about(what, since=_LAST_MOVE).where(_STATUS.in_(WITH_VERIFIER), reach)


def _unread(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What its authority has to decide soon, and nobody there has read: a manager's.

    A manager who decides nothing learns that it waits, and until when, and nothing of a case.
    """
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return duty(
        literal(str(Duty.HAVE_NOTICE_READ)),
        subject=SUBJECT,
        object_id=Verification.id,
        since=_LAST_MOVE,
        due_at=_DUE_AT,
        link=func.concat("verifications/", Verification.id),
    ).where(
        is_unread(),
        has_come_to(Escalation.MANAGER, _DUE_AT, local_date(now)),
        sight.reaches(own=[Verification.verifier_id]),
    )


def _late(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What its authority has begun or read and not decided, when that has come to its manager.

    Of the case nothing, as of what nobody has read.
    """
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return duty(
        literal(str(Duty.SEE_TO_DECISION)),
        subject=SUBJECT,
        object_id=Verification.id,
        since=select(_CLOCK.level_since).where(_RUNS).scalar_subquery(),
        due_at=_DUE_AT,
        link=func.concat("verifications/", Verification.id),
    ).where(
        _IS_WITH_HEAD,
        # Whoever has read nothing is found by the other duty, which leads to the same page.
        ~and_(is_unread(), has_come_to(Escalation.MANAGER, _DUE_AT, local_date(now))),
        sight.reaches(own=[Verification.verifier_id]),
    )


def _case_owners(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What nobody may decide, and what was not decided in time."""
    is_unassigned = _STATUS == VerificationStatus.OPENED
    what = case(
        (
            or_(is_unassigned, _ALERT.kind == AlertKind.AUTHORITY_ENDED),
            literal(str(Duty.FIND_AUTHORITY)),
        ),
        (_ALERT.kind == AlertKind.LEVEL_UNHELD, str(Duty.REMIND_AUTHORITY)),
        else_=str(Duty.ASK_AUTHORITY),
    )
    return (
        _about(what, since=func.coalesce(_ALERT.raised_at, _LAST_MOVE))
        .select_from(Verification)
        .outerjoin(OPERATOR_ALERTS, _IS_STILL)
        .where(
            or_(
                _STATUS != VerificationStatus.CONCLUDED,
                Verification.complaint_status == ComplaintStatus.RECEIVED,
            ),
            or_(is_unassigned, _ALERT.id.is_not(None)),
            _is_own(session, subject, now),
        )
    )


def _complained(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What it decided and is complained of: whoever decided answers."""
    reach = reached_as(subject, Permission.VERIFICATION_MOVE, now)[Party.VERIFIER]
    what = literal(str(Duty.ANSWER_COMPLAINT))
    return _about(what, since=_LAST_MOVE).where(
        Verification.complaint_status == ComplaintStatus.RECEIVED, reach
    )


_OTHERWISE = frozenset({Duty.TELL_OF_DECISION, Duty.TELL_OF_ANSWER, Duty.ASK_WHY_WITHDRAWN})
"""What a case owner does after an end that was not an identification."""
_WINDOW = (
    select(_CLOCK.due_at)
    .where(_CLOCK.object_id == Verification.id, _CLOCK.fact == DECIDED, _CLOCK.ended_at.is_(None))
    .scalar_subquery()
)


def _decided(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What ended otherwise, for as long as it is not opened again or complained of.

    While the person can complain, they are told by the day on which that may end.
    """
    complaint = Verification.complaint_status
    is_negative = Verification.outcome == VerificationOutcome.NOT_IDENTIFIED
    what = case(
        (complaint == ComplaintStatus.KEPT, literal(str(Duty.TELL_OF_ANSWER))),
        (is_negative, str(Duty.TELL_OF_DECISION)),
        else_=str(Duty.ASK_WHY_WITHDRAWN),
    )
    since = case((complaint == ComplaintStatus.KEPT, _LAST_MOVE), else_=Verification.concluded_at)
    return _about(what, since=since, due_at=_WINDOW).where(
        or_(is_negative, Verification.outcome == VerificationOutcome.WITHDRAWN),
        complaint.is_distinct_from(ComplaintStatus.RECEIVED),
        _is_own(session, subject, now),
    )


def _is_own(session: Session, subject: Subject, now: datetime) -> ColumnElement[bool]:
    """What the subject reaches as a case owner and its organisation owns: of several one acts."""
    is_reached = reached_as(subject, Permission.VERIFICATION_MOVE, now)[Party.CASE_OWNER]
    return and_(is_reached, owned_by(session, subject.organisation_id, now))


def _about(
    what: SQLColumnExpression[str],
    *,
    since: SQLColumnExpression[Any],
    due_at: SQLColumnExpression[Any] = _DUE_AT,
) -> Select[Any]:
    return duty(
        what,
        subject=SUBJECT,
        object_id=Verification.id,
        about=About(
            Verification.case_id,
            Verification.case_code,
            age_band=Verification.age_band,
            area_code=Verification.area_code,
            area_on=Verification.area_told_on,
        ),
        since=since,
        due_at=due_at,
        link=func.concat("verifications/", Verification.id),
    )


_TIMED_BY: Mapping[str, str | None] = {
    Duty.ANSWER_COMPLAINT: COMPLAINED,
    Duty.TELL_OF_DECISION: DECIDED,
    Duty.TELL_OF_ANSWER: None,
    Duty.ASK_WHY_WITHDRAWN: None,
}
"""The fact whose clock says by when; of what is not named, that an authority was asked."""
_FACTS = (ASKED, COMPLAINED, DECIDED)


def _explain(session: Session, named: Sequence[Named]) -> Mapping[Named, Due]:
    """By which row each of these is to be decided, and when; without an amount, that it has none.

    A verification that was given to nobody has no day from which a period could run; the person is
    told of a decision while the window to complain of it is open.
    """
    due: dict[Named, Due] = {}
    for fact in _FACTS:
        asked = [each for each in named if _TIMED_BY.get(each[0], ASKED) == fact]
        timed = clocks.find(session, fact, {object_id for _, object_id in asked})
        running = {each: it for each in asked if (it := timed.get(each[1])) and not it.ended_at}
        due |= {each: Due(it.period, it.end) for each, it in running.items()}
    return due | protection.explain(session, named)


DUTIES = Duties(
    sources=(
        _verifiers,
        _unread,
        _late,
        _case_owners,
        _complained,
        _decided,
        *protection.TURNS,
        operators,
    ),
    explain=_explain,
    waiting=frozenset(
        {Duty.ASK_AUTHORITY, Duty.REMIND_AUTHORITY, Duty.RESUME_VERIFICATION, *_OTHERWISE}
        | protection.WAITING
    ),
)
