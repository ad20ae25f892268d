"""How the databases of the services are read: each at one moment, and nothing is written."""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel

Urls = Callable[[str], str]
"""The psycopg address of a service's database."""


def connect(url: str) -> Connection[tuple[Any, ...]]:
    """A connection whose statements all see the same moment."""
    connection = psycopg.connect(url)
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection
