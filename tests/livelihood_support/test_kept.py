"""What the law answers is kept once, and what is the case's own with the case."""

from dataclasses import replace

from sqlalchemy import func, select

from services.livelihood_support import domain
from services.livelihood_support.domain.kept import set_of
from services.livelihood_support.models import AnswerSet, Plan
from services.livelihood_support.policy import ToldFact
from shared.contracts.vocabulary import Citizenship, Regime
from shared.law import Certainty
from shared.law.entitlements import Fact
from shared.law.entitling import Decision
from shared.law.entitling import Entitlement as Answer
from tests.livelihood_support.builders import VOCATIONAL, Field
from tests.livelihood_support.test_facts import tell


def test_the_same_answers_are_kept_once_whoever_they_are_given_to(field: Field) -> None:
    alike = [field.case(requested=requested) for requested in ([VOCATIONAL], [], [VOCATIONAL])]
    other = field.case(citizenship=Citizenship.STATELESS)
    field.conclude(*alike[:2])
    field.conclude(alike[2], other)
    given = dict(field.session.execute(select(Plan.case_id, Plan.answers_id)).all())
    assert len({given[case_id] for case_id in alike}) == 1
    assert given[other] != given[alike[0]]
    assert field.session.scalar(select(func.count()).select_from(AnswerSet)) == 2


def test_what_is_the_cases_own_stays_with_the_case(field: Field) -> None:
    cases = [field.case(), field.case()]
    for case_id, paper in zip(cases, ("12/QĐ-UBND", "13/QĐ-UBND"), strict=True):
        tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True, paper=paper)
    field.conclude(*cases, regime=Regime.LAW_2011)
    assert len(set(field.session.scalars(select(Plan.answers_id)))) == 1
    for case_id, paper in zip(cases, ("12/QĐ-UBND", "13/QĐ-UBND"), strict=True):
        (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
        vocational = next(each for each in plan.entitlements if each.code == VOCATIONAL)
        assert [each.evidence_ref for each in vocational.used if each.fact_id] == [paper]


def test_an_answer_on_another_text_or_by_another_fact_is_another_set() -> None:
    """A rule whose text changes makes a new set; the plans of before keep theirs."""
    by = Fact.POOR_HOUSEHOLD
    answer = Answer(VOCATIONAL, Decision.ENTITLED, (), "Law 2024", Certainty.CONFIRMED, (by,))
    amended = replace(answer, legal_ref="Law 2030")
    holds, not_so = {by: True}, {by: False}
    sets = [set_of([(answer, holds)]), set_of([(amended, holds)]), set_of([(answer, not_so)])]
    assert len({each.id for each in sets}) == 3
    assert set_of([(answer, {**holds, Fact.UNDER_18: True})]).id == sets[0].id
