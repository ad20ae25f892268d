"""What did not arrive waits for an operator: an alert with its case, until it has arrived."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.notification import domain
from services.notification.policy import DeliveryState, EventType
from shared.contracts.vocabulary import Role
from shared.kit.identifiers import new_id
from shared.messaging.alerts import AlertKind, case_of, organisation_of
from shared.messaging.api import OperatorAlert
from shared.messaging.parking import ReplayReason
from shared.messaging.tables import OPERATOR_ALERTS
from tests.notification.builders import Post
from tests.subjects import somebody

TWO_DAYS = 2 * 24 * 3600
OPERATOR = somebody(new_id(), Role.OPERATOR)


def alerts(post: Post, kind: AlertKind, *, is_settled: bool = False) -> list[dict[str, Any]]:
    found = post.session.execute(
        select(OPERATOR_ALERTS).where(OPERATOR_ALERTS.c.kind == kind).order_by(OPERATOR_ALERTS.c.id)
    )
    rows = [dict(row) for row in found.mappings()]
    return [row for row in rows if (row["settled_at"] is not None) is is_settled]


def give_up(post: Post, status: int = 404) -> Post:
    """Refused until nothing is pending any more; returns the instant of the end."""
    at = post
    while at.deliveries(state=DeliveryState.PENDING):
        at.record(at.claim(), status)
        at = at.later(TWO_DAYS)
    return at


def replay(at: Post, delivery_id: UUID) -> None:
    domain.replay_delivery(
        at.session,
        delivery_id=delivery_id,
        subject=OPERATOR,
        reason=ReplayReason.CAUSE_FIXED,
        actor="client:duty",
        now=at.now,
    )
    at.session.flush()


def test_a_delivery_that_is_given_up_is_one_alert_with_its_case_and_its_organisation(
    post: Post,
) -> None:
    school = post.reachable()
    post.requested(school)
    give_up(post)
    delivery = post.delivery()
    (alert,) = alerts(post, AlertKind.DELIVERY_PARKED)
    assert alert["object_id"] == delivery.id
    shown = OperatorAlert.of(alert)
    assert (shown.case_id, shown.organisation_id) == (delivery.case_id, school)
    assert (shown.must_act, shown.since) == (Role.OPERATOR, delivery.concluded_at)
    assert alert["facts"]["type"] == EventType.REFERRAL_REQUESTED


def test_while_it_is_tried_nobody_has_to_act(post: Post) -> None:
    post.requested(post.reachable())
    post.record(post.claim(), 500)
    assert alerts(post, AlertKind.DELIVERY_PARKED) == []


def test_so_it_is_where_an_owner_of_cases_is_not_reached(post: Post) -> None:
    theirs = new_id()
    post.hand(post.told.owner(theirs))
    post.reachable(theirs)
    case = post.told.first()
    post.hand(case)
    post.hand(post.told.alert(case_id=case.case_id))
    give_up(post)
    found = alerts(post, AlertKind.DELIVERY_PARKED)
    assert {alert["facts"]["type"] for alert in found} == {
        EventType.CASE_RECEIVED,
        EventType.VERIFICATION_OPENED,
        EventType.ALERT_RAISED,
    }
    assert {case_of(alert) for alert in found} == {case.case_id}
    assert {organisation_of(alert) for alert in found} == {theirs}


def test_sent_again_it_waits_until_it_has_arrived(post: Post) -> None:
    post.requested(post.reachable())
    at = give_up(post)
    replay(at, post.delivery().id)
    assert len(alerts(post, AlertKind.DELIVERY_PARKED)) == 1
    at.record(at.claim(), 500)
    assert len(alerts(post, AlertKind.DELIVERY_PARKED)) == 1
    later = at.later(TWO_DAYS)
    later.record(later.claim())
    assert post.delivery().state == DeliveryState.DELIVERED
    assert alerts(post, AlertKind.DELIVERY_PARKED) == []
    assert len(alerts(post, AlertKind.DELIVERY_PARKED, is_settled=True)) == 1


def test_parked_again_it_is_the_same_alert_that_says_so(post: Post) -> None:
    post.requested(post.reachable())
    at = give_up(post)
    (before,) = alerts(post, AlertKind.DELIVERY_PARKED)
    replay(at, post.delivery().id)
    give_up(at)
    (after,) = alerts(post, AlertKind.DELIVERY_PARKED)
    assert (after["id"], after["raised_at"]) == (before["id"], before["raised_at"])
    assert after["times"] == 2


# --- Nobody can be called.


def test_who_has_to_act_and_has_no_address_is_one_alert_until_it_gets_one(post: Post) -> None:
    theirs, police = new_id(), new_id()
    post.hand(post.told.owner(theirs))
    for _ in range(2):
        received = post.told.reception()
        post.hand(post.told.opened(verifier_id=police, move_id=new_id(), reception=received))
    assert domain.watch_unreached(post.session, post.now) == 2
    assert domain.watch_unreached(post.session, post.now) == 0
    waiting = {it["object_id"]: it["facts"] for it in alerts(post, AlertKind.NO_ENDPOINT)}
    oldest = post.now.isoformat()
    assert waiting == {
        theirs: {"organisation_id": str(theirs), "waiting": 4, "oldest": oldest},
        police: {"organisation_id": str(police), "waiting": 2, "oldest": oldest},
    }
    post.reachable(police)
    assert domain.watch_unreached(post.session, post.now) == 1
    assert [it["object_id"] for it in alerts(post, AlertKind.NO_ENDPOINT)] == [theirs]


def test_an_offer_without_an_address_is_the_case_owners_and_not_told_twice(post: Post) -> None:
    post.requested(new_id())
    assert post.delivery().state == DeliveryState.NO_ENDPOINT
    assert domain.watch_unreached(post.session, post.now) == 0


def test_an_agency_that_only_follows_its_case_has_nothing_to_act_on(post: Post) -> None:
    case = post.case()
    post.hand(post.told.concluded(case_id=case.case_id, move_id=new_id()))
    assert post.deliveries(organisation_id=case.receiver_id)
    assert domain.watch_unreached(post.session, post.now) == 0
