"""What is secret about the ids of plans, and of all that follows from them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seeds",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_seeds_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seeds")),
    )
    op.execute("INSERT INTO seeds (id, value) VALUES (1, gen_random_uuid())")


def downgrade() -> None:
    op.drop_table("seeds")
