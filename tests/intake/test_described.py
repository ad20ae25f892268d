"""Every answer is one the OpenAPI document promises."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from tests.described import answers_as_described
from tests.intake.builders import caller, facts, receive


def test_every_answer_is_as_described(
    client: TestClient,
    begin: Begin,
    keys: MasterKeys,
    token_for: Callable[..., dict[str, str]],
) -> None:
    sender = caller()
    submitted = [facts(keys, sender=sender) for _ in range(2)]
    with begin() as session:
        receive(session, *submitted)
    known = {"case_id": [str(each.case_id) for each in submitted]}
    callers = [
        token_for("receiver", organisation_id=sender.organisation_id),
        token_for("case_owner"),
        token_for("provider", kind="vocational_school"),
        token_for("auditor"),
        {},
    ]
    assert answers_as_described(client, "/intake/openapi.json", callers, known=known) > 70
