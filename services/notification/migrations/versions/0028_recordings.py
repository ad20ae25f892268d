"""What a sandbox would have sent to test organisations is recorded, and leaves for nowhere."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "recordings"
CODES = {
    "channel": ("email", "sms", "webhook"),
    "outcome": (
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
    ),
    "report": ("delivered", "failed"),
    "type": (
        "vn.nhipcau.alert.raised.v1",
        "vn.nhipcau.case.handed_over.v1",
        "vn.nhipcau.case.received.v1",
        "vn.nhipcau.endpoint.test.v1",
        "vn.nhipcau.plan.opened.v1",
        "vn.nhipcau.plan.revised.v1",
        "vn.nhipcau.referral.moved.v1",
        "vn.nhipcau.referral.purge.v1",
        "vn.nhipcau.referral.requested.v1",
        "vn.nhipcau.verification.concluded.v1",
        "vn.nhipcau.verification.opened.v1",
    ),
}


def upgrade() -> None:
    op.add_column(
        "endpoints",
        sa.Column("is_recorded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(f"{column} IN ({_listed(codes)})", name=op.f(f"ck_{TABLE}_{column}"))
            for column, codes in CODES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_recordings_delivery_id_number")),
    )
    op.create_index("ix_recordings_organisation", TABLE, ["organisation_id", "recorded_at", "id"])
    op.create_index(op.f("ix_recordings_recorded_at"), TABLE, ["recorded_at"])
    op.create_index(
        "ix_recordings_unreported",
        TABLE,
        ["recorded_at"],
        postgresql_where=sa.text("report IS NOT NULL AND reported_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("endpoints", "is_recorded")


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
