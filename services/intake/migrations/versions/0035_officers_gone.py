"""From when somebody who is named in cases acts in none any more, so that another is named."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_ends",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("officer_id", name="pk_officer_ends"),
    )
    # Of whoever had left by then nothing is kept; the directory tells again what it tells anew.
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
