"""From when somebody who is named in cases acts in none any more, so that another is named."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BEFORE = (
    "conflict_of_interest", "first_assignment", "given_by_mistake", "no_longer_needed",
    "other_body_competent", "person_asked", "person_moved", "units_reorganised", "workload",
)  # fmt: skip


def upgrade() -> None:
    allow("hand_overs", "reason", [*BEFORE, "officer_left"])
    op.create_table(
        "officer_ends",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("officer_id", name="pk_officer_ends"),
    )
    # Whoever had left by then is in neither table, until the directory tells of them again.
    op.execute(
        """
        INSERT INTO officer_ends (officer_id, gone_at)
        SELECT officer_id,
               CASE WHEN count(valid_to) = count(*)
                    THEN max(valid_to)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' END
          FROM officers GROUP BY officer_id
        """
    )
    op.create_index(
        "ix_cases_officer",
        "cases",
        ["officer_id", "id"],
        postgresql_where=sa.text("officer_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_officer", "cases")
    op.drop_table("officer_ends")
    # Hand-overs are not changed, but this release had no word for these.
    op.execute("UPDATE hand_overs SET reason = 'workload' WHERE reason = 'officer_left'")
    allow("hand_overs", "reason", BEFORE)
