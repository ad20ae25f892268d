"""Protection over HTTP: asked for once, decided on the version read, problems that say the way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from services.verification.models import Protection
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.database import Begin
from tests.noted import readings
from tests.strangers import tells_apart
from tests.verification.builders import LONG_AGO, Bench

BASE = "/verification/v1"
Headers = dict[str, str]
MEASURES = ["safe_refuge", "secrecy"]
GRANT: dict[str, Any] = {"move": "grant", "measures": MEASURES, "review_on": "2026-04-01"}
PAPER: dict[str, Any] = {"paper_number": "12/BC-CATP", "paper_on": "2026-03-02"}


class Scene:
    """A case where somebody protects, and whoever is in it, over HTTP."""

    def __init__(self, client: TestClient, begin: Begin, now: datetime, token_for: Any) -> None:
        self.client = client
        with begin() as session:
            bench = Bench(session, now)
            protects = DatedRole(role=Role.PROTECTOR, area_code="31", valid_from=LONG_AGO)
            self.police_id = bench.organisation(protects)
            self.case_id = bench.opened().case_id
        self.police: Headers = token_for("protector", organisation_id=self.police_id)
        self.owner: Headers = token_for("case_owner")
        self.stranger: Headers = token_for("protector")

    def ask(self, caller: Headers, key: str | None = None, **body: Any) -> Response:
        headers = caller | {"Idempotency-Key": key or str(uuid4())}
        place = f"{BASE}/cases/{self.case_id}/protections"
        answer: Response = self.client.post(
            place, json={"measures": MEASURES} | body, headers=headers
        )
        return answer

    def move(self, caller: Headers, asked: Response, version: int = 1, **body: Any) -> Response:
        headers = caller | {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        place = f"{BASE}/protections/{asked.json()['id']}/moves"
        answer: Response = self.client.post(place, json=body, headers=headers)
        return answer

    def get(self, caller: Headers, path: str) -> Response:
        answer: Response = self.client.get(f"{BASE}{path}", headers=caller)
        return answer


@pytest.fixture
def scene(client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., Any]) -> Scene:
    return Scene(client, begin, now, token_for)


def test_it_is_asked_for_once_and_says_who_decides_by_when_and_why(
    scene: Scene, now: datetime
) -> None:
    key = str(uuid4())
    asked = scene.ask(scene.owner, key)
    assert (asked.status_code, asked.headers["ETag"]) == (201, '"1"')
    assert scene.ask(scene.owner, key).json() == asked.json(), "asked again, it is one request"
    said = asked.json()
    assert (said["protector_id"], said["status"]) == (str(scene.police_id), "requested")
    assert datetime.fromisoformat(said["due_at"]) == now + timedelta(hours=24)
    assert (said["due_rule"]["status"], said["due_why"]["rule"]["amount"]) == ("assumed", 24)
    assert [each["move"] for each in said["can"]] == ["assign"], "the owner does not decide"
    twice = scene.ask(scene.owner)
    assert (twice.status_code, twice.json()["type"].split(":")[-1]) == (409, "protection-awaited")


def test_the_protector_reads_and_decides_on_the_version_it_read(scene: Scene) -> None:
    asked = scene.ask(scene.owner)
    (listed,) = scene.get(scene.police, "/protections?is_open=true").json()["items"]
    assert [each["move"] for each in listed["can"]] == ["grant", "refuse", "decline"]
    refuse = next(each for each in listed["can"] if each["move"] == "refuse")
    assert refuse["needs"] == ["paper_number", "paper_on", "reason"]
    assert "danger_not_established" in refuse["reasons"]
    assert scene.move(scene.police, asked, version=2, **GRANT).status_code == 412
    granted = scene.move(scene.police, asked, **GRANT)
    assert (granted.status_code, granted.json()["status"]) == (201, "granted")
    now_so = scene.get(scene.owner, f"/protections/{asked.json()['id']}").json()
    assert (now_so["measures"], now_so["review_on"]) == (MEASURES, "2026-04-01")
    again = scene.move(scene.police, asked, version=2, **GRANT)
    assert (again.status_code, again.json()["legal"]) == (409, ["review", "end"])
    moves = scene.get(scene.owner, f"/protections/{asked.json()['id']}/moves").json()["items"]
    assert [each["move"] for each in moves] == ["request", "grant"]


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        ({"move": "refuse", "reason": "not_covered"}, ["paper_number", "paper_on"]),
        ({"move": "decline", "paper_on": "2026-03-02"}, ["paper_number"]),
        ({"move": "grant", "measures": MEASURES}, ["review_on"]),
    ],
)
def test_a_decision_that_lacks_something_is_told_what(
    scene: Scene, body: dict[str, Any], facts: list[str]
) -> None:
    answer = scene.move(scene.police, scene.ask(scene.owner), **body)
    assert answer.status_code == 422
    assert (answer.json()["type"].split(":")[-1], answer.json()["facts"]) == (
        "protection-facts-missing",
        facts,
    )


def test_what_the_person_declines_in_writing_is_over(scene: Scene) -> None:
    asked = scene.ask(scene.owner)
    assert scene.move(scene.police, asked, move="decline", **PAPER).status_code == 201
    (kept,) = scene.get(scene.owner, "/protections?status=declined").json()["items"]
    assert (kept["paper_number"], kept["can"]) == ("12/BC-CATP", [])
    assert scene.get(scene.owner, "/protections?is_open=true").json()["items"] == []


def test_a_stranger_cannot_tell_a_request_that_is_not_theirs_from_none(
    scene: Scene, begin: Begin
) -> None:
    asked = scene.ask(scene.owner)
    one = UUID(asked.json()["id"])
    assert not tells_apart(lambda it: scene.get(scene.stranger, f"/protections/{it}"), one)
    assert scene.move(scene.stranger, asked, **GRANT).status_code == 404
    with begin() as session:
        assert session.get_one(Protection, one).version == 1


def test_who_reads_a_request_is_noted(scene: Scene, begin: Begin) -> None:
    one = scene.ask(scene.owner).json()["id"]
    scene.get(scene.police, f"/protections/{one}")
    assert [(it[1], it[2]) for it in readings(begin)] == [
        (f"{BASE}/protections/{{protection_id}}", UUID(one))
    ]


@pytest.mark.parametrize("measures", [[], ["hide_somewhere"]])
def test_only_measures_of_the_law_are_asked_for(scene: Scene, measures: list[str]) -> None:
    assert scene.ask(scene.owner, measures=measures).status_code == 422
