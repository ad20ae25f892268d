"""What the law answered is kept once for all plans that were answered the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PLANS = ("plans", "plan_revisions")
CODES = (
    "'EDUCATION', 'ESSENTIAL', 'HARDSHIP', 'INTERPRETATION', 'LEGAL_AID', 'LEGAL_SUPPORT', 'LOAN',"
    " 'MEDICAL', 'PSYCHOLOGICAL', 'TRAVEL', 'VOCATIONAL'"
)

# By plan and revision: what was answered, and, apart from it, what was the case's own.
GIVEN = """
    CREATE TEMPORARY TABLE given ON COMMIT DROP AS
    SELECT plan_id, revision,
           jsonb_agg(jsonb_build_object(
               'code', code, 'decision', decision, 'facts', to_jsonb(entitlements.facts),
               'legal_ref', legal_ref, 'status', status, 'used', held.facts
           ) ORDER BY code) AS answers,
           coalesce(jsonb_object_agg(code, own.facts) FILTER (WHERE own.facts IS NOT NULL), '{}')
               AS rests_on
      FROM entitlements
     CROSS JOIN LATERAL (
           SELECT coalesce(jsonb_object_agg(key, value -> 'holds'), '{}') AS facts
             FROM jsonb_each(used)) AS held
     CROSS JOIN LATERAL (
           SELECT jsonb_object_agg(key, jsonb_strip_nulls(value - 'holds')) AS facts
             FROM jsonb_each(used) WHERE jsonb_strip_nulls(value - 'holds') <> '{}') AS own
     GROUP BY plan_id, revision
"""
SETS = """
    INSERT INTO answer_sets (id, answers)
    SELECT DISTINCT md5(answers::text)::uuid, answers FROM given
"""
NAME = {
    "plans": "given.plan_id = named.id AND given.revision = 1",
    "plan_revisions": "given.plan_id = named.plan_id AND given.revision = named.number",
}

ANSWERED = """
    INSERT INTO entitlements (plan_id, revision, code, decision, facts, legal_ref, status, used)
    SELECT given.plan_id, given.revision, said ->> 'code', said ->> 'decision',
           ARRAY(SELECT jsonb_array_elements_text(said -> 'facts')), said ->> 'legal_ref',
           said ->> 'status',
           (SELECT coalesce(jsonb_object_agg(key,
                       jsonb_build_object('holds', value, 'fact_id', NULL)
                       || coalesce(rests_on -> (said ->> 'code') -> key, '{}')), '{}')
              FROM jsonb_each(said -> 'used'))
      FROM (SELECT id AS plan_id, 1 AS revision, answers_id, rests_on FROM plans
             UNION ALL
            SELECT plan_id, number, answers_id, rests_on FROM plan_revisions) AS given
      JOIN answer_sets ON answer_sets.id = answers_id
     CROSS JOIN LATERAL jsonb_array_elements(answers) AS said
"""


def upgrade() -> None:
    # Whoever still writes as the release before waits here, and finds the table gone.
    op.execute("LOCK TABLE plans, plan_revisions, entitlements IN ACCESS EXCLUSIVE MODE")
    op.create_table(
        "answer_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_sets")),
    )
    op.execute(GIVEN)
    op.execute(SETS)
    for table in PLANS:
        op.add_column(table, sa.Column("answers_id", sa.Uuid(), nullable=True))
        rests_on = sa.Column(
            "rests_on", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        )
        op.add_column(table, rests_on)
        op.execute(
            f"UPDATE {table} AS named"  # noqa: S608 - made of our own words only
            " SET answers_id = md5(answers::text)::uuid, rests_on = given.rests_on"
            f" FROM given WHERE {NAME[table]}"
        )
        op.alter_column(table, "answers_id", nullable=False)
    op.drop_table("entitlements")


def downgrade() -> None:
    op.create_table(
        "entitlements",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("facts", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("legal_ref", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("used", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(f"code IN ({CODES})", name=op.f("ck_entitlements_code")),
        sa.CheckConstraint(
            "decision IN ('entitled', 'needs_information', 'not_entitled')",
            name=op.f("ck_entitlements_decision"),
        ),
        sa.CheckConstraint(
            "status IN ('assumed', 'confirmed', 'recalled')", name=op.f("ck_entitlements_status")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_entitlements_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("plan_id", "revision", "code", name=op.f("pk_entitlements")),
    )
    op.execute(ANSWERED)
    for table in PLANS:
        op.drop_column(table, "rests_on")
        op.drop_column(table, "answers_id")
    op.drop_table("answer_sets")
