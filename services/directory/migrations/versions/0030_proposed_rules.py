"""Rows of the law that somebody proposed, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("regime", sa.String(length=10), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("law_number", sa.String(length=60), nullable=True),
        sa.Column("law_article", sa.Integer(), nullable=True),
        sa.Column("law_clause", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("applies_to_running", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(concluded_at IS NULL) = (state = 'proposed')"
            " AND (concluded_by IS NULL) = (concluded_at IS NULL)",
            name=op.f("ck_rule_proposals_concluded"),
        ),
        sa.CheckConstraint(
            "(law_number IS NOT NULL AND amount IS NOT NULL) OR status = 'assumed'",
            name=op.f("ck_rule_proposals_law"),
        ),
        sa.CheckConstraint(
            "reason IN ('agreed', 'corrected', 'law_changed', 'text_read')",
            name=op.f("ck_rule_proposals_reason"),
        ),
        sa.CheckConstraint("regime IN ('2011', '2024')", name=op.f("ck_rule_proposals_regime")),
        sa.CheckConstraint(
            "state <> 'published' OR concluded_by <> proposed_by",
            name=op.f("ck_rule_proposals_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'published', 'withdrawn')", name=op.f("ck_rule_proposals_state")
        ),
        sa.CheckConstraint(
            "status IN ('assumed', 'confirmed', 'recalled')", name=op.f("ck_rule_proposals_status")
        ),
        sa.CheckConstraint(
            "unit IN ('day', 'hour', 'month', 'working_day', 'year')",
            name=op.f("ck_rule_proposals_unit"),
        ),
        sa.CheckConstraint("amount >= 1", name=op.f("ck_rule_proposals_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_proposals")),
    )
    op.create_index(
        "uq_rule_proposals_open",
        "rule_proposals",
        ["key", "regime"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_rule_proposals_open",
        table_name="rule_proposals",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("rule_proposals")
