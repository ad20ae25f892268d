"""Tables: who takes part. Every interval is half-open: ``valid_to`` is the first day not in it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.directory.models.base import Base, Refusable, interval
from shared.contracts.vocabulary import (
    AssuredBy,
    ChannelKind,
    EndpointReason,
    EndpointStatus,
    EndpointTopic,
    EntitlementCode,
    OrganisationKind,
    Role,
    Sex,
)
from shared.kit.columns import all_of, listed, one_of, short
from shared.law import Certainty

ANY_SEX = "'{female,male,other}'"


class Organisation(Base):
    """A body that takes part, with the roles it holds, held and will hold."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("kind", OrganisationKind), one_of("certainty", Certainty))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name_vi: Mapped[str] = short(200)
    name_en: Mapped[str] = short(200)
    kind: Mapped[str] = short(40)
    is_active: Mapped[bool]
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether nothing that it is told leaves: it is recorded instead. It stays as it was opened."""
    source: Mapped[str | None] = short(500)
    """Where the fact is from: a law, a plan, an announcement."""
    certainty: Mapped[str] = short(20)
    version: Mapped[int]
    changed_at: Mapped[datetime]
    seed_digest: Mapped[str | None] = short(64)
    """The facts last taken from the seed files: what somebody has changed since is not undone."""
    weekly_page_since: Mapped[datetime | None]
    """Since when its office is written each week what is open, late and waiting; unset: it is not.
    """

    roles: Mapped[list["OrganisationRole"]] = relationship(
        lazy="selectin",
        cascade="all, delete-orphan",
        order_by="(OrganisationRole.role, OrganisationRole.area_code, OrganisationRole.valid_from)",
    )


class OrganisationRole(Base):
    """A role of an organisation for an area, from a day until before another."""

    __tablename__ = "organisation_roles"
    __table_args__ = (
        one_of("role", Role),
        interval(),
        # Who holds a role for an area is the question; the primary key answers whose roles.
        Index("ix_organisation_roles_held", "role", "area_code"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class ContactPoint(Refusable, Base):
    """Where the office of an organisation is written to, from an instant until before another."""

    __tablename__ = "contact_points"
    __table_args__ = (
        one_of("channel", ChannelKind),
        interval(),
        CheckConstraint(
            f"(mailbox IS NOT NULL) = (channel = '{ChannelKind.EMAIL}')"
            f" AND (number IS NOT NULL) = (channel = '{ChannelKind.SMS}')",
            name="address",
        ),
        # One at a time of each kind: a delivery has one place to go.
        Index(
            "uq_contact_points_open",
            "organisation_id",
            "channel",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), index=True)
    channel: Mapped[str] = short(20)
    mailbox: Mapped[str | None] = short(254)
    """Of an office, never of a person."""
    number: Mapped[str | None] = short(16)
    """Of the phone that the officer on duty carries, never of a person (E.164)."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    """Unset while it is in use."""
    code_number: Mapped[int] = mapped_column(server_default=text("0"))
    """How many answer codes were agreed with the office; each is derived from its number."""
    code_since: Mapped[datetime | None]
    """Since when the last of them is good; unset while none was agreed."""

    organisation: Mapped[Organisation] = relationship(lazy="selectin")


class IdentityProvider(Base):
    """Who vouches for the people of an organisation, if they do not log in with passwords."""

    __tablename__ = "identity_providers"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    issuer: Mapped[str] = short(500)
    client_id: Mapped[str] = short(200)
    """As what this exchange is registered there: a public client, which has no secret."""
    changed_at: Mapped[datetime]


class Programme(Base):
    """What an organisation offers (an HSDS service), for how many and for whom."""

    __tablename__ = "programmes"
    __table_args__ = (
        one_of("staff_sex", Sex),
        one_of("certainty", Certainty),
        one_of("assured_by", AssuredBy),
        # Somebody answers for every assurance; who passes another's on says whose.
        CheckConstraint("assured_by IS NULL OR assured_at IS NOT NULL", name="assured"),
        CheckConstraint(
            f"assured_by IS DISTINCT FROM '{AssuredBy.ADMINISTRATOR}'"
            " OR (assured_post, assured_on, assured_reference) IS NOT NULL",
            name="assured_named",
        ),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("minimum_age BETWEEN 0 AND 150", name="minimum_age"),
        CheckConstraint("maximum_age BETWEEN 0 AND 150", name="maximum_age"),
        CheckConstraint("minimum_age <= maximum_age", name="ages"),
        CheckConstraint(
            f"codes <@ ARRAY[{listed(EntitlementCode)}]::varchar[] AND cardinality(codes) > 0",
            name="codes",
        ),
        CheckConstraint(
            f"client_sexes <@ ARRAY[{listed(Sex)}]::varchar[] AND cardinality(client_sexes) > 0",
            name="client_sexes",
        ),
        all_of("staff_sexes", Sex),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), index=True)
    name_vi: Mapped[str] = short(200)
    name_en: Mapped[str] = short(200)
    codes: Mapped[list[str]]
    area_codes: Mapped[list[str]]
    capacity: Mapped[int]
    languages: Mapped[list[str]]
    has_interpreter: Mapped[bool] = mapped_column(server_default=text("false"))
    client_sexes: Mapped[list[str]] = mapped_column(server_default=text(ANY_SEX))
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    serves_children: Mapped[bool] = mapped_column(server_default=text("false"))
    staff_sex: Mapped[str | None] = short(20)
    """Of the release before, which still writes it during an upgrade; nothing here reads it."""
    staff_sexes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    assured_at: Mapped[datetime | None]
    """Since when somebody answers for it that this is how it stands; unset while nobody does."""
    assured_by: Mapped[str | None] = short(20)
    assured_post: Mapped[str | None] = short(200)
    """The post in its organisation that confirmed it, where an administrator passed that on."""
    assured_on: Mapped[date | None]
    assured_reference: Mapped[str | None] = short(200)
    is_active: Mapped[bool]
    certainty: Mapped[str] = short(20)
    version: Mapped[int]
    changed_at: Mapped[datetime]
    seed_digest: Mapped[str | None] = short(64)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    @property
    def organisation_name_vi(self) -> str:
        """The official name of who runs it, in Vietnamese."""
        return self.organisation.name_vi

    @property
    def organisation_name_en(self) -> str:
        """The name of who runs it, for readers of English."""
        return self.organisation.name_en


class Client(Base):
    """A system that calls for an organisation and proves it with its key."""

    __tablename__ = "clients"
    __table_args__ = (
        # The last guard against keeping what only the client may have.
        CheckConstraint("NOT public_jwk ? 'd'", name="public_jwk"),
    )

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), index=True)
    public_jwk: Mapped[dict[str, Any]]
    is_active: Mapped[bool]
    version: Mapped[int]
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class ClientAssertion(Base):
    """An assertion that was used; its primary key is what makes a second use impossible."""

    __tablename__ = "client_assertions"

    client_id: Mapped[str] = mapped_column(ForeignKey(Client.client_id), primary_key=True)
    jti: Mapped[str] = mapped_column(String(100), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Endpoint(Base):
    """Where an organisation takes webhooks; its secret is derived, never stored."""

    __tablename__ = "endpoints"
    __table_args__ = (
        one_of("status", EndpointStatus),
        one_of("reason", EndpointReason),
        one_of("topic", EndpointTopic),
        CheckConstraint("secret_version >= 1", name="secret_version"),
        CheckConstraint(
            f"reason IS NULL OR status = '{EndpointStatus.DISABLED}'", name="reason_disabled"
        ),
        # One address of each topic at a time, and one without: a delivery has one place to go.
        Index(
            "uq_endpoints_active_topic",
            "organisation_id",
            "topic",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(f"status = '{EndpointStatus.ACTIVE}'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), index=True)
    topic: Mapped[str | None] = short(20)
    """What it is for, for as long as it exists; unset: whatever no other endpoint takes."""
    url: Mapped[str] = short(500)
    secret_version: Mapped[int]
    status: Mapped[str] = short(20)
    reason: Mapped[str | None] = short(20)
    """Why it is disabled; unset where it was before reasons were kept."""
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="selectin")
