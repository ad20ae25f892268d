"""Whoever is suspected is told nothing: no message, no call, where somebody else may answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from services.intake import tasks
from services.intake.models import Case, PersonMessage
from services.intake.policy import Caution, LegalPurpose
from shared.contracts import Message, PersonMessageAsked, Queue
from shared.contracts.vocabulary import ContactRefusal, Role
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from tests.intake.acting import PURPOSES, Scene, organisation, owner_of, problem
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON, facts, minor, person, receive
from tests.intake.messages import opened
from tests.intake.test_contact import CANARY, RULE, ask_intake, duties

FATHER = "Ông Hư Cấu"
TOLD = "+84912345679"
"""The number that was told at reception, which the father answers."""
ALONE, TOGETHER = RULE, {**RULE, "answered_by": FATHER}

Do = Callable[..., Response]


@pytest.fixture(params=[True, False], ids=["suspected", "trusted"])
def is_suspect(request: pytest.FixtureRequest) -> bool:
    found: bool = request.param
    return found


@pytest.fixture
def scene(begin: Begin, keys: MasterKeys, is_suspect: bool) -> Scene:
    """A child whose father stands beside it, and answers its phone."""
    phone = {"number": TOLD, "safe_to_call": True, "rule": {"answered_by": FATHER}}
    beside = {"full_name": FATHER, "relation": "parent", "is_suspect": is_suspect}
    child = person(birth_date="2010-06-01", identity_documents=[], phones=[phone])
    submitted = facts(keys, minor(person=child, representative=beside))
    made = Scene(submitted.case_id, {role: uuid4() for role, _ in PURPOSES.values()})
    organisation(begin, made.ids["case_owner"], Role.CASE_OWNER)
    with begin() as session:
        receive(session, submitted)
        told = opened(made.case_id).model_copy(update={"verifier_id": made.ids["verifier"]})
        tasks.note_verifications(session, [told], NOON)
    return made


@pytest.fixture
def do(client: TestClient, token_for: TokenFor, scene: Scene) -> Do:
    def post(path: str, *, version: int = 1, **body: Any) -> Response:
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        answer: Response = client.post(
            f"/intake/v1/cases/{scene.case_id}/{path}",
            json=body,
            headers={**owner_of(token_for, scene), **extra},
        )
        return answer

    return post


def ask(do: Do, rule: dict[str, Any]) -> Response:
    made = do("contact-points", number=CANARY, rule=rule, confirmed_on="2026-03-02")
    assert made.status_code == 201, made.text
    return do("person-messages", contact_point_id=made.json()["id"], says="call_known_number")


def test_no_message_is_asked_for_where_somebody_else_may_answer(
    do: Do, is_suspect: bool, told: Callable[[Queue], list[Message]]
) -> None:
    answer = ask(do, TOGETHER)
    if not is_suspect:
        assert answer.status_code == 201, answer.text
        return
    assert problem(answer) == (409, "not-safely-reachable")
    assert answer.json()["reason"] == ContactRefusal.SUSPECT_ANSWERS
    assert not [it for it in told(Queue.NOTIFICATION) if isinstance(it, PersonMessageAsked)]
    assert FATHER not in answer.text
    assert CANARY not in answer.text


def test_what_the_person_alone_answers_may_be_sent_to(
    do: Do, client: TestClient, is_suspect: bool
) -> None:
    answer = ask(do, ALONE)
    assert answer.status_code == 201, answer.text
    assert ask_intake(client, answer.json()["id"]).json()["to"] == CANARY


def test_what_was_asked_for_is_kept_back_when_it_would_leave_and_becomes_a_duty(
    do: Do, client: TestClient, begin: Begin, scene: Scene, is_suspect: bool
) -> None:
    """By a release that did not know of it, or before the suspicion was known."""
    with begin() as session:
        case = session.get_one(Case, scene.case_id)
        kept, case.warnings = case.warnings, []
    message_id = ask(do, TOGETHER).json()["id"]
    with begin() as session:
        session.get_one(Case, scene.case_id).warnings = kept
    answer = ask_intake(client, message_id).json()
    assert (answer["to"] is None) is is_suspect
    if is_suspect:
        assert answer == {"to": None, "text": None, "refusal": "suspect_answers"}
        with begin() as session:
            (message,) = session.scalars(select(PersonMessage))
            assert message.refusal == ContactRefusal.SUSPECT_ANSWERS
        assert duties(begin, scene, NOON + timedelta(minutes=1)) == ["reach_person"]


@pytest.mark.parametrize("purpose", [LegalPurpose.CASE_MANAGEMENT, LegalPurpose.VERIFICATION])
def test_whoever_opens_the_file_is_shown_no_such_number_as_safe(
    client: TestClient, token_for: TokenFor, scene: Scene, is_suspect: bool, purpose: LegalPurpose
) -> None:
    role, reason = PURPOSES[purpose]
    answer = client.post(
        f"/intake/v1/cases/{scene.case_id}/disclosures",
        json={"purpose": purpose, "reason": reason},
        headers={
            **token_for(role, organisation_id=scene.ids[role]),
            "Idempotency-Key": str(uuid4()),
        },
    )
    assert answer.status_code == 201, answer.text
    shown = answer.json()["person"]
    assert shown["representative"]["is_suspect"] is is_suspect
    if purpose is LegalPurpose.CASE_MANAGEMENT:
        assert [it["safe_to_call"] for it in shown["phones"]] == [not is_suspect]
    else:
        assert shown["safe_phones"] == ([] if is_suspect else [TOLD])


def test_a_correction_takes_the_suspicion_from_nobody(
    do: Do, begin: Begin, scene: Scene, is_suspect: bool
) -> None:
    with begin() as session:
        version = session.get_one(Case, scene.case_id).version
    made = do("corrections", version=version, began="2024-05", reason="person_said")
    assert made.status_code == 201, made.text
    with begin() as session:
        warnings = session.get_one(Case, scene.case_id).warnings
    assert (Caution.REPRESENTATIVE_IS_SUSPECT in warnings) is is_suspect
