"""What each facility has ready, how many people it houses and expects, and what it lacks for them.

Nothing of a person leaves this: of each facility numbers, and that something is lacking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, null, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from services.livelihood_support.domain.stays.facilities import facilities, held_on
from services.livelihood_support.errors import (
    AlreadyAttested,
    FacilityUnfit,
    SheetIsYours,
    SheetNotFound,
)
from services.livelihood_support.models import (
    CaseFile,
    Handover,
    HeldPlace,
    ReadinessAttestation,
    ReadinessSheet,
    Stay,
)
from services.livelihood_support.policy import (
    OPEN_STAYS,
    Equipment,
    Guests,
    HeldStatus,
    Lack,
    SheetFacts,
    lacks,
    missing,
)
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role, StayStatus
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Readiness:
    """One facility tonight; without a sheet it has not said what it has."""

    facility_id: UUID
    sheet: ReadinessSheet | None
    attestation: ReadinessAttestation | None
    staying: int
    announced: int
    held: int
    """How many people of announced handovers are to come, who are no cases yet."""
    lacking: Sequence[Lack]
    missing_equipment: Sequence[Equipment]

    @property
    def free(self) -> int | None:
        """How many more could come if everybody came who is expected; less than 0 if too many."""
        taken = self.staying + self.announced + self.held
        return None if self.sheet is None else self.sheet.places - taken


@dataclass(frozen=True)
class _Guest:
    status: StayStatus | None
    """Unset where a place is held for somebody who is no case yet."""
    languages: Sequence[str]
    needs_interpreter: bool


def write_sheet(
    session: Session, sheet: SheetFacts, *, subject: Subject, now: datetime
) -> ReadinessSheet:
    """Keep what one's own facility has from a day on.

    Refused: an organisation that takes nobody in today.
    """
    sight = visible(subject, Permission.FACILITY_TELL, through=Role.FACILITY)
    if not any(map(sight.owns, held_on(facilities(session), local_date(now)))):
        raise FacilityUnfit
    made = ReadinessSheet(
        id=new_id(),
        facility_id=subject.organisation_id,
        valid_from=sheet.valid_from,
        rooms=sheet.rooms,
        places=sheet.places,
        staff=sheet.staff,
        interpreters=list(sheet.interpreters),
        equipment=sorted(sheet.equipment),
        written_by=subject.actor,
        written_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, "facility.readiness_told", made, subject, now)
    return made


def attest_sheet(
    session: Session, sheet_id: UUID, *, subject: Subject, now: datetime
) -> ReadinessAttestation:
    """Say that a sheet of one's own facility is true, which somebody else wrote.

    Refused: a sheet of another facility, one's own writing, a sheet that was attested already.
    """
    sight = visible(subject, Permission.FACILITY_TELL, through=Role.FACILITY)
    is_own = sight.reaches(own=[ReadinessSheet.facility_id])
    sheet = session.scalar(select(ReadinessSheet).where(ReadinessSheet.id == sheet_id, is_own))
    if sheet is None:
        raise SheetNotFound
    if sheet.written_by == subject.actor:
        raise SheetIsYours
    # Of two who attest at once one is the first.
    made: ReadinessAttestation | None = session.scalar(
        insert(ReadinessAttestation)
        .values(sheet_id=sheet_id, attested_by=subject.actor, attested_at=now)
        .on_conflict_do_nothing()
        .returning(ReadinessAttestation)
    )
    if made is None:
        raise AlreadyAttested
    _note(session, "facility.readiness_attested", sheet, subject, now)
    return made


def find_readiness(session: Session, *, subject: Subject, now: datetime) -> list[Readiness]:
    """Of every facility of today for a case owner; a facility reads its own."""
    today = local_date(now)
    owning = visible(subject, Permission.FACILITY_READ, through=Role.CASE_OWNER)
    housing = visible(subject, Permission.FACILITY_READ, through=Role.FACILITY)
    found = [
        each
        for each in sorted(held_on(facilities(session), today))
        if owning.is_over_all or housing.owns(each)
    ]
    return readiness_of(session, found, today)


def readiness_of(session: Session, found: Sequence[UUID], today: date) -> list[Readiness]:
    """How each of these facilities stands, in their order."""
    sheets, housed = _sheets(session, found, today), _guests(session, found)
    attested = _attested(session, [each.id for each in sheets.values()])
    short = _short_of_escorts(session, found)
    return [
        _readiness(
            each,
            sheets.get(each),
            attested,
            housed.get(each, ()),
            lacks_escorts=each in short,
        )
        for each in found
    ]


def _readiness(
    facility_id: UUID,
    sheet: ReadinessSheet | None,
    attested: Mapping[UUID, ReadinessAttestation],
    guests: Sequence[_Guest],
    *,
    lacks_escorts: bool,
) -> Readiness:
    facts = facts_of(sheet)
    attestation = attested.get(sheet.id) if sheet else None
    spoken = [each.languages for each in guests if each.needs_interpreter]
    staying = sum(each.status is StayStatus.STAYING for each in guests)
    held = sum(each.status is None for each in guests)
    housed = Guests(len(guests), spoken, lacks_escorts=lacks_escorts)
    return Readiness(
        facility_id,
        sheet,
        attestation,
        staying,
        len(guests) - staying - held,
        held,
        lacks(facts, housed, is_attested=attestation is not None),
        missing(facts) if facts else (),
    )


def facts_of(sheet: ReadinessSheet | None) -> SheetFacts | None:
    """What a sheet says, as the policy knows it."""
    if sheet is None:
        return None
    return SheetFacts(
        sheet.valid_from,
        sheet.rooms,
        sheet.places,
        sheet.staff,
        tuple(sheet.interpreters),
        frozenset(map(Equipment, sheet.equipment)),
    )


def _sheets(session: Session, found: Sequence[UUID], today: date) -> Mapping[UUID, ReadinessSheet]:
    """The newest that holds today; of two from one day the one that was written last."""
    rows = session.scalars(
        select(ReadinessSheet)
        .where(among(ReadinessSheet.facility_id, found), ReadinessSheet.valid_from <= today)
        .ext(distinct_on(ReadinessSheet.facility_id))
        .order_by(
            ReadinessSheet.facility_id,
            ReadinessSheet.valid_from.desc(),
            ReadinessSheet.written_at.desc(),
            ReadinessSheet.id.desc(),
        )
    )
    return {each.facility_id: each for each in rows}


def _attested(session: Session, sheet_ids: Sequence[UUID]) -> Mapping[UUID, ReadinessAttestation]:
    rows = session.scalars(
        select(ReadinessAttestation).where(among(ReadinessAttestation.sheet_id, sheet_ids))
    )
    return {each.sheet_id: each for each in rows}


def _guests(session: Session, found: Sequence[UUID]) -> Mapping[UUID, Sequence[_Guest]]:
    rows = session.execute(
        select(Stay.facility_id, Stay.status, CaseFile.languages, CaseFile.needs_interpreter)
        .join(CaseFile, CaseFile.case_id == Stay.case_id)
        .where(among(Stay.facility_id, found), among(Stay.status, sorted(OPEN_STAYS)))
    )
    housed: dict[UUID, list[_Guest]] = {}
    held = session.execute(
        select(Handover.facility_id, null(), HeldPlace.languages, HeldPlace.needs_interpreter)
        .join(HeldPlace, HeldPlace.notice_id == Handover.notice_id)
        .where(among(Handover.facility_id, found), HeldPlace.status == HeldStatus.HELD)
    )
    for facility_id, status, languages, needs_interpreter in (*rows, *held):
        guest = _Guest(StayStatus(status) if status else None, languages, needs_interpreter)
        housed.setdefault(facility_id, []).append(guest)
    return housed


def _short_of_escorts(session: Session, found: Sequence[UUID]) -> frozenset[UUID]:
    """The facilities that send fewer people than must be escorted of one of their handovers."""
    escorted = (HeldPlace.status == HeldStatus.HELD, HeldPlace.needs_escort)
    rows = session.scalars(
        select(Handover.facility_id)
        .join(HeldPlace, HeldPlace.notice_id == Handover.notice_id)
        .where(among(Handover.facility_id, found), *escorted)
        .group_by(Handover.notice_id)
        .having(func.count() > func.coalesce(Handover.escorts, 0))
    )
    return frozenset(each for each in rows if each is not None)


def _note(
    session: Session, action: str, sheet: ReadinessSheet, subject: Subject, now: datetime
) -> None:
    audit.record(
        session,
        actor=subject.actor,
        action=action,
        object_id=sheet.id,
        now=now,
        valid_from=sheet.valid_from.isoformat(),
        places=sheet.places,
    )
