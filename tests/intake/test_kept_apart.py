"""Why two people are kept apart is known to few, and that they are to hardly more.

A reason that was planted is looked for in every row, message, answer and line of a log.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.intake import tasks
from services.intake.models import KeptApart
from services.intake.policy import ApartSight, is_shown
from shared.contracts import StayMoved
from shared.contracts.vocabulary import Role, StayStatus
from shared.kit.audit import AUDIT
from shared.kit.database import Begin, Database
from shared.kit.logging import configure
from tests.intake.acting import organisation, problem
from tests.intake.answers import Headers, Submit, TokenFor
from tests.intake.builders import NOON, paper, person, submission
from tests.intake.test_privacy import everything, shapes
from tests.told import IN_OUTBOX

CANARY = "Chị Vành Khuyên sợ anh Sơn Ca"
APART, NOTICES, CASES = "/intake/v1/kept-apart", "/intake/v1/advance-notices", "/intake/v1/cases"
HERE, THERE = "11680", "11749"


@dataclass
class Two:
    """Two cases: where each is, who owns the place of each, and a house."""

    first: str
    second: str
    near: Headers
    """Whoever owns the place of both."""
    far: Headers
    """Whoever owns cases elsewhere."""
    house: UUID
    houses: Headers


@pytest.fixture
def post(client: TestClient) -> Callable[..., Response]:
    def send(where: str, said: Any, headers: Headers) -> Response:
        extra = {"Idempotency-Key": str(uuid4())}
        answer: Response = client.post(where, json=said, headers=headers | extra)
        return answer

    return send


@pytest.fixture
def two(submit: Submit, begin: Begin, token_for: TokenFor) -> Two:
    near, far, house = uuid4(), uuid4(), uuid4()
    organisation(begin, near, Role.CASE_OWNER, HERE)
    organisation(begin, far, Role.CASE_OWNER, THERE)
    organisation(begin, house, Role.FACILITY)
    made = [
        submit(submission(person=person(present_unit_code=HERE, phones=[]))).json()["id"]
        for _ in range(2)
    ]
    return Two(
        made[0],
        made[1],
        token_for("case_owner", organisation_id=near, areas=(HERE,), client_id="near"),
        token_for("case_owner", organisation_id=far, areas=(THERE,), client_id="far"),
        house,
        token_for("facility", organisation_id=house, client_id="house"),
    )


@pytest.fixture
def tell(post: Callable[..., Response], sender: Headers, two: Two) -> Callable[..., str]:
    def send(**changes: Any) -> str:
        said = {"case_ids": [two.first, two.second], "reason": CANARY} | changes
        answer = post(APART, said, sender)
        assert answer.status_code == 201, answer.text
        assert CANARY not in answer.text
        found: str = answer.json()["id"]
        return found

    return send


@pytest.fixture
def give_part(post: Callable[..., Response], two: Two) -> Callable[[str], None]:
    """The house gets its part in a case."""

    def assign(case_id: str) -> None:
        said = {"organisation_id": str(two.house), "role": "facility", "reason": "shelter_needed"}
        answer = post(f"{CASES}/{case_id}/assignments", said, two.near)
        assert answer.status_code == 201, answer.text

    return assign


@pytest.fixture
def seen(client: TestClient) -> Callable[[str, Headers], list[dict[str, Any]]]:
    def read(case_id: str, headers: Headers) -> list[dict[str, Any]]:
        answer = client.get(f"{CASES}/{case_id}/kept-apart", headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    return read


def moved(case_id: str, house: UUID, status: StayStatus) -> StayMoved:
    return StayMoved(
        occurred_at=NOON,
        case_id=UUID(case_id),
        stay_id=uuid4(),
        move_id=uuid4(),
        status=status,
        facility_id=house,
    )


Seen = Callable[[str, Headers], list[dict[str, Any]]]
Post = Callable[..., Response]


def test_whoever_told_it_and_whoever_owns_both_see_it_whole(
    tell: Callable[..., str], two: Two, seen: Seen, post: Post, sender: Headers
) -> None:
    apart = tell()
    for who in (sender, two.near):
        (it,) = seen(two.first, who)
        assert (it["other_case_id"], it["may_open"], it["may_end"]) == (two.second, True, True)
        opened = post(f"{APART}/{apart}/openings", None, who)
        assert opened.json() == {"id": apart, "reason": CANARY}


def test_whoever_received_them_and_did_not_tell_it_reads_nothing(
    two: Two, seen: Seen, post: Post, sender: Headers
) -> None:
    told = post(APART, {"case_ids": [two.first, two.second], "reason": CANARY}, two.near)
    assert seen(two.first, sender) == []
    refused = post(f"{APART}/{told.json()['id']}/openings", None, sender)
    assert problem(refused) == (404, "kept-apart-not-found")


def test_whoever_owns_one_of_them_learns_that_there_is_somebody_and_no_more(
    two: Two, seen: Seen, post: Post, submit: Submit, sender: Headers
) -> None:
    away = submission(person=person(present_unit_code=THERE, phones=[]))
    third = submit(away).json()["id"]
    told = post(APART, {"case_ids": [two.first, third], "reason": CANARY}, sender).json()["id"]
    for case_id, who in ((two.first, two.near), (third, two.far)):
        (it,) = seen(case_id, who)
        assert (it["other_case_id"], it["other_case_code"]) == (None, None)
        assert (it["is_same_house"], it["may_open"], it["may_end"]) == (False, False, False)
        refused = post(f"{APART}/{told}/openings", None, who)
        assert problem(refused) == (404, "kept-apart-not-found")


def test_a_house_with_one_of_them_learns_nothing_until_the_other_is_near(
    tell: Callable[..., str],
    two: Two,
    seen: Seen,
    give_part: Callable[[str], None],
    begin: Begin,
) -> None:
    tell()
    give_part(two.first)
    assert seen(two.first, two.houses) == []
    with begin() as session:
        tasks.note_stays(session, [moved(two.second, two.house, StayStatus.STAYING)], NOON)
    (it,) = seen(two.first, two.houses)
    assert (it["is_same_house"], it["other_case_code"], it["may_open"]) == (True, None, False)
    with begin() as session:
        tasks.note_stays(session, [moved(two.second, two.house, StayStatus.LEFT)], NOON)
    assert seen(two.first, two.houses) == []


def test_a_house_with_a_part_in_both_opens_why_and_ends_nothing(
    tell: Callable[..., str],
    two: Two,
    seen: Seen,
    post: Post,
    give_part: Callable[[str], None],
) -> None:
    apart = tell()
    give_part(two.first)
    refused = post(f"{APART}/{apart}/openings", None, two.houses)
    assert problem(refused) == (404, "kept-apart-not-found")
    give_part(two.second)
    (it,) = seen(two.second, two.houses)
    assert (it["other_case_id"], it["is_same_house"]) == (two.first, True)
    assert (it["may_open"], it["may_end"]) == (True, False)
    assert post(f"{APART}/{apart}/openings", None, two.houses).json()["reason"] == CANARY
    ended = post(f"{APART}/{apart}/endings", {"reason": "told_in_error"}, two.houses)
    assert problem(ended) == (403, "role-missing")


def test_who_opened_it_stands_in_the_audit_each_time_and_neither_case_does(
    tell: Callable[..., str], two: Two, post: Post, database: Database
) -> None:
    apart = tell()
    for _ in range(2):
        post(f"{APART}/{apart}/openings", None, two.near)
    with database.read() as session:
        entries = session.execute(select(AUDIT).order_by(AUDIT.c.id)).all()
    about = [it for it in entries if it.action.startswith("kept_apart.")]
    assert [it.action for it in about] == ["kept_apart.tell", *["kept_apart.open"] * 2]
    assert {str(it.object_id) for it in about} == {apart}
    assert two.first not in str([it.facts for it in about])


def test_with_the_end_why_is_destroyed_and_nobody_opens_it(
    tell: Callable[..., str], two: Two, post: Post, seen: Seen, database: Database
) -> None:
    apart = tell()
    ended = post(f"{APART}/{apart}/endings", {"reason": "fear_is_over"}, two.near)
    assert ended.json()["ended_at"] is not None
    with database.read() as session:
        (row,) = session.scalars(select(KeptApart)).all()
        assert (row.details, row.wrapped_key, row.master_version) == (None, None, None)
    assert seen(two.first, two.near) == []
    for way, said in (("openings", None), ("endings", {"reason": "fear_is_over"})):
        refused = post(f"{APART}/{apart}/{way}", said, two.near)
        assert problem(refused) == (409, "kept-apart-ended")
    tell()


def test_two_are_kept_apart_once_in_whichever_order_they_are_named(
    tell: Callable[..., str], two: Two, post: Post, sender: Headers
) -> None:
    tell()
    said = {"case_ids": [two.second, two.first], "reason": CANARY}
    assert problem(post(APART, said, sender)) == (409, "kept-apart-already")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"numbers": [1, 2]},
        {"case_ids": [str(uuid4())] * 2},
        {"notice_id": str(uuid4()), "numbers": [1, 1]},
        {"notice_id": str(uuid4()), "numbers": [1, 2], "case_ids": [str(uuid4()), str(uuid4())]},
    ],
)
def test_two_are_named_by_numbers_or_by_cases(
    post: Post, sender: Headers, said: dict[str, Any]
) -> None:
    refused = post(APART, said | {"reason": CANARY}, sender)
    assert problem(refused) == (422, "invalid-request")
    assert CANARY not in refused.text


def test_a_case_that_is_not_ones_to_see_is_kept_apart_from_nobody(
    two: Two, post: Post, token_for: TokenFor
) -> None:
    said = {"case_ids": [two.first, two.second], "reason": CANARY}
    for who in (two.far, token_for("receiver", organisation_id=uuid4())):
        assert problem(post(APART, said, who)) == (404, "case-not-found")


def test_two_of_a_notice_are_kept_apart_as_cases_once_both_are_one(
    *, two: Two, post: Post, submit: Submit, client: TestClient, seen: Seen, sender: Headers
) -> None:
    adult = {"age_band": "adult", "sex": "female"}
    said = {
        "route": "BILATERAL_HANDOVER",
        "expected_on": "2026-03-02",
        "unit_code": HERE,
        "people": [adult, adult],
    }
    notice = post(NOTICES, said, sender).json()["id"]
    told = post(APART, {"notice_id": notice, "numbers": [2, 1], "reason": CANARY}, sender)
    assert told.status_code == 201, told.text
    listed = client.get(f"{NOTICES}/{notice}/kept-apart", headers=two.near).json()["items"]
    assert [(it["numbers"], it["may_open"]) for it in listed] == [([1, 2], True)]

    def arrive(number: int) -> str:
        body = submission(
            route="BILATERAL_HANDOVER",
            papers=[paper("HANDOVER_RECORD")],
            person=person(present_unit_code=HERE, phones=[]),
            advance_notice={"id": notice, "number": number},
        )
        answer = submit(body)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found

    first = arrive(1)
    assert seen(first, two.near) == []
    second = arrive(2)
    assert [it["other_case_id"] for it in seen(first, two.near)] == [second]


@given(sees=some.booleans(), near=some.booleans(), as_facility=some.booleans())
def test_a_house_is_told_only_of_whom_it_may_know_or_has_under_its_roof(
    sees: bool,
    near: bool,
    as_facility: bool,
) -> None:
    shown = is_shown(ApartSight(sees, near), as_facility=as_facility)
    assert shown == (not as_facility or sees or near)


def test_the_database_keeps_no_reason_that_is_over(tell: Callable[..., str], begin: Begin) -> None:
    tell()
    with begin() as session:
        row = session.scalars(select(KeptApart)).one()
        row.ended_at, row.end_reason = row.told_at, "fear_is_over"
        with pytest.raises(IntegrityError, match="kept_while_it_holds"):
            session.flush()
        session.rollback()


def found_in(haystack: str) -> list[str]:
    return [it for it in shapes(CANARY) if it in haystack]


@pytest.fixture
def answers(
    *,
    tell: Callable[..., str],
    two: Two,
    post: Post,
    client: TestClient,
    sender: Headers,
    give_part: Callable[[str], None],
) -> list[Response]:
    """What each who has to do with the two is answered, but where why is opened."""
    apart = tell()
    give_part(two.first)
    give_part(two.second)
    post(f"{APART}/{apart}/openings", None, two.near)
    said = [post(f"{APART}/{apart}/openings", None, two.far)]
    said.append(post(APART, {"case_ids": [two.first, two.second], "reason": CANARY}, sender))
    about = ("", "/journey", "/timeline", "/kept-apart", "/disclosures", "/responsibility")
    for headers in (sender, two.near, two.houses):
        said += [client.get(f"{CASES}/{two.first}{it}", headers=headers) for it in about]
        said += [
            client.get(f"/intake/v1/{it}", headers=headers) for it in ("assignments", "duties")
        ]
    said.append(post(f"{APART}/{apart}/endings", {"reason": "no_longer_near"}, sender))
    return said


def test_why_is_in_no_row_no_message_no_answer_and_no_log(
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
    assert "kept_apart" not in "".join(messages), "no message says that anybody is kept apart"
