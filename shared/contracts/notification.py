"""What notification tells: how a delivery ended, and which addresses take nothing any more."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Message
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    EndpointReason,
    MailingKind,
    PersonMessageOutcome,
    Queue,
)


class DeliveryConcluded(Message):
    """A delivery about a referral reached its organisation, or was parked until somebody acts."""

    type: ClassVar[str] = "notification.delivery_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    outcome: DeliveryOutcome


class PurgeNoticeConcluded(Message):
    """The notice of a purge reached the organisation that owes it, or did not."""

    type: ClassVar[str] = "notification.purge_notice_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    purge_id: UUID
    """The id of the request, or of the move that made the request."""
    outcome: DeliveryOutcome


class NoticeRead(Message):
    """The first of an organisation has read that it is asked, or owes a purge: so it has had it."""

    type: ClassVar[str] = "notification.notice_read.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    purge_id: UUID | None = None
    """The id of the request to delete; unset where an offer was read."""


class VerificationNoticeRead(Message):
    """The first of an organisation has read that a verification waits for its authority."""

    type: ClassVar[str] = "notification.verification_notice_read.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.VERIFICATION,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    verification_id: UUID
    organisation_id: UUID
    """The authority, or whoever owns the case: verification knows which."""
    move_id: UUID
    """The id of the move by which it was given to an authority."""


class PersonMessageConcluded(Message):
    """What became of a message to a person; told again when the network reports of one."""

    type: ClassVar[str] = "notification.person_message_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    message_id: UUID
    outcome: PersonMessageOutcome


class EndpointDisabled(Message):
    """A version of an endpoint, an address with its secret, is not called any more."""

    type: ClassVar[str] = "notification.endpoint_disabled.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.DIRECTORY,)
    aggregate: ClassVar[str] = "endpoint_id"

    endpoint_id: UUID
    organisation_id: UUID
    secret_version: int
    reason: EndpointReason


class MailboxRefused(Message):
    """A mailbox, named by the id that the directory gave it, did not take a mail for good."""

    type: ClassVar[str] = "notification.mailbox_refused.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.DIRECTORY,)
    aggregate: ClassVar[str] = "mailbox_id"

    mailbox_id: UUID
    kind: MailingKind
    recipient_id: UUID
    """The account or the organisation."""
    mail_id: UUID
    is_urgent: bool
    """Whether the mail was about what could not wait."""


class PhoneRefused(Message):
    """The phone of a person, named by the id that the directory gave it, took no SMS, for good."""

    type: ClassVar[str] = "notification.phone_refused.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.DIRECTORY,)
    aggregate: ClassVar[str] = "number_id"

    number_id: UUID
    staff_id: UUID
    """Whose it is."""
    sms_id: UUID
    is_urgent: bool
    """Whether the text was about what could not wait."""
