"""An offer nobody answers: told to the case owner, with whom and since when it waits."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.livelihood_support import domain
from services.livelihood_support.domain.unanswered import QUIET
from services.livelihood_support.models import Alert, Offer, Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import Purpose, ReasonCode
from tests.livelihood_support.builders import ACTOR, SCHOOL, Field, case_owner

KIND = "offer_unanswered"


def offered(field: Field) -> Referral:
    """To the nearer of two schools, which has it."""
    field.programme(areas=["11359"])
    field.programme()
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    field.deliver(referral.id)
    return referral


def expired(field: Field) -> tuple[Referral, Offer]:
    referral = offered(field)
    silent = field.offer(referral.id)
    assert silent.expires_at is not None
    assert domain.expire_offers(field.session, silent.expires_at) == 1
    return referral, silent


def open_alerts(field: Field) -> list[Alert]:
    return list(field.session.scalars(select(Alert).where(Alert.settled_at.is_(None))))


def test_the_case_owner_is_told_who_was_silent_and_since_when(field: Field) -> None:
    referral, silent = expired(field)
    (alert,) = open_alerts(field)
    assert (alert.kind, alert.case_id, alert.referral_id) == (KIND, referral.case_id, referral.id)
    assert alert.facts == {
        "offer_id": str(silent.id),
        "organisation_id": str(silent.organisation_id),
        "since": field.now.isoformat(),
        "reason": "no_answer",
    }
    assert domain.tell_alerts(field.session, field.now) == 1


def test_it_is_over_once_somebody_accepts(field: Field) -> None:
    referral, _ = expired(field)
    field.move(referral, Move.ACCEPT)
    assert field.alerts(referral.case_id) == []


def test_or_once_the_referral_ends(field: Field) -> None:
    referral, _ = expired(field)
    field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert field.alerts(referral.case_id) == []


def test_the_next_that_says_no_does_not_end_it(field: Field) -> None:
    referral, _ = expired(field)
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    assert field.alerts(referral.case_id) == ["no_programme", KIND]


def test_each_that_was_silent_is_told_of_once(field: Field) -> None:
    referral, first = expired(field)
    second = field.offer(referral.id)
    later = field.at(field.now + timedelta(days=30))
    later.deliver(referral.id)
    domain.expire_offers(field.session, later.now + timedelta(days=30))
    silent = {alert.facts["offer_id"] for alert in open_alerts(field) if alert.kind == KIND}
    assert silent == {str(first.id), str(second.id)}


# --- Without a clock.


def without_period(field: Field, referral: Referral) -> None:
    """As where the row of the answer is unset: it arrived, and no day was given."""
    undated = text("UPDATE clocks SET due_at = NULL, next_at = NULL WHERE object_id = :id")
    field.session.execute(undated, {"id": field.offer(referral.id).id})


def asked_for(field: Field, now: datetime) -> int:
    return domain.alert_unanswered(field.session, now)


def test_an_offer_without_a_day_to_answer_by_is_asked_about_after_a_week_and_stands(
    field: Field,
) -> None:
    referral = offered(field)
    without_period(field, referral)
    week = field.now + QUIET
    assert domain.expire_offers(field.session, week + timedelta(days=365)) == 0
    assert asked_for(field, week - timedelta(seconds=1)) == 0
    assert asked_for(field, week) == 1
    assert asked_for(field, week + timedelta(days=1)) == 0
    (alert,) = open_alerts(field)
    assert (alert.kind, alert.raised_at) == (KIND, week)
    assert (alert.facts["since"], alert.facts["reason"]) == (field.now.isoformat(), None)
    assert field.offer(referral.id).status == "offered"


def test_an_offer_that_has_neither_clock_is_asked_about(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.session.execute(text("UPDATE offers SET delivery_due_at = NULL"))
    assert asked_for(field, field.now + QUIET) == 1
    assert field.alerts(referral.case_id) == [KIND]


@pytest.mark.parametrize("is_delivered", [True, False])
def test_while_a_clock_runs_nobody_has_to_ask(field: Field, *, is_delivered: bool) -> None:
    field.programme()
    referral = field.referred()
    if is_delivered:
        field.deliver(referral.id)
    assert asked_for(field, field.now + timedelta(days=365)) == 0


@pytest.mark.parametrize(("move", "reason"), [(Move.ACCEPT, None), (Move.REJECT, "distance")])
def test_any_answer_ends_what_was_asked_without_a_clock(
    field: Field, move: Move, reason: str | None
) -> None:
    referral = offered(field)
    without_period(field, referral)
    asked_for(field, field.now + QUIET)
    field.move(referral, move, reason=ReasonCode(reason) if reason else None)
    assert KIND not in field.alerts(referral.case_id)


def test_so_does_a_recall(field: Field) -> None:
    referral = offered(field)
    without_period(field, referral)
    asked_for(field, field.now + QUIET)
    domain.withdraw_consent(
        field.session,
        case_id=referral.case_id,
        kind=SCHOOL,
        purpose=Purpose.SERVICE_REFERRAL,
        now=field.now,
        actor=ACTOR,
    )
    assert field.alerts(referral.case_id) == ["no_programme"]


def test_an_offer_that_lapses_after_it_was_asked_about_is_told_with_its_reason(
    field: Field,
) -> None:
    field.programme()
    referral = field.referred()
    field.session.execute(text("UPDATE offers SET delivery_due_at = NULL"))
    later = field.at(field.now + QUIET)
    asked_for(later, later.now)
    later.move(referral, Move.SEEN)
    expires_at = field.offer(referral.id).expires_at
    assert expires_at is not None
    assert domain.expire_offers(field.session, expires_at) == 1
    assert [it.facts["reason"] for it in open_alerts(field) if it.kind == KIND] == ["no_answer"]
