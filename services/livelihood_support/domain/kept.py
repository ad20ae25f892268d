"""The answers of a plan as they are kept: one row for all plans that were answered the same.

What the rules answer for every code is a set of answers, and nearly everybody is answered by one of
a few sets. A plan, and each revision of it, names its set, and says beside it only what is the
case's own: the told facts it rests on, and when its window closes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, literal, select, union_all
from sqlalchemy.orm import Session

from services.livelihood_support.models import AnswerSet, Plan, PlanRevision
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, document, insert_rows
from shared.kit.identifiers import reference_of
from shared.law.entitlements import Fact
from shared.law.entitling import Decision, Entitlement

FIRST = 1
"""The revision as which a plan is opened."""

Said = Mapping[str, Any]
"""The answer for one code, as a set keeps it."""
RestsOn = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By code and fact, what of an answer is the case's own: ``fact_id``, ``last_day``."""


@dataclass(frozen=True)
class KeptAnswer:
    """The answer for one code in one revision of a plan, and on which text."""

    code: EntitlementCode
    decision: Decision
    facts: Sequence[str]
    legal_ref: str
    status: str
    used: Mapping[str, Mapping[str, Any]]
    """The known facts it was decided by: what each was, and the told fact behind it."""


@dataclass(frozen=True)
class Revision:
    """The answers of a plan from a moment on."""

    number: int
    since: datetime
    answers: Mapping[EntitlementCode, KeptAnswer]


@dataclass(frozen=True)
class SetOfAnswers:
    """The answers that the rules give wherever the same is known."""

    id: UUID
    """Follows from what is said: the same answers are the same row, whoever gives them when."""
    every: tuple[Entitlement, ...]
    said: Sequence[Said]


def set_of(every: Sequence[tuple[Entitlement, Mapping[Fact, bool]]]) -> SetOfAnswers:
    """The set of these answers, each with what was known for it."""
    said = [
        {
            "code": answer.code,
            "decision": answer.decision,
            "facts": answer.facts,
            "legal_ref": answer.legal_ref,
            "status": answer.status,
            "used": {fact: known[fact] for fact in answer.used},
        }
        for answer, known in every
    ]
    return SetOfAnswers(
        reference_of("answers", document(said)), tuple(answer for answer, _ in every), said
    )


def keep_sets(session: Session, sets: Iterable[SetOfAnswers]) -> None:
    """Keep those of these sets that nobody was answered by before; one statement."""
    # In the order of ids: whoever keeps the same new set at the same time is waited for.
    rows = {each.id: {"id": each.id, "answers": each.said} for each in sets}
    in_order = [rows[key] for key in sorted(rows)]
    insert_rows(session, AnswerSet, in_order, conflict=ON_CONFLICT_DO_NOTHING)


def kept_answers(said: Iterable[Said], rests_on: RestsOn) -> dict[EntitlementCode, KeptAnswer]:
    """The answers of a set together with what they rest on in one case."""
    return {EntitlementCode(each["code"]): _kept(each, rests_on) for each in said}


def _kept(said: Said, rests_on: RestsOn) -> KeptAnswer:
    of_case = rests_on.get(said["code"], MappingProxyType({}))
    return KeptAnswer(
        code=EntitlementCode(said["code"]),
        decision=Decision(said["decision"]),
        facts=list(said["facts"]),
        legal_ref=said["legal_ref"],
        status=said["status"],
        used={
            fact: {"holds": holds, "fact_id": None, **of_case.get(fact, {})}
            for fact, holds in said["used"].items()
        },
    )


def revisions_of(session: Session, plan_id: UUID) -> list[Revision]:
    """Every revision of a plan, the first as it was opened, with its answers."""
    opened = select(
        literal(FIRST, Integer).label("number"),
        Plan.opened_at.label("since"),
        Plan.answers_id,
        Plan.rests_on,
    ).where(Plan.id == plan_id)
    revised = select(
        PlanRevision.number,
        PlanRevision.revised_at,
        PlanRevision.answers_id,
        PlanRevision.rests_on,
    ).where(PlanRevision.plan_id == plan_id)
    its = union_all(opened, revised).subquery()
    rows = session.execute(
        select(its.c.number, its.c.since, AnswerSet.answers, its.c.rests_on)
        .join(AnswerSet, AnswerSet.id == its.c.answers_id)
        .order_by(its.c.number),
    )
    return [
        Revision(row.number, row.since, kept_answers(row.answers, row.rests_on)) for row in rows
    ]
