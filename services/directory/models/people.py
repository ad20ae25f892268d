"""Tables: the people who act for organisations, how they log in, and where they are logged in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.directory.models.base import Base, Refusable, interval
from services.directory.models.participants import Organisation
from services.directory.policy import WAYS, DeviceKind, LinkPurpose, SessionEnd
from shared.contracts.vocabulary import ChannelKind, Digest, MailLanguage, Role
from shared.kit.columns import all_of, listed, one_of, short
from shared.kit.subjects import Means


class Staff(Base):
    """The account of a person who acts for an organisation; who it is, is sealed."""

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), index=True)
    log_in_digest: Mapped[bytes] = mapped_column(unique=True)
    """What the account is found by when somebody logs in: a keyed digest of the user name."""
    identity: Mapped[bytes]
    """User name and display name, sealed for this row."""
    is_active: Mapped[bool]
    version: Mapped[int]
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    grants: Mapped[list["StaffGrant"]] = relationship(
        lazy="selectin",
        cascade="all, delete-orphan",
        order_by="(StaffGrant.role, StaffGrant.area_code, StaffGrant.valid_from)",
    )


class StaffGrant(Base):
    """A role that a person acts in for an area, from a day until before another."""

    __tablename__ = "staff_grants"
    __table_args__ = (one_of("role", Role), interval())

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class StaffSettings(Refusable, Base):
    """Where and when a person wants to be written to; without a row, nowhere."""

    __tablename__ = "staff_settings"
    __table_args__ = (
        one_of("digest", Digest),
        one_of("language", MailLanguage),
        CheckConstraint(f"urgent_first IN ({listed(WAYS)})", name="urgent_first"),
        CheckConstraint(
            "(mailbox IS NULL) = (mailbox_id IS NULL) AND (mailbox IS NULL) = (mailbox_at IS NULL)"
            " AND (mailbox IS NOT NULL OR confirmed_at IS NULL)",
            name="mailbox",
        ),
        CheckConstraint("mailbox IS NOT NULL OR refused_since IS NULL", name="refused"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL) AND quiet_from <> quiet_to"
            " AND quiet_from BETWEEN 0 AND 1439 AND quiet_to BETWEEN 0 AND 1439",
            name="quiet",
        ),
    )

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    mailbox: Mapped[bytes | None]
    """Sealed for this row; gone when it is ended."""
    mailbox_id: Mapped[UUID | None]
    """Another with each mailbox that is named: the code that is sent there is derived from it."""
    mailbox_at: Mapped[datetime | None]
    """When it was named."""
    confirmed_at: Mapped[datetime | None]
    """When the code that was sent there came back; unset: nothing else is sent there."""
    urgent_refused_at: Mapped[datetime | None]
    """Since when something urgent was refused there: somebody else has to tell the person."""
    digest: Mapped[str] = short(20)
    digest_since: Mapped[datetime]
    """Since when; the first one is of the next hour, day or week."""
    quiet_from: Mapped[int | None]
    """Minutes after midnight in Hải Phòng."""
    quiet_to: Mapped[int | None]
    language: Mapped[str] = short(20)
    is_on_call: Mapped[bool]
    """Whether what is urgent comes in quiet hours, too."""
    urgent_first: Mapped[str] = mapped_column(
        String(20), server_default=text(f"'{ChannelKind.EMAIL}'")
    )
    """By which way what is urgent is told, if it can be; by the other one if not (ADR 0063)."""


class StaffPhone(Refusable, Base):
    """The phone of a person's own, for what is urgent; without a row there is none (ADR 0063)."""

    __tablename__ = "staff_phones"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    number_id: Mapped[UUID]
    """Another with each number that is named: the code that is sent there is derived from it."""
    number: Mapped[bytes]
    """Sealed for this row."""
    named_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the code that was sent there came back; unset: nothing else is sent there."""
    urgent_refused_at: Mapped[datetime | None]
    """Since when something urgent was refused there."""


class StaffCredentials(Base):
    """How a person shows that an account is theirs; what could be guessed is kept under a key."""

    __tablename__ = "staff_credentials"
    __table_args__ = (one_of("link_purpose", LinkPurpose),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    password_hash: Mapped[str | None] = short(200)
    """Argon2id in the form of its reference implementation, salt and parameters included."""
    password_set_at: Mapped[datetime | None]
    outside_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Whom an identity provider vouches for: a keyed digest of it and its name for the person."""
    authenticator: Mapped[bytes | None]
    """The secret of the authenticator app, sealed for this row."""
    is_authenticator_confirmed: Mapped[bool] = mapped_column(server_default=text("false"))
    authenticator_step: Mapped[int | None]
    """The last period of which a code was used: none of it or of before is used again."""
    next_authenticator: Mapped[bytes | None]
    """The secret of the app that is to replace it, until a code shows that it works."""
    link_digest: Mapped[bytes | None] = mapped_column(unique=True)
    link_number: Mapped[int] = mapped_column(server_default=text("0"))
    """How many links were made; the code of each is derived from it."""
    link_purpose: Mapped[str | None] = short(20)
    link_expires_at: Mapped[datetime | None]


class StaffPasskey(Base):
    """A key of a phone or a token that a person logs in with, after the password."""

    __tablename__ = "staff_passkeys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    """A COSE key (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """What the authenticator had counted when it was last used; 0 if it does not count."""
    label: Mapped[bytes]
    """What its owner calls it, sealed for this row."""
    registered_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffRecoveryCode(Base):
    """A code for whoever lost the authenticator; used once, and gone then."""

    __tablename__ = "staff_recovery_codes"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(primary_key=True)


class StaffSession(Base):
    """A person is logged in somewhere, or on the way to it; the token itself is not kept."""

    __tablename__ = "staff_sessions"
    __table_args__ = (
        one_of("device", DeviceKind),
        one_of("end_reason", SessionEnd),
        all_of("means", Means),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    means: Mapped[list[str]]
    device: Mapped[str] = short(20)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    authenticated_at: Mapped[datetime | None]
    """Unset while a step of logging in is still to be taken."""
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = short(20)
    challenge: Mapped[bytes | None]
    """What the next answer of a passkey must be to; gone with the first answer, right or wrong."""
    challenge_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the person showed again who it is, to change how they log in."""


class StaffDevice(Base):
    """A browser in which a person has logged in before: nobody elsewhere keeps it waiting."""

    __tablename__ = "staff_devices"

    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    used_at: Mapped[datetime] = mapped_column(index=True)


class LogInFailure(Base):
    """How often somebody was wrong, by a keyed digest of the account, device or source."""

    __tablename__ = "log_in_failures"

    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    times: Mapped[int]
    waits_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)
