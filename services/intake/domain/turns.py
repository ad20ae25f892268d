"""Whose turn a case is: what the policy says of its journey, as far as a reader may know it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import owner_of
from services.intake.domain.reading import is_seen_whole
from services.intake.models import Case, JourneyStep
from services.intake.policy import (
    ENTERS_WITHIN,
    CaseStatus,
    StepKind,
    Told,
    Turn,
    TurnReason,
    Waits,
    Who,
    turn_of,
)
from shared.contracts.following import KINDS, NeedKind, followed_as
from shared.contracts.vocabulary import EntitlementCode, Role
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.places.holders import may_own


@dataclass(frozen=True)
class TurnView:
    """Whose turn it is, as one subject may see it."""

    who: Who
    why: TurnReason
    since: datetime
    organisation_id: UUID | None
    need: NeedKind | None
    code: EntitlementCode | None
    referral_id: UUID | None


def find_turn(session: Session, *, case_id: UUID, subject: Subject, now: datetime) -> TurnView:
    """The one sentence of a case; raises ``CaseNotFound``.

    Of a referral, who submitted the case learns the kind of need and not of whom it is asked.
    """
    today = local_date(now)
    is_whole = is_seen_whole(session, case_id=case_id, subject=subject, on=today)
    case = session.get_one(Case, case_id)
    turn = _turns(session, [case], now)[case_id]
    if turn.who is Who.VERIFIER:
        turn = _while_they_may(session, turn, today)
    if turn.who is Who.CASE_OWNER:
        owner = owner_of(session, case, on=today)
        turn = replace(turn, who=Who.CASE_OWNER if owner else Who.NOBODY, organisation_id=owner)
    return _seen(turn, is_whole=is_whole)


def _while_they_may(session: Session, turn: Turn, on: date) -> Turn:
    """Whoever holds no role of verifier any more decides nothing: the owner finds another.

    While the directory has told of none at all, as after an upgrade, nobody is said to hold none.
    """
    verifying = tenures(session, Role.VERIFIER)
    if turn.organisation_id is None or not verifying:
        return turn
    if may_own(verifying, turn.organisation_id, on=on):
        return turn
    return replace(turn, who=Who.CASE_OWNER, why=TurnReason.FIND_AUTHORITY, organisation_id=None)


def nobodys_turn(session: Session, now: datetime) -> Mapping[UUID, Turn]:
    """The cases in which what should have followed has not come, whatever else is urgent there."""
    waiting = select(Case).where(
        Case.status.in_((CaseStatus.RECEIVED, CaseStatus.IDENTIFIED)),
        Case.registered_at <= now - ENTERS_WITHIN,
    )
    cases = session.scalars(waiting).all()
    steps = _steps(session, [case.id for case in cases])
    turns = {it.id: turn_of(steps[it.id], Waits(it.registered_at), now) for it in cases}
    return {case_id: turn for case_id, turn in turns.items() if turn.who is Who.NOBODY}


def _turns(session: Session, cases: Collection[Case], now: datetime) -> Mapping[UUID, Turn]:
    """The turn of each."""
    steps = _steps(session, [case.id for case in cases])
    return {case.id: turn_of(steps[case.id], _waits(case), now) for case in cases}


def _steps(session: Session, case_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Told]]:
    """What was told of each case, in the order in which it was told."""
    steps: dict[UUID, list[Told]] = {each: [] for each in case_ids}
    asked = select(JourneyStep).where(among(JourneyStep.case_id, steps)).order_by(JourneyStep.id)
    for step in session.scalars(asked):
        steps[step.case_id].append(_told(step))
    return steps


def _told(step: JourneyStep) -> Told:
    return Told(
        kind=StepKind(step.kind),
        at=step.at,
        outcome=step.outcome,
        status=step.status,
        organisation_id=step.organisation_id,
        referral_id=step.referral_id,
        code=EntitlementCode(step.code) if step.code else None,
        source_id=step.source_id,
    )


def _waits(case: Case) -> Waits:
    is_settled = case.urgency_settled_at is not None
    return Waits(case.registered_at, None if is_settled else case.urgent_since)


def _seen(turn: Turn, *, is_whole: bool) -> TurnView:
    is_told = is_whole or turn.who is Who.VERIFIER
    known_as = turn.referral_id
    if known_as is not None and not is_whole:
        known_as = followed_as(known_as)
    return TurnView(
        who=turn.who,
        why=turn.why,
        since=turn.since,
        organisation_id=turn.organisation_id if is_told else None,
        need=KINDS[turn.code] if turn.code else None,
        code=turn.code if is_whole else None,
        referral_id=known_as,
    )
