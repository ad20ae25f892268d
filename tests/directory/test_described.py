"""Every answer is one the OpenAPI document promises."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from tests.described import answers_as_described
from tests.directory.calls import Headers, TokenFor


def test_every_answer_is_as_described(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    own = token_for("provider", organisation_id=UUID(school["id"]), kind="vocational_school")
    known = {"organisation_id": [school["id"]]}
    callers = [administrator, own, token_for("auditor"), {}]
    assert answers_as_described(client, "/directory/openapi.json", callers, known=known) > 150
