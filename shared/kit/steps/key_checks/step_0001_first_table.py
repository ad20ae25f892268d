"""First table: by what the keys that belong to this database are recognised."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "key_checks",
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_checks")),
    )


def downgrade() -> None:
    op.drop_table("key_checks")
