from collections.abc import Mapping

import pytest


@pytest.fixture
def service_url(servers: Mapping[str, str]) -> str:
    """The psycopg address of a database that is always there."""
    url = servers["postgres"].replace("any-database", "postgres")
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
