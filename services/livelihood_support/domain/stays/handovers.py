"""Places are held for whoever is announced, and become stays as the people come.

Each message says all of a handover. What was told last counts, by when it became so: a message that
comes twice, late, or behind a later one changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.stays.announcing import expect
from services.livelihood_support.domain.stays.facilities import facilities, may_take_in
from services.livelihood_support.models import Handover, HeldPlace, Stay
from services.livelihood_support.policy import Awaited, HeldStatus, held_status
from shared.contracts.vocabulary import ExpectedStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.places.holders import Place, Tenure, holder_of


@dataclass(frozen=True)
class AwaitedFacts:
    """Somebody of a handover as intake tells it."""

    number: int
    awaited: Awaited
    status: ExpectedStatus
    case_id: UUID | None


@dataclass(frozen=True)
class HandoverFacts:
    """A handover, whole, as it then stood."""

    notice_id: UUID
    announcer_id: UUID
    expected_on: date
    area_code: str
    area_on: date
    is_cancelled: bool
    people: Sequence[AwaitedFacts]
    told_at: datetime

    @property
    def place(self) -> Place:
        """Where the people are received."""
        return Place(self.area_code, self.area_on)

    @property
    def received(self) -> list[UUID]:
        """The cases that came of it."""
        return [each.case_id for each in self.people if each.case_id is not None]


def keep_handover(session: Session, facts: HandoverFacts, *, now: datetime, actor: str) -> None:
    """Keep a handover as it stands, hold places for who is to come, and expect who was received.

    Waits, as refused, for a case of it that was not received here yet.
    """
    kept = session.get(Handover, facts.notice_id, populate_existing=True)
    if kept is not None and kept.told_at > facts.told_at:
        return
    fresh = _without_stay(session, facts.received)
    cases = lock_cases(session, fresh) if fresh else {}
    tenures = facilities(session)
    made = _kept(session, kept, facts, tenures, now)
    for case_id, case in cases.items():
        place, today = Place(case.area_code, case.area_on), local_date(now)
        house = _house(tenures, place, made.facility_id, today)
        if house is not None:
            on = local_date(case.received_at)
            expect(
                session,
                case_id=case_id,
                facility_id=house,
                expected_on=on,
                announcer_id=facts.announcer_id,
                actor=actor,
                now=now,
            )


def _without_stay(session: Session, case_ids: Sequence[UUID]) -> list[UUID]:
    """Those nobody has announced anywhere, by hand or by this: what became of that is another's."""
    known = set(session.scalars(select(Stay.case_id).where(among(Stay.case_id, case_ids))))
    return sorted(set(case_ids) - known)


def _kept(
    session: Session,
    kept: Handover | None,
    facts: HandoverFacts,
    tenures: Sequence[Tenure],
    now: datetime,
) -> Handover:
    made = kept or Handover(notice_id=facts.notice_id, asked_at=facts.told_at)
    former = (made.facility_id, made.expected_on) if kept else None
    said = asdict(facts)
    for name in ("announcer_id", "expected_on", "area_code", "area_on", "is_cancelled", "told_at"):
        setattr(made, name, said[name])
    made.facility_id = _house(
        tenures, facts.place, made.facility_id, max(facts.expected_on, local_date(now))
    )
    if former is not None and former != (made.facility_id, made.expected_on):
        _ask_anew(made, facts.told_at)
    session.add(made)
    session.flush()
    session.execute(delete(HeldPlace).where(HeldPlace.notice_id == made.notice_id))
    insert_rows(session, HeldPlace, [_place(facts, each) for each in facts.people])
    return made


def _place(facts: HandoverFacts, person: AwaitedFacts) -> dict[str, object]:
    return {
        "notice_id": facts.notice_id,
        "number": person.number,
        **asdict(person.awaited),
        "languages": list(person.awaited.languages),
        "status": held_status(person.status, is_cancelled=facts.is_cancelled),
        "case_id": person.case_id,
    }


def _house(tenures: Sequence[Tenure], place: Place, former: UUID | None, on: date) -> UUID | None:
    """Who held the places before, while they take people in there; else the nearest who does."""
    if former is not None and may_take_in(tenures, place, former, on=on):
        return former
    return holder_of(tenures, place, on=on)


def _ask_anew(handover: Handover, at: datetime) -> None:
    """What a facility has answered is for its day, and for nobody else."""
    handover.asked_at = at
    handover.escorts, handover.answered_by, handover.answered_at = None, None, None


def find_houses(session: Session, *, now: datetime) -> None:
    """Look again for who holds places, where facilities have come, gone, or take in elsewhere."""
    waiting = session.scalars(
        select(Handover)
        .where(
            ~Handover.is_cancelled,
            exists().where(
                HeldPlace.notice_id == Handover.notice_id, HeldPlace.status == HeldStatus.HELD
            ),
        )
        .order_by(Handover.notice_id)
        .execution_options(populate_existing=True)
    ).all()
    tenures = facilities(session) if waiting else []
    for each in waiting:
        place, on = Place(each.area_code, each.area_on), max(each.expected_on, local_date(now))
        house = _house(tenures, place, each.facility_id, on)
        if house != each.facility_id:
            each.facility_id = house
            _ask_anew(each, now)
