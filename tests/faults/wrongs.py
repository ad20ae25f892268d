"""One wrong for each rule of the field: rows as a fault of ours could leave them."""

from collections.abc import Mapping

import psycopg

from deploy.stack.installation import Installation
from shared.contracts import Queue

LIVELIHOOD = Queue.LIVELIHOOD_SUPPORT

WRONGS: Mapping[str, tuple[Queue, str]] = {
    "every case received has a verification": (
        Queue.VERIFICATION,
        """
        DELETE FROM verifications
         WHERE case_id IN (SELECT case_id FROM verifications ORDER BY 1 LIMIT 1)
        """,
    ),
    "every case received is known to livelihood support": (
        LIVELIHOOD,
        """
        DELETE FROM case_files
         WHERE case_id IN (SELECT case_id FROM case_files ORDER BY 1 LIMIT 1)
        """,
    ),
    "every conclusion of a verification arrived": (
        LIVELIHOOD,
        "UPDATE case_files SET concluded_at = NULL",
    ),
    "every identified person has a plan": (
        LIVELIHOOD,
        """
        DELETE FROM plans
         WHERE case_id IN (SELECT case_id FROM plans ORDER BY 1 OFFSET 1 LIMIT 1)
        """,
    ),
    "every need asked for and granted has a referral": (
        LIVELIHOOD,
        """
        DELETE FROM referrals
         WHERE case_id IN (SELECT case_id FROM plans ORDER BY 1 OFFSET 2 LIMIT 1)
        """,
    ),
    "every referral is at an end, or has a live clock, or an open alert": (
        LIVELIHOOD,
        "UPDATE referrals SET status = 'accepted', outcome = NULL WHERE status = 'completed'",
    ),
    "every offer is told to its organisation": (
        Queue.NOTIFICATION,
        "DELETE FROM deliveries WHERE offer_id IS NOT NULL",
    ),
    "no offer is made, accepted or completed twice": (
        LIVELIHOOD,
        """
        INSERT INTO referral_moves (id, referral_id, offer_id, actor, from_status, to_status, at,
                                    version)
        SELECT gen_random_uuid(), referral_id, offer_id, actor, from_status, to_status, at,
               version + 100
          FROM referral_moves WHERE to_status = 'accepted'
        """,
    ),
    "every place held belongs to one open offer": (
        LIVELIHOOD,
        "UPDATE programmes SET held = held + 1 WHERE held < ceiling",
    ),
    "no step of a journey is noted twice": (
        Queue.INTAKE,
        """
        INSERT INTO journey_steps (id, case_id, at, kind, source_id, status)
        SELECT gen_random_uuid(), case_id, at, kind, source_id, status FROM journey_steps
        """,
    ),
    "no delivery succeeds twice, and none without a try that did": (
        Queue.NOTIFICATION,
        "UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'delivered'",
    ),
    "every move of a referral has its audit entry": (
        LIVELIHOOD,
        "DELETE FROM audit_entries WHERE action = 'referral.completed'",
    ),
    "every move of a verification has its audit entry": (
        Queue.VERIFICATION,
        "DELETE FROM audit_entries WHERE action LIKE 'verification.%'",
    ),
    "every case received has its audit entry": (
        Queue.INTAKE,
        "DELETE FROM audit_entries WHERE action = 'case.receive'",
    ),
    "every disclosure asked for has its audit entry": (
        Queue.INTAKE,
        "DELETE FROM audit_entries WHERE action = 'disclosure.request'",
    ),
    "every delivery that ended has its audit entry": (
        Queue.NOTIFICATION,
        "DELETE FROM audit_entries WHERE action = 'delivery.delivered'",
    ),
    "every case answered with 201 is there, and no two answers name one case": (
        Queue.INTAKE,
        """
        DELETE FROM cases
         WHERE id IN (SELECT id FROM cases ORDER BY 1 OFFSET 1 LIMIT 1)
        """,
    ),
    "no case is there without its answer, as long as answers are kept": (
        Queue.INTAKE,
        "DELETE FROM idempotency_keys WHERE body ->> 'id' = (SELECT max(id::text) FROM cases)",
    ),
    "every move of a referral answered with 201 is there": (
        LIVELIHOOD,
        "DELETE FROM referral_moves WHERE to_status = 'in_progress'",
    ),
}
"""For each rule a statement that breaks it, whatever else it breaks too."""


def do_every_wrong(site: Installation) -> None:
    """Do them all, past the constraints that would refuse them; the installation is spoilt."""
    for service, statement in WRONGS.values():
        with psycopg.connect(site.database(service), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            assert connection.execute(statement).rowcount > 0, statement
