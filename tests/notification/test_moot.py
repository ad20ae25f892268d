"""What asks for an answer is not sent any more once its offer waits for none."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.notification import domain
from services.notification.models import Delivery
from services.notification.policy import (
    CANCELLABLE,
    AttemptOutcome,
    DeliveryState,
    EventType,
    SuspensionReason,
    ended_offers,
)
from shared.contracts import ReferralMoved, ReferralRequested
from shared.contracts.vocabulary import DeliveryOutcome, ReasonCode, ReferralStatus, Role
from shared.kit.audit import AUDIT
from shared.kit.database import savepoint
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.tables import OPERATOR_ALERTS
from tests.notification.builders import Post
from tests.notification.test_parked import give_up
from tests.subjects import somebody

REQUESTED = EventType.REFERRAL_REQUESTED
ENDED = [each for each in ReferralStatus if each is not ReferralStatus.REQUESTED]


def asked(post: Post, school: UUID) -> ReferralRequested:
    """A school is asked for a place in a case that was told of."""
    case = post.case()
    told = post.told.request(organisation_id=school, case_id=case.case_id)
    post.hand(told)
    return told


def moved(post: Post, told: ReferralRequested, status: ReferralStatus) -> ReferralMoved:
    """Its referral moves on."""
    move = post.told.move(
        case_id=told.case_id,
        referral_id=told.referral_id,
        offer_id=told.offer_id,
        organisation_id=told.organisation_id,
        status=status,
        reason=ReasonCode.NO_ANSWER,
    )
    post.hand(move)
    return move


def request_of(post: Post, told: ReferralRequested) -> Delivery:
    return post.delivery(type=REQUESTED, offer_id=told.offer_id)


@pytest.mark.parametrize("status", ENDED)
def test_a_request_that_waits_for_an_address_ends_with_its_offer(
    post: Post, settle: Callable[[], None], status: ReferralStatus
) -> None:
    school = new_id()
    told, other = asked(post, school), asked(post, school)
    moved(post, told, status)
    delivery = request_of(post, told)
    assert (delivery.state, delivery.concluded_at) == (DeliveryState.CANCELLED, post.now)
    settle()
    action = select(AUDIT.c.actor).where(AUDIT.c.action == "delivery.cancelled")
    actors = post.session.scalars(action.where(AUDIT.c.object_id == delivery.id)).all()
    assert actors == [f"message:{ReferralMoved.type}"]
    assert request_of(post, other).state == DeliveryState.NO_ENDPOINT
    post.reachable(school)
    sent = {each.delivery_id for each in post.claim()}
    assert delivery.id not in sent
    assert request_of(post, other).id in sent


def test_that_it_was_taken_back_is_told_as_ever(post: Post) -> None:
    told = asked(post, post.reachable())
    moved(post, told, ReferralStatus.CANCELLED)
    claimed = post.claim()
    assert [each.type for each in claimed if each.organisation_id == told.organisation_id] == [
        EventType.REFERRAL_MOVED
    ]


def test_a_try_under_way_is_written_down_and_followed_by_none(post: Post) -> None:
    told = asked(post, post.reachable())
    claimed = post.claim()
    moved(post, told, ReferralStatus.ACCEPTED)
    post.record(claimed, 503)
    delivery = request_of(post, told)
    assert delivery.state == DeliveryState.CANCELLED
    (attempt,) = post.attempts(delivery.id)
    assert (attempt.outcome, attempt.http_status) == (AttemptOutcome.FAILED, 503)
    assert delivery.id not in {each.delivery_id for each in post.later(3600).claim()}


def test_one_that_arrives_all_the_same_has_arrived(
    post: Post, told: Callable[[], list[Any]]
) -> None:
    request = asked(post, post.reachable())
    claimed = post.claim()
    moved(post, request, ReferralStatus.CANCELLED)
    post.record(claimed, 204)
    assert request_of(post, request).state == DeliveryState.DELIVERED
    assert [each.outcome for each in told()] == [DeliveryOutcome.DELIVERED]


def test_what_has_arrived_stays_as_it_is(post: Post) -> None:
    told = asked(post, post.reachable())
    post.record(post.claim())
    moved(post, told, ReferralStatus.CANCELLED)
    assert request_of(post, told).state == DeliveryState.DELIVERED


def test_what_was_parked_is_no_operators_any_more(post: Post) -> None:
    told = asked(post, post.reachable())
    post = give_up(post)
    delivery = request_of(post, told)
    assert delivery.state == DeliveryState.PARKED
    is_open = (OPERATOR_ALERTS.c.object_id == delivery.id, OPERATOR_ALERTS.c.settled_at.is_(None))
    waiting = select(OPERATOR_ALERTS.c.kind).where(*is_open)
    assert post.session.scalars(waiting).all() == [alerts.AlertKind.DELIVERY_PARKED]
    moved(post, told, ReferralStatus.CANCELLED)
    assert request_of(post, told).state == DeliveryState.CANCELLED
    assert post.session.scalars(waiting).all() == []


def test_what_is_held_back_by_an_operator_is_cancelled_too(post: Post) -> None:
    school = post.reachable()
    post.hand(post.told.organisation(school))
    domain.suspend_organisation(
        post.session,
        organisation_id=school,
        subject=somebody(new_id(), Role.OPERATOR),
        reason=SuspensionReason.PARTNER_ASKED,
        now=post.now,
    )
    told = asked(post, school)
    moved(post, told, ReferralStatus.CANCELLED)
    assert request_of(post, told).state == DeliveryState.CANCELLED


def test_nobody_is_asked_to_read_it_who_has_not(post: Post) -> None:
    school = new_id()
    officer = somebody(school, Role.PROVIDER)
    told, other = asked(post, school), asked(post, school)
    (read,) = (request_of(post, other).id,)
    domain.read_notice(post.session, notice_id=read, subject=officer, now=post.now)
    for each in (told, other):
        moved(post, each, ReferralStatus.CANCELLED)
    page: dict[str, Any] = {"subject": officer, "after": None, "size": 9, "now": post.now}
    shown = domain.find_notices(post.session, **page)
    of_requests = [each.id for each in shown if each.type == REQUESTED]
    assert of_requests == [read], "what was read stays in the inbox"
    assert len(shown) == 3, "and both are told that they were taken back"


STATES = st.sampled_from([each for each in DeliveryState if each is not DeliveryState.FAILED])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(STATES, min_size=1, max_size=5), ended=st.sets(st.integers(0, 4)))
def test_exactly_what_is_moot_and_has_not_arrived_is_cancelled(
    post: Post, states: Sequence[DeliveryState], ended: set[int]
) -> None:
    with savepoint(post.session):
        told = [asked(post, uuid4()) for _ in states]
        for each, state in zip(told, states, strict=True):
            delivery = request_of(post, each)
            is_open = state in {
                DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN
            }  # fmt: skip
            delivery.state = state
            delivery.concluded_at = None if is_open else post.now - timedelta(days=1)
        post.session.flush()
        over = [each for number, each in enumerate(told) if number in ended]
        moves = [post.told.move(case_id=it.case_id, offer_id=it.offer_id) for it in over]
        domain.cancel_asking(post.session, offers=ended_offers(moves), actor="test", now=post.now)
        for number, (each, before) in enumerate(zip(told, states, strict=True)):
            is_cancelled = number in ended and before in CANCELLABLE
            expected = DeliveryState.CANCELLED if is_cancelled else before
            assert request_of(post, each).state == expected
