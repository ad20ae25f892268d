"""Deliveries go by several channels: by webhook, or by e-mail."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHANNELS = ("email", "webhook")
STATES = ("delivered", "failed", "no_endpoint", "parked", "pending", "sending", "unknown")
CONCLUDED = ("delivered", "failed", "no_endpoint", "parked")
SENT = "sent"
OUTCOMES = (
    "address_refused",
    "delivered",
    "failed",
    "fault",
    "gone",
    "redirected",
    "rejected",
    "throttled",
    "tls_failed",
    "unknown",
    "unreachable",
)
OF_MAIL = ("deferred", "refused", SENT)
OUTCOMES_IN = (("attempts", "outcome"), ("deliveries", "last_code"))


def upgrade() -> None:
    op.add_column(
        "endpoints",
        sa.Column(
            "channel", sa.String(length=40), server_default=sa.text("'webhook'"), nullable=False
        ),
    )
    op.add_column("deliveries", sa.Column("channel", sa.String(length=40), nullable=True))
    op.add_column("attempts", sa.Column("smtp_status", sa.Integer(), nullable=True))
    listed = ", ".join(f"'{channel}'" for channel in CHANNELS)
    for table in ("endpoints", "deliveries"):
        op.create_check_constraint(op.f(f"ck_{table}_channel"), table, f"channel IN ({listed})")
    allow("deliveries", "state", [*STATES, SENT])
    _conclude([*CONCLUDED, SENT])
    for table, column in OUTCOMES_IN:
        allow(table, column, [*OUTCOMES, *OF_MAIL])


def downgrade() -> None:
    by_mail = "SELECT id FROM deliveries WHERE channel = 'email'"
    op.execute(sa.text(f"DELETE FROM attempts WHERE delivery_id IN ({by_mail})"))  # noqa: S608
    op.execute(sa.text("DELETE FROM deliveries WHERE channel = 'email'"))
    op.execute(sa.text("DELETE FROM endpoints WHERE channel = 'email'"))
    for table, column in OUTCOMES_IN:
        allow(table, column, OUTCOMES)
    _conclude(CONCLUDED)
    allow("deliveries", "state", STATES)
    op.drop_column("attempts", "smtp_status")
    op.drop_column("deliveries", "channel")
    op.drop_column("endpoints", "channel")


def _conclude(states: list[str] | tuple[str, ...]) -> None:
    name = op.f("ck_deliveries_concluded")
    listed = ", ".join(f"'{state}'" for state in sorted(states))
    op.drop_constraint(name, "deliveries")
    op.create_check_constraint(
        name, "deliveries", f"(concluded_at IS NOT NULL) = (state IN ({listed}))"
    )
