"""Tables: who is told where, what is to be told, and every try."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notification.models.base import Base
from services.notification.policy import (
    CONCLUDED,
    DUE,
    OVER,
    UNDER_WAY,
    AttemptOutcome,
    DeliveryState,
    EventType,
    PersonMessageState,
    SuspensionReason,
)
from shared.contracts.vocabulary import (
    ChannelKind,
    ContactRefusal,
    EndpointStatus,
    EndpointTopic,
    OrganisationKind,
    Queue,
)
from shared.kit.columns import append_only, listed, one_of, short
from shared.messaging.parking import ReplayReason


class Suspendable:
    """To or by which nothing is sent while somebody says so; what is to be sent waits."""

    suspended_at: Mapped[datetime | None]
    """Since when; unset while nobody has said so."""
    suspended_by: Mapped[str | None] = short(200)
    suspension_reason: Mapped[str | None] = short()


class Organisation(Suspendable, Base):
    """What the directory last told of an organisation."""

    __tablename__ = "organisations"
    __table_args__ = (
        one_of("kind", OrganisationKind),
        one_of("suspension_reason", SuspensionReason),
    )

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = short(80)
    kind: Mapped[str] = short()
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]


class SendingChannel(Suspendable, Base):
    """A way by which organisations are told, as this installation runs it."""

    __tablename__ = "channels"
    __table_args__ = (
        one_of("channel", ChannelKind),
        one_of("suspension_reason", SuspensionReason),
    )

    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(unique=True)
    """What duties, alerts and the audit name; it follows from the channel."""
    served_at: Mapped[datetime | None]
    """When a sender that has this channel last said so; unset if none ever did."""


class Endpoint(Suspendable, Base):
    """Where an organisation is told, and how that goes: by webhook, or at the mailbox of an office.

    One for each topic that a system of its own takes, and one for all else. The secret of a webhook
    is derived, not kept; a mailbox has none, and is always of version 1.
    """

    __tablename__ = "endpoints"
    __table_args__ = (
        one_of("channel", ChannelKind),
        one_of("status", EndpointStatus),
        one_of("topic", EndpointTopic),
        one_of("suspension_reason", SuspensionReason),
        CheckConstraint(
            f"topic IS NULL OR channel = '{ChannelKind.WEBHOOK}'", name="topic_of_webhook"
        ),
        CheckConstraint("secret_version >= 1", name="secret_version"),
        CheckConstraint("consecutive_failures >= 0", name="consecutive_failures"),
        # Not unique: messages about a former endpoint and its successor are not ordered among
        # each other. The youngest active one is called.
        Index(
            "ix_endpoints_active",
            "organisation_id",
            postgresql_where=text(f"status = '{EndpointStatus.ACTIVE}'"),
        ),
        # Which organisations have several: few, so that this costs no claim anything.
        Index(
            "ix_endpoints_topics",
            "organisation_id",
            "topic",
            postgresql_where=text(f"status = '{EndpointStatus.ACTIVE}' AND topic IS NOT NULL"),
        ),
    )

    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign key: messages about the two are not ordered among each other.
    organisation_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(
        String(40), server_default=text(f"'{ChannelKind.WEBHOOK}'")
    )
    topic: Mapped[str | None] = short(20)
    """What it is for; unset: whatever no other endpoint of its organisation is for."""
    url: Mapped[str] = short(500)
    """Of a mailbox a ``mailto:`` (RFC 6068)."""
    is_recorded: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether what is to be sent there is recorded instead: a test organisation's."""
    status: Mapped[str] = short()
    secret_version: Mapped[int]
    secret_since: Mapped[datetime]
    """When the directory made this version; the one before is signed with for a day more."""
    consecutive_failures: Mapped[int] = mapped_column(server_default=text("0"))
    paused_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    """The last status of HTTP or SMTP; unset when there was none, or no try yet."""
    changed_at: Mapped[datetime]


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
        # What is over, and is told in full yet.
        Index(
            "ix_deliveries_whole",
            "concluded_at",
            postgresql_where=text(f"state IN ({listed(OVER)}) AND NOT is_reduced"),
        ),
        # What was chosen for a replay of many.
        Index("ix_deliveries_replay", "replay_id", postgresql_where=text("replay_id IS NOT NULL")),
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
    is_reduced: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the body names no more than what it was about: its codes were deleted."""
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
    template_id: Mapped[UUID | None]
    """The version of the text that it is sent with, or was last; unset where that is built in."""
    template_version: Mapped[int | None]
    """Its number, nought for what is built in; unset where nothing was said in words."""
    replayed_at: Mapped[datetime | None]
    replayed_by: Mapped[str | None] = short(200)
    replay_reason: Mapped[str | None] = short()
    replay_id: Mapped[UUID | None]
    """The last replay of many that it was chosen for, whether its turn has come or not."""


class Replay(Base):
    """Many parked deliveries that are sent again, so many a minute; they name it themselves."""

    __tablename__ = "replays"
    __table_args__ = (
        one_of("channel", ChannelKind),
        one_of("reason", ReplayReason),
        CheckConstraint("per_minute >= 1", name="per_minute"),
        Index("ix_replays_open", "started_at", postgresql_where=text("ended_at IS NULL")),
    )

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str | None] = short()
    organisation_id: Mapped[UUID | None]
    per_minute: Mapped[int]
    reason: Mapped[str] = short()
    started_at: Mapped[datetime]
    started_by: Mapped[str] = short(200)
    next_at: Mapped[datetime]
    """When the next may go; with the deliveries' own times all that the pace is kept by."""
    ended_at: Mapped[datetime | None]
    """When the last went, or it was stopped."""
    stopped_by: Mapped[str | None] = short(200)


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
    carrier: Mapped[str | None] = short()
    """Which mail server or gateway of SMS was asked: written before it is, as the intention is.
    Unset of webhooks, of what is recorded, and of what the release before sent.
    """


class PersonMessage(Base):
    """A message to a person, by ids alone: where to and what, intake says when it would leave."""

    __tablename__ = "person_messages"
    __table_args__ = (
        one_of("state", PersonMessageState),
        one_of("refusal", ContactRefusal),
        CheckConstraint(
            f"(concluded_at IS NULL) = (state IN ({listed(UNDER_WAY)}))", name="concluded"
        ),
        Index(
            "ix_person_messages_due",
            "next_at",
            postgresql_where=text(f"state IN ({listed(UNDER_WAY)})"),
        ),
        Index("ix_person_messages_case", "case_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """What the gateway knows it by; it follows from the id that intake gave it."""
    message_id: Mapped[UUID] = mapped_column(unique=True)
    case_id: Mapped[UUID]
    state: Mapped[str] = short()
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often intake was asked; also what tells a late result from that of the current try."""
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = short()
    carrier: Mapped[str | None] = short()
    """Which gateway is asked, or was last."""


class NoticeReading(Base):
    """Who has read what the organisation was told, and when; a notice is the delivery itself."""

    __tablename__ = "notice_readings"

    # No foreign key: deliveries are never deleted, and who reads one must not wait for a sender
    # that holds it.
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The account or the system, as the audit names it."""
    read_at: Mapped[datetime] = mapped_column(index=True)
