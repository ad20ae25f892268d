"""The messages in an outbox, one row each: what a service has told, read out of its parcels."""

from sqlalchemy import JSON, BigInteger, String, Uuid, text

IN_OUTBOX = (
    text(
        """
        SELECT CAST(told ->> 'id' AS uuid) AS message_id, destination, aggregate_id, sequence,
               told ->> 'type' AS type, told -> 'body' AS body, told ->> 'trace' AS traceparent
          FROM outbox,
               ROWS FROM (unnest(aggregates), unnest(sequences), json_array_elements(messages))
               AS told(aggregate_id, sequence, told)
        """
    )
    .columns(
        message_id=Uuid,
        destination=String,
        aggregate_id=Uuid,
        sequence=BigInteger,
        type=String,
        body=JSON,
        traceparent=String,
    )
    .subquery("told")
)
"""The columns a message has; ``select(IN_OUTBOX.c.type)``."""
