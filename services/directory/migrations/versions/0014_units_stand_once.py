"""Units are facts of the package: nobody keeps a copy of them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("unit_successions")
    op.drop_table("units")


def downgrade() -> None:
    """The release before fills them when it is started."""
    op.create_table(
        "unit_successions",
        sa.Column("old_code", sa.String(length=10), nullable=False),
        sa.Column("new_code", sa.String(length=10), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(
            "old_code", "new_code", "changed_on", name=op.f("pk_unit_successions")
        ),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_code", sa.String(length=10), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "kind IN ('commune', 'district', 'province', 'special_zone', 'ward')",
            name=op.f("ck_units_kind"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_units_interval")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_units")),
    )
    op.create_index(op.f("ix_units_parent_code"), "units", ["parent_code"], unique=False)
