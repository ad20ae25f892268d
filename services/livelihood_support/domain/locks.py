"""The one order in which rows are locked: case files by id, then programmes by id.

A step by itself keeps that order. The steps of a frame, or of a sweep, would together break it,
for each begins with cases again. So their locks are taken before the first step and kept with the
transaction; from then on asking for another lock is a fault. Nothing else in this service locks.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Executable, String, Uuid, bindparam, exists, select, text
from sqlalchemy.orm import Session

from services.livelihood_support.errors import CaseNotReceived
from services.livelihood_support.models import Alert, CaseFile, Offer, Referral, RememberedStep
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    ReferralStatus,
    Route,
    Sex,
)
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging.sweeps import resting

KEY = "livelihood_support.locks"
SEEKING = (ReferralStatus.UNPLACED, ReferralStatus.REQUESTED)
"""The referrals that a consent can move: those that wait for a place, or for an answer."""


class LockedTooLate(RuntimeError):
    """A step asks for a row that was not locked before the first step. A fault, never a wait."""


@dataclass(frozen=True)
class LockedCase:
    """A case whose referrals only this transaction may change."""

    case_id: UUID
    area_code: str
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    languages: frozenset[str]
    needs_interpreter: bool
    asked_staff_sex: Sex | None
    received_at: datetime
    requested_services: tuple[EntitlementCode, ...]
    identified_on: date | None = None
    area_told_on: date | None = None
    responsible_id: UUID | None = None
    route: Route | None = None
    """How the person came; by a mission they are abroad."""

    @property
    def area_on(self) -> date:
        """The day by which the code of the area is read: codes were given to other units later."""
        return self.area_told_on or local_date(self.received_at)


@dataclass(frozen=True)
class Needs:
    """What a frame will change, as far as its messages say.

    ``to_place`` are cases that will seek places, ``to_consent`` those whose consents change,
    ``programmes`` those that the messages tell of. ``arriving`` are the codes asked for by cases
    that come with the frame and may seek places in it: they are in no table yet.
    """

    cases: frozenset[UUID]
    to_place: frozenset[UUID]
    to_consent: frozenset[UUID]
    programmes: frozenset[UUID]
    arriving: frozenset[EntitlementCode] = frozenset()


@dataclass
class Locks:
    """All that this transaction may change."""

    cases: dict[UUID, LockedCase]
    codes: frozenset[str]
    programmes: frozenset[UUID]
    """Every programme that served one of these codes when they were locked, and others."""

    def check(self, codes: Iterable[str], programme_ids: Iterable[UUID]) -> None:
        """Raise ``LockedTooLate`` unless these programmes are among them."""
        if not (self.codes.issuperset(codes) and self.programmes.issuperset(programme_ids)):
            raise LockedTooLate


def locks_of(session: Session) -> Locks | None:
    """What was locked before the first step of this transaction; unset for a step by itself."""
    found: Locks | None = session.info.get(KEY)
    return found


@contextmanager
def holding(
    session: Session,
    cases: Mapping[UUID, LockedCase],
    *,
    codes: Collection[str],
    programme_ids: Collection[UUID] = (),
) -> Iterator[None]:
    """With these cases locked, lock the programmes of many steps, which then lock nothing."""
    programmes = _lock_programmes(session, codes, programme_ids)
    session.info[KEY] = Locks(dict(cases), frozenset(codes), programmes)
    try:
        yield
    finally:
        del session.info[KEY]


def lock_frame(session: Session, needs: Needs) -> None:
    """Lock for all handlers of a frame, until the end of its transaction.

    A case that was not received yet is left out: it comes with the frame, or its handler will say
    so.
    """
    cases = _lock_cases(session, _LOCK_CASES, needs.cases) if needs.cases else {}
    known = needs.to_place & cases.keys()
    wanted = codes_to_place(session, [cases[case_id] for case_id in known]) | needs.arriving
    asked: set[UUID] = set()
    if needs.to_consent:
        seeking = _seeking(session, needs.to_consent)
        wanted |= {code for code, _ in seeking}
        asked = {programme_id for _, programme_id in seeking if programme_id is not None}
    programmes = _lock_programmes(session, wanted, needs.programmes | asked)
    session.info[KEY] = Locks(cases, frozenset(wanted), programmes)


_REMEMBERS = select(exists().where(among(RememberedStep.case_id, bindparam("case_ids"))))


def codes_to_place(session: Session, cases: Collection[LockedCase]) -> set[EntitlementCode]:
    """The codes in whose programmes these cases may take places: those that were asked for.

    All there are while a restored database remembers a step of one of them: the programme of that
    step may serve something else by now.
    """
    ids = [case.case_id for case in cases]
    if ids and session.scalar(_REMEMBERS, {"case_ids": ids}):
        return set(EntitlementCode)
    return {code for case in cases for code in case.requested_services}


def _seeking(
    session: Session,
    case_ids: Collection[UUID],
) -> list[tuple[EntitlementCode, UUID | None]]:
    """Needs of these cases that a consent may move, each with the programme asked for it."""
    rows = session.execute(
        select(Referral.code, Offer.programme_id)
        .outerjoin(Offer, (Offer.referral_id == Referral.id) & Offer.is_current)
        .where(among(Referral.case_id, case_ids), Referral.status.in_(SEEKING)),
    )
    return [(EntitlementCode(code), programme_id) for code, programme_id in rows]


def lock_cases(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, LockedCase]:
    """Lock all of these cases; refused when one was not received yet."""
    locks = locks_of(session)
    found = locks.cases if locks else _lock_cases(session, _LOCK_CASES, case_ids)
    missing = [case_id for case_id in case_ids if case_id not in found]
    if missing:
        raise CaseNotReceived(case_ids=[str(case_id) for case_id in missing])
    return {case_id: found[case_id] for case_id in case_ids}


def read_case(session: Session, case_id: UUID) -> LockedCase:
    """A case as a search for a place sees it, without its lock: to show, and to change nothing."""
    return _lock_cases(session, _CASES, [case_id])[case_id]


def lock_free_cases(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, LockedCase]:
    """Lock those of these cases that nobody else is changing; a sweep comes back for the rest."""
    return _lock_cases(session, _LOCK_FREE_CASES, case_ids)


def keep_cases(session: Session, cases: Iterable[LockedCase]) -> None:
    """Cases this transaction has just stored are its own: nobody else can see them yet."""
    locks = locks_of(session)
    if locks:
        locks.cases.update({case.case_id: case for case in cases})


_CASES = (
    select(
        CaseFile.case_id,
        CaseFile.area_code,
        CaseFile.age_band,
        CaseFile.sex,
        CaseFile.citizenship,
        CaseFile.languages,
        CaseFile.needs_interpreter,
        CaseFile.asked_staff_sex,
        CaseFile.received_at,
        CaseFile.requested_services,
        CaseFile.identified_on,
        CaseFile.area_told_on,
        CaseFile.responsible_id,
        CaseFile.route,
    )
    .where(among(CaseFile.case_id, bindparam("case_ids")))
    .order_by(CaseFile.case_id)
)
_LOCK_CASES = _CASES.with_for_update(key_share=True)
_LOCK_FREE_CASES = _CASES.with_for_update(key_share=True, skip_locked=True)


def _lock_cases(
    session: Session, lock: Executable, case_ids: Collection[UUID]
) -> dict[UUID, LockedCase]:
    rows = session.execute(lock, {"case_ids": list(case_ids)})
    return {
        row.case_id: LockedCase(
            case_id=row.case_id,
            area_code=row.area_code,
            age_band=AgeBand(row.age_band),
            sex=Sex(row.sex),
            citizenship=Citizenship(row.citizenship),
            languages=frozenset(row.languages),
            needs_interpreter=row.needs_interpreter,
            asked_staff_sex=row.asked_staff_sex and Sex(row.asked_staff_sex),
            received_at=row.received_at,
            requested_services=tuple(map(EntitlementCode, row.requested_services)),
            identified_on=row.identified_on,
            area_told_on=row.area_told_on,
            responsible_id=row.responsible_id,
            route=Route(row.route),
        )
        for row in rows
    }


# Only ids: what a row says is read afterwards, by a statement that sees all that was waited for.
_LOCK_PROGRAMMES = text(
    """
    SELECT id FROM programmes WHERE codes && :codes OR id = ANY(:ids)
     ORDER BY id FOR NO KEY UPDATE
    """,
).bindparams(bindparam("codes", type_=ARRAY(String)), bindparam("ids", type_=ARRAY(Uuid)))


def lock_programmes(
    session: Session,
    codes: Collection[str],
    programme_ids: Collection[UUID],
) -> frozenset[UUID]:
    """Lock the programmes that serve these codes, and these ones; returns all that are locked."""
    locks = locks_of(session)
    if locks is None:
        return _lock_programmes(session, codes, programme_ids)
    locks.check(codes, programme_ids)
    return locks.programmes


def _lock_programmes(
    session: Session,
    codes: Collection[str],
    programme_ids: Collection[UUID],
) -> frozenset[UUID]:
    if not codes and not programme_ids:
        return frozenset()
    asked = {"codes": sorted(codes), "ids": sorted(programme_ids)}
    return frozenset(session.scalars(_LOCK_PROGRAMMES, asked))


def lock_untold(session: Session, *, sweep: str, most: int) -> Sequence[Alert]:
    """Alerts that nobody was told of and nobody else holds; the rest is for the next round.

    Whoever settles alerts holds their case. The sweep holds none, so it waits for nobody.
    """
    return session.scalars(
        select(Alert)
        .where(Alert.told_at.is_(None), Alert.id.not_in(resting(sweep)))
        .order_by(Alert.id)
        .limit(most)
        .with_for_update(skip_locked=True),
    ).all()
