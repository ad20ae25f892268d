"""Every answer is one the OpenAPI document promises."""

from collections.abc import Callable
from datetime import datetime

from fastapi.testclient import TestClient

from shared.kit.database import Begin
from tests.described import answers_as_described
from tests.verification.builders import Bench


def test_every_answer_is_as_described(
    client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., dict[str, str]]
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        police = bench.police()
        known = {"verification_id": [str(bench.opened().id), str(bench.opened().id)]}
    callers = [
        token_for("verifier", organisation_id=police, kind="police"),
        token_for("case_owner"),
        {},
    ]
    assert answers_as_described(client, "/verification/openapi.json", callers, known=known) > 40
