"""Assignments are listed by when they were made: their ids tell no order any more."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index(
        "ix_assignments_organisation", "assignments", ["organisation_id", "assigned_at", "id"]
    )
    op.create_index("ix_assignments_case", "assignments", ["case_id", "assigned_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_assignments_case", "assignments")
    op.drop_index("ix_assignments_organisation", "assignments")
    op.create_index("ix_assignments_organisation", "assignments", ["organisation_id", "id"])
