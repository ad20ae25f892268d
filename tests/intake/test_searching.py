"""A case is found by what is said of a person, and who looked for whom is in the audit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Row, select, update

from services.intake.models import SearchCount
from services.intake.policy import MOST_FOUND, MOST_SEARCHES, SEARCHES_COUNT_FOR
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.subjects import SubjectKind
from tests.intake.acting import problem
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.intake.builders import IDENTITY_NUMBER, PHONE, facts, person, receive, submission

Search = Callable[..., Response]


@pytest.fixture
def search(client: TestClient, sender: Headers) -> Search:
    def post(field: str, value: str, headers: Headers | None = None) -> Response:
        body = {"field": field, "value": value, "purpose": "person_called"}
        answer: Response = client.post(f"{CASES}/searches", json=body, headers=headers or sender)
        return answer

    return post


def entries(begin: Begin) -> list[Row[Any]]:
    with begin() as session:
        asked = select(AUDIT).where(AUDIT.c.action == "case.search").order_by(AUDIT.c.id)
        return list(session.execute(asked))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "091 234 56 78"),
        ("phone", PHONE),
        ("identity_number", "031-199 000123"),
        ("sender_reference", " ubnd/2026/7 "),
    ],
)
def test_a_case_is_found_however_the_number_is_written(
    submit: Submit, search: Search, begin: Begin, field: str, value: str
) -> None:
    receipt = submit().json()
    found = search(field, value)
    assert found.status_code == 200, found.text
    assert [it["code"] for it in found.json()["items"]] == [receipt["code"]]
    (entry,) = entries(begin)
    assert (entry.object_id, entry.outcome) == (UUID(receipt["id"]), "done")
    assert (entry.facts["field"], entry.facts["purpose"]) == (field, "person_called")
    assert value.strip() not in str(entry.facts)


def test_a_search_that_finds_nothing_is_an_entry_too(search: Search, begin: Begin) -> None:
    assert search("phone", PHONE).json() == {"items": [], "is_more": False}
    assert [entry.outcome for entry in entries(begin)] == ["nothing_found"]


def test_what_a_subject_does_not_reach_is_not_found(
    submit: Submit, search: Search, token_for: TokenFor
) -> None:
    submit()
    stranger = token_for("receiver", organisation_id=uuid4())
    for field, value in (("phone", PHONE), ("identity_number", IDENTITY_NUMBER)):
        assert search(field, value, stranger).json()["items"] == []


def test_a_reference_finds_the_case_of_its_sender_alone(
    submit: Submit, search: Search, owner: Headers
) -> None:
    submit()
    assert search("phone", PHONE, owner).json()["items"]
    assert search("sender_reference", "UBND/2026/7", owner).json()["items"] == []
    assert search("sender_reference", "UBND/20267").json()["items"] == []


@pytest.mark.parametrize(("field", "value"), [("phone", "113"), ("identity_number", "số không rõ")])
def test_what_cannot_be_compared_is_refused_and_not_said_again(
    search: Search, field: str, value: str
) -> None:
    refused = search(field, value)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["pointer"] == "/value"
    assert value not in refused.text


def test_whoever_tries_number_after_number_has_to_wait(
    submit: Submit, search: Search, begin: Begin, token_for: TokenFor
) -> None:
    submit()
    person = token_for("case_owner", staff_id=uuid4())
    for number in range(MOST_SEARCHES[SubjectKind.STAFF]):
        assert search("phone", f"0912 000 {number:03}", person).status_code == 200
    refused = search("phone", PHONE, person)
    assert problem(refused) == (429, "searched-too-often")
    assert 0 < int(refused.headers["Retry-After"]) <= SEARCHES_COUNT_FOR.total_seconds()
    assert PHONE not in refused.text
    assert search("phone", PHONE, token_for("case_owner", staff_id=uuid4())).json()["items"]
    assert problem(search("phone", PHONE, person)) == (429, "searched-too-often")
    outcomes = [entry.outcome for entry in entries(begin)]
    assert outcomes.count("searched-too-often") == 1, "of repeats a few are entries"
    with begin() as session:
        session.execute(
            update(SearchCount).values(begun_at=SearchCount.begun_at - SEARCHES_COUNT_FOR)
        )
    assert search("phone", PHONE, person).status_code == 200


def test_what_cannot_be_compared_does_not_count(
    search: Search, begin: Begin, sender: Headers
) -> None:
    search("phone", "113", sender)
    with begin() as session:
        assert session.scalars(select(SearchCount)).all() == []
    search("phone", PHONE, sender)
    with begin() as session:
        assert session.scalars(select(SearchCount.times)).all() == [1]


def test_a_number_of_many_shows_the_newest_and_that_there_is_more(
    begin: Begin, keys: MasterKeys, search: Search, owner: Headers
) -> None:
    many = [facts(keys, submission(person=person())) for _ in range(MOST_FOUND + 1)]
    with begin() as session:
        receive(session, *many)
    found = search("phone", PHONE, owner).json()
    assert found["is_more"]
    newest = sorted((str(each.case_id) for each in many), reverse=True)[:MOST_FOUND]
    assert [it["id"] for it in found["items"]] == newest
    assert len(entries(begin)) == MOST_FOUND
