"""Dated rows of the law are superseded by two people: one proposes a row, another publishes it.

What was proposed is never changed: who wants it otherwise withdraws it and proposes another. What
was published stays for ever; whoever wants it back publishes the next one.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.duties import assurances_moved
from services.directory.errors import (
    ProposalConcluded,
    ProposalNotFound,
    ProposalStands,
    RehearsalMissing,
)
from services.directory.models import RuleProposal, RuleRehearsal
from services.directory.policy import (
    ProposalState,
    RuleFacts,
    can_be_superseded,
    check_day,
    check_rule,
)
from shared.contracts import RuleChanged, RuleProposed
from shared.contracts.directory import CitedLaw
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Queue, Regime
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.two_people import check_another
from shared.law import Period
from shared.messaging import outbox
from shared.rulebook import LAW_ROWS, keep_rows, proposed_row, rules_of

_NUMBERING = zlib.crc32(b"law_rows")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:key)")
"""Rows get their numbers one after another."""


@dataclass(frozen=True)
class DatedRule:
    """A row, and the proposal that it was; none of a row of the release."""

    period: Period
    proposal: RuleProposal | None
    can_be_superseded: bool


def find_rules(session: Session) -> list[DatedRule]:
    """Every row: those of the release in its order, then those that were published, in theirs."""
    is_published = RuleProposal.state == ProposalState.PUBLISHED
    published = {it.id: it for it in session.scalars(select(RuleProposal).where(is_published))}
    known = rules_of(session)
    return [
        DatedRule(
            it,
            published[it.row_id] if it.row_id else None,
            can_be_superseded(known, it.key, it.regime),
        )
        for it in known.periods
    ]


def find_proposals(
    session: Session, *, state: ProposalState | None, after: UUID | None, size: int
) -> Sequence[RuleProposal]:
    """What was proposed, the newest first."""
    query = select(RuleProposal).order_by(RuleProposal.id.desc()).limit(size)
    if state is not None:
        query = query.where(RuleProposal.state == state)
    if after is not None:
        query = query.where(RuleProposal.id < after)
    return session.scalars(query).all()


def find_proposal(session: Session, *, proposal_id: UUID) -> RuleProposal:
    """One proposal; raises ``ProposalNotFound``."""
    found = session.get(RuleProposal, proposal_id)
    if found is None:
        raise ProposalNotFound
    return found


def propose_rule(
    session: Session, *, facts: RuleFacts, subject: Subject, now: datetime
) -> RuleProposal:
    """Propose a row for a period; of each there is one proposal at a time.

    Raises ``RuleUnknown``, ``RunningKept``, ``StatusTooStrong``, ``RuleReachesBack`` and
    ``ProposalStands``.
    """
    check_rule(rules_of(session), facts, today=local_date(now))
    proposed = (
        insert(RuleProposal)
        .values(
            id=new_id(),
            state=ProposalState.PROPOSED,
            proposed_at=now,
            proposed_by=subject.actor,
            **_columns(facts),
        )
        .on_conflict_do_nothing()
        .returning(RuleProposal)
    )
    made = session.scalar(proposed)
    if made is None:
        raise ProposalStands
    _record(session, made, "rule.proposed", subject, now)
    _ask_rehearsals(session, made, now)
    return made


def withdraw_rule(
    session: Session, *, proposal_id: UUID, subject: Subject, now: datetime
) -> RuleProposal:
    """Give a proposal up, one's own or another's; raises as ``publish_rule`` does."""
    found = _locked(session, proposal_id)
    _conclude(session, found, ProposalState.WITHDRAWN, subject, now)
    _record(session, found, "rule.withdrawn", subject, now, proposed_by=found.proposed_by)
    return found


def publish_rule(
    session: Session, *, proposal_id: UUID, subject: Subject, now: datetime
) -> RuleProposal:
    """Have a row hold that somebody else proposed, and tell the services that act on it.

    Raises ``ProposalNotFound``, ``ProposalConcluded``, ``AnotherMustConfirm``,
    ``RehearsalMissing``, and ``RuleReachesBack``, where its day has come meanwhile.
    """
    found = _locked(session, proposal_id)
    check_another(subject.actor, found.proposed_by)
    if awaited(session, found):
        raise RehearsalMissing
    check_day(found.valid_from, applies_to_running=found.applies_to_running, today=local_date(now))
    _conclude(session, found, ProposalState.PUBLISHED, subject, now)
    session.execute(_ONE_AT_A_TIME, {"key": _NUMBERING})
    last = session.scalar(select(func.max(LAW_ROWS.c.ordinal)))
    told = _told(found, (last or 0) + 1)
    keep_rows(session, [told])
    outbox.add(session, told)
    _record(session, found, "rule.published", subject, now, proposed_by=found.proposed_by)
    return found


def awaited(session: Session, found: RuleProposal) -> list[Queue]:
    """The services that act on the row and have not said yet how far it would reach."""
    former = rules_of(session).last(PeriodKey(found.key), _regime(found))
    said = {each.service for each in found.rehearsals}
    return [each for each in (former.services if former else ()) if each not in said]


def note_rehearsal(
    session: Session,
    *,
    service: Queue,
    rule_id: UUID,
    running: int | None,
    moved: int,
    now: datetime,
) -> None:
    """Keep with a proposal how far a service says that it would reach; the first word stays.

    Raises ``ProposalNotFound``.
    """
    find_proposal(session, proposal_id=rule_id)
    session.execute(
        insert(RuleRehearsal)
        .values(
            proposal_id=rule_id, service=service, running=running, moved=moved, rehearsed_at=now
        )
        .on_conflict_do_nothing()
    )


def as_it_stands(session: Session, found: Sequence[RuleProposal]) -> list[RuleChanged]:
    """What a service that joins is told of rows that were published."""
    rows = session.execute(select(LAW_ROWS.c.id, LAW_ROWS.c.ordinal))
    ordinals = {row.id: row.ordinal for row in rows}
    return [_told(each, ordinals[each.id]) for each in found]


def law_of(found: RuleProposal) -> CitedLaw | None:
    """Where in the law a row stands; ``None`` where it was chosen."""
    if found.law_number is None:
        return None
    return CitedLaw(number=found.law_number, article=found.law_article, clause=found.law_clause)


def _locked(session: Session, proposal_id: UUID) -> RuleProposal:
    found = session.get(RuleProposal, proposal_id, with_for_update=True)
    if found is None:
        raise ProposalNotFound
    if found.state != ProposalState.PROPOSED:
        raise ProposalConcluded
    return found


def _regime(found: RuleProposal) -> Regime | None:
    return Regime(found.regime) if found.regime else None


def _conclude(
    session: Session, found: RuleProposal, state: ProposalState, subject: Subject, now: datetime
) -> None:
    found.state = state
    found.concluded_at = now
    found.concluded_by = subject.actor
    session.flush()


def _columns(facts: RuleFacts) -> Mapping[str, Any]:
    return {
        "key": facts.key,
        "regime": facts.regime,
        "amount": facts.amount,
        "unit": facts.unit,
        "law_number": facts.law.number if facts.law else None,
        "law_article": facts.law.article if facts.law else None,
        "law_clause": facts.law.clause if facts.law else None,
        "status": facts.status,
        "valid_from": facts.valid_from,
        "applies_to_running": facts.applies_to_running,
        "reason": facts.reason,
        "reference": facts.reference,
    }


def _told(found: RuleProposal, ordinal: int) -> RuleChanged:
    return RuleChanged(
        occurred_at=found.concluded_at,
        rule_id=found.id,
        ordinal=ordinal,
        key=PeriodKey(found.key),
        regime=_regime(found),
        amount=found.amount,
        unit=Unit(found.unit),
        law=law_of(found),
        status=Certainty(found.status),
        valid_from=found.valid_from,
        applies_to_running=found.applies_to_running,
    )


def _ask_rehearsals(session: Session, found: RuleProposal, now: datetime) -> None:
    """Of the other services by a message; here at once."""
    told = RuleProposed(
        occurred_at=now,
        rule_id=found.id,
        key=PeriodKey(found.key),
        regime=_regime(found),
        amount=found.amount,
        unit=Unit(found.unit),
        status=Certainty(found.status),
        valid_from=found.valid_from,
        applies_to_running=found.applies_to_running,
    )
    if Queue.DIRECTORY in awaited(session, found):
        reach = assurances_moved(session, proposed_row(told))
        note_rehearsal(session, service=Queue.DIRECTORY, rule_id=found.id, now=now, **reach)
        session.refresh(found, ["rehearsals"])
    outbox.add(session, told)


def _record(
    session: Session,
    found: RuleProposal,
    action: str,
    subject: Subject,
    now: datetime,
    **facts: Any,
) -> None:
    audit.record(
        session,
        actor=subject.actor,
        action=action,
        object_id=found.id,
        now=now,
        key=found.key,
        regime=found.regime,
        amount=found.amount,
        unit=found.unit,
        status=found.status,
        valid_from=found.valid_from.isoformat(),
        applies_to_running=found.applies_to_running,
        reason=found.reason,
        reference=found.reference,
        **facts,
    )
