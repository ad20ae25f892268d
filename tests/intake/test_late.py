"""Paper comes in late: a reception told afterwards is one of the day on which it happened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.models import Case, Consent, JourneyStep
from services.intake.policy import Birth, LateReason
from services.intake.policy.lateness import (
    CLOCKS_MAY_DIFFER,
    IN_TIME,
    find_late_faults,
    received_at,
)
from shared.contracts import CaseReceived, Message, Queue
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from tests.intake.answers import CASES, Headers, Submit, errors
from tests.intake.builders import NOON, facts, paper, person, receive, submission

Told = Callable[[Queue], list[Message]]
BY_THE_OLD_LAW = "2025-06-30T23:30:00+07:00"
GROWN = Birth(1999)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is the next line's
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def late(**changes: Any) -> dict[str, Any]:
    """A case of before 2025-07-01 that was on paper until now."""
    return submission(received_at=BY_THE_OLD_LAW, late_reason="paper_record") | changes


def rules(told: datetime | None, reason: LateReason | None = None) -> set[str]:
    return {str(fault.rule) for fault in find_late_faults(told, reason, GROWN, NOON)}


def test_a_backdated_case_says_when_it_was_received_and_when_it_was_told(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    answer = submit(late())
    assert answer.status_code == 201
    assert datetime.fromisoformat(answer.json()["received_at"]) == _instant(BY_THE_OLD_LAW)
    read = client.get(answer.headers["Location"], headers=sender).json()
    assert datetime.fromisoformat(read["received_at"]) == _instant(BY_THE_OLD_LAW)
    assert datetime.fromisoformat(read["registered_at"]) == NOON
    assert read["late_reason"] == "paper_record"


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def test_it_is_told_with_both_moments(session: Session, keys: MasterKeys, told: Told) -> None:
    receive(session, facts(keys, late()))
    case = session.scalars(select(Case)).one()
    for queue in CaseReceived.to:
        [message] = [it for it in told(queue) if isinstance(it, CaseReceived)]
        assert (message.occurred_at, message.begun_at) == (NOON, case.received_at)
    entry = session.execute(select(AUDIT.c.facts)).scalar_one()
    assert entry["late_reason"] == "paper_record"


def test_a_case_told_at_once_tells_one_moment_only(
    session: Session, keys: MasterKeys, told: Told
) -> None:
    receive(session, facts(keys))
    [message] = told(Queue.VERIFICATION)
    assert isinstance(message, CaseReceived)
    assert message.received_at is None
    assert message.begun_at == NOON


def test_its_journey_begins_with_the_reception_and_its_consents_with_the_telling(
    session: Session, keys: MasterKeys
) -> None:
    receive(session, facts(keys, late()))
    assert session.scalars(select(JourneyStep.at)).one() == _instant(BY_THE_OLD_LAW)
    assert session.scalars(select(Consent.given_at)).one() == NOON


def test_what_was_stored_last_leads_the_list_whenever_it_was_received(
    client: TestClient, submit: Submit, sender: Headers
) -> None:
    first, second = submit(), submit(late())
    listed = client.get(CASES, headers=sender).json()["items"]
    assert [each["id"] for each in listed] == [second.json()["id"], first.json()["id"]]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"received_at": "2026-03-02T12:05:01+07:00"}, ("/received_at", "in_future")),
        ({"received_at": "2011-12-31T23:59:59+07:00"}, ("/received_at", "before_law")),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, ("/received_at", "before_law")),
        ({"received_at": "9999-12-31T23:59:59-14:00"}, ("/received_at", "in_future")),
        ({"late_reason": None}, ("/late_reason", "late_reason_required")),
        ({"received_at": None}, ("/late_reason", "late_reason_unused")),
        (
            {
                "person": person(birth_date="2025-07-01", identity_documents=[]),
                "representative": {
                    "full_name": "Cô Hư Cấu",
                    "relation": "relative",
                    "is_suspect": False,
                },
                "best_interest_note": "Ở với cô",
            },
            ("/received_at", "before_birth"),
        ),
    ],
)
def test_a_reception_that_cannot_be_is_refused(
    submit: Submit, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert fault in errors(submit(late(**changes)))


def test_a_paper_younger_than_the_reception_is_warned_of_and_kept(submit: Submit) -> None:
    answer = submit(late(papers=[paper("DECLARATION", issued_on="2025-07-01")]))
    assert answer.status_code == 201
    assert "paper_after_reception" in answer.json()["warnings"]
    older = submit(late(papers=[paper("DECLARATION", issued_on="2025-06-30")]))
    assert "paper_after_reception" not in older.json()["warnings"]


def test_yesterday_by_the_calendar_of_hai_phong_needs_no_reason() -> None:
    midnight = datetime(2026, 3, 1, 0, 0, tzinfo=UTC) - timedelta(hours=7)
    assert rules(midnight) == set()
    assert rules(midnight - timedelta(seconds=1)) == {"late_reason_required"}


def test_a_clock_that_is_five_minutes_fast_counts_as_now(submit: Submit) -> None:
    answer = submit(submission(received_at="2026-03-02T12:05:00+07:00"))
    assert datetime.fromisoformat(answer.json()["received_at"]) == NOON


@given(told=st.none() | MOMENTS, reason=st.none() | st.sampled_from(LateReason))
def test_whatever_is_told_the_reception_lies_not_after_now_and_a_late_one_says_why(
    told: datetime | None, reason: LateReason | None
) -> None:
    began = received_at(told, NOON)
    assert began <= NOON
    if rules(told, reason):
        return
    assert told is None or abs(began - told) <= CLOCKS_MAY_DIFFER
    is_late = local_date(began) < local_date(NOON) - IN_TIME
    assert not is_late or reason is not None
