"""What a person needs that cannot wait: each need, who sees to it, and when it was met.

Which needs were stated is sealed with the person; that each ended, how and when, is a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from services.intake.domain.assignments import held_on
from services.intake.domain.journey import StepFacts, note_steps
from services.intake.domain.organisations import tenures
from services.intake.domain.parts import check_owner, is_owner
from services.intake.domain.reach import reached_as_owner
from services.intake.domain.urgency import note_read, settle
from services.intake.domain.vault import open_identity
from services.intake.errors import (
    CaseNotFound,
    EndedOnUnfit,
    ImmediateNeedEnded,
    ImmediateNeedNotFound,
    NothingUrgent,
)
from services.intake.models import Assignment, Case, NeedEnd, Person
from services.intake.policy import Need, NeedOutcome, StepKind, are_all_ended, is_day_of_end
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class EndFacts:
    """How a need ended, and when."""

    need: Need
    outcome: NeedOutcome
    ended_on: date


@dataclass(frozen=True)
class NeedView:
    """A need as one subject may see it."""

    need: Need
    is_open: bool
    outcome: NeedOutcome | None
    ended_on: date | None
    organisation_id: UUID | None
    recorded_at: datetime | None


@dataclass(frozen=True)
class NeedsView:
    """What could not wait in a case, when the person was received."""

    case_id: UUID
    case_code: str
    since: datetime | None
    settled_at: datetime | None
    must_act: bool
    """Whether the subject may say how what is open has ended."""
    items: Sequence[NeedView]


@dataclass(frozen=True)
class Ways:
    """As what a subject reaches cases in which something cannot wait, each as a WHERE."""

    received: ColumnElement[bool]
    sheltered: ColumnElement[bool]
    owned: ColumnElement[bool]
    """As a case owner that reaches it; one of several owns it."""

    @property
    def any(self) -> ColumnElement[bool]:
        """By any of them."""
        return or_(self.received, self.sheltered, self.owned)


def ways_of(subject: Subject, permission: Permission, on: date) -> Ways:
    """How a subject reaches cases with a permission: it received, shelters or owns."""
    sheltering = visible(subject, permission, through=Role.FACILITY)
    return Ways(
        received=visible(subject, permission).reaches(own=[Case.receiver_id]),
        sheltered=is_sheltered(on, sheltering.reaches(assigned=[Assignment.organisation_id])),
        owned=reached_as_owner(visible(subject, permission, through=Role.CASE_OWNER), on),
    )


def is_sheltered(on: date, *of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a facility, of these, has its part in a case on a day: it sees to what is needed."""
    part = (Assignment.case_id == Case.id, Assignment.role == Role.FACILITY)
    return exists().where(and_(*part, held_on(on), *of))


def find_needs(
    session: Session, *, keys: MasterKeys, case_id: UUID, subject: Subject, now: datetime
) -> NeedsView:
    """Read what could not wait in a case, and what became of it; raises ``CaseNotFound``.

    Who saw to a need is for whoever reaches the case as a case owner: where somebody is sheltered
    is not for all who once received them. That an owner reads it is noted the first time.
    """
    today = local_date(now)
    ways = ways_of(subject, Permission.IMMEDIATE_NEED_READ, today)
    asked = select(
        Case,
        or_(ways.received, ways.sheltered).label("is_at_hand"),
        ways.owned.label("is_whole"),
    )
    found = session.execute(asked.where(Case.id == case_id, ways.any)).one_or_none()
    if found is None:
        raise CaseNotFound
    case, is_at_hand, is_whole = found
    is_own = is_whole and is_owner(session, case, subject=subject, on=today)
    if is_own:
        note_read(session, case_id, actor=subject.actor, now=now)
    is_open = case.urgent_since is not None and case.urgency_settled_at is None
    ended = _ended(session, case_id)
    return NeedsView(
        case_id=case_id,
        case_code=case.code,
        since=case.urgent_since,
        settled_at=case.urgency_settled_at,
        must_act=is_open and (is_at_hand or is_own),
        items=[
            _seen(
                each,
                ended.get(each),
                is_open=is_open,
                seen_by=None if is_whole else subject.organisation_id,
            )
            for each in _stated(session, keys, case)
        ],
    )


def end_need(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    subject: Subject,
    facts: EndFacts,
    now: datetime,
) -> NeedEnd:
    """A need was met, or is not wanted any more; with the last of them nothing is urgent here.

    Raises ``CaseNotFound``, ``NotResponsibleNow``, ``NothingUrgent``, ``ImmediateNeedNotFound``,
    ``ImmediateNeedEnded`` and ``EndedOnUnfit``.
    """
    case = _lock(session, case_id, subject, today=local_date(now))
    stated = _stated(session, keys, case)
    ended = _ended(session, case_id)
    _refuse_unfit(case, facts, stated, ended, today=local_date(now))
    made = NeedEnd(
        id=new_id(),
        case_id=case_id,
        need=facts.need,
        outcome=facts.outcome,
        ended_on=facts.ended_on,
        organisation_id=subject.organisation_id,
        recorded_by=subject.actor,
        recorded_at=now,
    )
    session.add(made)
    _note(session, made, subject, now)
    if are_all_ended(stated, {*ended, facts.need}):
        settle(session, case, how=facts.outcome, actor=subject.actor, now=now)
    return made


def _lock(session: Session, case_id: UUID, subject: Subject, *, today: date) -> Case:
    """A case only this transaction may change, for whoever received, shelters or owns it."""
    ways = ways_of(subject, Permission.URGENCY_SETTLE, today)
    is_at_hand = or_(ways.received, ways.sheltered)
    asked = select(Case, is_at_hand.label("is_at_hand")).where(Case.id == case_id, ways.any)
    found = session.execute(asked.with_for_update(of=Case, key_share=True)).one_or_none()
    if found is None:
        raise CaseNotFound
    case, may_act = found
    if not may_act:
        check_owner(tenures(session, Role.CASE_OWNER), case, subject=subject, on=today)
    return case


def _refuse_unfit(
    case: Case,
    facts: EndFacts,
    stated: Sequence[Need],
    ended: Mapping[Need, NeedEnd],
    *,
    today: date,
) -> None:
    if facts.need not in stated:
        raise ImmediateNeedNotFound
    if facts.need in ended:
        raise ImmediateNeedEnded
    if case.urgent_since is None or case.urgency_settled_at is not None:
        raise NothingUrgent
    received_on = local_date(case.received_at)
    if not is_day_of_end(facts.ended_on, received_on=received_on, today=today):
        raise EndedOnUnfit


def _note(session: Session, made: NeedEnd, subject: Subject, now: datetime) -> None:
    """Neither the journey nor the audit says which need it was: that is sealed with the person."""
    step = StepFacts(
        made.case_id,
        now,
        StepKind.IMMEDIATE_NEED_ENDED,
        made.id,
        outcome=made.outcome,
        organisation_id=subject.organisation_id,
    )
    note_steps(session, [step])
    audit.record(
        session,
        actor=subject.actor,
        action="immediate_need.end",
        object_id=made.case_id,
        now=now,
        need_end_id=str(made.id),
        how=made.outcome,
        organisation_id=str(subject.organisation_id),
    )


def _stated(session: Session, keys: MasterKeys, case: Case) -> list[Need]:
    """What was stated, in the order of the vocabulary."""
    identity: Mapping[str, Any] = open_identity(keys, session.get_one(Person, case.person_id))
    said = identity.get("immediate_needs") or ()
    return [each for each in Need if each in said]


def _ended(session: Session, case_id: UUID) -> Mapping[Need, NeedEnd]:
    rows = session.scalars(select(NeedEnd).where(NeedEnd.case_id == case_id))
    return {Need(each.need): each for each in rows}


def _seen(need: Need, end: NeedEnd | None, *, is_open: bool, seen_by: UUID | None) -> NeedView:
    """``seen_by`` is who reads of others no name; unset where all is read.

    What an earlier release settled for all needs together has no end of its own.
    """
    if end is None:
        return NeedView(need, is_open, None, None, None, None)
    is_told = seen_by is None or end.organisation_id == seen_by
    return NeedView(
        need=need,
        is_open=False,
        outcome=NeedOutcome(end.outcome),
        ended_on=end.ended_on,
        organisation_id=end.organisation_id if is_told else None,
        recorded_at=end.recorded_at if is_told else None,
    )
