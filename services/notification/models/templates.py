"""What notices say, in versions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notification.models.base import Base
from services.notification.policy import EventType, PersonalKind
from services.notification.policy.templates import TemplateReason, TemplateState
from shared.contracts.vocabulary import ChannelKind
from shared.kit.columns import append_only, listed, one_of, short


class Template(Base):
    """A version of what notices of a kind say on a channel, in both languages."""

    __tablename__ = "templates"
    __table_args__ = (
        CheckConstraint(f"kind IN ({listed([*EventType, *PersonalKind])})", name="kind"),
        one_of("channel", ChannelKind),
        one_of("state", TemplateState),
        one_of("reason", TemplateReason),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            f"(concluded_at IS NULL) = (state = '{TemplateState.DRAFT}')", name="concluded"
        ),
        CheckConstraint(
            "is_fallback = (wording_vi IS NULL) AND is_fallback = (wording_en IS NULL)",
            name="wording",
        ),
        CheckConstraint(
            f"state <> '{TemplateState.PUBLISHED}' OR concluded_by <> made_by", name="two_people"
        ),
        CheckConstraint("(concluded_by IS NULL) = (concluded_at IS NULL)", name="concluded_by"),
        Index(
            "uq_templates_number",
            "kind",
            "channel",
            "organisation_id",
            "number",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        # Two drafts of one text would be published over each other.
        Index(
            "uq_templates_draft",
            "kind",
            "channel",
            "organisation_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(f"state = '{TemplateState.DRAFT}'"),
        ),
        {
            "info": append_only(
                "state", "reason", "is_fallback", "version", "changed_at",
                "subject_vi", "wording_vi", "subject_en", "wording_en",
                "concluded_at", "concluded_by",
            )
        },
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = short(80)
    channel: Mapped[str] = short()
    organisation_id: Mapped[UUID | None]
    """Whose notices say it; unset where it is said to all who have no text of their own."""
    number: Mapped[int]
    """Which version of this text it is; a discarded draft keeps its number."""
    state: Mapped[str] = short()
    reason: Mapped[str] = short()
    is_fallback: Mapped[bool]
    """Whether it says nothing, so that what stands below it is said again."""
    subject_vi: Mapped[str | None] = short(200)
    wording_vi: Mapped[str | None] = short(5000)
    subject_en: Mapped[str | None] = short(200)
    wording_en: Mapped[str | None] = short(5000)
    version: Mapped[int]
    """Grows with every change of the draft: published is what was read."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = short(200)
    changed_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    """When it was published or discarded."""
    concluded_by: Mapped[str | None] = short(200)
