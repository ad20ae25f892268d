"""What the tests of pages rest on themselves."""

import psycopg

from deploy.stack.installation import Installation
from tests.pages.browsing import People


def test_whoever_was_away_for_longer_than_a_session_may_idle_logs_in_again(
    people: People, installation: Installation
) -> None:
    first = people.session("auditor")
    assert people.session("auditor") == first
    with psycopg.connect(installation.database("directory")) as connection:
        connection.execute("UPDATE staff_sessions SET used_at = used_at - interval '21 minutes'")
    page = people.page("auditor")
    answer = page.goto("/account")
    assert answer is not None
    assert answer.url.endswith("/account")
    assert people.session("auditor") != first
