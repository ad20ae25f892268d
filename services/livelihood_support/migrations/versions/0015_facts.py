"""Facts that are told of a case, and the revisions of its plan that follow from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit.migrations import allow

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FACTS = (
    "'category', 'financial_hardship', 'granted_in_this_case', 'permanent_residence',"
    " 'poor_household', 'under_18', 'vietnamese_citizen'"
)
REASONS = "'evidence_withdrawn', 'holds_no_longer', 'told_in_error'"
CAUSES = "'fact_told', 'fact_withdrawn'"
CATEGORIES = (
    "'FOREIGNER', 'MINOR_ACCOMPANYING', 'PRESUMED_ABROAD', 'PRESUMED_IN_COUNTRY', 'VICTIM_RESIDENT'"
)
BEFORE = (
    "age_outside", "consent_withdrawn", "delivery_parked", "needs_information", "no_endpoint",
    "no_programme", "offer_undelivered", "purge_unconfirmed", "purge_undelivered",
    "service_failed",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "case_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("evidence_ref", sa.String(length=60), nullable=True),
        sa.Column("holds_from", sa.Date(), nullable=True),
        sa.Column("told_by", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"fact IN ({FACTS})", name=op.f("ck_case_facts_fact")),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_case_facts_reason")),
        sa.CheckConstraint(
            "(value IS NULL) = (reason IS NOT NULL)", name=op.f("ck_case_facts_withdrawn")
        ),
        sa.CheckConstraint(
            "value IS NULL OR evidence_ref IS NOT NULL", name=op.f("ck_case_facts_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_case_facts_case_id_case_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_facts")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_facts_case_id_number")),
    )
    op.create_table(
        "plan_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=True),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"category IN ({CATEGORIES})", name=op.f("ck_plan_revisions_category")),
        sa.CheckConstraint(f"cause IN ({CAUSES})", name=op.f("ck_plan_revisions_cause")),
        sa.CheckConstraint("number > 1", name=op.f("ck_plan_revisions_number")),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["case_facts.id"], name=op.f("fk_plan_revisions_fact_id_case_facts")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_revisions_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_revisions")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_revisions_plan_id_number")),
    )
    # What older code still writes beside this is the plan as it was opened.
    op.add_column(
        "entitlements",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column(
        "entitlements",
        sa.Column(
            "used",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.drop_constraint(op.f("pk_entitlements"), "entitlements")
    op.create_primary_key(op.f("pk_entitlements"), "entitlements", ["plan_id", "revision", "code"])
    allow("alerts", "kind", [*BEFORE, "no_longer_granted"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'no_longer_granted'")
    allow("alerts", "kind", BEFORE)
    op.execute("DELETE FROM entitlements WHERE revision > 1")
    op.drop_constraint(op.f("pk_entitlements"), "entitlements")
    op.create_primary_key(op.f("pk_entitlements"), "entitlements", ["plan_id", "code"])
    op.drop_column("entitlements", "used")
    op.drop_column("entitlements", "revision")
    op.drop_table("plan_revisions")
    op.drop_table("case_facts")
