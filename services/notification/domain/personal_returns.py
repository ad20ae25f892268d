"""What comes back of mails and SMS to people: bounces, reports of gateways, and nothing at all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.errors import DeliveryUnderWay
from services.notification.models import PersonalMailRow
from services.notification.policy import (
    AttemptOutcome,
    Bounce,
    Bounced,
    MailState,
    PersonalMail,
    SmsOutcome,
)
from shared.contracts import MailboxRefused, PhoneRefused
from shared.contracts.vocabulary import ChannelKind, MailingKind
from shared.kit import audit
from shared.messaging import outbox

ACTOR = "digests:notification"
"""Who claims and records them, in the audit."""
REPORTED_OF = (MailState.SENT, MailState.UNKNOWN)
"""States of what may turn out not to have arrived."""


def note_personal_bounce(session: Session, *, bounced: Bounced, actor: str, now: datetime) -> None:
    """Write down that such a mail came back, or is late; a repeat, and what names none, do nothing.

    Raises ``DeliveryUnderWay``: it is just being sent again.
    """
    row = session.get(PersonalMailRow, bounced.mail_id, with_for_update=True)
    if row is not None and row.state == MailState.SENDING:
        raise DeliveryUnderWay
    if row is None or row.state != MailState.SENT or row.channel != ChannelKind.EMAIL:
        return
    if bounced.bounce is Bounce.FAILED:
        _park(session, row, actor, now)
    elif row.last_code != AttemptOutcome.DEFERRED:
        row.last_code = AttemptOutcome.DEFERRED
        _record(session, row, "personal_mail.delayed", actor, now)


def note_personal_report(
    session: Session,
    *,
    sent_as: UUID,
    attempt: int,
    reported: SmsOutcome,
    carrier: str | None,
    actor: str,
    now: datetime,
) -> bool:
    """Write down what the network reports of an SMS to a person; whether it is one.

    That it has failed counts of the last try, and lets the other way be used: it is certain now.
    Raises ``DeliveryUnderWay``: the answer of the gateway is not written down yet.
    """
    row = session.get(PersonalMailRow, sent_as, with_for_update=True)
    is_text = row is not None and row.channel == ChannelKind.SMS
    if row is None or not is_text or (carrier and row.carrier not in {None, carrier}):
        return False
    if row.state == MailState.SENDING:
        raise DeliveryUnderWay
    if reported is SmsOutcome.DELIVERED and row.state == MailState.UNKNOWN:
        row.state = MailState.SENT
        _record(session, row, "personal_mail.sent", actor, now)
    elif reported is SmsOutcome.FAILED and attempt == row.attempts and row.state in REPORTED_OF:
        _park(session, row, actor, now)
    return True


def settle_left_texts(session: Session, *, now: datetime) -> None:
    """What a sender may have sent to a phone before it died is unknown, and sent by nobody."""
    left = select(PersonalMailRow).where(
        PersonalMailRow.state == MailState.SENDING,
        PersonalMailRow.number_id.is_not(None),
        PersonalMailRow.next_at <= now,
    )
    for row in session.scalars(left.with_for_update(skip_locked=True)):
        row.state, row.last_code = MailState.UNKNOWN, AttemptOutcome.UNKNOWN
        row.concluded_at = now
        _record(session, row, f"personal_mail.{MailState.UNKNOWN}", ACTOR, now)


def tell_refused(session: Session, row: PersonalMailRow, *, now: datetime) -> None:
    """Have the directory know that the mailbox or phone did not take this, for good."""
    kind = PersonalMail(row.kind)
    if row.number_id is not None:
        refused = PhoneRefused(
            occurred_at=now,
            number_id=row.number_id,
            staff_id=row.recipient_id,
            sms_id=row.id,
            is_urgent=kind is PersonalMail.URGENT,
        )
        outbox.add(session, refused)
    elif row.mailbox_id is not None:
        outbox.add(
            session,
            MailboxRefused(
                occurred_at=now,
                mailbox_id=row.mailbox_id,
                kind=_MAILING_OF.get(kind, MailingKind.PERSON),
                recipient_id=row.recipient_id,
                mail_id=row.id,
                is_urgent=kind is PersonalMail.URGENT,
            ),
        )


_MAILING_OF = {
    PersonalMail.CONFIRMATION: MailingKind.CONFIRMATION,
    PersonalMail.WEEK: MailingKind.ORGANISATION,
}
"""To whom a mail went that did not go to a person whose mailbox is confirmed."""


def _park(session: Session, row: PersonalMailRow, actor: str, now: datetime) -> None:
    row.state, row.last_code = MailState.PARKED, AttemptOutcome.UNDELIVERED
    row.concluded_at = now
    tell_refused(session, row, now=now)
    _record(session, row, f"personal_mail.{MailState.PARKED}", actor, now)


def _record(session: Session, row: PersonalMailRow, action: str, actor: str, now: datetime) -> None:
    session.flush()
    audit.record(session, actor=actor, action=action, object_id=row.id, now=now, kind=row.kind)
