"""A file knows to whom its case was handed."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_files", sa.Column("responsible_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_case_files_responsible",
        "case_files",
        ["responsible_id", "case_id"],
        postgresql_where=sa.text("responsible_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_case_files_responsible", "case_files")
    op.drop_column("case_files", "responsible_id")
