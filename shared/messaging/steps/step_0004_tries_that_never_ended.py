"""Tries that never ended are counted past a crash of the server; faults apart from them."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    # Both are nearly empty at any moment, so that writing them anew takes no time.
    op.execute("ALTER TABLE begun_frames SET LOGGED")
    op.execute("ALTER TABLE delivery_attempts SET LOGGED")
    for name in ("faults", "unended"):
        op.add_column(
            "held_messages",
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False),
        )
    op.drop_index("ix_held_messages_turn", table_name="held_messages")
    op.create_index(
        "ix_held_messages_turn",
        "held_messages",
        ["aggregate_id", "source", "sequence"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_held_messages_turn", table_name="held_messages")
    op.create_index(
        "ix_held_messages_turn",
        "held_messages",
        ["source", "aggregate_id", "sequence"],
        unique=False,
    )
    op.drop_column("held_messages", "unended")
    op.drop_column("held_messages", "faults")
    op.execute("ALTER TABLE delivery_attempts SET UNLOGGED")
    op.execute("ALTER TABLE begun_frames SET UNLOGGED")
