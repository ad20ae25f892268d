"""First looks run on clocks, by rows of the law that administrators published."""

import sqlalchemy as sa
from alembic import op

from shared.clocks.steps import clocks
from shared.rulebook.steps import rulebook

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rulebook.step(1).upgrade()
    clocks.step(1).upgrade()
    clocks.step(2).upgrade()
    op.create_index(
        "ix_cases_unanswered",
        "cases",
        ["id"],
        postgresql_where=sa.text("status IN ('received', 'in_verification')"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_unanswered", table_name="cases")
    clocks.step(2).downgrade()
    clocks.step(1).downgrade()
    rulebook.step(1).downgrade()
