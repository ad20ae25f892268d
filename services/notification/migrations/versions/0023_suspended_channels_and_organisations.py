"""Sending by a channel, and to an organisation, can be suspended as to an endpoint."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ("incident", "partner_asked", "partner_down", "wrong_address")
REASONS = (*BEFORE, "provider_down")
CHANNELS = ("email", "sms", "webhook")
SUSPENDED = (
    ("suspended_at", sa.DateTime(timezone=True)),
    ("suspended_by", sa.String(length=200)),
    ("suspension_reason", sa.String(length=40)),
)


def upgrade() -> None:
    allow("endpoints", "suspension_reason", REASONS)
    for name, kind in SUSPENDED:
        op.add_column("organisations", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(
        op.f("ck_organisations_suspension_reason"),
        "organisations",
        f"suspension_reason IN ({_listed(REASONS)})",
    )
    op.create_table(
        "channels",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, kind, nullable=True) for name, kind in SUSPENDED),
        sa.CheckConstraint(f"channel IN ({_listed(CHANNELS)})", name=op.f("ck_channels_channel")),
        sa.CheckConstraint(
            f"suspension_reason IN ({_listed(REASONS)})",
            name=op.f("ck_channels_suspension_reason"),
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channels")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_channels_channel_id")),
    )


def downgrade() -> None:
    op.drop_table("channels")
    for name, _ in reversed(SUSPENDED):
        op.drop_column("organisations", name)
    # What a reason says that the release before does not know is an incident to it.
    op.execute(
        sa.text(
            "UPDATE endpoints SET suspension_reason = 'incident'"
            " WHERE suspension_reason = 'provider_down'"
        )
    )
    allow("endpoints", "suspension_reason", BEFORE)


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in sorted(codes))
