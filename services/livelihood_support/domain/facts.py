"""Facts that a case owner tells of a case: kept as a record, and the plan follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.answers import told_of, values
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.domain.provisional import open_if_granted
from services.livelihood_support.domain.reach import check_reach
from services.livelihood_support.domain.revisions import Revised, revise_plan
from services.livelihood_support.errors import (
    DayIsVerified,
    DayNotReached,
    FactNotTold,
    FactsContradict,
)
from services.livelihood_support.models import CaseFact
from services.livelihood_support.policy import (
    Recorded,
    RevisionCause,
    ToldFact,
    Value,
    WithdrawalReason,
    contradicted,
    written,
)
from shared.access import Permission
from shared.contracts.vocabulary import AgeBand, PersonCategory
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows, row_of
from shared.kit.identifiers import id_of
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class FactStated:
    """One fact with its value and the paper it rests on; without a value it is withdrawn."""

    fact: ToldFact
    value: Value | None
    evidence_ref: str | None
    holds_from: date | None = None
    reason: WithdrawalReason | None = None


@dataclass(frozen=True)
class Teller:
    """Who tells a fact, for which organisation."""

    actor: str
    organisation_id: UUID


@dataclass(frozen=True)
class FactKept:
    """A told fact and what became of the plan by it."""

    fact: CaseFact
    revised: Revised


def tell_fact(
    session: Session,
    *,
    case_id: UUID,
    stated: FactStated,
    subject: Subject,
    now: datetime,
) -> FactKept:
    """Keep a fact, or its withdrawal, and compute the entitlements of the case anew.

    A fact that was told before is corrected: the newest counts. Refused: a case that is not there,
    or that another organisation owns; a day that is still to come; a day of identification where
    the verification has told one; withdrawing what was not told; a category that the known
    citizenship excludes.
    """
    case = lock_own(session, case_id, subject, Permission.FACT_TELL, now)
    teller = Teller(subject.actor, subject.organisation_id)
    if stated.holds_from is not None and stated.holds_from > local_date(now):
        raise DayNotReached
    _check(session, case, stated)
    row = _row(session, case_id, stated, teller, now)
    _keep(session, row, teller.actor, now)
    cause = RevisionCause.FACT_WITHDRAWN if row.value is None else RevisionCause.FACT_TOLD
    revised = revise_plan(session, case, cause=cause, fact_id=row.id, actor=teller.actor, now=now)
    if revised.plan_id is None:
        open_if_granted(session, case, actor=teller.actor, now=now)
    return FactKept(row, revised)


@dataclass(frozen=True)
class Accompanying:
    """A child who came along, as the reception told of it."""

    case_id: UUID
    receiver_id: UUID
    beside: str
    """The code of the case of whom the child came with."""


def tell_accompanying(
    session: Session, along: Sequence[Accompanying], *, actor: str, now: datetime
) -> None:
    """Keep as which category children came; whoever owns their cases may tell another.

    Their files are new, so it is the first fact of each.
    """
    for each in along:
        category = PersonCategory.MINOR_ACCOMPANYING
        stated = FactStated(ToldFact.CATEGORY, category, each.beside)
        row = _row(session, each.case_id, stated, Teller(actor, each.receiver_id), now)
        _keep(session, row, actor, now)


def end_told_age(session: Session, case: LockedCase, *, actor: str, now: datetime) -> None:
    """Withdraw a told age that the new age band of a locked case contradicts.

    Called when the person has come to be of age, or is found not to be: that is newer. The row has
    the organisation whose fact it ends.
    """
    told = told_of(session, [case.case_id])[case.case_id].get(ToldFact.UNDER_18)
    if told is None or told.value == written(case.age_band is not AgeBand.ADULT):
        return
    stated = FactStated(ToldFact.UNDER_18, None, None, reason=WithdrawalReason.HOLDS_NO_LONGER)
    row = _row(session, case.case_id, stated, Teller(actor, told.organisation_id), now)
    _keep(session, row, actor, now)


def _check(session: Session, case: LockedCase, stated: FactStated) -> None:
    """Refuse what does not fit what counts already; nothing is stored yet."""
    if stated.fact is ToldFact.IDENTIFIED and stated.value is not None and case.identified_on:
        raise DayIsVerified(identified_on=case.identified_on.isoformat())
    told = values(told_of(session, [case.case_id])[case.case_id])
    if stated.value is None:
        if stated.fact not in told:
            raise FactNotTold(fact=stated.fact)
        del told[stated.fact]
    else:
        told[stated.fact] = stated.value
    category = contradicted(Recorded(case.age_band, case.citizenship), told)
    if category is not None:
        raise FactsContradict(facts=[ToldFact.CATEGORY, ToldFact.VIETNAMESE_CITIZEN])


def _keep(session: Session, row: CaseFact, actor: str, now: datetime) -> None:
    insert_rows(session, CaseFact, [row_of(row)])
    audit.record(
        session,
        actor=actor,
        action="fact.withdrawn" if row.value is None else "fact.told",
        object_id=row.case_id,
        now=now,
        fact=row.fact,
        fact_id=str(row.id),
    )


def _row(
    session: Session,
    case_id: UUID,
    stated: FactStated,
    teller: Teller,
    now: datetime,
) -> CaseFact:
    last = select(func.max(CaseFact.number)).where(CaseFact.case_id == case_id)
    number = (session.scalar(last) or 0) + 1
    value = None if stated.value is None else written(stated.value)
    return CaseFact(
        # With what it says, as the id of a move: told otherwise after a restore, it is another.
        id=id_of(case_id, f"fact {stated.fact} {value} {stated.evidence_ref}", number),
        case_id=case_id,
        number=number,
        fact=stated.fact,
        value=value,
        reason=stated.reason,
        evidence_ref=stated.evidence_ref,
        holds_from=stated.holds_from,
        told_by=teller.actor,
        organisation_id=teller.organisation_id,
        told_at=now,
    )


@dataclass(frozen=True)
class FactView:
    """A row of the history of facts; ``ended_at`` is when a newer row took its place."""

    row: CaseFact
    ended_at: datetime | None


def find_facts(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    now: datetime,
    fact: ToldFact | None,
    after: UUID | None,
    size: int,
) -> Sequence[FactView]:
    """What was told of a case, oldest first, corrections and withdrawals included."""
    check_reach(session, case_id, subject, Permission.FACT_READ, now)
    ended_at = (
        func.lead(CaseFact.told_at)
        .over(partition_by=CaseFact.fact, order_by=CaseFact.number)
        .label("ended_at")
    )
    every = select(CaseFact.id, ended_at).where(CaseFact.case_id == case_id).subquery()
    query = (
        select(CaseFact, every.c.ended_at)
        .join(every, every.c.id == CaseFact.id)
        .order_by(CaseFact.number)
        .limit(size)
    )
    if fact is not None:
        query = query.where(CaseFact.fact == fact)
    if after is not None:
        last = select(CaseFact.number).where(CaseFact.id == after, CaseFact.case_id == case_id)
        query = query.where(CaseFact.number > last.scalar_subquery())
    return [FactView(row, ended) for row, ended in session.execute(query)]
