"""Several gateways of SMS and mail servers: what one cannot take goes by another, one copy each."""

import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from services.notification import domain
from services.notification.domain import Called, CarrierChoice
from services.notification.models import Carrier
from services.notification.policy import AttemptOutcome, DeliveryState
from shared.contracts.vocabulary import ChannelKind, Role
from shared.duties import Duty, find_duties
from shared.kit.clock import utc_now
from shared.kit.database import Begin, database_now
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.operations import state_of
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.carrying import AWAY, Make, carrying, gateway, replayed, server, settings
from tests.notification.conftest import NOON
from tests.notification.office import Office
from tests.notification.post_office import BREAK_OFF, PostOffice
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import (
    NEVER_ANSWERS,
    OTHER_SECRET,
    SECRET,
    TAKES,
    SmsGateway,
    report,
)
from tests.subjects import somebody

__all__ = ["carrying", "settings"]

SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL
IN_TIME = 1.0
"""What a second of the schedule lasts where rests and waits are not over before a test is."""


@pytest.fixture
def first() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture
def second() -> Iterator[SmsGateway]:
    with SmsGateway(OTHER_SECRET) as started:
        yield started


def both(first: SmsGateway, second: SmsGateway) -> str:
    """By the first, and by the second where the first cannot be asked."""
    return gateway("first", first.address) + gateway("second", second.address, OTHER_SECRET, 0)


def asked(office: Office, number: str = TAKES) -> UUID:
    """A school whose officer carries this phone is asked to take somebody; the delivery."""
    with office.at() as post:
        school = post.texted(number=number)
        post.requested(school)
        return post.delivery(organisation_id=school).id


def tries(begin: Begin, delivery_id: UUID | None = None) -> list[tuple[str | None, str | None]]:
    """By whom each try of a delivery went, and how it ended."""
    with begin() as session:
        post = Post(session, utc_now())
        found = delivery_id or post.delivery().id
        return [(it.carrier, it.outcome) for it in post.attempts(found)]


def standing(begin: Begin, name: str) -> Carrier:
    with begin() as session:
        return session.scalars(select(Carrier).where(Carrier.carrier == name)).one()


def shown(client: TestClient, who: Mapping[str, str], channel: ChannelKind) -> dict[str, Any]:
    """The carriers of a channel, as operators see them."""
    found = client.get("/notification/v1/channels", headers=dict(who)).json()["items"]
    (told,) = [each["carriers"] for each in found if each["channel"] == channel]
    return {each["carrier"]: each for each in told}


def replay(office: Office, delivery_id: UUID) -> None:
    """A person has it sent again."""
    with office.begin() as session:
        replayed(session, delivery_id, utc_now())
    office.sender.wake()


def test_what_a_gateway_certainly_has_not_goes_by_the_other_at_its_next_try(
    carrying: Make, first: SmsGateway, second: SmsGateway
) -> None:
    first.is_down = True
    office = carrying(both(first, second))
    asked(office)
    office.settled(sent=1)
    assert tries(office.begin) == [("first", "failed"), ("second", "sent")]
    assert (len(first.phones), len(second.phones)) == (0, 1)


def test_a_gateway_that_is_not_there_is_passed_over_too(carrying: Make, second: SmsGateway) -> None:
    named = gateway("away", AWAY) + gateway("second", second.address, OTHER_SECRET, 0)
    office = carrying(named)
    asked(office)
    office.settled(sent=1)
    assert tries(office.begin) == [("away", "unreachable"), ("second", "sent")]


def test_what_may_have_left_is_given_to_no_other_gateway_not_even_by_a_person(
    carrying: Make, first: SmsGateway, second: SmsGateway
) -> None:
    first.hold.clear()
    office = carrying(both(first, second))
    delivery_id = asked(office, NEVER_ANSWERS)
    office.settled(parked=1)
    assert tries(office.begin) == [("first", "unknown")]
    assert (len(first.phones), len(second.bodies)) == (1, 0)
    first.hold.set()
    first.is_down = True
    replay(office, delivery_id)
    wait_until(lambda: len(first.bodies) > 2, seconds=20)
    first.is_down = False
    office.settled(sent=1)
    assert {name for name, _ in tries(office.begin)} == {"first"}
    assert (len(first.phones), len(second.bodies)) == (1, 0)


def test_a_gateway_that_keeps_failing_rests_and_operators_see_since_when(
    carrying: Make,
    client: TestClient,
    token_for: Callable[..., dict[str, str]],
    first: SmsGateway,
    second: SmsGateway,
) -> None:
    operator = token_for("operator")
    first.is_down = True
    office = carrying(both(first, second), unit=IN_TIME)
    for _ in range(3):
        asked(office)
    wait_until(lambda: standing(office.begin, "first").resting_since is not None, seconds=20)
    told = shown(client, operator, SMS)
    resting, well = told["first"], told["second"]
    assert (resting["calls"], resting["failures"]) == (3, 3)
    assert resting["resting_since"] < resting["rests_until"]
    assert (well["resting_since"], well["failures"], well["weight"]) == (None, 0, 0)
    # What comes now is not given to it first.
    delivery_id = asked(office)
    office.settled(pending=3, sent=1)
    assert tries(office.begin, delivery_id) == [("second", "sent")]
    answer = client.get(f"/notification/v1/deliveries/{delivery_id}", headers=operator)
    assert [each["carrier"] for each in answer.json()["tries"]] == ["second"]


def test_a_gateway_that_has_rested_is_tried_by_one_text_and_is_well_again(
    carrying: Make, first: SmsGateway, second: SmsGateway
) -> None:
    first.is_down = True
    office = carrying(both(first, second))
    for _ in range(3):
        asked(office)
    office.settled(sent=3)
    assert standing(office.begin, "first").resting_since is not None
    first.is_down = False

    def is_well() -> bool:
        asked(office)
        return standing(office.begin, "first").resting_since is None

    wait_until(is_well, seconds=20)
    assert len(first.phones) >= 1
    before = len(first.phones)
    asked(office)
    wait_until(lambda: len(first.phones) > before, seconds=20)


def watched(begin: Begin, rested_seconds: float) -> list[Any]:
    """What operators are alerted of once the relay has looked."""
    with begin() as session:
        domain.watch_carriers(session, utc_now(), rested_seconds=rested_seconds)
        found = alerts.list_open(session, size=10, must_act=Role.OPERATOR)
        return [each["facts"] for each in found if each["kind"] == AlertKind.CARRIER_RESTING]


def test_a_gateway_that_rests_for_long_is_an_operators_until_it_takes_a_text_again(
    carrying: Make, first: SmsGateway, second: SmsGateway
) -> None:
    first.is_down = True
    office = carrying(both(first, second))
    for _ in range(3):
        asked(office)
    office.settled(sent=3)
    since = standing(office.begin, "first").resting_since
    assert since is not None
    assert watched(office.begin, 3600.0) == []
    told = {"channel": "sms", "carrier": "first", "oldest": since.isoformat()}
    assert watched(office.begin, 0.0) == [told]
    with office.begin() as session:
        operator = somebody(new_id(), Role.OPERATOR)
        duties, _ = find_duties(
            session, domain.DUTIES, subject=operator, now=utc_now(), after=None, size=10
        )
        counted = [each.kind for each in state_of(session, "notification").alerts]
    assert [each.what for each in duties] == [Duty.OPERATOR_ALERT]
    assert counted == [AlertKind.CARRIER_RESTING], "as Prometheus is told"
    first.is_down = False

    def is_well() -> bool:
        asked(office)
        return standing(office.begin, "first").resting_since is None

    wait_until(is_well, seconds=20)
    assert watched(office.begin, 0.0) == []


def test_a_gateway_that_was_taken_out_of_the_file_is_nobodys_to_see_to(begin: Begin) -> None:
    with begin() as session:
        domain.note_carriers(session, {SMS: {"first": 1, "second": 1}})
        now = database_now(session)
        row = session.get_one(Carrier, (SMS, "first"))
        row.resting_since = row.rests_until = now - timedelta(hours=1)
    assert [each["carrier"] for each in watched(begin, 900.0)] == ["first"]
    with begin() as session:
        session.get_one(Carrier, (SMS, "first")).served_at = now - timedelta(minutes=6)
    assert watched(begin, 900.0) == []


def test_while_all_rest_something_is_asked_all_the_same(
    carrying: Make, first: SmsGateway, second: SmsGateway
) -> None:
    first.is_down = second.is_down = True
    office = carrying(both(first, second))
    for _ in range(3):
        asked(office)
    wait_until(
        lambda: all(standing(office.begin, it).resting_since for it in ("first", "second")),
        seconds=20,
    )
    second.is_down = False
    office.settled(sent=3)
    assert len(second.phones) == 3


def test_one_text_alone_finds_out_whoever_chooses_at_the_same_moment(begin: Begin) -> None:
    weights = {SMS: {"first": 1, "second": 1}}
    with begin() as session:
        domain.note_carriers(session, weights)
        now = database_now(session)
        row = session.get_one(Carrier, (SMS, "first"))
        row.resting_since = row.last_failed_at = now - timedelta(minutes=1)
        row.rests_until = now
    together = Barrier(4)

    def choose(seed: int) -> str:
        with begin() as session:
            together.wait()
            choice = CarrierChoice(
                session, weights, rng=Random(seed), lease_seconds=60.0, now=database_now(session)
            )
            return choice.one(SMS)

    with ThreadPoolExecutor(4) as pool:
        chosen = list(pool.map(choose, range(4)))
    assert sorted(chosen) == ["first", "second", "second", "second"]


def test_counts_of_calls_made_at_the_same_moment_are_all_kept(begin: Begin) -> None:
    weights = {SMS: {"first": 1, "second": 1}}
    with begin() as session:
        domain.note_carriers(session, weights)
    called = [
        Called(SMS, name, outcome)
        for name in weights[SMS]
        for outcome in (AttemptOutcome.SENT, AttemptOutcome.FAILED)
    ]

    def note(seed: int) -> None:
        told = Random(seed).sample(called, len(called))
        with begin() as session:
            domain.note_calls(session, told, unit_seconds=1.0, now=database_now(session))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(20)))
    with begin() as session:
        sums = text("SELECT carrier, sum(calls), sum(failures) FROM carrier_minutes GROUP BY 1")
        assert sorted(map(tuple, session.execute(sums))) == [("first", 40, 20), ("second", 40, 20)]


def test_a_sender_that_died_leaves_behind_which_gateway_may_have_it(
    post: Post, begin: Begin
) -> None:
    def given(post: Post, **weights: int) -> list[str | None]:
        claimed = domain.assign_carriers(
            post.session,
            post.claim(),
            weights={SMS: weights},
            rng=Random(1),
            lease_seconds=60.0,
            now=post.now,
        )
        return [each.carrier for each in claimed]

    post.requested(post.texted())
    assert given(post, first=1, second=0) == ["first"]
    late = post.later(3600)
    domain.park_unanswered(late.session, late.now)
    delivery = late.delivery()
    assert (delivery.state, delivery.last_code) == (DeliveryState.PARKED, AttemptOutcome.UNKNOWN)
    replayed(late.session, delivery.id, late.now)
    # Nothing but that gateway can tell whether a second copy would leave.
    assert given(late.later(1), first=0, second=9) == ["first"]


def test_a_report_is_believed_of_the_gateway_that_was_asked_and_of_no_other(
    client: TestClient, begin: Begin
) -> None:
    client.app.state.sms_secrets = {"first": (SECRET,), "second": (OTHER_SECRET,)}  # type: ignore[attr-defined]
    with begin() as session:
        post = Post(session, NOON)
        post.requested(post.texted())
        (claimed,) = domain.assign_carriers(
            session,
            post.claim(),
            weights={SMS: {"first": 1}},
            rng=Random(1),
            lease_seconds=60.0,
            now=NOON,
        )
        post.record([claimed], 202)
    body = {"id": str(claimed.delivery_id), "attempt": 1, "outcome": "delivered"}
    at = NOON.timestamp()
    assert report(client, body, at=at, secret=OTHER_SECRET).status_code == 404
    never = body | {"attempt": 2}
    assert report(client, never, at=at).status_code == 404
    assert report(client, body, at=at).status_code == 204
    with begin() as session:
        assert Post(session, NOON).delivery().state == DeliveryState.DELIVERED


def test_a_mail_that_one_server_cannot_take_goes_by_the_other_under_the_same_id(
    carrying: Make,
) -> None:
    with socket.socket() as closed, PostOffice() as post_office:
        closed.bind((LOOPBACK, 0))
        port = closed.getsockname()[1]
        office = carrying(mail=server("away", port) + server("spare", post_office.port, 0))
        with office.at() as post:
            post.requested(post.written_to())
        office.settled(sent=1)
        assert tries(office.begin) == [("away", "unreachable"), ("spare", "sent")]
        with office.begin() as session:
            delivery_id = Post(session, utc_now()).delivery().id
        assert post_office.message_ids() == [f"<{delivery_id}@nhipcau.example>"]


def test_a_mail_that_may_have_left_goes_again_by_the_other_as_the_same_mail(
    carrying: Make,
) -> None:
    with PostOffice() as main, PostOffice() as spare:
        main.at_mail.append(BREAK_OFF)
        office = carrying(mail=server("main", main.port) + server("spare", spare.port, 0))
        with office.at() as post:
            post.requested(post.written_to())
        office.settled(sent=1)
        assert tries(office.begin) == [("main", "unknown"), ("spare", "sent")]
        assert [each.raw for each in main.taken] == [each.raw for each in spare.taken]


def test_a_server_that_asks_to_come_again_is_asked_again_and_is_not_to_blame(
    carrying: Make,
) -> None:
    with PostOffice() as main, PostOffice() as spare:
        for each in (main, spare):
            each.at_recipient += ["451 4.7.1 greylisted"] * 3
        office = carrying(mail=server("main", main.port) + server("spare", spare.port))
        with office.at() as post:
            post.requested(post.written_to())
        office.settled(sent=1)
        told = tries(office.begin)
        assert [outcome for _, outcome in told] == ["deferred"] * 3 + ["sent"]
        assert len({name for name, _ in told}) == 1
        assert standing(office.begin, str(told[0][0])).last_failed_at is None
