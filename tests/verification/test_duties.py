"""What a verifier and a case owner must do: computed from what stands open, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from services.verification import api, domain
from services.verification.models import Verification
from services.verification.policy import Duty, Move, MoveFacts, MoveReason
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role, VerificationOutcome
from shared.duties import DutyRow, Urgency, find_duties, urgency_of
from shared.duties.api import duties_routes
from shared.kit.clock import local_date, start_of_day
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.subjects import somebody
from tests.verification.builders import (
    IDENTIFY,
    LONG_AGO,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    reader_of,
)

BASE = "/verification/v1"
OLD_LAW = datetime(2024, 5, 6, 5, tzinfo=UTC)
"""A Monday on which the law of 2011 held, of which a period is known."""
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
RESUME = MoveFacts(Move.RESUME)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
WITHDRAW = MoveFacts(
    Move.CONCLUDE, outcome=VerificationOutcome.WITHDRAWN, reason=MoveReason.PERSON_WITHDREW
)
HERE, THERE = "11359", "11593"


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture
def old(bench: Bench) -> Bench:
    return bench.at(OLD_LAW)


def duties(bench: Bench, subject: Subject, size: int = 100) -> Sequence[DutyRow]:
    bench.session.flush()
    found, counted = find_duties(
        bench.session, domain.DUTIES, subject=subject, now=bench.now, after=None, size=size
    )
    assert counted.total == len(found)
    return found


def whats(bench: Bench, subject: Subject) -> Sequence[str]:
    return [each.what for each in duties(bench, subject)]


def owner(area: str = "31") -> Subject:
    return somebody(uuid4(), Role.CASE_OWNER, areas=(area,))


def test_each_status_is_one_duty_of_whoever_decides(bench: Bench) -> None:
    police = reader_of(bench.police())
    made = bench.opened()
    assert whats(bench, police) == [Duty.START_VERIFICATION]
    for move, what in (
        (START, Duty.DECIDE_VERIFICATION),
        (PAUSE, Duty.RESUME_VERIFICATION),
        (RESUME, Duty.DECIDE_VERIFICATION),
        (EXTEND, Duty.DECIDE_VERIFICATION),
    ):
        bench.move(made, move)
        assert whats(bench, police) == [what]
    bench.move(made, IDENTIFY)
    assert whats(bench, police) == []


def test_a_duty_names_the_case_as_people_do_and_no_person(bench: Bench) -> None:
    police = reader_of(bench.police())
    made = bench.opened()
    (found,) = duties(bench, police)
    assert (found.case_code, found.age_band) == (made.case_code, made.age_band)
    assert (found.area_code, found.area_on, found.sex) == (made.area_code, made.area_told_on, None)
    assert made.case_code == "HP-7K3M-9Q2F"


def test_whoever_is_not_asked_has_nothing_to_do(bench: Bench) -> None:
    bench.police()
    bench.opened()
    for subject in (reader_of(None), owner(), somebody(uuid4(), Role.RECEIVER)):
        assert whats(bench, subject) == []


def test_without_an_authority_it_is_the_case_owners(bench: Bench) -> None:
    bench.opened()
    assert whats(bench, owner()) == [Duty.FIND_AUTHORITY]


def test_when_the_authority_ends_it_is_the_case_owners(bench: Bench) -> None:
    police = bench.police()
    made = bench.opened()
    bench.organisation(organisation_id=police, is_active=False)
    bench.session.flush()
    domain.watch_standstills(bench.session, bench.now)
    (found,) = duties(bench, owner())
    assert (found.what, found.object_id, found.case_id) == (
        Duty.FIND_AUTHORITY, made.id, made.case_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("end", "what"),
    [(NEGATIVE, Duty.TELL_OF_DECISION), (WITHDRAW, Duty.ASK_WHY_WITHDRAWN)],
    ids=["not identified", "withdrawn"],
)
def test_what_ended_otherwise_is_the_case_owners_until_it_is_opened_again(
    bench: Bench, end: MoveFacts, what: Duty
) -> None:
    police = reader_of(bench.police())
    made = bench.opened()
    bench.move(made, START, end)
    (found,) = duties(bench, owner())
    assert (found.what, found.object_id, found.case_code) == (what, made.id, made.case_code)
    assert found.since == made.concluded_at
    is_told_by = found.rule and found.rule.key
    assert is_told_by == ("complaint.window" if what is Duty.TELL_OF_DECISION else None)
    assert found.is_waiting
    assert whats(bench, police) == []
    bench.move(made, REOPEN)
    assert whats(bench, owner()) == []
    assert whats(bench, police) == [Duty.START_VERIFICATION]


def test_of_several_who_reach_a_case_whoever_owns_it_acts(bench: Bench) -> None:
    """Opened without an authority, and ended otherwise: each a duty of one."""
    city, ward, other = uuid4(), uuid4(), uuid4()
    areas = {city: "31", ward: HERE, other: THERE}
    waiting = bench.opened(area_code=HERE)
    bench.police()
    ended = bench.opened(area_code=HERE)
    bench.move(ended, START, NEGATIVE)

    def who() -> dict[UUID, int]:
        subjects = {it: somebody(it, Role.CASE_OWNER, areas=(areas[it],)) for it in areas}
        found = {it: len(whats(bench, subject)) for it, subject in subjects.items()}
        return {it: count for it, count in found.items() if count}

    assert who() == {city: 2, ward: 2}, "the directory has told of none: nobody is left out"
    for organisation_id, area in areas.items():
        bench.organisation(owning(area), organisation_id=organisation_id, code=f"owner-{area}")
    assert who() == {ward: 2}
    for handed_to, expected in ((other, other), (city, city), (uuid4(), ward)):
        waiting.responsible_id = ended.responsible_id = handed_to
        assert who() == {expected: 2}


def owning(area_code: str) -> DatedRole:
    return DatedRole(role=Role.CASE_OWNER, area_code=area_code, valid_from=LONG_AGO)


def test_where_no_lawful_period_is_known_it_is_undated_and_says_by_which_rule(
    bench: Bench,
) -> None:
    police = reader_of(bench.police())
    bench.opened()
    (found,) = duties(bench, police)
    assert (found.due_at, found.why, found.urgency) == (None, None, Urgency.UNDATED)
    assert found.rule is not None
    assert (found.rule.key, found.rule.amount) == ("verification.normal", None)


def test_where_one_is_known_it_is_due_after_its_last_day_and_says_why(old: Bench) -> None:
    police = reader_of(old.police())
    made = old.opened()
    (found,) = duties(old, police)
    assert found.due_at == start_of_day(old.last_day(made) + timedelta(days=1))
    assert found.why is not None
    assert (found.why.at, found.why.last_day) == (found.due_at, old.last_day(made))
    assert found.urgency is urgency_of(found.due_at, local_date(old.now))


def test_while_it_is_paused_nothing_runs(old: Bench) -> None:
    police = reader_of(old.police())
    made = old.opened()
    old.move(made, START, PAUSE)
    (found,) = duties(old.at(old.now + timedelta(days=400)), police)
    assert (found.due_at, found.urgency) == (None, Urgency.UNDATED)


def test_what_was_to_be_decided_before_today_is_also_the_case_owners(old: Bench) -> None:
    police = reader_of(old.police())
    made = old.opened()
    late = old.at(start_of_day(old.last_day(made) + timedelta(days=1)))
    late.watch_clocks()
    domain.watch_standstills(old.session, late.now)
    for subject, what in ((police, Duty.START_VERIFICATION), (owner(), Duty.ASK_AUTHORITY)):
        (found,) = duties(late, subject)
        assert (found.what, found.urgency) == (what, Urgency.OVERDUE)


def test_an_operator_is_told_to_see_to_parked_messages(session: Session, bench: Bench) -> None:
    parked = uuid4()
    alerts.raise_alert(
        session, AlertKind.MESSAGE_PARKED, subject="intake.case_received.v2", object_id=parked,
        now=bench.now,
    )  # fmt: skip
    operator = somebody(uuid4(), Role.OPERATOR)
    (found,) = duties(bench, operator)
    assert (found.what, found.link) == ("parked_message", "parked-messages")
    assert whats(bench, owner()) == []


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, us: UUID) -> Sequence[UUID]:
    """Seven to start: late ones, and of the law without a known period."""
    with begin() as session:
        bench = Bench(session, datetime(2026, 3, 2, 5, tzinfo=UTC))
        then = bench.at(OLD_LAW)
        bench.organisation(organisation_id=us, code="cong-an")
        police = bench.police()
        found = [each.opened().id for each in (bench, then, bench, then, bench, then, bench)]
        for each in found:
            session.get_one(Verification, each).verifier_id = us
        assert police != us
    return found


def test_pages_show_every_duty_once_and_what_presses_most_first(
    client: TestClient, made: Sequence[UUID], us: UUID, token_for: Callable[..., dict[str, str]]
) -> None:
    headers = token_for(Role.VERIFIER, organisation_id=us)
    place: str | None = f"{BASE}/duties?page_size=2"
    seen: list[Mapping[str, Any]] = []
    while place:
        answer = client.get(place, headers=headers)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["counts"] == {
            "overdue": 3, "today": 0, "this_week": 0, "later": 0, "undated": 4, "waiting": 0,
        }  # fmt: skip
        seen += body["items"]
        cursor = body["next_cursor"]
        place = f"{BASE}/duties?page_size=2&cursor={cursor}" if cursor else None
    assert sorted(item["object_id"] for item in seen) == sorted(map(str, made))
    assert [item["urgency"] for item in seen] == ["overdue"] * 3 + ["undated"] * 4
    one = seen[0]
    assert one["why"]["rule"]["key"] == one["rule"]["key"] == "verification.normal"
    assert client.get(one["link"], headers=headers).json()["id"] == one["object_id"]


def test_a_list_can_be_narrowed_and_the_counts_stay(
    client: TestClient, made: Sequence[UUID], us: UUID, token_for: Callable[..., dict[str, str]]
) -> None:
    headers = token_for(Role.VERIFIER, organisation_id=us)

    def shown(query: str) -> list[str]:
        body = client.get(f"{BASE}/duties?{query}", headers=headers).json()
        assert body["counts"]["overdue"] == 3
        assert [(each["day"], each["count"]) for each in body["days"]] == [(day, 3)]
        return [each["urgency"] for each in body["items"]]

    whole = client.get(f"{BASE}/duties", headers=headers).json()
    day = whole["items"][0]["why"]["last_day"]
    assert shown("urgency=overdue") == ["overdue"] * 3
    assert shown("urgency=undated") == ["undated"] * 4
    assert shown("urgency=today") == shown("urgency=later") == shown("is_waiting=true") == []
    assert shown(f"last_day={day}") == ["overdue"] * 3
    assert shown("last_day=2020-01-01") == []
    assert len(shown("is_waiting=false")) == len(made)
    refused = client.get(f"{BASE}/duties?urgency=soon", headers=headers)
    assert refused.status_code == 422


def test_what_is_paused_waits(bench: Bench) -> None:
    police = reader_of(bench.police())
    made = bench.opened()
    bench.move(made, START)
    assert [each.is_waiting for each in duties(bench, police)] == [False]
    bench.move(made, PAUSE)
    assert [each.is_waiting for each in duties(bench, police)] == [True]


def test_what_waits_for_somebody_else_comes_last_of_what_has_no_date(bench: Bench) -> None:
    police = reader_of(bench.police())
    paused = bench.opened()
    bench.move(paused, START, PAUSE)
    later = bench.at(bench.now + timedelta(hours=1))
    asked = later.opened()
    first, second = duties(later, police)
    assert [first.object_id, second.object_id] == [asked.id, paused.id]
    (after,), _ = find_duties(
        bench.session,
        domain.DUTIES,
        subject=police,
        now=later.now,
        after=first.place,
        size=100,
    )
    assert after == second


def test_a_cursor_of_another_list_is_refused(
    client: TestClient, us: UUID, token_for: Callable[..., dict[str, str]]
) -> None:
    headers = token_for(Role.VERIFIER, organisation_id=us)
    answer = client.get(f"{BASE}/duties?cursor=AAAA", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":cursor-unknown")


def test_what_is_to_be_done_with_one_thing_is_found_alone(
    client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., dict[str, str]]
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        police = bench.police()
        one, _ = bench.opened().id, bench.opened().id
    headers = token_for("verifier", organisation_id=police)
    asked = {"object_id": str(one)}
    told = client.get(f"{BASE}/duties", params=asked, headers=headers).json()
    assert [each["object_id"] for each in told["items"]] == [str(one)]
    assert sum(told["counts"].values()) == 2, "the counts are of all"
    asked = {"object_id": str(uuid4())}
    assert client.get(f"{BASE}/duties", params=asked, headers=headers).json()["items"] == []
