"""The day on which a person was identified, and two facts about the window that begins with it."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BEFORE = ("category", "financial_hardship", "granted_in_this_case")
CAUSES = ("fact_told", "fact_withdrawn")
KINDS = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_programme",
    "offer_undelivered",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
)
AFTER = ("permanent_residence", "poor_household", "under_18", "vietnamese_citizen")


def upgrade() -> None:
    op.add_column("case_files", sa.Column("identified_on", sa.Date(), nullable=True))
    op.add_column("case_files", sa.Column("window_look_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_case_files_window",
        "case_files",
        ["window_look_on"],
        postgresql_where=sa.text("window_look_on IS NOT NULL"),
    )
    allow("case_facts", "fact", [*BEFORE, "identified", *AFTER, "window_exception"])
    allow("plan_revisions", "cause", [*CAUSES, "window_closed"])
    allow("alerts", "kind", [*KINDS, "window_closing"])


def downgrade() -> None:
    op.execute("DELETE FROM case_facts WHERE fact IN ('identified', 'window_exception')")
    op.execute("DELETE FROM alerts WHERE kind = 'window_closing'")
    allow("case_facts", "fact", [*BEFORE, *AFTER])
    allow("plan_revisions", "cause", CAUSES)
    allow("alerts", "kind", KINDS)
    op.drop_index("ix_case_files_window", table_name="case_files")
    op.drop_column("case_files", "window_look_on")
    op.drop_column("case_files", "identified_on")
