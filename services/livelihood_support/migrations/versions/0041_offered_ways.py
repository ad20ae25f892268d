"""What is offered to somebody whom the verification did not identify."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLE = "offered_ways"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "way IN ('child_protection', 'social_assistance')", name=op.f("ck_offered_ways_way")
        ),
        sa.CheckConstraint(
            "outcome IN ('declined', 'taken')", name=op.f("ck_offered_ways_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL) AND (outcome IS NULL) = (settled_by IS NULL)",
            name=op.f("ck_offered_ways_settled"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name="fk_offered_ways_case_id_case_files"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offered_ways"),
        sa.UniqueConstraint("case_id", "way", name="uq_offered_ways_case_id_way"),
    )
    op.create_index(
        "ix_offered_ways_open",
        TABLE,
        ["case_id"],
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
