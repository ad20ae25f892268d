"""What was accepted has to begin, what was provided to be confirmed: each runs on a clock.

A sweep looks at what waits: it begins the clock of what has none and ends that of what waits no
more. So no move of a referral costs a statement, and what an upgrade, a restore, a revision or a
withdrawal left is on its clock all the same. How long somebody may stay in a facility runs from
their arrival, by the move that records it, and is watched here with the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.livelihood_support.domain.alerts import settle_alerts
from services.livelihood_support.domain.confirming import IS_UNCONFIRMED
from services.livelihood_support.domain.owning import owners_of, unled
from services.livelihood_support.domain.reach import PLACE
from services.livelihood_support.domain.stays.facilities import facilities, held_on
from services.livelihood_support.domain.tracks import IS_SUPPORTED
from services.livelihood_support.domain.watched import alert_once
from services.livelihood_support.models import (
    AlertKind,
    CaseFile,
    Offer,
    Organisation,
    Referral,
    ReferralMove,
    Stay,
)
from services.livelihood_support.policy import STAY_BEGAN, OfferStatus
from shared import clocks
from shared.clocks import CLOCKS, Beginning, Clock, ClockStage, Holders, Watch
from shared.contracts import Message, ReferralClockBreached, ReferralClockWarned
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import ReferralStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.places.holders import Place
from shared.rulebook import rules_of

ALERT = "alert_unstarted"
ACCEPTED, COMPLETED = "referral.accepted", "referral.completed"
"""The facts with which the periods begin, as the rows of law name them."""
KEYS = frozenset(
    {PeriodKey.REFERRAL_START, PeriodKey.REFERRAL_CONFIRMATION, PeriodKey.STAY_MAXIMUM}
)
BATCH = 64
_CLOCK = CLOCKS.c


@dataclass(frozen=True)
class Awaited:
    """Something that has to happen to an offer, or a referral, by a day."""

    key: PeriodKey
    fact: str
    subject: str
    object_id: InstrumentedAttribute[UUID]
    began: SQLColumnExpression[Any]
    waits: ColumnElement[bool]
    happened_at: SQLColumnExpression[Any]
    """When it did; unset where it never will."""


_BEGUN_AT = (
    select(func.min(ReferralMove.at))
    .where(
        ReferralMove.referral_id == Referral.id,
        ReferralMove.from_status == ReferralStatus.ACCEPTED,
        ReferralMove.to_status != ReferralStatus.ACCEPTED,
        ReferralMove.at >= Offer.accepted_at,
    )
    .scalar_subquery()
)
AWAITED = (
    Awaited(
        PeriodKey.REFERRAL_START,
        ACCEPTED,
        "offer",
        Offer.id,
        Offer.accepted_at,
        and_(Referral.status == ReferralStatus.ACCEPTED, Offer.status == OfferStatus.ACCEPTED),
        _BEGUN_AT,
    ),
    Awaited(
        PeriodKey.REFERRAL_CONFIRMATION,
        COMPLETED,
        "referral",
        Referral.id,
        Referral.moved_at,
        and_(IS_UNCONFIRMED, IS_SUPPORTED),
        Offer.confirmed_at,
    ),
)


def watch_clocks(session: Session, now: datetime) -> int:
    """Put what waits on its clock, end the others, and bring what is due to its next stage.

    Nobody is told of what waits no more: while there is more of it than fits, nothing is told.
    """
    begun = sum(_begin(session, each) for each in AWAITED)
    ended = [_end(session, each, now) for each in AWAITED]
    told = WATCHING.watch(session, now) if max(ended) < BATCH else 0
    return begun + sum(ended) + told


def _begin(session: Session, kind: Awaited) -> int:
    has_one = exists().where(_CLOCK.object_id == kind.object_id, _CLOCK.fact == kind.fact)
    rows = session.execute(
        _of_offers(
            kind.object_id.label("object_id"),
            kind.began.label("began"),
            Referral.case_id,
            CaseFile.area_code,
            PLACE.told_on.label("told_on"),
        )
        .where(kind.waits, ~has_one)
        .order_by(kind.object_id)
        .limit(BATCH)
    ).all()
    clocks.start(session, [_begun(session, kind, each) for each in rows])
    return len(rows)


def _begun(session: Session, kind: Awaited, row: Any) -> Clock:
    rules = rules_of(session)
    beginning = Beginning(
        subject=kind.subject,
        object_id=row.object_id,
        fact_id=row.object_id,
        at=row.began,
        case_id=row.case_id,
        place=Place(row.area_code, row.told_on),
    )
    return clocks.begun(rules, rules.find(kind.key, on=local_date(row.began)), beginning)


def _end(session: Session, kind: Awaited, now: datetime) -> int:
    waiting = _of_offers(kind.object_id).where(kind.waits, kind.object_id == _CLOCK.object_id)
    waits_no_more = and_(
        _CLOCK.fact == kind.fact, _CLOCK.ended_at.is_(None), ~waiting.correlate(CLOCKS).exists()
    )
    over = clocks.find_free(session, waits_no_more, BATCH)
    if not over:
        return 0
    rows = session.execute(
        _of_offers(kind.object_id, Referral.id, kind.happened_at)
        .where(among(kind.object_id, [each.object_id for each in over]))
        # Of a referral the present offer has the last word.
        .order_by(Offer.is_current)
    ).all()
    happened = {object_id: at for object_id, _, at in rows}
    for each in over:
        clocks.keep(session, clocks.ended(each, happened.get(each.object_id) or now))
    referral_ids = [referral_id for _, referral_id, _ in rows]
    settle_alerts(session, referral_ids, (AlertKind.SERVICE_UNSTARTED,), now=now)
    return len(over)


def _of_offers(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Offer)
        .join(Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
    )


class Services:
    """The clocks of support: who begins, who asks the person, who sees somebody out."""

    def holders(
        self, session: Session, found: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """Of a beginning the organisation while it acts, its manager, and whoever owns the case.

        Of a stay likewise the facility, while it may take people in. Of a confirmation the case
        owner each time: its manager finds it among what is to
        be done, where it has one.
        """
        handed = _handed(session, {each.case_id for each in found if each.case_id})
        asked = {
            **_asked(session, [each.object_id for each in found if each.fact == ACCEPTED]),
            **_housed(session, [each.object_id for each in found if each.fact == STAY_BEGAN], now),
        }
        owners, leaderless = owners_of(session, now), unled(session, local_date(now))

        def of(clock: Clock) -> Holders:
            place = clock.place
            handed_to = handed[clock.case_id] if clock.case_id else None
            owner = owners.owner(place, handed_to=handed_to) if place else None
            if clock.fact == COMPLETED:
                return Holders(owner, owner, owner)
            officer = asked[clock.object_id]
            return Holders(officer, None if officer in leaderless else officer, owner)

        return {each.id: of(each) for each in found}

    def message(self, clock: Clock, stage: ClockStage, now: datetime) -> Message:
        """What the case's journey is told."""
        is_late = stage is ClockStage.BREACHED
        kind = ReferralClockBreached if is_late else ReferralClockWarned
        return clocks.told(kind, clock, now)


def _handed(session: Session, case_ids: set[UUID]) -> Mapping[UUID, UUID | None]:
    found = session.execute(
        select(CaseFile.case_id, CaseFile.responsible_id).where(among(CaseFile.case_id, case_ids))
    )
    return {row.case_id: row.responsible_id for row in found}


def _asked(session: Session, offer_ids: Sequence[UUID]) -> Mapping[UUID, UUID | None]:
    """Whose offers these are; unset where the organisation does not act any more."""
    found = session.execute(
        select(Offer.id, Offer.organisation_id, Organisation.is_active)
        .outerjoin(Organisation, Organisation.id == Offer.organisation_id)
        .where(among(Offer.id, offer_ids))
    )
    # Of one that was not told of yet nobody says that it has ended.
    return {row.id: None if row.is_active is False else row.organisation_id for row in found}


def _housed(
    session: Session, stay_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, UUID | None]:
    """Where these people stay; unset where the facility does not hold its role any more."""
    housing = held_on(facilities(session), local_date(now))
    found = session.execute(select(Stay.id, Stay.facility_id).where(among(Stay.id, stay_ids)))
    return {row.id: row.facility_id if row.facility_id in housing else None for row in found}


WATCHING = Watch(Services())


def alert_unstarted(session: Session, now: datetime) -> int:
    """Alert of what has not begun in time, or of which nobody can be warned; returns how many.

    It ends when the service begins or the referral goes on without it.
    """
    is_left = exists().where(
        _CLOCK.object_id == Offer.id,
        _CLOCK.fact == ACCEPTED,
        _CLOCK.ended_at.is_(None),
        or_(
            _CLOCK.breached_at.is_not(None),
            and_(_CLOCK.level.is_not(None), _CLOCK.level_holder_id.is_(None)),
        ),
    )
    is_accepted = Offer.status == OfferStatus.ACCEPTED
    return alert_once(session, ALERT, AlertKind.SERVICE_UNSTARTED, is_accepted & is_left, now=now)
