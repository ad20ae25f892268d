"""What the directory last told: who exists, what they offer, and the places held there."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from shared.contracts.vocabulary import AssuredBy, OrganisationKind, Sex
from shared.kit.columns import all_of, one_of, short


class Organisation(Base):
    """What the directory last told of an organisation."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("kind", OrganisationKind),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = short(80)
    kind: Mapped[str] = short()
    is_active: Mapped[bool]
    changes: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts like a change of its programmes: it may take part again, or no longer."""
    changed_at: Mapped[datetime]
    managers_told: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it is known since when it has a manager: a former release kept nothing of that."""


class OwnerRole(Base):
    """The role of case owner, as an organisation holds it for an area from a day until another."""

    __tablename__ = "owner_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class ManagerRole(Base):
    """An area in which somebody leads an organisation's people, from a day until before another."""

    __tablename__ = "manager_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Programme(Base):
    """What the directory last told of a programme, and the places held in it."""

    __tablename__ = "programmes"
    __table_args__ = (
        one_of("organisation_kind", OrganisationKind),
        one_of("staff_sex", Sex),
        one_of("assured_by", AssuredBy),
        all_of("client_sexes", Sex),
        all_of("staff_sexes", Sex),
        CheckConstraint("capacity >= 0", name="capacity"),
        # The last guard against giving a place away twice, whatever the code above it does.
        CheckConstraint("held BETWEEN 0 AND ceiling", name="held"),
        CheckConstraint("ceiling >= capacity", name="ceiling"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign key: messages about the two are not ordered among each other.
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    organisation_kind: Mapped[str] = short()
    codes: Mapped[list[str]]
    area_codes: Mapped[list[str]]
    languages: Mapped[list[str]]
    has_interpreter: Mapped[bool] = mapped_column(server_default=text("false"))
    client_sexes: Mapped[list[str]] = mapped_column(server_default=text("'{female,male,other}'"))
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    serves_children: Mapped[bool] = mapped_column(server_default=text("false"))
    staff_sex: Mapped[str | None] = short()
    """Of the release before, which still writes it during an upgrade; nothing here reads it."""
    staff_sexes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    capacity: Mapped[int]
    ceiling: Mapped[int]
    """Equal to the capacity; if that is cut below what is held, equal to what is held."""
    held: Mapped[int] = mapped_column(server_default=text("0"))
    offers_made: Mapped[int] = mapped_column(server_default=text("0"))
    offers_declined: Mapped[int] = mapped_column(server_default=text("0"))
    changes: Mapped[int] = mapped_column(server_default=text("1"))
    """Grows whenever someone who found no place here might now find one."""
    assured_at: Mapped[datetime | None]
    assured_by: Mapped[str | None] = short()
    """Unset: nobody answers for it, whatever ``assured_at`` of an earlier release says."""
    changed_at: Mapped[datetime]
    is_active: Mapped[bool]
