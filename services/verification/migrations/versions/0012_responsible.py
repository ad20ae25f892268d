"""A verification knows to whom its case was handed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("responsible_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_verifications_responsible",
        "verifications",
        ["responsible_id", "id"],
        postgresql_where=sa.text("responsible_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_verifications_responsible", "verifications")
    op.drop_column("verifications", "responsible_id")
