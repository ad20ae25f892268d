"""Stays over HTTP: announced once, moved on the version read, problems that say the way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from shared.kit.clock import local_date
from shared.kit.database import Begin
from tests.livelihood_support.builders import OWNER, Field
from tests.livelihood_support.calls import BASE, Headers, problem
from tests.livelihood_support.test_stays import facility
from tests.noted import readings

ARRIVAL: dict[str, Any] = {
    "move": "arrive",
    "arrived_on": "2026-03-02",
    "needs": ["lodging", "meals"],
    "kit": ["towel"],
}


class House:
    """A case of somebody whom no facility knows yet, and the facility there is."""

    def __init__(self, client: TestClient, begin: Begin, now: datetime, token_for: Any) -> None:
        self.client, self.today = client, local_date(now)
        with begin() as session:
            field = Field(session, now)
            self.id = facility(field)
            self.case_id = field.case(requested=())
        self.facility: Headers = token_for("facility", organisation_id=self.id)
        self.owner: Headers = token_for("case_owner", organisation_id=OWNER)

    def announce(self, key: str | None = None, **body: Any) -> Response:
        headers = self.owner | {"Idempotency-Key": key or str(uuid4())}
        said = {"expected_on": self.today.isoformat()} | body
        place = f"{BASE}/cases/{self.case_id}/stays"
        answer: Response = self.client.post(place, json=said, headers=headers)
        return answer

    def move(self, stay_id: str, body: dict[str, Any], version: int, who: Headers) -> Response:
        headers = who | {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        answer: Response = self.client.post(
            f"{BASE}/stays/{stay_id}/moves", json=body, headers=headers
        )
        return answer

    def get(self, path: str, who: Headers) -> Any:
        answer: Response = self.client.get(f"{BASE}{path}", headers=who)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def house(client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., Any]) -> House:
    return House(client, begin, now, token_for)


def test_it_is_announced_once_and_shows_a_facility_what_it_prepares_for_and_nobody(
    house: House,
) -> None:
    key = str(uuid4())
    made = house.announce(key)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert house.announce(key).json() == made.json(), "sent again, it is one announcement"
    assert problem(house.announce()) == (409, "stay-open")
    seen = house.get(f"/stays/{made.json()['id']}", house.facility)
    assert {name: seen[name] for name in ("status", "age_band", "languages", "days")} == {
        "status": "announced",
        "age_band": "adult",
        "languages": ["vi"],
        "days": None,
    }
    assert (seen["due_rule"], seen["last_day"]) == (None, None), "nothing runs before the arrival"
    assert [each["move"] for each in seen["can"]] == ["arrive", "decline"]
    assert [each["move"] for each in made.json()["can"]] == ["cancel"]


def test_its_longest_time_says_by_which_row_it_ends_and_a_paper_goes_beyond_it(
    house: House,
) -> None:
    stay_id = house.announce().json()["id"]
    assert house.move(stay_id, ARRIVAL, 1, house.facility).status_code == 201
    seen = house.get(f"/stays/{stay_id}", house.facility)
    last_day = house.today + timedelta(days=120)
    assert (seen["days"], seen["last_day"]) == (0, last_day.isoformat())
    assert (seen["due_rule"]["amount"], seen["due_rule"]["status"]) == (120, "confirmed")
    assert seen["due_why"]["last_day"] == seen["last_day"]
    until = last_day + timedelta(days=30)
    extension = {"move": "extend", "extended_until": until.isoformat()}
    assert problem(house.move(stay_id, extension, 2, house.facility)) == (
        422,
        "stay-facts-missing",
    )
    paper = {"paper_number": "07/QĐ-CSHT", "paper_on": "2026-03-02"}
    assert house.move(stay_id, extension | paper, 2, house.facility).status_code == 201
    seen = house.get(f"/stays/{stay_id}", house.owner)
    assert (seen["last_day"], seen["due_at"]) == (until.isoformat(), None)
    moves = house.get(f"/stays/{stay_id}/moves", house.owner)["items"]
    assert [(it["move"], it["status"]) for it in moves] == [
        ("announce", "announced"),
        ("arrive", "staying"),
        ("extend", "staying"),
    ]


def test_a_move_needs_the_version_that_was_read_and_names_what_is_legal(house: House) -> None:
    stay_id = house.announce().json()["id"]
    assert problem(house.move(stay_id, ARRIVAL, 7, house.facility))[0] == 412
    leaving = {"move": "leave", "left_on": "2026-03-02", "left_to": "family"}
    refused = house.move(stay_id, leaving, 1, house.facility)
    assert problem(refused) == (409, "stay-move-not-allowed")
    assert refused.json()["legal"] == ["arrive", "decline"]
    early = ARRIVAL | {"arrived_on": "2026-03-01"}
    assert problem(house.move(stay_id, early, 1, house.facility)) == (422, "stay-day-unfit")


def test_lists_are_narrowed_and_turned_page_by_page(house: House) -> None:
    first = house.announce().json()["id"]
    declined = {"move": "decline", "reason": "no_place"}
    assert house.move(first, declined, 1, house.facility).status_code == 201
    second = house.announce().json()["id"]
    one = house.get("/stays?page_size=1", house.facility)
    assert [it["id"] for it in one["items"]] == [first]
    rest = house.get(f"/stays?page_size=1&cursor={one['next_cursor']}", house.facility)
    assert [it["id"] for it in rest["items"]] == [second]
    for narrowed, found in (("status=declined", [first]), ("is_open=true", [second])):
        listed = house.get(f"/stays?{narrowed}", house.owner)["items"]
        assert [it["id"] for it in listed] == found
    listed = house.get(f"/stays?case_id={uuid4()}", house.owner)["items"]
    assert listed == []
    page = house.get(f"/stays/{first}/moves?page_size=1", house.owner)
    rest = house.get(f"/stays/{first}/moves?cursor={page['next_cursor']}", house.owner)
    assert [it["move"] for it in (*page["items"], *rest["items"])] == ["announce", "decline"]


def test_who_read_a_stay_is_noted(house: House, begin: Begin) -> None:
    stay_id = house.announce().json()["id"]
    house.get(f"/stays/{stay_id}", house.facility)
    house.get(f"/stays?case_id={house.case_id}", house.owner)
    found = [which for _, _, which in readings(begin)]
    assert found == [UUID(stay_id), house.case_id]
