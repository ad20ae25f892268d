"""How a place is chosen, explained: score by parts, reasons against, and who may do what now."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from services.livelihood_support.domain.choosing import find_candidates
from services.livelihood_support.policy import POINTS, Exclusion, Move
from shared.contracts.vocabulary import ReasonCode, ServiceOutcome, Sex
from shared.kit.database import Begin
from tests.livelihood_support.builders import SECOND_CHOICE, Field
from tests.livelihood_support.calls import BASE, Moves, Scene, TokenFor, problem, read


def candidates(field: Field, referral_id: UUID) -> list[Any]:
    return find_candidates(field.session, referral_id=referral_id, **field.as_owner())


def test_the_score_is_the_sum_of_its_parts_and_orders_who_may_be_asked(field: Field) -> None:
    near = field.programme()
    far = field.programme(**SECOND_CHOICE)
    found = candidates(field, field.referred().id)
    assert [each.programme_id for each in found] == [near.id, far.id]
    assert [each.rank for each in found] == [1, 2]
    assert all(each.score == sum(each.points.values()) for each in found)
    assert all(points <= POINTS[it] for each in found for it, points in each.points.items())
    assert [each.is_asked for each in found] == [True, False]


def test_each_programme_that_cannot_be_asked_names_the_reason(field: Field) -> None:
    asked = field.programme()
    men = field.programme(client_sexes=(Sex.MALE,))
    full = field.programme(capacity=0)
    referral = field.referred()
    found = {each.programme_id: each for each in candidates(field, referral.id)}
    assert found[men.id].excluded_by is Exclusion.SEX_NOT_SERVED
    assert found[full.id].excluded_by is Exclusion.NO_FREE_PLACE
    assert (found[men.id].rank, found[men.id].score, found[men.id].points) == (None, None, {})
    assert found[asked.id].excluded_by is None


def test_what_is_explained_is_what_the_next_search_does(field: Field) -> None:
    field.programme()
    field.programme(**SECOND_CHOICE)
    field.programme(**SECOND_CHOICE)
    referral = field.referred()
    expected = next(it for it in candidates(field, referral.id) if not it.is_asked)
    field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)
    assert field.offer(referral.id).programme_id == expected.programme_id
    assert field.offer(referral.id).points == expected.points


def test_who_was_asked_before_is_excluded_for_that(field: Field) -> None:
    first = field.programme()
    field.programme(**SECOND_CHOICE)
    referral = field.referred()
    field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)
    found = {each.programme_id: each for each in candidates(field, referral.id)}
    assert found[first.id].excluded_by is Exclusion.ASKED_BEFORE


def test_it_is_explained_of_a_referral_that_was_served_to_its_end_as_well(field: Field) -> None:
    served = field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    assert [each.programme_id for each in candidates(field, referral.id)] == [served.id]


def test_only_who_reaches_the_case_reads_how_a_place_is_chosen(
    client: TestClient, scene: Scene
) -> None:
    address = f"{BASE}/referrals/{scene.referral_id}/candidates"
    body = client.get(address, headers=scene.owner).json()
    assert [each["rank"] for each in body["items"]] == [1, 2]
    assert body["weights"]["for_children"] == 100
    assert client.get(address, headers=scene.first).status_code == 403
    offers = client.get(f"{BASE}/referrals/{scene.referral_id}/offers", headers=scene.owner).json()
    assert offers["weights"] == body["weights"]


def can(client: TestClient, scene: Scene, caller: dict[str, str]) -> list[str]:
    return [each["move"] for each in read(client, scene, caller).json()["can"]]


def test_a_referral_says_which_moves_are_possible_for_whoever_reads_it(
    client: TestClient, scene: Scene, move: Moves, token_for: TokenFor
) -> None:
    assert can(client, scene, scene.first) == ["seen", "ask", "accept", "reject"]
    assert can(client, scene, scene.owner) == ["cancel"]
    another = token_for("case_owner", client_id="another")
    assert can(client, scene, another) == [], "it reaches the case and does not own it"
    reject = read(client, scene, scene.first).json()["can"][3]
    assert "capacity" in reject["reasons"]
    assert "no_answer" not in reject["reasons"]
    move(scene.first, {"move": "accept"})
    assert can(client, scene, scene.first) == ["start", "hold", "complete", "fail"]
    assert can(client, scene, scene.owner) == ["cancel", "confirm"]


def test_every_move_that_is_said_to_be_possible_is_taken(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    for caller, version in ((scene.first, 1), (scene.first, 2), (scene.owner, 3)):
        found = read(client, scene, caller).json()
        assert found["version"] == version
        chosen = next(it for it in found["can"] if it["move"] in {"accept", "start", "cancel"})
        reason = {"reason": chosen["reasons"][0]} if chosen["reasons"] else {}
        taken = move(caller, {"move": chosen["move"], **reason}, version=version)
        assert taken.status_code == 201, taken.json()


def test_the_case_owner_confirms_that_the_support_has_reached_the_person_once(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    assert problem(move(scene.owner, {"move": "confirm"}))[0] == 409
    move(scene.first, {"move": "accept"})
    assert problem(move(scene.first, {"move": "confirm"}, version=2))[0] == 409
    made = move(scene.owner, {"move": "confirm"}, version=2)
    assert (made.status_code, made.json()["status"], made.json()["version"]) == (201, "accepted", 2)
    assert read(client, scene, scene.owner).json()["confirmed_at"] is not None
    assert problem(move(scene.owner, {"move": "confirm"}, version=2))[0] == 409
    completed = move(scene.first, {"move": "complete", "outcome": "provided"}, version=2)
    assert completed.status_code == 201, "the version is the one that the organisation read"
    assert can(client, scene, scene.owner) == []


def test_whoever_serves_does_not_learn_who_confirmed_or_when(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    move(scene.first, {"move": "accept"})
    before = read(client, scene, scene.first).json()
    moves = f"{BASE}/referrals/{before['id']}/moves"
    listed = client.get(moves, headers=scene.first).json()
    assert move(scene.owner, {"move": "confirm"}, version=2).status_code == 201
    assert read(client, scene, scene.first).json() == before
    assert client.get(moves, headers=scene.first).json() == listed


def test_an_organisation_reads_the_places_of_its_own_programmes(
    client: TestClient, scene: Scene, begin: Begin, now: Any, token_for: TokenFor
) -> None:
    (own,) = client.get(f"{BASE}/places", headers=scene.first).json()["items"]
    assert (own["capacity"], own["held"], own["free"], own["closed_by"]) == (10, 1, 9, None)
    assert own["assured_until"]["rule"]["key"] == "directory.freshness"
    (other,) = client.get(f"{BASE}/places", headers=scene.second).json()["items"]
    assert (other["held"], other["free"]) == (0, 10)
    assert client.get(f"{BASE}/places", headers=scene.owner).status_code == 403
    with begin() as session:
        stale = Field(session, now).programme(assured_at=now - timedelta(days=120))
    caller = token_for("provider", organisation_id=stale.organisation_id)
    (read_,) = client.get(f"{BASE}/places", headers=caller).json()["items"]
    assert read_["closed_by"] == "not_assured"


def test_lists_of_needs_and_facts_say_who_may_change_them(
    client: TestClient, scene: Scene, token_for: TokenFor
) -> None:
    another = token_for("case_owner", client_id="another")
    for what in ("needs", "facts"):
        address = f"{BASE}/cases/{scene.case_id}/{what}"
        assert client.get(address, headers=scene.owner).json()["may_change"] is True
        assert client.get(address, headers=another).json()["may_change"] is False


def test_an_entitlement_says_what_can_be_told_and_invents_no_sum(
    client: TestClient, scene: Scene
) -> None:
    query = {"case_id": str(scene.case_id)}
    (plan,) = client.get(f"{BASE}/plans", params=query, headers=scene.owner).json()["items"]
    answers = {each["code"]: each for each in plan["entitlements"]}
    (sum_,) = answers["HARDSHIP"]["amounts"]
    assert (sum_["kind"], sum_["vnd"], sum_["status"]) == ("once", None, "assumed")
    assert answers["INTERPRETATION"]["amounts"] == []
    assert all(sum_["vnd"] is None for each in answers.values() for sum_ in each["amounts"])
    assert answers["VOCATIONAL"]["can_be_told"] == []
