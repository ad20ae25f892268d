"""How referrals went that a restored database has forgotten, as the others have heard it: ADR 0015.

Which place a referral gets depends on the order in which cases come, and what organisations answer
comes over HTTP: neither comes out the same a second time. But intake's journey and notification's
deliveries know how it came out. Before this service works again it is handed those steps, and
takes them instead of deciding anew: the same offers and moves, told again under the numbers they
had, by which everybody knows them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import (
    LockedCase,
    holding,
    lock_cases,
    lock_programmes,
)
from services.livelihood_support.domain.retracing import (
    Course,
    Retraced,
    hold_places,
    retrace,
    write_steps,
)
from services.livelihood_support.errors import ProgrammeNotTold
from services.livelihood_support.models import (
    Offer,
    Plan,
    Programme,
    Referral,
    ReferralMove,
    RememberedStep,
)
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.database import savepoint
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.kit.identifiers import new_id, reference_of
from shared.rulebook import rules_of

EVERY_CODE = frozenset(EntitlementCode)
"""A programme is locked by any of these: what it serves may have changed since it was asked."""


@dataclass(frozen=True)
class RememberedFacts:
    """One step as others heard it: an offer made, a referral moved, or its service confirmed."""

    id: UUID
    """The offer of a request, or the move."""
    case_id: UUID
    place: int
    """In the order in which the steps of the case were told."""
    referral_id: UUID
    status: ReferralStatus | None
    """Unset where the case owner confirmed that the support has reached the person."""
    is_asked: bool
    """Whether it names the organisation asked."""
    at: datetime
    reason: ReasonCode | None = None
    outcome: ServiceOutcome | None = None
    programme_id: UUID | None = None
    delivered_at: datetime | None = None


def remember(
    session: Session,
    steps: Sequence[RememberedFacts],
    *,
    actor: str,
    now: datetime,
) -> int:
    """Keep the steps that are not known here until their cases are; returns how many."""
    told = [step.id for step in steps]
    known = {
        *session.scalars(select(Offer.id).where(among(Offer.id, told))),
        *session.scalars(select(ReferralMove.id).where(among(ReferralMove.id, told))),
    }
    rows = [vars(step) for step in steps if step.id not in known]
    insert_rows(session, RememberedStep, rows, conflict=ON_CONFLICT_DO_NOTHING)
    audit.record(
        session,
        actor=actor,
        action="steps.remembered",
        object_id=new_id(),
        now=now,
        count=len(rows),
    )
    return len(rows)


_REMEMBERED = (
    select(RememberedStep)
    .where(among(RememberedStep.case_id, bindparam("case_ids")))
    .order_by(RememberedStep.case_id, RememberedStep.place)
)


def remembered(session: Session, case_ids: Collection[UUID]) -> Sequence[RememberedStep]:
    """What is remembered of these cases, in the order it was told; nearly always nothing."""
    return session.scalars(_REMEMBERED, {"case_ids": list(case_ids)}).all()


def forget_steps(session: Session, case_ids: Collection[UUID]) -> None:
    """They are taken up, or cannot be: what is told otherwise now is shown at its receivers."""
    session.execute(delete(RememberedStep).where(among(RememberedStep.case_id, case_ids)))


def courses_of(
    session: Session,
    referrals: Collection[Referral],
    steps: Sequence[RememberedStep],
) -> Mapping[UUID, Course]:
    """The referrals whose remembered steps follow from where they stand, each with its steps.

    Refused while a programme is not known here.
    """
    by_referral: defaultdict[UUID, list[RememberedStep]] = defaultdict(list)
    for step in steps:
        by_referral[step.referral_id].append(step)
    theirs = [referral for referral in referrals if referral.id in by_referral]
    if not theirs:
        return {}
    current = session.scalars(
        select(Offer).where(
            among(Offer.referral_id, [referral.id for referral in theirs]), Offer.is_current
        ),
    )
    offers = {offer.referral_id: offer for offer in current}
    rows = session.execute(
        select(Programme.id, Programme.organisation_id, Programme.organisation_kind)
    )
    programmes = {row.id: row for row in rows}
    courses = {
        referral.id: Course(
            referral=referral,
            offer=offers.get(referral.id),
            steps=by_referral[referral.id],
            programmes=_programmes(referral, by_referral[referral.id], programmes),
        )
        for referral in theirs
    }
    return {id_: course for id_, course in courses.items() if course.follows()}


def retrace_new(session: Session, referrals: Collection[Referral]) -> Retraced:
    """Take up what is remembered of referrals that are just being made; places are held by then.

    To be written with ``write_steps`` as soon as the referrals are stored.
    """
    case_ids = {referral.case_id for referral in referrals}
    steps = remembered(session, case_ids)
    if not steps:
        return Retraced()
    lock_programmes(session, EVERY_CODE, ())
    taken = retrace(courses_of(session, referrals, steps), steps, rules_of(session))
    forget_steps(session, case_ids)
    hold_places(session, taken)
    return taken


def _programmes(
    referral: Referral,
    steps: Sequence[RememberedStep],
    known: Mapping[UUID, Row[UUID, UUID, str]],
) -> Mapping[UUID, Row[UUID, UUID, str]]:
    """The programme of each request: as told, or the one its id follows from."""
    found = {}
    moved = (step for step in steps if step.status is not None)
    for version, step in enumerate(moved, start=referral.version + 1):
        if step.status != ReferralStatus.REQUESTED:
            continue
        if step.programme_id is not None and step.programme_id not in known:
            raise ProgrammeNotTold
        for programme_id, row in known.items():
            if reference_of(referral.id, "offer", version, programme_id) == step.id:
                found[step.id] = row
    return found


def retrace_ready(session: Session, now: datetime) -> int:
    """Take up what is remembered of cases whose plans are here; returns how many cases.

    All of them are locked before the first step, and waited for: nobody comes back for one.
    """
    ready = session.scalars(
        select(Plan.case_id).where(Plan.case_id.in_(select(RememberedStep.case_id))),
    ).all()
    if not ready:
        return 0
    cases = lock_cases(session, sorted(ready))
    with holding(session, cases, codes=EVERY_CODE):
        return sum(_retrace_case(session, case, now) for case in cases.values())


def _retrace_case(session: Session, case: LockedCase, now: datetime) -> bool:
    case_id = case.case_id
    try:
        with savepoint(session):
            referrals = session.scalars(select(Referral).where(Referral.case_id == case_id)).all()
            steps = remembered(session, [case_id])
            taken = retrace(courses_of(session, referrals, steps), steps, rules_of(session))
            forget_steps(session, [case_id])
            hold_places(session, taken)
            write_steps(session, taken, cases={case_id: case}, now=now)
    except ProgrammeNotTold:
        return False
    return True
