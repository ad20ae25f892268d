"""Where somebody is kept safe is known to whoever protects them and the facility, and to no other.

A place that was planted is looked for in every row, message, answer and line of a log.
"""

import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.intake.models import Refuge
from services.intake.policy import FIELDS_BY_LAW, CaseField, LegalPurpose
from shared.kit.audit import AUDIT
from shared.kit.database import Begin, Database
from shared.kit.logging import configure
from tests.intake.acting import PURPOSES, Open, Scene, owner_of, problem
from tests.intake.answers import TokenFor
from tests.intake.test_privacy import everything, shapes
from tests.told import IN_OUTBOX

CANARY = "Phòng Bảy, Nhà Vành Khuyên"
NEXT = "Tầng Chín, Nhà Sơn Ca"
MAY_KNOW = frozenset({LegalPurpose.PROTECTION, LegalPurpose.SHELTER})
Tell = Callable[..., Response]


@pytest.fixture
def tell(client: TestClient, token_for: TokenFor, scene: Scene) -> Tell:
    """Say where the person is, `tell("…")`, or that they are there no more, `tell()`."""

    def post(place: str | None = None, role: str = "protector", **who: Any) -> Response:
        where = f"/intake/v1/cases/{scene.case_id}/refuges"
        organisation_id = who.get("organisation_id", scene.ids.get(role) or uuid4())
        headers = token_for(role, organisation_id=organisation_id)
        headers |= {"Idempotency-Key": str(uuid4())}
        if place is None:
            return client.post(f"{where}/endings", headers=headers)
        return client.post(where, json={"place": place}, headers=headers)

    return post


def kept(database: Database) -> list[tuple[bool, bool]]:
    """Of each record whether it says a place, and whether it is over."""
    with database.read() as session:
        rows = session.scalars(select(Refuge).order_by(Refuge.id)).all()
        return [(row.details is not None, row.ended_at is not None) for row in rows]


def found_in(haystack: str) -> list[str]:
    return [it for it in shapes(CANARY) if it in haystack]


def test_the_only_purposes_that_open_it_are_protection_and_shelter() -> None:
    assert {it for it in LegalPurpose if CaseField.REFUGE in FIELDS_BY_LAW[it]} == MAY_KNOW


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_whoever_protects_and_the_facility_read_it_in_the_file_and_nobody_else_does(
    tell: Tell, open_file: Open, purpose: LegalPurpose
) -> None:
    assert tell(CANARY).status_code == 201
    person = open_file(purpose).json()["person"]
    assert person.get("refuge") == (CANARY if purpose in MAY_KNOW else None)
    assert ("refuge" in person) == (purpose in MAY_KNOW)


@pytest.mark.parametrize("purpose", sorted(set(LegalPurpose) - MAY_KNOW))
def test_whoever_asks_for_it_with_another_purpose_is_refused(
    tell: Tell, open_file: Open, purpose: LegalPurpose
) -> None:
    tell(CANARY)
    refused = open_file(purpose, fields=["refuge"])
    assert problem(refused) == (422, "fields-unfit")
    assert CANARY not in refused.text


@pytest.mark.parametrize("purpose", sorted(MAY_KNOW))
def test_whoever_has_that_role_and_no_part_in_the_case_reads_nothing(
    tell: Tell, open_file: Open, purpose: LegalPurpose
) -> None:
    tell(CANARY)
    assert problem(open_file(purpose, as_id=uuid4())) == (404, "case-unknown")


def test_who_read_it_stands_in_the_audit(tell: Tell, open_file: Open, database: Database) -> None:
    tell(CANARY)
    open_file(LegalPurpose.SHELTER, fields=["refuge"])
    with database.read() as session:
        entries = session.execute(select(AUDIT.c.action, AUDIT.c.facts).order_by(AUDIT.c.id)).all()
    said = [(it.action, it.facts.get("fields")) for it in entries]
    assert ("refuge.record", None) in said
    assert ("file.read", ["refuge"]) in said


def test_a_protector_without_a_part_in_the_case_says_nothing_about_it(
    tell: Tell, database: Database
) -> None:
    assert problem(tell(CANARY, organisation_id=uuid4())) == (404, "case-not-found")
    assert kept(database) == []


@pytest.mark.parametrize("role", ["case_owner", "verifier", "facility", "receiver", "operator"])
def test_only_whoever_protects_says_where(tell: Tell, role: str) -> None:
    assert problem(tell(CANARY, role)) == (403, "role-missing")


def test_a_protector_whose_part_is_over_neither_says_nor_reads_it(
    tell: Tell, open_file: Open, client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    tell(CANARY)
    ended = client.post(
        f"/intake/v1/cases/{scene.case_id}/assignments/{scene.assigned['protector']}/end",
        json={"reason": "no_longer_needed"},
        headers=owner_of(token_for, scene) | {"Idempotency-Key": str(uuid4())},
    )
    assert ended.status_code == 201, ended.text
    assert problem(tell(NEXT)) == (403, "not-responsible-now")
    assert problem(open_file(LegalPurpose.PROTECTION)) == (403, "not-responsible-now")
    assert open_file(LegalPurpose.SHELTER).json()["person"]["refuge"] == CANARY


def test_whoever_is_brought_elsewhere_leaves_nothing_of_where_they_were(
    tell: Tell, open_file: Open, database: Database
) -> None:
    tell(CANARY)
    tell(NEXT)
    assert kept(database) == [(False, True), (True, False)]
    assert open_file(LegalPurpose.PROTECTION).json()["person"]["refuge"] == NEXT


def test_when_it_is_over_the_place_is_destroyed(
    tell: Tell, open_file: Open, database: Database
) -> None:
    assert problem(tell()) == (404, "refuge-not-found")
    tell(CANARY)
    assert tell().json()["ended_at"] is not None
    assert kept(database) == [(False, True)]
    assert open_file(LegalPurpose.PROTECTION).json()["person"]["refuge"] is None
    assert problem(tell()) == (404, "refuge-not-found")


def test_the_database_keeps_no_place_that_is_over(tell: Tell, begin: Begin) -> None:
    tell(CANARY)
    with begin() as session:
        row = session.scalars(select(Refuge)).one()
        row.ended_at = row.recorded_at
        with pytest.raises(IntegrityError, match="kept_while_it_holds"):
            session.flush()
        session.rollback()


@pytest.fixture
def answers(
    tell: Tell, open_file: Open, client: TestClient, token_for: TokenFor, scene: Scene
) -> list[Response]:
    """What each who acts in the case is answered, but those who may know."""
    said = [tell(CANARY), tell(f"{CANARY}\x00"), tell(CANARY, "case_owner")]
    assert [it.status_code for it in said] == [201, 422, 403]
    case = f"/intake/v1/cases/{scene.case_id}"
    about = ("", "/journey", "/timeline", "/contact", "/disclosures", "/responsibility")
    for purpose, (role, _) in PURPOSES.items():
        opened = open_file(purpose)
        assert opened.status_code == 201
        headers = token_for(role, organisation_id=scene.ids[role])
        said += [] if purpose in MAY_KNOW else [opened]
        said += [client.get(f"{case}{it}", headers=headers) for it in about]
        said += [
            client.get(f"/intake/v1/{it}", headers=headers) for it in ("assignments", "duties")
        ]
    return said


def test_the_place_is_in_no_row_no_message_no_answer_and_no_log(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
    database: Database,
) -> None:
    configure("intake", "api")
    caplog.set_level(logging.DEBUG)
    answers: list[Response] = request.getfixturevalue("answers")
    with database.read() as session:
        messages = [str(row) for row in session.execute(IN_OUTBOX.select())]
    output = capfd.readouterr()
    assert messages
    assert found_in(everything(database)) == []
    assert found_in("".join(messages)) == []
    assert found_in("".join(f"{it.text} {it.headers}" for it in answers)) == []
    assert found_in(output.out + output.err + caplog.text) == []
