"""Who read which case is in the audit."""

from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from shared.kit.database import Begin
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.noted import readings


def test_who_read_which_case_is_noted(
    client: TestClient, submit: Submit, owner: Headers, begin: Begin
) -> None:
    case, other = submit().json(), submit().json()
    for path in (
        f"{CASES}/{case['id']}",
        f"{CASES}/{case['id']}/journey",
        f"{CASES}?code={case['code']}",
        f"{CASES}?code={other['code']}",
        CASES,
    ):
        assert client.get(path, headers=owner).status_code == 200
    *single, of_all = readings(begin)
    assert [(action, which) for _, action, which in single] == [
        (f"{CASES}/{{case_id}}", UUID(case["id"])),
        (f"{CASES}/{{case_id}}/journey", UUID(case["id"])),
        (CASES, UUID(case["id"])),
        (CASES, UUID(other["id"])),
    ]
    assert of_all[1] == CASES
    assert len({who for who, _, _ in [*single, of_all]}) == 1


def test_a_case_that_was_not_shown_was_not_read(
    client: TestClient, submit: Submit, token_for: TokenFor, begin: Begin
) -> None:
    case = submit().json()
    stranger = token_for("receiver", organisation_id=uuid4())
    assert client.get(CASES, headers=stranger).json()["items"] == []
    assert client.get(f"{CASES}?code={case['code']}", headers=stranger).json()["items"] == []
    assert readings(begin) == []
