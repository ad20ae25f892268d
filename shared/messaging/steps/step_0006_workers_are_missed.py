"""Workers that end without a word are missed."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("backend", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("backend", "since", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    op.drop_table("workers")
