"""A database that was worked with before this release goes on under it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg

from shared.contracts import Queue
from shared.kit import migrations

BEFORE_AREAS = "0010"
LATE_IN_THE_DAY = datetime(2026, 3, 1, 20, tzinfo=UTC)
"""The second of March in Hải Phòng."""

ROW = """
    INSERT INTO verifications (id, case_id, route, receiver_id, area_code, age_band, regime, status,
                               grounds, received_at, opened_at, is_extended, look_again_at, version)
    VALUES (%(id)s, %(id)s, 'SELF_REPORT', %(id)s, '11680', 'adult', '2024', 'opened', '{}',
            '2024-05-01', %(opened)s, false, %(opened)s, 1)
"""


def test_the_area_of_a_verification_was_told_when_it_was_opened(
    new_database: Callable[[str], str],
) -> None:
    url = new_database(Queue.VERIFICATION)
    migrations.downgrade(Queue.VERIFICATION, url, BEFORE_AREAS)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        connection.execute(ROW, {"id": uuid4(), "opened": LATE_IN_THE_DAY})
    migrations.upgrade(Queue.VERIFICATION, url)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        told_on = connection.execute("SELECT area_told_on FROM verifications").fetchone()
    assert told_on == (date(2026, 3, 2),)
