"""A database that was worked with before this release goes on under it."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.contracts import Queue
from shared.kit import migrations

FIRST = "0001"

CASE = """
    WITH person AS (
        INSERT INTO persons (id, wrapped_key, master_version, identity)
        VALUES (%(case)s, '', 1, '')
    )
    INSERT INTO cases (id, code, person_id, route, receiver_id, receiver_kind, received_at, status,
                       age_band, sex, citizenship, present_unit_code, languages, needs_interpreter,
                       requested_services, warnings, version)
    VALUES (%(case)s, 'HP-26-AAAA', %(case)s, 'RESCUED', %(case)s, 'commune_committee', now(),
            'in_support', 'adult', 'female', 'vietnamese', '11413', '{vi}', false, '{}', '{}', 1)
"""

ASKED = """
    INSERT INTO journey_steps (id, case_id, at, kind, source_id, status, referral_id,
                               organisation_id)
    VALUES (%(step)s, %(case)s, now() - make_interval(days => %(days)s), 'referral_requested',
            %(offer)s, 'requested', %(referral)s, %(organisation)s)
"""

GRANT = """
    INSERT INTO partner_grants (referral_id, case_id, organisation_id, organisation_kind, status)
    VALUES (%(referral)s, %(case)s, %(organisation)s, 'hospital', 'accepted')
"""


SETTLED = """
    INSERT INTO audit_entries (id, recorded_at, actor, action, object_id, outcome, facts)
    VALUES (%(id)s, now(), 'client:owner', 'urgency.settle', %(case)s, 'done',
            jsonb_build_object('how', %(how)s::text))
"""


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    """A database as the first release had left it."""
    made = new_database(Queue.INTAKE)
    migrations.downgrade(Queue.INTAKE, made, FIRST)
    return made


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def test_who_accepted_before_references_were_kept_is_known_by_its_offer(url: str) -> None:
    case, referral, first, second = (uuid4() for _ in range(4))
    offers: dict[UUID, UUID] = {first: uuid4(), second: uuid4()}
    with psycopg.connect(plain(url)) as connection:
        connection.execute(CASE, {"case": case})
        for days, (organisation, offer) in zip((2, 1), offers.items(), strict=True):
            asked = {"organisation": organisation, "offer": offer, "days": days, "step": uuid4()}
            connection.execute(ASKED, {"case": case, "referral": referral, **asked})
        grant = {"referral": referral, "case": case, "organisation": second}
        connection.execute(GRANT, grant)
        nobody = {"referral": uuid4(), "case": case, "organisation": None}
        connection.execute(GRANT, nobody)

    migrations.upgrade(Queue.INTAKE, url)

    with psycopg.connect(plain(url)) as connection:
        rows = connection.execute("SELECT referral_id, offer_id FROM partner_grants").fetchall()
    assert dict(rows) == {referral: offers[second], nobody["referral"]: None}


def test_what_ended_because_it_was_read_waits_again_and_what_was_met_does_not(url: str) -> None:
    read, met = uuid4(), uuid4()
    with psycopg.connect(plain(url)) as connection:
        connection.execute(CASE, {"case": read})
        connection.execute(CASE.replace("AAAA", "AAAB"), {"case": met})
    migrations.upgrade(Queue.INTAKE, url, "0017")
    with psycopg.connect(plain(url)) as connection:
        connection.execute("UPDATE cases SET urgent_since = now(), urgency_settled_at = now()")
        for case, how in ((read, "read"), (met, "met")):
            connection.execute(SETTLED, {"case": case, "id": uuid4(), "how": how})

    migrations.upgrade(Queue.INTAKE, url)

    with psycopg.connect(plain(url)) as connection:
        rows = connection.execute(
            "SELECT id, urgency_settled_at IS NULL, urgency_read_at IS NOT NULL FROM cases"
        ).fetchall()
    assert {row[0]: row[1:] for row in rows} == {read: (True, True), met: (False, False)}


def test_a_unit_is_read_as_of_the_day_its_case_was_told(url: str) -> None:
    case = uuid4()
    with psycopg.connect(plain(url)) as connection:
        connection.execute(CASE, {"case": case})
    migrations.upgrade(Queue.INTAKE, url, "0021")
    with psycopg.connect(plain(url)) as connection:
        # Of the evening in Greenwich: in Hải Phòng the next day has begun.
        connection.execute(
            "UPDATE cases SET registered_at = '2026-03-01T20:00:00Z',"
            " received_at = '2026-02-01T20:00:00Z'"
        )

    migrations.upgrade(Queue.INTAKE, url)

    with psycopg.connect(plain(url)) as connection:
        row = connection.execute("SELECT present_unit_on, origin_unit_on FROM cases").fetchone()
    assert row == (date(2026, 3, 2), None)
