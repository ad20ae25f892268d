"""First table: who did what to which thing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        op.f("ix_audit_entries_object_id"), "audit_entries", ["object_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_entries_object_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
