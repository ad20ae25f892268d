"""Where a person may be reached and by which rules, risk flags, and messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CONTACT_ENDS = ("replaced", "withdrawn")
REASONS = ("person_asked", "phone_watched", "sought", "threatened")
RISK_ENDS = ("moved_away", "person_says_safe", "raised_in_error")
TEXTS = ("appointment_moved", "appointment_stands", "call_known_number")
LANGUAGES = ("en", "vi")
REFUSALS = (
    "answered_already", "ended", "not_by_message", "outside_window", "risk_flag", "shared_device",
    "unconfirmed",
)  # fmt: skip
OUTCOMES = (
    "cancelled", "delivered", "expired", "not_sent", "sent", "undelivered", "unknown",
)  # fmt: skip
HOW = ("called", "could_not_be_reached", "met", "not_needed_any_more", "through_somebody_trusted")


def _one_of(table: str, column: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(200), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(40), nullable=True),
        _one_of("contact_points", "end_reason", CONTACT_ENDS),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_contact_points_ended")
        ),
        sa.CheckConstraint(
            "(confirmed_on IS NULL) = (confirmed_by IS NULL)",
            name=op.f("ck_contact_points_confirmed"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_contact_points_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_points"),
    )
    op.create_index("ix_contact_points_case", "contact_points", ["case_id", "id"])
    op.create_table(
        "risk_flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("lowered_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(40), nullable=True),
        _one_of("risk_flags", "reason", REASONS),
        _one_of("risk_flags", "end_reason", RISK_ENDS),
        sa.CheckConstraint(
            "(lowered_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_risk_flags_lowered")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_risk_flags_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_risk_flags"),
    )
    op.create_index(
        "uq_risk_flags_up",
        "risk_flags",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("lowered_at IS NULL"),
    )
    op.create_table(
        "person_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("says", sa.String(40), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("send_at", MOMENT, nullable=False),
        sa.Column("send_before", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("refusal", sa.String(40), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("concluded_at", MOMENT, nullable=True),
        sa.Column("reached_at", MOMENT, nullable=True),
        sa.Column("reached_how", sa.String(40), nullable=True),
        _one_of("person_messages", "says", TEXTS),
        _one_of("person_messages", "language", LANGUAGES),
        _one_of("person_messages", "refusal", REFUSALS),
        _one_of("person_messages", "outcome", OUTCOMES),
        _one_of("person_messages", "reached_how", HOW),
        sa.CheckConstraint(
            "(concluded_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_person_messages_concluded"),
        ),
        sa.CheckConstraint(
            "(reached_at IS NULL) = (reached_how IS NULL)", name=op.f("ck_person_messages_reached")
        ),
        sa.CheckConstraint("send_at < send_before", name=op.f("ck_person_messages_order")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_person_messages_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_points.id"],
            name="fk_person_messages_contact_point_id_contact_points",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person_messages"),
    )
    op.create_index("ix_person_messages_case", "person_messages", ["case_id", "id"])
    op.create_index(
        "ix_person_messages_open",
        "person_messages",
        ["case_id"],
        postgresql_where=sa.text("reached_at IS NULL AND outcome IS DISTINCT FROM 'delivered'"),
    )


def downgrade() -> None:
    for table in ("person_messages", "risk_flags", "contact_points"):
        op.drop_table(table)
