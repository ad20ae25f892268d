"""Several systems of one organisation: each gets what it is for, once, and nobody else does."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from standardwebhooks import Webhook

from services.notification import domain
from services.notification.models import Delivery, Endpoint
from services.notification.policy import (
    TOPICS,
    AttemptOutcome,
    DeliveryState,
    EventType,
    SuspensionReason,
)
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, EndpointTopic, Role
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from shared.kit.webhook_secrets import derive_secret
from shared.messaging.parking import ReplayReason
from tests.conftest import wait_until
from tests.notification.builders import MASTER, Post
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver
from tests.notification.topics import EVERY, got_by, tell, types_of
from tests.subjects import somebody

REFERRALS, CASES = EndpointTopic.REFERRALS, EndpointTopic.CASES
OF_REFERRALS, OF_CASES = types_of(REFERRALS), types_of(CASES)
OTHERS = tuple(kind for kind in EVERY if kind not in (*OF_REFERRALS, *OF_CASES))
PARK_ALL = update(Delivery).values(
    state=DeliveryState.PARKED, last_code=AttemptOutcome.FAILED, channel=ChannelKind.WEBHOOK
)
DOWN = (503, {"Retry-After": "3600"})


class Systems(NamedTuple):
    """What an organisation has: a system for referrals, one for cases, and one for all else."""

    school: UUID
    referrals: Receiver
    cases: Receiver
    rest: Receiver
    ids: dict[EndpointTopic | None, UUID]

    def register(self, post: Post, *topics: EndpointTopic | None, version: int = 1) -> None:
        """Say where these go; again, with another version."""
        where = {REFERRALS: self.referrals, CASES: self.cases, None: self.rest}
        for topic in topics:
            told = {"endpoint_id": self.ids[topic], "secret_version": version, "topic": topic}
            post.reachable(self.school, url=where[topic].url, **told)

    def withdraw(self, post: Post, topic: EndpointTopic | None) -> None:
        """Take that no more."""
        told = {"endpoint_id": self.ids[topic], "topic": topic, "status": EndpointStatus.DISABLED}
        post.hand(post.told.endpoint(self.school, **told))


@pytest.fixture
def systems() -> Iterator[Systems]:
    ids = {topic: new_id() for topic in (REFERRALS, CASES, None)}
    with Receiver() as referrals, Receiver() as cases, Receiver() as rest:
        yield Systems(new_id(), referrals, cases, rest, ids)


def once(*kinds: EventType) -> Counter[str]:
    return Counter(map(str, kinds))


def test_every_event_but_a_test_is_of_one_topic_and_every_topic_has_events() -> None:
    assert set(EventType) - set(TOPICS) == {EventType.ENDPOINT_TEST}
    assert set(TOPICS.values()) == set(EndpointTopic)


def test_each_system_gets_what_it_is_for_once_and_signed_with_its_own_secret(
    office: Office, receiver: Receiver, systems: Systems
) -> None:
    with office.at() as post:
        systems.register(post, REFERRALS, CASES, None)
        other = post.reachable(url=receiver.url)
    with office.at() as post:
        tell(post, systems.school)
        tell(post, other)
    office.settled(delivered=2 * len(EVERY))
    assert got_by(systems.referrals) == once(*OF_REFERRALS)
    assert got_by(systems.cases) == once(*OF_CASES)
    assert got_by(systems.rest) == once(*OTHERS)
    assert got_by(receiver) == once(*EVERY), "another organisation has one system for everything"
    secret = derive_secret(MASTER, systems.ids[CASES], 1)
    for got in systems.cases.got:
        assert Webhook(secret).verify(got.body, got.headers)


def test_what_is_for_a_system_that_is_down_waits_for_it_and_the_others_go_on(
    office: Office, systems: Systems
) -> None:
    systems.referrals.always = DOWN
    with office.at() as post:
        systems.register(post, REFERRALS, CASES, None)
        tell(post, systems.school)
    office.settled(delivered=len(OF_CASES) + len(OTHERS), pending=len(OF_REFERRALS))
    assert got_by(systems.cases) == once(*OF_CASES)
    assert got_by(systems.rest) == once(*OTHERS)
    missed = Counter(systems.referrals.ids)
    systems.referrals.always = (204, {})
    systems.referrals.got.clear()
    with office.at() as post:
        systems.register(post, REFERRALS, version=2)
    office.settled(delivered=len(EVERY))
    assert got_by(systems.referrals) == once(*OF_REFERRALS)
    assert set(missed) <= set(systems.referrals.ids), "under the ids they always had"
    assert got_by(systems.rest) == once(*OTHERS)


def test_a_system_that_hangs_takes_nothing_from_the_share_of_another(
    make_office: MakeOffice, systems: Systems
) -> None:
    office = make_office(per_endpoint=2, seconds=15.0)
    systems.referrals.hold.clear()
    systems.cases.hold.clear()
    with office.at() as post:
        systems.register(post, REFERRALS, CASES)
        tell(post, systems.school, OF_REFERRALS * 5)
        tell(post, systems.school, OF_CASES * 4)
    both = (systems.referrals, systems.cases)
    wait_until(lambda: [each.under_way for each in both] == [2, 2], what="two calls to each")
    systems.cases.hold.set()
    wait_until(lambda: len(systems.cases.got) == 20, seconds=20, what="all that is of cases")
    assert systems.referrals.under_way == systems.referrals.most_under_way == 2
    assert len(systems.referrals.got) == 2
    assert systems.cases.most_under_way == 2
    systems.referrals.hold.set()
    office.settled(delivered=40)
    assert got_by(systems.referrals) == once(*OF_REFERRALS * 5)


def test_what_was_for_a_system_that_is_withdrawn_goes_to_the_one_for_all_else(
    office: Office, systems: Systems
) -> None:
    systems.referrals.always = DOWN
    with office.at() as post:
        systems.register(post, REFERRALS, None)
        tell(post, systems.school, OF_REFERRALS)
    wait_until(lambda: len(systems.referrals.got) == len(OF_REFERRALS), what="a first try of each")
    office.settled(pending=len(OF_REFERRALS))
    assert systems.rest.got == []
    with office.at() as post:
        systems.withdraw(post, REFERRALS)
    office.settled(delivered=len(OF_REFERRALS))
    assert got_by(systems.rest) == once(*OF_REFERRALS)
    assert set(systems.rest.ids) == set(systems.referrals.ids)


def test_what_was_for_a_system_that_is_gone_goes_to_the_one_for_all_else(
    office: Office, systems: Systems
) -> None:
    systems.cases.always = (410, {})
    with office.at() as post:
        systems.register(post, CASES, None)
        tell(post, systems.school, OF_CASES * 3)
    office.settled(delivered=3 * len(OF_CASES))
    assert got_by(systems.rest) == once(*OF_CASES * 3)
    with office.at() as post:
        kept = post.session.get(Endpoint, systems.ids[CASES])
        assert kept is not None
        assert kept.status == EndpointStatus.DISABLED
        assert post.session.get(Endpoint, systems.ids[None]).status == EndpointStatus.ACTIVE  # type: ignore[union-attr]


def test_what_no_system_is_for_waits_visibly_until_one_is_registered(
    office: Office, systems: Systems
) -> None:
    with office.at() as post:
        systems.register(post, CASES)
        tell(post, systems.school)
    office.settled(delivered=len(OF_CASES), no_endpoint=len(EVERY) - len(OF_CASES))
    with office.at() as post:
        systems.register(post, REFERRALS)
    office.settled(
        delivered=len(OF_CASES) + len(OF_REFERRALS),
        no_endpoint=len(OTHERS),
    )
    with office.at() as post:
        systems.register(post, None)
    office.settled(delivered=len(EVERY))
    assert got_by(systems.referrals) == once(*OF_REFERRALS)
    assert got_by(systems.cases) == once(*OF_CASES)
    assert got_by(systems.rest) == once(*OTHERS)


def test_a_system_registered_later_takes_what_still_waits_for_the_one_for_all_else(
    office: Office, systems: Systems
) -> None:
    systems.rest.always = DOWN
    with office.at() as post:
        systems.register(post, None)
        tell(post, systems.school, (*OF_CASES, *OTHERS))
    everything = len(OF_CASES) + len(OTHERS)
    wait_until(lambda: systems.rest.got != [] and office.states() == {"pending": everything})
    with office.at() as post:
        systems.register(post, CASES)
    office.settled(delivered=len(OF_CASES), pending=len(OTHERS))
    assert got_by(systems.cases) == once(*OF_CASES)


def test_what_is_had_sent_again_goes_to_the_system_that_is_for_it_now(
    office: Office, systems: Systems
) -> None:
    operator = somebody(new_id(), Role.OPERATOR)
    systems.rest.always = DOWN
    with office.at() as post:
        systems.register(post, None)
        tell(post, systems.school, [EventType.ALERT_RAISED, EventType.VERIFICATION_OPENED])
    wait_until(lambda: len(systems.rest.got) == 2, what="a first try of each")
    office.settled(pending=2)
    (parked_alert,) = [
        each.headers["webhook-id"] for each in systems.rest.got if b"alert" in each.body
    ]
    systems.rest.always = (204, {})
    systems.rest.got.clear()
    with office.at() as post:
        post.session.execute(PARK_ALL.values(concluded_at=post.now))
    with office.at() as post:
        systems.register(post, CASES)
        systems.register(post, None, version=2)
        for each in post.deliveries(state=DeliveryState.PARKED):
            domain.replay_delivery(
                post.session,
                delivery_id=each.id,
                subject=operator,
                reason=ReplayReason.CAUSE_FIXED,
                actor=operator.actor,
                now=post.now,
            )
    office.sender.wake()
    office.settled(delivered=2)
    assert systems.cases.ids == [parked_alert]
    assert got_by(systems.cases) == once(EventType.ALERT_RAISED)
    assert got_by(systems.rest) == once(EventType.VERIFICATION_OPENED)


def test_many_had_sent_again_together_wait_only_for_the_system_that_rests(
    office: Office, systems: Systems
) -> None:
    operator = somebody(new_id(), Role.OPERATOR)
    kinds = (*OF_REFERRALS, *OF_CASES)
    with office.at() as post:
        systems.register(post, REFERRALS, CASES)
    with office.begin() as session:
        post = Post(session, utc_now())
        tell(post, systems.school, kinds)
        session.execute(PARK_ALL.values(concluded_at=post.now))
        rests = update(Endpoint).where(Endpoint.endpoint_id == systems.ids[REFERRALS])
        session.execute(rests.values(paused_until=post.now + timedelta(hours=1)))
        domain.start_replay(
            session,
            choice=domain.Choice(organisation_id=systems.school),
            count=len(kinds),
            per_minute=600,
            reason=ReplayReason.CAUSE_FIXED,
            subject=operator,
            now=post.now,
        )
    office.sender.wake()
    office.settled(delivered=len(OF_CASES), parked=len(OF_REFERRALS))
    assert got_by(systems.cases) == once(*OF_CASES)
    assert systems.referrals.got == []


def test_a_test_goes_to_the_system_that_is_tested(
    office: Office,
    client: TestClient,
    token_for: Callable[..., dict[str, str]],
    systems: Systems,
) -> None:
    with office.at() as post:
        systems.register(post, REFERRALS, CASES, None)
    mine = token_for("provider", organisation_id=systems.school)
    told = {CASES: systems.cases, REFERRALS: systems.referrals, None: systems.rest}
    for number, topic in enumerate(told, start=1):
        answer = client.post(
            f"/notification/v1/endpoints/{systems.ids[topic]}/tests",
            headers={**mine, "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201, answer.text
        office.sender.wake()
        office.settled(delivered=number)
    for receiver in told.values():
        assert got_by(receiver) == once(EventType.ENDPOINT_TEST)


def test_a_suspended_system_keeps_what_is_for_it_and_hastens_nothing_of_another(
    post: Post, systems: Systems
) -> None:
    operator = somebody(new_id(), Role.OPERATOR)
    systems.register(post, REFERRALS, CASES, None)
    tell(post, systems.school, [EventType.ALERT_RAISED])
    post.record(post.claim(), 503)
    (resting,) = post.deliveries(type=EventType.ALERT_RAISED)
    due_at = resting.next_at
    domain.suspend_endpoint(
        post.session,
        endpoint_id=systems.ids[REFERRALS],
        subject=operator,
        reason=SuspensionReason.PARTNER_ASKED,
        now=post.now,
    )
    tell(post, systems.school, [EventType.REFERRAL_REQUESTED, EventType.VERIFICATION_OPENED])
    assert [each.type for each in post.claim()] == [EventType.VERIFICATION_OPENED]
    (recipient,) = domain.find_recipients(post.session, subject=operator, after=None, size=10)
    assert [each.topic for each in recipient.endpoints] == [None, CASES, REFERRALS]
    assert [each.part for each in recipient.suspensions] == ["endpoint"]
    domain.resume_endpoint(
        post.session, endpoint_id=systems.ids[REFERRALS], subject=operator, now=post.now
    )
    assert [each.type for each in post.claim()] == [EventType.REFERRAL_REQUESTED]
    assert post.delivery(id=resting.id).next_at == due_at


def test_calls_that_began_do_not_end_in_another_system(
    make_office: MakeOffice, systems: Systems
) -> None:
    """The system is withdrawn while it is called: what it took is not sent anywhere else."""
    office = make_office(seconds=15.0)
    systems.cases.hold.clear()
    with office.at() as post:
        systems.register(post, CASES, None)
        tell(post, systems.school, [EventType.PLAN_OPENED])
    wait_until(lambda: systems.cases.under_way == 1, what="a call")
    with office.at() as post:
        systems.withdraw(post, CASES)
    systems.cases.hold.set()
    office.settled(delivered=1)
    assert systems.rest.got == []
