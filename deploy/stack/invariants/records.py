"""I5: every row of every table of acts has its entry in the audit; copies of them have none."""

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue


def _counted(table: str, service: Queue, says: str, entries: str, *, but: str = "false") -> Rule:
    """Each row of a table has exactly one entry; ``entries`` says which is its own."""
    statement = f"""
        SELECT changed.id FROM {table} AS changed
         WHERE NOT ({but})
           AND 1 <> (SELECT count(*) FROM audit_entries AS entry WHERE {entries})
    """  # noqa: S608 - made of our own words only
    return Rule("I5", says, (service, statement))


RULES = (
    _counted(
        "referral_moves",
        Queue.LIVELIHOOD_SUPPORT,
        "every move of a referral has its audit entry",
        "entry.object_id = referral_id AND entry.facts ->> 'move_id' = changed.id::text",
    ),
    _counted(
        "plans",
        Queue.LIVELIHOOD_SUPPORT,
        "every plan has its audit entry",
        "entry.object_id = changed.id AND entry.action = 'plan.opened'",
    ),
    _counted(
        "alerts",
        Queue.LIVELIHOOD_SUPPORT,
        "every alert that a case owner settled has its audit entry",
        "entry.object_id = changed.id AND entry.action = 'alert.declined'",
        but="settled_at IS NULL OR facts ->> 'said' IS NULL",
    ),
    _counted(
        "needs",
        Queue.LIVELIHOOD_SUPPORT,
        "every need that ended has its audit entry",
        "entry.object_id = changed.id AND entry.action = 'need.ended'",
        # Those that ended before there were needs have the entry of their referral.
        but="ended_at IS NULL OR NOT EXISTS (SELECT FROM audit_entries AS added"
        " WHERE added.object_id = changed.id AND added.action = 'need.added')",
    ),
    _counted(
        "verification_moves",
        Queue.VERIFICATION,
        "every move of a verification has its audit entry",
        "entry.object_id = verification_id AND entry.action = 'verification.' || move"
        " AND entry.facts ->> 'version' = version::text",
    ),
    _counted(
        "protection_moves",
        Queue.VERIFICATION,
        "every move of protection has its audit entry",
        "entry.object_id = protection_id AND entry.action = 'protection.' || move"
        " AND entry.facts ->> 'version' = version::text",
    ),
    _counted(
        "cases",
        Queue.INTAKE,
        "every case received has its audit entry",
        "entry.object_id = changed.id AND entry.action = 'case.receive'",
    ),
    _counted(
        "cases",
        Queue.INTAKE,
        "everything that could not wait and was seen to has its audit entry",
        "entry.object_id = changed.id AND entry.action = 'urgency.settle'"
        # A release before ended it by reading.
        " AND entry.facts ->> 'how' <> 'read'",
        but="urgency_settled_at IS NULL",
    ),
    _counted(
        "need_ends",
        Queue.INTAKE,
        "every need that could not wait and ended has its audit entry",
        "entry.object_id = case_id AND entry.action = 'immediate_need.end'"
        " AND entry.facts ->> 'need_end_id' = changed.id::text",
    ),
    _counted(
        "disclosures",
        Queue.INTAKE,
        "every disclosure asked for has its audit entry",
        "entry.object_id = case_id AND entry.action = 'disclosure.request'"
        " AND entry.facts ->> 'disclosure_id' = changed.id::text",
    ),
    _counted(
        "file_disclosures",
        Queue.INTAKE,
        "every file opened by law has its audit entry",
        "entry.object_id = case_id AND entry.action = 'file.request'"
        " AND entry.facts ->> 'disclosure_id' = changed.id::text",
    ),
    *(
        _counted(
            "refuges",
            Queue.INTAKE,
            f"every refuge that {happened} has its audit entry",
            f"entry.object_id = case_id AND entry.action = '{action}'"
            " AND entry.facts ->> 'refuge_id' = changed.id::text",
            but=but,
        )
        for happened, action, but in (
            ("was recorded", "refuge.record", "false"),
            ("ended", "refuge.end", "ended_at IS NULL"),
        )
    ),
    _counted(
        "assignments",
        Queue.INTAKE,
        "every assignment has its audit entry",
        "entry.object_id = case_id AND entry.action = 'assignment.make'"
        " AND entry.facts ->> 'assignment_id' = changed.id::text",
    ),
    _counted(
        "assignments",
        Queue.INTAKE,
        "every assignment that ended has its audit entry",
        "entry.object_id = case_id AND entry.action = 'assignment.end'"
        " AND entry.facts ->> 'assignment_id' = changed.id::text",
        but="ended_at IS NULL",
    ),
    _counted(
        "consents",
        Queue.INTAKE,
        "every consent given after reception has its audit entry",
        "entry.object_id = case_id AND entry.action = 'consent.give'"
        " AND entry.facts ->> 'consent_id' = changed.id::text",
        but="given_at = (SELECT registered_at FROM cases WHERE cases.id = case_id)",
    ),
    _counted(
        "consents",
        Queue.INTAKE,
        "every consent withdrawn has its audit entry",
        "entry.object_id = case_id AND entry.action = 'consent.withdraw'"
        " AND entry.facts ->> 'consent_id' = changed.id::text",
        but="withdrawn_at IS NULL",
    ),
    Rule(
        "I5",
        "every delivery that ended has its audit entry",
        (
            Queue.NOTIFICATION,
            """
            SELECT deliveries.id
              FROM deliveries
             CROSS JOIN LATERAL (
                   SELECT count(*) AS times FROM audit_entries
                    WHERE object_id = deliveries.id AND action = 'delivery.' || state) AS recorded
             WHERE concluded_at IS NOT NULL
               -- What never had an address has not changed since it was opened.
               AND (state <> 'no_endpoint' OR concluded_at <> created_at)
               -- One that is parked, or without an address, may end so again.
               AND (times = 0 OR state IN ('delivered', 'sent') AND times > 1)
            """,
        ),
    ),
    *(
        Rule(
            "I5",
            f"every version of one of the {table} has its audit entry",
            (
                Queue.DIRECTORY,
                f"""
                SELECT id FROM {table} AS changed
                 WHERE version <> (SELECT count(*) FROM audit_entries
                                    WHERE object_id = changed.id
                                      AND starts_with(action, '{table[:-1]}.'))
                """,  # noqa: S608 - made of our own words only
            ),
        )
        for table in ("organisations", "programmes")
    ),
    Rule(
        "I5",
        "every version of a client has its audit entry",
        (
            Queue.DIRECTORY,
            """
            SELECT client_id FROM clients
             WHERE version <> (SELECT count(*) FROM audit_entries
                                WHERE object_id = organisation_id
                                  AND action IN ('client.registered', 'client.changed')
                                  AND facts ->> 'client_id' = client_id)
            """,
        ),
    ),
    Rule(
        "I5",
        "every version of an endpoint has its audit entry, and another when it is disabled",
        (
            Queue.DIRECTORY,
            """
            SELECT id
              FROM endpoints
             CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE action = 'endpoint.registered') AS registered,
                          count(*) FILTER (WHERE action IN ('endpoint.gone', 'endpoint.disabled')
                              AND (facts ->> 'secret_version')::int = secret_version) AS disabled
                     FROM audit_entries WHERE object_id = endpoints.id) AS recorded
             WHERE registered <> secret_version OR (disabled > 0) <> (status = 'disabled')
            """,
        ),
    ),
    *(
        Rule(
            "I5",
            f"every parked message of {service} that a person settled has its audit entry",
            (
                service,
                """
                SELECT message_id FROM parked_messages
                 WHERE replayed_at IS NOT NULL
                   AND NOT EXISTS (SELECT FROM audit_entries
                                    WHERE object_id = message_id
                                      AND action IN ('replay_message', 'skip_message'))
                """,
            ),
        )
        for service in Queue
    ),
    *(
        Rule(
            "I1",
            f"every parked message of {service} is told to an operator",
            (
                service,
                """
                SELECT message_id FROM parked_messages
                 WHERE replayed_at IS NULL
                   AND NOT EXISTS (SELECT FROM operator_alerts
                                    WHERE object_id = message_id AND settled_at IS NULL)
                """,
            ),
        )
        for service in Queue
    ),
)
