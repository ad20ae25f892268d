"""What is read of held places: by the facility that holds them, and who owns cases there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.owning import owners_of
from services.livelihood_support.domain.stays.readiness import facts_of, readiness_of
from services.livelihood_support.errors import HandoverNotFound
from services.livelihood_support.models import Handover, HeldPlace
from services.livelihood_support.policy import (
    Awaited,
    HeldStatus,
    House,
    Lack,
    escorts_needed,
    handover_lacks,
)
from shared.access import Permission, visible
from shared.access.columns import PlaceColumns
from shared.contracts.vocabulary import AgeBand, Role, Sex
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.places.holders import holding_of

PLACE = PlaceColumns(Handover.area_code, Handover.area_on)


@dataclass(frozen=True)
class HandoverView:
    """A handover with its places, and what is lacking for who is still to come."""

    handover: Handover
    people: Sequence[HeldPlace]
    escorts_needed: int
    lacking: Sequence[Lack]


def is_open() -> ColumnElement[bool]:
    """Whether a place of a handover is held still."""
    return exists().where(
        HeldPlace.notice_id == Handover.notice_id, HeldPlace.status == HeldStatus.HELD
    )


def housed_by(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """The handovers for which the subject's own facility holds the places."""
    housing = visible(subject, permission, through=Role.FACILITY)
    return housing.reaches(own=[Handover.facility_id], assigned=[Handover.facility_id])


def owned_at(
    session: Session, subject: Subject, permission: Permission, now: datetime
) -> ColumnElement[bool]:
    """Those at places whose cases the subject's organisation owns today."""
    owning, today = visible(subject, permission, through=Role.CASE_OWNER), local_date(now)
    held = holding_of(owners_of(session, now).tenures, subject.organisation_id, on=today)
    return and_(owning.reaches(on=today, place=PLACE), PLACE.are_held(held))


def find_handovers(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    notice_id: UUID | None,
    after: UUID | None,
    size: int,
) -> Sequence[Handover]:
    """The handovers for which places are held; of one notice, also when nobody is to come."""
    permission = Permission.STAY_READ
    reach = or_(housed_by(subject, permission), owned_at(session, subject, permission, now))
    query = select(Handover).where(reach).order_by(Handover.notice_id).limit(size)
    query = query.where(is_open() if notice_id is None else Handover.notice_id == notice_id)
    if after is not None:
        query = query.where(Handover.notice_id > after)
    return session.scalars(query).all()


def show_handovers(
    session: Session, found: Sequence[Handover], *, now: datetime
) -> list[HandoverView]:
    """Each with its places and what is lacking; few statements for all."""
    ids = [each.notice_id for each in found]
    rows = session.scalars(
        select(HeldPlace)
        .where(among(HeldPlace.notice_id, ids))
        .order_by(HeldPlace.notice_id, HeldPlace.number)
        .execution_options(populate_existing=True)
    ).all()
    houses = sorted({each.facility_id for each in found if each.facility_id is not None})
    ready = {each.facility_id: each for each in readiness_of(session, houses, local_date(now))}
    return [
        _view(
            each,
            [it for it in rows if it.notice_id == each.notice_id],
            House(facts_of(house.sheet), house.free)
            if each.facility_id and (house := ready[each.facility_id])
            else None,
        )
        for each in found
    ]


def _view(handover: Handover, people: Sequence[HeldPlace], house: House | None) -> HandoverView:
    awaited = [_awaited(each) for each in people if each.status == HeldStatus.HELD]
    return HandoverView(
        handover, people, escorts_needed(awaited), handover_lacks(house, awaited, handover.escorts)
    )


def _awaited(place: HeldPlace) -> Awaited:
    return Awaited(
        AgeBand(place.age_band),
        Sex(place.sex),
        tuple(place.languages),
        place.needs_interpreter,
        place.needs_escort,
    )


def answer_handover(
    session: Session, notice_id: UUID, escorts: int, *, subject: Subject, now: datetime
) -> Handover:
    """The facility says how many of its people go with whoever is escorted; it may say so anew.

    Refused: a handover for which another facility holds places, or nobody is to come any more.
    """
    is_own = housed_by(subject, Permission.FACILITY_TELL)
    asked = select(Handover).where(Handover.notice_id == notice_id, is_own, is_open())
    found: Handover | None = session.scalar(asked)
    if found is None:
        raise HandoverNotFound
    found.escorts, found.answered_by, found.answered_at = escorts, subject.actor, now
    audit.record(
        session,
        actor=subject.actor,
        action="facility.handover_answered",
        object_id=notice_id,
        now=now,
        escorts=escorts,
    )
    return found
