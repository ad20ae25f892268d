"""The initial check of a case, and the step of its journey."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BEFORE = (
    "clock_breached",
    "clock_warned",
    "plan_opened",
    "plan_revised",
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
        "initial_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("together_with_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_ref", sa.String(60), nullable=True),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('no_signs_found', 'proved_by_paper', 'signs_found')",
            name=op.f("ck_initial_checks_outcome"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_initial_checks_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_initial_checks"),
        sa.UniqueConstraint("case_id", name="uq_initial_checks_case_id"),
    )
    allow("journey_steps", "kind", [*BEFORE, "initial_check"])


def downgrade() -> None:
    op.execute("DELETE FROM journey_steps WHERE kind = 'initial_check'")
    allow("journey_steps", "kind", BEFORE)
    op.drop_table("initial_checks")
