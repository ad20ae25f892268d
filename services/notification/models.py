"""Tables: who is told where, what is to be told, and every try."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.notification.policy import (
    CONCLUDED,
    DUE,
    AttemptOutcome,
    DeliveryState,
    EventType,
    SuspensionReason,
)
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, OrganisationKind, Queue
from shared.kit import audit, idempotency
from shared.kit.columns import TYPES, append_only, listed, one_of, short
from shared.kit.database import adopt, new_metadata
from shared.kit.key_checks import KEY_CHECKS
from shared.messaging.parking import ReplayReason
from shared.messaging.tables import TABLES

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS, KEY_CHECKS)


class Base(DeclarativeBase):
    """Everything this service stores."""

    metadata = METADATA
    type_annotation_map = TYPES


class Organisation(Base):
    """What the directory last told of an organisation."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("kind", OrganisationKind),)

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = short(80)
    kind: Mapped[str] = short()
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]


class Endpoint(Base):
    """Where an organisation is told, and how that goes: by webhook, or at the mailbox of an office.

    The secret of a webhook is derived, not kept; a mailbox has none, and is always of version 1.
    """

    __tablename__ = "endpoints"
    __table_args__ = (
        one_of("channel", ChannelKind),
        one_of("status", EndpointStatus),
        one_of("suspension_reason", SuspensionReason),
        CheckConstraint("secret_version >= 1", name="secret_version"),
        CheckConstraint("consecutive_failures >= 0", name="consecutive_failures"),
        # Not unique: messages about a former endpoint and its successor are not ordered among
        # each other. The youngest active one is called.
        Index(
            "ix_endpoints_active",
            "organisation_id",
            postgresql_where=text(f"status = '{EndpointStatus.ACTIVE}'"),
        ),
    )

    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign key: messages about the two are not ordered among each other.
    organisation_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(
        String(40), server_default=text(f"'{ChannelKind.WEBHOOK}'")
    )
    url: Mapped[str] = short(500)
    """Of a mailbox a ``mailto:`` (RFC 6068)."""
    status: Mapped[str] = short()
    secret_version: Mapped[int]
    secret_since: Mapped[datetime]
    """When the directory made this version; the one before is signed with for a day more."""
    consecutive_failures: Mapped[int] = mapped_column(server_default=text("0"))
    paused_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    """The last status of HTTP or SMTP; unset when there was none, or no try yet."""
    changed_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    """Since when nothing is sent to it because somebody said so; what is to be sent waits."""
    suspended_by: Mapped[str | None] = short(200)
    suspension_reason: Mapped[str | None] = short()


class OwnerRole(Base):
    """The role of case owner, as an organisation holds it for an area: it learns of every case."""

    __tablename__ = "owner_roles"

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.organisation_id"), primary_key=True
    )
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class CaseSubscription(Base):
    """The agency that submitted a case: it learns what becomes of it. And where the case is."""

    __tablename__ = "case_subscriptions"
    __table_args__ = ({"info": append_only("responsible_id")},)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    responsible_id: Mapped[UUID | None]
    """The organisation that it was handed to; unset where whoever holds its area owns it."""
    area_code: Mapped[str | None] = short(10)
    """Unset, like its day, where the release before noted the case: then it is the city's."""
    area_told_on: Mapped[date | None]


class OwnerlessNews(Base):
    """What a case owner has to learn of a case that nobody owns; told to the first who does."""

    __tablename__ = "ownerless_news"
    __table_args__ = (
        one_of("type", EventType),
        one_of("source", Queue),
        UniqueConstraint("type", "cause_id"),
        Index("ix_ownerless_news_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = short(80)
    source: Mapped[str] = short(40)
    cause_id: Mapped[UUID]
    case_id: Mapped[UUID]
    referral_id: Mapped[UUID | None]
    offer_id: Mapped[UUID | None]
    subject: Mapped[str] = short(100)
    data: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    traceparent: Mapped[str | None] = short(60)
    noted_at: Mapped[datetime]


class Delivery(Base):
    """One thing one organisation must learn, by whichever channel; each try has its id."""

    __tablename__ = "deliveries"
    __table_args__ = (
        one_of("type", EventType),
        one_of("channel", ChannelKind),
        one_of("state", DeliveryState),
        one_of("last_code", AttemptOutcome),
        one_of("replay_reason", ReplayReason),
        CheckConstraint(
            f"(concluded_at IS NOT NULL) = (state IN ({listed(CONCLUDED)}))",
            name="concluded",
        ),
        CheckConstraint("tries_before <= attempts", name="tries_before"),
        # What a sender looks for, organisation by organisation; only open rows are in it.
        Index(
            "ix_deliveries_due",
            "organisation_id",
            "next_at",
            postgresql_where=text(f"state IN ({listed(DUE)})"),
        ),
        # How many calls to an organisation are under way.
        Index(
            "ix_deliveries_sending",
            "organisation_id",
            postgresql_where=text(f"state = '{DeliveryState.SENDING}'"),
        ),
        # What a new endpoint releases.
        Index(
            "ix_deliveries_waiting",
            "organisation_id",
            "id",
            postgresql_where=text(f"state = '{DeliveryState.NO_ENDPOINT}'"),
        ),
        # What waits for a person.
        Index(
            "ix_deliveries_parked",
            "created_at",
            "id",
            postgresql_where=text(f"state = '{DeliveryState.PARKED}'"),
        ),
        # Pages, oldest first: an id says nothing of the order.
        Index("ix_deliveries_made", "created_at", "id"),
        Index("ix_deliveries_organisation", "organisation_id", "created_at", "id"),
        Index("ix_deliveries_case", "case_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    effect_key: Mapped[str] = mapped_column(String(160), unique=True)
    cause_id: Mapped[UUID | None]
    """The offer, move or purge it tells of; unset where the release before opened it."""
    organisation_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    """Unset where an endpoint is tested."""
    referral_id: Mapped[UUID | None]
    offer_id: Mapped[UUID | None]
    type: Mapped[str] = short(80)
    body: Mapped[dict[str, Any]]
    traceparent: Mapped[str | None] = short(60)
    """The step of the case's trace that opened it, which no receiver is shown: the body begins a
    trace of its own. Unset where the release before opened it.
    """
    channel: Mapped[str | None] = short()
    """By which it is sent, or was last; unset where there was no address, or the release before
    opened it and it was not sent since.
    """
    state: Mapped[str] = short()
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """Tries begun. Also what tells a late result of an earlier try from that of the current."""
    tries_before: Mapped[int] = mapped_column(server_default=text("0"))
    """Tries begun before the last replay or release: the schedule starts again after them."""
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    last_code: Mapped[str | None] = short()
    replayed_at: Mapped[datetime | None]
    replayed_by: Mapped[str | None] = short(200)
    replay_reason: Mapped[str | None] = short()


class Attempt(Base):
    """One try: written as an intention before the call, completed after it. No bodies."""

    __tablename__ = "attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
    )

    # No foreign key: the statement that writes it is the one that claims the delivery, so the
    # database would only look up, once per try, what it has just changed.
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = short()
    http_status: Mapped[int | None]
    smtp_status: Mapped[int | None]
