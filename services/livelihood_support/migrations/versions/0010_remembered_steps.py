"""What others heard of referrals that a restored database has forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATUSES = (
    "'accepted', 'cancelled', 'completed', 'draft', 'entered_in_error', "
    "'failed', 'in_progress', 'on_hold', 'rejected', 'requested', 'unplaced'"
)
REASONS = (
    "'capacity', 'consent_withdrawn', 'distance', 'eligibility', "
    "'no_answer', 'no_programme', 'other', 'person_declined', 'safety', 'timing'"
)
OUTCOMES = "'not_provided', 'partly_provided', 'provided'"


def upgrade() -> None:
    op.create_table(
        "remembered_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_remembered_steps_status")),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_remembered_steps_reason")),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_remembered_steps_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_steps")),
    )
    op.create_index("ix_remembered_steps_case", "remembered_steps", ["case_id", "place"])


def downgrade() -> None:
    op.drop_table("remembered_steps")
