"""Who can be called, as the statements of this service ask it."""

from services.notification.policy import TOPICS, EventType
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, EndpointTopic
from shared.kit.columns import listed

ACTOR = "sender:notification"
"""Who claims and records, in the audit and to operators."""

BY_NOW = "least(CAST(:now AS timestamptz), now())"
"""The moment of a statement, never later than the database's clock says. The clock of the process
that handles a message may be ahead, and what it makes due must be due for senders, too."""

_MAY_BE_CALLED = f"""
    e.status = '{EndpointStatus.ACTIVE}'
    AND NOT EXISTS (SELECT FROM organisations AS o
                     WHERE o.organisation_id = e.organisation_id AND NOT o.is_active)
"""

OTHERS = f"""
    CASE WHEN called.organisation_id IN (SELECT organisation_id FROM endpoints
                                          WHERE status = '{EndpointStatus.ACTIVE}'
                                            AND topic IS NOT NULL)
         THEN (SELECT array_agg(topic::text) || array_agg(endpoint_id::text)
                 FROM (SELECT DISTINCT ON (e.topic) e.topic, e.endpoint_id
                         FROM endpoints AS e
                        WHERE e.organisation_id = called.organisation_id
                          AND e.topic IS NOT NULL AND {_MAY_BE_CALLED}
                        ORDER BY e.topic, e.endpoint_id DESC) AS each) END AS others
"""  # noqa: S608 - made of our own words only
"""What endpoints with topics take of the organisation ``called``: these topics, and tests of these
endpoints. Unset where it has none: the many that have one endpoint cost one look into a small hash
each, for the first condition is read once.
"""

ENDPOINTS = f"SELECT called.*, {OTHERS} FROM endpoints AS called"  # noqa: S608 - our own words only
"""All endpoints, also those that are not called, with what ``TAKES`` asks of them."""

REACHABLE = f"""
    SELECT called.*, {OTHERS}
      FROM (SELECT DISTINCT ON (e.organisation_id, e.topic) e.*
              FROM endpoints AS e
             WHERE {_MAY_BE_CALLED}
             ORDER BY e.organisation_id, e.topic, e.channel = '{ChannelKind.WEBHOOK}' DESC,
                      e.channel = '{ChannelKind.EMAIL}' DESC, e.endpoint_id DESC) AS called
"""  # noqa: S608 - made of our own words only
"""The endpoints of each organisation that may be called: active, the youngest, not defunct. One of
each topic that a system of its own takes, and one for all else (``TAKES``).

Whoever has a system is told by it, and nobody of one thing twice; a mailbox is for those who have
none, a number for those who have neither: least of all is said there. An organisation nobody has
told us of yet counts as active: its endpoint was approved before it could be told.
"""


def _types_of(topic: EndpointTopic) -> str:
    return listed([kind for kind, of in TOPICS.items() if of is topic])


_WHAT = f"""
    CASE WHEN d.type = '{EventType.ENDPOINT_TEST}' THEN d.body #>> '{{data,endpoint_id}}'
         {" ".join(f"WHEN d.type IN ({_types_of(each)}) THEN '{each}'" for each in EndpointTopic)}
         ELSE '' END
"""

TAKES = f"""
    CASE WHEN called.topic IS NOT NULL
         THEN {_WHAT} IN (called.topic, called.endpoint_id::text)
         ELSE called.others IS NULL OR {_WHAT} <> ALL (called.others) END
"""
"""Whether an endpoint ``called`` is the one that takes a delivery ``d`` to its organisation.

An endpoint with a topic takes what is of it; one without takes what no other one does. So does a
mailbox or number, where there is no such endpoint. A test is for the endpoint that is tested; once
that is not called any more, it goes where everything else goes.
"""

IS_SUSPENDED = """
    (called.suspended_at IS NOT NULL
     OR EXISTS (SELECT FROM organisations AS o
                 WHERE o.organisation_id = called.organisation_id AND o.suspended_at IS NOT NULL)
     OR EXISTS (SELECT FROM channels AS c
                 WHERE c.channel = called.channel AND c.suspended_at IS NOT NULL))
"""
"""Whether nothing is sent to whoever is ``called``: the endpoint, its organisation or its channel
is suspended. What is to be sent stays due, so that it goes as soon as none of them is.
"""

IS_SENT_ONCE = f"d.channel IS NOT DISTINCT FROM '{ChannelKind.SMS}'"
"""Whether a delivery ``d`` must not be sent again by itself once it may have left."""

TOLD = """
    RETURNING d.id, d.state, d.type, d.case_id, d.referral_id, d.offer_id, d.organisation_id,
              d.channel, d.cause_id,
              coalesce(d.traceparent, d.body ->> 'traceparent') AS traceparent
"""
"""What ``conclude`` needs of a delivery ``d``. What was opened by the release before has the inner
trace in its body."""
