"""One wrong for each rule of the field: rows as a fault of ours could leave them."""

from collections.abc import Mapping

import psycopg

from deploy.stack.installation import Installation
from deploy.stack.invariants import messages, turns
from shared.contracts import Queue
from shared.messaging.parking import ParkedReason
from tests.faults.answered import Wrong, answered
from tests.faults.unprotected import PROTECTING

LIVELIHOOD = Queue.LIVELIHOOD_SUPPORT


def settled_unrecorded(service: Queue) -> Wrong:
    """A parked message that somebody settled, nobody knows who."""
    return (
        service,
        """
        INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence, envelope,
                                     reason, attempts, replayed_at)
        VALUES (gen_random_uuid(), 'intake', 't', gen_random_uuid(), 1, '{}', 'no_handler', 1,
                now())
        """,
    )


def parked_untold(service: Queue) -> Wrong:
    """A parked message of which nobody was told, nor will be by a sweep that finds it late."""
    return (
        service,
        f"""
        INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence, envelope,
                                     reason, attempts)
        VALUES (gen_random_uuid(), 'intake', 't', gen_random_uuid(), 1, '{{}}',
                '{ParkedReason.STALE_SEQUENCE}', 1)
        """,  # noqa: S608 - our own words only
    )


WRONGS: Mapping[str, Wrong] = {
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
    "every need is open as long as its referral is, and no longer": (
        LIVELIHOOD,
        "UPDATE needs SET ended_at = NULL, reason = NULL WHERE ended_at IS NOT NULL",
    ),
    "every alert that a case owner settled has its audit entry": (
        LIVELIHOOD,
        """
        INSERT INTO alerts (id, case_id, code, kind, facts, raised_at, settled_at)
        SELECT gen_random_uuid(), case_id, 'VOCATIONAL', 'window_closing', '{"said": "decline"}',
               now(), now()
          FROM case_files LIMIT 1
        """,
    ),
    "every move of an alert answered with 201 is there, for one answer only": answered(
        LIVELIHOOD, "POST /livelihood-support/v1/alerts/x/moves"
    ),
    "every need that ended has its audit entry": (
        LIVELIHOOD,
        """
        WITH forgotten AS (DELETE FROM audit_entries WHERE action = 'need.ended')
        UPDATE needs SET ended_at = now() WHERE id IN (SELECT id FROM needs ORDER BY id LIMIT 1)
        """,
    ),
    "every need answered with 201 is there, for one answer only": answered(
        LIVELIHOOD, "POST /livelihood-support/v1/cases/x/needs"
    ),
    turns.FORGOTTEN: (
        Queue.VERIFICATION,
        """
        DELETE FROM verifications
         WHERE case_id IN (SELECT case_id FROM verifications ORDER BY 1 DESC LIMIT 1)
        """,
    ),
    turns.UNCLEAR: (
        LIVELIHOOD,
        "UPDATE referrals SET status = 'accepted', outcome = NULL WHERE status = 'completed'",
    ),
    turns.STUCK: (
        Queue.VERIFICATION,
        """
        UPDATE verifications SET outcome = 'withdrawn', proof = NULL, identified_on = NULL,
                                 verifier_id = NULL
         WHERE id IN (SELECT id FROM verifications WHERE status = 'concluded'
                       ORDER BY 1 OFFSET 1 LIMIT 1)
        """,
    ),
    turns.UNOWNED: (
        Queue.INTAKE,
        """
        WITH gone AS (DELETE FROM held_roles)
        UPDATE cases SET received_at = received_at - interval '1 hour',
                         registered_at = registered_at - interval '1 hour',
                         urgent_since = received_at, urgency_settled_at = NULL
         WHERE id IN (SELECT id FROM cases ORDER BY 1 OFFSET 3 LIMIT 1)
        """,
    ),
    "everything that could not wait and was seen to has its audit entry": (
        Queue.INTAKE,
        """
        UPDATE cases SET urgent_since = now(), urgency_settled_at = now()
         WHERE id IN (SELECT id FROM cases ORDER BY 1 OFFSET 2 LIMIT 1)
        """,
    ),
    "every need that could not wait and ended has its audit entry": (
        Queue.INTAKE,
        """
        INSERT INTO need_ends (id, case_id, need, outcome, ended_on, organisation_id,
                               recorded_by, recorded_at)
        SELECT gen_random_uuid(), id, 'food', 'met', current_date, gen_random_uuid(), 'x', now()
          FROM cases ORDER BY id LIMIT 1
        """,
    ),
    messages.UNEVEN: (Queue.INTAKE, "UPDATE outbox_totals SET closed = closed + 1"),
    messages.LOST: (
        Queue.VERIFICATION,
        """
        DELETE FROM inbox_cursors
         WHERE aggregate_id = (SELECT max(aggregate_id::text)::uuid FROM inbox_cursors
                                WHERE source = 'intake')
        """,
    ),
    messages.TWICE: (LIVELIHOOD, "UPDATE inbox_cursors SET last_sequence = last_sequence + 1"),
    messages.VANISHED: (
        Queue.NOTIFICATION,
        """
        UPDATE inbox SET state = 'held'
         WHERE message_id = (SELECT max(message_id::text)::uuid FROM inbox)
        """,
    ),
    messages.GAPS: (Queue.INTAKE, "UPDATE inbox SET sequence = 1 WHERE sequence = 2"),
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
    **PROTECTING,
    "every case received has its audit entry": (
        Queue.INTAKE,
        "DELETE FROM audit_entries WHERE action = 'case.receive'",
    ),
    "every disclosure asked for has its audit entry": (
        Queue.INTAKE,
        "DELETE FROM audit_entries WHERE action = 'disclosure.request'",
    ),
    "every file opened by law has its audit entry": (
        Queue.INTAKE,
        """
        INSERT INTO file_disclosures (id, case_id, organisation_id, purpose, reason, fields, at)
        SELECT gen_random_uuid(), id, id, 'verification', 'interview', '{full_name}', now()
          FROM cases LIMIT 1
        """,
    ),
    "every assignment has its audit entry": (
        Queue.INTAKE,
        """
        INSERT INTO assignments (id, case_id, organisation_id, role, reason, valid_from,
                                 assigned_at)
        SELECT gen_random_uuid(), id, id, 'facility', 'shelter_needed', now(), now()
          FROM cases LIMIT 1
        """,
    ),
    "every assignment that ended has its audit entry": (
        Queue.INTAKE,
        "UPDATE assignments SET ended_at = now(), end_reason = 'shelter_needed'",
    ),
    "every delivery that ended has its audit entry": (
        Queue.NOTIFICATION,
        "DELETE FROM audit_entries WHERE action = 'delivery.delivered'",
    ),
    "every plan and every revision has its answers": (
        LIVELIHOOD,
        """
        UPDATE plans SET answers_id = gen_random_uuid()
         WHERE case_id IN (SELECT case_id FROM plans ORDER BY 1 LIMIT 1)
        """,
    ),
    "every plan has its audit entry": (
        LIVELIHOOD,
        "DELETE FROM audit_entries WHERE action = 'plan.opened'",
    ),
    "every consent given after reception has its audit entry": (
        Queue.INTAKE,
        "UPDATE consents SET given_at = given_at + interval '1 second'",
    ),
    "every consent withdrawn has its audit entry": (
        Queue.INTAKE,
        "UPDATE consents SET withdrawn_at = now() + interval '1 day'",
    ),
    "every version of one of the organisations has its audit entry": (
        Queue.DIRECTORY,
        "UPDATE organisations SET version = version + 1",
    ),
    "every version of a client has its audit entry": (
        Queue.DIRECTORY,
        "UPDATE clients SET version = version + 1",
    ),
    "every version of an endpoint has its audit entry, and another when it is disabled": (
        Queue.DIRECTORY,
        "UPDATE endpoints SET status = 'disabled'",
    ),
    "every version of one of the programmes has its audit entry": (
        Queue.DIRECTORY,
        "UPDATE programmes SET version = version + 1",
    ),
    **{
        f"every parked message of {service} that a person settled has its audit entry": (
            settled_unrecorded(service)
        )
        for service in Queue
    },
    **{
        f"every parked message of {service} is told to an operator": parked_untold(service)
        for service in Queue
    },
    "every purge that is owed is told to its organisation": (
        LIVELIHOOD,
        """
        INSERT INTO audit_entries (id, recorded_at, actor, action, object_id, outcome, facts)
        VALUES (gen_random_uuid(), now(), 'nobody', 'referral.purge_asked', gen_random_uuid(),
                'done', jsonb_build_object('offer_id', gen_random_uuid()))
        """,
    ),
    "no organisation is asked to purge more often than it was decided": (
        Queue.NOTIFICATION,
        """
        UPDATE deliveries SET type = 'vn.nhipcau.referral.purge.v1', offer_id = gen_random_uuid()
         WHERE type = 'vn.nhipcau.verification.concluded.v1'
        """,
    ),
    "every case answered with 201 is there, for one answer only": (
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
    "every consent answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/cases/x/consents"
    ),
    "every withdrawal answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/cases/x/consents/withdrawals"
    ),
    "every disclosure answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/disclosures", "disclosure_id"
    ),
    "every file opened by law answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/cases/x/disclosures", "disclosure_id"
    ),
    "every assignment answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/cases/x/assignments"
    ),
    "every move of a verification answered with 201 is there, for one answer only": answered(
        Queue.VERIFICATION, "POST /verification/v1/verifications/x/moves"
    ),
    "every organisation answered with 201 is there, for one answer only": answered(
        Queue.DIRECTORY, "POST /directory/v1/organisations"
    ),
    "every programme answered with 201 is there, for one answer only": answered(
        Queue.DIRECTORY, "POST /directory/v1/programmes"
    ),
    "every client answered with 201 is there, for one answer only": answered(
        Queue.DIRECTORY, "POST /directory/v1/clients", "client_id"
    ),
    "every version of an endpoint answered with 201 was made, for one answer only": answered(
        Queue.DIRECTORY, "POST /directory/v1/organisations/x/endpoints"
    ),
    "every replay of a delivery answered with 201 took place": answered(
        Queue.NOTIFICATION, "POST /notification/v1/deliveries/x/replays"
    ),
    **{
        f"every parked message {service} answered with 201 was settled": answered(
            service, f"POST /{service}/v1/parked-messages/x/skips", "message_id"
        )
        for service in Queue
    },
    "every move of a referral answered with 201 is there, for one answer only": (
        LIVELIHOOD,
        "DELETE FROM referral_moves WHERE to_status = 'in_progress'",
    ),
    **{
        f"every table of {service} has a row that says what keeps it": (
            service,
            "CREATE TABLE forgotten AS SELECT 1 AS nothing",
        )
        for service in Queue
    },
    **{
        f"what {service} prunes is not behind": (
            service,
            """
            INSERT INTO begun_frames (id, parcel_ids, begun_at)
            SELECT gen_random_uuid(), '{}', now() - interval '30 days'
              FROM generate_series(1, 100000)
            """,
        )
        for service in Queue
    },
}
"""For each rule a statement that breaks it, whatever else it breaks too."""


def do_every_wrong(site: Installation) -> None:
    """Do them all, past the constraints that would refuse them; the installation is spoilt."""
    for service, statement in WRONGS.values():
        with psycopg.connect(site.database(service), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            assert connection.execute(statement).rowcount > 0, statement
