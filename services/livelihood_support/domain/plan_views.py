"""A plan as it is read: its newest answers, the facts behind each, and how it became so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.answers import tellable, told_of, window_of
from services.livelihood_support.domain.kept import KeptAnswer, Revision, revisions_of
from services.livelihood_support.domain.reach import owned
from services.livelihood_support.domain.revisions import Change, changes_between
from services.livelihood_support.domain.tracks import read_track, regime_of
from services.livelihood_support.models import CaseFact, CaseFile, Plan, PlanRevision
from services.livelihood_support.policy import ToldFact, Track
from shared.access import Permission
from shared.contracts.vocabulary import Regime
from shared.kit.subjects import Subject
from shared.law import Basis, Certainty, End
from shared.law.entitlements import Amount, Content, Fact, rulebook
from shared.law.entries import as_known_now
from shared.rulebook import rules_of


@dataclass(frozen=True)
class UsedFact:
    """A known fact that an answer was made by; from the case itself, if no row is named."""

    fact: str
    holds: bool
    fact_id: UUID | None
    evidence_ref: str | None
    last_day: date | None


@dataclass(frozen=True)
class AnswerView:
    """The answer for one code."""

    code: str
    decision: str
    facts: Sequence[str]
    legal_ref: str
    status: str
    used: Sequence[UsedFact]
    can_be_told: Sequence[ToldFact]
    """The facts of the case that may lead to another answer."""
    contents: Sequence[Content]
    """What the law says it contains, and for whom."""
    amounts: Sequence[Amount]
    """The sums that the law names for it."""


@dataclass(frozen=True)
class PlanView:
    """A plan with the newest answer for every code, and what changed last."""

    id: UUID
    case_id: UUID
    regime: str
    category: str
    track: Track
    opened_at: datetime
    revision: int
    since: datetime
    cause: str | None
    fact_id: UUID | None
    changes: Sequence[Change]
    entitlements: Sequence[AnswerView]
    application_window: End | None


def find_plans(
    session: Session, *, case_id: UUID, subject: Subject, now: datetime
) -> list[PlanView]:
    """The plan of a case that the subject reaches, if it has one, as it is now."""
    is_reached = owned(subject, Permission.PLAN_READ, now)
    of_case = select(Plan).join(CaseFile, CaseFile.case_id == Plan.case_id)
    plan = session.scalars(of_case.where(Plan.case_id == case_id, is_reached)).one_or_none()
    return [] if plan is None else [_view(session, plan)]


def _view(session: Session, plan: Plan) -> PlanView:
    last = session.scalars(
        select(PlanRevision)
        .where(PlanRevision.plan_id == plan.id)
        .order_by(PlanRevision.number.desc())
        .limit(1),
    ).one_or_none()
    *former, newest = revisions_of(session, plan.id)
    papers = _papers(session, plan.case_id)
    case = session.get_one(CaseFile, plan.case_id)
    regime = regime_of(session, plan)
    return PlanView(
        id=plan.id,
        case_id=plan.case_id,
        regime=regime,
        track=read_track(session, plan),
        category=last.category if last else plan.category,
        opened_at=plan.opened_at,
        revision=newest.number,
        since=newest.since,
        cause=last.cause if last else None,
        fact_id=last.fact_id if last else None,
        changes=_changes(former[-1], newest) if former else [],
        entitlements=[
            _answer(newest.answers[code], papers, case, regime) for code in sorted(newest.answers)
        ],
        application_window=_window(session, plan, case),
    )


def _changes(before: Revision, after: Revision) -> Sequence[Change]:
    return sorted(changes_between(before.answers, after.answers), key=lambda each: each.code)


def _window(session: Session, plan: Plan, case: CaseFile) -> End | None:
    """Until when the person may apply by what is known now; unset under the newer law."""
    told = told_of(session, [plan.case_id])[plan.case_id]
    return window_of(
        rules_of(session), case.identified_on, told, regime=regime_of(session, plan)
    ).end


def _papers(session: Session, case_id: UUID) -> Mapping[UUID, str | None]:
    """The paper behind each fact that was ever told of a case."""
    rows = session.execute(
        select(CaseFact.id, CaseFact.evidence_ref).where(CaseFact.case_id == case_id),
    )
    return {row.id: row.evidence_ref for row in rows}


def _answer(
    row: KeptAnswer, papers: Mapping[UUID, str | None], case: CaseFile, regime: Regime
) -> AnswerView:
    used = []
    for fact, use in sorted(row.used.items()):
        fact_id = UUID(use["fact_id"]) if use["fact_id"] else None
        paper = papers[fact_id] if fact_id else None
        last_day = date.fromisoformat(use["last_day"]) if "last_day" in use else None
        used.append(UsedFact(fact, use["holds"], fact_id, paper, last_day))
    kept = Basis(row.legal_ref, Certainty(row.status))
    basis = as_known_now(rulebook(), regime, kept)
    return AnswerView(
        code=row.code,
        decision=row.decision,
        facts=row.facts,
        legal_ref=basis.legal_ref,
        status=basis.status,
        used=used,
        can_be_told=_can_be_told(row, case),
        contents=rulebook().contents.get((regime, row.code), ()),
        amounts=rulebook().amounts.get((regime, row.code), ()),
    )


def _can_be_told(row: KeptAnswer, case: CaseFile) -> list[ToldFact]:
    """A day of identification that the verification has told is told by nobody else."""
    refused = {ToldFact.IDENTIFIED} if case.identified_on else set()
    return [it for it in tellable(map(Fact, row.facts)) if it not in refused]
