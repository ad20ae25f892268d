"""The first needs name the message by which they were asked for as it is called."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE needs SET asked_by = 'message:verification.verification_concluded.v1'"
        " WHERE asked_by = 'message:verification.concluded.v1'"
    )


def downgrade() -> None:
    """The right name was always right."""
