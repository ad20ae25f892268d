"""For which mailbox a personal mail was handed over: its id, and never its address."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("personal_mails", sa.Column("mailbox_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("personal_mails", "mailbox_id")
