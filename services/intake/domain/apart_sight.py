"""What a reader sees of two people who are kept apart: as whoever told it, owns, or shelters.

Whoever told it and whoever may know of both sees the flag whole. Whoever owns one case learns that
there is somebody, and whether they are in the same house; a facility learns it only in that case.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import owned_by
from services.intake.domain.assignments import held_on
from services.intake.domain.immediate_needs import is_sheltered
from services.intake.domain.organisations import tenures
from services.intake.domain.reach import OWNED, reached_as_owner
from services.intake.models import AdvanceNotice, Assignment, Case, JourneyStep, KeptApart
from services.intake.policy import ApartSight, StepKind
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role, StayStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject

IN_HOUSE = (StayStatus.ANNOUNCED, StayStatus.STAYING)


@dataclass(frozen=True)
class Standing:
    """What a reader has to do with a case."""

    code: str
    is_seen: bool
    """Whether the case is theirs to read at all."""
    is_owned: bool
    is_sheltered: bool


@dataclass(frozen=True)
class ApartView:
    """A flag as one reader sees it."""

    id: UUID
    told_at: datetime
    numbers: tuple[int, int] | None
    other_case_id: UUID | None
    other_case_code: str | None
    is_same_house: bool
    may_open: bool
    """Whether the reader may open why, and so whether they see it whole."""
    may_end: bool


@dataclass(frozen=True)
class ApartReader:
    """Who reads, with which permission."""

    session: Session
    subject: Subject
    permission: Permission
    now: datetime

    def standings(self, case_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
        """What the reader has to do with each of these cases."""
        today = local_date(self.now)
        owning = visible(self.subject, self.permission, through=Role.CASE_OWNER)
        housing = visible(self.subject, self.permission, through=Role.FACILITY)
        owned = OWNED.are_owned(
            tenures(self.session, Role.CASE_OWNER), self.subject.organisation_id, today
        )
        sheltered = is_sheltered(today, housing.reaches(assigned=[Assignment.organisation_id]))
        is_reached = reached_as_owner(owning, today)
        is_received = visible(self.subject, self.permission).reaches(own=[Case.receiver_id])
        asked = select(
            Case.id,
            Case.code,
            or_(is_received, is_reached, sheltered),
            and_(is_reached, owned),
            sheltered,
        ).where(among(Case.id, sorted(case_ids)))
        return {row[0]: Standing(*row[1:]) for row in self.session.execute(asked)}

    def told(self, apart: KeptApart) -> bool:
        """Whether the reader's organisation told it."""
        return visible(self.subject, self.permission).owns(apart.organisation_id)

    def sees_whole(self, found: Sequence[KeptApart]) -> Mapping[UUID, bool]:
        """Whether the reader sees each of them whole, and so may open it."""
        standings = self.standings(cases_of(found))
        return {each.id: self._sees_whole(each, standings) for each in found}

    def _sees_whole(self, apart: KeptApart, standings: Mapping[UUID, Standing]) -> bool:
        if self.told(apart):
            return True
        if apart.first_case_id is None or apart.second_case_id is None:
            return apart.notice_id in self.owned_notices
        both = [standings[each] for each in (apart.first_case_id, apart.second_case_id)]
        return all(it.is_owned for it in both) or all(it.is_sheltered for it in both)

    @cached_property
    def owned_notices(self) -> frozenset[UUID]:
        """The notices of places whose cases the reader owns, in which somebody is kept apart."""
        owned = owned_by(self.session, self.subject, Permission.ADVANCE_NOTICE_READ, self.now)
        asked = select(AdvanceNotice.id).join(KeptApart, KeptApart.notice_id == AdvanceNotice.id)
        return frozenset(self.session.scalars(asked.where(owned)))

    def sight(
        self, case_id: UUID, other_id: UUID, standings: Mapping[UUID, Standing]
    ) -> ApartSight | None:
        """What is seen of the other from one case; nothing for whoever has no part in this."""
        this, other = standings[case_id], standings[other_id]
        if not (this.is_owned or this.is_sheltered):
            return None
        houses = _houses(self.session, case_id, self.now) & _houses(
            self.session, other_id, self.now
        )
        if not this.is_owned:
            houses &= {self.subject.organisation_id}
        sees = other.is_owned if this.is_owned else other.is_sheltered
        return ApartSight(sees_other=sees, is_same_house=bool(houses))


def cases_of(found: Sequence[KeptApart]) -> set[UUID]:
    """The cases that these flags are of."""
    return {
        case_id
        for each in found
        for case_id in (each.first_case_id, each.second_case_id)
        if case_id is not None
    }


def _houses(session: Session, case_id: UUID, now: datetime) -> set[UUID]:
    """The facilities in which somebody is, is expected, or has their file opened today."""
    parts = select(Assignment.organisation_id).where(
        Assignment.case_id == case_id,
        Assignment.role == Role.FACILITY,
        held_on(local_date(now)),
    )
    last = session.execute(
        select(JourneyStep.organisation_id, JourneyStep.status)
        .where(JourneyStep.case_id == case_id, JourneyStep.kind == StepKind.STAY_MOVED)
        .order_by(JourneyStep.id.desc())
        .limit(1)
    ).one_or_none()
    staying = {last.organisation_id} if last is not None and last.status in IN_HOUSE else set()
    return set(session.scalars(parts)) | staying
