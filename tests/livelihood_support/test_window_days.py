"""From which day a window to apply runs, and how the answer says when it closed."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.errors import DayIsVerified
from services.livelihood_support.models import Alert, AlertKind, CaseFile
from services.livelihood_support.policy import ToldFact
from shared.contracts.vocabulary import Regime
from shared.law.entitling import Decision
from tests.livelihood_support.builders import VOCATIONAL, Field
from tests.livelihood_support.test_facts import TELLER, answers, tell
from tests.livelihood_support.test_windows import LONG_AGO, OPENED


def tell_day(field: Field, case_id: UUID, day: date) -> None:
    domain.tell_fact(
        field.session,
        case_id=case_id,
        stated=domain.FactStated(ToldFact.IDENTIFIED, True, "15/GXN-CATP", day),
        subject=TELLER,
        now=field.now,
    )


def test_a_day_that_the_verification_has_told_is_not_told_otherwise(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=LONG_AGO)
    with pytest.raises(DayIsVerified) as refused:
        tell_day(field, case_id, date(2025, 6, 2))
    assert refused.value.facts == {"identified_on": LONG_AGO.isoformat()}


def test_a_day_told_before_the_verification_ended_gives_way_to_its_own(field: Field) -> None:
    case_id = field.case(requested=[])
    tell_day(field, case_id, date(2025, 6, 2))
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=LONG_AGO)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert plan.application_window is not None
    assert plan.application_window.started_on == LONG_AGO
    assert answers(field, case_id)[VOCATIONAL] == Decision.NOT_ENTITLED


def test_the_window_of_a_day_that_was_told_before_the_plan_is_looked_at(field: Field) -> None:
    case_id = field.case(requested=[])
    tell_day(field, case_id, OPENED)
    field.conclude(case_id, regime=Regime.LAW_2011, is_day_told=False)
    assert looked_at(field, case_id) == date(2026, 3, 11)


def test_an_exception_told_before_the_plan_needs_no_look(field: Field) -> None:
    case_id = field.case(requested=[])
    tell(field, case_id, ToldFact.WINDOW_EXCEPTION, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=OPENED)
    assert looked_at(field, case_id) is None


def looked_at(field: Field, case_id: UUID) -> date | None:
    return field.session.get_one(CaseFile, case_id, populate_existing=True).window_look_on


def test_the_answer_and_the_alert_say_when_the_window_closed(field: Field) -> None:
    field.programme()
    case_id = field.case(requested=[])
    field.conclude(case_id, regime=Regime.LAW_2011, is_day_told=False)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    tell_day(field, case_id, date(2025, 6, 2))
    domain.add_need(field.session, case_id=case_id, code=VOCATIONAL, **field.by_owner())
    tell_day(field, case_id, LONG_AGO)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    vocational = next(each for each in plan.entitlements if each.code == VOCATIONAL)
    used = {each.fact: each for each in vocational.used}
    assert (vocational.decision, used["applied_in_time"].last_day) == (
        Decision.NOT_ENTITLED,
        date(2025, 5, 6),
    )
    assert used["poor_household"].last_day is None
    (alert,) = field.session.scalars(
        select(Alert).where(Alert.case_id == case_id, Alert.kind == AlertKind.NO_LONGER_GRANTED)
    )
    assert alert.facts["window_closed_on"] == "2025-05-06"
