"""What was accepted has to begin, and what was provided to be confirmed: on clocks, as they say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from services.livelihood_support import domain, tasks
from services.livelihood_support.domain.waiting import ACCEPTED, COMPLETED
from services.livelihood_support.models import Organisation, Referral
from services.livelihood_support.policy import Duty, Move
from shared import clocks
from shared.clocks import CLOCKS, Clock
from shared.contracts import (
    Message,
    Queue,
    ReferralClockBreached,
    ReferralClockWarned,
    RuleProposed,
    RuleRehearsed,
)
from shared.contracts.directory import DatedRole
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import (
    ClockLevel,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    Role,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.duties import DutyRow, find_duties
from shared.kit.clock import local_date, start_of_day
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import OWNER, Field, asked, case_owner
from tests.livelihood_support.test_published_rules import changed
from tests.statements import counted
from tests.subjects import somebody

Told = Callable[[Queue], list[Message]]
SCHOOL = UUID("01946f2e-6a00-7001-8b4d-5f3e2a1c0009")
LONG_AGO = date(2020, 1, 1)
ZERO = timedelta()
# Thirty days from Monday, 2 March end on Wednesday, 1 April.
WARNED, HEAD, DUE = (start_of_day(date(2026, *it)) for it in ((3, 27), (3, 31), (4, 2)))
# Ten working days end on Monday, 16 March.
ASK_WARNED, ASK_HEAD, ASK_DUE = (start_of_day(date(2026, 3, it)) for it in (11, 13, 17))
FIRST, THEN, LAST = ClockLevel.OFFICER, ClockLevel.HEAD, ClockLevel.DEPARTMENT


def organisation(
    field: Field, organisation_id: UUID, *roles: Role, until: date | None = None, acts: bool = True
) -> None:
    dated = tuple(
        DatedRole(role=it, area_code="31", valid_from=LONG_AGO, valid_to=until) for it in roles
    )
    facts = domain.OrganisationFacts(
        organisation_id, f"o-{organisation_id}", OrganisationKind.VOCATIONAL_SCHOOL, acts, dated
    )
    domain.note_organisations(field.session, organisations=[facts], now=field.now)


@pytest.fixture
def accepted(field: Field) -> Referral:
    """A school that somebody leads has accepted, for a case owner whose people are led, too."""
    organisation(field, SCHOOL, Role.PROVIDER, Role.MANAGER)
    organisation(field, OWNER, Role.CASE_OWNER, Role.MANAGER)
    field.programme(organisation_id=SCHOOL)
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    look(field)
    return referral


@pytest.fixture
def provided(field: Field, accepted: Referral) -> Referral:
    field.move(accepted, Move.START)
    field.move(accepted, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    look(field)
    return accepted


def look(field: Field) -> int:
    field.session.flush()
    return domain.watch_clocks(field.session, field.now)


def lived(field: Field, until: datetime) -> None:
    """The relay looks just before each of the moments at which something is due, and then."""
    moments = {WARNED, HEAD, DUE, ASK_WARNED, ASK_HEAD, ASK_DUE, until}
    for now in sorted({it - each for it in moments for each in (timedelta(minutes=1), ZERO)}):
        if field.now <= now <= until:
            while look(field.at(now)):
                pass
            domain.alert_unstarted(field.session, now)


def clock(field: Field, fact: str, object_id: UUID) -> Clock:
    return clocks.find(field.session, fact, [object_id])[object_id]


def starting(field: Field, referral: Referral) -> Clock:
    return clock(field, ACCEPTED, field.offer(referral.id).id)


def steps(told: Told) -> list[tuple[datetime, ClockLevel, UUID | None, bool]]:
    kinds = ReferralClockWarned | ReferralClockBreached
    return [
        (it.occurred_at, it.level, it.organisation_id, isinstance(it, ReferralClockBreached))
        for it in told(Queue.INTAKE)
        if isinstance(it, kinds)
    ]


def duties(field: Field, subject: Subject) -> list[DutyRow]:
    field.session.flush()
    found, _ = find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=9
    )
    return list(found)


def whats(field: Field, subject: Subject) -> list[str]:
    return [it.what for it in duties(field, subject)]


def test_to_accept_and_to_complete_costs_no_statement_for_a_clock(field: Field) -> None:
    field.programme()
    referral = field.referred()
    with counted(field.session) as statements:
        field.move(referral, Move.ACCEPT)
        field.move(referral, Move.START)
        field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
        field.session.flush()
    assert not [it for it in statements if "clocks" in it or "law_rows" in it]


def test_what_was_accepted_has_a_last_day_to_begin_and_says_why(
    field: Field, accepted: Referral
) -> None:
    (found,) = duties(field, asked(field.offer(accepted.id)))
    assert (found.what, found.due_at) == (Duty.START_SERVICE, DUE)
    assert found.rule is not None
    assert (found.rule.key, found.rule.amount) == ("referral.start_of_service", 30)


def test_its_organisation_is_warned_then_its_manager_then_the_case_owner(
    field: Field, accepted: Referral, told: Told
) -> None:
    lived(field, DUE + timedelta(days=3))
    assert steps(told) == [
        (WARNED, FIRST, SCHOOL, False), (HEAD, THEN, SCHOOL, False), (DUE, LAST, OWNER, True),
    ]  # fmt: skip
    manager = somebody(SCHOOL, Role.MANAGER)
    (found,) = duties(field.at(DUE), manager)
    assert (found.what, found.since, found.due_at) == (Duty.SEE_TO_START, DUE, DUE)
    assert (found.case_id, found.case_code, found.area_code) == (None, None, None)
    assert field.alerts(accepted.case_id) == ["service_unstarted"]
    assert whats(field.at(DUE), case_owner()) == [Duty.ASK_WHY_UNSTARTED]
    field.at(DUE).move(accepted, Move.START)
    look(field.at(DUE + timedelta(minutes=1)))
    assert field.alerts(accepted.case_id) == []
    assert (whats(field.at(DUE), manager), whats(field.at(DUE), case_owner())) == ([], [])
    assert starting(field, accepted).ended_at == DUE, "when it began, not when that was seen"


@pytest.mark.parametrize("move", [Move.START, Move.FAIL])
def test_what_has_begun_or_will_not_is_never_warned_of(
    field: Field, accepted: Referral, told: Told, move: Move
) -> None:
    offer_id = field.offer(accepted.id).id
    later = field.at(field.now + timedelta(days=1))
    later.move(accepted, move, reason=ReasonCode.CAPACITY if move is Move.FAIL else None)
    lived(later, DUE + timedelta(days=3))
    assert steps(told) == []
    assert clock(field, ACCEPTED, offer_id).ended_at == later.now


def test_what_began_while_nobody_looked_is_told_of_by_nobody(
    field: Field, accepted: Referral, told: Told
) -> None:
    """An outage of weeks: what waits no more is ended before anything is told."""
    field.at(HEAD).move(accepted, Move.START)
    look(field.at(DUE + timedelta(days=9)))
    assert steps(told) == []
    assert starting(field, accepted).ended_at == HEAD


def test_where_nobody_leads_the_organisation_the_case_owner_is_alerted_before_it_is_late(
    field: Field, accepted: Referral, told: Told
) -> None:
    organisation(field, SCHOOL, Role.PROVIDER)
    lived(field, HEAD)
    assert steps(told)[-1][1:3] == (THEN, None)
    assert field.alerts(accepted.case_id) == ["service_unstarted"]


def test_of_an_organisation_that_has_ended_the_case_owner_is_alerted_at_the_warning(
    field: Field, accepted: Referral, told: Told
) -> None:
    organisation(field, SCHOOL, acts=False)
    lived(field, WARNED)
    assert steps(told) == [(WARNED, FIRST, None, False)]
    assert field.alerts(accepted.case_id) == ["service_unstarted"]


def test_of_what_a_former_release_was_told_of_nobody_says_that_it_has_no_head(
    field: Field, accepted: Referral, told: Told
) -> None:
    organisation(field, SCHOOL, Role.PROVIDER)
    field.session.execute(update(Organisation).values(managers_told=False))
    lived(field, HEAD)
    assert steps(told)[-1][1:3] == (THEN, SCHOOL)


def test_the_case_owner_has_ten_working_days_to_ask_and_its_manager_sees_to_it(
    field: Field, provided: Referral, told: Told
) -> None:
    (found,) = duties(field, case_owner())
    assert (found.what, found.due_at) == (Duty.CONFIRM_SERVICE, ASK_DUE)
    assert found.rule is not None
    assert found.rule.key == "referral.confirmation"
    lived(field, ASK_DUE)
    assert steps(told) == [
        (ASK_WARNED, FIRST, OWNER, False),
        (ASK_HEAD, THEN, OWNER, False),
        (ASK_DUE, LAST, OWNER, True),
    ]  # fmt: skip
    manager = somebody(OWNER, Role.MANAGER)
    assert whats(field.at(ASK_DUE), manager) == [Duty.SEE_TO_CONFIRMATION]
    assert whats(field.at(ASK_DUE), somebody(uuid4(), Role.MANAGER)) == []
    field.at(ASK_DUE).move(provided, Move.CONFIRM, subject=case_owner())
    assert whats(field.at(ASK_DUE), manager) == []
    look(field.at(ASK_DUE))
    assert clock(field, COMPLETED, provided.id).ended_at == ASK_DUE


def test_nobody_is_asked_after_a_service_that_is_sought_again_or_of_who_is_identified_no_longer(
    field: Field, provided: Referral, told: Told
) -> None:
    other = field.referred()
    for move in (Move.ACCEPT, Move.START):
        field.move(other, move)
    field.move(other, Move.COMPLETE, outcome=ServiceOutcome.PARTLY_PROVIDED)
    look(field)
    code = EntitlementCode(provided.code)
    domain.add_need(field.session, case_id=provided.case_id, code=code, **field.by_owner())
    field.conclude(other.case_id, outcome=VerificationOutcome.WITHDRAWN)
    look(field)
    lived(field, ASK_DUE)
    assert steps(told) == []
    for each in (provided, other):
        assert clock(field, COMPLETED, each.id).ended_at == field.now


def test_what_was_accepted_before_the_upgrade_runs_from_then(field: Field) -> None:
    """As after a restore: nothing was kept of it, and the sweep finds what waits."""
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    look(field.at(field.now + timedelta(days=40)))
    assert (starting(field, referral).started_at, starting(field, referral).due_at) == (
        field.now, DUE,
    )  # fmt: skip
    assert look(field.at(field.now + timedelta(days=40))) == 0, "it is late already, and told"


def test_a_batch_of_what_waits_no_more_is_ended_before_anything_is_told(
    field: Field, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.clocks.awaiting.BATCH", 1)
    field.programme()
    for referral in (field.referred(), field.referred()):
        field.move(referral, Move.ACCEPT)
        look(field)
        field.move(referral, Move.START)
    for _ in range(3):
        look(field.at(DUE))
    assert steps(told) == []


@pytest.mark.parametrize(
    ("key", "since", "moved"),
    [
        (PeriodKey.REFERRAL_START, ZERO, 1),
        (PeriodKey.REFERRAL_START, timedelta(days=1), 0),
        (PeriodKey.REFERRAL_CONFIRMATION, ZERO, 0),
    ],
)
@pytest.mark.usefixtures("accepted")
def test_a_row_that_applies_to_what_runs_moves_it_as_its_rehearsal_said(
    field: Field, told: Told, key: PeriodKey, since: timedelta, moved: int
) -> None:
    row = changed(field.now, 20, key=key, moves_since=local_date(field.now + since))
    tasks.rehearse_rule(
        field.session, RuleProposed.model_validate(row.model_dump() | {"law": None}), field.now
    )
    (answer,) = told(Queue.DIRECTORY)
    assert isinstance(answer, RuleRehearsed)
    assert answer.moved == moved
    tasks.keep_rules(field.session, [row], field.now)
    assert clocks.follow(field.session, field.now) == moved
    assert [it.row_id == row.rule_id for it in field.session.execute(select(CLOCKS))] == [
        bool(moved)
    ]


def test_each_is_begun_once_however_often_somebody_looks(field: Field, accepted: Referral) -> None:
    for _ in range(3):
        look(field)
    assert len(field.session.execute(select(CLOCKS)).all()) == 1
