"""What could not wait, each need with its end, and the step of its journey."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BEFORE = (
    "clock_breached",
    "clock_warned",
    "complaint_answered",
    "complaint_received",
    "initial_check",
    "plan_opened",
    "plan_revised",
    "protection_moved",
    "provision_corrected",
    "provision_recorded",
    "provisional_plan_opened",
    "question_answered",
    "question_asked",
    "received",
    "referral_confirmed",
    "referral_moved",
    "referral_requested",
    "verification_concluded",
    "verification_opened",
)


def upgrade() -> None:
    op.create_table(
        "need_ends",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("need", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "need IN ('clothing', 'food', 'medical', 'safety', 'shelter')",
            name=op.f("ck_need_ends_need"),
        ),
        sa.CheckConstraint(
            "outcome IN ('met', 'no_longer_needed', 'person_declined')",
            name=op.f("ck_need_ends_outcome"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_need_ends_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_need_ends"),
        sa.UniqueConstraint("case_id", "need", name="uq_need_ends_case_id_need"),
    )
    allow("journey_steps", "kind", [*BEFORE, "immediate_need_ended"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind = 'immediate_need_ended'")
    allow("journey_steps", "kind", BEFORE)
    op.drop_table("need_ends")
