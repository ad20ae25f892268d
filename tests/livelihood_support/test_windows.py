"""The older law lets somebody apply for twelve months; afterwards the answer says since when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain import periods
from services.livelihood_support.domain.answers import answers_for
from services.livelihood_support.domain.applications import Applications
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.errors import AlertMoveNotAllowed, AlertNotFound
from services.livelihood_support.models import Alert, AlertKind, CaseFile, Referral
from services.livelihood_support.policy import AlertMove, Move, ToldFact
from services.livelihood_support.policy.windows import Window
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    ReasonCode,
    Regime,
    Sex,
    VerificationOutcome,
)
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.law import rules, work_calendar
from shared.law.entitlements import Fact
from shared.law.entitling import Decision
from tests.livelihood_support.builders import OWNER, VOCATIONAL, Field, case_owner
from tests.livelihood_support.calls import BASE, TokenFor, problem
from tests.livelihood_support.test_facts import TELLER, answers, tell
from tests.livelihood_support.test_tasks import Post

WINDOWED = (EntitlementCode.EDUCATION, VOCATIONAL, EntitlementCode.HARDSHIP)
LONG_AGO = date(2024, 5, 6)


def test_after_twelve_months_the_window_is_closed_and_the_answer_says_so(field: Field) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=LONG_AGO)
    (found,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    by_code = {each.code: each for each in found.entitlements}
    for code in WINDOWED:
        assert by_code[code].decision == Decision.NOT_ENTITLED
        assert by_code[code].facts == [Fact.APPLIED_IN_TIME]
        assert by_code[code].status == "confirmed"
    assert found.application_window is not None
    assert found.application_window.last_day == date(2025, 5, 6)
    assert found.application_window.period.legal_ref.startswith("Decree 09/2013")
    assert by_code[EntitlementCode.MEDICAL].decision == Decision.ENTITLED


def test_what_was_asked_for_at_reception_was_applied_for_then(field: Field) -> None:
    """The window began after the reception, or closed after it: the request came in time."""
    asked = (VOCATIONAL,)
    case_id = field.case(requested=asked)
    field.session.get_one(CaseFile, case_id).received_at = datetime(2025, 5, 6, 5, tzinfo=UTC)
    field.session.flush()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=LONG_AGO)
    said = answers(field, case_id)
    assert said[VOCATIONAL] == Decision.NEEDS_INFORMATION
    assert said[EntitlementCode.HARDSHIP] == Decision.NOT_ENTITLED


def test_while_the_day_of_identification_is_not_known_it_is_asked_for(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    field.session.get_one(CaseFile, case_id).identified_on = None
    field.session.flush()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    (found,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    vocational = next(each for each in found.entitlements if each.code == VOCATIONAL)
    assert (vocational.decision, vocational.facts) == (
        Decision.NEEDS_INFORMATION,
        [Fact.APPLIED_IN_TIME],
    )
    domain.tell_fact(
        field.session,
        case_id=case_id,
        stated=domain.FactStated(ToldFact.IDENTIFIED, True, "15/GXN-CATP", date(2025, 6, 2)),
        subject=TELLER,
        now=field.now,
    )
    assert answers(field, case_id)[VOCATIONAL] == Decision.ENTITLED


def test_an_exception_that_is_told_opens_what_is_closed(field: Field) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=LONG_AGO)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert answers(field, case_id)[VOCATIONAL] == Decision.NOT_ENTITLED
    tell(field, case_id, ToldFact.WINDOW_EXCEPTION, value=True)
    assert answers(field, case_id)[VOCATIONAL] == Decision.ENTITLED
    assert field.referral(case_id).status == "requested"


def test_the_newer_law_has_no_window(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2024, identified_on=LONG_AGO)
    (found,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert found.application_window is None
    assert answers(field, case_id)[VOCATIONAL] == Decision.ENTITLED


@pytest.mark.parametrize("is_proof", [True, False])
def test_a_former_release_told_the_day_of_a_decision_only(field: Field, is_proof: bool) -> None:
    post = Post(field)
    case = post.case()
    post.hand(case)
    told = post.conclusion(case)
    post.hand(told.model_copy(update={"proof": "POLICE_CERTIFICATE" if is_proof else None}))
    kept = field.session.get_one(CaseFile, case.case_id, populate_existing=True)
    assert (kept.identified_on is None) is is_proof


def test_a_window_is_shown_before_it_closes_and_answered_by_when_it_has(field: Field) -> None:
    """What was asked for at reception goes on; what was not is granted no longer."""
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=date(2025, 4, 10))
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    before = field.at(datetime(2026, 3, 11, 5, tzinfo=UTC))
    assert domain.watch_windows(before.session, before.now - timedelta(days=1)) == 0
    assert domain.watch_windows(before.session, before.now) == 1
    assert field.alerts(case_id) == ["window_closing", "window_closing"]
    assert domain.watch_windows(before.session, before.now) == 0
    after = field.at(datetime(2026, 4, 10, 17, 0, tzinfo=UTC))
    assert domain.watch_windows(after.session, after.now - timedelta(seconds=1)) == 0
    assert domain.watch_windows(after.session, after.now) == 1
    said = answers(field, case_id)
    assert said[VOCATIONAL] == Decision.ENTITLED
    assert said[EntitlementCode.HARDSHIP] == said[EntitlementCode.EDUCATION] == "not_entitled"
    assert field.referral(case_id).status == "requested"
    assert field.alerts(case_id) == []
    (found,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert found.cause == "window_closed"
    assert domain.watch_windows(after.session, after.now) == 0


OPENED = date(2025, 4, 10)
"""Twelve months before a Friday in April 2026."""
EDUCATION = EntitlementCode.EDUCATION


def warned(field: Field) -> tuple[UUID, Field]:
    """A poor household that asked for nothing, a month before its window closes."""
    case_id = field.case(requested=[])
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=OPENED)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    before = field.at(datetime(2026, 3, 11, 5, tzinfo=UTC))
    domain.watch_windows(before.session, before.now)
    assert field.alerts(case_id) == ["window_closing"] * 3
    return case_id, before


def closed(field: Field) -> Field:
    """The day after, when the window has been looked at."""
    after = field.at(datetime(2026, 4, 11, 5, tzinfo=UTC))
    assert domain.watch_windows(after.session, after.now) == 1
    return after


@pytest.mark.parametrize("is_ended", [False, True])
def test_a_need_that_was_added_in_time_was_applied_for_then(field: Field, is_ended: bool) -> None:
    field.programme(codes=[EDUCATION])
    case_id, before = warned(field)
    added = domain.add_need(field.session, case_id=case_id, code=EDUCATION, **before.by_owner())
    if is_ended:
        referral = field.session.get_one(Referral, added.referral_id)
        before.move(referral, Move.CANCEL, reason=ReasonCode.PERSON_DECLINED, subject=case_owner())
    after = closed(field)
    said = answers(field, case_id)
    assert (said[EDUCATION], said[VOCATIONAL]) == (Decision.ENTITLED, Decision.NOT_ENTITLED)
    assert field.alerts(case_id) == []
    tell(after, case_id, ToldFact.FINANCIAL_HARDSHIP, value=True)
    assert answers(field, case_id)[EDUCATION] == Decision.ENTITLED


def test_asking_for_what_the_warning_is_about_settles_it(field: Field) -> None:
    case_id, before = warned(field)
    domain.add_need(field.session, case_id=case_id, code=EDUCATION, **before.by_owner())
    assert field.alerts(case_id) == ["no_programme", "window_closing", "window_closing"]


def test_an_exception_that_is_told_settles_the_warnings(field: Field) -> None:
    case_id, before = warned(field)
    tell(before, case_id, ToldFact.WINDOW_EXCEPTION, value=True)
    assert field.alerts(case_id) == []
    later = field.at(datetime(2026, 6, 11, 5, tzinfo=UTC))
    assert domain.watch_windows(later.session, later.now) == 0


def test_a_warning_follows_what_is_granted(field: Field) -> None:
    case_id, before = warned(field)
    tell(before, case_id, ToldFact.POOR_HOUSEHOLD, value=False)
    assert field.alerts(case_id) == []
    tell(before, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert field.alerts(case_id) == ["window_closing"] * 3


def test_who_is_identified_no_longer_is_not_warned(field: Field) -> None:
    case_id, before = warned(field)
    before.conclude(case_id, outcome=VerificationOutcome.WITHDRAWN, regime=Regime.LAW_2011)
    assert field.alerts(case_id) == []
    before.conclude(case_id, regime=Regime.LAW_2011, identified_on=OPENED)
    assert domain.watch_windows(before.session, before.now) == 1
    assert field.alerts(case_id) == ["window_closing"] * 3


def test_a_window_that_closes_soon_when_the_plan_opens_is_shown_at_once(field: Field) -> None:
    """The paper that proved was eleven months old."""
    late = field.at(datetime(2026, 3, 20, 5, tzinfo=UTC))
    case_id = late.case(requested=[])
    late.conclude(case_id, regime=Regime.LAW_2011, identified_on=OPENED)
    tell(late, case_id, ToldFact.FINANCIAL_HARDSHIP, value=True)
    assert field.alerts(case_id) == ["window_closing"] * 3
    other = late.case(requested=[])
    late.conclude(other, regime=Regime.LAW_2011, identified_on=OPENED)
    domain.watch_windows(late.session, late.now)
    assert field.alerts(other) == ["window_closing"] * 3


def test_what_the_person_does_not_want_is_not_shown_again_for_that_day(field: Field) -> None:
    case_id, before = warned(field)
    alert = next(each for each in warnings(field, case_id) if each.code == EDUCATION)
    assert alert.facts["can"] == ["decline"]
    declining = {"alert_id": alert.id, "move": AlertMove.DECLINE, **before.by_owner()}
    domain.move_alert(field.session, **declining)
    tell(before, case_id, ToldFact.FINANCIAL_HARDSHIP, value=True)
    assert {each.code for each in warnings(field, case_id)} == {VOCATIONAL, "HARDSHIP"}
    with pytest.raises(AlertMoveNotAllowed):
        domain.move_alert(field.session, **declining)
    # The person may still change her mind.
    domain.add_need(field.session, case_id=case_id, code=EDUCATION, **before.by_owner())


def test_an_alert_that_only_its_cause_can_end_is_not_declined(field: Field) -> None:
    referral = field.referred()
    (alert,) = field.session.scalars(select(Alert).where(Alert.case_id == referral.case_id))
    decline = {"move": AlertMove.DECLINE, **field.by_owner()}
    with pytest.raises(AlertMoveNotAllowed):
        domain.move_alert(field.session, alert_id=alert.id, **decline)
    with pytest.raises(AlertNotFound):
        domain.move_alert(field.session, alert_id=new_id(), **decline)


def test_over_http_a_case_owner_declines_what_closes_soon(
    client: TestClient, begin: Begin, now: datetime, token_for: TokenFor
) -> None:
    with begin() as session:
        case_id, _ = warned(Field(session, now))
    owner = token_for("case_owner", organisation_id=OWNER, client_id="owner")
    shown = client.get(f"{BASE}/alerts?case_id={case_id}", headers=owner).json()["items"]
    address = f"{BASE}/alerts/{shown[0]['id']}/moves"
    decline = {"move": "decline"}
    key = {"Idempotency-Key": str(uuid4())}
    stranger = token_for("provider", client_id="stranger")
    assert client.post(address, json=decline, headers={**stranger, **key}).status_code == 403
    moved = client.post(address, json=decline, headers={**owner, **key})
    assert (moved.status_code, moved.json()["code"]) == (201, shown[0]["code"])
    again = client.post(address, json=decline, headers={**owner, **key})
    assert again.json() == moved.json()
    other = {"Idempotency-Key": str(uuid4())}
    refused = client.post(address, json=decline, headers={**owner, **other})
    assert problem(refused) == (409, "alert-move-not-allowed")


def warnings(field: Field, case_id: UUID) -> Sequence[Alert]:
    kind = AlertKind.WINDOW_CLOSING
    is_open = (Alert.case_id == case_id, Alert.kind == kind, Alert.settled_at.is_(None))
    return field.session.scalars(
        select(Alert).where(*is_open).execution_options(populate_existing=True)
    ).all()


DAYS = st.dates(date(2013, 1, 1), date(2025, 6, 30))


@given(identified_on=DAYS | st.just(date(2024, 2, 29)), late=st.integers(-500, 500))
def test_a_window_is_open_to_its_last_day_and_not_beyond(identified_on: date, late: int) -> None:
    """The last day is a working day, not before the anniversary, and nothing works between."""
    end = periods.end_of_window(rules(), Regime.LAW_2011, identified_on)
    assert end is not None
    anniversary = (
        identified_on.replace(year=identified_on.year + 1)
        if (identified_on.month, identified_on.day) != (2, 29)
        else date(identified_on.year + 1, 2, 28)
    )
    between = [anniversary + timedelta(days=n) for n in range((end.last_day - anniversary).days)]
    assert not any(map(work_calendar().is_working, between)) or end.moved is None
    assert end.last_day >= anniversary
    day = end.last_day + timedelta(days=late)
    known = Window(end).applied(day)
    assert known is not None
    assert known.holds is (late <= 0)
    excepted = Window(end, is_excepted=True).applied(day)
    assert excepted is not None
    assert excepted.holds


@given(
    identified_on=st.none() | DAYS,
    received_on=st.dates(date(2012, 1, 1), date(2026, 3, 2)),
    asked=st.sets(st.sampled_from(EntitlementCode)),
    added=st.dictionaries(
        st.sampled_from(EntitlementCode), st.dates(date(2012, 1, 1), date(2026, 3, 2))
    ),
)
def test_a_window_closes_nothing_that_it_is_not_for_and_nothing_asked_for_in_time(
    identified_on: date | None,
    received_on: date,
    asked: set[EntitlementCode],
    added: dict[EntitlementCode, date],
) -> None:
    now = datetime(2026, 3, 2, 5, tzinfo=UTC)
    case = LockedCase(
        case_id=new_id(),
        area_code="31",
        age_band=AgeBand.ADULT,
        sex=Sex.FEMALE,
        citizenship=Citizenship.VIETNAMESE,
        languages=frozenset({"vi"}),
        needs_interpreter=False,
        asked_staff_sex=None,
        received_at=datetime.combine(received_on, time(5), tzinfo=UTC),
        requested_services=tuple(asked),
        identified_on=identified_on,
    )
    found = answers_for(
        case,
        {},
        rules(),
        regime=Regime.LAW_2011,
        is_identified=True,
        now=now,
        applications=Applications(
            {code: datetime.combine(day, time(5), tzinfo=UTC) for code, day in added.items()}
        ),
    )
    end = periods.end_of_window(rules(), Regime.LAW_2011, identified_on) if identified_on else None
    for answer in found.every:
        is_closed = answer.decision is Decision.NOT_ENTITLED and answer.facts == (
            Fact.APPLIED_IN_TIME,
        )
        assert not is_closed or answer.code in WINDOWED
        if answer.code in WINDOWED and end is not None:
            days = [date(2026, 3, 2)]
            days += [received_on] if answer.code in asked else []
            days += [added[answer.code]] if answer.code in added else []
            assert is_closed is (min(days) > end.last_day)
