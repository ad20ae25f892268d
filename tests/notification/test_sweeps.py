"""One delivery that cannot be moved never keeps the others from it, and an operator is told."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.domain.waiting import _RELEASABLE, STEP
from services.notification.models import Delivery
from services.notification.policy import DeliveryState
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.notification.builders import LEASE, Post
from tests.statements import pages

INCONSISTENT = "UPDATE deliveries SET referral_id = NULL WHERE id = :id"
"""The notice of an offer that no referral belongs to cannot be told of."""


def spoiled(post: Post) -> Delivery:
    """One of the deliveries, which cannot be told of any more."""
    bad = post.deliveries()[2]
    post.session.execute(text(INCONSISTENT), {"id": bad.id})
    return bad


def states(post: Post, state: DeliveryState) -> int:
    return len(post.deliveries(state=state))


def open_alerts(session: Session, name: str) -> list[object]:
    return [
        alert["object_id"]
        for alert in alerts.list_open(session, size=10)
        if (alert["kind"], alert["subject"]) == (AlertKind.SWEEP_ROW_FAILED, name)
    ]


def test_one_inconsistent_delivery_keeps_no_other_from_being_stranded(
    post: Post, session: Session
) -> None:
    school = post.reachable()
    post.requested(school, 6)
    bad = spoiled(post)
    gone = "UPDATE endpoints SET status = :status"
    session.execute(text(gone), {"status": EndpointStatus.DISABLED})
    assert domain.strand_deliveries(session, post.now) == 5
    assert states(post, DeliveryState.NO_ENDPOINT) == 5
    assert open_alerts(session, domain.STRAND) == [bad.id]
    # It rests, so the sweep comes to an end; the alert stays until it could be moved.
    assert domain.strand_deliveries(session, post.now) == 0


def test_a_message_that_moves_deliveries_is_not_refused_for_one_of_them(
    post: Post, session: Session
) -> None:
    school = new_id()
    post.requested(school, 6)
    bad = post.deliveries()[0]
    crooked = "UPDATE deliveries SET attempts = 1, tries_before = 1 WHERE id = :id"
    session.execute(text(crooked), {"id": bad.id})
    forbid = (
        "ALTER TABLE deliveries ADD CONSTRAINT never CHECK (attempts = 0 OR state <> 'pending')"
    )
    session.execute(text(forbid))
    post.reachable(school)
    assert states(post, DeliveryState.PENDING) == 5
    assert open_alerts(session, domain.RELEASE) == [bad.id]


def test_what_could_be_moved_after_all_settles_its_alert(post: Post, session: Session) -> None:
    school = post.reachable()
    (asked, *_) = post.requested(school, 3)
    bad = spoiled(post)
    session.execute(text("UPDATE endpoints SET status = 'disabled'"))
    domain.strand_deliveries(session, post.now)
    mended = "UPDATE deliveries SET referral_id = :referral WHERE id = :id"
    session.execute(text(mended), {"referral": asked.referral_id, "id": bad.id})
    session.execute(text("UPDATE operator_alerts SET rests_until = now() - interval '1 s'"))
    assert domain.strand_deliveries(session, post.later(LEASE).now) == 1
    assert open_alerts(session, domain.STRAND) == []


MANY = text(
    """
    INSERT INTO deliveries
    SELECT (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(),
                                                          'effect_key', number))).*
      FROM deliveries AS one, generate_series(1, 5000) AS number
    """,
)


def test_what_waits_elsewhere_is_not_read_to_find_that_nothing_can_be_released(
    post: Post, session: Session
) -> None:
    """Every few seconds the relay looks; thousands may wait for an address that never comes."""
    post.requested(new_id(), 1)
    post.reachable()
    session.execute(MANY)
    session.execute(text("ANALYZE deliveries"))
    assert states(post, DeliveryState.NO_ENDPOINT) == 5001
    assert domain.release_deliveries(session, post.now) == 0
    assert pages(session, _RELEASABLE.text, step=STEP, sweep=domain.RELEASE) < 50
    assert pages(session, "SELECT count(body) FROM deliveries") > 500, "there is a lot to read"
