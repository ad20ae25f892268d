"""What consent, time, freed places and deliveries do to referrals that are under way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.livelihood_support import domain
from services.livelihood_support.errors import CaseNotReceived, MoveNotAllowed
from services.livelihood_support.policy import Move
from shared.contracts import Message, PurgeRequested, Queue, ReferralMoved, ReferralRequested
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    ServiceOutcome,
)
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import (
    CENTRE,
    SCHOOL,
    SECOND_CHOICE,
    Field,
    case_owner,
)

Told = Callable[[Queue], list[Message]]
LATER = timedelta(days=8)


def test_withdrawn_consent_recalls_the_offer_and_asks_another_kind(
    field: Field,
    told: Told,
) -> None:
    school = field.programme(areas=["11359"])
    centre = field.programme(kind=CENTRE, **SECOND_CHOICE)
    referral = field.referred(kinds=[SCHOOL, CENTRE], area_code="11359")  # type: ignore[arg-type]
    field.withdraw(referral.case_id)
    assert [offer.status for offer in field.offers(referral.id)] == ["recalled", "offered"]
    assert field.offer(referral.id).programme_id == centre.id
    assert field.places(school.id).held == 0
    assert field.places(school.id).offers_declined == 0
    _, recalled, requested = told(Queue.NOTIFICATION)
    assert isinstance(recalled, ReferralMoved)
    assert (recalled.status, recalled.reason) == ("cancelled", "consent_withdrawn")
    assert recalled.organisation_id == school.organisation_id
    assert isinstance(requested, ReferralRequested)


def test_without_any_consent_left_a_referral_is_unplaced_until_consent_returns(
    field: Field,
) -> None:
    school = field.programme()
    referral = field.referred()
    field.withdraw(referral.case_id)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    field.agree(referral.case_id)
    assert field.referral(referral.case_id).status == ReferralStatus.REQUESTED
    assert field.offer(referral.id).programme_id == school.id
    assert field.alerts(referral.case_id) == []
    assert field.miscounted() == 0


def test_what_was_accepted_goes_on_under_an_alert(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.withdraw(referral.case_id)
    assert field.referral(referral.case_id).status == ReferralStatus.ACCEPTED
    assert field.alerts(referral.case_id) == ["consent_withdrawn"]
    assert field.places(school.id).held == 1
    field.agree(referral.case_id)
    assert field.alerts(referral.case_id) == []


@pytest.mark.parametrize(
    "moves",
    [
        [(Move.ACCEPT, None)],
        [(Move.ACCEPT, None), (Move.START, None)],
        [(Move.ACCEPT, None), (Move.COMPLETE, ServiceOutcome.PROVIDED)],
    ],
    ids=["accepted", "serving", "served"],
)
def test_whoever_accepted_is_told_to_purge_and_confirms_it(
    field: Field,
    told: Told,
    moves: list[tuple[Move, ServiceOutcome | None]],
) -> None:
    school = field.programme()
    referral = field.referred()
    for move, outcome in moves:
        field.move(referral, move, outcome=outcome)
    field.withdraw(referral.case_id)
    purge = told(Queue.NOTIFICATION)[-1]
    assert isinstance(purge, PurgeRequested)
    assert purge.organisation_id == school.organisation_id
    assert (purge.status, purge.version) == (referral.status, referral.version)
    assert field.purges(referral.id) == [(field.now, None)]
    later = field.at(field.now + timedelta(hours=1))
    later.move(referral, Move.CONFIRM_PURGE)
    assert field.purges(referral.id) == [(field.now, later.now)]
    with pytest.raises(MoveNotAllowed):
        later.move(referral, Move.CONFIRM_PURGE)


def test_who_never_accepted_is_recalled_and_owes_no_purge(field: Field, told: Told) -> None:
    field.programme()
    referral = field.referred()
    field.withdraw(referral.case_id)
    assert field.purges(referral.id) == [(None, None)]
    assert not [each for each in told(Queue.NOTIFICATION) if isinstance(each, PurgeRequested)]


def test_nobody_confirms_a_purge_that_was_not_asked(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    with pytest.raises(MoveNotAllowed):
        field.move(referral, Move.CONFIRM_PURGE)


def test_each_withdrawal_asks_anew(field: Field, told: Told) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.withdraw(referral.case_id)
    field.move(referral, Move.CONFIRM_PURGE)
    field.agree(referral.case_id)
    later = field.at(field.now + timedelta(days=1))
    later.withdraw(referral.case_id)
    assert field.purges(referral.id) == [(later.now, None)]
    asked = [each for each in told(Queue.NOTIFICATION) if isinstance(each, PurgeRequested)]
    assert [each.occurred_at for each in asked] == [field.now, later.now]


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_case_owner_ends_a_service_because_consent_was_withdrawn(
    field: Field,
    told: Told,
    *,
    is_accepted: bool,
) -> None:
    field.programme()
    referral = field.referred()
    if is_accepted:
        field.move(referral, Move.ACCEPT)
    field.move(referral, Move.CANCEL, reason=ReasonCode.CONSENT_WITHDRAWN, subject=case_owner())
    ended = told(Queue.NOTIFICATION)[-1]
    assert isinstance(ended, ReferralMoved)
    assert (ended.status, ended.reason) == ("cancelled", "consent_withdrawn")
    assert field.purges(referral.id) == [(field.now if is_accepted else None, None)]


def test_withdrawal_for_another_kind_touches_nothing(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.withdraw(referral.case_id, OrganisationKind.HOSPITAL)
    assert field.referral(referral.case_id).version == 1


def test_consent_for_an_unknown_case_must_wait(field: Field) -> None:
    with pytest.raises(CaseNotReceived):
        field.agree(new_id())


def test_an_unanswered_offer_expires_and_the_next_is_asked(field: Field, told: Told) -> None:
    silent = field.programme(areas=["11359"])
    willing = field.programme(**SECOND_CHOICE)
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    field.deliver(referral.id)
    due = field.offer(referral.id).expires_at
    assert due is not None
    assert domain.expire_offers(field.session, due - timedelta(seconds=1)) == 0
    assert domain.expire_offers(field.session, due) == 1
    assert domain.expire_offers(field.session, due) == 0
    assert field.offer(referral.id).programme_id == willing.id
    assert field.places(silent.id).held == 0
    _, lapsed, requested = told(Queue.NOTIFICATION)
    assert isinstance(lapsed, ReferralMoved)
    assert (lapsed.status, lapsed.reason) == ("cancelled", "no_answer")
    assert isinstance(requested, ReferralRequested)


def test_an_accepted_offer_does_not_expire(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    assert domain.expire_offers(field.session, field.now + LATER) == 0


def test_a_programme_that_did_not_answer_is_asked_again_once_it_has_changed(
    field: Field,
) -> None:
    school = field.programme()
    referral = field.referred()
    field.deliver(referral.id)
    later = field.at(field.now + LATER)
    domain.expire_offers(field.session, later.now)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    domain.retry_unplaced(field.session, later.now)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    renewed = field.at(later.now + timedelta(hours=1))
    renewed.programme(programme_id=school.id, organisation_id=school.organisation_id)
    domain.retry_unplaced(field.session, renewed.now)
    assert field.referral(referral.case_id).status == ReferralStatus.REQUESTED


def test_a_freed_place_goes_to_who_waits(field: Field) -> None:
    field.programme(capacity=1)
    first, second = field.referred(), field.referred()
    assert second.status == ReferralStatus.UNPLACED
    assert domain.retry_unplaced(field.session, field.now) == 0
    field.move(first, Move.ACCEPT)
    field.move(first, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert field.referral(second.case_id).status == ReferralStatus.REQUESTED
    assert field.alerts(second.case_id) == []
    assert field.miscounted() == 0


def test_a_new_programme_is_offered_to_who_waits_and_a_search_in_vain_is_not_repeated(
    field: Field,
) -> None:
    referral = field.referred()
    field.programme(kind=CENTRE)
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert domain.retry_unplaced(field.session, field.now) == 0
    assert field.moves(referral.id) == [(None, "unplaced", "no_programme", 1)]
    field.programme()
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert field.referral(referral.case_id).status == ReferralStatus.REQUESTED


def test_a_cut_capacity_takes_no_place_away_and_gives_none_out(field: Field) -> None:
    school = field.programme(capacity=3)
    served = [field.referred() for _ in range(3)]
    field.programme(programme_id=school.id, organisation_id=school.organisation_id, capacity=1)
    assert field.places(school.id).held == 3
    assert field.referred().status == ReferralStatus.UNPLACED
    field.move(served[0], Move.REJECT, reason=ReasonCode.CAPACITY)
    places = field.places(school.id)
    assert (places.held, places.ceiling, places.capacity) == (2, 2, 1)
    field.move(served[1], Move.REJECT, reason=ReasonCode.CAPACITY)
    field.move(served[2], Move.REJECT, reason=ReasonCode.CAPACITY)
    places = field.places(school.id)
    assert (places.held, places.ceiling) == (0, 1)
    assert field.miscounted() == 0


def test_a_delivered_offer_is_marked_without_changing_its_version(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.deliver(referral.id)
    assert field.offer(referral.id).delivered_at == field.now
    assert field.referral(referral.case_id).version == 1


@pytest.mark.parametrize(
    ("outcome", "alert"),
    [
        (DeliveryOutcome.PARKED, "delivery_parked"),
        (DeliveryOutcome.NO_ENDPOINT, "no_endpoint"),
    ],
)
def test_an_organisation_that_was_not_reached_is_an_alert_until_it_answers(
    field: Field,
    outcome: DeliveryOutcome,
    alert: str,
) -> None:
    field.programme()
    referral = field.referred()
    field.deliver(referral.id, outcome)
    assert field.alerts(referral.case_id) == [alert]
    assert field.offer(referral.id).delivered_at is None
    field.move(referral, Move.ACCEPT)
    assert field.alerts(referral.case_id) == []


@pytest.mark.parametrize("failure", [DeliveryOutcome.PARKED, DeliveryOutcome.NO_ENDPOINT])
def test_a_replayed_delivery_that_arrives_settles_its_alert(
    field: Field,
    failure: DeliveryOutcome,
) -> None:
    field.programme()
    referral, other = field.referred(), field.referred()
    for each in (referral, other):
        field.deliver(each.id, failure)
    later = field.at(field.now + timedelta(hours=1))
    later.deliver(referral.id)
    assert field.offer(referral.id).delivered_at == later.now
    assert field.alerts(referral.case_id) == []
    assert len(field.alerts(other.case_id)) == 1


def test_a_late_delivery_of_an_earlier_offer_leaves_the_alert_of_the_next(field: Field) -> None:
    field.programme(areas=["11359"])
    field.programme(**SECOND_CHOICE)
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    first = field.offer(referral.id)
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    field.deliver(referral.id, DeliveryOutcome.PARKED)
    field.deliver_offer(first)
    assert field.alerts(referral.case_id) == ["delivery_parked"]


def test_a_delivery_to_someone_else_changes_nothing(field: Field) -> None:
    field.programme()
    referral = field.referred()
    offer = field.offer(referral.id)
    for outcome in DeliveryOutcome:
        facts = domain.DeliveryFacts(referral.case_id, offer.id, new_id(), outcome, field.now)
        domain.note_deliveries(field.session, deliveries=[facts], now=field.now)
    assert field.offer(referral.id).delivered_at is None
    assert field.alerts(referral.case_id) == []
