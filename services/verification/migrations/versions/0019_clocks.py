"""The period of a decision runs on a clock, and it is known which organisations have a manager."""

import sqlalchemy as sa
from alembic import op

from shared.clocks.steps import clocks

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What each verification had of its own: the day it was asked for, whether it was extended, the day
# it was due on; its pauses stood in its moves, each until the next move. What runs is looked at by
# the sweep at once, which says when it is warned of.
CARRY_OVER = """
    WITH moved AS (
        SELECT id, verification_id, move, at, reason, verifier_id, version,
               lead(at) OVER (PARTITION BY verification_id ORDER BY version) AS until
          FROM verification_moves
    ), asked AS (
        SELECT v.*, coalesce(began.id, v.id) AS fact_id,
               coalesce(began.at, timezone('Asia/Ho_Chi_Minh', CAST(v.requested_on AS timestamp)))
                   AS started_at,
               coalesce(began.version, 1) AS began_version
          FROM verifications AS v
          LEFT JOIN LATERAL (
               SELECT id, at, version FROM moved
                WHERE verification_id = v.id AND verifier_id IS NOT NULL
                ORDER BY (move = 'reopen') DESC,
                         CASE WHEN move = 'reopen' THEN -version ELSE version END
                LIMIT 1) AS began ON true
         WHERE v.requested_on IS NOT NULL
    ), timed AS (
        SELECT asked.*, timezone('Asia/Ho_Chi_Minh', CAST(due_on + 1 AS timestamp)) AS due_at,
               stopped.at AS paused_at, stopped.reason AS paused_for, longer.at AS extended_at
          FROM asked
          LEFT JOIN LATERAL (
               SELECT at, reason FROM moved
                WHERE verification_id = asked.id AND asked.status = 'paused' AND move = 'pause'
                ORDER BY version DESC LIMIT 1) AS stopped ON true
          LEFT JOIN LATERAL (
               SELECT at FROM moved
                WHERE verification_id = asked.id AND move = 'extend'
                ORDER BY version DESC LIMIT 1) AS longer ON true
    )
    INSERT INTO clocks (id, subject, object_id, case_id, area_code, area_on, key, regime, fact,
                        fact_id, started_at, extended_at, pauses, paused_at, paused_for, due_at,
                        next_at, ended_at)
    SELECT fact_id, 'verification', id, case_id, area_code, area_told_on,
           CASE WHEN is_extended THEN 'verification.extended_total' ELSE 'verification.normal' END,
           CASE WHEN received_at < timezone('Asia/Ho_Chi_Minh', timestamp '2025-07-01')
                THEN '2011' ELSE '2024' END,
           'verification.requested', fact_id, started_at,
           CASE WHEN is_extended THEN coalesce(extended_at, started_at) END,
           coalesce((SELECT jsonb_agg(jsonb_build_object('since', at, 'until', until,
                                                         'reason', reason) ORDER BY at)
                       FROM moved
                      WHERE verification_id = timed.id AND move = 'pause' AND until IS NOT NULL
                        AND version > began_version), '[]'),
           paused_at, paused_for, due_at,
           CASE WHEN status <> 'concluded' AND paused_at IS NULL AND due_at IS NOT NULL
                THEN least(due_at, now()) END,
           concluded_at
      FROM timed
"""

TAKE_BACK = """
    UPDATE verifications
       SET requested_on = CAST(timezone('Asia/Ho_Chi_Minh', clocks.started_at) AS date),
           is_extended = clocks.extended_at IS NOT NULL,
           due_on = CAST(timezone('Asia/Ho_Chi_Minh', clocks.due_at) AS date) - 1
      FROM (SELECT DISTINCT ON (object_id) * FROM clocks ORDER BY object_id, id DESC) AS clocks
     WHERE clocks.object_id = verifications.id
"""


def upgrade() -> None:
    clocks.step(1).upgrade()
    op.create_table(
        "manager_roles",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_manager_roles_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "area_code", "valid_from", name=op.f("pk_manager_roles")
        ),
    )
    op.add_column(
        "organisations",
        sa.Column("managers_told", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.alter_column("organisations", "managers_told", server_default=None)
    op.execute(CARRY_OVER)
    for each in ("requested_on", "is_extended", "due_on"):
        op.drop_column("verifications", each)


def downgrade() -> None:
    op.add_column("verifications", sa.Column("requested_on", sa.Date(), nullable=True))
    op.add_column(
        "verifications",
        sa.Column("is_extended", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.alter_column("verifications", "is_extended", server_default=None)
    op.add_column("verifications", sa.Column("due_on", sa.Date(), nullable=True))
    op.execute(TAKE_BACK)
    op.drop_column("organisations", "managers_told")
    op.drop_table("manager_roles")
    clocks.step(1).downgrade()
