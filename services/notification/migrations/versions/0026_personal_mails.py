"""Mails to people and weekly pages of offices: that there are, and what was written once."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OUTCOMES = (
    "address_refused",
    "deferred",
    "delivered",
    "failed",
    "fault",
    "gone",
    "redirected",
    "refused",
    "rejected",
    "sent",
    "throttled",
    "tls_failed",
    "undelivered",
    "unknown",
    "unreachable",
)
KINDS = ("confirmation", "digest", "urgent", "week")
STATES = ("expired", "nothing", "parked", "pending", "sending", "sent")


def upgrade() -> None:
    op.create_table(
        "personal_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("effect_key", sa.String(length=240), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_code", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        _one_of("kind", KINDS),
        _one_of("state", STATES),
        _one_of("last_code", OUTCOMES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_mails")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_personal_mails_effect_key")),
    )
    op.create_index(op.f("ix_personal_mails_created_at"), "personal_mails", ["created_at"])
    op.create_index(
        "ix_personal_mails_open",
        "personal_mails",
        ["recipient_id"],
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "personal_mail_items",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=160), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", "item", name=op.f("pk_personal_mail_items")),
    )
    for column in ("mail_id", "told_at"):
        op.create_index(op.f(f"ix_personal_mail_items_{column}"), "personal_mail_items", [column])


def downgrade() -> None:
    op.drop_table("personal_mail_items")
    op.drop_table("personal_mails")


def _one_of(column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    name = op.f(f"ck_personal_mails_{column}")
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)
