"""Organisations, programmes and units over HTTP, on real commits."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi.testclient import TestClient

from shared.kit.database import Database
from tests.directory.builders import audited
from tests.directory.calls import OFFER, SCHOOL, V1, Headers, TokenFor, key, match, post, refused


def test_an_organisation_is_created_and_read_back(
    client: TestClient, administrator: Headers, token_for: TokenFor
) -> None:
    made = post(client, "/organisations", SCHOOL, administrator)
    assert made.headers["etag"] == '"1"'
    read = client.get(made.headers["location"], headers=token_for("receiver"))
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    assert read.json() == made.json()
    assert read.json()["roles"] == [
        {"role": "provider", "area_code": "31", "valid_from": "2020-02-12", "valid_to": None}
    ]
    assert read.json()["certainty"] == "assumed"


def test_a_name_is_stored_in_composed_letters(client: TestClient, administrator: Headers) -> None:
    decomposed = {**SCHOOL, "name_vi": "  Trươ\u0300ng\u00a0\u00d0ồ Sơn  "}
    made = post(client, "/organisations", decomposed, administrator).json()
    assert made["name_vi"] == "Trường Đồ Sơn"


def test_a_name_is_measured_in_composed_letters(client: TestClient, administrator: Headers) -> None:
    long = {**SCHOOL, "name_vi": "Trươ\u0300ng" * 33}
    made = post(client, "/organisations", long, administrator).json()
    assert made["name_vi"] == "Trường" * 33


def test_the_same_key_creates_one_organisation_and_answers_alike(
    client: TestClient, administrator: Headers, database: Database
) -> None:
    headers = administrator | key("once")
    answers = [client.post(f"{V1}/organisations", json=SCHOOL, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with database.read() as session:
        assert audited(session) == [("organisation.opened", "done")]
    other = client.post(f"{V1}/organisations", json={**SCHOOL, "code": "b"}, headers=headers)
    refused(other, 422, "idempotency-key-reused")


def test_a_code_that_is_taken_is_a_conflict(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    answer = client.post(f"{V1}/organisations", json=SCHOOL, headers=administrator | key())
    refused(answer, 409, "organisation-code-taken")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"code": "Trường nghề"}, "/code"),
        ({"kind": "bank"}, "/kind"),
        ({"name_vi": ""}, "/name_vi"),
        ({"name_vi": "a\u0000b"}, "/name_vi"),
        ({"name_en": "x" * 201}, "/name_en"),
        ({"name_en": "\u202etxt"}, "/name_en"),
        # Composed, each is two letters: longer than what was typed, and than the column.
        ({"name_en": "\u0958" * 150}, "/name_en"),
        ({"roles": [{"role": "provider"}]}, "/roles/0/area_code"),
        ({"roles": [{**SCHOOL["roles"][0], "area_code": "x"}]}, "/roles/0/area_code"),  # type: ignore[dict-item]
        ({"secret_note": "SECRET-VALUE"}, "/"),
    ],
)
def test_a_bad_field_is_named_and_not_repeated(
    client: TestClient, administrator: Headers, changes: dict[str, Any], pointer: str
) -> None:
    answer = client.post(
        f"{V1}/organisations", json={**SCHOOL, **changes}, headers=administrator | key()
    )
    problem = refused(answer, 422, "invalid-request")
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert "SECRET-VALUE" not in answer.text


def test_overlapping_roles_are_a_problem(client: TestClient, administrator: Headers) -> None:
    body = {**SCHOOL, "roles": [*SCHOOL["roles"], *SCHOOL["roles"]]}
    answer = client.post(f"{V1}/organisations", json=body, headers=administrator | key())
    refused(answer, 422, "roles-overlap")


def test_an_organisation_is_changed_by_whoever_read_it_last(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    place = f"{V1}/organisations/{school['id']}"
    body = {"name_vi": "Tên mới", "name_en": "New", "roles": []}

    def put(headers: Headers) -> httpx2.Response:
        return client.put(place, json=body, headers=administrator | headers)

    refused(put(key()), 428, "precondition-required")
    refused(put(match(1)), 400, "idempotency-key-missing")
    changed = put(key("a") | match(1))
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name_vi"], changed.json()["roles"]) == ("Tên mới", [])
    assert put(key("a") | match(1)).json() == changed.json()
    refused(put(key() | match(1)), 412, "version-changed")


def test_code_and_kind_cannot_be_changed(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    place = f"{V1}/organisations/{school['id']}"
    body = {"name_vi": "Tên", "name_en": "Name", "kind": "hospital"}
    answer = client.put(place, json=body, headers=administrator | key() | match(1))
    refused(answer, 422, "invalid-request")


def test_what_does_not_exist_is_not_found(client: TestClient, administrator: Headers) -> None:
    for collection, problem in (
        ("organisations", "organisation-not-found"),
        ("programmes", "programme-not-found"),
    ):
        answer = client.get(f"{V1}/{collection}/{uuid4()}", headers=administrator)
        refused(answer, 404, problem)
    answer = client.get(f"{V1}/clients/nobody", headers=administrator)
    refused(answer, 404, "client-not-found")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/organisations", SCHOOL), ("/programmes", OFFER), ("/clients", {})],
)
def test_only_an_administrator_creates(
    client: TestClient, token_for: TokenFor, path: str, body: dict[str, Any]
) -> None:
    refused(client.post(V1 + path, json=body, headers=key()), 401, "unauthenticated")
    for role in ("provider", "receiver", "case_owner", "operator", "auditor"):
        answer = client.post(V1 + path, json=body, headers=token_for(role) | key())
        refused(answer, 403, "role-missing")


@pytest.mark.parametrize(
    "path",
    ["/organisations", "/programmes", "/units", "/units/11560/successors", "/clients/a-client"],
)
def test_every_read_asks_for_a_token(client: TestClient, path: str) -> None:
    refused(client.get(V1 + path), 401, "unauthenticated")


def test_a_list_goes_on_where_its_page_ended(
    client: TestClient, administrator: Headers, token_for: TokenFor
) -> None:
    codes = [f"truong-{number}" for number in range(5)]
    for code in codes:
        post(client, "/organisations", {**SCHOOL, "code": code}, administrator)
    place: str | None = f"{V1}/organisations?page_size=2&kind=vocational_school"
    found, pages = [], 0
    while place is not None:
        answer = client.get(place, headers=token_for("receiver"))
        found += [item["code"] for item in answer.json()["items"]]
        following = answer.links.get("next")
        assert (following is None) == (answer.json()["next_cursor"] is None)
        place, pages = following["url"] if following else None, pages + 1
    assert found == codes
    assert pages == 3
    bad = client.get(f"{V1}/organisations?cursor=!", headers=token_for("receiver"))
    refused(bad, 422, "cursor-unknown")


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("TRƯỜNG", True), ("a school", True), ("-nghe", True), ("bếp", False), ("%", False)],
)
def test_organisations_are_found_by_a_part_of_a_name_or_a_code(
    client: TestClient, administrator: Headers, school: dict[str, Any], name: str, *, is_found: bool
) -> None:
    answer = client.get(f"{V1}/organisations", params={"name": name}, headers=administrator)
    assert [each["id"] for each in answer.json()["items"]] == [school["id"]] * is_found


def test_organisations_are_listed_by_role_area_and_day(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    def codes(query: str) -> list[str]:
        answer = client.get(f"{V1}/organisations?{query}", headers=administrator)
        return [item["code"] for item in answer.json()["items"]]

    assert codes("role=provider&area=31") == [SCHOOL["code"]]
    assert codes("role=provider&on=2020-02-11") == []
    assert codes("role=verifier") == []
    assert codes("kind=hospital") == []


def test_a_programme_is_created_changed_and_read(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    body = {**OFFER, "organisation_id": school["id"], "codes": ["VOCATIONAL", "VOCATIONAL"]}
    made = post(client, "/programmes", body, administrator)
    assert made.json()["codes"] == ["VOCATIONAL"]
    assert made.json()["assured_at"] is None
    place = made.headers["location"]
    changed = client.put(
        place, json={**OFFER, "capacity": 0}, headers=administrator | key() | match(1)
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    read = client.get(place, headers=token_for("provider"))
    assert read.json() == changed.json()
    assert read.json()["capacity"] == 0
    listed = client.get(f"{V1}/programmes?code=VOCATIONAL&area=31", headers=administrator)
    assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]


def test_a_language_is_kept_in_the_letters_of_the_standard(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    body = {**OFFER, "organisation_id": school["id"], "languages": ["ZH-hant", "zh-Hant", "Vi"]}
    made = post(client, "/programmes", body, administrator)
    assert made.json()["languages"] == ["zh-Hant", "vi"]


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"capacity": -1}, 422, "invalid-request"),
        ({"capacity": True}, 422, "invalid-request"),
        ({"capacity": "12"}, 422, "invalid-request"),
        ({"is_active": "no"}, 422, "invalid-request"),
        ({"area_codes": ["ZZ"]}, 422, "area-unknown"),
        ({"area_codes": ["31", "UK"]}, 422, "area-unknown"),
        # A commune of Hà Nội, and a code no unit has.
        ({"area_codes": ["00004"]}, 422, "area-unknown"),
        ({"area_codes": ["99999"]}, 422, "area-unknown"),
        ({"codes": []}, 422, "invalid-request"),
        ({"codes": ["WEALTH"]}, 422, "invalid-request"),
        ({"languages": ["tiếng Việt"]}, 422, "invalid-request"),
        ({"minimum_age": 18, "maximum_age": 17}, 422, "ages-crossed"),
        (
            {"organisation_id": "018f2f5e-0000-7000-8000-000000000001"},
            404,
            "organisation-not-found",
        ),
    ],
)
def test_a_bad_programme_is_refused(
    *,
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    changes: dict[str, Any],
    status: int,
    problem: str,
) -> None:
    body = {**OFFER, "organisation_id": school["id"], **changes}
    answer = client.post(f"{V1}/programmes", json=body, headers=administrator | key())
    refused(answer, status, problem)


def test_units_are_listed_by_day_and_parent(client: TestClient, administrator: Headers) -> None:
    def codes(query: str) -> list[str]:
        found: list[str] = []
        place: str | None = f"{V1}/units?{query}"
        while place is not None:
            answer = client.get(place, headers=administrator)
            assert answer.status_code == 200, answer.text
            found += [item["code"] for item in answer.json()["items"]]
            place = answer.links["next"]["url"] if answer.json()["next_cursor"] else None
        return found

    today = codes("parent=31&page_size=50")
    assert len(today) == 114
    assert today == sorted(set(today))
    assert len(codes("parent=31&on=2025-06-30")) == 15
    split = client.get(f"{V1}/units/11890/successors", headers=administrator).json()["items"]
    assert len(split) > 1
    for query in ("on=yesterday", "parent=x", "page_size=0"):
        refused(client.get(f"{V1}/units?{query}", headers=administrator), 422, "invalid-request")
    unknown = client.get(f"{V1}/units?cursor=%00", headers=administrator)
    refused(unknown, 422, "cursor-unknown")
