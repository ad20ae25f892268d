"""Answers and service: what a move changes, who may make it, where a refused referral goes."""

from collections.abc import Callable

import pytest

from services.livelihood_support import domain
from services.livelihood_support.errors import (
    MoveNotAllowed,
    OutcomeMissing,
    ReasonMissing,
    ReferralNotFound,
)
from services.livelihood_support.policy import Move
from shared.contracts import (
    Message,
    Queue,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
)
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, Role, ServiceOutcome
from shared.kit.errors import VersionChanged
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import SECOND_CHOICE, Field, asked, case_owner
from tests.subjects import somebody

Told = Callable[[Queue], list[Message]]


def test_a_referral_is_accepted_served_and_completed(field: Field, told: Told) -> None:
    school = field.programme(capacity=1)
    referral = field.referred()
    field.move(referral, Move.SEEN)
    field.move(referral, Move.ACCEPT)
    assert field.places(school.id).held == 1
    field.move(referral, Move.START)
    field.move(referral, Move.HOLD, reason=ReasonCode.TIMING)
    field.move(referral, Move.RESUME)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    assert field.referral(referral.case_id).outcome == ServiceOutcome.PROVIDED
    assert field.places(school.id).held == 0
    assert field.miscounted() == 0
    assert [move[1:] for move in field.moves(referral.id)] == [
        ("requested", None, 1),
        ("requested", None, 1),
        ("accepted", None, 2),
        ("in_progress", None, 3),
        ("on_hold", "timing", 4),
        ("in_progress", None, 5),
        ("completed", None, 6),
    ]
    last = told(Queue.NOTIFICATION)[-1]
    assert isinstance(last, ReferralMoved)
    assert (last.status, last.outcome, last.version) == ("completed", "provided", 6)
    assert last.organisation_id == school.organisation_id


def test_what_the_case_owner_confirms_is_told_to_intake_alone(field: Field, told: Told) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    before = told(Queue.NOTIFICATION)
    made = field.move(referral, Move.CONFIRM, subject=case_owner())
    last = told(Queue.INTAKE)[-1]
    assert isinstance(last, ReferralConfirmed)
    assert (last.referral_id, last.move_id, last.code) == (referral.id, made.id, referral.code)
    assert told(Queue.NOTIFICATION) == before


def test_having_looked_changes_neither_status_nor_version(field: Field, told: Told) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.SEEN)
    assert field.offer(referral.id).seen_at == field.now
    assert field.referral(referral.case_id).version == 1
    assert len(told(Queue.NOTIFICATION)) == 1


def test_a_rejected_referral_goes_to_the_next_programme_at_once(field: Field, told: Told) -> None:
    near = field.programme(areas=["11359"])
    far = field.programme(areas=["31"], **SECOND_CHOICE)
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    first = field.offer(referral.id)
    assert first.programme_id == near.id
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    second = field.offer(referral.id)
    assert second.programme_id == far.id
    assert (field.places(near.id).held, field.places(far.id).held) == (0, 1)
    assert field.places(near.id).offers_declined == 1
    assert field.moves(referral.id)[1:] == [
        ("requested", "rejected", "capacity", 2),
        ("rejected", "requested", None, 3),
    ]
    _, rejected, requested = told(Queue.NOTIFICATION)
    assert isinstance(rejected, ReferralMoved)
    assert (rejected.status, rejected.organisation_id) == ("rejected", near.organisation_id)
    assert isinstance(requested, ReferralRequested)
    assert requested.offer_id == second.id


def test_the_last_rejection_leaves_it_unplaced_under_an_alert(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    field.move(referral, Move.REJECT, reason=ReasonCode.ELIGIBILITY)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    assert field.alerts(referral.case_id) == ["no_programme"]
    assert field.places(school.id).held == 0
    assert [offer.status for offer in field.offers(referral.id)] == ["rejected"]
    assert domain.retry_unplaced(field.session, field.now) == 0


def test_an_organisation_that_rejected_does_not_see_the_referral_any_more(field: Field) -> None:
    field.programme(areas=["11359"])
    field.programme(**SECOND_CHOICE)
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    before = asked(field.offer(referral.id))
    field.move(referral, Move.REJECT, reason=ReasonCode.DISTANCE)
    with pytest.raises(ReferralNotFound):
        field.move(referral, Move.ACCEPT, subject=before)


@pytest.mark.parametrize("roles", [{Role.PROVIDER}, {Role.RECEIVER}])
def test_to_a_stranger_there_is_no_referral(field: Field, roles: set[Role]) -> None:
    field.programme()
    referral = field.referred()
    with pytest.raises(ReferralNotFound):
        field.move(referral, Move.ACCEPT, subject=somebody(new_id(), *roles))
    with pytest.raises(ReferralNotFound):
        field.move(referral.__class__(id=new_id(), version=1), Move.ACCEPT, subject=case_owner())


def test_a_case_owner_cancels_but_does_not_answer(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    with pytest.raises(MoveNotAllowed) as refused:
        field.move(referral, Move.ACCEPT, subject=case_owner())
    assert refused.value.facts["legal"] == [Move.CANCEL]
    field.move(referral, Move.CANCEL, reason=ReasonCode.PERSON_DECLINED, subject=case_owner())
    assert field.referral(referral.case_id).status == ReferralStatus.CANCELLED
    assert field.places(school.id).held == 0
    assert field.offer(referral.id).status == "cancelled"


def test_cancelling_an_unplaced_referral_settles_its_alert(field: Field) -> None:
    referral = field.referred()
    assert field.alerts(referral.case_id) == ["no_programme"]
    field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert field.alerts(referral.case_id) == []


def test_a_failed_referral_gives_its_place_back(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.FAIL, reason=ReasonCode.PERSON_DECLINED)
    assert field.places(school.id).held == 0
    assert field.miscounted() == 0


def test_moves_lack_neither_reason_nor_outcome(field: Field) -> None:
    field.programme()
    referral = field.referred()
    with pytest.raises(ReasonMissing):
        field.move(referral, Move.REJECT)
    field.move(referral, Move.ACCEPT)
    with pytest.raises(OutcomeMissing):
        field.move(referral, Move.COMPLETE)


def test_a_move_on_an_old_version_is_refused(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    with pytest.raises(VersionChanged):
        field.move(referral, Move.START, version=1)
