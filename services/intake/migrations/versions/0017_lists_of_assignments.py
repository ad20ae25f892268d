"""Assignments are listed by when they were made, and end by themselves when they are over."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = (
    "'care_needed', 'escort_needed', 'moved_elsewhere', 'no_longer_needed', "
    "'person_declined', 'shelter_needed', 'threat'"
)
SINCE = (
    "'care_needed', 'days_over', 'escort_needed', 'moved_elsewhere', 'no_longer_needed', "
    "'person_declined', 'shelter_needed', 'threat'"
)


def upgrade() -> None:
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index(
        "ix_assignments_organisation", "assignments", ["organisation_id", "assigned_at", "id"]
    )
    op.create_index("ix_assignments_case", "assignments", ["case_id", "assigned_at", "id"])
    _check(SINCE)


def downgrade() -> None:
    op.execute(
        "UPDATE assignments SET end_reason = 'no_longer_needed' WHERE end_reason = 'days_over'"
    )
    _check(BEFORE)
    op.drop_index("ix_assignments_case", "assignments")
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index("ix_assignments_organisation", "assignments", ["organisation_id", "id"])


def _check(reasons: str) -> None:
    for column in ("reason", "end_reason"):
        name = op.f(f"ck_assignments_{column}")
        op.drop_constraint(name, "assignments")
        op.create_check_constraint(name, "assignments", f"{column} IN ({reasons})")
