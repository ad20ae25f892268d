"""``python -m deploy.compose.alive worker|relay|back``: the health checks of our containers.

A process that exists proves nothing. A worker is alive when messages come through its queue: its
row is fresh, which every canary renews, and every step of a frame that takes long. A relay is alive
when its own session in the database moved lately. A back is both. Whoever runs ``docker ps`` sees
which; a worker that stopped consuming, or a relay whose loop stands still, also ends itself and is
started again. Written for a check every half minute in many containers: it loads the driver and
nothing else.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import LiteralString

import psycopg

SECRETS = Path("/run/secrets")
STALE = 60
"""Seconds without a sign of life; canaries are sent every few seconds."""
WORKER = "SELECT now() - seen_at < make_interval(secs => %s) FROM heartbeats WHERE queue = %s"
RELAY = (
    "SELECT now() - max(state_change) < make_interval(secs => %s) FROM pg_stat_activity"
    " WHERE client_addr = inet_client_addr() AND datname = %s AND application_name = 'relay'"
)
"""A relay asks the database for work at least once a second, over a session from its container."""
SIGNS: Mapping[str, Sequence[LiteralString]] = {
    "worker": [WORKER],
    "relay": [RELAY],
    "back": [WORKER, RELAY],
}


def is_alive(connection: psycopg.Connection[tuple[object, ...]], service: str, role: str) -> bool:
    """Whether a process of this role gave its signs of life lately, by the database's clock."""
    rows = [connection.execute(sign, [STALE, service]).fetchone() for sign in SIGNS[role]]
    return all(row is not None and bool(row[0]) for row in rows)


def main() -> None:
    """Exit 0 if it is alive, 1 if not or if the database cannot say."""
    # A container knows one database: that of its service.
    (secret,) = SECRETS.glob("*_database_url")
    service = secret.name.removesuffix("_database_url")
    address = secret.read_text().replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            sys.exit(0 if is_alive(connection, service, sys.argv[1]) else 1)
    except psycopg.OperationalError:
        sys.exit(1)


if __name__ == "__main__":
    main()
