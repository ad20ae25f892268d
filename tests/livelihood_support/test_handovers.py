"""Places are held for whoever is announced: by the nearest house, until they come or do not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from services.livelihood_support import domain, tasks
from services.livelihood_support.errors import CaseNotReceived, HandoverNotFound
from services.livelihood_support.models import Handover, HeldPlace, Stay
from services.livelihood_support.policy import (
    Awaited,
    Duty,
    HeldStatus,
    House,
    Lack,
    SheetFacts,
    handover_lacks,
)
from shared.contracts import AdvanceNoticeChanged, ExpectedPerson, Queue, StayMoved
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Role, Sex, StayStatus
from shared.duties import find_duties
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import OWNER, Field, case_owner
from tests.livelihood_support.calls import BASE, Headers
from tests.livelihood_support.test_readiness import attest, numbers, tell, tonight
from tests.livelihood_support.test_stays import announce, facility
from tests.subjects import somebody

E = ExpectedStatus
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHILD = Awaited(AgeBand.UNDER_16, Sex.MALE, ("km",), needs_interpreter=True, needs_escort=True)
WOMAN = Awaited(AgeBand.ADULT, Sex.FEMALE, ("vi",), needs_interpreter=False, needs_escort=False)


def handover(
    field: Field, *people: Awaited, area: str = "31", **changes: Any
) -> domain.HandoverFacts:
    told = domain.HandoverFacts(
        notice_id=uuid4(),
        announcer_id=uuid4(),
        expected_on=local_date(field.now),
        area_code=area,
        area_on=local_date(field.now),
        is_cancelled=False,
        people=[
            domain.AwaitedFacts(number, each, E.EXPECTED, None)
            for number, each in enumerate(people or (WOMAN, CHILD), 1)
        ],
        told_at=field.now,
    )
    return replace(told, **changes)


def became(told: domain.HandoverFacts, number: int, status: E, case_id: UUID | None = None) -> Any:
    """The same a minute later, when one of the people stands otherwise."""
    people = [
        replace(each, status=status, case_id=case_id) if each.number == number else each
        for each in told.people
    ]
    return replace(told, people=people, told_at=told.told_at + MINUTE)


def keep(field: Field, *told: domain.HandoverFacts) -> None:
    for each in told:
        domain.keep_handover(field.session, each, now=field.now, actor="test")
    field.session.flush()


def kept(field: Field, told: domain.HandoverFacts) -> Handover:
    return field.session.get_one(Handover, told.notice_id, populate_existing=True)


def places(field: Field, told: domain.HandoverFacts) -> list[str]:
    rows = field.session.scalars(
        select(HeldPlace)
        .where(HeldPlace.notice_id == told.notice_id)
        .order_by(HeldPlace.number)
        .execution_options(populate_existing=True)
    )
    return [each.status for each in rows]


def stays(field: Field, case_id: UUID) -> list[tuple[UUID, str, UUID]]:
    rows = field.session.scalars(select(Stay).where(Stay.case_id == case_id))
    return [(each.facility_id, each.status, each.announcer_id) for each in rows]


def view(field: Field, told: domain.HandoverFacts) -> domain.HandoverView:
    (shown,) = domain.show_handovers(field.session, [kept(field, told)], now=field.now)
    return shown


def duties(field: Field, subject: Subject) -> list[str]:
    found, _ = find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=20
    )
    return [each.what for each in found if each.subject == "advance_notice"]


def answer(field: Field, house: UUID, told: domain.HandoverFacts, escorts: int) -> None:
    subject = somebody(house, Role.FACILITY)
    domain.answer_handover(field.session, told.notice_id, escorts, subject=subject, now=field.now)
    field.session.flush()


def test_the_nearest_house_holds_a_place_for_each_and_counts_them(field: Field) -> None:
    wide, near = facility(field), facility(field, "11680")
    attest(field, near, tell(field, near, interpreters=("lo",)))
    told = handover(field, WOMAN, CHILD, CHILD, area="11680")
    keep(field, told)
    assert kept(field, told).facility_id == near
    assert places(field, told) == [HeldStatus.HELD] * 3
    assert numbers(field, near) == (0, 0, -1)
    assert tonight(field, near).held == 3
    assert tonight(field, near).lacking == [Lack.PLACES, Lack.INTERPRETERS, Lack.ESCORTS]
    assert tonight(field, wide).held == 0
    assert view(field, told).escorts_needed == 2


def test_a_house_that_takes_people_in_on_that_day_only_is_found_for_it(field: Field) -> None:
    today = local_date(field.now)
    facility(field, until=today + DAY)
    told = handover(field, expected_on=today + 2 * DAY)
    keep(field, told)
    assert kept(field, told).facility_id is None
    assert view(field, told).lacking == [Lack.FACILITY]


def test_a_place_is_looked_for_again_when_a_house_comes_or_goes(field: Field) -> None:
    told = handover(field)
    keep(field, told)
    assert duties(field, case_owner()) == []
    field.owning(OWNER)
    assert duties(field, case_owner()) == [Duty.PREPARE_HANDOVER]
    house = facility(field)
    domain.find_houses(field.session, now=field.now)
    assert kept(field, told).facility_id == house
    assert duties(field, case_owner()) == []
    answer(field, house, told, 1)
    facility(field, until=local_date(field.now), organisation_id=house)
    domain.find_houses(field.session, now=field.now)
    assert (kept(field, told).facility_id, kept(field, told).escorts) == (None, None)


def test_the_facility_says_who_escorts_and_the_owner_learns_that_too_few_do(field: Field) -> None:
    house, told = facility(field), handover(field, CHILD, CHILD)
    field.owning(OWNER)
    mine = somebody(house, Role.FACILITY)
    keep(field, told)
    assert duties(field, mine) == [Duty.ANSWER_HANDOVER]
    answer(field, house, told, 1)
    assert duties(field, mine) == []
    assert duties(field, case_owner()) == [Duty.PREPARE_HANDOVER]
    assert Lack.ESCORTS in view(field, told).lacking
    answer(field, house, told, 2)
    assert duties(field, case_owner()) == []
    assert Lack.ESCORTS not in view(field, told).lacking
    with pytest.raises(HandoverNotFound):
        answer(field, facility(field, "11749"), told, 2)


def test_an_answer_is_for_its_day(field: Field) -> None:
    house, told = facility(field), handover(field, CHILD)
    keep(field, told)
    answer(field, house, told, 1)
    keep(field, replace(told, told_at=told.told_at + MINUTE))
    assert kept(field, told).escorts == 1, "nothing that it was given for has changed"
    moved = replace(told, expected_on=told.expected_on + DAY, told_at=told.told_at + 2 * MINUTE)
    keep(field, moved)
    assert kept(field, told).escorts is None
    assert duties(field, somebody(house, Role.FACILITY)) == [Duty.ANSWER_HANDOVER]


def test_whoever_is_received_is_expected_in_that_house(
    field: Field, told: Callable[[Queue], list[Any]]
) -> None:
    house, first = facility(field), handover(field)
    keep(field, first)
    case_id = field.case(requested=())
    keep(field, became(first, 1, E.RECEIVED, case_id))
    assert places(field, first) == [HeldStatus.TAKEN, HeldStatus.HELD]
    assert stays(field, case_id) == [(house, StayStatus.ANNOUNCED, first.announcer_id)]
    assert (tonight(field, house).announced, tonight(field, house).held) == (1, 1)
    said = [each for each in told(Queue.INTAKE) if isinstance(each, StayMoved)]
    assert [(each.case_id, each.status) for each in said] == [(case_id, StayStatus.ANNOUNCED)]


def test_whoever_has_a_stay_already_is_announced_nowhere_else(field: Field) -> None:
    elsewhere, told = facility(field), handover(field, area="11680")
    case_id = field.case(requested=())
    announce(field, case_id)
    facility(field, "11680")
    keep(field, told, became(told, 1, E.RECEIVED, case_id))
    assert [house for house, *_ in stays(field, case_id)] == [elsewhere]


def test_without_a_house_nobody_is_announced_and_nothing_fails(field: Field) -> None:
    told, case_id = handover(field), field.case(requested=())
    keep(field, told, became(told, 1, E.RECEIVED, case_id))
    assert places(field, told) == [HeldStatus.TAKEN, HeldStatus.HELD]
    assert stays(field, case_id) == []


def test_received_before_anything_was_heard_of_the_notice_is_the_same(field: Field) -> None:
    house, told, case_id = facility(field), handover(field), field.case(requested=())
    keep(field, became(told, 1, E.RECEIVED, case_id), told)
    assert places(field, told) == [HeldStatus.TAKEN, HeldStatus.HELD], "the later word counts"
    assert [each[0] for each in stays(field, case_id)] == [house]


def test_a_case_that_is_on_its_way_is_waited_for(field: Field) -> None:
    facility(field)
    told = handover(field)
    with pytest.raises(CaseNotReceived):
        keep(field, became(told, 1, E.RECEIVED, uuid4()))


def test_given_and_cancelled_in_either_order_hold_nothing(field: Field) -> None:
    house, told = facility(field), handover(field)
    cancelled = replace(told, is_cancelled=True, told_at=told.told_at + MINUTE)
    keep(field, cancelled, told)
    assert places(field, told) == [HeldStatus.RELEASED] * 2
    assert tonight(field, house).held == 0
    assert duties(field, somebody(house, Role.FACILITY)) == []


def test_the_same_message_twice_changes_nothing(field: Field) -> None:
    facility(field)
    told, case_id = handover(field), field.case(requested=())
    received = became(told, 2, E.RECEIVED, case_id)
    keep(field, told, received, received)
    assert len(stays(field, case_id)) == 1
    assert places(field, told) == [HeldStatus.HELD, HeldStatus.TAKEN]


@given(order=some.permutations(range(4)))
@settings(
    max_examples=24, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_whatever_order_it_is_heard_the_latest_word_is_kept(
    field: Field, order: list[int]
) -> None:
    facility(field)
    given_first, case_id = handover(field), field.case(requested=())
    moved = replace(
        given_first,
        expected_on=given_first.expected_on + DAY,
        told_at=given_first.told_at + MINUTE,
    )
    received = became(moved, 1, E.RECEIVED, case_id)
    cancelled = replace(received, is_cancelled=True, told_at=received.told_at + MINUTE)
    words = [given_first, moved, received, cancelled]
    keep(field, *(words[each] for each in order))
    assert places(field, given_first) == [HeldStatus.TAKEN, HeldStatus.RELEASED]
    assert kept(field, given_first).expected_on == moved.expected_on
    assert len(stays(field, case_id)) == 1


PEOPLE = some.lists(
    some.builds(
        Awaited,
        age_band=some.sampled_from(AgeBand),
        sex=some.sampled_from(Sex),
        languages=some.sampled_from([("vi",), ("km",), ("lo", "km")]),
        needs_interpreter=some.booleans(),
        needs_escort=some.booleans(),
    ),
    max_size=4,
)


@given(
    people=PEOPLE,
    free=some.integers(-2, 3),
    spoken=some.sampled_from([(), ("km",), ("lo",)]),
    escorts=some.one_of(some.none(), some.integers(0, 4)),
)
def test_nothing_is_lacking_exactly_when_everybody_who_comes_is_provided_for(
    people: list[Awaited], free: int, spoken: tuple[str, ...], escorts: int | None
) -> None:
    sheet = SheetFacts(date(2026, 3, 2), 4, 9, 3, interpreters=spoken)
    found = handover_lacks(House(sheet, free), people, escorts)
    if not people:
        assert found == []
        return
    needed = sum(each.needs_escort for each in people)
    unspoken = any(it.needs_interpreter and not {*it.languages} & {*spoken} for it in people)
    assert (Lack.ESCORTS in found) == ((escorts or 0) < needed)
    assert (Lack.PLACES in found) == (free < 0)
    assert (Lack.INTERPRETERS in found) == unspoken
    assert handover_lacks(None, people, escorts) == [Lack.FACILITY]


def notice(now: datetime, area_code: str = "11680") -> AdvanceNoticeChanged:
    return AdvanceNoticeChanged(
        occurred_at=now,
        notice_id=uuid4(),
        announcer_id=uuid4(),
        expected_on=local_date(now),
        area_code=area_code,
        area_on=local_date(now),
        people=(
            ExpectedPerson(
                number=1,
                age_band=AgeBand.UNDER_16,
                sex=Sex.MALE,
                languages=("km",),
                needs_interpreter=True,
                needs_escort=True,
                status=E.EXPECTED,
            ),
        ),
    )


def test_the_house_and_the_owner_of_the_place_read_it_and_nobody_else(
    client: TestClient, begin: Begin, now: Any, token_for: Callable[..., Headers]
) -> None:
    told = notice(now)
    with begin() as session:
        field = Field(session, now)
        near, other = facility(field, "11680"), facility(field, "11749")
        field.owning(OWNER, "11680")
        rival, city = uuid4(), uuid4()
        field.owning(rival, "11749")
        field.owning(city, "31")
        tasks.keep_handover(session, told, now)

    def read(role: str, organisation_id: UUID, *areas: str) -> list[str]:
        headers = token_for(role, organisation_id=organisation_id, areas=areas or ("31",))
        answer = client.get(f"{BASE}/held-places", headers=headers)
        assert answer.status_code == 200, answer.text
        return [each["notice_id"] for each in answer.json()["items"]]

    assert read("facility", near) == read("case_owner", OWNER, "11680") == [str(told.notice_id)]
    assert read("facility", other) == read("case_owner", rival, "11749") == []
    assert read("case_owner", city, "31") == [], "it lies in its area, and the nearest owns it"
    for role in set(Role) - {Role.FACILITY, Role.CASE_OWNER}:
        refused = client.get(f"{BASE}/held-places", headers=token_for(role))
        assert refused.status_code == 403

    def say(role: str, organisation_id: UUID, escorts: int = 1) -> Any:
        headers = token_for(role, organisation_id=organisation_id)
        return client.post(
            f"{BASE}/held-places/{told.notice_id}/answer",
            json={"escorts": escorts},
            headers=headers | {"Idempotency-Key": str(uuid4())},
        )

    assert say("facility", other).status_code == 404
    assert say("case_owner", OWNER).status_code == 403
    assert say("facility", near, -1).status_code == 422
    answered = say("facility", near)
    assert (answered.status_code, answered.json()["escorts"]) == (201, 1)
    assert "escorts" not in answered.json()["lacking"]
