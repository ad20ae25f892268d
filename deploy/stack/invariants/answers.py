"""I8: what a client was answered with 201 is there, and nothing was made twice for one answer."""

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue


def _made(service: Queue, what: str, routes: str, table: str, *, by: str = "id") -> Rule:
    """Each answer of these routes names a row, and no two answers name the same."""
    column = "client_id" if table == "clients" else "id"
    statement = f"""
        SELECT coalesce(made.{column}::text, min(key))
          FROM (SELECT key, body ->> '{by}' AS name FROM idempotency_keys
                 WHERE status = 201 AND route LIKE '{routes}') AS answered
          LEFT JOIN {table} AS made ON made.{column}::text = answered.name
         GROUP BY made.{column} HAVING made.{column} IS NULL OR count(*) > 1
    """  # noqa: S608 - made of our own words only
    return Rule(
        "I8", f"{what} answered with 201 is there, for one answer only", (service, statement)
    )


RULES = (
    _made(Queue.INTAKE, "every case", "POST /intake/v1/cases", "cases"),
    _made(Queue.INTAKE, "every consent", "POST %%/cases/%%/consents", "consents"),
    _made(Queue.INTAKE, "every withdrawal", "POST %%/consents/withdrawals", "consents"),
    _made(
        Queue.INTAKE,
        "every disclosure",
        "POST /intake/v1/disclosures",
        "disclosures",
        by="disclosure_id",
    ),
    _made(
        Queue.INTAKE,
        "every file opened by law",
        "POST %%/cases/%%/disclosures",
        "file_disclosures",
        by="disclosure_id",
    ),
    _made(Queue.INTAKE, "every refuge", "POST %%/cases/%%/refuges", "refuges"),
    _made(Queue.INTAKE, "every assignment", "POST %%/cases/%%/assignments", "assignments"),
    _made(
        Queue.VERIFICATION,
        "every move of a verification",
        "POST %%/verifications/%%/moves",
        "verification_moves",
    ),
    _made(
        Queue.VERIFICATION,
        "every request for protection",
        "POST %%/cases/%%/protections",
        "protections",
    ),
    _made(
        Queue.VERIFICATION,
        "every move of protection",
        "POST %%/protections/%%/moves",
        "protection_moves",
    ),
    _made(
        Queue.LIVELIHOOD_SUPPORT,
        "every move of a referral",
        "POST %%/referrals/%%/moves",
        "referral_moves",
    ),
    _made(Queue.LIVELIHOOD_SUPPORT, "every move of an alert", "POST %%/alerts/%%/moves", "alerts"),
    _made(Queue.LIVELIHOOD_SUPPORT, "every need", "POST %%/cases/%%/needs", "needs"),
    _made(Queue.DIRECTORY, "every organisation", "POST %%/v1/organisations", "organisations"),
    _made(Queue.DIRECTORY, "every programme", "POST %%/v1/programmes", "programmes"),
    _made(Queue.DIRECTORY, "every client", "POST %%/v1/clients", "clients", by="client_id"),
    Rule(
        "I8",
        # Registering again keeps the endpoint and makes its next version.
        "every version of an endpoint answered with 201 was made, for one answer only",
        (
            Queue.DIRECTORY,
            """
            SELECT coalesce(made.id::text, min(key))
              FROM (SELECT key, body ->> 'id' AS id, (body ->> 'secret_version')::int AS version
                      FROM idempotency_keys
                     WHERE status = 201 AND route LIKE 'POST %%/endpoints') AS answered
              LEFT JOIN endpoints AS made
                     ON made.id::text = answered.id AND made.secret_version >= version
             GROUP BY made.id, version HAVING made.id IS NULL OR count(*) > 1
            """,
        ),
    ),
    Rule(
        "I8",
        "no case is there without its answer, as long as answers are kept",
        (
            Queue.INTAKE,
            """
            SELECT id FROM cases
             WHERE registered_at > now() - interval '29 days'
               -- Whom somebody came with has the answer of both.
               AND NOT EXISTS (SELECT FROM idempotency_keys
                                WHERE status = 201
                                  AND body ->> 'id' = coalesce(accompanies_id, cases.id)::text)
            """,
        ),
    ),
    Rule(
        "I8",
        "every replay of a delivery answered with 201 took place",
        (
            Queue.NOTIFICATION,
            """
            SELECT key FROM idempotency_keys
             WHERE status = 201 AND route LIKE 'POST %%/deliveries/%%/replays'
               AND NOT EXISTS (SELECT FROM deliveries
                                WHERE id::text = body ->> 'id' AND replayed_at IS NOT NULL)
            """,
        ),
    ),
    *(
        Rule(
            "I8",
            f"every parked message {service} answered with 201 was settled",
            (
                service,
                """
                SELECT key FROM idempotency_keys
                 WHERE status = 201 AND route LIKE 'POST %%/parked-messages/%%/%%'
                   AND NOT EXISTS (SELECT FROM audit_entries
                                    WHERE object_id::text = body ->> 'message_id'
                                      AND action IN ('replay_message', 'propose_skip',
                                                     'skip_message'))
                """,
            ),
        )
        for service in Queue
    ),
)
