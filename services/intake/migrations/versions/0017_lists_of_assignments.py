"""Assignments are listed by when they were made, and end by themselves when they are over."""

from alembic import op

from shared.kit.migrations import allow

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = (
    "care_needed", "escort_needed", "moved_elsewhere", "no_longer_needed", "person_declined",
    "shelter_needed", "threat",
)  # fmt: skip
HELD_IN = ("reason", "end_reason")


def upgrade() -> None:
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index(
        "ix_assignments_organisation", "assignments", ["organisation_id", "assigned_at", "id"]
    )
    op.create_index("ix_assignments_case", "assignments", ["case_id", "assigned_at", "id"])
    for column in HELD_IN:
        allow("assignments", column, [*BEFORE, "days_over"])


def downgrade() -> None:
    op.execute(
        "UPDATE assignments SET end_reason = 'no_longer_needed' WHERE end_reason = 'days_over'"
    )
    for column in HELD_IN:
        allow("assignments", column, BEFORE)
    op.drop_index("ix_assignments_case", "assignments")
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index("ix_assignments_organisation", "assignments", ["organisation_id", "id"])
