"""Cases over HTTP: submitted once, refused by rule, read by those they exist for."""

import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from openapi_spec_validator import validate
from sqlalchemy import func, select

from services.intake import api
from services.intake.api.reception import Submission
from services.intake.models import Case
from services.intake.schemas import CaseCreate
from shared.contracts import CaseReceived, IntakeAlertRaised
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from tests.intake.answers import CASES, Headers, Submit, TokenFor, errors, problem
from tests.intake.builders import NOON, PHONE, caller, facts, paper, person, submission
from tests.strangers import tells_apart
from tests.told import IN_OUTBOX

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "deploy" / "demo" / "cases.toml"
EXAMPLE = ROOT / "docs" / "examples" / "case.json"


PATTERN = "string_pattern_mismatch"


def who(**changes: Any) -> dict[str, Any]:
    return submission(person=person(**changes))


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_a_submitted_case_is_answered_where_it_is_read(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    answer = submit()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    receipt = answer.json()
    assert set(receipt) == {
        "id", "code", "received_at", "status", "warnings", "accompanying", "links",
    }  # fmt: skip
    read = client.get(answer.headers["Location"], headers=sender)
    assert read.status_code == 200
    assert read.json()["code"] == receipt["code"]
    assert read.json()["papers"] == ["DECLARATION"]
    assert read.json()["consents"][0]["withdrawn_at"] is None
    journey = client.get(receipt["links"]["journey"], headers=sender).json()
    assert [step["kind"] for step in journey["steps"]] == ["received"]


def test_an_unchanged_case_is_not_sent_again(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    where = submit().headers["Location"]
    same = client.get(where, headers={**sender, "If-None-Match": '"7", W/"1"'})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", '"1"')
    other = client.get(where, headers={**sender, "If-None-Match": '"2"'})
    assert other.status_code == 200


def test_someone_elses_case_does_not_exist_but_for_the_case_owner(
    client: TestClient, submit: Submit, token_for: TokenFor, owner: Headers
) -> None:
    where = submit().headers["Location"]
    stranger = token_for("receiver", client_id="stranger")
    for path in (where, f"{where}/journey", f"{CASES}/{uuid4()}"):
        assert problem(client.get(path, headers=stranger)) == (404, "case-not-found")
    assert client.get(where, headers=owner).status_code == 200
    assert client.get(CASES, headers=stranger).json()["items"] == []
    assert len(client.get(CASES, headers=owner).json()["items"]) == 1


def test_only_receivers_and_case_owners_submit(
    client: TestClient, submit: Submit, token_for: TokenFor, owner: Headers
) -> None:
    assert problem(submit(headers=token_for("provider"))) == (403, "role-missing")
    assert submit(headers=owner).status_code == 201
    assert problem(client.post(CASES, json=submission())) == (401, "unauthenticated")


def test_a_language_is_kept_in_the_letters_of_the_standard(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    where = submit(submission(languages=["zh-hant", "VI"])).headers["Location"]
    assert client.get(where, headers=sender).json()["languages"] == ["zh-Hant", "vi"]
    assert submit(submission(languages=["zh-hant", "zh-Hant"])).status_code == 422


def test_a_submission_needs_a_key(client: TestClient, sender: Headers) -> None:
    answer = client.post(CASES, json=submission(), headers=sender)
    assert problem(answer) == (400, "idempotency-key-missing")


def test_a_repeat_is_answered_as_the_first_time(submit: Submit, database: Database) -> None:
    key = str(uuid4())
    first, again = submit(key=key), submit(key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    other = submit(submission(requested_services=[]), key=key)
    assert problem(other) == (422, "idempotency-key-reused")
    assert stored(database) == 1


def test_the_same_key_at_once_makes_one_case(submit: Submit, database: Database) -> None:
    key = str(uuid4())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: submit(key=key), range(8)))
    made = [it.json()["id"] for it in answers if it.status_code == 201]
    assert len(set(made)) == 1
    assert {it.status_code for it in answers} <= {201, 409}
    assert stored(database) == 1


def test_many_at_once_are_each_their_own_case(submit: Submit, database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: submit(), range(24)))
    assert {it.status_code for it in answers} == {201}
    assert len({it.json()["code"] for it in answers}) == stored(database) == 24


def test_a_row_the_database_refuses_fails_alone(
    begin: Begin, keys: MasterKeys, database: Database
) -> None:
    good, bad = facts(keys), facts(keys)
    object.__setattr__(bad.case, "wrapped_key", None)
    desk = api.open_desk(begin, lambda: NOON)
    futures = [desk.submit(Submission(it.asked, it.case)) for it in (good, bad, facts(keys))]
    faults = [future.exception(timeout=10) for future in futures]
    desk.close()
    assert [type(it).__name__ for it in faults] == ["NoneType", "IntegrityError", "NoneType"]
    assert stored(database) == 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (submission(route="WALKED_IN"), ("/route", "enum")),
        (submission(papers=[]), ("/papers", "declaration_required")),
        (who(full_name=None), ("/person/full_name", "string_type")),
        (who(full_name="A\u202eB"), ("/person/full_name", "control_character")),
        (who(full_name="A\x00B"), ("/person/full_name", "control_character")),
        (who(full_name=" "), ("/person/full_name", "string_too_short")),
        (who(nationality="Vietnam"), ("/person/nationality", PATTERN)),
        (who(present_unit_code="318"), ("/person/present_unit_code", PATTERN)),
        (who(birth_year=1999), ("/person", "either_date_or_year")),
        (who(birth_date=None), ("/person", "either_date_or_year")),
        (who(birth_date=86400), ("/person/birth_date", "date_parsing")),
        (who(birth_date=None, birth_year="1999"), ("/person/birth_year", "int_type")),
        (
            who(phones=[{"number": "113", "safe_to_call": True}]),
            ("/person/phones/0/number", "phone_number"),
        ),
        (
            who(phones=[{"number": "0912345678", "safe_to_call": "yes"}]),
            ("/person/phones/0/safe_to_call", "bool_type"),
        ),
        (
            who(phones=[{"number": PHONE, "safe_to_call": True, "rule": {"hours": "18-20"}}]),
            ("/person/phones/0/rule/hours", "string_pattern_mismatch"),
        ),
        (
            who(phones=[{"number": PHONE, "safe_to_call": True, "rule": {"ways": ["fax"]}}]),
            ("/person/phones/0/rule/ways/0", "enum"),
        ),
        (submission(languages=["vi", "Tiếng Việt"]), ("/languages/1", PATTERN)),
        (submission(requested_services=["LOAN", "LOAN"]), ("/requested_services", "repeated")),
        (
            submission(papers=[paper("DECLARATION", issued_on="2026-13-01")]),
            ("/papers/0/issued_on", "date_from_datetime_parsing"),
        ),
        (submission(father_name="Ẩn Danh"), ("/", "extra_forbidden")),
        (who(note="Ẩn Danh"), ("/person", "extra_forbidden")),
    ],
)
def test_a_broken_rule_is_named_with_its_field_and_without_the_value(
    submit: Submit, database: Database, body: Mapping[str, Any], error: tuple[str, str]
) -> None:
    answer = submit(body)
    assert errors(answer) == {error}
    for secret in ("WALKED_IN", "Ẩn Danh", "Tiếng Việt", "father_name", "Tưởng", "113"):
        assert secret not in answer.text
    assert stored(database) == 0


def test_names_are_composed_so_that_equal_words_are_equal() -> None:
    decomposed = "Nguye\u0302\u0303n"
    parsed = CaseCreate.model_validate(submission(person=person(full_name=decomposed)))
    assert parsed.person.full_name == "Nguyễn"


def test_cases_are_listed_newest_first_in_linked_pages(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    made = [submit().json()["id"] for _ in range(5)]
    seen: list[str] = []
    path = f"{CASES}?page_size=2"
    while True:
        page = client.get(path, headers=sender)
        seen += [item["id"] for item in page.json()["items"]]
        if page.json()["next_cursor"] is None:
            break
        path = page.headers["Link"].partition(">")[0].removeprefix("<")
    assert seen == made[::-1]


def test_cases_are_filtered_by_status_route_code_and_who_submitted_them(
    client: TestClient, submit: Submit, sender: Headers, organisation_id: UUID
) -> None:
    first = submit().json()
    submit(submission(route="RESCUED"))

    def found(query: str) -> list[str]:
        items = client.get(f"{CASES}?{query}", headers=sender).json()["items"]
        return [item["id"] for item in items]

    assert found("route=SELF_REPORT") == [first["id"]]
    assert len(found("status=received")) == 2
    assert found("status=identified") == []
    assert len(found(f"receiver_id={organisation_id}")) == 2
    assert found(f"receiver_id={uuid4()}") == []
    assert found(f"code={first['code'].lower()}") == [first["id"]]
    wrong = first["code"][:-1] + ("2" if first["code"][-1] == "1" else "1")
    answer = client.get(f"{CASES}?code={wrong}", headers=sender)
    assert problem(answer) == (422, "case-code-mistyped")


def test_a_reader_learns_codes_and_no_identity(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    where = submit().headers["Location"]
    for path in (where, CASES, f"{where}/journey"):
        text_read = client.get(path, headers=sender).text
        for secret in ("Tưởng Tượng", "912345678", "031199000123", "UBND", "Hư Cấu", "KH-SL"):
            assert secret not in text_read


def test_the_description_is_openapi_and_shows_the_example_of_the_readme(
    client: TestClient,
) -> None:
    document = client.get("/intake/openapi.json").json()
    validate(document)
    shown = document["components"]["schemas"]["CaseCreate"]["examples"]
    assert shown == [orjson.loads(EXAMPLE.read_bytes())]
    assert {"/intake/v1/cases", "/intake/v1/disclosures"} <= set(document["paths"])


def test_the_example_is_received(submit: Submit) -> None:
    body = orjson.loads(EXAMPLE.read_bytes())
    for written in body["papers"]:
        written["issued_on"] = "2026-02-12"
    assert submit(body).status_code == 201


def test_the_demonstrations_cases_have_this_shape(keys: MasterKeys) -> None:
    later = NOON.replace(year=2027)
    for each in tomllib.loads(DEMO.read_text(encoding="utf-8"))["cases"]:
        if "refused" in each:
            with pytest.raises(ValueError, match="validation error"):
                CaseCreate.model_validate(each["case"])
            continue
        parsed = CaseCreate.model_validate(each["case"])
        api.reception.plain_case(parsed, caller(), lambda: later)


def test_every_case_has_its_message_after_the_commit(submit: Submit, database: Database) -> None:
    made = submit().json()["id"]
    told = select(IN_OUTBOX.c.destination, IN_OUTBOX.c.type, IN_OUTBOX.c.aggregate_id)
    with database.read() as session:
        rows = session.execute(told).all()
    assert {tuple(row) for row in rows} == {
        ("verification", CaseReceived.type, UUID(made)),
        ("livelihood_support", CaseReceived.type, UUID(made)),
        ("notification", IntakeAlertRaised.type, UUID(made)),
    }


def test_another_organisations_case_cannot_be_told_from_none(
    client: TestClient, submit: Submit, token_for: TokenFor
) -> None:
    case_id = UUID(submit().json()["id"])
    stranger = token_for("receiver", client_id="stranger")
    scope = {"organisation_kind": "hospital", "purpose": "service_referral"}

    def post(path: str) -> Callable[[UUID], Response]:
        def ask(which: UUID) -> Response:
            extra = {"Idempotency-Key": str(uuid4())}
            return client.post(f"{CASES}/{which}/{path}", json=scope, headers=stranger | extra)

        return ask

    for ask in (
        lambda which: client.get(f"{CASES}/{which}", headers=stranger),
        lambda which: client.get(f"{CASES}/{which}/journey", headers=stranger),
        post("consents"),
        post("consents/withdrawals"),
    ):
        assert tells_apart(ask, case_id) == []
