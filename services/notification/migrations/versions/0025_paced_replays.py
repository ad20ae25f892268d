"""Many parked deliveries can be sent again together, so many a minute."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CHANNELS = ("email", "sms", "webhook")
REASONS = ("cause_fixed", "code_upgraded", "handled_by_hand", "not_needed", "transient_fault")
NAME = "ix_deliveries_replay"


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(f"channel IN ({_listed(CHANNELS)})", name=op.f("ck_replays_channel")),
        sa.CheckConstraint(f"reason IN ({_listed(REASONS)})", name=op.f("ck_replays_reason")),
        sa.CheckConstraint("per_minute >= 1", name=op.f("ck_replays_per_minute")),
        sa.PrimaryKeyConstraint("replay_id", name=op.f("pk_replays")),
    )
    op.create_index(
        "ix_replays_open", "replays", ["started_at"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.add_column("deliveries", sa.Column("replay_id", sa.Uuid(), nullable=True))
    # No row has one yet, so the index is made at once.
    op.create_index(
        NAME, "deliveries", ["replay_id"], postgresql_where=sa.text("replay_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index(NAME, "deliveries")
    op.drop_column("deliveries", "replay_id")
    op.drop_table("replays")


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
