"""An organisation answers for an offer once it has it; what never arrived is nobody's silence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deploy.stack.invariants import turns
from services.livelihood_support import domain
from services.livelihood_support.models import Alert, Offer, Programme, Referral
from services.livelihood_support.policy import Move
from shared.contracts import Message, Queue, ReferralMoved, ReferralRequested
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    ReasonCode,
    ReferralStatus,
    ServiceOutcome,
)
from shared.kit.errors import DomainError
from tests.livelihood_support.builders import Field, asked, case_owner

Told = Callable[[Queue], list[Message]]
ONE_DAY = timedelta(days=1)
MUCH_LATER = timedelta(days=60)


def offered(field: Field) -> Referral:
    """To the nearer of two schools."""
    field.programme(areas=["11359"])
    field.programme()
    return field.referred(area_code="11359")  # type: ignore[arg-type]


def due(offer: Offer) -> datetime:
    assert offer.delivery_due_at is not None
    return offer.delivery_due_at


def test_an_offer_on_its_way_has_no_day_to_answer_by_and_never_expires(field: Field) -> None:
    referral = offered(field)
    offer = field.offer(referral.id)
    assert (offer.expires_at, offer.delivered_at) == (None, None)
    assert domain.expire_offers(field.session, field.now + MUCH_LATER) == 0
    assert field.offer(referral.id).status == "offered"


def test_the_days_to_answer_are_counted_from_the_delivery(field: Field) -> None:
    referral = offered(field)
    later = field.at(field.now + ONE_DAY)
    later.deliver(referral.id)
    expires_at = field.offer(referral.id).expires_at
    # Tuesday noon and five working days: until the end of Tuesday in a week.
    assert expires_at is not None
    assert expires_at.isoformat() == "2026-03-10T17:00:00+00:00"
    assert domain.pass_on_undelivered(field.session, field.now + MUCH_LATER) == 0


def test_or_from_when_the_organisation_said_that_it_has_seen_it(field: Field) -> None:
    referral = offered(field)
    field.move(referral, Move.SEEN)
    offer = field.offer(referral.id)
    seen_until = offer.expires_at
    assert seen_until is not None
    # A webhook that arrives later gives no more days.
    field.at(field.now + 3 * ONE_DAY).deliver(referral.id)
    assert field.offer(referral.id).expires_at == seen_until
    assert domain.pass_on_undelivered(field.session, field.now + MUCH_LATER) == 0


def test_what_was_taken_and_came_back_waits_for_its_delivery_again(field: Field) -> None:
    referral = offered(field)
    field.deliver(referral.id)
    assert field.offer(referral.id).expires_at is not None
    later = field.at(field.now + timedelta(hours=1))
    later.deliver(referral.id, DeliveryOutcome.PARKED)
    offer = field.offer(referral.id)
    assert (offer.delivered_at, offer.expires_at) == (None, None)
    assert field.alerts(referral.case_id) == ["delivery_parked"]
    again = field.at(field.now + ONE_DAY)
    again.deliver(referral.id)
    assert field.offer(referral.id).delivered_at == again.now
    assert field.alerts(referral.case_id) == []


def test_what_was_taken_and_came_back_goes_to_the_next_when_its_time_is_over(field: Field) -> None:
    referral = offered(field)
    first = field.offer(referral.id)
    field.deliver(referral.id)
    assert domain.pass_on_undelivered(field.session, due(first)) == 0
    field.deliver(referral.id, DeliveryOutcome.PARKED)
    assert domain.pass_on_undelivered(field.session, due(first)) == 1
    assert field.offer(referral.id).id != first.id


def test_what_was_seen_has_arrived_whatever_comes_back(field: Field) -> None:
    referral = offered(field)
    field.deliver(referral.id)
    field.move(referral, Move.SEEN)
    until = field.offer(referral.id).expires_at
    field.deliver(referral.id, DeliveryOutcome.PARKED)
    offer = field.offer(referral.id)
    assert (offer.delivered_at, offer.expires_at) == (field.now, until)


def test_to_see_what_was_delivered_gives_no_more_days(field: Field) -> None:
    referral = offered(field)
    field.deliver(referral.id)
    until = field.offer(referral.id).expires_at
    field.at(field.now + ONE_DAY).move(referral, Move.SEEN)
    assert field.offer(referral.id).expires_at == until


def test_to_read_an_offer_is_not_yet_to_have_said_that_it_was_seen(field: Field) -> None:
    """A program polls; what starts a clock against somebody is a recorded act (ADR 0025)."""
    referral = offered(field)
    offer = field.offer(referral.id)
    domain.find_referral(field.session, referral_id=offer.id, subject=asked(offer), now=field.now)
    assert field.offer(referral.id).expires_at is None


def test_what_did_not_arrive_in_time_goes_to_the_next_and_the_case_owner_is_told(
    field: Field, told: Told
) -> None:
    referral = offered(field)
    first = field.offer(referral.id)
    assert domain.pass_on_undelivered(field.session, due(first) - timedelta(seconds=1)) == 0
    assert domain.pass_on_undelivered(field.session, due(first)) == 1
    assert domain.pass_on_undelivered(field.session, due(first)) == 0
    former, present = field.offers(referral.id)
    assert (former.status, former.reason) == ("recalled", "undelivered")
    assert present.status == "offered"
    assert due(present) > due(first)
    assert (field.places(former.programme_id).held, field.miscounted()) == (0, 0)
    _, lapsed, requested = told(Queue.NOTIFICATION)
    assert isinstance(lapsed, ReferralMoved)
    assert (lapsed.status, lapsed.reason) == ("cancelled", "undelivered")
    assert isinstance(requested, ReferralRequested)
    (alert,) = field.session.scalars(select(Alert).where(Alert.settled_at.is_(None)))
    assert (alert.kind, alert.case_id) == ("offer_undelivered", referral.case_id)
    assert alert.facts == {
        "offer_id": str(first.id),
        "organisation_id": str(first.organisation_id),
        "since": field.now.isoformat(),
        "reason": "undelivered",
    }


def test_it_does_not_count_against_the_organisation(field: Field) -> None:
    referral = offered(field)
    first = field.offer(referral.id)
    domain.pass_on_undelivered(field.session, due(first))
    places = field.places(first.programme_id)
    assert (places.offers_made, places.offers_declined) == (1, 0)


@pytest.mark.parametrize("failure", [DeliveryOutcome.PARKED, DeliveryOutcome.NO_ENDPOINT])
def test_where_it_failed_the_alert_is_at_once_and_the_next_is_asked_at_the_end(
    field: Field, failure: DeliveryOutcome
) -> None:
    referral = offered(field)
    field.deliver(referral.id, failure)
    assert len(field.alerts(referral.case_id)) == 1
    assert domain.pass_on_undelivered(field.session, due(field.offer(referral.id))) == 1
    assert field.alerts(referral.case_id) == ["offer_undelivered"]


def test_a_late_delivery_of_what_was_passed_on_is_noted_and_settles_its_alert(
    field: Field,
) -> None:
    referral = offered(field)
    first = field.offer(referral.id)
    later = field.at(due(first))
    domain.pass_on_undelivered(field.session, later.now)
    before = field.moves(referral.id)
    later.deliver_offer(first)
    former, present = field.offers(referral.id)
    assert (former.delivered_at, former.expires_at) == (later.now, None)
    assert (former.status, present.status) == ("recalled", "offered")
    assert (present.delivered_at, present.expires_at) == (None, None)
    assert field.moves(referral.id) == before
    assert field.alerts(referral.case_id) == []


def test_once_somebody_accepts_nobody_has_to_ask_after_the_first(field: Field) -> None:
    referral = offered(field)
    domain.pass_on_undelivered(field.session, due(field.offer(referral.id)))
    field.move(referral, Move.ACCEPT)
    assert field.alerts(referral.case_id) == []


def test_a_programme_that_was_not_reached_is_asked_again_once_it_has_changed(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    later = field.at(due(field.offer(referral.id)))
    domain.pass_on_undelivered(field.session, later.now)
    assert field.referral(referral.case_id).status == ReferralStatus.UNPLACED
    assert field.alerts(referral.case_id) == ["no_programme", "offer_undelivered"]
    renewed = field.at(later.now + ONE_DAY)
    renewed.programme(programme_id=school.id, organisation_id=school.organisation_id)
    domain.retry_unplaced(field.session, renewed.now)
    assert field.offer(referral.id).programme_id == school.id


@dataclass
class Course:
    """One referral on its way, and the time that passes."""

    field: Field
    referral_id: UUID

    @property
    def referral(self) -> Referral:
        return self.field.session.get_one(Referral, self.referral_id)


def _of_current(course: Course, outcome: DeliveryOutcome) -> None:
    current = [each for each in course.field.offers(course.referral.id) if each.is_current]
    for offer in current:
        course.field.deliver_offer(offer, outcome)


def _late(course: Course) -> None:
    """A webhook of the first offer arrives, whatever has become of it."""
    for offer in course.field.offers(course.referral.id)[:1]:
        course.field.deliver_offer(offer)


def _move(course: Course, move: Move, reason: ReasonCode | None = None) -> None:
    if move is Move.CANCEL:
        subject = case_owner()
    elif any(each.is_current for each in course.field.offers(course.referral.id)):
        subject = None
    else:
        return
    outcome = ServiceOutcome.PROVIDED if move is Move.COMPLETE else None
    try:
        course.field.move(course.referral, move, reason=reason, outcome=outcome, subject=subject)
    except DomainError:
        return


def _withdraw(course: Course) -> None:
    course.field.withdraw(course.referral.case_id)


def _give(course: Course) -> None:
    course.field.agree(course.referral.case_id)


def _wait(course: Course) -> None:
    course.field = course.field.at(course.field.now + 2 * ONE_DAY)


def _sweep(course: Course) -> None:
    for sweep in (domain.expire_offers, domain.pass_on_undelivered, domain.retry_unplaced):
        sweep(course.field.session, course.field.now)


ACTS: dict[str, Callable[[Course], None]] = {
    "delivered": lambda course: _of_current(course, DeliveryOutcome.DELIVERED),
    "parked": lambda course: _of_current(course, DeliveryOutcome.PARKED),
    "no endpoint": lambda course: _of_current(course, DeliveryOutcome.NO_ENDPOINT),
    "late": _late,
    "seen": lambda course: _move(course, Move.SEEN),
    "accept": lambda course: _move(course, Move.ACCEPT),
    "reject": lambda course: _move(course, Move.REJECT, ReasonCode.CAPACITY),
    "fail": lambda course: _move(course, Move.FAIL, ReasonCode.TIMING),
    "complete": lambda course: _move(course, Move.COMPLETE),
    "cancel": lambda course: _move(course, Move.CANCEL, ReasonCode.OTHER),
    "recall": _withdraw,
    "consent": _give,
    "wait": _wait,
    "sweep": _sweep,
}


# Each example runs in a savepoint of its own, so sharing the session between them is safe.
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(list(ACTS)), max_size=14))
def test_in_whatever_order_things_happen_only_who_had_the_offer_answers_for_it(
    field: Field, acts: list[str]
) -> None:
    attempt = field.session.begin_nested()
    field.programme(areas=["11359"])
    field.programme()
    course = Course(field, field.referred(area_code="11359").id)  # type: ignore[arg-type]
    for act in acts:
        ACTS[act](course)
        _holds(course)
    attempt.rollback()


def _holds(course: Course) -> None:
    field = course.field
    assert field.miscounted() == 0
    offers = field.offers(course.referral.id)
    for offer in offers:
        had_it = offer.delivered_at or offer.seen_at
        if offer.status == "offered":
            # One clock runs: the one to arrive, or the one to answer.
            assert (offer.expires_at is not None) == (had_it is not None)
            assert offer.delivery_due_at is not None
        if offer.reason == ReasonCode.NO_ANSWER:
            assert offer.expires_at is not None
            assert had_it is not None
        if offer.reason == ReasonCode.UNDELIVERED:
            assert offer.expires_at is None
            assert offer.seen_at is None
            assert offer.ended_at is not None
            assert offer.delivered_at is None or offer.delivered_at >= offer.ended_at
    for programme in field.session.scalars(
        select(Programme).execution_options(populate_existing=True)
    ):
        theirs = [each.status for each in offers if each.programme_id == programme.id]
        declined = [status for status in theirs if status in {"rejected", "expired"}]
        assert programme.offers_declined == len(declined)
    assert _unclear(field) == ()


def _unclear(field: Field) -> tuple[str, ...]:
    """Whatever happens, it is exactly one body's turn; clocks that ran out wait for a sweep."""
    field.session.flush()
    connection = field.session.connection().connection.driver_connection
    assert connection is not None
    supporting = connection.execute(turns.SUPPORTING, {"soon": 10 * 365 * 86400.0}).fetchall()
    opened = connection.execute(turns.OPEN).fetchall()
    return turns.conclude([], turns.sentences(supporting), {row[0] for row in opened}).unclear
