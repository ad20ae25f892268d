"""I1: no case is forgotten on its way."""

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue

_CASES = (
    Queue.INTAKE,
    "SELECT id FROM cases WHERE registered_at <= now() - make_interval(secs => %(soon)s)",
)

RULES = (
    Rule(
        "I1",
        "every case received has a verification",
        _CASES,
        except_for=(Queue.VERIFICATION, "SELECT case_id FROM verifications"),
    ),
    Rule(
        "I1",
        "every case received is known to livelihood support",
        _CASES,
        except_for=(Queue.LIVELIHOOD_SUPPORT, "SELECT case_id FROM case_files"),
    ),
    Rule(
        "I1",
        "every conclusion of a verification arrived",
        (
            Queue.VERIFICATION,
            """
            SELECT case_id FROM verifications
             WHERE status = 'concluded'
               AND concluded_at <= now() - make_interval(secs => %(soon)s)
            """,
        ),
        except_for=(
            Queue.LIVELIHOOD_SUPPORT,
            "SELECT case_id FROM case_files WHERE concluded_at IS NOT NULL",
        ),
    ),
    Rule(
        "I1",
        "every offer is told to its organisation",
        (
            Queue.LIVELIHOOD_SUPPORT,
            "SELECT id FROM offers WHERE offered_at <= now() - make_interval(secs => %(soon)s)",
        ),
        except_for=(Queue.NOTIFICATION, "SELECT offer_id FROM deliveries"),
    ),
    Rule(
        "I1",
        "every identified person has a plan",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT case_id FROM case_files
             WHERE verification_outcome = 'identified'
               AND NOT EXISTS (SELECT FROM plans WHERE plans.case_id = case_files.case_id)
            """,
        ),
    ),
    Rule(
        "I1",
        "every plan and every revision has its answers",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT id FROM plans
             WHERE NOT EXISTS (SELECT FROM answer_sets WHERE answer_sets.id = answers_id)
             UNION ALL
            SELECT id FROM plan_revisions
             WHERE NOT EXISTS (SELECT FROM answer_sets WHERE answer_sets.id = answers_id)
            """,
        ),
    ),
    Rule(
        "I1",
        "every need asked for and granted has a referral",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT plan.case_id || ' ' || granted.code
              FROM plans AS plan
              JOIN case_files AS file USING (case_id)
             CROSS JOIN LATERAL (
                   SELECT plan.answers_id
                    UNION SELECT answers_id FROM plan_revisions WHERE plan_id = plan.id) AS given
              JOIN answer_sets ON answer_sets.id = given.answers_id
             CROSS JOIN LATERAL jsonb_to_recordset(answers) AS granted(code text, decision text)
             WHERE granted.decision = 'entitled' AND granted.code = ANY(file.requested_services)
               AND NOT EXISTS (SELECT FROM referrals
                                WHERE (referrals.plan_id, referrals.code)
                                    = (plan.id, granted.code))
            """,
        ),
    ),
    Rule(
        "I1",
        "every need is open as long as its referral is, and no longer",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT needs.id
              FROM needs LEFT JOIN referrals ON referrals.need_id = needs.id
             WHERE referrals.id IS NULL
                OR (ended_at IS NULL)
                   = (status IN ('completed', 'failed', 'cancelled', 'entered_in_error'))
            """,
        ),
    ),
    Rule(
        "I1",
        "every purge that is owed is told to its organisation",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT facts ->> 'offer_id' FROM audit_entries
             WHERE action = 'referral.purge_asked'
               AND recorded_at <= now() - make_interval(secs => %(soon)s)
            """,
        ),
        except_for=(
            Queue.NOTIFICATION,
            "SELECT offer_id FROM deliveries WHERE type = 'vn.nhipcau.referral.purge.v1'",
        ),
    ),
)
