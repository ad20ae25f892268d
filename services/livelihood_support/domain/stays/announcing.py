"""Whoever owns a case announces the person to a facility, before they come."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.domain.stays.facilities import facilities, may_take_in
from services.livelihood_support.domain.stays.steps import note_step
from services.livelihood_support.errors import (
    FacilityMissing,
    FacilityUnfit,
    StayDayUnfit,
    StayOpen,
)
from services.livelihood_support.models import Stay
from services.livelihood_support.policy import OPEN_STAYS, Announcement, StayMove
from shared.access import Permission
from shared.contracts.vocabulary import StayStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.places.holders import Place, holder_of


def announce_stay(
    session: Session,
    *,
    case_id: UUID,
    announcement: Announcement,
    subject: Subject,
    now: datetime,
) -> Stay:
    """Expect the person in the facility that was named, or in the nearest.

    Refused: a case that is not there, or is another's; a person who is expected or stays somewhere
    already; a day before the reception; a place where no facility takes people in, or not this one.
    """
    case = lock_own(session, case_id, subject, Permission.STAY_ANNOUNCE, now)
    is_open = exists().where(Stay.case_id == case_id, among(Stay.status, sorted(OPEN_STAYS)))
    if session.scalar(select(is_open)):
        raise StayOpen
    received_on = local_date(case.received_at)
    if announcement.expected_on < received_on:
        raise StayDayUnfit(earliest=received_on.isoformat())
    facility_id = _facility(session, case, announcement.facility_id, now)
    return expect(
        session,
        case_id=case_id,
        facility_id=facility_id,
        expected_on=announcement.expected_on,
        announcer_id=subject.organisation_id,
        actor=subject.actor,
        now=now,
    )


def _facility(session: Session, case: LockedCase, named: UUID | None, now: datetime) -> UUID:
    place, today = Place(case.area_code, case.area_on), local_date(now)
    tenures = facilities(session)
    if named is not None:
        if not may_take_in(tenures, place, named, on=today):
            raise FacilityUnfit
        return named
    nearest = holder_of(tenures, place, on=today)
    if nearest is None:
        raise FacilityMissing
    return nearest


def expect(
    session: Session,
    *,
    case_id: UUID,
    facility_id: UUID,
    expected_on: date,
    announcer_id: UUID,
    actor: str,
    now: datetime,
) -> Stay:
    """Expect the person of a locked case in a facility."""
    made = Stay(
        id=new_id(),
        case_id=case_id,
        facility_id=facility_id,
        announcer_id=announcer_id,
        announced_at=now,
        expected_on=expected_on,
        status=StayStatus.ANNOUNCED,
        needs=[],
        kit=[],
        version=1,
    )
    session.add(made)
    note_step(session, made, StayMove.ANNOUNCE, came_from=None, actor=actor, now=now)
    return made
