"""Rows of the law that somebody proposed; those that were published are in ``law_rows`` too."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.directory.models.base import Base
from services.directory.policy import ProposalState, RuleReason
from shared.contracts.law import Certainty, Unit
from shared.contracts.vocabulary import Queue, Regime
from shared.kit.columns import append_only, one_of, short
from shared.law.documents import LONGEST


class RuleProposal(Base):
    """A row as it was proposed, which never changes, and what became of it."""

    __tablename__ = "rule_proposals"
    __table_args__ = (
        one_of("regime", Regime),
        one_of("unit", Unit),
        one_of("status", Certainty),
        one_of("reason", RuleReason),
        one_of("state", ProposalState),
        CheckConstraint("amount >= 1", name="amount"),
        CheckConstraint(
            f"(law_number IS NOT NULL AND amount IS NOT NULL) OR status = '{Certainty.ASSUMED}'",
            name="law",
        ),
        CheckConstraint(
            f"(concluded_at IS NULL) = (state = '{ProposalState.PROPOSED}')"
            " AND (concluded_by IS NULL) = (concluded_at IS NULL)",
            name="concluded",
        ),
        CheckConstraint(
            f"state <> '{ProposalState.PUBLISHED}' OR concluded_by <> proposed_by",
            name="two_people",
        ),
        # Two proposals for one period would be published over each other.
        Index(
            "uq_rule_proposals_open",
            "key",
            "regime",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(f"state = '{ProposalState.PROPOSED}'"),
        ),
        {"info": append_only("state", "concluded_at", "concluded_by")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = short(60)
    regime: Mapped[str | None] = short(10)
    amount: Mapped[int | None]
    unit: Mapped[str] = short(20)
    law_number: Mapped[str | None] = short(LONGEST)
    law_article: Mapped[int | None]
    law_clause: Mapped[int | None]
    status: Mapped[str] = short(20)
    valid_from: Mapped[date]
    applies_to_running: Mapped[bool]
    reason: Mapped[str] = short()
    reference: Mapped[str] = short(LONGEST)
    """The number of the paper by which it is changed."""
    state: Mapped[str] = short()
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = short(200)
    concluded_at: Mapped[datetime | None]
    """When it was published or withdrawn."""
    concluded_by: Mapped[str | None] = short(200)

    rehearsals: Mapped[list["RuleRehearsal"]] = relationship(
        lazy="selectin", order_by="RuleRehearsal.service"
    )


class RuleRehearsal(Base):
    """How far a service said that a proposed row would reach."""

    __tablename__ = "rule_rehearsals"
    __table_args__ = (
        one_of("service", Queue),
        CheckConstraint("moved >= 0 AND coalesce(running, moved) >= moved", name="moved"),
        {"info": append_only()},
    )

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey(RuleProposal.id), primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    running: Mapped[int | None]
    """Dates of its kind that ran then; unset where nobody counts them."""
    moved: Mapped[int]
    """Of these, those that would end at another moment."""
    rehearsed_at: Mapped[datetime]
