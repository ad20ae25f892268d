"""Tables: handovers that were announced, who is expected, and who is kept apart from whom."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.intake.models.base import Base
from services.intake.policy import AbsenceReason, ApartEnd, NoticeCancelReason
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Route, Sex
from shared.kit.columns import append_only, one_of, short


class AdvanceNotice(Base):
    """A handover that was announced: when, where, by whom; of the people numbers alone."""

    __tablename__ = "advance_notices"
    __table_args__ = (
        one_of("route", Route),
        one_of("cancel_reason", NoticeCancelReason),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="says_why"),
        CheckConstraint("version > 0", name="version"),
        Index("ix_advance_notices_announcer", "announcer_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    announcer_id: Mapped[UUID]
    route: Mapped[str] = short()
    expected_on: Mapped[date]
    unit_code: Mapped[str] = short(5)
    unit_on: Mapped[date]
    """The day by which the code is read: that on which it was told."""
    given_by: Mapped[str] = short(200)
    given_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = short()
    version: Mapped[int]
    """What an ETag says; grows with the day, and with what becomes of anybody."""
    people: Mapped[list["ExpectedPersonRow"]] = relationship(
        order_by="ExpectedPersonRow.number", viewonly=True
    )


class ExpectedPersonRow(Base):
    """Somebody who is expected: what a house prepares for, and what became of them."""

    __tablename__ = "expected_people"
    __table_args__ = (
        one_of("age_band", AgeBand),
        one_of("sex", Sex),
        one_of("status", ExpectedStatus),
        one_of("reason", AbsenceReason),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(status = 'received') = (case_id IS NOT NULL)", name="received"),
        CheckConstraint("(status = 'absent') = (reason IS NOT NULL)", name="says_why"),
        # A case is one person of one notice.
        Index(
            "uq_expected_people_case",
            "case_id",
            unique=True,
            postgresql_where=text("case_id IS NOT NULL"),
        ),
        # Who is expected still; few, while the days are kept.
        Index(
            "ix_expected_people_expected",
            "notice_id",
            postgresql_where=text("status = 'expected'"),
        ),
    )

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("advance_notices.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    age_band: Mapped[str] = short()
    sex: Mapped[str] = short()
    languages: Mapped[list[str]]
    needs_interpreter: Mapped[bool]
    needs_escort: Mapped[bool]
    status: Mapped[str] = short()
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    reason: Mapped[str | None] = short()
    settled_at: Mapped[datetime | None]


class KeptApart(Base):
    """Two people who are kept apart: of one notice by their numbers, or two cases; and why, sealed.

    The reason has a key of its own, for it is of two people; with the end both are destroyed.
    """

    __tablename__ = "kept_apart"
    __table_args__ = (
        one_of("end_reason", ApartEnd),
        CheckConstraint("(ended_at IS NULL) = (details IS NOT NULL)", name="kept_while_it_holds"),
        CheckConstraint("(ended_at IS NULL) = (wrapped_key IS NOT NULL)", name="wrapped_key"),
        CheckConstraint("(ended_at IS NULL) = (master_version IS NOT NULL)", name="master_version"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="says_why"),
        CheckConstraint(
            "(notice_id IS NULL) = (first_number IS NULL)"
            " AND (notice_id IS NULL) = (second_number IS NULL) AND first_number < second_number",
            name="numbers",
        ),
        CheckConstraint(
            "(first_case_id IS NULL) = (second_case_id IS NULL) AND first_case_id <> second_case_id"
            " AND (notice_id IS NOT NULL OR first_case_id IS NOT NULL)",
            name="cases",
        ),
        Index(
            "uq_kept_apart_numbers",
            "notice_id",
            "first_number",
            "second_number",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND notice_id IS NOT NULL"),
        ),
        Index("ix_kept_apart_first", "first_case_id"),
        Index("ix_kept_apart_second", "second_case_id"),
        {
            "info": append_only(
                *("first_case_id", "second_case_id", "details", "wrapped_key", "master_version"),
                *("ended_at", "end_reason"),
            )
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    """Who told it."""
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("advance_notices.id"))
    first_number: Mapped[int | None]
    second_number: Mapped[int | None]
    first_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    second_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    details: Mapped[bytes | None]
    wrapped_key: Mapped[bytes | None]
    master_version: Mapped[int | None]
    told_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = short()
