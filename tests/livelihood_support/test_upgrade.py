"""A database that was worked with before this release goes on under it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain.needs import find_needs
from services.livelihood_support.domain.plan_views import PlanView, UsedFact
from services.livelihood_support.policy import ToldFact
from shared.contracts import Queue, VerificationConcluded
from shared.contracts.vocabulary import EntitlementCode, Regime
from shared.kit import migrations
from shared.kit.database import make_engine
from shared.messaging.consumer import actor_of
from tests.livelihood_support.builders import OWNER, Field
from tests.livelihood_support.test_facts import TELLER, answers, tell

BEFORE_WINDOWS = "0015"
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)

ROWS = """
    INSERT INTO case_files (case_id, route, receiver_id, receiver_kind, area_code, age_band, sex,
                            citizenship, languages, requested_services, received_at,
                            verification_outcome, verification_regime, concluded_at)
    VALUES (%(case)s, 'SELF_REPORT', %(case)s, 'commune_committee', '31', 'adult', 'female',
            'vietnamese', '{vi}', '{}', %(then)s, 'identified', '2011', %(then)s);
    INSERT INTO case_facts (id, case_id, number, fact, value, evidence_ref, told_by,
                            organisation_id, told_at)
    VALUES (%(case)s, %(case)s, 1, 'poor_household', 'true', '12/QĐ-UBND', 'client:owner',
            %(case)s, %(then)s);
    INSERT INTO plans (id, case_id, regime, category, opened_at)
    VALUES (%(plan)s, %(case)s, '2011', 'VICTIM_RESIDENT', %(then)s);
    INSERT INTO referrals (id, case_id, plan_id, code, status, version, opened_at, moved_at)
    VALUES (%(plan)s, %(case)s, %(plan)s, 'MEDICAL', 'unplaced', 1, %(then)s, %(then)s);
"""
GRANT = """
    INSERT INTO entitlements (plan_id, revision, code, decision, facts, legal_ref, status, used)
    VALUES (%(plan)s, 1, %(code)s, 'entitled', '{}', 'Decree 09/2013', 'confirmed',
            '{"poor_household": {"holds": true, "fact_id": null}}')
"""
WINDOWED = ("EDUCATION", "HARDSHIP", "VOCATIONAL")
OTHERS = (
    "ESSENTIAL", "INTERPRETATION", "LEGAL_AID", "LEGAL_SUPPORT", "LOAN", "MEDICAL",
    "PSYCHOLOGICAL", "TRAVEL",
)  # fmt: skip


@pytest.mark.parametrize(
    ("identified_on", "decision"),
    [(date(2025, 6, 2), "entitled"), (date(2024, 5, 6), "not_entitled")],
)
def test_what_was_granted_before_windows_were_looked_at_is_not_lost(
    new_database: Callable[[str], str], identified_on: date, decision: str
) -> None:
    """Nobody knows the day of the paper here; once it is told, the day of the grant counts."""
    url = new_database(Queue.LIVELIHOOD_SUPPORT)
    migrations.downgrade(Queue.LIVELIHOOD_SUPPORT, url, BEFORE_WINDOWS)
    case, plan = uuid4(), uuid4()
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        for statement in ROWS.split(";")[:-1]:
            connection.execute(statement, {"case": case, "plan": plan, "then": NOW})
        for code in (*WINDOWED, *OTHERS):
            connection.execute(GRANT, {"plan": plan, "code": code})

    migrations.upgrade(Queue.LIVELIHOOD_SUPPORT, url)

    engine = make_engine(url)
    with Session(engine) as session:
        field = Field(session, datetime(2026, 8, 3, 5, tzinfo=UTC))
        field.owning(OWNER)
        asked_by = [
            it.asked_by
            for it in find_needs(session, case_id=case, **field.as_owner(), after=None, size=9)
        ]
        assert asked_by == [actor_of(VerificationConcluded)]
        tell(field, case, ToldFact.FINANCIAL_HARDSHIP, value=True)
        assert {code: answers(field, case)[code] for code in WINDOWED} == dict.fromkeys(
            WINDOWED, "entitled"
        )
        told = domain.FactStated(ToldFact.IDENTIFIED, True, "15/GXN-CATP", identified_on)
        domain.tell_fact(session, case_id=case, stated=told, subject=TELLER, now=field.now)
        assert {code: answers(field, case)[code] for code in WINDOWED} == dict.fromkeys(
            WINDOWED, decision
        )
    engine.dispose()


BEFORE_SETS = "0025"
FORMER = """
    SELECT plan_id, revision, code, decision, facts, legal_ref, status, used
      FROM entitlements ORDER BY plan_id, revision, code
"""


def test_answers_of_before_are_read_as_they_were_given(
    new_database: Callable[[str], str],
) -> None:
    """The law's text, the facts, the papers behind them and the day of the window."""
    url = new_database(Queue.LIVELIHOOD_SUPPORT)
    engine = make_engine(url)
    with Session(engine) as session:
        field = Field(session, NOW)
        cases = [field.case(), field.case(), field.case()]
        tell(field, cases[1], ToldFact.POOR_HOUSEHOLD, value=True)
        field.conclude(*cases, regime=Regime.LAW_2011)
        tell(field, cases[2], ToldFact.FINANCIAL_HARDSHIP, value=True)
        given = [
            domain.find_plans(session, case_id=case_id, **field.as_owner()) for case_id in cases
        ]
        session.commit()

    migrations.downgrade(Queue.LIVELIHOOD_SUPPORT, url, BEFORE_SETS)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        former = connection.execute(FORMER).fetchall()
    migrations.upgrade(Queue.LIVELIHOOD_SUPPORT, url)

    with Session(engine) as session:
        assert [
            domain.find_plans(session, case_id=case_id, **field.as_owner()) for case_id in cases
        ] == given
    migrations.downgrade(Queue.LIVELIHOOD_SUPPORT, url, BEFORE_SETS)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        assert connection.execute(FORMER).fetchall() == former
    engine.dispose()
    # Three plans, one of which was revised; each code of each has the text it was decided by.
    assert len(former) == 4 * len(EntitlementCode)
    assert {row[-1]["applied_in_time"]["last_day"] for row in former if row[2] == "EDUCATION"}
    assert {use["fact_id"] for row in former for use in row[-1].values() if use["fact_id"]} == {
        str(fact.fact_id) for plans in given for it in plans for fact in used(it) if fact.fact_id
    }


def used(plan: PlanView) -> list[UsedFact]:
    return [fact for answer in plan.entitlements for fact in answer.used]
