"""I1 for people, as the rows of livelihood support tell it: who must act, since when and why."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Standing, Who, Why
from services.livelihood_support import domain
from services.livelihood_support.domain.alerts import settle_alerts
from services.livelihood_support.models import AlertKind, Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    ReasonCode,
    Regime,
    ServiceOutcome,
)
from shared.kit.clock import utc_now
from tests.livelihood_support.builders import Field, case_owner

Situation = Callable[[Field], Referral]


@pytest.fixture
def now() -> datetime:
    """Whether an offer's clock has run out, the database says by its own."""
    return utc_now()


def standing(session: Session, soon: float = 0.0) -> Standing:
    session.flush()
    connection = session.connection().connection.driver_connection
    assert connection is not None
    supporting = connection.execute(turns.SUPPORTING, {"soon": soon}).fetchall()
    opened = connection.execute(turns.OPEN).fetchall()
    return turns.conclude([], turns.sentences(supporting), {row[0] for row in opened})


def offered(field: Field) -> Referral:
    field.programme()
    return field.referred()


def delivered(field: Field) -> Referral:
    referral = offered(field)
    field.deliver(referral.id)
    return referral


def seen(field: Field) -> Referral:
    referral = offered(field)
    field.move(referral, Move.SEEN)
    return referral


def unplaced(field: Field) -> Referral:
    return field.referred()


def unreached(field: Field) -> Referral:
    """Parked, then without an endpoint: one sentence still."""
    referral = offered(field)
    for outcome in (DeliveryOutcome.PARKED, DeliveryOutcome.NO_ENDPOINT):
        field.deliver(referral.id, outcome)
    return referral


def accepted(field: Field) -> Referral:
    referral = offered(field)
    field.move(referral, Move.ACCEPT)
    return field.referral(referral.case_id)


def serving(field: Field) -> Referral:
    referral = accepted(field)
    field.move(referral, Move.START)
    return field.referral(referral.case_id)


def on_hold(field: Field) -> Referral:
    referral = serving(field)
    field.move(referral, Move.HOLD, reason=ReasonCode.TIMING)
    return field.referral(referral.case_id)


@pytest.mark.parametrize(
    ("situation", "who", "why"),
    [
        (offered, Who.SYSTEM, Why.OFFER_ON_ITS_WAY),
        (delivered, Who.ORGANISATION, Why.OFFER_UNANSWERED),
        (seen, Who.ORGANISATION, Why.OFFER_UNANSWERED),
        (unplaced, Who.CASE_OWNER, Why.NO_PROGRAMME),
        (unreached, Who.CASE_OWNER, Why.OFFER_UNREACHED),
        (accepted, Who.ORGANISATION, Why.REFERRAL_ACCEPTED),
        (serving, Who.ORGANISATION, Why.REFERRAL_IN_PROGRESS),
        (on_hold, Who.ORGANISATION, Why.REFERRAL_ON_HOLD),
    ],
)
def test_an_open_referral_is_one_bodys_turn(
    field: Field, situation: Situation, who: Who, why: Why
) -> None:
    referral = situation(field)
    found = standing(field.session)
    (turn,) = found.turns
    assert (turn.case_id, turn.subject) == (str(referral.case_id), str(referral.id))
    assert (turn.who, turn.why) == (who, why)
    asked = field.offers(referral.id)
    is_theirs = who is Who.ORGANISATION
    assert turn.organisation_id == (str(asked[-1].organisation_id) if is_theirs else None)
    assert turn.since == field.now
    assert found.unclear == ()


def test_after_a_failure_the_next_is_asked_and_the_case_owner_learns_why(field: Field) -> None:
    referral = serving(field)
    field.programme()
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    found = standing(field.session)
    assert {(turn.case_id, turn.who, turn.why) for turn in found.turns} == {
        (str(referral.case_id), Who.SYSTEM, Why.OFFER_ON_ITS_WAY),
        (str(referral.case_id), Who.CASE_OWNER, Why.SERVICE_FAILED),
    }
    assert found.unclear == ()


def test_after_a_withdrawal_the_case_owner_decides_and_the_organisation_purges(
    field: Field,
) -> None:
    referral = serving(field)
    field.withdraw(referral.case_id)
    found = standing(field.session)
    assert {(turn.subject, turn.who, turn.why) for turn in found.turns} == {
        (str(referral.id), Who.CASE_OWNER, Why.CONSENT_WITHDRAWN),
        (str(field.offer(referral.id).id), Who.ORGANISATION, Why.PURGE_OWED),
    }
    assert found.unclear == ()


def test_a_purge_whose_notice_did_not_arrive_is_the_case_owners(field: Field) -> None:
    referral = serving(field)
    field.withdraw(referral.case_id)
    offer = field.offer(referral.id)
    assert offer.purge_id is not None
    notice = domain.NoticeFacts(
        referral.case_id, offer.id, offer.purge_id, DeliveryOutcome.NO_ENDPOINT
    )
    domain.note_purge_notices(field.session, notices=[notice], now=field.now)
    found = standing(field.session)
    assert (str(offer.id), Who.CASE_OWNER, Why.PURGE_OVERDUE) in {
        (turn.subject, turn.who, turn.why) for turn in found.turns
    }
    assert found.unclear == ()


def test_a_purge_of_one_offer_that_is_late_leaves_that_of_another_with_its_organisation(
    field: Field,
) -> None:
    referral = serving(field)
    failed = field.offer(referral.id)
    field.programme()
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    field.move(field.referral(referral.case_id), Move.ACCEPT)
    present = field.offer(referral.id)
    field.withdraw(referral.case_id)
    assert failed.purge_id is not None
    notice = domain.NoticeFacts(
        referral.case_id, failed.id, failed.purge_id, DeliveryOutcome.NO_ENDPOINT
    )
    domain.note_purge_notices(field.session, notices=[notice], now=field.now)
    found = {(turn.subject, turn.who, turn.why) for turn in standing(field.session).turns}
    assert (str(failed.id), Who.CASE_OWNER, Why.PURGE_OVERDUE) in found
    assert (str(present.id), Who.ORGANISATION, Why.PURGE_OWED) in found
    assert (str(present.id), Who.CASE_OWNER, Why.PURGE_OVERDUE) not in found


def test_what_nobody_can_decide_without_a_fact_is_the_case_owners(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    (turn,) = standing(field.session).turns
    assert (turn.case_id, turn.who, turn.why) == (
        str(case_id),
        Who.CASE_OWNER,
        Why.NEEDS_INFORMATION,
    )


@pytest.mark.parametrize("situation", [offered, unplaced, accepted])
def test_a_referral_that_has_ended_is_nobodys_turn(field: Field, situation: Situation) -> None:
    referral = situation(field)
    if referral.status == "accepted":
        field.move(referral, Move.START)
        served = field.referral(referral.case_id)
        field.move(served, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
        field.move(served, Move.CONFIRM, subject=case_owner())
    else:
        reason = ReasonCode.PERSON_DECLINED
        field.move(referral, Move.CANCEL, reason=reason, subject=case_owner())
    assert standing(field.session) == Standing((), (), ())


@pytest.mark.parametrize("outcome", ServiceOutcome)
def test_what_is_said_to_have_been_provided_is_the_case_owners_until_the_person_is_heard(
    field: Field, outcome: ServiceOutcome
) -> None:
    referral = serving(field)
    field.move(referral, Move.COMPLETE, outcome=outcome)
    found = [(turn.subject, turn.who, turn.why) for turn in standing(field.session).turns]
    asked = (str(referral.id), Who.CASE_OWNER, Why.SERVICE_UNCONFIRMED)
    assert found == ([] if outcome is ServiceOutcome.NOT_PROVIDED else [asked])
    later = field.at(field.now + timedelta(days=1))
    later.move(referral, Move.CONFIRM, subject=case_owner())
    assert standing(field.session).turns == ()
    assert rested(field) == later.now


def test_a_case_with_nothing_left_waits_since_the_last_of_it_ended(field: Field) -> None:
    field.programme(capacity=2)
    referral = field.referred()
    assert rested(field) == field.now
    field.move(referral, Move.ACCEPT)
    ended = field.at(field.now + timedelta(days=1))
    ended.move(referral, Move.CANCEL, reason=ReasonCode.PERSON_DECLINED, subject=case_owner())
    assert rested(field) == ended.now
    purged = field.at(field.now + timedelta(days=2))
    purged.move(referral, Move.CONFIRM_PURGE)
    assert rested(field) == purged.now


def test_an_alert_that_is_settled_was_the_last_that_was_open(field: Field) -> None:
    referral = unplaced(field)
    later = field.at(field.now + timedelta(days=1))
    settle_alerts(field.session, [referral.id], [AlertKind.NO_PROGRAMME], now=later.now)
    assert rested(field) == later.now


def rested(field: Field) -> datetime:
    """Since when nothing is open under the one plan, if nothing is."""
    field.session.flush()
    connection = field.session.connection().connection.driver_connection
    assert connection is not None
    ((_, since),) = connection.execute(turns.PLANS).fetchall()
    found: datetime = since
    return found


STILL_ASKED = """
    INSERT INTO alerts (id, case_id, referral_id, code, kind, facts, raised_at)
    SELECT gen_random_uuid(), case_id, id, code, 'no_programme', '{}', now() FROM referrals
"""


@pytest.mark.parametrize(
    ("situation", "wrong"),
    [
        (offered, "UPDATE offers SET delivery_due_at = now() - interval '1 hour'"),
        (delivered, "UPDATE clocks SET due_at = now() - interval '1 hour'"),
        (offered, STILL_ASKED),
        (accepted, "UPDATE offers SET status = 'completed', ended_at = now()"),
        (unplaced, "UPDATE alerts SET settled_at = now()"),
    ],
    ids=[
        "it is lost on its way",
        "its clock has run out",
        "somebody is still asked",
        "nobody serves",
        "nobody was told",
    ],
)
def test_a_referral_whose_turn_cannot_be_said_is_named(
    field: Field, situation: Situation, wrong: str
) -> None:
    referral = situation(field)
    field.session.flush()
    field.session.execute(text(wrong))
    assert standing(field.session).unclear == (str(referral.id),)


@pytest.mark.parametrize(
    ("situation", "table", "clock"),
    [(offered, "offers", "delivery_due_at"), (delivered, "clocks", "due_at")],
)
def test_a_clock_that_has_just_run_out_is_given_the_time_of_a_sweep(
    field: Field, situation: Situation, table: str, clock: str
) -> None:
    situation(field)
    field.session.flush()
    field.session.execute(text(f"UPDATE {table} SET {clock} = now() - interval '1 minute'"))  # noqa: S608
    assert standing(field.session, soon=300.0).unclear == ()
