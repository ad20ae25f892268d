"""First table: the rows of the law that administrators published."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "law_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
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
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 1", name=op.f("ck_law_rows_amount")),
        sa.CheckConstraint(
            "law_number IS NOT NULL OR status = 'assumed'", name=op.f("ck_law_rows_law")
        ),
        sa.CheckConstraint("regime IN ('2011', '2024')", name=op.f("ck_law_rows_regime")),
        sa.CheckConstraint(
            "status IN ('assumed', 'confirmed', 'recalled')", name=op.f("ck_law_rows_status")
        ),
        sa.CheckConstraint(
            "unit IN ('day', 'hour', 'month', 'working_day', 'year')",
            name=op.f("ck_law_rows_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_rows")),
    )


def downgrade() -> None:
    op.drop_table("law_rows")
