"""A need is added, repeated and ended by the case owner; one at a time, and never a dead end."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain.needs import NeedView
from services.livelihood_support.errors import (
    AlreadySought,
    CaseNotFound,
    NeedEnded,
    NeedNotFound,
    NotEntitled,
    NotIdentified,
)
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from shared.contracts import Message, PurgeRequested, Queue
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReasonCode,
    Regime,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.kit.identifiers import id_of, new_id
from shared.kit.versions import Versions
from tests.livelihood_support.builders import ACTOR, CENTRE, VOCATIONAL, Field, case_owner
from tests.livelihood_support.calls import BASE, Scene, problem

Told = Callable[[Queue], list[Message]]
MEDICAL = EntitlementCode.MEDICAL


def needs(field: Field, case_id: UUID) -> list[NeedView]:
    field.session.flush()
    return domain.find_needs(
        field.session, case_id=case_id, **field.as_owner(), after=None, size=10
    )


def add(field: Field, case_id: UUID, code: EntitlementCode = VOCATIONAL) -> Referral:
    added = domain.add_need(field.session, case_id=case_id, code=code, **field.by_owner())
    return field.session.scalars(select(Referral).where(Referral.id == added.referral_id)).one()


def end(field: Field, need: NeedView, reason: ReasonCode = ReasonCode.PERSON_DECLINED) -> NeedView:
    return domain.end_need(
        field.session,
        case_id=need.case_id,
        need_id=need.id,
        reason=reason,
        subject=case_owner(),
        expected_version=Versions.of([need.version]),
        actor=ACTOR,
        now=field.now,
    )


def complete(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)


def cancel(field: Field, referral: Referral) -> None:
    field.move(referral, Move.CANCEL, reason=ReasonCode.PERSON_DECLINED, subject=case_owner())


def test_what_was_asked_for_at_reception_are_the_first_needs(field: Field) -> None:
    field.programme()
    referral = field.referred()
    (need,) = needs(field, referral.case_id)
    assert (need.code, need.referral_id, need.ended_at) == (VOCATIONAL, referral.id, None)
    # The same after a restore: it follows from the referral, which follows from the plan.
    assert need.id == id_of(referral.id, "need")


def test_a_need_is_added_and_a_place_is_sought_at_once(field: Field) -> None:
    field.programme()
    field.programme(codes=[MEDICAL])
    first = field.referred()
    second = add(field, first.case_id, MEDICAL)
    assert (second.code, second.status) == (MEDICAL, "requested")
    assert field.offer(second.id).status == "offered"
    assert [each.code for each in needs(field, first.case_id)] == [VOCATIONAL, MEDICAL]
    assert field.miscounted() == 0


def test_a_need_without_a_programme_waits_under_an_alert(field: Field) -> None:
    field.programme()
    first = field.referred()
    assert add(field, first.case_id, MEDICAL).status == "unplaced"
    assert field.alerts(first.case_id) == ["no_programme"]


@pytest.mark.parametrize(("end_it", "reason"), [(complete, None), (cancel, "person_declined")])
def test_after_it_has_ended_she_can_be_referred_again(
    field: Field, end_it: Callable[[Field, Referral], None], reason: str | None
) -> None:
    school = field.programme()
    first = field.referred()
    end_it(field, first)
    (need,) = needs(field, first.case_id)
    assert (need.ended_at, need.reason, need.version) == (field.now, reason, 2)
    again = add(field, first.case_id)
    assert (again.id != first.id, again.status) == (True, "requested")
    assert field.offer(again.id).programme_id == school.id
    assert len(needs(field, first.case_id)) == 2


def test_a_failure_ends_no_need(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    (need,) = needs(field, referral.case_id)
    assert need.ended_at is None
    with pytest.raises(AlreadySought) as refused:
        add(field, referral.case_id)
    assert refused.value.facts["need_id"] == str(need.id)


def test_what_an_organisation_said_itself_holds_for_the_next_need(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)
    cancel(field, referral)
    again = add(field, referral.case_id)
    assert again.status == "unplaced"
    # Nor is it forgotten by a later search.
    field.programme(kind=CENTRE)
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert again.status == "unplaced"


def test_a_code_that_is_sought_is_not_sought_twice(field: Field) -> None:
    field.programme()
    referral = field.referred()
    with pytest.raises(AlreadySought):
        add(field, referral.case_id)


def test_a_code_that_is_not_granted_is_refused_with_the_decision_and_its_facts(
    field: Field,
) -> None:
    case_id = field.case(requested=[])
    field.conclude(case_id, regime=Regime.LAW_2011)
    with pytest.raises(NotEntitled) as refused:
        add(field, case_id)
    assert refused.value.facts["decision"] == "needs_information"
    assert refused.value.facts["facts"]


@pytest.mark.parametrize(
    "outcome", [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.WITHDRAWN]
)
def test_nobody_is_referred_who_is_not_identified(
    field: Field, outcome: VerificationOutcome
) -> None:
    case_id = field.case()
    field.conclude(case_id, outcome=outcome)
    with pytest.raises(NotIdentified):
        add(field, case_id)


def test_nor_who_is_identified_no_longer(field: Field) -> None:
    field.programme()
    referral = field.referred()
    cancel(field, referral)
    field.conclude(referral.case_id, outcome=VerificationOutcome.WITHDRAWN)
    with pytest.raises(NotIdentified):
        add(field, referral.case_id)


def test_a_case_that_is_not_there_has_no_needs(field: Field) -> None:
    with pytest.raises(CaseNotFound):
        add(field, new_id())
    with pytest.raises(CaseNotFound):
        needs(field, new_id())


def test_ending_a_need_takes_back_its_offer(field: Field) -> None:
    school = field.programme()
    referral = field.referred()
    (need,) = needs(field, referral.case_id)
    ended = end(field, need)
    assert (ended.ended_at, ended.reason, ended.version) == (field.now, "person_declined", 2)
    assert field.referral(referral.case_id).status == "cancelled"
    assert field.offer(referral.id).status == "cancelled"
    assert (field.places(school.id).held, field.miscounted()) == (0, 0)
    assert field.purges(referral.id) == [(None, None)]
    with pytest.raises(NeedEnded):
        end(field, ended)


def test_whoever_was_told_who_she_is_has_to_purge_one_that_failed_as_well(
    field: Field, told: Told
) -> None:
    field.programme()
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    field.move(referral, Move.ACCEPT)
    (need,) = needs(field, referral.case_id)
    end(field, need, ReasonCode.OTHER)
    assert field.purges(referral.id) == [(field.now, None)] * 2
    purges = [each for each in told(Queue.NOTIFICATION) if isinstance(each, PurgeRequested)]
    assert [each.reason for each in purges] == ["other"] * 2
    assert {each.status for each in purges} == {"failed", "cancelled"}


def test_a_need_of_another_case_is_not_there(field: Field) -> None:
    field.programme()
    (need,) = needs(field, field.referred().case_id)
    other = field.referred().case_id
    with pytest.raises(NeedNotFound):
        domain.read_need(field.session, case_id=other, need_id=need.id, **field.as_owner())


def test_over_http_a_need_is_read_ended_and_added_again(client: TestClient, scene: Scene) -> None:
    address = f"{BASE}/cases/{scene.case_id}/needs"

    def post(path: str, body: dict[str, str], version: int | None = None) -> Response:
        extra = {"Idempotency-Key": str(uuid4())}
        if version is not None:
            extra["If-Match"] = f'"{version}"'
        answer: Response = client.post(path, json=body, headers={**scene.owner, **extra})
        return answer

    (need,) = client.get(address, headers=scene.owner).json()["items"]
    one = client.get(f"{address}/{need['id']}", headers=scene.owner)
    assert (one.json(), one.headers["etag"]) == (need, '"1"')
    assert problem(post(address, {"code": "VOCATIONAL"})) == (409, "already-sought")
    ending = {"move": "end", "reason": "person_declined"}
    moves = f"{address}/{need['id']}/moves"
    assert problem(post(moves, ending)) == (428, "precondition-required")
    assert problem(post(moves, ending, 7)) == (412, "version-changed")
    for others in ("undelivered", "capacity"):
        reserved = {"move": "end", "reason": others}
        assert problem(post(moves, reserved, 1)) == (422, "reason-reserved")
    ended = post(moves, ending, 1)
    assert (ended.status_code, ended.json()["reason"]) == (201, "person_declined")
    added = post(address, {"code": "VOCATIONAL"})
    assert added.status_code == 201
    assert client.get(added.headers["location"], headers=scene.owner).json() == added.json()
    assert client.get(address, headers=scene.first).status_code == 403
