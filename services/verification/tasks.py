"""Message in, use case called: what verification does with what others tell."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.policy import DECISIONS, Paper
from shared import clocks
from shared.contracts import (
    AgeBandChanged,
    CaseHandedOver,
    CaseReceived,
    Message,
    OrganisationChanged,
    Queue,
    RuleChanged,
    RuleProposed,
    VerificationNoticeRead,
    VerificationRuleRehearsed,
)
from shared.contracts.vocabulary import AgeBand, AgeBandCause, Role
from shared.kit.clock import local_date
from shared.messaging import outbox
from shared.messaging.consumer import Consumer, actor_of
from shared.rulebook import keep_rows, proposed_row

consumer = Consumer(Queue.VERIFICATION)


@consumer.lock_first
def lock_frame(session: Session, messages: Sequence[Message]) -> None:
    """Lock the verifications that these messages change, before an authority is found for any.

    Whatever waits for an authority is taken without waiting, and would be held meanwhile.
    """
    changed = AgeBandChanged | CaseHandedOver
    told_of = [told.case_id for told in messages if isinstance(told, changed)]
    if told_of:
        domain.lock_cases(session, told_of)


@consumer.on_many(OrganisationChanged)
def note_organisations(
    session: Session,
    messages: Sequence[OrganisationChanged],
    now: datetime,
) -> None:
    """Keep who verifies and protects where, and find them for what waited for one."""
    facts = [_organisation(told) for told in messages]
    held = domain.note_organisations(session, organisations=facts, now=now)
    actor = actor_of(OrganisationChanged)
    if Role.VERIFIER in held:
        domain.assign_anew(session, now=now, actor=actor)
    if Role.PROTECTOR in held:
        domain.find_protectors_anew(session, now=now, actor=actor)


def _organisation(told: OrganisationChanged) -> domain.OrganisationFacts:
    return domain.OrganisationFacts(
        told.organisation_id, told.code, told.kind, told.roles, told.is_active
    )


@consumer.on_many(RuleChanged)
def keep_rules(session: Session, messages: Sequence[RuleChanged], _now: datetime) -> None:
    """Keep the rows that were published: whatever begins on their days goes by them."""
    keep_rows(session, messages)


@consumer.on(RuleProposed)
def rehearse_rule(session: Session, message: RuleProposed, now: datetime) -> None:
    """Say how far a row would reach that somebody proposes; it holds for nothing yet."""
    reach = clocks.rehearse(session, proposed_row(message), DECISIONS)
    told = VerificationRuleRehearsed(occurred_at=now, rule_id=message.rule_id, **vars(reach))
    outbox.add(session, told)


@consumer.on_many(CaseReceived)
def open_verifications(session: Session, messages: Sequence[CaseReceived], now: datetime) -> None:
    """Open a verification for every received case."""
    cases = [_case(told) for told in messages]
    domain.open_verifications(session, cases=cases, now=now, actor=actor_of(CaseReceived))


def _case(told: CaseReceived) -> domain.CaseFacts:
    return domain.CaseFacts(
        case_id=told.case_id,
        case_code=told.case_code,
        route=told.route,
        receiver_id=told.receiver_id,
        area_code=told.area_code,
        area_on=told.area_on,
        age_band=told.age_band,
        was_minor_at_act=_was_minor(told),
        papers=_papers(told),
        received_at=told.begun_at,
        shown_at=told.occurred_at,
        has_immediate_needs=told.has_immediate_needs,
    )


def _papers(told: CaseReceived) -> frozenset[Paper]:
    """Papers with their days; one that was told without counts as issued when it was shown."""
    if told.dated_papers:
        return frozenset(Paper(each.type, each.issued_on) for each in told.dated_papers)
    shown_on = local_date(told.occurred_at)
    return frozenset(Paper(each, shown_on) for each in told.papers)


def _was_minor(told: CaseReceived | AgeBandChanged) -> bool | None:
    """Whoever is a minor was one before; releases that did not know more told the band alone."""
    return True if told.age_band is not AgeBand.ADULT else told.was_minor_at_act


@consumer.on_many(AgeBandChanged)
def note_ages(session: Session, messages: Sequence[AgeBandChanged], _now: datetime) -> None:
    """Keep how old the person is, and was."""
    domain.note_ages(session, ages={told.case_id: _age(told) for told in messages})


def _age(told: AgeBandChanged) -> domain.Age:
    is_corrected = told.cause is AgeBandCause.CORRECTION
    return domain.Age(told.age_band, _was_minor(told), is_corrected)


@consumer.on_many(CaseHandedOver)
def note_hand_overs(session: Session, messages: Sequence[CaseHandedOver], _now: datetime) -> None:
    """Keep to whom cases were handed."""
    responsible = {told.case_id: told.responsible_id for told in messages}
    domain.note_hand_overs(session, responsible=responsible)


@consumer.on_many(VerificationNoticeRead)
def note_reads(
    session: Session, messages: Sequence[VerificationNoticeRead], _now: datetime
) -> None:
    """Keep that somebody of the authority has read what it has to decide."""
    reads = [
        domain.ReadFacts(told.move_id, told.organisation_id, told.occurred_at) for told in messages
    ]
    domain.note_reads(session, reads=reads)
