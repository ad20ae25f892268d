"""Stays in a facility, their moves, and who takes people in where."""

import sqlalchemy as sa
from alembic import op

from shared.kit.columns import listed

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ROLES, STAYS, MOVES = "facility_roles", "stays", "stay_moves"
STATUSES = ("announced", "cancelled", "declined", "entered_in_error", "left", "staying")
KINDS = (
    "announce", "arrive", "cancel", "decline", "entered_in_error", "extend", "leave", "provide",
)  # fmt: skip
NEEDS = ("counselling", "emergency_care", "health_check", "lodging", "meals", "treatment")
KIT = (
    "hygiene_items", "medical_items", "outer_clothes", "sanitary_pads", "school_items", "slippers",
    "soap", "toothbrush", "towel", "underwear",
)  # fmt: skip
DESTINATIONS = (
    "family", "hospital", "not_said", "other_facility", "own_country", "own_lodging",
    "social_assistance",
)  # fmt: skip
REASONS = (
    "did_not_come", "no_place", "not_arrived", "not_equipped", "person_declined",
    "placed_elsewhere", "recorded_twice", "wrong_person",
)  # fmt: skip


def one_of(table: str, column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    name = op.f(f"ck_{table}_{column}")
    return sa.CheckConstraint(f"{column} IN ({listed(codes)})", name=name)


def all_of(table: str, column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    within = f"{column} <@ ARRAY[{listed(codes)}]::varchar[]"
    return sa.CheckConstraint(within, name=op.f(f"ck_{table}_{column}"))


def said() -> list[sa.Column[object]]:
    """What a stay and each of its moves say alike."""
    return [
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("needs", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("kit", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("extended_until", sa.Date(), nullable=True),
        sa.Column("paper_number", sa.String(60), nullable=True),
        sa.Column("paper_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_to", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def codes(table: str) -> list[sa.CheckConstraint]:
    return [
        one_of(table, "left_to", DESTINATIONS),
        one_of(table, "reason", REASONS),
        all_of(table, "needs", NEEDS),
        all_of(table, "kit", KIT),
    ]


def upgrade() -> None:
    _roles()
    _stays()
    _moves()


def _roles() -> None:
    op.create_table(
        ROLES,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_facility_roles_organisation_id_organisations",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name="pk_facility_roles"
        ),
    )


def _stays() -> None:
    op.create_table(
        STAYS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("announcer_id", sa.Uuid(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        *said(),
        one_of(STAYS, "status", STATUSES),
        *codes(STAYS),
        sa.CheckConstraint(
            "(status IN ('staying', 'left', 'entered_in_error')) = (arrived_on IS NOT NULL)",
            name=op.f("ck_stays_arrived"),
        ),
        sa.CheckConstraint(
            "(status = 'left') = (left_on IS NOT NULL)"
            " AND (left_on IS NULL) = (left_to IS NULL) AND left_on >= arrived_on",
            name=op.f("ck_stays_left"),
        ),
        sa.CheckConstraint(
            "(status IN ('declined', 'cancelled', 'entered_in_error')) = (reason IS NOT NULL)",
            name=op.f("ck_stays_says_why"),
        ),
        sa.CheckConstraint(
            "(extended_until IS NULL) = (paper_number IS NULL)"
            " AND (paper_number IS NULL) = (paper_on IS NULL)",
            name=op.f("ck_stays_written"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name="fk_stays_case_id_case_files"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stays"),
    )
    op.create_index("ix_stays_case", STAYS, ["case_id", "id"])
    op.create_index("ix_stays_facility", STAYS, ["facility_id", "id"])
    op.create_index(
        "uq_stays_open",
        STAYS,
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('announced', 'staying')"),
    )


def _moves() -> None:
    op.create_table(
        MOVES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stay_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("move", sa.String(40), nullable=False),
        sa.Column("from_status", sa.String(40), nullable=True),
        sa.Column("to_status", sa.String(40), nullable=False),
        *said(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        one_of(MOVES, "move", KINDS),
        one_of(MOVES, "from_status", STATUSES),
        one_of(MOVES, "to_status", STATUSES),
        *codes(MOVES),
        sa.ForeignKeyConstraint(["stay_id"], ["stays.id"], name="fk_stay_moves_stay_id_stays"),
        sa.PrimaryKeyConstraint("id", name="pk_stay_moves"),
    )
    op.create_index("uq_stay_moves_version", MOVES, ["stay_id", "version"], unique=True)


def downgrade() -> None:
    for table in (MOVES, STAYS, ROLES):
        op.drop_table(table)
