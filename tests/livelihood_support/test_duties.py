"""What an organisation asked, and whoever owns a case, must do about support."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.livelihood_support import api, domain
from services.livelihood_support.models import CaseFile, Offer, Referral
from services.livelihood_support.policy import Duty, Move, ToldFact
from shared.contracts.vocabulary import (
    REACHING,
    DeliveryOutcome,
    EntitlementCode,
    ReasonCode,
    Regime,
    Role,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.duties import DutyRow, find_duties
from shared.duties.api import duties_routes
from shared.kit.clock import local_date, minute_of, start_of_day
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import CASE_CODE, OWNER, VOCATIONAL, Field, asked, case_owner
from tests.livelihood_support.calls import BASE, Scene
from tests.subjects import somebody

HERE, THERE = "11359", "11593"


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture
def now() -> datetime:
    """Not on a minute, so that what is told to the minute is seen to be."""
    return datetime.fromisoformat("2026-03-02T05:00:17.123456+00:00")


def duties(field: Field, subject: Subject) -> Sequence[DutyRow]:
    field.session.flush()
    found, counted = find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=100
    )
    assert counted.total == len(found)
    return found


def whats(field: Field, subject: Subject) -> Sequence[str]:
    return [each.what for each in duties(field, subject)]


def referred(field: Field) -> tuple[Referral, Subject]:
    field.programme()
    referral = field.referred()
    return referral, asked(field.offer(referral.id))


def test_each_status_is_one_duty_of_the_organisation_that_was_asked(field: Field) -> None:
    referral, school = referred(field)
    assert whats(field, school) == [Duty.ANSWER_OFFER]
    for move, facts, what in (
        (Move.SEEN, {}, Duty.ANSWER_OFFER),
        (Move.ACCEPT, {}, Duty.START_SERVICE),
        (Move.START, {}, Duty.COMPLETE_SERVICE),
        (Move.HOLD, {"reason": ReasonCode.TIMING}, Duty.RESUME_SERVICE),
        (Move.RESUME, {}, Duty.COMPLETE_SERVICE),
    ):
        field.move(referral, move, subject=school, **facts)  # type: ignore[arg-type]
        assert whats(field, school) == [what]
    field.move(referral, Move.COMPLETE, subject=school, outcome=ServiceOutcome.PROVIDED)
    assert whats(field, school) == []


def test_an_organisation_reads_its_offer_to_the_minute_and_no_case(field: Field) -> None:
    referral, school = referred(field)
    (found,) = duties(field, school)
    assert (found.case_id, found.case_code) == (None, None)
    assert (found.subject, found.object_id) == ("offer", field.offer(referral.id).id)
    assert found.link == f"referrals/{found.object_id}"
    assert found.since == minute_of(field.now) != field.now
    assert (found.age_band, found.sex, found.area_code) == ("adult", "female", "31")
    assert found.code == VOCATIONAL
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=school)
        assert duties(field, school)[0].since == minute_of(field.now)


def test_it_is_due_by_the_period_that_began_when_the_offer_arrived(field: Field) -> None:
    referral, school = referred(field)
    (found,) = duties(field, school)
    assert (found.due_at, found.rule, found.why) == (None, None, None)
    field.deliver(referral.id)
    (found,) = duties(field, school)
    assert found.due_at == field.offer(referral.id).expires_at is not None
    assert found.why is not None
    assert (found.why.at, found.why.started_on) == (found.due_at, local_date(field.now))
    assert found.rule is not None
    assert found.rule.key == "referral.answer"


def test_whoever_was_told_to_purge_confirms_it_and_the_case_owner_asks(field: Field) -> None:
    referral, school = referred(field)
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=school)
    field.withdraw(referral.case_id)
    purge, serving = duties(field, school)
    assert (purge.what, serving.what) == (Duty.CONFIRM_PURGE, Duty.COMPLETE_SERVICE)
    assert purge.object_id == serving.object_id
    assert purge.due_at == field.offer(referral.id).purge_due_at is not None
    assert purge.rule is not None
    assert (purge.rule.key, serving.rule) == ("purge.confirmation", None)
    assert whats(field, case_owner()) == [Duty.DECIDE_REFERRAL]
    late = field.at(field.now + timedelta(days=30))
    domain.alert_owed_purges(field.session, late.now)
    assert sorted(whats(late, case_owner())) == [Duty.ASK_FOR_PURGE, Duty.DECIDE_REFERRAL]
    field.move(referral, Move.CONFIRM_PURGE, subject=school)
    assert whats(late, school) == [Duty.COMPLETE_SERVICE]
    assert whats(late, case_owner()) == [Duty.DECIDE_REFERRAL]


def test_who_failed_and_owes_a_purge_has_nothing_else_to_do(field: Field) -> None:
    referral, school = referred(field)
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=school)
    field.move(referral, Move.FAIL, subject=school, reason=ReasonCode.OTHER)
    field.withdraw(referral.case_id)
    assert set(whats(field, school)) <= {Duty.CONFIRM_PURGE}
    assert {Duty.FIND_PROGRAMME, Duty.ASK_WHY_FAILED} <= set(whats(field, case_owner()))


def test_who_is_not_asked_and_does_not_own_has_nothing_to_do(field: Field) -> None:
    referral, school = referred(field)
    field.deliver(referral.id, DeliveryOutcome.PARKED)
    others = (
        somebody(uuid4(), Role.PROVIDER),
        somebody(uuid4(), Role.CASE_OWNER),
        somebody(school.organisation_id, Role.VERIFIER),
    )
    assert [whats(field, each) for each in others] == [[], [], []]


def test_what_does_not_settle_by_itself_is_the_case_owners(field: Field) -> None:
    referral, _ = referred(field)
    assert whats(field, case_owner()) == []
    field.deliver(referral.id, DeliveryOutcome.NO_ENDPOINT)
    (found,) = duties(field, case_owner())
    assert (found.what, found.case_id) == (Duty.REACH_ORGANISATION, referral.case_id)
    assert (found.case_code, found.link) == (CASE_CODE, f"referrals/{referral.id}")
    assert (found.due_at, found.why) == (None, None)


def test_of_several_who_reach_a_case_whoever_owns_it_acts(field: Field) -> None:
    """A duty is shown to nobody who would be refused the act."""
    ward, other = uuid4(), uuid4()
    case_id = field.case(area_code=HERE)
    field.conclude(case_id)
    for organisation_id, area in ((ward, HERE), (other, THERE)):
        field.owning(organisation_id, area)

    def who() -> list[UUID]:
        subjects = {
            OWNER: somebody(OWNER, Role.CASE_OWNER, areas=("31",)),
            ward: somebody(ward, Role.CASE_OWNER, areas=(HERE,)),
            other: somebody(other, Role.CASE_OWNER, areas=(THERE,)),
        }
        return [each for each, subject in subjects.items() if whats(field, subject)]

    assert who() == [ward]
    for handed_to, expected in ((other, [other]), (OWNER, [OWNER]), (uuid4(), [ward])):
        field.session.execute(update(CaseFile).values(responsible_id=handed_to))
        assert who() == expected


def test_a_plan_in_which_nothing_is_open_is_reviewed(field: Field) -> None:
    referral, school = referred(field)
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=school)
    assert whats(field, case_owner()) == []
    field.move(referral, Move.COMPLETE, subject=school, outcome=ServiceOutcome.PROVIDED)
    field.move(referral, Move.CONFIRM, subject=case_owner())
    (found,) = duties(field, case_owner())
    assert (found.what, found.since) == (Duty.REVIEW_PLAN, field.now)
    assert found.link == f"plans?case_id={referral.case_id}"
    field.conclude(referral.case_id, outcome=VerificationOutcome.NOT_IDENTIFIED)
    assert whats(field, case_owner()) == [Duty.OFFER_WAY_ON]


def served(field: Field, outcome: ServiceOutcome) -> Referral:
    referral, school = referred(field)
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=school)
    field.move(referral, Move.COMPLETE, subject=school, outcome=outcome)
    return referral


@pytest.mark.parametrize("outcome", sorted(REACHING))
def test_what_is_said_to_have_been_provided_is_confirmed_by_the_case_owner(
    field: Field, outcome: ServiceOutcome
) -> None:
    referral = served(field, outcome)
    (found,) = duties(field, case_owner())
    assert (found.what, found.subject) == (Duty.CONFIRM_SERVICE, "referral")
    assert (found.object_id, found.case_id) == (referral.id, referral.case_id)
    assert (found.since, found.due_at, found.rule) == (field.now, None, None)
    assert found.link == f"referrals/{referral.id}"
    assert whats(field, somebody(uuid4(), Role.CASE_OWNER)) == []
    field.move(referral, Move.CONFIRM, subject=case_owner())
    assert whats(field, case_owner()) == [Duty.REVIEW_PLAN]


def test_what_was_not_provided_is_not_asked_about(field: Field) -> None:
    served(field, ServiceOutcome.NOT_PROVIDED)
    assert whats(field, case_owner()) == [Duty.REVIEW_PLAN]


def test_what_is_asked_for_again_is_not_confirmed_any_more(field: Field) -> None:
    referral = served(field, ServiceOutcome.PROVIDED)
    code = EntitlementCode(referral.code)
    domain.add_need(field.session, case_id=referral.case_id, code=code, **field.by_owner())
    assert whats(field, case_owner()) == []


def test_a_person_who_is_identified_no_longer_is_not_asked(field: Field) -> None:
    referral = served(field, ServiceOutcome.PROVIDED)
    field.conclude(referral.case_id, outcome=VerificationOutcome.WITHDRAWN)
    assert whats(field, case_owner()) == []


def test_a_window_that_closes_is_due_on_its_last_day_and_says_why(field: Field) -> None:
    case_id = field.case(requested=())
    identified_on = local_date(field.now) - timedelta(days=345)
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=identified_on)
    tell = domain.FactStated(ToldFact.FINANCIAL_HARDSHIP, value=True, evidence_ref="15/QĐ-UBND")
    domain.tell_fact(
        field.session, case_id=case_id, stated=tell, subject=case_owner(), now=field.now
    )
    domain.watch_windows(field.session, field.now)
    found = [each for each in duties(field, case_owner()) if each.what == Duty.ASK_FOR_NEED]
    assert found
    for each in found:
        assert each.why is not None
        assert each.due_at == each.why.at == start_of_day(each.why.last_day + timedelta(days=1))
        assert each.why.period.key == "support.application_window"


def test_both_sides_find_theirs_over_http(client: TestClient, scene: Scene, begin: Any) -> None:
    def read(headers: dict[str, str]) -> list[dict[str, Any]]:
        answer = client.get(f"{BASE}/duties", headers=headers)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    (one,) = read(dict(scene.first))
    assert one["what"] == Duty.ANSWER_OFFER
    assert client.get(one["link"], headers=dict(scene.first)).json()["id"] == one["object_id"]
    assert str(scene.case_id) not in str(one)
    assert str(scene.referral_id) not in str(one)
    assert read(dict(scene.second)) == read(dict(scene.owner)) == []
    with begin() as session:
        offer = session.scalars(select(Offer).where(Offer.is_current)).one()
        field = Field(session, offer.offered_at)
        field.deliver_offer(offer, DeliveryOutcome.PARKED)
    (own,) = read(dict(scene.owner))
    assert client.get(own["link"], headers=dict(scene.owner)).json()["code"] == VOCATIONAL
