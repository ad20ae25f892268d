"""What was given to a person directly."""

import sqlalchemy as sa
from alembic import op

from shared.kit.columns import listed

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLE = "provisions"
CODES = (
    "EDUCATION", "ESSENTIAL", "HARDSHIP", "INTERPRETATION", "LEGAL_AID", "LEGAL_SUPPORT", "LOAN",
    "MEDICAL", "PSYCHOLOGICAL", "TRAVEL", "VOCATIONAL",
)  # fmt: skip
PAPERS = ("decision", "handover_record", "payment_order", "receipt")
REASONS = (
    "not_given", "recorded_twice", "wrong_amount", "wrong_code", "wrong_day", "wrong_person",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("vnd", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("paper", sa.String(40), nullable=False),
        sa.Column("paper_number", sa.String(60), nullable=True),
        sa.Column("paper_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_for", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.String(200), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"code IN ({listed(CODES)})", name=op.f("ck_provisions_code")),
        sa.CheckConstraint(f"paper IN ({listed(PAPERS)})", name=op.f("ck_provisions_paper")),
        sa.CheckConstraint(f"reason IN ({listed(REASONS)})", name=op.f("ck_provisions_reason")),
        sa.CheckConstraint("vnd > 0", name=op.f("ck_provisions_vnd")),
        sa.CheckConstraint("days > 0", name=op.f("ck_provisions_days")),
        sa.CheckConstraint(
            "(reason IS NULL) = (voided_at IS NULL) AND (reason IS NULL) = (voided_by IS NULL)",
            name=op.f("ck_provisions_voided"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name="fk_provisions_case_id_case_files"
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name="fk_provisions_referral_id_referrals"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provisions"),
    )
    op.create_index("ix_provisions_case", TABLE, ["case_id", "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
