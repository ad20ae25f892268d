"""Which open cases rest, with plan or offer, on rows of the law that are not certain."""

from uuid import uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.livelihood_support import domain
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import AgeBand, Regime, Role, VerificationOutcome
from shared.law import PeriodKey
from shared.law.questions import RowName
from shared.resting import RestingCase, RestingThing, count_resting, find_resting
from shared.resting.api import resting_routes
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import BASE, Scene, TokenFor
from tests.subjects import somebody

NEWER = Regime.LAW_2024
ANSWER = (PeriodKey.REFERRAL_ANSWER, None)
DELIVERY = (PeriodKey.REFERRAL_DELIVERY, None)


@pytest.fixture
def routers() -> list[APIRouter]:
    from services.livelihood_support import api  # noqa: PLC0415 - as the application has it

    return [api.router, resting_routes(domain.find_what_rests)]


def rows(field: Field) -> dict[RowName, int]:
    everywhere = somebody(uuid4(), Role.ADMINISTRATOR)
    found = count_resting(field.session, domain.find_what_rests, subject=everywhere, now=field.now)
    return {(it.entry.key, it.entry.regime): it.cases for it in found}


def cases(field: Field, row: RowName) -> list[RestingCase]:
    owner = somebody(uuid4(), Role.CASE_OWNER, areas=("31",))
    found = find_resting(
        field.session,
        domain.find_what_rests,
        row=row,
        subject=owner,
        now=field.now,
        after=None,
        size=10,
    )
    return list(found)


def test_a_plan_rests_on_every_weak_row_of_what_is_granted_and_on_none_of_the_other_law(
    field: Field,
) -> None:
    assert rows(field) == {}
    case_id = field.case()
    field.conclude(case_id)
    found = rows(field)
    weak = {
        "certainty.hardship",
        "amount.hardship.once",
        "amount.loan.max",
        "amount.travel.per_day",
    }
    assert weak | {"content.education.adult"} <= {key for key, _ in found}
    assert {regime for _, regime in found} == {NEWER}
    (only,) = cases(field, ("certainty.hardship", NEWER))
    assert (only.case_id, only.subject, only.due_at) == (case_id, RestingThing.PLAN, None)


def test_what_a_text_says_of_adults_holds_up_no_child(field: Field) -> None:
    field.conclude(field.case(age_band=AgeBand.UNDER_16))
    assert ("content.education.adult", NEWER) not in rows(field)
    assert ("certainty.hardship", NEWER) in rows(field)


def test_a_case_that_is_identified_no_more_rests_on_nothing(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id)
    field.conclude(case_id, outcome=VerificationOutcome.WITHDRAWN)
    assert not {key for key, regime in rows(field) if regime}


def test_an_offer_rests_on_the_period_that_runs_until_it_is_answered(field: Field) -> None:
    field.programme()
    referral = field.referred()
    (waiting,) = cases(field, DELIVERY)
    assert waiting.subject is RestingThing.OFFER
    assert waiting.due_at == field.offer(referral.id).delivery_due_at
    field.move(referral, Move.SEEN)
    (waiting,) = cases(field, ANSWER)
    assert waiting.due_at == field.offer(referral.id).expires_at
    field.move(referral, Move.ACCEPT)
    domain.watch_clocks(field.session, field.now)
    assert cases(field, ANSWER) == cases(field, DELIVERY) == []


def test_a_case_owner_reads_which_cases_and_an_organisation_that_was_asked_does_not(
    client: TestClient, scene: Scene, token_for: TokenFor
) -> None:
    asked = {"key": "certainty.hardship", "regime": "2024"}
    address = f"{BASE}/law/resting-cases"
    (found,) = client.get(address, params=asked, headers=scene.owner).json()["items"]
    assert found["case_id"] == str(scene.case_id)
    assert client.get(address, params=asked, headers=scene.first).status_code == 403
    counted = f"{BASE}/law/resting"
    administrator = token_for("administrator")
    assert client.get(counted, headers=administrator).json()["items"]
    assert client.get(address, params=asked, headers=administrator).status_code == 403
