"""A case can be handed to an organisation to answer for, and to an officer of it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

REASONS = (
    "conflict_of_interest", "first_assignment", "given_by_mistake", "no_longer_needed",
    "other_body_competent", "person_asked", "person_moved", "units_reorganised", "workload",
)  # fmt: skip
KINDS = ("assigned", "handed_over", "released")


def _one_of(column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_hand_overs_{column}"))


def upgrade() -> None:
    for column in ("responsible_id", "officer_id"):
        op.add_column("cases", sa.Column(column, sa.Uuid(), nullable=True))
    is_named = "officer_id IS NULL OR responsible_id IS NOT NULL"
    op.create_check_constraint(op.f("ck_cases_officer"), "cases", is_named)
    op.create_index(
        "ix_cases_responsible",
        "cases",
        ["responsible_id", "id"],
        postgresql_where=sa.text("responsible_id IS NOT NULL"),
    )
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("former_id", sa.Uuid(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_hand_overs_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_hand_overs_case_id_version")),
        sa.CheckConstraint(
            "(kind = 'released') = (responsible_id IS NULL)", name=op.f("ck_hand_overs_released")
        ),
        sa.CheckConstraint(is_named, name=op.f("ck_hand_overs_officer")),
        _one_of("kind", KINDS),
        _one_of("reason", REASONS),
    )


def downgrade() -> None:
    op.drop_table("hand_overs")
    op.drop_index("ix_cases_responsible", "cases")
    op.drop_constraint(op.f("ck_cases_officer"), "cases")
    for column in ("officer_id", "responsible_id"):
        op.drop_column("cases", column)
