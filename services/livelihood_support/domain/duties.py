"""What an organisation asked, a case owner and an operator must do about support.

An organisation reads what it must do under the ids of its offers, to the minute, and no case: two
that were asked about one person hold nothing they could compare (ADR 0020).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    SQLColumnExpression,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import OWED
from services.livelihood_support.domain.confirming import IS_UNCONFIRMED
from services.livelihood_support.domain.former import is_readable
from services.livelihood_support.domain.owning import owned_by
from services.livelihood_support.domain.reach import PLACE, asked, owned
from services.livelihood_support.domain.stays.turns import TURNS as OF_FACILITIES
from services.livelihood_support.domain.tracks import IS_IDENTIFIED, IS_SUPPORTED
from services.livelihood_support.domain.unread import is_unread, is_unread_offer
from services.livelihood_support.domain.waiting import ACCEPTED, COMPLETED
from services.livelihood_support.domain.ways import ways_to_offer
from services.livelihood_support.domain.why_due import explain
from services.livelihood_support.models import (
    SETTLED_REFERRALS,
    Alert,
    AlertKind,
    CaseFile,
    Offer,
    Plan,
    Referral,
)
from services.livelihood_support.policy import ANSWER_BEGAN, PURGE_BEGAN, Duty, OfferStatus
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import ClockLevel, ReferralStatus, Role
from shared.duties import About, Duties, Escalation, duty, has_come_to, operators
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

_IN_TURN: Mapping[ReferralStatus, Duty] = {
    ReferralStatus.REQUESTED: Duty.ANSWER_OFFER,
    ReferralStatus.ACCEPTED: Duty.START_SERVICE,
    ReferralStatus.IN_PROGRESS: Duty.COMPLETE_SERVICE,
    ReferralStatus.ON_HOLD: Duty.RESUME_SERVICE,
}
"""What the organisation of the present offer does while its referral stands so."""

_ON_ALERT: Mapping[AlertKind, Duty] = {
    AlertKind.NEEDS_INFORMATION: Duty.TELL_FACT,
    AlertKind.WINDOW_CLOSING: Duty.ASK_FOR_NEED,
    AlertKind.NO_PROGRAMME: Duty.FIND_PROGRAMME,
    AlertKind.AGE_OUTSIDE: Duty.DECIDE_REFERRAL,
    AlertKind.NO_LONGER_GRANTED: Duty.DECIDE_REFERRAL,
    AlertKind.NO_LONGER_IDENTIFIED: Duty.DECIDE_REFERRAL,
    AlertKind.PRESUMPTION_ENDED: Duty.DECIDE_REFERRAL,
    AlertKind.CONSENT_WITHDRAWN: Duty.DECIDE_REFERRAL,
    AlertKind.DELIVERY_PARKED: Duty.REACH_ORGANISATION,
    AlertKind.NO_ENDPOINT: Duty.REACH_ORGANISATION,
    AlertKind.OFFER_UNREAD: Duty.REACH_ORGANISATION,
    AlertKind.OFFER_UNDELIVERED: Duty.ASK_ORGANISATION,
    AlertKind.OFFER_UNANSWERED: Duty.ASK_ORGANISATION,
    AlertKind.OFFER_QUESTION: Duty.REPLY_TO_QUESTION,
    AlertKind.SERVICE_FAILED: Duty.ASK_WHY_FAILED,
    AlertKind.SERVICE_UNSTARTED: Duty.ASK_WHY_UNSTARTED,
    AlertKind.PURGE_UNDELIVERED: Duty.ASK_FOR_PURGE,
    AlertKind.PURGE_UNCONFIRMED: Duty.ASK_FOR_PURGE,
}
"""What a case owner does about each kind of alert."""

_SOMEBODY = About(
    age_band=CaseFile.age_band,
    sex=CaseFile.sex,
    area_code=CaseFile.area_code,
    area_on=PLACE.told_on,
)
"""The person as an organisation asked may know of them."""
_CASE = replace(_SOMEBODY, case_id=CaseFile.case_id, case_code=CaseFile.code)


def _organisations(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What it was asked, has accepted and serves."""
    what = case(*((Referral.status == status, str(it)) for status, it in _IN_TURN.items()))
    is_asked = Referral.status == ReferralStatus.REQUESTED
    since = case((is_asked, Offer.offered_at), else_=Referral.moved_at)
    is_accepted = Referral.status == ReferralStatus.ACCEPTED
    due_at = case((is_asked, Offer.expires_at), (is_accepted, _START_BY))
    stands = case((is_asked, Offer.status == OfferStatus.OFFERED), else_=Offer.status == _ACCEPTED)
    return _of_offers(what, since=since, due_at=due_at).where(
        Offer.is_current,
        Referral.status.in_(_IN_TURN),
        stands,
        asked(subject, Permission.REFERRAL_MOVE),
    )


_ACCEPTED = OfferStatus.ACCEPTED
_CLOCK = CLOCKS.c
_STARTING = (_CLOCK.object_id == Offer.id, _CLOCK.fact == ACCEPTED, _CLOCK.ended_at.is_(None))
_CONFIRMING = (_CLOCK.object_id == Referral.id, _CLOCK.fact == COMPLETED, _CLOCK.ended_at.is_(None))
_START_BY = select(_CLOCK.due_at).where(*_STARTING).scalar_subquery()
_CONFIRM_BY = select(_CLOCK.due_at).where(*_CONFIRMING).scalar_subquery()
_IS_WITH_HEAD = _CLOCK.level.in_((ClockLevel.HEAD, ClockLevel.DEPARTMENT))


def _unstarted(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What its organisation has accepted and not begun, when that has come to its manager.

    Of the person nothing, as of what nobody has read.
    """
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return (
        duty(
            literal(str(Duty.SEE_TO_START)),
            subject="offer",
            object_id=Offer.id,
            since=_CLOCK.level_since,
            due_at=_CLOCK.due_at,
            link=func.concat("referrals/", Offer.id),
        )
        .join_from(Offer, CLOCKS, and_(*_STARTING))
        .join(Referral, Referral.id == Offer.referral_id)
        .where(
            Referral.status == ReferralStatus.ACCEPTED,
            Offer.status == OfferStatus.ACCEPTED,
            _IS_WITH_HEAD,
            sight.reaches(own=[Offer.organisation_id]),
        )
    )


def _unacted(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What its organisation has not answered or deleted, when that has come to its manager.

    In its week, what nobody there has read is another duty (``_unread``). Of the person nothing.
    """
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    is_answer = _CLOCK.fact == ANSWER_BEGAN
    is_owed = Offer.purge_asked_at.is_not(None) & Offer.purge_confirmed_at.is_(None)
    is_left = case((is_answer, is_unread_offer()), else_=is_unread(Offer.purge_id))
    return (
        duty(
            case((is_answer, str(Duty.SEE_TO_ANSWER)), else_=str(Duty.SEE_TO_PURGE)),
            subject="offer",
            object_id=Offer.id,
            since=_CLOCK.level_since,
            due_at=_CLOCK.due_at,
            link=func.concat("referrals/", Offer.id),
        )
        .join_from(Offer, CLOCKS, _CLOCK.object_id == Offer.id)
        .where(
            _CLOCK.fact.in_((ANSWER_BEGAN, PURGE_BEGAN)),
            _CLOCK.ended_at.is_(None),
            _IS_WITH_HEAD,
            case((is_answer, Offer.status == OfferStatus.OFFERED), else_=is_owed),
            ~and_(is_left, has_come_to(Escalation.MANAGER, _CLOCK.due_at, local_date(now))),
            sight.reaches(own=[Offer.organisation_id]),
        )
    )


def _unasked(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Whom the people of a case owner have not asked, when that has come to their manager."""
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return (
        duty(
            literal(str(Duty.SEE_TO_CONFIRMATION)),
            subject="referral",
            object_id=Referral.id,
            since=_CLOCK.level_since,
            due_at=_CLOCK.due_at,
            link=func.concat("referrals/", Referral.id),
        )
        .join_from(Referral, CLOCKS, and_(*_CONFIRMING))
        .join(Offer, Offer.referral_id == Referral.id)
        .where(IS_UNCONFIRMED, _IS_WITH_HEAD, sight.reaches(own=[_CLOCK.level_holder_id]))
    )


def _purges(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What it was told of a person and has to delete."""
    what = literal(str(Duty.CONFIRM_PURGE))
    return _of_offers(what, since=Offer.purge_asked_at, due_at=Offer.purge_due_at).where(
        Offer.purge_asked_at.is_not(None),
        Offer.purge_confirmed_at.is_(None),
        is_readable(),
        asked(subject, Permission.REFERRAL_MOVE),
    )


def _unread(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What its organisation has to answer or delete soon, and nobody there has read: a manager's.

    A manager who does not act on it learns that it waits, and until when, and nothing of a person.
    """
    today = local_date(now)
    is_purge = Offer.purge_asked_at.is_not(None) & Offer.purge_confirmed_at.is_(None)
    is_asked = ~is_purge & Offer.is_current & is_unread_offer()
    is_owed = is_purge & is_unread(Offer.purge_id)
    due_at = case((is_purge, Offer.purge_due_at), else_=Offer.expires_at)
    since = case((is_purge, Offer.purge_asked_at), else_=Offer.offered_at)
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return duty(
        literal(str(Duty.HAVE_NOTICE_READ)),
        subject="offer",
        object_id=Offer.id,
        since=func.date_trunc("minute", since, type_=TYPES[datetime]),
        due_at=due_at,
        link=func.concat("referrals/", Offer.id),
    ).where(
        or_(
            is_asked & has_come_to(Escalation.MANAGER, Offer.expires_at, today),
            is_owed & has_come_to(Escalation.MANAGER, Offer.purge_due_at, today),
        ),
        sight.reaches(own=[Offer.organisation_id]),
    )


def _of_offers(
    what: SQLColumnExpression[str],
    *,
    since: SQLColumnExpression[Any],
    due_at: SQLColumnExpression[Any],
) -> Select[Any]:
    return (
        duty(
            what,
            subject="offer",
            object_id=Offer.id,
            about=_SOMEBODY,
            code=Referral.code,
            since=func.date_trunc("minute", since, type_=TYPES[datetime]),
            due_at=due_at,
            link=func.concat("referrals/", Offer.id),
        )
        .join_from(Offer, Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
    )


_ANSWER_BY = (
    select(Offer.expires_at)
    .where(Offer.id == cast(Alert.facts["offer_id"].astext, Uuid))
    .correlate(Alert)
    .scalar_subquery()
)
"""The end of the time to answer the offer that an alert is about: a reply helps until then."""


def _alerts(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What the exchange cannot settle by itself."""
    what = case(*((Alert.kind == kind, str(it)) for kind, it in _ON_ALERT.items()))
    last_day = cast(Alert.facts["last_day"].astext, Date)
    ends_at = func.timezone(HAI_PHONG.key, cast(last_day + 1, DateTime), type_=TYPES[datetime])
    return (
        duty(
            what,
            subject="alert",
            object_id=Alert.id,
            about=_CASE,
            code=Alert.code,
            since=Alert.raised_at,
            due_at=case(
                (Alert.kind == AlertKind.WINDOW_CLOSING, ends_at),
                (Alert.kind == AlertKind.OFFER_QUESTION, _ANSWER_BY),
            ),
            link=case(
                (Alert.referral_id.is_not(None), func.concat("referrals/", Alert.referral_id)),
                else_=func.concat("alerts?case_id=", Alert.case_id),
            ),
        )
        .join_from(Alert, CaseFile, CaseFile.case_id == Alert.case_id)
        .where(
            Alert.settled_at.is_(None),
            _is_own(session, subject, Permission.ALERT_SETTLE, now),
        )
    )


def _is_own(
    session: Session, subject: Subject, permission: Permission, now: datetime
) -> ColumnElement[bool]:
    """Cases that the subject reaches and its organisation owns today: of several one acts."""
    is_reached = owned(subject, permission, now)
    return and_(is_reached, owned_by(session, subject.organisation_id, now))


def _confirmations(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Services that are said to have reached persons, until these have been asked."""
    return (
        duty(
            literal(str(Duty.CONFIRM_SERVICE)),
            subject="referral",
            object_id=Referral.id,
            about=_CASE,
            code=Referral.code,
            since=Referral.moved_at,
            due_at=_CONFIRM_BY,
            link=func.concat("referrals/", Referral.id),
        )
        .join_from(Referral, Offer, Offer.referral_id == Referral.id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
        .where(
            IS_UNCONFIRMED,
            IS_SUPPORTED,
            _is_own(session, subject, Permission.REFERRAL_MOVE, now),
        )
    )


_ITS_REFERRALS = Referral.case_id == Plan.case_id
_IS_OPEN = or_(
    exists().where(_ITS_REFERRALS, Referral.status.not_in(SETTLED_REFERRALS)),
    exists().where(_ITS_REFERRALS, IS_UNCONFIRMED),
    exists().where(
        Alert.case_id == Plan.case_id, Alert.settled_at.is_(None), Alert.kind.not_in(OWED)
    ),
)
"""What is sought, served or asked; a purge that is owed keeps no plan from going on."""
_LAST_ENDED_AT = func.greatest(
    Plan.opened_at,
    select(func.max(Referral.moved_at)).where(_ITS_REFERRALS).scalar_subquery(),
    select(func.max(Alert.settled_at)).where(Alert.case_id == Plan.case_id).scalar_subquery(),
    select(func.max(Offer.confirmed_at))
    .join(Referral, Referral.id == Offer.referral_id)
    .where(_ITS_REFERRALS)
    .scalar_subquery(),
    type_=TYPES[datetime],
)


def _plans(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Plans of identified persons in which nothing is open."""
    return (
        duty(
            literal(str(Duty.REVIEW_PLAN)),
            subject="plan",
            object_id=Plan.id,
            about=_CASE,
            since=_LAST_ENDED_AT,
            link=func.concat("plans?case_id=", Plan.case_id),
        )
        .join_from(Plan, CaseFile, CaseFile.case_id == Plan.case_id)
        .where(
            IS_IDENTIFIED,
            ~_IS_OPEN,
            _is_own(session, subject, Permission.NEED_CHANGE, now),
        )
    )


DUTIES = Duties(
    sources=(
        _organisations,
        _purges,
        _unread,
        _unstarted,
        _unacted,
        _alerts,
        _confirmations,
        _unasked,
        _plans,
        ways_to_offer,
        *OF_FACILITIES,
        operators,
    ),
    explain=explain,
    waiting=frozenset(
        {
            Duty.ASK_ORGANISATION,
            Duty.ASK_WHY_UNSTARTED,
            Duty.ASK_FOR_PURGE,
            Duty.ASK_FACILITY,
            Duty.COMPLETE_SERVICE,
            Duty.PREPARE_LEAVING,
            Duty.RESUME_SERVICE,
        }
    ),
)
