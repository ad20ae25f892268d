"""The time to answer an offer, and to confirm a purge, runs on a clock, with what runs by now."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# What had a day of its own, or waits for one, and what has ended with its day, which is still
# shown. It goes by the row that was published last of those that hold on its first day; what runs
# is looked at by the sweep at once, which says when it is warned of.
CARRY_OVER = """
    WITH had AS (
        SELECT offers.*, least(delivered_at, seen_at) AS reached_at FROM offers
    ), timed AS (
        SELECT id AS clock_id, id AS object_id, referral_id, 'referral.answer' AS key,
               'referral.delivered' AS fact, reached_at AS started_at, expires_at AS due_at,
               CASE WHEN status <> 'offered' THEN coalesce(accepted_at, ended_at) END AS ended_at
          FROM had
         WHERE reached_at IS NOT NULL AND (status = 'offered' OR expires_at IS NOT NULL)
        UNION ALL
        SELECT gen_random_uuid(), id, referral_id, 'purge.confirmation', 'purge.asked',
               purge_asked_at, purge_due_at, purge_confirmed_at
          FROM had WHERE purge_asked_at IS NOT NULL
    )
    INSERT INTO clocks (id, subject, object_id, case_id, area_code, area_on, key, row_from, row_id,
                        fact, fact_id, started_at, pauses, due_at, next_at, ended_at)
    SELECT clock_id, 'offer', object_id, case_files.case_id, case_files.area_code,
           coalesce(case_files.area_told_on,
                    CAST(timezone('Asia/Ho_Chi_Minh', case_files.received_at) AS date)),
           timed.key, published.valid_from, published.id, fact, clock_id, started_at, '[]', due_at,
           CASE WHEN ended_at IS NULL AND due_at IS NOT NULL THEN least(due_at, now()) END, ended_at
      FROM timed
      JOIN referrals ON referrals.id = timed.referral_id
      JOIN case_files ON case_files.case_id = referrals.case_id
      LEFT JOIN LATERAL (
           SELECT id, valid_from FROM law_rows
            WHERE law_rows.key = timed.key AND regime IS NULL
              AND valid_from <= CAST(timezone('Asia/Ho_Chi_Minh', started_at) AS date)
            ORDER BY ordinal DESC LIMIT 1) AS published ON true
"""

TAKE_BACK = """
    UPDATE offers SET expires_at = clocks.due_at FROM clocks
     WHERE clocks.object_id = offers.id AND fact = 'referral.delivered'
       AND started_at = least(delivered_at, seen_at);
    UPDATE offers SET purge_due_at = clocks.due_at FROM clocks
     WHERE clocks.object_id = offers.id AND fact = 'purge.asked' AND started_at = purge_asked_at;
    DELETE FROM clocks WHERE fact IN ('referral.delivered', 'purge.asked')
"""


def upgrade() -> None:
    op.execute(CARRY_OVER)
    op.drop_index("ix_offers_due", table_name="offers")
    op.drop_index("ix_offers_purge_due", table_name="offers")
    op.drop_column("offers", "expires_at")
    op.drop_column("offers", "purge_due_at")
    op.create_index(
        "ix_offers_offered", "offers", ["id"], postgresql_where=sa.text("status = 'offered'")
    )
    op.create_index(
        "ix_offers_purge_owed",
        "offers",
        ["id"],
        postgresql_where=sa.text("purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_offers_purge_owed", table_name="offers")
    op.drop_index("ix_offers_offered", table_name="offers")
    op.add_column("offers", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offers", sa.Column("purge_due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(TAKE_BACK)
    op.create_index(
        "ix_offers_due",
        "offers",
        ["expires_at"],
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(
        "ix_offers_purge_due",
        "offers",
        ["purge_due_at"],
        postgresql_where=sa.text("purge_due_at IS NOT NULL AND purge_confirmed_at IS NULL"),
    )
