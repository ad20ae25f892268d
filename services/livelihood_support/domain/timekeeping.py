"""What was accepted has to begin, what was provided to be confirmed: each runs on a clock.

A sweep looks at what waits: it begins the clock of what has none and ends that of what waits no
more. So no move of a referral costs a statement, and what an upgrade, a restore, a revision or a
withdrawal left is on its clock all the same. How long somebody may stay in a facility runs from
their arrival, by the move that records it, and is watched here with the others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import settle_alerts
from services.livelihood_support.domain.owning import owners_of, unled
from services.livelihood_support.domain.stays.facilities import facilities, held_on
from services.livelihood_support.domain.waiting import ACCEPTED, AWAITED, COMPLETED
from services.livelihood_support.domain.watched import alert_once
from services.livelihood_support.models import (
    AlertKind,
    CaseFile,
    Offer,
    Organisation,
    Stay,
)
from services.livelihood_support.policy import ANSWER_BEGAN, PURGE_BEGAN, STAY_BEGAN, OfferStatus
from shared import clocks
from shared.clocks import CLOCKS, Clock, ClockStage, Holders, Watch
from shared.contracts import ReferralClockBreached, ReferralClockWarned
from shared.contracts.law import PeriodKey
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging import outbox

ALERT = "alert_unstarted"
OF_OFFERS = frozenset({ACCEPTED, ANSWER_BEGAN, PURGE_BEGAN})
"""Of these the organisation acts whose offer it is."""
KEYS = frozenset(
    {
        PeriodKey.REFERRAL_ANSWER,
        PeriodKey.REFERRAL_START,
        PeriodKey.REFERRAL_CONFIRMATION,
        PeriodKey.PURGE_CONFIRMATION,
        PeriodKey.STAY_MAXIMUM,
    }
)
_CLOCK = CLOCKS.c


def watch_clocks(session: Session, now: datetime) -> int:
    """Put what waits on its clock, end the others, and bring what is due to its next stage."""
    many, over = clocks.look(session, AWAITED, WATCHING, now)
    _settle(session, [each.object_id for each in over if each.fact == ACCEPTED], now)
    return many


def _settle(session: Session, offer_ids: Sequence[UUID], now: datetime) -> None:
    """What has begun, or goes on without, has not to be asked after any more."""
    if offer_ids:
        asked = select(Offer.referral_id).where(among(Offer.id, offer_ids))
        begun = session.scalars(asked).all()
        settle_alerts(session, begun, (AlertKind.SERVICE_UNSTARTED,), now=now)


class Services:
    """The clocks of support: who begins, who asks the person, who sees somebody out."""

    def holders(
        self, session: Session, found: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """Of what an offer asks for the organisation, its manager, and whoever owns the case.

        The organisation while it acts. Of a stay likewise the facility, while it may take people
        in. Of a confirmation the case owner each time: its manager finds it among what is to be
        done, where it has one.
        """
        handed = _handed(session, {each.case_id for each in found if each.case_id})
        asked = {
            **_asked(session, [each.object_id for each in found if each.fact in OF_OFFERS]),
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

    def tell(self, session: Session, clock: Clock, stage: ClockStage, now: datetime) -> None:
        """Tell intake, for the case's journey."""
        is_late = stage is ClockStage.BREACHED
        kind = ReferralClockBreached if is_late else ReferralClockWarned
        outbox.add(session, clocks.told(kind, clock, now))


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


WATCHING = Watch(Services(), passing=frozenset({ANSWER_BEGAN}))
"""With the time to answer nobody is late: the next programme is asked (``expire_offers``)."""


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
