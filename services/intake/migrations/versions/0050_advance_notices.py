"""Handovers that are announced, who is expected, and who is kept apart."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "advance_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("announcer_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("unit_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "route IN ('BILATERAL_HANDOVER', 'MISSION_ABROAD', 'RESCUED', 'SELF_REPORT',"
            " 'SELF_REPORT_BORDER')",
            name=op.f("ck_advance_notices_route"),
        ),
        sa.CheckConstraint(
            "cancel_reason IN ('announced_twice', 'called_off', 'given_in_error',"
            " 'to_another_place')",
            name=op.f("ck_advance_notices_cancel_reason"),
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name=op.f("ck_advance_notices_says_why"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_advance_notices_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_notices")),
    )
    op.create_index("ix_advance_notices_announcer", "advance_notices", ["announcer_id", "id"])
    _expected_people()
    _kept_apart()


def _expected_people() -> None:
    op.create_table(
        "expected_people",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("age_band", sa.String(40), nullable=False),
        sa.Column("sex", sa.String(40), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("needs_interpreter", sa.Boolean(), nullable=False),
        sa.Column("needs_escort", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "age_band IN ('adult', 'under_16', 'under_18')",
            name=op.f("ck_expected_people_age_band"),
        ),
        sa.CheckConstraint(
            "sex IN ('female', 'male', 'other')", name=op.f("ck_expected_people_sex")
        ),
        sa.CheckConstraint(
            "status IN ('absent', 'expected', 'received')", name=op.f("ck_expected_people_status")
        ),
        sa.CheckConstraint(
            "reason IN ('counted_wrongly', 'not_handed_over', 'person_declined',"
            " 'taken_elsewhere')",
            name=op.f("ck_expected_people_reason"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_expected_people_number")),
        sa.CheckConstraint(
            "(status = 'received') = (case_id IS NOT NULL)",
            name=op.f("ck_expected_people_received"),
        ),
        sa.CheckConstraint(
            "(status = 'absent') = (reason IS NOT NULL)", name=op.f("ck_expected_people_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["advance_notices.id"],
            name=op.f("fk_expected_people_notice_id_advance_notices"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_expected_people_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_expected_people")),
    )
    op.create_index(
        "uq_expected_people_case",
        "expected_people",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index(
        "ix_expected_people_expected",
        "expected_people",
        ["notice_id"],
        postgresql_where=sa.text("status = 'expected'"),
    )


def _kept_apart() -> None:
    op.create_table(
        "kept_apart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("first_number", sa.Integer(), nullable=True),
        sa.Column("second_number", sa.Integer(), nullable=True),
        sa.Column("first_case_id", sa.Uuid(), nullable=True),
        sa.Column("second_case_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("master_version", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('fear_is_over', 'no_longer_near', 'told_in_error')",
            name=op.f("ck_kept_apart_end_reason"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (details IS NOT NULL)",
            name=op.f("ck_kept_apart_kept_while_it_holds"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (wrapped_key IS NOT NULL)",
            name=op.f("ck_kept_apart_wrapped_key"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (master_version IS NOT NULL)",
            name=op.f("ck_kept_apart_master_version"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_kept_apart_says_why")
        ),
        sa.CheckConstraint(
            "(notice_id IS NULL) = (first_number IS NULL)"
            " AND (notice_id IS NULL) = (second_number IS NULL) AND first_number < second_number",
            name=op.f("ck_kept_apart_numbers"),
        ),
        sa.CheckConstraint(
            "(first_case_id IS NULL) = (second_case_id IS NULL) AND first_case_id <> second_case_id"
            " AND (notice_id IS NOT NULL OR first_case_id IS NOT NULL)",
            name=op.f("ck_kept_apart_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["advance_notices.id"],
            name=op.f("fk_kept_apart_notice_id_advance_notices"),
        ),
        sa.ForeignKeyConstraint(
            ["first_case_id"], ["cases.id"], name=op.f("fk_kept_apart_first_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["second_case_id"], ["cases.id"], name=op.f("fk_kept_apart_second_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_apart")),
    )
    op.create_index(
        "uq_kept_apart_numbers",
        "kept_apart",
        ["notice_id", "first_number", "second_number"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND notice_id IS NOT NULL"),
    )
    op.create_index("ix_kept_apart_first", "kept_apart", ["first_case_id"])
    op.create_index("ix_kept_apart_second", "kept_apart", ["second_case_id"])


def downgrade() -> None:
    op.drop_table("kept_apart")
    op.drop_table("expected_people")
    op.drop_table("advance_notices")
