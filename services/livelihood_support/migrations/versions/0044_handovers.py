"""Handovers that were announced, and the places that a facility holds for who comes."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("announcer_id", sa.Uuid(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("area_code", sa.String(10), nullable=False),
        sa.Column("area_on", sa.Date(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escorts", sa.Integer(), nullable=True),
        sa.Column("answered_by", sa.String(200), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("escorts >= 0", name=op.f("ck_handovers_escorts")),
        sa.CheckConstraint(
            "(escorts IS NULL) = (answered_by IS NULL) AND (escorts IS NULL) ="
            " (answered_at IS NULL) AND (escorts IS NULL OR facility_id IS NOT NULL)",
            name=op.f("ck_handovers_answered"),
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_facility", "handovers", ["facility_id", "notice_id"])
    op.create_table(
        "held_places",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("age_band", sa.String(40), nullable=False),
        sa.Column("sex", sa.String(40), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("needs_interpreter", sa.Boolean(), nullable=False),
        sa.Column("needs_escort", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "age_band IN ('adult', 'under_16', 'under_18')", name=op.f("ck_held_places_age_band")
        ),
        sa.CheckConstraint("sex IN ('female', 'male', 'other')", name=op.f("ck_held_places_sex")),
        sa.CheckConstraint(
            "status IN ('held', 'released', 'taken')", name=op.f("ck_held_places_status")
        ),
        sa.CheckConstraint(
            "(status = 'taken') = (case_id IS NOT NULL)", name=op.f("ck_held_places_taken")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["handovers.notice_id"],
            name=op.f("fk_held_places_notice_id_handovers"),
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_held_places")),
    )
    op.create_index(
        "ix_held_places_held",
        "held_places",
        ["notice_id"],
        postgresql_where=sa.text("status = 'held'"),
    )


def downgrade() -> None:
    op.drop_table("held_places")
    op.drop_table("handovers")
