"""Message in, use case called: what the directory learns of endpoints, mailboxes and phones."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.domain.rules import note_rehearsal as note_rule_rehearsal
from shared.contracts import (
    EndpointDisabled,
    IntakeRuleRehearsed,
    MailboxRefused,
    Message,
    PhoneRefused,
    Queue,
    RuleRehearsed,
    VerificationRuleRehearsed,
)
from shared.contracts.vocabulary import MailingKind
from shared.messaging.consumer import Consumer, actor_of

consumer = Consumer(Queue.DIRECTORY)


@consumer.lock_first
def lock_frame(session: Session, messages: Sequence[Message]) -> None:
    """Organisations, then settings of people, each by id, for all that these messages change."""
    disabled = {it.organisation_id for it in messages if isinstance(it, EndpointDisabled)}
    refused = [it for it in messages if isinstance(it, MailboxRefused)]
    offices = {it.recipient_id for it in refused if it.kind is MailingKind.ORGANISATION}
    accounts = {it.recipient_id for it in refused} - offices
    accounts |= {it.staff_id for it in messages if isinstance(it, PhoneRefused)}
    domain.lock_told(
        session, organisations=frozenset(disabled | offices), accounts=frozenset(accounts)
    )


@consumer.on_many(EndpointDisabled)
def note_disabled_endpoints(
    session: Session,
    messages: Sequence[EndpointDisabled],
    now: datetime,
) -> None:
    """Show which endpoints are not called any more."""
    facts = [_disabled(told) for told in messages]
    domain.note_disabled_endpoints(
        session, disabled=facts, now=now, actor=actor_of(EndpointDisabled)
    )


@consumer.on_many(MailboxRefused)
def note_refusals(session: Session, messages: Sequence[MailboxRefused], now: datetime) -> None:
    """Count what mailboxes refused, and write to none that did so too often."""
    facts = [
        domain.RefusalFacts(told.kind, told.recipient_id, told.mailbox_id, told.is_urgent)
        for told in messages
    ]
    domain.note_refusals(session, told=facts, now=now, actor=actor_of(MailboxRefused))


@consumer.on_many(PhoneRefused)
def note_phone_refusals(session: Session, messages: Sequence[PhoneRefused], now: datetime) -> None:
    """Count what phones of people refused, and send nothing to one that did so too often."""
    facts = [
        domain.PhoneRefusal(told.staff_id, told.number_id, told.is_urgent) for told in messages
    ]
    domain.note_phone_refusals(session, told=facts, now=now, actor=actor_of(PhoneRefused))


@consumer.on(RuleRehearsed)
def note_rehearsal(session: Session, message: RuleRehearsed, now: datetime) -> None:
    """Keep with a proposed row how far it would reach among referrals."""
    _keep_rehearsal(session, message, now)


@consumer.on(VerificationRuleRehearsed)
def note_rehearsal_of_verifications(
    session: Session, message: VerificationRuleRehearsed, now: datetime
) -> None:
    """Keep with a proposed row how far it would reach among verifications."""
    _keep_rehearsal(session, message, now)


@consumer.on(IntakeRuleRehearsed)
def note_rehearsal_of_receptions(
    session: Session, message: IntakeRuleRehearsed, now: datetime
) -> None:
    """Keep with a proposed row how far it would reach among received cases."""
    _keep_rehearsal(session, message, now)


def _keep_rehearsal(
    session: Session,
    message: RuleRehearsed | VerificationRuleRehearsed | IntakeRuleRehearsed,
    now: datetime,
) -> None:
    note_rule_rehearsal(
        session,
        service=message.source,
        rule_id=message.rule_id,
        running=message.running,
        moved=message.moved,
        now=now,
    )


def _disabled(told: EndpointDisabled) -> domain.DisabledFacts:
    return domain.DisabledFacts(
        told.endpoint_id, told.organisation_id, told.secret_version, told.reason
    )
