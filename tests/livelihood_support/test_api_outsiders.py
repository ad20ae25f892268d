"""What an organisation asked reads of a referral: its own offer, and nothing it could compare."""

from datetime import datetime, timedelta
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import text

from shared.kit.database import Begin
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import BASE, Moves, Scene, TokenFor, problem, read


def test_an_organisation_knows_a_referral_by_the_id_of_its_own_offer(
    client: TestClient,
    scene: Scene,
    move: Moves,
) -> None:
    own = read(client, scene, scene.first).json()
    assert own["id"] == own["offer_id"] != str(scene.referral_id)
    address = f"{BASE}/referrals/{own['id']}"
    assert client.get(address, headers=scene.first).json() == own
    assert client.get(address, headers=scene.owner).json()["id"] == str(scene.referral_id)
    assert problem(client.get(address, headers=scene.stranger)) == (404, "referral-not-found")
    extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
    made = client.post(
        f"{address}/moves", json={"move": "accept"}, headers={**scene.first, **extra}
    )
    assert (made.status_code, made.json()["referral_id"]) == (201, own["id"])
    moves = client.get(f"{address}/moves", headers=scene.first).json()["items"]
    assert [each["referral_id"] for each in moves] == [own["id"]] * 2


def test_who_is_asked_next_shares_no_id_and_no_moment_with_who_was_asked_before(
    client: TestClient,
    begin: Begin,
    scene: Scene,
    move: Moves,
    token_for: TokenFor,
) -> None:
    first = read(client, scene, scene.first).json()
    assert move(scene.first, {"move": "reject", "reason": "capacity"}).status_code == 201
    with begin() as session:
        # The second was asked a week later.
        week = "UPDATE offers SET offered_at = offered_at + interval '7 days' WHERE is_current"
        session.execute(text(week))
    (second,) = client.get(f"{BASE}/referrals", headers=scene.second).json()["items"]
    assert (first["id"], first["opened_at"]) != (second["id"], second["opened_at"])
    assert second["opened_at"] == second["offered_at"]
    assert read(client, scene, scene.first).status_code == 404
    former = client.get(f"{BASE}/referrals/{first['id']}", headers=scene.second)
    assert problem(former) == (404, "referral-not-found")
    moves = client.get(f"{BASE}/referrals/{second['id']}/moves", headers=scene.second).json()
    assert [each["from_status"] for each in moves["items"]] == [None]


def test_an_organisation_pages_through_its_offers_as_they_came(
    client: TestClient,
    begin: Begin,
    now: datetime,
    token_for: TokenFor,
) -> None:
    with begin() as session:
        school = Field(session, now).programme(capacity=9)
        for hours in (3, 1, 2, 5, 4):
            Field(session, now + timedelta(hours=hours)).referred()
    caller = token_for("provider", organisation_id=school.organisation_id)
    seen: list[str] = []
    address: str | None = f"{BASE}/referrals?page_size=2"
    while address:
        answer = client.get(address, headers=caller)
        seen += [each["offered_at"] for each in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
    assert len(seen) == 5
    assert seen == sorted(seen)
