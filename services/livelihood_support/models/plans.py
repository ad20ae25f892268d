"""Told facts, and the plans that follow from them: records, of which nothing is ever changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import (
    RevisionCause,
    ToldFact,
    WithdrawalReason,
)
from shared.contracts.vocabulary import PersonCategory, Regime
from shared.kit.columns import append_only, one_of, short


class CaseFact(Base):
    """One fact as somebody told it of a case, or withdrew it: appended, never changed.

    The newest row of each fact counts.
    """

    __tablename__ = "case_facts"
    __table_args__ = (
        one_of("fact", ToldFact),
        one_of("reason", WithdrawalReason),
        CheckConstraint("(value IS NULL) = (reason IS NOT NULL)", name="withdrawn"),
        CheckConstraint("value IS NULL OR evidence_ref IS NOT NULL", name="evidence"),
        UniqueConstraint("case_id", "number"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    number: Mapped[int]
    """Which row of its case it is: what is newest never depends on a clock."""
    fact: Mapped[str] = short()
    value: Mapped[str | None] = short()
    """``true``, ``false`` or a code; unset in the row that withdraws the fact."""
    reason: Mapped[str | None] = short()
    """Why the fact is withdrawn."""
    evidence_ref: Mapped[str | None] = short(60)
    holds_from: Mapped[date | None]
    """The day on which the fact began to hold, where the paper names one."""
    told_by: Mapped[str] = short(200)
    organisation_id: Mapped[UUID]
    told_at: Mapped[datetime]


class Plan(Base):
    """The support plan of a person: one per case. As it was opened: revision 1."""

    __tablename__ = "plans"
    __table_args__ = (
        one_of("regime", Regime),
        one_of("category", PersonCategory),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"), unique=True)
    regime: Mapped[str] = short()
    """The law it was opened under; who is identified later may be so under the older one."""
    category: Mapped[str] = short()
    is_provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    """Opened while the verification ran, for somebody who is presumed to be a victim."""
    opened_at: Mapped[datetime]
    answers_id: Mapped[UUID]
    """The set of answers. No foreign key: every new plan would note its lock in the same few rows,
    which nobody can delete.
    """
    rests_on: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """By code and fact, the told fact behind an answer, and the last day of a window."""


class PlanRevision(Base):
    """The answers of a plan were computed anew, and one was another: appended, never changed."""

    __tablename__ = "plan_revisions"
    __table_args__ = (
        one_of("category", PersonCategory),
        one_of("cause", RevisionCause),
        CheckConstraint("number > 1", name="number"),
        UniqueConstraint("plan_id", "number"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int]
    category: Mapped[str] = short()
    cause: Mapped[str] = short()
    fact_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_facts.id"))
    """The row of the fact by which the plan was revised."""
    revised_at: Mapped[datetime]
    answers_id: Mapped[UUID]
    rests_on: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class AnswerSet(Base):
    """What was decided for every code, and on which text, wherever the same was known.

    As the rules of a day answered. When a rule changes, or its text, there is another set.
    """

    __tablename__ = "answer_sets"
    __table_args__ = ({"info": append_only()},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    answers: Mapped[list[Any]] = mapped_column(JSONB)
    """For each code: ``decision``, ``facts``, ``legal_ref``, ``status``, and in ``used`` the known
    facts it was decided by, with what each was.
    """
