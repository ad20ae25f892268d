"""Protection is asked for, decided, reviewed and ended; it is known who protects where."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MEASURES = "'guarding', 'preventing_threats', 'procedural', 'safe_refuge', 'secrecy'"
STATUSES = "'declined', 'ended', 'granted', 'refused', 'requested'"
MOVES = "'assign', 'decline', 'end', 'grant', 'refuse', 'request', 'review'"
REASONS = (
    "'danger_not_established', 'danger_over', 'not_covered', 'person_asked', 'person_moved',"
    " 'protected_otherwise', 'requested_twice'"
)
CODES = postgresql.ARRAY(sa.String(40))


def _check(table: str, name: str, says: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}"))


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "protector_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_protector_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name=op.f("pk_protector_roles")
        ),
    )
    _protections()
    _moves()


def _protections() -> None:
    table = "protections"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.String(40), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        _moment("requested_at", nullable=False),
        sa.Column("asked", CODES, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("measures", CODES, nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("paper_number", sa.String(60), nullable=True),
        sa.Column("paper_on", sa.Date(), nullable=True),
        sa.Column("protector_id", sa.Uuid(), nullable=True),
        _moment("look_again_at"),
        _moment("decided_at"),
        sa.Column("review_on", sa.Date(), nullable=True),
        _moment("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _check(table, "for_whom", "for_whom IN ('person')"),
        _check(table, "status", f"status IN ({STATUSES})"),
        _check(table, "reason", f"reason IN ({REASONS})"),
        _check(table, "asked", f"asked <@ ARRAY[{MEASURES}]::varchar[]"),
        _check(table, "measures", f"measures <@ ARRAY[{MEASURES}]::varchar[]"),
        _check(table, "asks_for_something", "cardinality(asked) > 0"),
        _check(table, "decided", "(status = 'requested') = (decided_at IS NULL)"),
        _check(
            table,
            "granted",
            "status NOT IN ('granted', 'ended') OR cardinality(measures) > 0",
        ),
        _check(table, "reviewed", "(status = 'granted') = (review_on IS NOT NULL)"),
        _check(table, "ended", "(status = 'ended') = (ended_at IS NOT NULL)"),
        _check(table, "says_why", "(status IN ('refused', 'ended')) = (reason IS NOT NULL)"),
        _check(
            table,
            "written",
            "status NOT IN ('refused', 'declined') OR paper_number IS NOT NULL",
        ),
        _check(table, "paper", "(paper_number IS NULL) = (paper_on IS NULL)"),
        _check(table, "has_protector", "status = 'requested' OR protector_id IS NOT NULL"),
        _check(
            table,
            "waiting",
            "(status = 'requested' AND protector_id IS NULL) = (look_again_at IS NOT NULL)",
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name=op.f("fk_protections_verification_id_verifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protections")),
    )
    awaited, waiting = sa.text("status = 'requested'"), sa.text("look_again_at IS NOT NULL")
    is_open = sa.text("status IN ('requested', 'granted')")
    op.create_index(
        "uq_protections_awaited",
        table,
        ["verification_id", "for_whom"],
        unique=True,
        postgresql_where=awaited,
    )
    op.create_index(
        "ix_protections_waiting", table, ["look_again_at", "id"], postgresql_where=waiting
    )
    op.create_index("ix_protections_inbox", table, ["protector_id", "id"])
    op.create_index("ix_protections_case", table, ["verification_id", "id"])
    op.create_index("ix_protections_requester", table, ["requester_id", "id"])
    op.create_index("ix_protections_open", table, ["id"], postgresql_where=is_open)


def _moves() -> None:
    table = "protection_moves"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protection_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("move", sa.String(40), nullable=False),
        sa.Column("from_status", sa.String(40), nullable=True),
        sa.Column("to_status", sa.String(40), nullable=False),
        sa.Column("protector_id", sa.Uuid(), nullable=True),
        sa.Column("measures", CODES, nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("paper_number", sa.String(60), nullable=True),
        sa.Column("paper_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        _moment("at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _check(table, "move", f"move IN ({MOVES})"),
        _check(table, "from_status", f"from_status IN ({STATUSES})"),
        _check(table, "to_status", f"to_status IN ({STATUSES})"),
        _check(table, "reason", f"reason IN ({REASONS})"),
        _check(table, "measures", f"measures <@ ARRAY[{MEASURES}]::varchar[]"),
        sa.ForeignKeyConstraint(
            ["protection_id"],
            ["protections.id"],
            name=op.f("fk_protection_moves_protection_id_protections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protection_moves")),
    )
    op.create_index("uq_protection_moves_version", table, ["protection_id", "version"], unique=True)


def downgrade() -> None:
    op.drop_table("protection_moves")
    op.drop_table("protections")
    op.drop_table("protector_roles")
    op.execute("DELETE FROM clocks WHERE subject = 'protection'")
