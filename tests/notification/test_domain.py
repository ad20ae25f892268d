"""Claiming, recording, backing off, pausing, parking, replaying: rows in a session, no network."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.domain.waiting import STEP
from services.notification.errors import DeliveryNotFound, DeliveryNotParked
from services.notification.policy import (
    CONCLUDED,
    WEBHOOK,
    Answer,
    AttemptOutcome,
    DeliveryState,
    Trouble,
)
from shared.contracts import DeliveryConcluded
from shared.contracts.vocabulary import DeliveryOutcome, EndpointStatus, Role
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging.parking import ReplayReason
from tests.notification.builders import LEASE, Post
from tests.statements import counted
from tests.subjects import somebody

SCHEDULE, SLOW_SCHEDULE = WEBHOOK.waits, WEBHOOK.slowly.waits
ToldBack = Callable[[], list[DeliveryConcluded]]
OPERATOR = somebody(new_id(), Role.OPERATOR)


def test_a_claim_is_written_down_before_the_call(post: Post) -> None:
    school = post.reachable()
    post.requested(school)
    (claimed,) = post.claim()
    delivery = post.delivery()
    assert delivery.state == DeliveryState.SENDING
    assert delivery.next_at == post.now + timedelta(seconds=LEASE)
    assert claimed.delivery_id == delivery.id
    (intended,) = post.attempts(delivery.id)
    assert (intended.number, intended.started_at, intended.ended_at) == (1, post.now, None)


def test_what_is_claimed_is_not_claimed_again_while_its_lease_lasts(post: Post) -> None:
    post.requested(post.reachable())
    assert len(post.claim()) == 1
    assert post.claim() == []
    assert post.later(LEASE - 1).claim() == []


def test_a_claim_whose_sender_died_is_sent_again_under_the_same_id(post: Post) -> None:
    post.requested(post.reachable())
    (first,) = post.claim()
    after = post.later(LEASE + 1)
    (second,) = after.claim()
    assert second.delivery_id == first.delivery_id
    assert second.body == first.body
    assert (first.number, second.number) == (1, 2)
    former, current = post.attempts(first.delivery_id)
    assert former.outcome == AttemptOutcome.UNKNOWN
    assert current.outcome is None


def test_a_late_result_of_a_lost_claim_changes_its_own_try_only(post: Post) -> None:
    post.requested(post.reachable())
    late = post.claim()
    after = post.later(LEASE + 1)
    current = after.claim()
    after.record(late, 500)
    assert post.delivery().state == DeliveryState.SENDING
    former, _ = post.attempts(post.delivery().id)
    assert former.outcome == AttemptOutcome.FAILED
    after.record(current)
    assert post.delivery().state == DeliveryState.DELIVERED


def test_a_delivery_that_arrived_is_concluded_and_told(post: Post, told: ToldBack) -> None:
    school = post.reachable()
    (asked,) = post.requested(school)
    after = post.later(1)
    after.record(post.claim(), 202)
    delivery = post.delivery()
    assert delivery.state == DeliveryState.DELIVERED
    assert delivery.concluded_at == after.now
    assert delivery.last_code == AttemptOutcome.DELIVERED
    (attempt,) = post.attempts(delivery.id)
    assert (attempt.outcome, attempt.http_status) == (AttemptOutcome.DELIVERED, 202)
    (concluded,) = told()
    assert concluded == DeliveryConcluded(
        occurred_at=after.now,
        case_id=asked.case_id,
        delivery_id=delivery.id,
        referral_id=asked.referral_id,
        offer_id=asked.offer_id,
        organisation_id=school,
        outcome=DeliveryOutcome.DELIVERED,
    )


@pytest.mark.parametrize(
    ("answer", "schedule", "waiting"),
    [
        (Answer(status=500), SCHEDULE, DeliveryState.PENDING),
        (Answer(trouble=Trouble.UNREACHABLE), SCHEDULE, DeliveryState.PENDING),
        (Answer(trouble=Trouble.UNKNOWN), SCHEDULE, DeliveryState.UNKNOWN),
        (Answer(status=404), SLOW_SCHEDULE, DeliveryState.PENDING),
        (Answer(status=302), SLOW_SCHEDULE, DeliveryState.PENDING),
        (Answer(trouble=Trouble.TLS_FAILED), SLOW_SCHEDULE, DeliveryState.PENDING),
    ],
)
def test_what_never_arrives_is_tried_on_schedule_then_parked_and_told(
    post: Post,
    told: ToldBack,
    answer: Answer,
    schedule: tuple[int, ...],
    waiting: DeliveryState,
) -> None:
    post.requested(post.reachable())
    at = post
    for planned in schedule:
        (claimed,) = at.claim()
        at.record_each([(claimed, answer)])
        delivery = post.delivery()
        assert delivery.state == waiting
        assert delivery.next_at >= at.now + timedelta(seconds=planned)
        # The endpoint's own pause may outlast the delivery's wait.
        pause = post.endpoint(delivery.organisation_id).paused_until or at.now
        at = at.later((max(delivery.next_at, pause) - at.now).total_seconds())
    (last,) = at.claim()
    at.record_each([(last, answer)])
    delivery = post.delivery()
    assert delivery.state == DeliveryState.PARKED
    assert delivery.concluded_at == at.now
    assert delivery.attempts == len(schedule) + 1 == len(post.attempts(delivery.id))
    assert at.later(10**7).claim() == []
    assert [each.outcome for each in told()] == [DeliveryOutcome.PARKED]


def test_retry_after_is_honoured_for_the_delivery_and_its_neighbours(post: Post) -> None:
    school = post.reachable()
    post.requested(school, 2)
    (one,) = post.claim(most=1)
    post.record([one], 429, retry_after="600")
    assert post.later(599).claim() == []
    assert len(post.later(600).claim(per_endpoint=16)) == 2


def test_a_failing_endpoint_is_paused_while_others_flow(post: Post) -> None:
    failing, fine = post.reachable(), post.reachable()
    post.requested(failing, 8)
    post.record(post.claim(), 503)
    assert post.endpoint(failing).consecutive_failures == 5
    after = post.later(29)
    after.requested(fine)
    after.requested(failing)
    assert [each.delivery_id for each in after.claim()] == [
        post.delivery(organisation_id=fine).id,
    ]


def test_a_paused_endpoint_gets_one_probe_at_a_time_at_growing_distances(post: Post) -> None:
    school = post.reachable()
    post.requested(school, 20)
    post.record(post.claim(), 500)
    at, pauses = post, []
    for _ in range(4):
        paused_until = post.endpoint(school).paused_until
        assert paused_until is not None
        pauses.append((paused_until - at.now).total_seconds())
        at = at.later(pauses[-1])
        probe = at.claim()
        assert len(probe) == 1
        assert at.claim() == []
        at.record(probe, 500)
    assert pauses == [30, 60, 120, 240]


def test_one_success_ends_the_pause(post: Post) -> None:
    school = post.reachable()
    post.requested(school, 20)
    post.record(post.claim(), 500)
    at = post.later(40)
    at.record(at.claim())
    endpoint = post.endpoint(school)
    assert (endpoint.consecutive_failures, endpoint.paused_until) == (0, None)
    assert endpoint.last_status == 204
    assert len(at.claim()) == 16


def test_deliveries_behind_a_paused_endpoint_use_up_no_tries(post: Post) -> None:
    school = post.reachable()
    post.requested(school, 20)
    post.record(post.claim(), 500)
    at = post
    for _ in range(6):
        at = at.later(3600)
        at.record(at.claim(), 500)
    tries = Counter(each.attempts for each in post.deliveries())
    assert sum(count * number for number, count in tries.items()) == 16 + 6


def test_gone_disables_the_endpoint_and_shows_all_that_waits(post: Post, told: ToldBack) -> None:
    school = post.reachable()
    post.requested(school, 3)
    (one,) = post.claim(most=1)
    post.record([one], 410)
    assert post.endpoint(school).status == EndpointStatus.DISABLED
    assert {each.state for each in post.deliveries()} == {DeliveryState.NO_ENDPOINT}
    assert [each.outcome for each in told()] == [DeliveryOutcome.NO_ENDPOINT] * 3
    post.later(60).reachable(school)
    assert len(post.later(60).claim()) == 3


def test_a_claim_takes_from_every_endpoint_and_never_too_much_from_one(post: Post) -> None:
    busy = post.reachable()
    post.requested(busy, 40)
    others = [post.reachable() for _ in range(5)]
    for other in others:
        post.requested(other)
    claimed = post.claim(most=64, per_endpoint=4)
    by_endpoint = Counter(each.endpoint_id for each in claimed)
    assert by_endpoint[post.endpoint(busy).endpoint_id] == 4
    assert len(by_endpoint) == 6
    assert post.claim(per_endpoint=4) == []
    post.record(claimed[:0])
    mine = [each for each in claimed if each.endpoint_id == post.endpoint(busy).endpoint_id]
    post.record(mine[:3])
    assert len(post.claim(per_endpoint=4)) == 3


def test_a_claim_takes_no_more_than_asked(post: Post) -> None:
    for _ in range(4):
        post.requested(post.reachable(), 3)
    assert len(post.claim(most=5)) == 5
    assert len(post.claim(most=64)) == 7


def test_the_oldest_due_goes_first(post: Post) -> None:
    school = post.reachable()
    post.later(20).requested(school)
    (early,) = post.requested(school)
    (first,) = post.later(30).claim(most=1)
    assert first.delivery_id == post.delivery(offer_id=early.offer_id).id


def test_two_senders_never_claim_the_same(begin: Begin, engine: Engine, now: object) -> None:
    with begin() as session:
        post = Post(session, now)  # type: ignore[arg-type]
        for _ in range(6):
            post.requested(post.reachable(), 4)
    with Session(engine) as one, Session(engine) as two:
        first = Post(one, post.now).claim(most=10)
        second = Post(two, post.now).claim(most=64)
        assert len(first) == 10
        assert len(second) == 14
        assert not {each.delivery_id for each in first} & {each.delivery_id for each in second}
        one.rollback()
        two.rollback()


def test_a_parked_delivery_is_replayed_with_its_tries_before_it(
    post: Post,
    told: ToldBack,
) -> None:
    delivery = parked(post)
    at = post.later(2 * 10**6)
    replayed = domain.replay_delivery(
        post.session,
        delivery_id=delivery,
        subject=OPERATOR,
        reason=ReplayReason.CAUSE_FIXED,
        actor="client:duty",
        now=at.now,
    )
    assert replayed.state == DeliveryState.PENDING
    post.session.flush()
    (claimed,) = at.claim()
    assert claimed.delivery_id == delivery
    at.record([claimed], 500)
    assert post.delivery().state == DeliveryState.PENDING
    again = at.later(3600)
    again.record(again.claim())
    kept = post.delivery()
    assert (kept.state, kept.replayed_by) == (DeliveryState.DELIVERED, "client:duty")
    assert [each.outcome for each in told()] == [
        DeliveryOutcome.PARKED,
        DeliveryOutcome.DELIVERED,
    ]


def parked(post: Post) -> UUID:
    """A delivery that was refused for ever."""
    post.requested(post.reachable())
    at = post
    while post.delivery().state != DeliveryState.PARKED:
        at.record(at.claim(), 404)
        at = at.later(2 * 24 * 3600)
    return post.delivery().id


@pytest.mark.parametrize("state", [each for each in DeliveryState if each != DeliveryState.PARKED])
def test_only_what_is_parked_is_replayed(post: Post, state: DeliveryState) -> None:
    post.requested(post.reachable())
    post.session.execute(
        text(
            "UPDATE deliveries SET state = :state,"
            " concluded_at = CASE WHEN :is_concluded THEN now() END",
        ),
        {"state": state, "is_concluded": state in CONCLUDED},
    )
    with pytest.raises(DeliveryNotParked):
        domain.replay_delivery(
            post.session,
            delivery_id=post.delivery().id,
            subject=OPERATOR,
            reason=ReplayReason.CAUSE_FIXED,
            actor="client:duty",
            now=post.now,
        )


def test_what_does_not_exist_is_not_replayed(post: Post) -> None:
    with pytest.raises(DeliveryNotFound):
        domain.replay_delivery(
            post.session,
            delivery_id=new_id(),
            subject=OPERATOR,
            reason=ReplayReason.CAUSE_FIXED,
            actor="client:duty",
            now=post.now,
        )


def test_many_that_wait_are_released_in_bounded_steps(post: Post) -> None:
    school = new_id()
    for _ in range(9):
        post.requested(school, 64)
    post.reachable(school)
    assert len(post.deliveries(state=DeliveryState.PENDING)) == STEP
    assert domain.release_deliveries(post.session, post.now) == 9 * 64 - STEP
    assert domain.release_deliveries(post.session, post.now) == 0
    assert post.deliveries(state=DeliveryState.NO_ENDPOINT) == []


def test_a_delivery_opened_while_its_endpoint_came_is_released_by_the_sweep(post: Post) -> None:
    """As when the two transactions did not see each other."""
    school = new_id()
    post.requested(school)
    post.session.execute(
        text(
            "INSERT INTO endpoints (endpoint_id, organisation_id, url, status, secret_version,"
            " secret_since, changed_at)"
            " VALUES (:id, :school, 'https://a.example/', 'active', 1, now(), now())",
        ),
        {"id": new_id(), "school": school},
    )
    assert domain.release_deliveries(post.session, post.now) == 1
    assert len(post.claim()) == 1


def test_a_claim_left_behind_at_a_disabled_endpoint_is_shown(post: Post) -> None:
    school = new_id()
    endpoint = post.told.endpoint(school)
    post.hand(endpoint)
    post.requested(school)
    post.claim()
    post.hand(endpoint.model_copy(update={"status": EndpointStatus.DISABLED}))
    assert post.delivery().state == DeliveryState.SENDING
    assert domain.strand_deliveries(post.session, post.now) == 0
    assert domain.strand_deliveries(post.session, post.later(LEASE + 1).now) == 1
    assert post.delivery().state == DeliveryState.NO_ENDPOINT


def test_recording_a_batch_takes_few_statements(post: Post, settle: Callable[[], None]) -> None:
    schools = [post.reachable() for _ in range(4)]
    for school in schools:
        post.requested(school, 32)
    post.record(post.claim())
    settle()
    with counted(post.session) as claiming:
        claimed = post.claim()
    with counted(post.session) as recording:
        post.record(claimed)
        settle()
    assert len(claimed) == 64
    # Deliveries with their tries; messages; audit. Healthy endpoints cost nothing.
    assert [len(claiming), len(recording)] == [1, 3]
