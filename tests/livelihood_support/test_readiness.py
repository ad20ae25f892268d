"""What a facility has ready, who attests it, and what it lacks for whom it houses and expects."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some

from services.livelihood_support import domain
from services.livelihood_support.errors import (
    AlreadyAttested,
    FacilityUnfit,
    SheetIsYours,
    SheetNotFound,
)
from services.livelihood_support.models import ReadinessSheet
from services.livelihood_support.policy import (
    Duty,
    Equipment,
    Guests,
    Lack,
    SheetFacts,
    StayDestination,
    lacks,
    missing,
)
from shared.contracts.vocabulary import Role
from shared.duties import find_duties
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import OWNER, Field, case_owner
from tests.livelihood_support.calls import BASE, Headers
from tests.livelihood_support.test_stays import M, announce, arrive, facility, move
from tests.subjects import somebody

DAY = timedelta(days=1)
EVERYTHING = frozenset(Equipment)


def sheet(valid_from: date, places: int = 2, **others: Any) -> SheetFacts:
    told: dict[str, Any] = {
        "rooms": 4,
        "staff": 3,
        "interpreters": ("km",),
        "equipment": EVERYTHING,
    } | others
    return SheetFacts(valid_from=valid_from, places=places, **told)


def tell(
    field: Field, house: UUID, places: int = 2, valid_from: date | None = None, **others: Any
) -> ReadinessSheet:
    told = sheet(valid_from or local_date(field.now), places, **others)
    subject = somebody(house, Role.FACILITY)
    return domain.write_sheet(field.session, told, subject=subject, now=field.now)


def attest(field: Field, house: UUID, told: ReadinessSheet, subject: Any = None) -> None:
    by = subject or somebody(house, Role.FACILITY, client_id="another")
    domain.attest_sheet(field.session, told.id, subject=by, now=field.now)


def duties(field: Field, subject: Subject) -> list[str]:
    found, _ = find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=20
    )
    return [each.what for each in found if each.subject == "facility"]


def tonight(field: Field, house: UUID) -> domain.Readiness:
    found = domain.find_readiness(field.session, subject=case_owner(), now=field.now)
    (it,) = [each for each in found if each.facility_id == house]
    return it


def numbers(field: Field, house: UUID) -> tuple[int, int, int | None]:
    it = tonight(field, house)
    return it.staying, it.announced, it.free


def test_a_facility_that_has_told_nothing_lacks_its_sheet(field: Field) -> None:
    it = tonight(field, facility(field))
    assert (it.sheet, it.free, it.lacking) == (None, None, [Lack.SHEET])


def test_who_stays_and_who_is_expected_takes_a_place(field: Field) -> None:
    house = facility(field)
    attest(field, house, tell(field, house))
    stays = [announce(field, field.case(requested=())) for _ in range(3)]
    arrive(field, stays[0])
    assert numbers(field, house) == (1, 2, -1), "more are expected than there are places for"
    assert tonight(field, house).lacking == [Lack.PLACES]
    left: dict[str, Any] = {"left_on": local_date(field.now), "left_to": StayDestination.FAMILY}
    move(field, stays[0], M.LEAVE, **left)
    assert numbers(field, house) == (0, 2, 0)
    assert tonight(field, house).lacking == []


def test_the_newest_sheet_that_holds_counts_and_a_later_one_waits_for_its_day(
    field: Field,
) -> None:
    house, today = facility(field), local_date(field.now)

    def places(at: Field) -> int | None:
        counting = tonight(at, house).sheet
        return counting.places if counting else None

    tell(field, house, 20, today - 30 * DAY)
    tell(field, house, 5, today + DAY)
    assert places(field) == 20
    assert places(field.at(field.now + DAY)) == 5
    tell(field.at(field.now + timedelta(minutes=1)), house, 8, today + DAY)
    assert places(field.at(field.now + DAY)) == 8, "of one day the last that was told"


def test_only_who_takes_people_in_today_tells_what_it_has(field: Field) -> None:
    closed = facility(field, until=local_date(field.now))
    for house in (closed, uuid4()):
        with pytest.raises(FacilityUnfit):
            tell(field, house)
    found = domain.find_readiness(field.session, subject=case_owner(), now=field.now)
    assert closed not in {each.facility_id for each in found}


def test_a_sheet_is_attested_once_by_somebody_else_of_the_same_facility(field: Field) -> None:
    house = facility(field)
    writer = somebody(house, Role.FACILITY)
    today = local_date(field.now)
    told = domain.write_sheet(field.session, sheet(today), subject=writer, now=field.now)
    with pytest.raises(SheetIsYours):
        attest(field, house, told, writer)
    with pytest.raises(SheetNotFound):
        attest(field, facility(field), told)
    attest(field, house, told)
    with pytest.raises(AlreadyAttested):
        attest(field, house, told)
    assert Lack.ATTESTATION not in tonight(field, house).lacking


def test_a_newer_sheet_is_attested_anew(field: Field) -> None:
    house = facility(field)
    attest(field, house, tell(field, house))
    tell(field.at(field.now + timedelta(minutes=1)), house, 3)
    assert tonight(field, house).lacking == [Lack.ATTESTATION]


def test_a_facility_is_told_to_tell_and_to_attest(field: Field) -> None:
    house = facility(field)
    mine = somebody(house, Role.FACILITY)
    assert duties(field, mine) == [Duty.TELL_READINESS]
    told = tell(field, house)
    assert duties(field, mine) == [Duty.ATTEST_READINESS]
    attest(field, house, told)
    assert duties(field, mine) == []
    assert duties(field, somebody(uuid4(), Role.FACILITY)) == []


def test_an_interpreter_is_lacking_for_whoever_nobody_there_can_speak_with() -> None:
    told = sheet(date(2026, 3, 2), interpreters=("km", "zh-Hant"))

    def lacking(*languages: str) -> bool:
        found = lacks(told, Guests(1, [languages]), is_attested=True)
        return Lack.INTERPRETERS in found

    assert not lacking("km-KH")
    assert not lacking("lo", "km")
    assert lacking("lo")
    assert lacking("zh-Hans")


@given(
    equipment=some.frozensets(some.sampled_from(Equipment)),
    places=some.integers(0, 5),
    count=some.integers(0, 5),
    is_attested=some.booleans(),
)
def test_nothing_is_lacking_exactly_when_everything_is_there(
    equipment: frozenset[Equipment], places: int, count: int, is_attested: bool
) -> None:
    told = sheet(date(2026, 3, 2), places, equipment=equipment)
    found = lacks(told, Guests(count), is_attested=is_attested)
    assert (Lack.PLACES in found) == (count > places)
    assert (Lack.ATTESTATION in found) == (not is_attested)
    assert (Lack.EQUIPMENT in found) == bool(missing(told)) == (equipment != EVERYTHING)
    assert {Lack.SHEET, Lack.INTERPRETERS}.isdisjoint(found)


def test_a_facility_reads_its_own_and_a_case_owner_all_and_nobody_else_any(
    client: TestClient, begin: Begin, now: Any, token_for: Callable[..., Headers]
) -> None:
    with begin() as session:
        houses = {str(facility(Field(session, now))) for _ in range(2)}
    ours = next(iter(houses))
    mine = token_for("facility", organisation_id=UUID(ours))
    body = {"valid_from": local_date(now).isoformat(), "rooms": 8, "places": 20, "staff": 6}
    told = client.post(
        f"{BASE}/readiness-sheets",
        json=body | {"interpreters": ["KM"], "equipment": ["kitchen"]},
        headers=mine | {"Idempotency-Key": str(uuid4())},
    )
    assert (told.status_code, told.json()["interpreters"]) == (201, ["km"])
    attested = client.post(
        f"{BASE}/readiness-sheets/{told.json()['id']}/attestation",
        headers=mine | {"Idempotency-Key": str(uuid4())},
    )
    assert attested.status_code == 409, "whoever wrote it does not attest it"
    seen = client.get(f"{BASE}/facilities", headers=mine).json()["items"]
    assert [(it["facility_id"], it["free"]) for it in seen] == [(ours, 20)]
    owner = token_for("case_owner", organisation_id=OWNER)
    listed = client.get(f"{BASE}/facilities", headers=owner).json()["items"]
    assert {it["facility_id"] for it in listed} == houses
    for role in ("provider", "receiver", "verifier"):
        refused = client.get(f"{BASE}/facilities", headers=token_for(role))
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"places": -1}, {"staff": 1001}, {"equipment": ["pool"]}, {"interpreters": ["?"]}]
)
def test_what_makes_no_sense_is_refused_by_its_field(
    client: TestClient, now: Any, token_for: Callable[..., Headers], wrong: dict[str, Any]
) -> None:
    body = {"valid_from": local_date(now).isoformat(), "rooms": 8, "places": 20, "staff": 6}
    headers = token_for("facility") | {"Idempotency-Key": str(uuid4())}
    refused = client.post(f"{BASE}/readiness-sheets", json=body | wrong, headers=headers)
    assert refused.status_code == 422
    assert str(next(iter(wrong))) in refused.text
