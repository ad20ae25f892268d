"""Who answers for a programme, and whom it takes.

The release before goes on writing ``staff_sex`` and ``assured_at``; what it assured without saying
who confirmed it is taken back, and told, when the installation is prepared.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = sa.ARRAY(sa.String(length=40))
ANY = "'{female,male,other}'"
SEXES = "ARRAY['female', 'male', 'other']::varchar[]"
CHECKS = {
    "assured_by": "assured_by IN ('administrator', 'organisation')",
    "assured": "assured_by IS NULL OR assured_at IS NOT NULL",
    "assured_named": "assured_by IS DISTINCT FROM 'administrator'"
    " OR (assured_post, assured_on, assured_reference) IS NOT NULL",
    "client_sexes": f"client_sexes <@ {SEXES} AND cardinality(client_sexes) > 0",
    "staff_sexes": f"staff_sexes <@ {SEXES}",
}


def _new() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("has_interpreter", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("client_sexes", TEXTS, server_default=sa.text(ANY), nullable=False),
        sa.Column("serves_children", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("staff_sexes", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("assured_by", sa.String(length=20), nullable=True),
        sa.Column("assured_post", sa.String(length=200), nullable=True),
        sa.Column("assured_on", sa.Date(), nullable=True),
        sa.Column("assured_reference", sa.String(length=200), nullable=True),
    )


def upgrade() -> None:
    for column in _new():
        op.add_column("programmes", column)
    op.alter_column("programmes", "assured_at", nullable=True)
    op.execute("UPDATE programmes SET staff_sexes = ARRAY[staff_sex] WHERE staff_sex IS NOT NULL")
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_programmes_{name}"), "programmes", check)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_programmes_{name}"), "programmes")
    op.execute("UPDATE programmes SET assured_at = '-infinity' WHERE assured_at IS NULL")
    op.alter_column("programmes", "assured_at", nullable=False)
    for column in reversed(_new()):
        op.drop_column("programmes", column.name)
