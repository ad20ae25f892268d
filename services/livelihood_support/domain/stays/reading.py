"""What a caller may see of stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.owning import owned_by
from services.livelihood_support.domain.stays.moving import state_of
from services.livelihood_support.domain.stays.reach import readable_stays, stay_reached_as
from services.livelihood_support.errors import StayNotFound
from services.livelihood_support.models import CaseFile, Stay, StayMoveRow
from services.livelihood_support.policy import (
    OPEN_STAYS,
    STAY_BEGAN,
    PossibleStayMove,
    StayParty,
    possible_stay_moves,
)
from shared import clocks
from shared.access import Permission
from shared.clocks import Clock
from shared.contracts.vocabulary import StayStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class StaysWanted:
    """Which stays a list shows; what is unset leaves none out."""

    status: StayStatus | None = None
    case_id: UUID | None = None
    is_open: bool = False


@dataclass(frozen=True)
class ShownStay:
    """A stay with the file of its case, the clock of its longest time, and what may be done."""

    stay: Stay
    case_file: CaseFile
    clock: Clock | None
    days: int | None
    """How many days the person has stayed, the day of the arrival not counted."""
    last_day: date | None
    can: Sequence[PossibleStayMove]


def find_stays(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    wanted: StaysWanted,
    after: UUID | None,
    size: int,
) -> Sequence[Stay]:
    """The stays the subject may see, oldest first."""
    query = readable_stays(subject, now).order_by(Stay.id).limit(size)
    if wanted.status is not None:
        query = query.where(Stay.status == wanted.status)
    if wanted.is_open:
        query = query.where(among(Stay.status, sorted(OPEN_STAYS)))
    if wanted.case_id is not None:
        query = query.where(Stay.case_id == wanted.case_id)
    if after is not None:
        query = query.where(Stay.id > after)
    return session.scalars(query).all()


def find_stay(session: Session, *, stay_id: UUID, subject: Subject, now: datetime) -> Stay:
    """One stay; not found for whoever is neither its facility nor owns the case."""
    found = session.scalar(readable_stays(subject, now).where(Stay.id == stay_id))
    if found is None:
        raise StayNotFound
    kept: Stay = found
    return kept


def find_stay_moves(
    session: Session,
    *,
    stay_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> Sequence[StayMoveRow]:
    """The moves of one stay, oldest first."""
    find_stay(session, stay_id=stay_id, subject=subject, now=now)
    query = select(StayMoveRow).where(StayMoveRow.stay_id == stay_id)
    if after is not None:
        passed = select(StayMoveRow.version).where(StayMoveRow.id == after).scalar_subquery()
        query = query.where(StayMoveRow.version > passed)
    return session.scalars(query.order_by(StayMoveRow.version).limit(size)).all()


def show_stays(
    session: Session, found: Sequence[Stay], *, subject: Subject, now: datetime
) -> list[ShownStay]:
    """Each with its clock and with what the subject may do now; few statements for all."""
    timed = clocks.find(session, STAY_BEGAN, [each.id for each in found])
    parties = _parties(session, found, subject=subject, now=now)
    return [_shown(each, *parties[each.id], timed.get(each.id), now) for each in found]


def _shown(
    stay: Stay,
    case_file: CaseFile,
    parties: frozenset[StayParty],
    clock: Clock | None,
    now: datetime,
) -> ShownStay:
    state = state_of(stay, case_file, clock)
    is_counted = stay.arrived_on is not None and state.status is not StayStatus.ENTERED_IN_ERROR
    until = stay.left_on or local_date(now)
    return ShownStay(
        stay,
        case_file,
        clock,
        (until - stay.arrived_on).days if is_counted and stay.arrived_on else None,
        state.last_day,
        possible_stay_moves(parties, state.status, may_be_extended=state.may_be_extended),
    )


def _parties(
    session: Session, found: Sequence[Stay], *, subject: Subject, now: datetime
) -> Mapping[UUID, tuple[CaseFile, frozenset[StayParty]]]:
    """The file of each, and as what the subject would move it: of several owners one acts."""
    reached = dict(stay_reached_as(subject, Permission.STAY_MOVE, now))
    is_own = owned_by(session, subject.organisation_id, now)
    reached[StayParty.CASE_OWNER] = and_(reached[StayParty.CASE_OWNER], is_own)
    asked = (
        select(Stay.id, CaseFile, *(each.label(party) for party, each in reached.items()))
        .join(CaseFile, CaseFile.case_id == Stay.case_id)
        .where(among(Stay.id, [each.id for each in found]))
    )
    return {
        stay_id: (case_file, frozenset(compress(reached, is_reached)))
        for stay_id, case_file, *is_reached in session.execute(asked)
    }
