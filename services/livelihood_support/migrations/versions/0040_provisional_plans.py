"""Plans of presumed victims, and what becomes of them when the verification ends."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

CAUSES = ("age_changed", "fact_told", "fact_withdrawn", "window_closed")
ALERTS = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_longer_identified",
    "no_programme",
    "offer_question",
    "offer_unanswered",
    "offer_undelivered",
    "offer_unread",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "service_unstarted",
    "window_closing",
)


def upgrade() -> None:
    op.add_column(
        "plans",
        sa.Column("is_provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_case_files_presumed",
        "case_files",
        ["case_id"],
        postgresql_where=sa.text("verification_outcome IS NULL"),
    )
    allow("plan_revisions", "cause", [*CAUSES, "identified"])
    allow("alerts", "kind", [*ALERTS, "presumption_ended"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'presumption_ended'")
    op.execute("DELETE FROM plan_revisions WHERE cause = 'identified'")
    allow("alerts", "kind", ALERTS)
    allow("plan_revisions", "cause", CAUSES)
    op.drop_index("ix_case_files_presumed", "case_files")
    op.drop_column("plans", "is_provisional")
