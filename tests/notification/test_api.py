"""Over HTTP: operators see all, an organisation its own; replays once, with who and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from openapi_spec_validator import validate
from sqlalchemy import select, text

from services.notification import domain
from services.notification.models import Delivery
from services.notification.policy import WEBHOOK, DeliveryState
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.database import Begin
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.strangers import tells_apart
from tests.subjects import somebody

BASE = "/notification/v1"
TRIES = len(WEBHOOK.slowly.waits) + 1
"""Until what is refused with 404 is parked."""
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]


@dataclass
class Scene:
    """An offer to a school that is parked; notices to the agency of the case; all committed."""

    case_id: UUID
    parked: UUID
    noticed: UUID
    school_id: UUID
    school: Headers
    agency: Headers
    operator: Headers
    stranger: Headers


@pytest.fixture
def scene(begin: Begin, token_for: TokenFor) -> Scene:
    with begin() as session:
        post = Post(session, NOON)
        case = post.case()
        school = post.reachable()
        post.hand(post.told.request(organisation_id=school, case_id=case.case_id))
        at = post
        while post.delivery(organisation_id=school).state != DeliveryState.PARKED:
            at.record(at.claim(), 404)
            at = at.later(2 * 24 * 3600)
        post.hand(post.told.move(case_id=case.case_id))
        parked = post.delivery(organisation_id=school).id
        noticed = post.delivery(organisation_id=case.receiver_id).id
    return Scene(
        case_id=case.case_id,
        parked=parked,
        noticed=noticed,
        school_id=school,
        school=token_for("provider", organisation_id=school, client_id="school"),
        agency=token_for("receiver", organisation_id=case.receiver_id, client_id="agency"),
        operator=token_for("operator", client_id="operator"),
        stranger=token_for("provider", client_id="stranger"),
    )


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def listed(client: TestClient, caller: Headers, **query: Any) -> list[str]:
    answer = client.get(f"{BASE}/deliveries", headers=caller, params=query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


def replay(
    client: TestClient,
    caller: Headers,
    delivery_id: object,
    *,
    key: str | None = None,
    body: dict[str, Any] | None = None,
) -> Response:
    headers = {**caller, "Idempotency-Key": key or str(uuid4())}
    answer: Response = client.post(
        f"{BASE}/deliveries/{delivery_id}/replays",
        json=body or {"reason": "cause_fixed"},
        headers=headers,
    )
    return answer


def test_an_operator_sees_all_and_an_organisation_its_own(client: TestClient, scene: Scene) -> None:
    assert set(listed(client, scene.operator)) == {str(scene.parked), str(scene.noticed)}
    assert listed(client, scene.school) == [str(scene.parked)]
    assert listed(client, scene.agency) == [str(scene.noticed)]
    assert listed(client, scene.stranger) == []


def test_deliveries_are_found_by_state(client: TestClient, scene: Scene) -> None:
    assert listed(client, scene.operator, state="parked") == [str(scene.parked)]
    assert listed(client, scene.operator, state="no_endpoint") == [str(scene.noticed)]
    answer = client.get(f"{BASE}/deliveries", headers=scene.operator, params={"state": "lost"})
    assert problem(answer) == (422, "invalid-request")


def test_deliveries_are_found_by_case_where_the_case_was_named(
    client: TestClient,
    scene: Scene,
) -> None:
    case = str(scene.case_id)
    assert len(listed(client, scene.operator, case_id=case)) == 2
    assert listed(client, scene.agency, case_id=case) == [str(scene.noticed)]
    assert listed(client, scene.school, case_id=case) == []


def test_an_organisation_asked_does_not_read_which_case_it_is(
    client: TestClient,
    scene: Scene,
) -> None:
    answer = client.get(f"{BASE}/deliveries/{scene.parked}", headers=scene.school)
    assert answer.status_code == 200
    assert str(scene.case_id) not in answer.text
    seen = client.get(f"{BASE}/deliveries/{scene.parked}", headers=scene.operator).json()
    assert seen["case_id"] == str(scene.case_id)
    seen = client.get(f"{BASE}/deliveries/{scene.noticed}", headers=scene.agency).json()
    assert seen["case_id"] == str(scene.case_id)


def test_the_agency_reads_of_a_move_what_its_webhook_says_and_no_more(
    client: TestClient, scene: Scene
) -> None:
    where = f"{BASE}/deliveries/{scene.noticed}"
    exact = client.get(where, headers=scene.operator).json()
    answer = client.get(where, headers=scene.agency)
    seen = answer.json()
    assert seen["referral_id"] == seen["event"]["data"]["referral_id"] != exact["referral_id"]
    assert seen["offer_id"] is None
    assert exact["offer_id"] not in answer.text


def test_a_delivery_is_read_with_its_tries(client: TestClient, scene: Scene) -> None:
    seen = client.get(f"{BASE}/deliveries/{scene.parked}", headers=scene.school).json()
    assert [each["number"] for each in seen["tries"]] == [*range(1, TRIES + 1)]
    assert {(each["outcome"], each["http_status"]) for each in seen["tries"]} == {
        ("rejected", 404),
    }
    assert seen["event"]["id"] == seen["id"]
    assert (seen["state"], seen["next_at"]) == ("parked", None)


@pytest.mark.parametrize("who", ["agency", "stranger"])
def test_a_delivery_to_someone_else_is_not_there(
    client: TestClient,
    scene: Scene,
    who: str,
) -> None:
    answer = client.get(f"{BASE}/deliveries/{scene.parked}", headers=getattr(scene, who))
    assert problem(answer) == (404, "delivery-not-found")


def test_pages_follow_each_other(client: TestClient, scene: Scene, begin: Begin) -> None:
    with begin() as session:
        Post(session, NOON).requested(scene.school_id, 4)
    seen: list[str] = []
    url: str | None = f"{BASE}/deliveries?page_size=2"
    while url is not None:
        answer = client.get(url, headers=scene.school)
        seen += [each["id"] for each in answer.json()["items"]]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json()["next_cursor"] is None)
        url = link.split(">")[0].lstrip("<") if link else None
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen)


def test_an_operator_replays_what_is_parked(
    client: TestClient,
    scene: Scene,
    begin: Begin,
) -> None:
    answer = replay(client, scene.operator, scene.parked)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{BASE}/deliveries/{scene.parked}"
    made = answer.json()
    assert (made["state"], made["replay_reason"]) == ("pending", "cause_fixed")
    with begin() as session:
        kept = session.get_one(Delivery, scene.parked)
        assert (kept.replayed_by, kept.replayed_at) == ("client:operator", NOON)
        entry = session.execute(
            select(AUDIT.c.actor, AUDIT.c.facts).where(AUDIT.c.action == "delivery.replayed"),
        ).one()
    assert (entry.actor, entry.facts) == ("client:operator", {"reason": "cause_fixed"})


def test_a_replay_asked_for_twice_is_answered_twice_and_done_once(
    client: TestClient,
    scene: Scene,
) -> None:
    key = str(uuid4())
    first = replay(client, scene.operator, scene.parked, key=key)
    again = replay(client, scene.operator, scene.parked, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert problem(replay(client, scene.operator, scene.parked)) == (409, "delivery-not-parked")


def test_a_replay_is_the_operators_and_needs_a_key_and_a_known_reason(
    client: TestClient,
    scene: Scene,
) -> None:
    assert problem(replay(client, scene.school, scene.parked)) == (403, "role-missing")
    answer = client.post(
        f"{BASE}/deliveries/{scene.parked}/replays",
        json={"reason": "cause_fixed"},
        headers=scene.operator,
    )
    assert problem(answer) == (400, "idempotency-key-missing")
    answer = replay(client, scene.operator, scene.parked, body={"reason": "because I say so"})
    assert problem(answer) == (422, "invalid-request")
    assert "because" not in answer.text
    assert problem(replay(client, scene.operator, uuid4())) == (404, "delivery-not-found")


def test_what_is_not_parked_is_not_replayed(client: TestClient, scene: Scene) -> None:
    answer = replay(client, scene.operator, scene.noticed)
    assert problem(answer) == (409, "delivery-not-parked")
    assert answer.json()["state"] == "no_endpoint"


def test_endpoints_show_their_health_to_operators_and_their_owner(
    client: TestClient,
    scene: Scene,
) -> None:
    def seen(caller: Headers, **query: str) -> list[dict[str, Any]]:
        answer = client.get(f"{BASE}/endpoints", headers=caller, params=query)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    (mine,) = seen(scene.school)
    assert mine["organisation_id"] == str(scene.school_id)
    assert (mine["consecutive_failures"], mine["last_status"]) == (TRIES, 404)
    assert mine["paused_until"] is not None
    assert "url" not in mine
    assert seen(scene.operator) == [mine]
    assert seen(scene.operator, status="disabled") == []
    assert seen(scene.operator, organisation_id=str(scene.school_id)) == [mine]
    assert seen(scene.operator, organisation_id=str(UUID(int=7))) == []
    assert seen(scene.stranger) == []


@pytest.mark.parametrize("path", ["deliveries", f"deliveries/{UUID(int=7)}", "endpoints"])
def test_nobody_reads_without_a_token(client: TestClient, path: str) -> None:
    assert problem(client.get(f"{BASE}/{path}")) == (401, "unauthenticated")


def test_the_document_is_a_valid_openapi_document(client: TestClient) -> None:
    document = client.get("/notification/openapi.json").json()
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_another_organisations_delivery_cannot_be_told_from_none(
    client: TestClient, scene: Scene
) -> None:
    base = f"{BASE}/deliveries"

    def replay_it(delivery_id: UUID) -> Response:
        extra = {"Idempotency-Key": str(uuid4())}
        body = {"reason": "cause_fixed"}
        return client.post(
            f"{base}/{delivery_id}/replays", json=body, headers=scene.stranger | extra
        )

    for known in (scene.parked, scene.noticed):
        for ask in (
            lambda which: client.get(f"{base}/{which}", headers=scene.stranger),
            replay_it,
        ):
            assert tells_apart(ask, known) == []


def test_a_list_after_another_organisations_delivery_is_as_one_after_none(
    begin: Begin, scene: Scene
) -> None:
    subject = somebody(scene.school_id, Role.PROVIDER)

    def after(delivery_id: UUID) -> list[UUID]:
        with begin() as session:
            facts = {"subject": subject, "state": None, "case_id": None, "size": 9}
            found = domain.find_deliveries(session, after=delivery_id, **facts)  # type: ignore[arg-type]
            return [each.id for each in found]

    with begin() as session:
        # Made before the school's own, so that those would follow it.
        earlier = text(
            "UPDATE deliveries SET created_at = created_at - interval '1h' WHERE id = :d"
        )
        session.execute(earlier, {"d": scene.noticed})
    assert after(scene.noticed) == after(uuid4()) == []
