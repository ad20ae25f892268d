"""Many submissions in one transaction; each is answered for itself, and the vault stays shut."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import orjson
import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.api.reception import plain_case
from services.intake.errors import CodesExhausted
from services.intake.models import (
    Case,
    Consent,
    JourneyStep,
    Paper,
    Person,
    PersonIndex,
)
from services.intake.policy import CaseStatus, IndexedField, case_code, read_code
from services.intake.schemas import CaseCreate
from shared.contracts import CaseReceived, DatedPaper, Message, Queue
from shared.contracts.vocabulary import AgeBand, Citizenship, PaperType
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys, Unreadable
from shared.kit.database import Begin, retry_on_conflict
from shared.kit.errors import DomainError
from shared.kit.idempotency import Answer, IdempotencyKeyReused, RequestInFlight
from tests.intake.builders import (
    IDENTITY_NUMBER,
    NAME,
    NOON,
    PHONE,
    caller,
    facts,
    minor,
    person,
    receive,
    submission,
)
from tests.told import IN_OUTBOX

Told = Callable[[Queue], list[Message]]


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def answered(result: object) -> Answer:
    assert isinstance(result, Answer)
    return result


def test_a_received_case_is_stored_answered_audited_and_told(
    session: Session, keys: MasterKeys, told: Told
) -> None:
    sender = caller()
    submitted = facts(keys, sender=sender)
    (result,) = receive(session, submitted)
    answer = answered(result)
    case = session.get_one(Case, submitted.case_id)
    assert answer.status == 201
    assert answer.headers["Location"] == f"/intake/v1/cases/{case.id}"
    assert answer.body["code"] == case.code == read_code(case.code)
    assert answer.body["warnings"] == []
    assert (case.status, case.version, case.receiver_id) == (
        CaseStatus.RECEIVED,
        1,
        sender.organisation_id,
    )
    assert told(Queue.VERIFICATION) == told(Queue.LIVELIHOOD_SUPPORT)
    assert not any(isinstance(it, CaseReceived) for it in told(Queue.NOTIFICATION)), (
        "verification passes it on"
    )
    (message,) = told(Queue.VERIFICATION)
    assert isinstance(message, CaseReceived)
    assert message.case_code == case.code
    assert message.area_code == "11560"
    assert message.age_band is AgeBand.ADULT
    assert message.citizenship is Citizenship.VIETNAMESE
    assert message.papers == (PaperType.DECLARATION,)
    dated = DatedPaper(type=PaperType.DECLARATION, issued_on=date(2026, 2, 12))
    assert message.dated_papers == (dated,)
    assert [str(each.organisation_kind) for each in message.consents] == ["vocational_school"]
    entry = session.execute(select(AUDIT).where(AUDIT.c.object_id == case.id)).one()
    assert (entry.actor, entry.action, entry.outcome) == ("client:commune", "case.receive", "done")
    (step,) = session.scalars(select(JourneyStep)).all()
    assert (step.kind, step.at) == ("received", NOON)


def test_the_vault_opens_to_what_was_submitted(session: Session, keys: MasterKeys) -> None:
    submitted = facts(keys)
    receive(session, submitted)
    row = session.get_one(Person, submitted.person_id)
    identity = domain.open_identity(keys, row)
    assert identity["full_name"] == NAME
    phone = {"number": PHONE, "safe_to_call": True, "was_reached": False, "is_confirmed": True}
    assert identity["phones"] == [phone]
    assert identity["exploitation"]["country"] == "KH"
    case = session.get_one(Case, submitted.case_id)
    assert domain.open_reference(keys, row, case) == "UBND/2026/7"
    paper = session.scalars(select(Paper)).one()
    assert domain.open_paper(keys, row, paper)["parts"]["unit"] == "PCTNXH"


def test_a_ciphertext_moved_to_another_person_does_not_open(
    session: Session, keys: MasterKeys
) -> None:
    one, other = facts(keys), facts(keys)
    receive(session, one, other)
    mine, hers = session.get_one(Person, one.person_id), session.get_one(Person, other.person_id)
    mine.identity, hers.identity = hers.identity, mine.identity
    with pytest.raises(Unreadable):
        domain.open_identity(keys, mine)
    mine.wrapped_key, mine.master_version = hers.wrapped_key, hers.master_version
    with pytest.raises(Unreadable):
        domain.open_identity(keys, mine)


def test_a_ciphertext_moved_to_another_column_does_not_open(
    session: Session, keys: MasterKeys
) -> None:
    submitted = facts(keys)
    receive(session, submitted)
    row = session.get_one(Person, submitted.person_id)
    case = session.get_one(Case, submitted.case_id)
    case.sender_reference = row.identity
    with pytest.raises(Unreadable):
        domain.open_reference(keys, row, case)


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_a_changed_bit_is_noticed(session: Session, keys: MasterKeys, place: int) -> None:
    submitted = facts(keys)
    receive(session, submitted)
    row = session.get_one(Person, submitted.person_id)
    changed = bytearray(row.identity)
    changed[place] ^= 1
    row.identity = bytes(changed)
    with pytest.raises(Unreadable):
        domain.open_identity(keys, row)


def test_a_rotated_master_key_opens_what_the_old_one_wrapped(
    session: Session, keys: MasterKeys
) -> None:
    submitted = facts(keys)
    receive(session, submitted)
    rotated = MasterKeys(keys={**keys.keys, 2: bytes(range(1, 33))}, index_key=keys.index_key)
    row = session.get_one(Person, submitted.person_id)
    assert domain.open_identity(rotated, row)["full_name"] == NAME
    newer = facts(rotated)
    receive(session, newer)
    assert session.get_one(Person, newer.person_id).master_version == 2


def test_numbers_are_found_by_their_digest_whatever_their_spelling(
    session: Session, keys: MasterKeys
) -> None:
    spelled = person(
        phones=[{"number": "091 234 5678", "safe_to_call": False}],
        identity_documents=[{"type": "CCCD", "number": "031 199 000 123"}],
    )
    receive(session, facts(keys), facts(keys, submission(person=spelled)))
    for field, value in (
        (IndexedField.PHONE, PHONE),
        (IndexedField.IDENTITY_NUMBER, IDENTITY_NUMBER),
    ):
        digest = keys.blind_index(field, value)
        found = select(PersonIndex.person_id).where(
            PersonIndex.field == field, PersonIndex.blind_index == digest
        )
        assert len(session.scalars(found).all()) == 2


def test_a_repeat_gets_the_first_answer_and_stores_nothing(
    session: Session, keys: MasterKeys, told: Told
) -> None:
    sender = caller()
    first, repeat = (facts(keys, key="k", sender=sender) for _ in range(2))
    (before,) = receive(session, first)
    (after,) = receive(session, repeat)
    assert answered(after).body == answered(before).body
    assert count(session, Case) == count(session, Person) == 1
    assert len(told(Queue.VERIFICATION)) == 1


def test_one_bad_among_many_is_refused_alone(session: Session, keys: MasterKeys) -> None:
    sender = caller()
    receive(session, facts(keys, key="used", sender=sender))
    reused = facts(keys, key="used", sender=sender, fingerprint="b" * 64)
    many = [facts(keys, sender=sender) for _ in range(5)]
    results = receive(session, *many[:2], reused, *many[2:])
    assert isinstance(results[2], IdempotencyKeyReused)
    assert [answered(it).status for place, it in enumerate(results) if place != 2] == [201] * 5
    assert [answered(it).body["id"] for place, it in enumerate(results) if place != 2] == [
        str(each.case_id) for each in many
    ]
    assert count(session, Case) == 6


def test_the_same_key_twice_in_one_batch_is_one_case(session: Session, keys: MasterKeys) -> None:
    sender = caller()
    results = receive(session, *(facts(keys, key="k", sender=sender) for _ in range(3)))
    assert sorted(type(it).__name__ for it in results) == [
        Answer.__name__,
        RequestInFlight.__name__,
        RequestInFlight.__name__,
    ]
    assert count(session, Case) == 1


def test_a_taken_code_is_drawn_again(session: Session, keys: MasterKeys) -> None:
    drawn: Iterator[str] = iter([case_code(it) for it in ("1111111", "1111111", "2222222")])
    one, other = receive(session, facts(keys), facts(keys), draw=lambda *_: next(drawn))
    codes = {answered(one).body["code"], answered(other).body["code"]}
    assert codes == {case_code("1111111"), case_code("2222222")}
    assert {case.code for case in session.scalars(select(Case))} == codes


def test_a_code_that_somebody_takes_meanwhile_is_drawn_again(
    begin: Begin, keys: MasterKeys
) -> None:
    theirs, mine = facts(keys), facts(keys)
    stored: list[Answer | DomainError] = []

    def draw(_name: bytes, turn: int) -> str:
        return case_code(f"{turn + 1}" * 7)

    def transact() -> Sequence[Answer | DomainError]:
        with begin() as session:
            answers = receive(session, mine, draw=draw)
            if not stored:
                # It has looked, and its own is not committed yet.
                with begin() as other:
                    stored.extend(receive(other, theirs, draw=draw))
            return answers

    (answer,) = retry_on_conflict(transact)
    codes = [answered(it).body["code"] for it in (*stored, answer)]
    assert codes == [case_code("1111111"), case_code("2222222")]


def test_endless_collisions_are_a_fault(session: Session, keys: MasterKeys) -> None:
    with pytest.raises(CodesExhausted):
        receive(session, facts(keys), facts(keys), draw=lambda *_: case_code("1111111"))


def test_the_officer_who_received_her_is_kept_sealed_with_the_person(
    session: Session, keys: MasterKeys
) -> None:
    submitted = facts(keys, submission(receiving_officer="Đại úy Hư Cấu"))
    receive(session, submitted)
    row = session.get_one(Person, submitted.person_id)
    assert domain.open_identity(keys, row)["receiving_officer"] == "Đại úy Hư Cấu"


def test_a_submission_with_nothing_optional_is_stored(session: Session, keys: MasterKeys) -> None:
    bare = {
        "route": "RESCUED",
        "person": {
            "full_name": "A",
            "sex": "other",
            "birth_year": 2008,
            "nationality": "stateless",
            "origin_unit_code": "11680",
        },
        "representative": {"full_name": "B", "relation": "official", "is_suspect": False},
        "best_interest_note": "Chưa rõ tuổi:\nbảo vệ trước.",
    }
    submitted = facts(keys, bare)
    receive(session, submitted)
    case = session.get_one(Case, submitted.case_id)
    # Only the year is known: born on 31 December, the person is still 17.
    assert (case.age_band, case.citizenship) == (AgeBand.UNDER_18, Citizenship.STATELESS)
    assert case.area_code == "11680"
    assert count(session, Consent) == count(session, Paper) == count(session, PersonIndex) == 0


def test_a_child_is_under_16(session: Session, keys: MasterKeys, told: Told) -> None:
    receive(session, facts(keys, minor()))
    (message,) = told(Queue.VERIFICATION)
    assert isinstance(message, CaseReceived)
    assert message.age_band is AgeBand.UNDER_16


def test_the_trace_of_the_request_travels_with_the_case(
    session: Session, keys: MasterKeys, told: Told
) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    receive(session, facts(keys, traceparent=trace))
    told(Queue.VERIFICATION)
    assert set(session.scalars(select(IN_OUTBOX.c.traceparent))) == {trace}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_many_cases_are_one_question_and_one_answer_to_the_database(
    begin: Begin, engine: Engine, keys: MasterKeys
) -> None:
    for size in (1, 40):
        with statements(engine) as seen, begin() as session:
            receive(session, *(facts(keys) for _ in range(size)))
        # What waits leaves with these: the ledger of keys is asked, and COMMIT follows the rest.
        assert [said.split()[0] for said in seen] == ["SELECT", "COMMIT"]


def test_nothing_that_identifies_shows_in_a_representation(keys: MasterKeys) -> None:
    body = CaseCreate.model_validate(submission())
    plain = plain_case(body, caller(), lambda: NOON)
    shown = [body, body.person, body.person.phones, body.papers, plain, plain.papers, facts(keys)]
    text = "".join(f"{it!r} {it!s}" for it in [*shown, body.statement()])
    for secret in (NAME, PHONE, IDENTITY_NUMBER, "UBND", "SLĐTBXH"):
        assert secret not in text
    assert orjson.dumps(plain.identity).decode().count(NAME) == 1
