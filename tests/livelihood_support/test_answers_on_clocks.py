"""The time to answer an offer, and to confirm a purge, runs on a clock like every other.

Noon of Monday, 2 March 2026: five working days to answer end with Monday, 9 March; three to confirm
a purge with Thursday, 5 March.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import ANSWER_BEGAN, PURGE_BEGAN, Duty, Move
from shared import clocks
from shared.clocks import CLOCKS, Clock
from shared.contracts import Message, Queue, ReferralClockBreached, ReferralClockWarned
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import ClockLevel, DeliveryOutcome, ReasonCode, Role
from shared.duties import find_duties
from shared.duties.running import RunningCounted, RunningRow, RunningWanted, find_running
from shared.kit import migrations
from shared.kit.clock import start_of_day
from shared.kit.database import make_engine
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import OWNER, Field, asked, case_owner
from tests.livelihood_support.test_clocks import SCHOOL, organisation
from tests.livelihood_support.test_unread import read
from tests.subjects import somebody

WARNED, HEAD, DUE = (start_of_day(date(2026, 3, day)) for day in (4, 6, 10))
PURGE_WARNED, PURGE_HEAD, PURGE_DUE = (start_of_day(date(2026, 3, day)) for day in (3, 5, 6))
A_MINUTE = timedelta(minutes=1)
BEFORE = "0043"
MANAGER = somebody(SCHOOL, Role.MANAGER)

Told = Callable[[Queue], list[Message]]


@pytest.fixture
def offered(field: Field) -> Referral:
    """A school that somebody leads has the offer; another may be asked after it."""
    organisation(field, SCHOOL, Role.PROVIDER, Role.MANAGER)
    organisation(field, OWNER, Role.CASE_OWNER, Role.MANAGER)
    field.programme(organisation_id=SCHOOL)
    referral = field.referred()
    field.deliver(referral.id)
    return referral


@pytest.fixture
def owing(field: Field, offered: Referral) -> Referral:
    """It has accepted, and has to delete what it was told since."""
    field.move(offered, Move.ACCEPT)
    field.withdraw(offered.case_id)
    return offered


def look(field: Field, *moments: datetime) -> None:
    """The relay looks just before each of these moments, and then."""
    field.session.flush()
    for now in (it for each in moments for it in (each - A_MINUTE, each)):
        while domain.watch_clocks(field.session, now):
            pass


def newest(field: Field, fact: str, offer: Offer) -> Clock:
    return clocks.find(field.session, fact, [offer.id])[offer.id]


def lines(told: Told, key: PeriodKey) -> list[tuple[ClockLevel, UUID | None, bool]]:
    kinds = ReferralClockWarned | ReferralClockBreached
    steps = [it for it in told(Queue.INTAKE) if isinstance(it, kinds) and it.key == key]
    return [(it.level, it.organisation_id, isinstance(it, ReferralClockBreached)) for it in steps]


def whats(field: Field, subject: Subject, now: datetime) -> list[str]:
    field.session.flush()
    rows, _ = find_duties(
        field.session, domain.DUTIES, subject=subject, now=now, after=None, size=20
    )
    return [each.what for each in rows]


def test_it_runs_from_the_delivery_and_is_on_its_clock_at_once(
    field: Field, offered: Referral
) -> None:
    offer = field.offer(offered.id)
    clock = newest(field, ANSWER_BEGAN, offer)
    assert (clock.started_at, clock.due_at, clock.case_id) == (field.now, DUE, offered.case_id)
    assert offer.expires_at == DUE
    field.at(field.now + A_MINUTE).move(offered, Move.SEEN)
    assert newest(field, ANSWER_BEGAN, field.offer(offered.id)).started_at == field.now


def test_what_was_seen_before_it_was_delivered_runs_from_then(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.SEEN)
    field.at(field.now + timedelta(days=1)).deliver(referral.id)
    look(field, field.now + timedelta(days=1))
    assert newest(field, ANSWER_BEGAN, field.offer(referral.id)).started_at == field.now
    assert field.offer(referral.id).expires_at == DUE


def test_those_asked_are_warned_then_whoever_leads_and_then_the_next_is_asked(
    field: Field, offered: Referral, told: Told
) -> None:
    look(field, WARNED, HEAD, DUE)
    ended = newest(field, ANSWER_BEGAN, field.offer(offered.id))
    assert (ended.ended_at, ended.breached_at) == (DUE, None), "nobody is late: the next is asked"
    assert lines(told, PeriodKey.REFERRAL_ANSWER) == [
        (ClockLevel.OFFICER, SCHOOL, False),
        (ClockLevel.HEAD, SCHOOL, False),
    ]
    assert domain.expire_offers(field.session, DUE - A_MINUTE) == 0
    assert domain.expire_offers(field.session, DUE) == 1, "whoever looks first"
    assert field.offers(offered.id)[0].status == "expired"


def test_the_next_is_asked_also_where_nobody_has_looked_at_the_clock(
    field: Field, offered: Referral, told: Told
) -> None:
    assert domain.expire_offers(field.session, DUE) == 1
    look(field, DUE + A_MINUTE)
    assert newest(field, ANSWER_BEGAN, field.offers(offered.id)[0]).ended_at == DUE
    assert lines(told, PeriodKey.REFERRAL_ANSWER) == [], "in an outage nobody is warned too late"


@pytest.mark.parametrize("is_read", [False, True])
def test_the_manager_sees_to_it_and_in_its_week_has_it_read_where_nobody_has(
    field: Field, offered: Referral, *, is_read: bool
) -> None:
    if is_read:
        read(field, offered)
    look(field, WARNED)
    assert whats(field, MANAGER, WARNED) == []
    look(field, HEAD)
    assert whats(field, MANAGER, HEAD) == [Duty.SEE_TO_ANSWER]
    in_its_week = start_of_day(date(2026, 3, 9))
    expected = Duty.SEE_TO_ANSWER if is_read else Duty.HAVE_NOTICE_READ
    assert whats(field, MANAGER, in_its_week) == [expected], "one of them"
    field.at(HEAD).move(offered, Move.ACCEPT)
    assert Duty.SEE_TO_ANSWER not in whats(field, MANAGER, HEAD), "before the clock is ended"


def test_what_came_back_waits_no_more_and_has_a_time_of_its_own_when_it_arrives(
    field: Field, offered: Referral
) -> None:
    field.deliver(offered.id, DeliveryOutcome.PARKED)
    assert field.offer(offered.id).expires_at is None
    later = field.at(field.now + timedelta(days=1))
    look(later, later.now)
    assert newest(field, ANSWER_BEGAN, field.offer(offered.id)).ended_at is not None
    later.deliver(offered.id)
    again = newest(field, ANSWER_BEGAN, field.offer(offered.id))
    assert (again.started_at, again.ended_at) == (later.now, None)
    assert field.offer(offered.id).expires_at == again.due_at == start_of_day(date(2026, 3, 11))


def test_both_read_it_among_their_clocks_and_nobody_another(
    field: Field, offered: Referral
) -> None:
    for subject, duty in (
        (asked(field.offer(offered.id)), Duty.ANSWER_OFFER),
        (case_owner(), None),
    ):
        (row,), counted = running(field, subject)
        assert (row.clock.key, row.duty) == (PeriodKey.REFERRAL_ANSWER, duty)
        assert (row.case_id is None) == (duty is not None), "an organisation knows no case"
        assert counted.others_by_day == ({} if duty else {date(2026, 3, 9): 1})
    assert running(field, somebody(UUID(int=7), Role.PROVIDER))[0] == []


def test_whoever_owns_the_case_sees_until_when_an_offer_may_be_on_its_way(field: Field) -> None:
    organisation(field, OWNER, Role.CASE_OWNER)
    field.programme(organisation_id=SCHOOL)
    referral = field.referred()
    (row,), counted = running(field, case_owner())
    offer = field.offer(referral.id)
    assert (row.clock.key, row.clock.due_at) == (PeriodKey.REFERRAL_DELIVERY, offer.delivery_due_at)
    assert (row.clock.object_id, row.case_id, row.duty) == (offer.id, referral.case_id, None)
    assert row.clock.end is not None
    assert (counted.late, counted.others_by_day) == (0, {date(2026, 3, 4): 1})
    assert running(field, asked(offer))[0] == [], "it keeps nothing of that"
    field.deliver(referral.id)
    assert [it.clock.key for it in running(field, case_owner())[0]] == [PeriodKey.REFERRAL_ANSWER]


def running(field: Field, subject: Subject) -> tuple[Sequence[RunningRow], RunningCounted]:
    field.session.flush()
    return find_running(
        field.session,
        domain.RUNNING,
        subject=subject,
        now=field.now,
        after=None,
        size=9,
        wanted=RunningWanted(),
    )


def test_a_purge_is_warned_of_goes_on_and_is_late(
    field: Field, owing: Referral, told: Told
) -> None:
    offer = field.offer(owing.id)
    read(field, owing, purge_id=offer.purge_id)
    assert offer.purge_due_at == PURGE_DUE
    look(field, PURGE_WARNED)
    assert Duty.SEE_TO_PURGE not in whats(field, MANAGER, PURGE_WARNED)
    look(field, PURGE_HEAD)
    assert Duty.SEE_TO_PURGE in whats(field, MANAGER, PURGE_HEAD)
    assert domain.alert_owed_purges(field.session, PURGE_DUE - A_MINUTE) == 0
    look(field, PURGE_DUE)
    assert domain.alert_owed_purges(field.session, PURGE_DUE) == 1
    assert lines(told, PeriodKey.PURGE_CONFIRMATION) == [
        (ClockLevel.OFFICER, SCHOOL, False),
        (ClockLevel.HEAD, SCHOOL, False),
        (ClockLevel.DEPARTMENT, OWNER, True),
    ]
    field.at(PURGE_DUE).move(owing, Move.CONFIRM_PURGE)
    look(field, PURGE_DUE + A_MINUTE)
    assert newest(field, PURGE_BEGAN, offer).ended_at == PURGE_DUE


def test_what_is_asked_for_again_has_a_time_of_its_own(field: Field, owing: Referral) -> None:
    offer = field.offer(owing.id)
    first = newest(field, PURGE_BEGAN, offer)
    later = field.at(field.now + timedelta(days=1))
    later.agree(owing.case_id)
    later.withdraw(owing.case_id)
    look(later, later.now + A_MINUTE)
    again = newest(field, PURGE_BEGAN, offer)
    assert (again.started_at, again.ended_at) == (later.now, None)
    assert field.offer(owing.id).purge_due_at == again.due_at == PURGE_DUE + timedelta(days=1)
    ended = select(CLOCKS.c.ended_at).where(CLOCKS.c.id == first.id)
    assert field.session.scalar(ended) is not None


def test_what_runs_when_this_release_comes_runs_on(
    new_database: Callable[[str], str],
) -> None:
    url = new_database(Queue.LIVELIHOOD_SUPPORT)
    engine = make_engine(url)
    with Session(engine) as session:
        field = Field(session, datetime.fromisoformat("2026-03-02T05:00:00+00:00"))
        field.owning(OWNER)
        field.programme()
        running_offer, accepted, owed = field.referred(), field.referred(), field.referred()
        for each in (running_offer, accepted, owed):
            field.deliver(each.id)
        field.move(accepted, Move.ACCEPT)
        field.move(owed, Move.ACCEPT)
        field.withdraw(owed.case_id)
        look(field, field.now + A_MINUTE)
        session.commit()
        before = facts(session)
    migrations.downgrade(Queue.LIVELIHOOD_SUPPORT, url, BEFORE)
    migrations.upgrade(Queue.LIVELIHOOD_SUPPORT, url)
    with Session(engine) as session:
        assert facts(session) == before
        look(Field(session, DUE), DUE)
        late = select(CLOCKS.c.fact).where(CLOCKS.c.breached_at.is_not(None))
        assert session.scalars(late).all() == [PURGE_BEGAN], "the purge that is owed"
    engine.dispose()


def facts(session: Session) -> list[tuple[object, ...]]:
    c = CLOCKS.c
    rows = session.execute(
        select(c.object_id, c.fact, c.key, c.started_at, c.due_at, c.ended_at, c.area_on)
        .where(c.fact.in_((ANSWER_BEGAN, PURGE_BEGAN)))
        .order_by(c.object_id, c.fact)
    )
    return [tuple(each) for each in rows]


def test_an_organisation_that_rejects_leaves_the_manager_nothing(
    field: Field, offered: Referral
) -> None:
    read(field, offered)
    look(field, WARNED, HEAD)
    field.at(HEAD).move(offered, Move.REJECT, reason=ReasonCode.CAPACITY)
    assert whats(field, MANAGER, HEAD) == []
