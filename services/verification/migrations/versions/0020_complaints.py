"""A negative decision is complained of: received, kept, or opened again."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOVES = ("assign", "conclude", "extend", "open", "pause", "reopen", "resume", "start")
REASONS = (
    "act_not_established",
    "complaint_upheld",
    "complex_case",
    "domestic_answer_awaited",
    "evidence_insufficient",
    "foreign_answer_awaited",
    "interpreter_awaited",
    "means_not_established",
    "new_evidence",
    "person_unavailable",
    "person_withdrew",
    "purpose_not_established",
    "recorded_twice",
)
ADDED = (
    "complained_by_representative",
    "complained_in_person",
    "complained_in_writing",
    "complaint_late",
    "complaint_withdrawn",
    "grounds_hold",
    "nothing_new",
)


def upgrade() -> None:
    allow("verification_moves", "move", [*MOVES, "complain", "keep"])
    for table in ("verifications", "verification_moves"):
        allow(table, "reason", [*REASONS, *ADDED])
    op.add_column("verifications", sa.Column("complaint_status", sa.String(40)))
    op.add_column("verifications", sa.Column("complained_on", sa.Date()))
    op.add_column("verifications", sa.Column("is_complaint_late", sa.Boolean()))
    op.add_column("verifications", sa.Column("answer_due_on", sa.Date()))
    op.add_column("verification_moves", sa.Column("received_on", sa.Date()))
    op.add_column("verification_moves", sa.Column("is_late", sa.Boolean()))
    op.create_check_constraint(
        op.f("ck_verifications_complaint_status"),
        "verifications",
        "complaint_status IN ('kept', 'received')",
    )
    op.create_check_constraint(
        op.f("ck_verifications_complained"),
        "verifications",
        "(complaint_status IS NULL OR outcome IS NOT DISTINCT FROM 'not_identified')"
        " AND (complaint_status IS NULL) = (complained_on IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_verifications_complained"), "verifications")
    op.drop_constraint(op.f("ck_verifications_complaint_status"), "verifications")
    for column in ("is_late", "received_on"):
        op.drop_column("verification_moves", column)
    for column in ("answer_due_on", "is_complaint_late", "complained_on", "complaint_status"):
        op.drop_column("verifications", column)
    for table in ("verifications", "verification_moves"):
        allow(table, "reason", REASONS)
    allow("verification_moves", "move", MOVES)
