"""A service that was not there when things were told, for tests of telling it again."""

from sqlalchemy import text

from shared.contracts import Queue
from shared.kit.database import Database


def forget(database: Database, newcomer: Queue) -> None:
    """As if nothing had ever been told to this service."""
    with database.begin() as session:
        session.execute(
            text("UPDATE outbox_sequences SET last_sequences = last_sequences - :newcomer"),
            {"newcomer": newcomer},
        )
        session.execute(
            text("DELETE FROM outbox WHERE destination = :newcomer"), {"newcomer": newcomer}
        )
