"""An organisation asks about its offer before it answers, and the case owner replies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kit.columns import listed
from shared.kit.migrations import allow

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "offer_questions"
BEFORE = (
    "age_outside",
    "consent_withdrawn",
    "delivery_parked",
    "needs_information",
    "no_endpoint",
    "no_longer_granted",
    "no_longer_identified",
    "no_programme",
    "offer_unanswered",
    "offer_undelivered",
    "offer_unread",
    "purge_unconfirmed",
    "purge_undelivered",
    "service_failed",
    "window_closing",
)
QUESTIONS = (
    "accommodation",
    "call_us",
    "childcare",
    "health",
    "language",
    "papers",
    "schooling",
    "start_date",
    "timetable",
    "transport",
)
REPLIES = ("agreed_by_phone", "need_changed", "no", "not_known", "yes")
STATES = ("answered", "open", "overtaken")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"question IN ({listed(QUESTIONS)})", name=op.f("ck_offer_questions_question")
        ),
        sa.CheckConstraint(f"state IN ({listed(STATES)})", name=op.f("ck_offer_questions_state")),
        sa.CheckConstraint(f"reply IN ({listed(REPLIES)})", name=op.f("ck_offer_questions_reply")),
        sa.CheckConstraint(
            "(reply IS NOT NULL) = (state = 'answered')",
            name=op.f("ck_offer_questions_reply_answered"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state = 'open')", name=op.f("ck_offer_questions_ended")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_offer_questions_offer_id_offers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_questions")),
    )
    op.create_index(
        "uq_offer_questions_open",
        TABLE,
        ["offer_id", "question"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_offer_questions_offer", TABLE, ["offer_id", "asked_at"])
    op.add_column(
        "referral_moves",
        sa.Column("questions", postgresql.ARRAY(sa.String(length=40)), nullable=True),
    )
    op.add_column("referral_moves", sa.Column("reply", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_referral_moves_questions"),
        "referral_moves",
        f"questions <@ ARRAY[{listed(QUESTIONS)}]::varchar[]",
    )
    op.create_check_constraint(
        op.f("ck_referral_moves_reply"), "referral_moves", f"reply IN ({listed(REPLIES)})"
    )
    allow("alerts", "kind", [*BEFORE, "offer_question"])


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'offer_question'")
    allow("alerts", "kind", BEFORE)
    for constraint in ("ck_referral_moves_reply", "ck_referral_moves_questions"):
        op.drop_constraint(op.f(constraint), "referral_moves")
    op.drop_column("referral_moves", "reply")
    op.drop_column("referral_moves", "questions")
    op.drop_table(TABLE)
