"""I2: no effect twice."""

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue

RULES = (
    Rule(
        "I2",
        "no offer is made, accepted or completed twice",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT offer_id || ' ' || to_status FROM referral_moves
             WHERE from_status IS DISTINCT FROM to_status
               AND to_status IN ('requested', 'accepted', 'completed')
             GROUP BY offer_id, to_status HAVING count(*) > 1
            """,
        ),
    ),
    Rule(
        "I2",
        "every place held belongs to one open offer",
        (
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT id FROM programmes
             WHERE held <> (SELECT count(*) FROM offers
                             WHERE offers.programme_id = programmes.id
                               AND offers.status IN ('offered', 'accepted'))
            """,
        ),
    ),
    Rule(
        "I2",
        "no step of a journey is noted twice",
        (
            Queue.INTAKE,
            """
            SELECT source_id || ' ' || kind FROM journey_steps
             GROUP BY case_id, source_id, kind, status, at HAVING count(*) > 1
            """,
        ),
    ),
    Rule(
        "I2",
        "no delivery succeeds twice, and none without a try that did",
        (
            Queue.NOTIFICATION,
            """
            SELECT deliveries.id
              FROM deliveries LEFT JOIN attempts ON delivery_id = deliveries.id
             -- What each try ended with is kept for some months after the delivery has ended.
             WHERE concluded_at IS NULL OR concluded_at > now() - interval '89 days'
             GROUP BY deliveries.id
            HAVING count(*) FILTER (WHERE outcome IN ('delivered', 'sent'))
                   <> (state IN ('delivered', 'sent'))::int
            """,
        ),
    ),
    Rule(
        "I2",
        "no organisation is asked to purge more often than it was decided",
        (
            Queue.NOTIFICATION,
            """
            SELECT offer_id || ' ' || row_number() OVER (PARTITION BY offer_id ORDER BY id)
              FROM deliveries WHERE type = 'vn.nhipcau.referral.purge.v1'
            """,
        ),
        except_for=(
            Queue.LIVELIHOOD_SUPPORT,
            """
            SELECT offer_id || ' ' || row_number() OVER (PARTITION BY offer_id)
              FROM (SELECT facts ->> 'offer_id' AS offer_id FROM audit_entries
                     WHERE action = 'referral.purge_asked'
                     UNION ALL
                    SELECT offer_id::text FROM referral_moves
                     WHERE to_status = 'cancelled' AND reason = 'consent_withdrawn') AS decided
            """,
        ),
    ),
)
