"""A service that fails after it was accepted: the next programme is asked, and nobody is stuck."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.errors import MoveNotAllowed, ReferralNotFound
from services.livelihood_support.models import Alert, Offer, Referral
from services.livelihood_support.policy import Move
from shared.contracts import Message, PurgeRequested, Queue, ReferralMoved, ReferralRequested
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit.errors import VersionChanged
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.livelihood_support.calls import BASE, Moves, Scene, problem, read

Told = Callable[[Queue], list[Message]]


def serving(field: Field) -> Referral:
    """By the nearer of two schools."""
    field.programme(areas=["11359"])
    field.programme()
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.START)
    return referral


def fail(field: Field, referral: Referral, reason: ReasonCode = ReasonCode.TIMING) -> Offer:
    offer = field.offer(referral.id)
    field.move(referral, Move.FAIL, reason=reason)
    return offer


def test_the_next_programme_is_asked_at_once_and_the_place_is_released(
    field: Field, told: Told
) -> None:
    referral = serving(field)
    fail(field, referral)
    former, present = field.offers(referral.id)
    assert (former.status, former.reason, former.is_current) == ("failed", "timing", False)
    assert (present.status, present.is_current) == ("offered", True)
    assert field.places(former.programme_id).held == 0
    assert field.miscounted() == 0
    assert [step[:3] for step in field.moves(referral.id)][-2:] == [
        ("in_progress", "failed", "timing"),
        ("failed", "requested", None),
    ]
    *_, failed, requested = told(Queue.NOTIFICATION)
    assert isinstance(failed, ReferralMoved)
    assert (failed.status, failed.organisation_id) == ("failed", former.organisation_id)
    assert isinstance(requested, ReferralRequested)
    assert requested.organisation_id == present.organisation_id


def test_the_case_owner_is_told_until_somebody_serves(field: Field) -> None:
    referral = serving(field)
    former = fail(field, referral)
    (alert,) = field.session.scalars(select(Alert).where(Alert.settled_at.is_(None)))
    assert alert.kind == "service_failed"
    assert alert.facts == {
        "offer_id": str(former.id),
        "organisation_id": str(former.organisation_id),
        "since": field.now.isoformat(),
        "reason": "timing",
    }
    field.move(referral, Move.ACCEPT)
    assert field.alerts(referral.case_id) == []


def test_what_fails_with_no_programme_left_is_unplaced_with_its_alert(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    fail(field, referral)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    assert field.alerts(referral.case_id) == ["no_programme", "service_failed"]
    field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert field.alerts(referral.case_id) == []


@pytest.mark.parametrize(
    ("reason", "status"),
    [(ReasonCode.TIMING, "requested"), (ReasonCode.SAFETY, "unplaced")],
)
def test_whoever_failed_is_asked_again_by_the_rule_of_its_reason(
    field: Field, reason: ReasonCode, status: str
) -> None:
    school = field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    fail(field, referral, reason)
    assert domain.retry_unplaced(field.session, field.now) == 0
    renewed = field.at(field.now + timedelta(days=1))
    renewed.programme(programme_id=school.id, organisation_id=school.organisation_id)
    domain.retry_unplaced(field.session, renewed.now)
    assert field.referral(referral.case_id).status == status
    assert field.miscounted() == 0


def test_whoever_failed_goes_on_reading_its_own_offer_as_failed(field: Field) -> None:
    referral = serving(field)
    former = fail(field, referral)
    subject = asked(former)
    field.at(field.now + timedelta(days=1)).move(referral, Move.ACCEPT)
    for reference in (former.id, referral.id):
        found = domain.find_referral(
            field.session, referral_id=reference, subject=subject, now=field.now
        )
        assert (found.id, found.status, found.version) == (former.id, "failed", 4)
        assert (found.moved_at, found.organisation_id) == (field.now, former.organisation_id)
        moves = domain.find_moves(
            field.session,
            referral_id=reference,
            subject=subject,
            now=field.now,
            after=None,
            size=10,
        )
        assert [each.to_status for each in moves][-1] == "failed"
    listed = domain.find_referrals(
        field.session,
        subject=subject,
        now=field.now,
        case_id=None,
        status=None,
        after=None,
        size=10,
    )
    assert listed == []


def test_it_can_do_nothing_more_with_it(field: Field) -> None:
    referral = serving(field)
    subject = asked(fail(field, referral))
    with pytest.raises(VersionChanged):
        field.move(referral, Move.START, subject=subject)
    with pytest.raises(MoveNotAllowed) as refused:
        field.move(referral, Move.START, subject=subject, version=4)
    assert refused.value.facts == {"status": "failed", "legal": []}


def test_whoever_rejected_before_accepting_still_reads_nothing(field: Field) -> None:
    field.programme(areas=["11359"])
    field.programme()
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    before = field.offer(referral.id)
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    with pytest.raises(ReferralNotFound):
        domain.find_referral(
            field.session, referral_id=before.id, subject=asked(before), now=field.now
        )


def test_whoever_failed_and_whoever_follows_both_purge_when_consent_is_withdrawn(
    field: Field, told: Told
) -> None:
    referral = serving(field)
    former = fail(field, referral)
    field.move(referral, Move.ACCEPT)
    present = field.offer(referral.id)
    field.withdraw(referral.case_id)
    purges = [each for each in told(Queue.NOTIFICATION) if isinstance(each, PurgeRequested)]
    # Each learns how far it had come itself, and nothing of the other.
    assert [(it.offer_id, it.status, it.version) for it in purges] == [
        (former.id, "failed", 4),
        (present.id, "accepted", 6),
    ]
    field.move(
        Referral(id=former.id, version=4), Move.CONFIRM_PURGE, subject=asked(former), version=4
    )
    assert field.purges(referral.id) == [(field.now, field.now), (field.now, None)]
    field.move(referral, Move.CONFIRM_PURGE)
    assert field.purges(referral.id) == [(field.now, field.now)] * 2


def test_neither_hides_what_the_other_owes(field: Field) -> None:
    referral = serving(field)
    former = fail(field, referral)
    field.move(referral, Move.ACCEPT)
    field.withdraw(referral.case_id)
    due = field.at(field.now + timedelta(days=30))
    assert domain.alert_owed_purges(field.session, due.now) == 2
    assert domain.alert_owed_purges(field.session, due.now) == 0
    due.move(referral, Move.CONFIRM_PURGE)
    (alert,) = field.session.scalars(
        select(Alert).where(Alert.settled_at.is_(None), Alert.kind.startswith("purge"))
    )
    assert alert.facts["offer_id"] == str(former.id)


def test_a_person_who_was_failed_can_be_served_by_another(field: Field) -> None:
    referral = serving(field)
    fail(field, referral)
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    assert field.referral(referral.case_id).status == ReferralStatus.COMPLETED
    assert [each.status for each in field.offers(referral.id)] == ["failed", "completed"]


def test_over_http_a_school_that_failed_reads_so_and_the_next_has_the_offer(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    move(scene.first, {"move": "accept"})
    failed = move(scene.first, {"move": "fail", "reason": "timing"}, version=2)
    assert (failed.status_code, failed.json()["status"]) == (201, "failed")
    mine = read(client, scene, scene.first)
    assert (mine.json()["status"], mine.headers["etag"]) == ("failed", '"3"')
    assert read(client, scene, scene.second).json()["status"] == "requested"
    assert read(client, scene, scene.owner).json()["status"] == "requested"
    assert problem(move(scene.first, {"move": "start"}, version=3)) == (409, "move-not-allowed")
    alerts = client.get(f"{BASE}/alerts", headers=scene.owner).json()["items"]
    assert [each["kind"] for each in alerts] == ["service_failed"]
