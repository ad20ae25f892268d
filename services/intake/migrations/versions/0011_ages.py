"""A case knows when its age band ends, and whether the person was a minor at the act."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("was_minor_at_act", sa.Boolean(), nullable=True))
    op.add_column("cases", sa.Column("band_ends_on", sa.Date(), nullable=True))
    # Whoever is a minor was one then. When a band ends is sealed with the birth date: until it is
    # corrected, or confirmed by a correction to the same, the band of an older case stays.
    op.execute("UPDATE cases SET was_minor_at_act = true WHERE age_band <> 'adult'")
    op.create_check_constraint(
        op.f("ck_cases_band_ends"), "cases", "(age_band <> 'adult') OR band_ends_on IS NULL"
    )
    op.create_index(
        "ix_cases_band",
        "cases",
        ["band_ends_on"],
        postgresql_where=sa.text("band_ends_on IS NOT NULL"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('age_determined', 'paper_shown', 'person_said', 'recorded_wrongly')",
            name=op.f("ck_corrections_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_corrections_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_corrections_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_corrections_case_id_version")),
    )
    op.create_index("ix_corrections_person", "corrections", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("corrections")
    op.drop_index("ix_cases_band", table_name="cases")
    op.drop_constraint(op.f("ck_cases_band_ends"), "cases")
    op.drop_column("cases", "band_ends_on")
    op.drop_column("cases", "was_minor_at_act")
