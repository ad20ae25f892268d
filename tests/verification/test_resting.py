"""Which open verifications rest on rows that are not certain, for whom, and in which pages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.verification import domain
from shared.contracts.vocabulary import OrganisationKind, Regime, Role, Route
from shared.kit.database import Begin
from shared.law import Certainty, PeriodKey
from shared.law.entries import uncertain
from shared.resting import count_resting, find_resting
from shared.resting.api import resting_routes
from tests.reaching import HERE, THERE, THINGS, Ask, Lies, among, expected, shown, told_by, unlisted
from tests.subjects import somebody
from tests.verification.builders import COMPLAIN, IDENTIFY, KEEP, NEGATIVE, START, Bench, verifier

BASE = "/verification/v1"
NORMAL = PeriodKey.VERIFICATION_NORMAL
NEWER = (NORMAL, Regime.LAW_2024)
BEFORE = datetime(2024, 5, 6, 3, tzinfo=UTC)
Headers = dict[str, str]

TABLE = """
                                         case_owner auditor administrator
GET /verification/v1/law/resting         ++++       ++++    ++++
GET /verification/v1/law/resting-cases   +-+-       +-+-    xxxx
"""


@pytest.fixture
def routers() -> list[APIRouter]:
    return [resting_routes(domain.find_what_rests)]


@pytest.fixture
def made(begin: Begin, now: datetime) -> Mapping[Lies, UUID]:
    """The case of one verification of each kind."""
    with begin() as session:
        bench = Bench(session, now)
        bench.police()
        return {lies: bench.opened(area_code=lies.area).case_id for lies in THINGS}


def test_each_role_reaches_what_the_table_says(
    client: TestClient, made: Mapping[Lies, UUID], token_for: Callable[..., Headers]
) -> None:
    def counted(headers: Headers, _lies: Lies) -> Any:
        return told_by(client.get(f"{BASE}/law/resting", headers=headers))

    def listed(headers: Headers, lies: Lies) -> Any:
        asked = {"key": NORMAL, "regime": Regime.LAW_2024}
        answer = client.get(f"{BASE}/law/resting-cases", params=asked, headers=headers)
        return among(answer, made[lies], "case_id")

    asks: Mapping[str, Ask] = {
        f"GET {BASE}/law/resting": counted,
        f"GET {BASE}/law/resting-cases": listed,
    }
    headers_of = lambda role: token_for(role, organisation_id=uuid4(), areas=(HERE,))  # noqa: E731
    assert shown(TABLE, asks, headers_of) == expected(TABLE)
    assert unlisted(client.app, TABLE) == set()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "count"), [("administrator", 4), ("case_owner", 2), ("auditor", 2)]
)
def test_an_administrator_counts_every_case_and_others_those_of_their_areas(
    client: TestClient,
    made: Mapping[Lies, UUID],
    token_for: Callable[..., Headers],
    role: str,
    count: int,
) -> None:
    headers = token_for(role, areas=(HERE,))
    (row,) = client.get(f"{BASE}/law/resting", headers=headers).json()["items"]
    assert (row["key"], row["regime"], row["cases"]) == (NORMAL, "2024", count)
    assert (row["status"], row["is_unset"], row["table"]) == ("assumed", True, "period")


def rows(bench: Bench) -> dict[Any, int]:
    everywhere = somebody(uuid4(), Role.ADMINISTRATOR)
    found = count_resting(bench.session, domain.find_what_rests, subject=everywhere, now=bench.now)
    for each in found:
        assert each.entry == uncertain()[each.entry.key, each.entry.regime]
        assert each.entry.status is not Certainty.CONFIRMED
    return {(it.entry.key, it.entry.regime): it.cases for it in found}


def test_a_verification_rests_on_the_period_of_its_law_until_it_is_concluded(bench: Bench) -> None:
    bench.police()
    now = bench.opened()
    bench.at(BEFORE).opened()
    assert rows(bench) == {NEWER: 1, (NORMAL, Regime.LAW_2011): 1}
    bench.move(now, START, IDENTIFY)
    assert rows(bench) == {(NORMAL, Regime.LAW_2011): 1}


def test_one_that_a_border_guard_verifies_rests_on_that_it_may(bench: Bench) -> None:
    kind = OrganisationKind.BORDER_GUARD
    guard = bench.organisation(verifier(), kind=kind, code="bien-phong")
    bench.opened(route=Route.RESCUED, receiver_id=guard)
    assert rows(bench) == {NEWER: 1, ("authority.border_guard", Regime.LAW_2024): 1}


def test_what_is_certain_is_not_on_the_board(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.police()
    bench.opened()
    for module in ("services.verification.domain.resting", "shared.resting.reading"):
        monkeypatch.setattr(f"{module}.uncertain", dict)
    assert rows(bench) == {}


def test_cases_come_in_pages_each_once(bench: Bench) -> None:
    bench.police()
    made = sorted(bench.opened(area_code=area).case_id for area in (HERE, THERE) for _ in range(3))
    owner = somebody(uuid4(), Role.CASE_OWNER, areas=(HERE, THERE))
    seen: list[UUID] = []
    while True:
        page = find_resting(
            bench.session,
            domain.find_what_rests,
            row=NEWER,
            subject=owner,
            now=bench.now,
            after=seen[-1] if seen else None,
            size=4,
        )
        if not page:
            break
        seen += [each.case_id for each in page]
    assert seen == made


def test_no_line_says_who_a_case_is_about(
    client: TestClient, made: Mapping[Lies, UUID], token_for: Callable[..., Headers]
) -> None:
    asked = {"key": NORMAL, "regime": "2024"}
    owner = token_for("case_owner", areas=(HERE,))
    body = client.get(f"{BASE}/law/resting-cases", params=asked, headers=owner).json()
    fields = {"case_id", "case_code", "subject", "object_id", "since", "due_at"}
    assert {name for each in body["items"] for name in each} == fields


def test_a_decision_that_may_be_complained_of_rests_on_the_row_of_the_window_alone(
    bench: Bench, now: datetime
) -> None:
    """And, complained of, on the row of the answer, whose amount is unset."""
    bench.police()
    made = bench.opened()
    subject = somebody(uuid4(), Role.ADMINISTRATOR)

    def rests() -> dict[str, int]:
        bench.session.flush()
        found = count_resting(bench.session, domain.find_what_rests, subject=subject, now=now)
        return {it.entry.key: it.cases for it in found}

    bench.move(made, START, NEGATIVE)
    assert rests() == {PeriodKey.COMPLAINT_WINDOW: 1}
    bench.move(made, COMPLAIN)
    assert rests() == {PeriodKey.COMPLAINT_ANSWER: 1}
    bench.move(made, KEEP)
    assert rests() == {}
