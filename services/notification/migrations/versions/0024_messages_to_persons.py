"""Messages to persons, by ids alone."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = (
    "cancelled", "delivered", "expired", "not_sent", "pending", "sending", "sent", "undelivered",
    "unknown",
)  # fmt: skip
REFUSALS = (
    "answered_already", "ended", "not_by_message", "outside_window", "risk_flag", "shared_device",
    "unconfirmed",
)  # fmt: skip
UNDER_WAY = "state IN ('pending', 'sending')"


def _one_of(column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_person_messages_{column}"))


def upgrade() -> None:
    op.create_table(
        "person_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("concluded_at", MOMENT, nullable=True),
        sa.Column("refusal", sa.String(40), nullable=True),
        _one_of("state", STATES),
        _one_of("refusal", REFUSALS),
        sa.CheckConstraint(
            f"(concluded_at IS NULL) = ({UNDER_WAY})", name=op.f("ck_person_messages_concluded")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person_messages"),
        sa.UniqueConstraint("message_id", name="uq_person_messages_message_id"),
    )
    op.create_index(
        "ix_person_messages_due",
        "person_messages",
        ["next_at"],
        postgresql_where=sa.text(UNDER_WAY),
    )
    op.create_index("ix_person_messages_case", "person_messages", ["case_id", "id"])


def downgrade() -> None:
    op.drop_table("person_messages")
