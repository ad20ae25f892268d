"""An office that answers from a mail reaches the one offer of its link, and answers it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from shared.kit.audit import AUDIT
from shared.kit.database import Begin
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import BASE, Headers, Scene, TokenFor, problem

ACCEPT = {"move": "accept"}


@dataclass(frozen=True)
class Offices:
    """A school that was asked twice, and its office with the link of each offer."""

    organisation_id: UUID
    offers: tuple[str, str]
    first: Headers
    second: Headers


@pytest.fixture
def offices(
    client: TestClient, scene: Scene, begin: Begin, now: datetime, token_for: TokenFor
) -> Offices:
    with begin() as session:
        field = Field(session, now)
        field.deliver(field.referred(area_code="11359").id)  # type: ignore[arg-type]
    asked = client.get(f"{BASE}/referrals", headers=scene.first).json()["items"]
    first, second = (each["id"] for each in asked)
    organisation_id = UUID(asked[0]["organisation_id"])

    def office(offer_id: str) -> Headers:
        return token_for("provider", organisation_id=organisation_id, bound_to=UUID(offer_id))

    return Offices(organisation_id, (first, second), office(first), office(second))


@pytest.fixture
def answer(client: TestClient) -> Callable[..., Response]:
    def post(caller: Headers, offer_id: str, body: dict[str, Any], **more: Any) -> Response:
        extra = {"Idempotency-Key": str(more.get("key") or uuid4()), "If-Match": '"1"'}
        place = f"{BASE}/referrals/{offer_id}/moves"
        made: Response = client.post(place, json=body, headers=caller | extra)
        return made

    return post


def test_it_reads_its_own_offer_and_no_other_of_the_same_school(
    client: TestClient, offices: Offices
) -> None:
    own, other = offices.offers
    read = client.get(f"{BASE}/referrals/{own}", headers=offices.first).json()
    assert (read["id"], read["case_id"], read["status"]) == (own, None, "requested")
    assert read["answer_by"] is not None
    for path in (f"/referrals/{other}", f"/referrals/{other}/moves"):
        found = client.get(BASE + path, headers=offices.first)
        assert problem(found) == (404, "referral-not-found")
    listed = client.get(f"{BASE}/referrals", headers=offices.first).json()["items"]
    assert [each["id"] for each in listed] == [own]


def test_it_answers_its_own_offer_and_no_other(
    client: TestClient, offices: Offices, answer: Callable[..., Response]
) -> None:
    own, other = offices.offers
    assert problem(answer(offices.first, other, ACCEPT)) == (404, "referral-not-found")
    made = answer(offices.first, own, ACCEPT)
    assert (made.status_code, made.json()["status"]) == (201, "accepted")
    assert made.json()["actor"] == f"office:{offices.organisation_id}"
    still = client.get(f"{BASE}/referrals/{other}", headers=offices.second).json()
    assert still["status"] == "requested"


def test_it_refuses_with_a_reason(
    client: TestClient, offices: Offices, answer: Callable[..., Response]
) -> None:
    own = offices.offers[0]
    assert problem(answer(offices.first, own, {"move": "reject"})) == (422, "reason-missing")
    made = answer(offices.first, own, {"move": "reject", "reason": "capacity"})
    assert (made.status_code, made.json()["status"]) == (201, "rejected")
    gone = client.get(f"{BASE}/referrals/{own}", headers=offices.first)
    assert problem(gone) == (404, "referral-not-found")


def test_an_answer_that_is_sent_twice_counts_once_and_another_one_not_at_all(
    offices: Offices, answer: Callable[..., Response]
) -> None:
    own, once = offices.offers[0], str(uuid4())
    first, second = (answer(offices.first, own, ACCEPT, key=once) for _ in range(2))
    assert first.json() == second.json()
    late = answer(offices.first, own, {"move": "reject", "reason": "capacity"})
    assert late.status_code == 412


@pytest.mark.parametrize(
    "move",
    [
        {"move": "start"},
        {"move": "hold", "reason": "timing"},
        {"move": "complete", "outcome": "met"},
        {"move": "fail", "reason": "capacity"},
        {"move": "cancel", "reason": "other"},
        {"move": "confirm"},
        {"move": "confirm_purge"},
    ],
)
def test_once_it_has_answered_it_does_nothing_more(
    client: TestClient, offices: Offices, answer: Callable[..., Response], move: dict[str, str]
) -> None:
    own = offices.offers[0]
    assert answer(offices.first, own, ACCEPT).status_code == 201
    read = client.get(f"{BASE}/referrals/{own}", headers=offices.first).json()
    assert (read["status"], read["can"]) == ("accepted", [])
    extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{read["version"]}"'}
    place = f"{BASE}/referrals/{own}/moves"
    refused = client.post(place, json=move, headers=offices.first | extra)
    assert refused.status_code in {409, 422}, refused.text
    assert client.get(f"{BASE}/referrals/{own}", headers=offices.first).json() == read


def test_a_key_that_was_used_for_one_offer_is_not_answered_for_another(
    offices: Offices, answer: Callable[..., Response]
) -> None:
    own, once = offices.offers[0], str(uuid4())
    assert answer(offices.first, own, ACCEPT, key=once).status_code == 201
    assert problem(answer(offices.second, own, ACCEPT, key=once)) == (404, "referral-not-found")


def test_it_asks_about_its_own_offer_and_answers_it_afterwards(
    client: TestClient, offices: Offices, answer: Callable[..., Response]
) -> None:
    own, other = offices.offers
    ask = {"move": "ask", "questions": ["papers", "call_us"]}
    assert problem(answer(offices.first, other, ask)) == (404, "referral-not-found")
    made = answer(offices.first, own, ask)
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    read = client.get(f"{BASE}/referrals/{own}", headers=offices.first).json()
    assert {each["question"]: each["state"] for each in read["questions"]} == {
        "call_us": "open",
        "papers": "open",
    }
    assert read["answer_by"] is not None
    assert answer(offices.first, own, ACCEPT).status_code == 201


def test_every_other_route_refuses_it(client: TestClient, offices: Offices) -> None:
    for path in ("/places", f"/referrals/{offices.offers[0]}/offers"):
        assert problem(client.get(BASE + path, headers=offices.first)) == (403, "role-missing")


def test_the_audit_says_that_the_office_answered_and_read(
    client: TestClient, begin: Begin, offices: Offices, answer: Callable[..., Response]
) -> None:
    own = offices.offers[0]
    client.get(f"{BASE}/referrals/{own}", headers=offices.first)
    answer(offices.first, own, ACCEPT)
    office = f"office:{offices.organisation_id}"
    with begin() as session:
        actions = session.scalars(
            select(AUDIT.c.action).where(AUDIT.c.actor == office).order_by(AUDIT.c.id)
        ).all()
    assert "referral.accepted" in actions
    assert any(each.startswith("GET ") for each in actions)
