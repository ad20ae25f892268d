"""A verification that ended otherwise after there was a plan: nothing runs on in silence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Who, Why
from services.livelihood_support import domain
from services.livelihood_support.errors import NotIdentified
from services.livelihood_support.models import Alert, Plan, Referral
from services.livelihood_support.policy import Move, ToldFact
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReasonCode,
    Regime,
    ServiceOutcome,
    VerificationOutcome,
)
from tests.livelihood_support.builders import ACTOR, VOCATIONAL, Field, case_owner

KIND = "no_longer_identified"
OTHERWISE = [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.WITHDRAWN]
LEGAL = EntitlementCode.LEGAL_SUPPORT


def served(field: Field) -> Referral:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    return referral


def reverse(field: Field, referral: Referral, outcome: VerificationOutcome = OTHERWISE[0]) -> Field:
    later = field.at(field.now + timedelta(days=1))
    later.conclude(referral.case_id, outcome=outcome)
    return later


def of_the_reversal(field: Field, *, is_settled: bool = False) -> list[Alert]:
    found = field.session.scalars(
        select(Alert)
        .where(Alert.kind == KIND)
        .order_by(Alert.code)
        .execution_options(populate_existing=True)
    )
    return [alert for alert in found if (alert.settled_at is not None) is is_settled]


@pytest.mark.parametrize("outcome", OTHERWISE)
def test_each_running_referral_is_named_with_its_plan_and_goes_on(
    field: Field, outcome: VerificationOutcome
) -> None:
    field.programme(codes=[VOCATIONAL])
    field.programme(codes=[LEGAL])
    case_id = field.case(requested=[VOCATIONAL, LEGAL])
    field.conclude(case_id)
    running = {
        it.code: (it.id, it.status, it.version) for it in field.session.scalars(select(Referral))
    }
    assert len(running) == 2
    later = field.at(field.now + timedelta(days=1))
    later.conclude(case_id, outcome=outcome)
    plan = field.session.scalars(select(Plan)).one()
    alerts = of_the_reversal(field)
    assert {it.code: it.referral_id for it in alerts} == {
        code: known[0] for code, known in running.items()
    }
    for alert in alerts:
        assert alert.raised_at == later.now
        assert alert.facts == {"plan_id": str(plan.id), "outcome": outcome, "can": ["cancel"]}
    field.session.expire_all()
    assert running == {
        it.code: (it.id, it.status, it.version) for it in field.session.scalars(select(Referral))
    }


def test_the_case_owner_is_told_of_it(field: Field) -> None:
    later = reverse(field, served(field))
    assert domain.tell_alerts(field.session, later.now) == 1


def test_it_is_told_once_however_often_it_is_decided_so(field: Field) -> None:
    referral = served(field)
    reverse(reverse(field, referral), referral, OTHERWISE[1])
    assert len(of_the_reversal(field)) == 1


def test_it_is_over_when_the_person_is_identified_again(field: Field) -> None:
    referral = served(field)
    reverse(field, referral).conclude(referral.case_id)
    assert field.alerts(referral.case_id) == []
    assert len(of_the_reversal(field, is_settled=True)) == 1


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_or_when_the_referral_ends(field: Field, *, is_cancelled: bool) -> None:
    referral = served(field)
    reverse(field, referral)
    if is_cancelled:
        field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    else:
        field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    assert KIND not in field.alerts(referral.case_id)


def test_what_has_ended_before_needs_nobody(field: Field) -> None:
    referral = served(field)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    reverse(field, referral)
    assert of_the_reversal(field) == []


def test_no_need_is_added_until_then(field: Field) -> None:
    referral = served(field)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    later = reverse(field, referral)
    with pytest.raises(NotIdentified):
        domain.add_need(
            field.session,
            case_id=referral.case_id,
            code=VOCATIONAL,
            subject=case_owner(),
            actor=ACTOR,
            now=later.now,
        )


def test_and_a_fact_that_grants_more_refers_nobody(field: Field) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    field.conclude(case_id, regime=Regime.LAW_2011, outcome=OTHERWISE[0])
    stated = domain.FactStated(ToldFact.POOR_HOUSEHOLD, True, "12/QĐ-UBND")
    kept = domain.tell_fact(
        field.session, case_id=case_id, stated=stated, subject=case_owner(), now=field.now
    )
    assert (kept.revised.revision, kept.revised.referred) == (2, [])
    assert field.session.scalars(select(Referral)).all() == []


def test_each_referral_is_the_case_owners_turn(field: Field) -> None:
    referral = served(field)
    reverse(field, referral)
    field.session.flush()
    connection = field.session.connection().connection.driver_connection
    assert connection is not None
    rows = connection.execute(turns.SUPPORTING, {"soon": 0.0}).fetchall()
    (turn,) = turns.sentences(rows)
    assert (turn.subject, turn.who, turn.why) == (str(referral.id), Who.CASE_OWNER, Why(KIND))
