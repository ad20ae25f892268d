"""A birth date is corrected, a birthday passes: what follows is told, and nothing is revealed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.domain.vault import key_of
from services.intake.models import Case, Correction, Person
from shared.contracts import AgeBandChanged, Message, Queue
from shared.contracts.vocabulary import AgeBand, AgeBandCause
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from tests.intake.answers import TokenFor, errors, problem
from tests.intake.builders import NOON, caller, facts, minor, person, receive, submission
from tests.intake.messages import opened
from tests.told import IN_OUTBOX

Told = Callable[[Queue], list[Message]]
Correct = Callable[..., Response]
WITHOUT_MEANS = {"exploitation": {"types": ["ForcedLabour"], "country": "KH"}}


@pytest.fixture
def organisation_id() -> UUID:
    return uuid4()


@pytest.fixture
def case_id(begin: Begin, keys: MasterKeys, organisation_id: UUID) -> UUID:
    submitted = facts(keys, submission(**WITHOUT_MEANS), sender=caller(organisation_id))
    with begin() as session:
        receive(session, submitted)
    return submitted.case_id


@pytest.fixture
def correct(
    client: TestClient, case_id: UUID, token_for: TokenFor, organisation_id: UUID
) -> Correct:
    def send(body: Any, *, version: int = 1, headers: dict[str, str] | None = None) -> Response:
        sender = headers or token_for("receiver", organisation_id=organisation_id)
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        answer: Response = client.post(
            f"/intake/v1/cases/{case_id}/corrections", json=body, headers={**sender, **extra}
        )
        return answer

    return send


def test_a_corrected_birth_date_changes_what_hangs_on_the_age(
    correct: Correct, database: Database, case_id: UUID
) -> None:
    answer = correct({"birth_date": "2009-05-04", "reason": "paper_shown"})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"2"'
    said = answer.json()
    assert (said["age_band"], said["was_minor_at_act"]) == ("under_18", True)
    assert "2009" not in answer.text
    with database.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.age_band, case.band_ends_on) == ("under_18", date(2027, 6, 1))
        assert case.warnings == ["identity_number_year", "representative_missing"]


def test_it_is_told_to_those_who_keep_the_band(correct: Correct, database: Database) -> None:
    correct({"birth_date": "2009-05-04", "reason": "paper_shown"})
    with database.read() as session:
        bodies = session.execute(
            select(IN_OUTBOX.c.destination, IN_OUTBOX.c.body).where(
                IN_OUTBOX.c.type == AgeBandChanged.type
            )
        ).all()
    assert {row.destination for row in bodies} == {"verification", "livelihood_support"}
    told = AgeBandChanged.model_validate(bodies[0].body)
    assert (told.age_band, told.cause) == (AgeBand.UNDER_18, AgeBandCause.CORRECTION)
    assert "2009" not in str(bodies[0].body).replace(str(told.case_id), "")


def test_a_correction_that_changes_no_band_is_told_to_nobody(
    correct: Correct, database: Database
) -> None:
    assert correct({"birth_date": "1999-06-04", "reason": "recorded_wrongly"}).status_code == 201
    with database.read() as session:
        types = session.scalars(select(IN_OUTBOX.c.type)).all()
    assert AgeBandChanged.type not in types


def test_when_the_act_began_can_be_told_later(
    correct: Correct, database: Database, case_id: UUID
) -> None:
    answer = correct({"began": "2016", "reason": "person_said"})
    assert answer.json()["was_minor_at_act"] is True
    with database.read() as session:
        assert session.get_one(Case, case_id).warnings == []


def test_what_was_told_first_stays_sealed_beside_it(
    correct: Correct, begin: Begin, keys: MasterKeys, case_id: UUID
) -> None:
    correct({"birth_year": 1998, "reason": "person_said"})
    correct({"birth_date": "1998-02-03", "began": "2015-01", "reason": "paper_shown"}, version=2)
    with begin() as session:
        who = session.get_one(Person, session.get_one(Case, case_id).person_id)
        now_known = domain.open_identity(keys, who)
        first = key_of(keys, who).open(who.identity, place=f"persons|identity|{who.id}")
    assert (now_known["birth_date"], now_known["birth_year"]) == ("1998-02-03", None)
    assert now_known["exploitation"] == {
        "types": ["ForcedLabour"],
        "country": "KH",
        "means": [],
        "began": "2015-01",
        "ended": None,
    }
    assert orjson.loads(first)["birth_date"] == "1999-05-04"


def test_nothing_of_it_is_readable_without_the_key(correct: Correct, database: Database) -> None:
    correct({"birth_date": "2009-05-13", "reason": "paper_shown"})
    with database.read() as session:
        rows = session.execute(select(Correction)).scalars().all()
        audited = session.execute(select(AUDIT.c.facts)).scalars().all()
    assert len(rows) == 1
    for kept in (bytes(rows[0].details), str(audited).encode()):
        assert b"2009" not in kept
        assert b"05-13" not in kept


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"birth_date": "2026-03-03", "reason": "paper_shown"}, ("/birth_date", "in_future")),
        ({"birth_year": 1901, "reason": "paper_shown"}, ("/birth_year", "beyond_lifespan")),
        ({"began": "1990", "reason": "paper_shown"}, ("/began", "before_birth")),
        (
            {"began": "2020", "ended": "2019", "reason": "paper_shown"},
            ("/ended", "ends_before_begin"),
        ),
        ({"began": "2027", "reason": "paper_shown"}, ("/began", "in_future")),
        ({"began": "2020-13", "reason": "paper_shown"}, ("/began", "date_parsing")),
        ({"reason": "paper_shown"}, ("/", "nothing_corrected")),
    ],
)
def test_what_cannot_be_is_refused(
    correct: Correct, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert fault in errors(correct(body))


def test_a_birth_to_come_is_one_fault(correct: Correct) -> None:
    answer = correct({"birth_year": 2027, "reason": "paper_shown"})
    assert [it["rule"] for it in answer.json()["errors"]] == ["in_future"]


def test_nobody_is_born_after_they_were_received(
    begin: Begin, keys: MasterKeys, correct: Correct, case_id: UUID
) -> None:
    with begin() as session:
        case = session.get_one(Case, case_id)
        case.received_at = NOON - timedelta(days=400)
    answer = correct({"birth_date": "2025-02-01", "reason": "paper_shown"})
    assert errors(answer) == {("/birth_date", "after_reception")}
    assert answer.json()["errors"][0]["message"] == "Sau ngày tiếp nhận."
    assert correct({"birth_year": 2025, "reason": "paper_shown"}).status_code == 201


def test_a_case_that_was_read_before_somebody_changed_it_is_not_corrected(
    correct: Correct,
) -> None:
    correct({"birth_year": 1998, "reason": "person_said"})
    again = correct({"birth_year": 1997, "reason": "person_said"})
    assert problem(again)[0] == 412


def test_what_others_tell_and_a_birthday_refuse_no_correction(
    correct: Correct, begin: Begin, case_id: UUID
) -> None:
    with begin() as session:
        tasks.note_verifications(session, [opened(case_id)], NOON)
        case = session.get_one(Case, case_id)
        case.age_band, case.band_ends_on = AgeBand.UNDER_18, NOON.date()
    with begin() as session:
        assert domain.advance_age_bands(session, NOON) == 1
    assert correct({"birth_year": 1998, "reason": "person_said"}, version=1).status_code == 201
    later = correct({"birth_year": 1997, "reason": "person_said"}, version=3)
    assert problem(later)[0] == 412
    assert later.json()["version"] == 4


def test_the_case_of_another_does_not_exist(correct: Correct, token_for: TokenFor) -> None:
    stranger = token_for("receiver", organisation_id=uuid4())
    answer = correct({"birth_year": 1998, "reason": "person_said"}, headers=stranger)
    assert problem(answer)[0] == 404


@pytest.mark.parametrize(
    ("months", "band"),
    [(4, "under_18"), (28, "adult")],
)
def test_a_birthday_passes_without_the_vault_being_opened(
    session: Session, keys: MasterKeys, told: Told, months: int, band: str
) -> None:
    """Born on 2010-06-01, the person turns 16 on the first of June 2026 and 18 two years later."""
    receive(session, facts(keys, minor()))
    when = datetime(2026 + (2 + months) // 12, (2 + months) % 12 + 1, 1, tzinfo=UTC)
    assert domain.advance_age_bands(session, when) == 1
    case = session.scalars(select(Case)).one()
    assert (case.age_band, case.version) == (band, 2)
    assert domain.advance_age_bands(session, when) == 0
    for queue in AgeBandChanged.to:
        message = told(queue)[-1]
        assert isinstance(message, AgeBandChanged)
        assert (message.age_band, message.cause) == (band, AgeBandCause.BIRTHDAY)
        assert message.was_minor_at_act is True


def test_before_the_first_of_the_month_nothing_changes(session: Session, keys: MasterKeys) -> None:
    child = person(birth_date="2010-05-02", identity_documents=[], phones=[])
    receive(session, facts(keys, minor(person=child)))
    midnight = datetime(2026, 5, 31, 17, 0, tzinfo=UTC)
    assert domain.advance_age_bands(session, midnight - timedelta(seconds=1)) == 0
    assert domain.advance_age_bands(session, midnight) == 1


def test_one_inconsistent_case_stops_no_other_from_growing_older(
    session: Session, keys: MasterKeys
) -> None:
    receive(session, *(facts(keys, minor()) for _ in range(3)))
    first = session.scalars(select(Case.id).order_by(Case.id)).first()
    session.execute(text("UPDATE cases SET version = 2147483647 WHERE id = :id"), {"id": first})
    assert domain.advance_age_bands(session, NOON + timedelta(days=200)) == 2
