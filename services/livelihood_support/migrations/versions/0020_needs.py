"""What a person asked for is a need of its own, each time it is asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CODES = (
    "EDUCATION", "ESSENTIAL", "HARDSHIP", "INTERPRETATION", "LEGAL_AID", "LEGAL_SUPPORT",
    "LOAN", "MEDICAL", "PSYCHOLOGICAL", "TRAVEL", "VOCATIONAL",
)  # fmt: skip
REASONS = (
    "capacity", "consent_withdrawn", "distance", "eligibility", "no_answer", "no_programme",
    "other", "person_declined", "safety", "timing", "undelivered",
)  # fmt: skip
SETTLED = "('completed', 'failed', 'cancelled', 'entered_in_error')"


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_needs_{column}"))


def upgrade() -> None:
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _one_of("code", CODES),
        _one_of("reason", REASONS),
        sa.CheckConstraint(
            "reason IS NULL OR ended_at IS NOT NULL", name=op.f("ck_needs_reason_ended")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_files.case_id"], name=op.f("fk_needs_case_id_case_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
    )
    op.create_index("ix_needs_case", "needs", ["case_id", "id"], unique=False)
    op.create_index(
        "uq_needs_open",
        "needs",
        ["case_id", "code"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("referrals", sa.Column("need_id", sa.Uuid(), nullable=True))
    # Each referral was made for something asked for; under the referral's own id it stays the same
    # should this be done again to a restored database.
    op.execute(
        f"""
        INSERT INTO needs (id, case_id, code, asked_by, asked_at, ended_at, reason, version)
        SELECT id, case_id, code, 'message:verification.concluded.v1', opened_at,
               CASE WHEN status IN {SETTLED} THEN moved_at END,
               CASE WHEN status IN {SETTLED} THEN
                   (SELECT reason FROM referral_moves AS moves
                     WHERE moves.referral_id = referrals.id AND moves.version = referrals.version
                       AND from_status IS DISTINCT FROM to_status) END,
               CASE WHEN status IN {SETTLED} THEN 2 ELSE 1 END
          FROM referrals
        """  # noqa: S608 - made of our own words only
    )
    op.execute("UPDATE referrals SET need_id = id")
    op.create_unique_constraint(op.f("uq_referrals_need_id"), "referrals", ["need_id"])
    op.create_foreign_key(
        op.f("fk_referrals_need_id_needs"), "referrals", "needs", ["need_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_referrals_need_id_needs"), "referrals")
    op.drop_constraint(op.f("uq_referrals_need_id"), "referrals")
    op.drop_column("referrals", "need_id")
    op.drop_table("needs")
