"""Who answers for a programme and whom it takes; what a person needs of whoever serves them.

``assured_at`` keeps what was told before: without ``assured_by`` it counts for nothing.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CODES = sa.ARRAY(sa.String(length=40))
SEXES = "'female', 'male', 'other'"
CHECKS = (
    ("programmes", "assured_by", "assured_by IN ('administrator', 'organisation')"),
    ("programmes", "client_sexes", f"client_sexes <@ ARRAY[{SEXES}]::varchar[]"),
    ("programmes", "staff_sexes", f"staff_sexes <@ ARRAY[{SEXES}]::varchar[]"),
    ("case_files", "asked_staff_sex", f"asked_staff_sex IN ({SEXES})"),
)


def _new() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "programmes": (
            sa.Column(
                "has_interpreter", sa.Boolean(), server_default=sa.text("false"), nullable=False
            ),
            sa.Column(
                "client_sexes",
                CODES,
                server_default=sa.text("'{female,male,other}'"),
                nullable=False,
            ),
            sa.Column(
                "serves_children", sa.Boolean(), server_default=sa.text("false"), nullable=False
            ),
            sa.Column("staff_sexes", CODES, server_default=sa.text("'{}'"), nullable=False),
            sa.Column("assured_by", sa.String(length=40), nullable=True),
        ),
        "case_files": (
            sa.Column(
                "needs_interpreter", sa.Boolean(), server_default=sa.text("false"), nullable=False
            ),
            sa.Column("asked_staff_sex", sa.String(length=40), nullable=True),
        ),
    }


def upgrade() -> None:
    for table, columns in _new().items():
        for column in columns:
            op.add_column(table, column)
    op.alter_column("programmes", "assured_at", nullable=True)
    op.execute("UPDATE programmes SET staff_sexes = ARRAY[staff_sex] WHERE staff_sex IS NOT NULL")
    for table, name, check in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)


def downgrade() -> None:
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.execute("UPDATE programmes SET assured_at = '-infinity' WHERE assured_at IS NULL")
    op.alter_column("programmes", "assured_at", nullable=False)
    for table, columns in _new().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
