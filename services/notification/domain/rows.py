"""Who can be called, as the statements of this service ask it."""

from shared.contracts.vocabulary import ChannelKind, EndpointStatus

ACTOR = "sender:notification"
"""Who claims and records, in the audit and to operators."""

BY_NOW = "least(CAST(:now AS timestamptz), now())"
"""The moment of a statement, never later than the database's clock says. The clock of the process
that handles a message may be ahead, and what it makes due must be due for senders, too."""

REACHABLE = f"""
    SELECT DISTINCT ON (e.organisation_id) e.*
      FROM endpoints AS e
     WHERE e.status = '{EndpointStatus.ACTIVE}'
       AND NOT EXISTS (SELECT FROM organisations AS o
                        WHERE o.organisation_id = e.organisation_id AND NOT o.is_active)
     ORDER BY e.organisation_id, e.channel = '{ChannelKind.WEBHOOK}' DESC, e.endpoint_id DESC
"""  # noqa: S608 - made of our own words only
"""The one endpoint of each organisation that may be called: active, the youngest, not defunct.

Whoever has a system is told by it, and nobody of one thing twice; a mailbox is for those who have
none. An organisation nobody has told us of yet counts as active: its endpoint was approved before
it could be told.
"""

TOLD = """
    RETURNING d.id, d.state, d.type, d.case_id, d.referral_id, d.offer_id, d.organisation_id,
              d.cause_id, coalesce(d.traceparent, d.body ->> 'traceparent') AS traceparent
"""
"""What ``conclude`` needs of a delivery ``d``. What was opened by the release before has the inner
trace in its body."""
