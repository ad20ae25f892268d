"""A negative decision is complained of: received, kept, or opened again."""

import sqlalchemy as sa
from alembic import op

from shared.kit.migrations import allow

revision = "0021"
down_revision = "0020"
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

# The window of the decisions that stand. The sweep looks at each at once, counts its end by the row
# and by the calendar, and ends those that are over; the day written here is only the first guess.
OPEN_WINDOWS = """
    WITH decided AS (
        SELECT v.*, made.id AS fact_id,
               timezone('Asia/Ho_Chi_Minh', CAST(CAST(timezone('Asia/Ho_Chi_Minh',
                   v.concluded_at) AS date) + 91 AS timestamp)) AS due_at
          FROM verifications AS v
          JOIN LATERAL (
               SELECT id FROM verification_moves
                WHERE verification_id = v.id AND move = 'conclude'
                ORDER BY version DESC LIMIT 1) AS made ON true
         WHERE v.outcome = 'not_identified'
    )
    INSERT INTO clocks (id, subject, object_id, case_id, area_code, area_on, key, fact, fact_id,
                        started_at, pauses, due_at, next_at)
    SELECT gen_random_uuid(), 'verification', id, case_id, area_code, area_told_on,
           'complaint.window', 'verification.concluded', fact_id, concluded_at, '[]', due_at,
           least(due_at, now())
      FROM decided
"""


def upgrade() -> None:
    allow("verification_moves", "move", [*MOVES, "complain", "keep"])
    for table in ("verifications", "verification_moves"):
        allow(table, "reason", [*REASONS, *ADDED])
    op.add_column("verifications", sa.Column("complaint_status", sa.String(40)))
    op.add_column("verifications", sa.Column("complained_on", sa.Date()))
    op.add_column("verifications", sa.Column("is_complaint_late", sa.Boolean()))
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
    op.create_index(
        "ix_verifications_complained",
        "verifications",
        ["id"],
        postgresql_where=sa.text("complaint_status = 'received'"),
    )
    op.execute(OPEN_WINDOWS)


def downgrade() -> None:
    op.execute("DELETE FROM clocks WHERE fact IN ('verification.concluded', 'complaint.received')")
    op.drop_index("ix_verifications_complained", "verifications")
    op.drop_constraint(op.f("ck_verifications_complained"), "verifications")
    op.drop_constraint(op.f("ck_verifications_complaint_status"), "verifications")
    for column in ("is_late", "received_on"):
        op.drop_column("verification_moves", column)
    for column in ("is_complaint_late", "complained_on", "complaint_status"):
        op.drop_column("verifications", column)
    for table in ("verifications", "verification_moves"):
        allow(table, "reason", REASONS)
    allow("verification_moves", "move", MOVES)
