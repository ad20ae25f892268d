"""Cases that wait for another service to go on are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_cases_on_their_way",
        "cases",
        ["registered_at"],
        postgresql_where=sa.text("status IN ('received', 'identified')"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_on_their_way", "cases")
