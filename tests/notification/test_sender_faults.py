"""The sender goes on: what one result does to the database is no matter of the others."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import text

from services.notification.policy import DeliveryState
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.clock import Clock, utc_now
from shared.kit.database import database_now
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver

INCONSISTENT = "UPDATE deliveries SET referral_id = NULL WHERE id = :id"
"""The notice of an offer that no referral belongs to cannot be told of."""


def lost(office: Office) -> list[object]:
    with office.begin() as session:
        found = alerts.list_open(session, size=10)
        return [each["object_id"] for each in found if each["kind"] == AlertKind.RESULT_LOST]


def test_a_result_that_cannot_be_written_down_loses_no_other_and_ends_no_sender(
    make_office: MakeOffice, receiver: Receiver
) -> None:
    office = make_office()
    receiver.hold.clear()
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        asked = post.requested(school, 5)
    wait_until(lambda: receiver.under_way == 5)
    with office.begin() as session:
        bad = Post(session, utc_now()).delivery(offer_id=asked[0].offer_id).id
        session.execute(text(INCONSISTENT), {"id": bad})
    receiver.hold.set()
    office.settled(delivered=4, sending=1)
    wait_until(lambda: lost(office) == [bad])
    assert office.deaths == 0
    with office.at() as post:
        post.requested(school)
    office.settled(delivered=5, sending=1)
    mended_and_due(office, bad, asked[0].referral_id)
    office.settled(delivered=6)
    assert lost(office) == []
    assert receiver.ids.count(str(bad)) == 2


def mended_and_due(office: Office, delivery_id: object, referral_id: object) -> None:
    """Somebody mends the row; its lease and the rest of its alert are over."""
    with office.begin() as session:
        mend = "UPDATE deliveries SET referral_id = :referral, next_at = now() WHERE id = :id"
        session.execute(text(mend), {"referral": referral_id, "id": delivery_id})
        session.execute(text("UPDATE operator_alerts SET rests_until = now()"))


def test_what_cannot_be_written_down_rests_before_it_is_sent_again(
    make_office: MakeOffice, receiver: Receiver
) -> None:
    office = make_office(lease_seconds=0.05)
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        (asked,) = post.requested(school)
        post.session.execute(text("UPDATE deliveries SET referral_id = NULL"))
    wait_until(lambda: len(lost(office)) == 1)
    with office.at() as post:
        post.requested(school, 20)
    office.settled(delivered=20, sending=1)
    assert receiver.ids.count(str(office_delivery(office, asked.offer_id))) == 1


def office_delivery(office: Office, offer_id: object) -> object:
    with office.begin() as session:
        found = Post(session, utc_now()).delivery(offer_id=offer_id)
        assert found.state == DeliveryState.SENDING
        return found.id


def ahead() -> datetime:
    """What a process shows whose clock is an hour wrong."""
    return utc_now() + timedelta(hours=1)


def behind() -> datetime:
    return utc_now() - timedelta(hours=1)


@pytest.mark.parametrize("clock", [ahead, behind])
def test_a_sender_with_a_wrong_clock_leaves_the_claims_of_others_alone(
    make_office: MakeOffice, receiver: Receiver, clock: Clock
) -> None:
    office = make_office(lease_seconds=60.0)
    receiver.hold.clear()
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        post.requested(school, 3)
    wait_until(lambda: receiver.under_way == 3)
    other = make_office(clock=clock, lease_seconds=60.0)
    with other.at() as post:
        neighbour = post.reachable(url=receiver.url)
        post.requested(neighbour)
    wait_until(lambda: receiver.under_way >= 4)
    with other.at() as post:
        post.requested(neighbour)
    wait_until(lambda: receiver.under_way >= 5)
    receiver.hold.set()
    office.settled(delivered=5)
    assert len(receiver.ids) == len(set(receiver.ids)), "each was called for once"


@pytest.mark.parametrize("clock", [ahead, behind])
def test_what_a_sender_with_a_wrong_clock_puts_off_is_due_in_its_time(
    make_office: MakeOffice, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [(500, {})]
    office = make_office(clock=clock)
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    office.settled(delivered=1)
    assert len(receiver.ids) == 2


@pytest.mark.parametrize("clock", [ahead, behind])
def test_a_try_begins_and_ends_by_the_clock_of_the_database(
    make_office: MakeOffice, receiver: Receiver, clock: Clock
) -> None:
    receiver.hold.clear()
    office = make_office(clock=clock)
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
        # The sender's transaction may have begun before this one, and still see what it tells.
        earliest = database_now(post.session) - timedelta(minutes=5)
    wait_until(lambda: receiver.under_way == 1)
    with office.begin() as session:
        answered_at = database_now(session)
    receiver.hold.set()
    office.settled(delivered=1)
    with office.begin() as session:
        began, ended, concluded = session.execute(text(_TIMES)).one()
        assert earliest <= began <= answered_at <= ended == concluded <= database_now(session)


_TIMES = """
    SELECT started_at, ended_at, concluded_at
      FROM attempts JOIN deliveries ON deliveries.id = delivery_id
"""


@pytest.mark.parametrize("clock", [ahead, behind])
def test_a_moment_that_a_receiver_names_is_waited_for_by_the_clock_of_the_database(
    make_office: MakeOffice, receiver: Receiver, clock: Clock
) -> None:
    moment = format_datetime(utc_now() + timedelta(minutes=30), usegmt=True)
    receiver.answers = [(503, {"Retry-After": moment})]
    office = make_office(clock=clock)
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    wait_until(lambda: waits(office) != [])
    (minutes,) = waits(office)
    assert 25 < minutes <= 35


def waits(office: Office) -> list[float]:
    """In how many minutes what has failed is tried again."""
    asked = "SELECT extract(epoch FROM next_at - now()) / 60 FROM deliveries"
    asked = f"{asked} WHERE last_code IS NOT NULL"
    with office.begin() as session:
        return [float(minutes) for minutes in session.scalars(text(asked))]


@pytest.mark.parametrize("clock", [ahead, behind])
def test_what_a_worker_with_a_wrong_clock_makes_due_is_sent_at_once_and_strands_nothing(
    make_office: MakeOffice, receiver: Receiver, clock: Clock
) -> None:
    office = make_office(lease_seconds=60.0)
    receiver.hold.clear()
    with office.begin() as session:
        post = Post(session, clock())
        school = post.reachable(url=receiver.url)
        post.requested(school, 2)
    office.sender.wake()
    wait_until(lambda: receiver.under_way == 2)
    with office.begin() as session:
        at = Post(session, clock())
        registered = at.endpoint(school).endpoint_id
        at.reachable(school, endpoint_id=registered, status=EndpointStatus.DISABLED)
    receiver.hold.set()
    office.settled(delivered=2)
