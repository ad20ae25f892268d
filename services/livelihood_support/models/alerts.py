"""What waits for a case owner."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.columns import one_of, short


class AlertKind(StrEnum):
    """What waits for a case owner."""

    NO_PROGRAMME = "no_programme"
    NEEDS_INFORMATION = "needs_information"
    AGE_OUTSIDE = "age_outside"
    """The person is older or younger than was known, and the programme is not for that age."""
    NO_LONGER_GRANTED = "no_longer_granted"
    """A fact was told by which a running referral would not have been made."""
    NO_LONGER_IDENTIFIED = "no_longer_identified"
    """The verification ended otherwise after there was a plan, and a referral runs on."""
    PRESUMPTION_ENDED = "presumption_ended"
    """The verification of a presumed victim ended otherwise, and what the law granted meanwhile
    runs on: it is ended on notice.
    """
    WINDOW_CLOSING = "window_closing"
    """Somebody may still be granted a code, and the day to apply by is near."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """The person withdrew consent after the organisation had accepted."""
    DELIVERY_PARKED = "delivery_parked"
    NO_ENDPOINT = "no_endpoint"
    SERVICE_FAILED = "service_failed"
    """An organisation that had accepted could not go on, and the next is asked."""
    SERVICE_UNSTARTED = "service_unstarted"
    """An organisation accepted and has not begun in time, or nobody there can be warned of it."""
    OFFER_UNDELIVERED = "offer_undelivered"
    """An offer did not reach its organisation in time, and the next was asked instead."""
    OFFER_UNANSWERED = "offer_unanswered"
    """An organisation had an offer and was silent: the next was asked, or no clock says when."""
    OFFER_UNREAD = "offer_unread"
    """It is the last day to answer an offer, and nobody of its organisation has read it."""
    OFFER_QUESTION = "offer_question"
    """The organisation asked has put a question about its offer, and waits for a reply."""
    PURGE_UNDELIVERED = "purge_undelivered"
    """The notice that a purge is owed did not reach the organisation."""
    PURGE_UNCONFIRMED = "purge_unconfirmed"
    """The organisation owes a purge past its day, whether or not it was told."""


class Alert(Base):
    """Something the exchange cannot settle by itself; it stays until the cause is gone."""

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("kind", AlertKind),
        one_of("code", EntitlementCode),
        # The same trouble is shown once, however often it is met. That of another referral for the
        # same need is another, and that of another offer: two organisations may both owe a purge.
        Index(
            "uq_alerts_open",
            "case_id",
            "code",
            "kind",
            "referral_id",
            text("(facts ->> 'offer_id')"),
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_alerts_case", "case_id"),
        # What every answer settles; only open alerts are in it.
        Index(
            "ix_alerts_referral",
            "referral_id",
            postgresql_where=text("settled_at IS NULL"),
        ),
        # What has yet to be told; empty within seconds.
        Index("ix_alerts_untold", "id", postgresql_where=text("told_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    code: Mapped[str] = short()
    kind: Mapped[str] = short()
    facts: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When whoever must act was told, or it was found settled before."""
