"""A stay from the announcement to its end: who takes in, what time does to it, what is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.livelihood_support import domain
from services.livelihood_support.errors import (
    CaseNotFound,
    FacilityMissing,
    FacilityUnfit,
    NotResponsibleNow,
    StayDayUnfit,
    StayMoveNotAllowed,
    StayNotFound,
    StayOpen,
)
from services.livelihood_support.models import Stay, StayMoveRow
from services.livelihood_support.policy import (
    STAY_BEGAN,
    Announcement,
    Duty,
    KitItem,
    StayDestination,
    StayFacts,
    StayMove,
    StayNeed,
    StayReason,
)
from shared import clocks
from shared.clocks import Clock
from shared.contracts import (
    Message,
    Queue,
    ReferralClockBreached,
    ReferralClockWarned,
    StayMoved,
)
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import ClockLevel, OrganisationKind, Regime, Role, StayStatus
from shared.duties import find_duties
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date, start_of_day
from shared.kit.database import Begin
from shared.kit.errors import VersionChanged
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import OWNER, Field, case_owner
from tests.subjects import somebody

Told = Callable[[Queue], list[Message]]
M, S = StayMove, StayStatus
DAY = timedelta(days=1)
LONG_AGO = date(2020, 1, 1)
PAPER: dict[str, Any] = {"paper_number": "07/QĐ-CSHT", "paper_on": date(2026, 3, 2)}


def facility(
    field: Field,
    area_code: str = "31",
    until: date | None = None,
    organisation_id: UUID | None = None,
    *,
    is_led: bool = True,
) -> UUID:
    """An organisation that takes people in, and that somebody leads, unless nobody does."""
    found = organisation_id or uuid4()
    roles = tuple(
        DatedRole(role=role, area_code=area_code, valid_from=LONG_AGO, valid_to=until)
        for role in (Role.FACILITY, Role.MANAGER)[: 1 + is_led]
    )
    facts = domain.OrganisationFacts(
        found, f"co-so-{found}", OrganisationKind.SUPPORT_FACILITY, is_active=True, roles=roles
    )
    domain.note_organisations(field.session, organisations=[facts], now=field.now)
    return found


def announce(
    field: Field,
    case_id: UUID,
    subject: Subject | None = None,
    facility_id: UUID | None = None,
    in_days: int = 0,
) -> Stay:
    expected_on = local_date(field.now) + timedelta(days=in_days)
    return domain.announce_stay(
        field.session,
        case_id=case_id,
        announcement=Announcement(expected_on, facility_id),
        subject=subject or case_owner(),
        now=field.now,
    )


def move(field: Field, stay: Stay, kind: StayMove, by: Subject | None = None, **facts: Any) -> Any:
    return domain.move_stay(
        field.session,
        stay_id=stay.id,
        subject=by or of(stay),
        facts=StayFacts(kind, **facts),
        expected_version=stay.version,
        now=field.now,
    )


def arrive(field: Field, stay: Stay) -> None:
    needs = (StayNeed.LODGING, StayNeed.MEALS)
    kit = (KitItem.TOWEL, KitItem.SOAP)
    move(field, stay, M.ARRIVE, arrived_on=local_date(field.now), needs=needs, kit=kit)


def of(stay: Stay) -> Subject:
    return somebody(stay.facility_id, Role.FACILITY)


def clock_of(field: Field, stay: Stay) -> Clock:
    return clocks.find(field.session, STAY_BEGAN, [stay.id])[stay.id]


def duties(field: Field, subject: Subject) -> list[str]:
    found, _ = find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=20
    )
    return [each.what for each in found if each.subject == "stay"]


def shown(field: Field, stay: Stay, subject: Subject) -> domain.ShownStay:
    (found,) = domain.show_stays(field.session, [stay], subject=subject, now=field.now)
    return found


@pytest.fixture
def staying(field: Field) -> Stay:
    """Somebody of whom nobody knows yet whether they are a victim, in the only facility."""
    case_id = field.case(requested=())
    facility(field)
    stay = announce(field, case_id)
    arrive(field, stay)
    return stay


def test_it_goes_to_the_nearest_who_takes_people_in_or_to_the_one_that_is_named(
    field: Field,
) -> None:
    of_the_city, near = facility(field), facility(field, "11359")
    case_id = field.case(requested=(), area_code="11359")
    assert announce(field, case_id).facility_id == near
    elsewhere = field.case(requested=(), area_code="11359")
    assert announce(field, elsewhere, facility_id=of_the_city).facility_id == of_the_city


def test_nobody_is_announced_where_no_facility_takes_people_in(field: Field) -> None:
    case_id = field.case(requested=())
    with pytest.raises(FacilityMissing):
        announce(field, case_id)
    closed = facility(field, until=local_date(field.now))
    with pytest.raises(FacilityUnfit):
        announce(field, case_id, facility_id=closed)
    with pytest.raises(FacilityMissing):
        announce(field, case_id)


def test_only_whoever_owns_the_case_announces(field: Field) -> None:
    case_id = field.case(requested=())
    house = facility(field)
    other = uuid4()
    field.owning(other, "31")
    field.owning(OWNER, "11359", since=LONG_AGO)
    with pytest.raises(NotResponsibleNow):
        announce(field, case_id)
    with pytest.raises(CaseNotFound):
        announce(field, case_id, somebody(house, Role.FACILITY))
    assert announce(field, case_id, somebody(other, Role.CASE_OWNER)).announcer_id == other


def test_somebody_is_in_one_facility_at_a_time(field: Field, staying: Stay) -> None:
    with pytest.raises(StayOpen):
        announce(field, staying.case_id)
    day = local_date(field.now)
    move(field, staying, M.LEAVE, left_on=day, left_to=StayDestination.FAMILY)
    again = announce(field, staying.case_id)
    assert again.id != staying.id
    twice = text(
        "INSERT INTO stays (id, case_id, facility_id, announcer_id, announced_at, expected_on,"
        " status, needs, kit, version) SELECT gen_random_uuid(), case_id, facility_id,"
        " announcer_id, announced_at, expected_on, 'announced', '{}', '{}', 1 FROM stays"
        " WHERE status = 'announced'"
    )
    with pytest.raises(IntegrityError, match="uq_stays_open"):
        field.session.execute(twice)


def test_two_who_announce_at_once_make_one_stay(begin: Begin, field: Field) -> None:
    with begin() as session:
        there = Field(session, field.now)
        case_id = there.case(requested=())
        facility(there)

    def one(_number: int) -> bool:
        try:
            with begin() as session:
                announce(Field(session, field.now), case_id)
        except StayOpen:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]


def test_every_step_stays_and_what_changes_where_the_person_is_is_told(
    field: Field, staying: Stay, told: Told
) -> None:
    move(field, staying, M.PROVIDE, needs=(StayNeed.HEALTH_CHECK,), kit=(KitItem.SOAP,))
    move(field, staying, M.EXTEND, extended_until=date(2026, 8, 1), **PAPER)
    later = field.at(field.now + 7 * DAY)
    left: dict[str, Any] = {"left_on": local_date(later.now), "left_to": StayDestination.FAMILY}
    move(later, staying, M.LEAVE, **left)
    assert staying.needs == ["lodging", "meals", "health_check"]
    assert staying.kit == ["towel", "soap"], "what was given twice stands once"
    of_it = [it for it in told(Queue.INTAKE) if isinstance(it, StayMoved)]
    assert [it.status for it in of_it] == [S.ANNOUNCED, S.STAYING, S.LEFT]
    assert {it.facility_id for it in of_it} == {staying.facility_id}
    assert not [it for it in told(Queue.NOTIFICATION) if isinstance(it, StayMoved)]
    rows = field.session.scalars(
        select(StayMoveRow).where(StayMoveRow.stay_id == staying.id).order_by(StayMoveRow.version)
    ).all()
    moves = [M.ANNOUNCE, M.ARRIVE, M.PROVIDE, M.EXTEND, M.LEAVE]
    assert [(it.move, it.version) for it in rows] == [(it, n) for n, it in enumerate(moves, 1)]
    acts = field.session.scalars(
        select(AUDIT.c.action).where(AUDIT.c.object_id == str(staying.id)).order_by(AUDIT.c.id)
    ).all()
    assert acts == [f"stay.{it}" for it in moves]


def test_a_move_on_a_version_that_is_gone_changes_nothing(field: Field, staying: Stay) -> None:
    staying_before = staying.version
    with pytest.raises(VersionChanged):
        domain.move_stay(
            field.session,
            stay_id=staying.id,
            subject=of(staying),
            facts=StayFacts(M.ENTERED_IN_ERROR, reason=StayReason.WRONG_PERSON),
            expected_version=staying_before - 1,
            now=field.now,
        )
    assert staying.version == staying_before


def test_its_days_are_counted_and_its_time_runs_from_the_arrival(
    field: Field, staying: Stay
) -> None:
    clock = clock_of(field, staying)
    last_day = local_date(field.now) + 120 * DAY
    assert (clock.due_at, clock.ended_at) == (start_of_day(last_day + DAY), None)
    in_a_week = shown(field.at(field.now + 7 * DAY), staying, of(staying))
    assert (in_a_week.days, in_a_week.last_day) == (7, last_day)
    move(field, staying, M.LEAVE, left_on=local_date(field.now), left_to=StayDestination.FAMILY)
    assert clock_of(field, staying).ended_at == field.now
    assert shown(field.at(field.now + 7 * DAY), staying, of(staying)).days == 0


def test_a_stay_under_the_older_law_is_shorter_and_nobody_prolongs_it(field: Field) -> None:
    case_id = field.case(requested=())
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=date(2025, 6, 1))
    facility(field)
    stay = announce(field, case_id)
    arrive(field, stay)
    # The sixtieth day is a public holiday, a Friday: it ends with the Monday after.
    assert shown(field, stay, of(stay)).last_day == date(2026, 5, 4)
    assert M.EXTEND not in {it.move for it in shown(field, stay, of(stay)).can}
    with pytest.raises(StayMoveNotAllowed):
        move(field, stay, M.EXTEND, extended_until=date(2026, 8, 1), **PAPER)


def test_time_warns_the_facility_then_its_manager_and_then_whoever_owns_the_case(
    field: Field, staying: Stay, told: Told
) -> None:
    leader = somebody(staying.facility_id, Role.MANAGER)
    due_at = clock_of(field, staying).due_at
    assert due_at is not None
    seen = []
    for _ in range(3):
        next_at = clock_of(field, staying).next_at
        assert next_at is not None
        then = field.at(next_at)
        domain.watch_clocks(then.session, then.now)
        clock = clock_of(field, staying)
        seen.append((clock.level, clock.level_holder_id))
        is_with_head = clock.level is not ClockLevel.OFFICER
        assert (duties(then, leader) == [Duty.SEE_TO_STAY]) is is_with_head
    house = staying.facility_id
    levels = (ClockLevel.OFFICER, ClockLevel.HEAD, ClockLevel.DEPARTMENT)
    assert seen == list(zip(levels, (house, house, OWNER), strict=True))
    kinds: list[object] = [
        type(it) for it in told(Queue.INTAKE) if getattr(it, "object_id", None) == staying.id
    ]
    assert kinds == [ReferralClockWarned, ReferralClockWarned, ReferralClockBreached]
    late = field.at(due_at)
    assert duties(late, of(staying)) == [Duty.END_STAY]
    assert duties(late, case_owner()) == [Duty.ASK_FACILITY]


def test_where_nobody_leads_the_facility_whoever_owns_the_case_asks_it_in_time(
    field: Field, staying: Stay
) -> None:
    facility(field, organisation_id=staying.facility_id, is_led=False)
    for expected in ([], [Duty.ASK_FACILITY]):
        next_at = clock_of(field, staying).next_at
        assert next_at is not None
        domain.watch_clocks(field.session, next_at)
        assert duties(field.at(next_at), case_owner()) == expected
    assert clock_of(field, staying).level is ClockLevel.HEAD


def test_what_the_director_prolongs_is_due_by_the_paper_and_by_no_row(
    field: Field, staying: Stay
) -> None:
    until = local_date(field.now) + 150 * DAY
    with pytest.raises(StayDayUnfit):
        move(field, staying, M.EXTEND, extended_until=until - 30 * DAY, **PAPER)
    move(field, staying, M.EXTEND, extended_until=until, **PAPER)
    assert clock_of(field, staying).ended_at == field.now
    assert shown(field, staying, of(staying)).last_day == until
    on_the_last_day = field.at(start_of_day(until))
    assert duties(on_the_last_day, of(staying)) == [Duty.PREPARE_LEAVING]
    assert duties(on_the_last_day, case_owner()) == []
    the_day_after = field.at(start_of_day(until + DAY))
    assert duties(the_day_after, of(staying)) == [Duty.END_STAY]
    assert duties(the_day_after, case_owner()) == [Duty.ASK_FACILITY]
    move(field, staying, M.EXTEND, extended_until=until + 30 * DAY, **PAPER)
    assert duties(the_day_after, of(staying)) == [Duty.PREPARE_LEAVING]


def test_whom_a_facility_declines_is_the_case_owners_to_bring_elsewhere(field: Field) -> None:
    case_id = field.case(requested=())
    facility(field)
    stay = announce(field, case_id)
    assert duties(field, of(stay)) == [Duty.RECORD_ARRIVAL]
    move(field, stay, M.DECLINE, reason=StayReason.NO_PLACE)
    assert (duties(field, of(stay)), duties(field, case_owner())) == ([], [Duty.FIND_FACILITY])
    again = announce(field.at(field.now + DAY), case_id)
    assert duties(field.at(field.now + DAY), case_owner()) == []
    move(field, again, M.CANCEL, case_owner(), reason=StayReason.PERSON_DECLINED)
    assert duties(field.at(field.now + DAY), case_owner()) == []


def test_a_facility_that_is_none_any_more_is_the_case_owners_to_replace(
    field: Field, staying: Stay
) -> None:
    facility(field, until=local_date(field.now), organisation_id=staying.facility_id)
    assert duties(field, case_owner()) == [Duty.FIND_FACILITY]
    clock = clock_of(field, staying)
    assert clock.next_at is not None
    domain.watch_clocks(field.session, clock.next_at)
    assert clock_of(field, staying).level_holder_id is None


def test_neither_another_facility_nor_whoever_serves_learns_of_it(
    field: Field, staying: Stay
) -> None:
    for role in (Role.FACILITY, Role.PROVIDER, Role.RECEIVER, Role.VERIFIER):
        with pytest.raises(StayNotFound):
            domain.find_stay(
                field.session,
                stay_id=staying.id,
                subject=somebody(uuid4(), role),
                now=field.now,
            )
    for role in (Role.PROVIDER, Role.RECEIVER):
        here = somebody(staying.facility_id, role)
        with pytest.raises(StayNotFound):
            domain.find_stay(field.session, stay_id=staying.id, subject=here, now=field.now)


def test_a_record_that_is_wrong_is_said_to_be_and_its_clock_ends(
    field: Field, staying: Stay
) -> None:
    move(field, staying, M.ENTERED_IN_ERROR, reason=StayReason.WRONG_PERSON)
    assert clock_of(field, staying).ended_at == field.now
    assert shown(field, staying, of(staying)).days is None
    assert announce(field, staying.case_id).status == S.ANNOUNCED
