"""A handover that is announced: who sees it, what becomes of each who comes, and of the others."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as some

from services.intake import domain
from services.intake.errors import (
    AdvanceNoticeCancelled,
    ExpectedPersonNotFound,
    ExpectedPersonSettled,
    NobodyExpected,
)
from services.intake.policy import (
    MOST_EXPECTED,
    Duty,
    Expected,
    check_open,
    check_settling,
)
from shared.contracts import AdvanceNoticeChanged, Queue
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Role, Sex
from shared.duties import find_duties
from shared.kit.database import Begin
from tests.intake.acting import organisation, problem
from tests.intake.answers import Headers, Submit, TokenFor
from tests.intake.builders import NOON, paper, submission
from tests.subjects import somebody

E = ExpectedStatus
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
KEY = str(uuid4())
NOTICES = "/intake/v1/advance-notices"
ADULT = {"age_band": "adult", "sex": "female", "languages": ["vi"]}
CHILD = {"age_band": "under_16", "sex": "male", "languages": ["km"], "needs_interpreter": True}
Give = Callable[..., dict[str, Any]]
Do = Callable[..., Response]


def body(*people: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "route": "BILATERAL_HANDOVER",
        "expected_on": "2026-03-02",
        "unit_code": "11680",
        "people": list(people or (ADULT, CHILD)),
    } | changes


def handed_over(**changes: Any) -> dict[str, Any]:
    return submission(route="BILATERAL_HANDOVER", papers=[paper("HANDOVER_RECORD")], **changes)


@pytest.fixture
def do(client: TestClient, sender: Headers) -> Do:
    """Post something about notices, as whoever submits unless another is named."""

    def post(
        where: str,
        said: Any,
        *,
        headers: Headers | None = None,
        version: int = 1,
        key: str | None = None,
    ) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4()), "If-Match": f'"{version}"'}
        answer: Response = client.post(
            f"{NOTICES}{where}", json=said, headers=(headers or sender) | extra
        )
        return answer

    return post


@pytest.fixture
def give(do: Do) -> Give:
    def post(*people: dict[str, Any], **changes: Any) -> dict[str, Any]:
        answer = do("", body(*people, **changes))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return post


@pytest.fixture
def read(client: TestClient, sender: Headers) -> Callable[..., dict[str, Any]]:
    def get(notice_id: str, headers: Headers | None = None) -> dict[str, Any]:
        found: dict[str, Any] = client.get(
            f"{NOTICES}/{notice_id}", headers=headers or sender
        ).json()
        return found

    return get


def met(notice: dict[str, Any], number: int) -> dict[str, Any]:
    return handed_over(advance_notice={"id": notice["id"], "number": number})


def statuses(notice: dict[str, Any]) -> list[str]:
    return [each["status"] for each in notice["people"]]


def test_a_notice_says_numbers_and_what_a_house_prepares_and_tells_it(
    give: Give, told: Callable[[Queue], list[Any]], organisation_id: UUID
) -> None:
    made = give()
    assert [(it["number"], it["needs_escort"]) for it in made["people"]] == [(1, False), (2, True)]
    assert (made["expected"], made["received"], made["absent"]) == (2, 0, 0)
    (said,) = [it for it in told(Queue.LIVELIHOOD_SUPPORT) if isinstance(it, AdvanceNoticeChanged)]
    assert (said.announcer_id, said.area_code, said.area_on) == (organisation_id, "11680", TODAY)
    assert [(it.status, it.needs_escort) for it in said.people] == [
        (E.EXPECTED, False),
        (E.EXPECTED, True),
    ]


@given(age_band=some.sampled_from(AgeBand), told=some.booleans())
def test_whoever_is_under_18_is_escorted_whatever_is_told(age_band: AgeBand, told: bool) -> None:
    person = Expected(age_band, Sex.FEMALE, ("vi",), needs_interpreter=False, needs_escort=told)
    assert person.is_escorted == (told or age_band is not AgeBand.ADULT)


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"route": "RESCUED"}, "invalid-request", "/route"),
        ({"unit_code": "99999"}, "invalid-request", "/unit_code"),
        ({"people": []}, "invalid-request", "/people"),
        ({"people": [ADULT] * (MOST_EXPECTED + 1)}, "invalid-request", "/people"),
        ({"people": [ADULT | {"full_name": "A"}]}, "invalid-request", "/people/0"),
        ({"people": [ADULT | {"birth_date": "2001-01-01"}]}, "invalid-request", "/people/0"),
        ({"expected_on": "2026-03-01"}, "expected-day-unfit", "earliest"),
    ],
)
def test_what_cannot_be_announced_is_refused_by_its_field(
    do: Do, changes: dict[str, Any], code: str, where: str
) -> None:
    refused = do("", body(**changes))
    assert problem(refused) == (422, code)
    assert where in refused.text


def test_the_same_request_gives_one_notice(do: Do, client: TestClient, sender: Headers) -> None:
    first, again = (do("", body(), key=KEY) for _ in range(2))
    assert first.json() == again.json()
    assert len(client.get(NOTICES, headers=sender).json()["items"]) == 1


def test_lists_come_in_pages_newest_first_and_may_be_empty(
    give: Give, do: Do, client: TestClient, sender: Headers, token_for: TokenFor
) -> None:
    assert client.get(NOTICES, headers=token_for("receiver")).json()["items"] == []
    made = [give()["id"] for _ in range(3)]
    first = client.get(NOTICES, params={"page_size": 2}, headers=sender).json()
    cursor = {"page_size": 2, "cursor": first["next_cursor"]}
    second = client.get(NOTICES, params=cursor, headers=sender).json()
    assert [it["id"] for it in first["items"] + second["items"]] == made[::-1]
    do(f"/{made[0]}/cancellation", {"reason": "called_off"})
    still = client.get(NOTICES, params={"is_open": "true"}, headers=sender).json()["items"]
    assert [it["id"] for it in still] == made[:0:-1]


def test_on_the_day_each_becomes_a_case_that_is_linked(
    give: Give, submit: Submit, read: Callable[..., Any], told: Callable[[Queue], list[Any]]
) -> None:
    made = give()
    answer = submit(met(made, 2), key=KEY)
    assert answer.status_code == 201, answer.text
    again = submit(met(made, 2), key=KEY)
    assert again.json() == answer.json()
    now = read(made["id"])
    assert statuses(now) == ["expected", "received"]
    assert now["people"][1]["case_code"] == answer.json()["code"]
    said = [it for it in told(Queue.LIVELIHOOD_SUPPORT) if isinstance(it, AdvanceNoticeChanged)]
    assert [str(it.case_id) for it in said[-1].people if it.case_id] == [answer.json()["id"]]
    assert said[-1].occurred_at >= said[0].occurred_at


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("missing", (404, "advance-notice-not-found")),
        ("others", (404, "advance-notice-not-found")),
        ("cancelled", (409, "advance-notice-cancelled")),
        ("linked", (409, "expected-person-settled")),
        ("nobody", (404, "expected-person-not-found")),
        ("route", (409, "notice-route-unfit")),
    ],
)
def test_a_submission_that_is_nobody_of_the_notice_is_refused_and_stores_nothing(
    give: Give, submit: Submit, request: pytest.FixtureRequest, spoil: str, code: tuple[int, str]
) -> None:
    do, client, sender, token_for = (
        request.getfixturevalue(each) for each in ("do", "client", "sender", "token_for")
    )
    made = give()
    said, headers = met(made, 1), sender
    if spoil == "missing":
        said["advance_notice"]["id"] = str(uuid4())
    elif spoil == "others":
        headers = token_for("receiver", organisation_id=uuid4(), client_id="another")
    elif spoil == "cancelled":
        do(f"/{made['id']}/cancellation", {"reason": "called_off"})
    elif spoil == "linked":
        assert submit(met(made, 1)).status_code == 201
    elif spoil == "nobody":
        said["advance_notice"]["number"] = 3
    else:
        said = submission(advance_notice=said["advance_notice"])
    before = len(client.get("/intake/v1/cases", headers=headers).json()["items"])
    assert problem(submit(said, headers=headers)) == code
    assert len(client.get("/intake/v1/cases", headers=headers).json()["items"]) == before


def test_whoever_owns_cases_there_sees_it_and_the_next_owner_does_not(
    give: Give, begin: Begin, read: Callable[..., Any], token_for: TokenFor, submit: Submit
) -> None:
    near, wide = uuid4(), uuid4()
    organisation(begin, near, Role.CASE_OWNER, "11680")
    organisation(begin, wide, Role.CASE_OWNER, "31")
    made = give()
    owner = token_for("case_owner", organisation_id=near, areas=("11680",))
    other = token_for("case_owner", organisation_id=wide, areas=("31",))
    assert read(made["id"], owner)["expected"] == 2
    assert read(made["id"], other)["status"] == 404
    assert submit(met(made, 1), headers=owner).status_code == 201
    seen = read(made["id"])
    assert (statuses(seen)[0], seen["people"][0]["case_id"]) == ("received", None), (
        "who gave the notice learns that they came, and of no case that is not theirs to read"
    )


def test_a_case_that_was_submitted_already_is_linked_by_hand(
    give: Give, do: Do, submit: Submit, token_for: TokenFor
) -> None:
    made, case_id = give(), submit(handed_over()).json()["id"]
    first, second = (f"/{made['id']}/people/{number}/reception" for number in (1, 2))
    assert problem(do(first, {"case_id": str(uuid4())})) == (404, "case-not-found")
    linked = do(first, {"case_id": case_id})
    assert statuses(linked.json()) == ["received", "expected"]
    assert problem(do(second, {"case_id": case_id})) == (409, "case-from-notice")
    assert problem(do(first, {"case_id": case_id})) == (409, "expected-person-settled")
    rescued = submit(submission()).json()["id"]
    assert problem(do(second, {"case_id": rescued})) == (409, "notice-route-unfit")
    stranger = token_for("receiver", organisation_id=uuid4())
    refused = do(second, {"case_id": case_id}, headers=stranger)
    assert problem(refused) == (404, "advance-notice-not-found")


def test_whoever_does_not_come_may_come_later(give: Give, do: Do, submit: Submit) -> None:
    made = give()
    where = f"/{made['id']}/people/1/absence"
    assert statuses(do(where, {"reason": "taken_elsewhere"}).json())[0] == "absent"
    assert problem(do(where, {"reason": "taken_elsewhere"})) == (409, "expected-person-settled")
    assert submit(met(made, 1)).status_code == 201


def test_the_day_is_changed_and_a_notice_cancelled_as_they_were_read(give: Give, do: Do) -> None:
    made = give()
    day, end = f"/{made['id']}/day", f"/{made['id']}/cancellation"
    assert problem(do(day, {"expected_on": "2026-03-01"})) == (422, "expected-day-unfit")
    moved = do(day, {"expected_on": "2026-03-05"})
    assert (moved.json()["expected_on"], moved.json()["version"]) == ("2026-03-05", 2)
    assert problem(do(end, {"reason": "called_off"})) == (412, "version-changed")
    assert do(end, {"reason": "called_off"}, version=2).status_code == 201
    refused = do(day, {"expected_on": "2026-03-06"}, version=3)
    assert problem(refused) == (409, "advance-notice-cancelled")


def test_when_the_day_has_passed_the_giver_and_the_owner_must_say_what_became_of_them(
    give: Give, do: Do, begin: Begin, organisation_id: UUID
) -> None:
    owner = uuid4()
    organisation(begin, owner, Role.CASE_OWNER, "11680")
    made = give(ADULT)
    giver = somebody(organisation_id, Role.RECEIVER)
    owning = somebody(owner, Role.CASE_OWNER, areas=("11680",))

    def duties(subject: Any, days: int) -> list[tuple[str, UUID]]:
        with begin() as session:
            found, _ = find_duties(
                session,
                domain.DUTIES,
                subject=subject,
                now=NOON + days * DAY,
                after=None,
                size=20,
            )
            return [(it.what, it.object_id) for it in found if it.subject == "advance_notice"]

    owed = [(Duty.SETTLE_HANDOVER, UUID(made["id"]))]
    assert duties(giver, 0) == duties(owning, 0) == []
    assert duties(giver, 1) == duties(owning, 1) == owed
    assert duties(somebody(uuid4(), Role.RECEIVER), 1) == []
    do(f"/{made['id']}/people/1/absence", {"reason": "not_handed_over"})
    assert duties(giver, 1) == duties(owning, 1) == []


MOVES = some.lists(some.tuples(some.sampled_from(E), some.integers(1, 4)), max_size=12)


@given(moves=MOVES, is_cancelled=some.booleans())
def test_in_random_moves_nobody_is_received_twice_and_nothing_moves_once_it_is_cancelled(
    moves: list[tuple[E, int]],
    is_cancelled: bool,
) -> None:
    people = dict.fromkeys((1, 2, 3), E.EXPECTED)
    received: list[int] = []
    for to, number in moves:
        if to is E.EXPECTED:
            continue
        try:
            check_settling(people, number, to, is_cancelled=is_cancelled)
        except (AdvanceNoticeCancelled, ExpectedPersonNotFound, ExpectedPersonSettled):
            continue
        people[number] = to
        received += [number] if to is E.RECEIVED else []
    assert len(received) == len(set(received))
    assert not (is_cancelled and received)
    if E.EXPECTED not in people.values():
        with pytest.raises((AdvanceNoticeCancelled, NobodyExpected)):
            check_open(people, is_cancelled=is_cancelled)
