"""First table: a row for each period that runs or has run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("area_code", sa.String(length=10), nullable=True),
        sa.Column("area_on", sa.Date(), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("regime", sa.String(length=40), nullable=True),
        sa.Column("row_from", sa.Date(), nullable=True),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_for", sa.String(length=40), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("level_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level_holder_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(pauses) = 'array'", name=op.f("ck_clocks_pauses")),
        sa.CheckConstraint(
            "level IN ('department', 'head', 'officer')", name=op.f("ck_clocks_level")
        ),
        sa.CheckConstraint("regime IN ('2011', '2024')", name=op.f("ck_clocks_regime")),
        sa.CheckConstraint(
            "(level IS NULL) = (level_since IS NULL)", name=op.f("ck_clocks_level_since")
        ),
        sa.CheckConstraint(
            "(paused_at IS NULL) = (paused_for IS NULL)", name=op.f("ck_clocks_paused")
        ),
        sa.CheckConstraint(
            "due_at IS NOT NULL OR (next_at IS NULL AND warned_at IS NULL AND breached_at IS NULL)",
            name=op.f("ck_clocks_undated"),
        ),
        sa.CheckConstraint(
            "due_at IS NULL OR paused_at IS NOT NULL OR ended_at IS NOT NULL"
            " OR breached_at IS NOT NULL OR next_at IS NOT NULL",
            name=op.f("ck_clocks_runs"),
        ),
        sa.CheckConstraint(
            "level IS NOT NULL OR level_holder_id IS NULL", name=op.f("ck_clocks_level_holder")
        ),
        sa.CheckConstraint(
            "next_at IS NULL OR (paused_at IS NULL AND ended_at IS NULL AND breached_at IS NULL)",
            name=op.f("ck_clocks_stands"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
    )
    op.create_index(
        "ix_clocks_next",
        "clocks",
        ["next_at", "id"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_clocks_object", "clocks", ["object_id", "id"], unique=False)
    op.create_index(
        "uq_clocks_running",
        "clocks",
        ["object_id", "fact"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("clocks")
