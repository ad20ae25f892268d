"""Whether the person was a minor when it was done to them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("was_minor_at_act", sa.Boolean(), nullable=True))
    # Whoever is a minor was one then; of the others it is not known.
    op.execute("UPDATE verifications SET was_minor_at_act = true WHERE age_band <> 'adult'")


def downgrade() -> None:
    op.drop_column("verifications", "was_minor_at_act")
