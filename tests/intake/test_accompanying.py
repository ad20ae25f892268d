"""A child who came along is a person and a case of their own, linked with whom they came with."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.api import reception
from services.intake.models import Case, Person
from services.intake.schemas import CaseCreate
from shared.contracts import CaseReceived, Message, Queue
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database
from shared.kit.http import Asked
from shared.kit.idempotency import Answer, Attempt
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.intake.builders import NOON, caller, submission

Told = Callable[[Queue], list[Message]]
KEY = str(uuid4())
CHILDREN = [
    {"full_name": "Bé Thử Một", "birth_year": 2018, "sex": "female"},
    {"full_name": "Bé Thử Hai", "birth_year": 2012, "sex": "male"},
]


@pytest.fixture
def receipt(submit: Submit) -> Any:
    answer = submit(submission(accompanying_minors=CHILDREN), key=KEY)
    assert answer.status_code == 201, answer.text
    return answer.json()


def received(told: Told) -> dict[UUID, CaseReceived]:
    found = [it for it in told(Queue.VERIFICATION) if isinstance(it, CaseReceived)]
    return {it.case_id: it for it in found}


def test_each_child_is_a_case_of_its_own_from_the_first_moment(receipt: Any, told: Told) -> None:
    along = receipt["accompanying"]
    assert len({receipt["code"], *(it["code"] for it in along)}) == 3
    messages = received(told)
    assert messages.keys() == {UUID(receipt["id"]), *(UUID(it["id"]) for it in along)}
    assert messages[UUID(receipt["id"])].accompanies is None
    for child, made in zip(CHILDREN, along, strict=True):
        message = messages[UUID(made["id"])]
        assert message.accompanies is not None
        assert message.accompanies.case_id == UUID(receipt["id"])
        assert message.accompanies.case_code == receipt["code"]
        assert (message.case_code, message.sex) == (made["code"], child["sex"])
        assert message.age_band in {"under_16", "under_18"}
        assert (message.requested_services, message.consents, message.papers) == ((), (), ())


def test_a_child_is_where_the_adult_is_and_speaks_as_they_do(receipt: Any, told: Told) -> None:
    messages = received(told)
    first = messages[UUID(receipt["id"])]
    same = ("route", "receiver_id", "area_code", "citizenship", "languages", "received_at")
    for it in receipt["accompanying"]:
        message = messages[UUID(it["id"])]
        assert [getattr(message, name) for name in same] == [getattr(first, name) for name in same]


def test_each_is_sealed_under_a_key_of_its_own(
    receipt: Any, keys: MasterKeys, database: Database
) -> None:
    with database.read() as session:
        rows = session.execute(select(Case.id, Person).join(Person)).all()
        opened = {case_id: domain.open_identity(keys, person) for case_id, person in rows}
        assert len({person.wrapped_key for _, person in rows}) == 3
    for child, made in zip(CHILDREN, receipt["accompanying"], strict=True):
        identity = opened[UUID(made["id"])]
        assert (identity["full_name"], identity["birth_year"]) == (
            child["full_name"],
            child["birth_year"],
        )
        assert identity["phones"] == [], "the adult's numbers are the adult's"


def test_a_repeat_is_answered_the_same_and_makes_no_other_child(
    receipt: Any, submit: Submit, database: Database
) -> None:
    again = submit(submission(accompanying_minors=CHILDREN), key=KEY)
    assert again.json() == receipt
    with database.read() as session:
        assert len(session.scalars(select(Case.id)).all()) == 3


def test_each_case_leads_to_the_others(receipt: Any, client: TestClient, sender: Headers) -> None:
    adult = client.get(f"{CASES}/{receipt['id']}", headers=sender).json()
    by_id = sorted(receipt["accompanying"], key=itemgetter("id"))
    assert adult["accompanied_by"] == by_id, "received in one moment, in the order of their ids"
    assert adult["accompanies"] is None
    for it in receipt["accompanying"]:
        child = client.get(f"{CASES}/{it['id']}", headers=sender).json()
        assert child["accompanies"] == {"id": receipt["id"], "code": receipt["code"]}
        assert child["accompanied_by"] == []


def test_whoever_reaches_neither_learns_of_neither(
    receipt: Any, client: TestClient, token_for: TokenFor
) -> None:
    other = token_for("receiver", organisation_id=uuid4())
    for it in (receipt, *receipt["accompanying"]):
        assert client.get(f"{CASES}/{it['id']}", headers=other).status_code == 404


def test_a_refused_submission_receives_no_child_either(submit: Submit, database: Database) -> None:
    refused = submit(submission(accompanying_minors=CHILDREN, papers=[]))
    assert refused.status_code == 422
    with database.read() as session:
        assert session.scalars(select(Case.id)).all() == []


def test_what_a_restored_database_forgot_has_its_ids_again_with_the_children(
    session: Session, keys: MasterKeys
) -> None:
    """The others know three cases of which nothing is here: all come back under their ids."""
    sender = caller()
    body = CaseCreate.model_validate(submission(accompanying_minors=CHILDREN))
    attempt = Attempt(sender.key_owner, "POST /intake/v1/cases", "lost", "a" * 64)

    def handed() -> reception.Submission:
        asked = Asked(attempt, sender.actor, uuid4())
        return reception.submission(
            asked, body, sender, keys=keys, clock=lambda: NOON, traceparent=None
        )

    lost = [it.case_id for it in handed().sealed]
    for case_id in lost:
        alerts.raise_alert(
            session,
            AlertKind.CASE_FORGOTTEN,
            subject=CaseReceived.type,
            object_id=case_id,
            now=NOON,
        )
    (answer,) = reception.receive(session, [handed()], now=NOON)
    assert isinstance(answer, Answer)
    told = answer.body
    assert [told["id"], *(it["id"] for it in told["accompanying"])] == [str(it) for it in lost]
    beside = session.execute(select(Case.id, Case.accompanies_id).order_by(Case.id)).all()
    assert dict(beside) == {lost[0]: None, lost[1]: lost[0], lost[2]: lost[0]}
    assert alerts.open_objects(session, AlertKind.CASE_FORGOTTEN) == []
