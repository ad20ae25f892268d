"""It is known whether anybody of an authority has read that it has a verification to decide."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_notices",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_read_notices")),
    )


def downgrade() -> None:
    op.drop_table("read_notices")
