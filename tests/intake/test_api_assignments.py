"""Whoever owns a case gives a facility or a protector a part in it, and reads who has one."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, update

from services.intake.models import Assignment
from services.intake.policy import LegalPurpose
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from tests.intake.acting import Open, Scene, assign, organisation, owner_of, problem
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON, facts, receive

ASSIGNMENTS = "/intake/v1/assignments"


def items(answer: Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize(
    "days",
    [
        {"valid_from": "2026-03-09", "valid_to": "2026-03-09"},
        {"valid_from": "2026-03-09", "valid_to": "2026-03-08"},
        {"valid_to": "2026-03-02"},
    ],
)
def test_an_assignment_that_ends_before_its_second_day_is_refused(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, days: dict[str, str]
) -> None:
    scene.ids["facility"] = uuid4()
    organisation(begin, scene.ids["facility"], Role.FACILITY)
    refused = assign(client, token_for, scene, role="facility", reason="care_needed", **days)
    assert problem(refused) == (422, "days-unfit")


def test_only_an_organisation_of_the_role_is_assigned_and_only_once(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    twice = assign(client, token_for, scene, role="facility", reason="care_needed")
    assert problem(twice) == (409, "already-assigned")
    scene.ids["facility"] = scene.ids["verifier"]
    unfit = assign(client, token_for, scene, role="facility", reason="care_needed")
    assert problem(unfit) == (422, "assignee-unfit")
    ended = assign(client, token_for, scene, role="protector", reason="moved_elsewhere")
    assert problem(ended) == (422, "reason-unfit")


def test_only_the_owner_of_a_case_assigns_it(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    scene.ids["case_owner"] = uuid4()
    refused = assign(client, token_for, scene, role="protector", reason="threat")
    assert problem(refused) == (403, "not-responsible-now")


def test_an_assignment_whose_days_have_passed_does_not_block_the_next(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, open_file: Open
) -> None:
    over = {"valid_from": date(2026, 2, 2), "valid_to": date(2026, 3, 2)}
    with begin() as session:
        former = session.get_one(Assignment, UUID(scene.assigned["facility"]))
        former.valid_from, former.valid_to = over["valid_from"], over["valid_to"]
    assert problem(open_file(LegalPurpose.SHELTER)) == (403, "not-responsible-now")
    again = assign(client, token_for, scene, role="facility", reason="care_needed")
    assert again.status_code == 201, again.text
    assert open_file(LegalPurpose.SHELTER).status_code == 201
    where = f"{ASSIGNMENTS}?case_id={scene.case_id}"
    listed = items(client.get(where, headers=owner_of(token_for, scene)))
    ended = {it["id"]: it["end_reason"] for it in listed if it["role"] == "facility"}
    assert ended == {scene.assigned["facility"]: "days_over", again.json()["id"]: None}
    with begin() as session:
        entry = session.execute(select(AUDIT).where(AUDIT.c.action == "assignment.end")).one()
    assert entry.facts["reason"] == "days_over"


def test_an_assignment_of_days_to_come_still_blocks_another(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    with begin() as session:
        former = session.get_one(Assignment, UUID(scene.assigned["facility"]))
        former.valid_to = date(2026, 3, 3)
    again = assign(client, token_for, scene, role="facility", reason="care_needed")
    assert problem(again) == (409, "already-assigned")


@pytest.mark.parametrize("is_ending", [True, False])
def test_that_days_are_over_is_said_by_the_exchange_alone(
    client: TestClient, token_for: TokenFor, scene: Scene, is_ending: bool
) -> None:
    if is_ending:
        answer = client.post(
            f"/intake/v1/cases/{scene.case_id}/assignments/{scene.assigned['facility']}/end",
            json={"reason": "days_over"},
            headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
        )
    else:
        answer = assign(client, token_for, scene, role="facility", reason="days_over")
    assert problem(answer) == (422, "reason-unfit")


def test_an_organisation_lists_its_own_parts_and_an_owner_all_of_its_case(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    where = f"{ASSIGNMENTS}?case_id={scene.case_id}"
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    for address in (where, ASSIGNMENTS):
        own = items(client.get(address, headers=facility))
        assert [it["id"] for it in own] == [scene.assigned["facility"]]
    everything = items(client.get(where, headers=owner_of(token_for, scene)))
    assert {it["role"] for it in everything} == {"facility", "protector"}
    assert items(client.get(where, headers=token_for("facility"))) == []


def test_whoever_has_a_part_reads_of_whom_it_is_while_it_is_held_and_never_who(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    (held,) = items(client.get(f"{ASSIGNMENTS}?is_held=true", headers=facility))
    case = client.get(f"/intake/v1/cases/{scene.case_id}", headers=owner_of(token_for, scene))
    read = case.json()
    assert held["case_code"] == read["code"]
    shown = {name: read[name] for name in ("age_band", "sex", "area_code", "area_on")}
    assert held["person"] == shown
    assert items(client.get(f"{ASSIGNMENTS}?is_held=false", headers=facility)) == []
    ended = client.post(
        f"/intake/v1/cases/{scene.case_id}/assignments/{scene.assigned['facility']}/end",
        json={"reason": "moved_elsewhere"},
        headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
    )
    assert (ended.status_code, ended.json()["person"]) == (201, None)
    assert items(client.get(f"{ASSIGNMENTS}?is_held=true", headers=facility)) == []
    (former,) = items(client.get(f"{ASSIGNMENTS}?is_held=false", headers=facility))
    assert (former["case_code"], former["person"]) == (read["code"], None)


@pytest.mark.parametrize(
    ("days", "is_held"),
    [
        ({"valid_from": "2026-03-02"}, True),
        ({"valid_from": "2026-03-03"}, False),
        ({"valid_from": "2026-02-20", "valid_to": "2026-03-03"}, True),
        ({"valid_from": "2026-02-20", "valid_to": "2026-03-02"}, False),
    ],
    ids=str,
)
def test_a_part_is_held_from_its_first_day_until_before_its_last(
    *,
    client: TestClient,
    token_for: TokenFor,
    scene: Scene,
    begin: Begin,
    days: dict[str, str],
    is_held: bool,
) -> None:
    scene.ids["facility"] = uuid4()
    organisation(begin, scene.ids["facility"], Role.FACILITY)
    made = assign(client, token_for, scene, role="facility", reason="care_needed", **days)
    assert (made.json()["person"] is not None) is is_held
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    for asked, is_there in (("true", is_held), ("false", not is_held)):
        found = items(client.get(f"{ASSIGNMENTS}?is_held={asked}", headers=facility))
        assert bool(found) is is_there


def test_who_shelters_and_guards_in_cases_of_others_no_case_owner_reads(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    nearer, where = uuid4(), f"{ASSIGNMENTS}?case_id={scene.case_id}"
    unnamed = client.get(ASSIGNMENTS, headers=owner_of(token_for, scene))
    assert problem(unnamed) == (422, "case-not-named")
    unknown = client.get(f"{ASSIGNMENTS}?case_id={uuid4()}", headers=owner_of(token_for, scene))
    assert problem(unknown) == (404, "case-not-found")
    organisation(begin, nearer, Role.CASE_OWNER, area_code="11560")
    former = client.get(where, headers=owner_of(token_for, scene))
    assert problem(former) == (403, "not-responsible-now")
    new = token_for("case_owner", organisation_id=nearer)
    assert len(items(client.get(where, headers=new))) == 2


@pytest.mark.parametrize("named", ["", "?case_id={case_id}"])
def test_a_case_owner_that_is_a_facility_too_reads_its_own_part_elsewhere(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, named: str
) -> None:
    organisation(begin, uuid4(), Role.CASE_OWNER, area_code="11560")
    both = token_for("case_owner", "facility", organisation_id=scene.ids["facility"])
    found = items(client.get(ASSIGNMENTS + named.format(case_id=scene.case_id), headers=both))
    assert [it["id"] for it in found] == [scene.assigned["facility"]]


def test_an_assignment_tells_whoever_does_not_own_the_case_neither_moment_nor_order(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    moment = NOON + timedelta(seconds=17, microseconds=4211)
    with begin() as session:
        session.execute(
            update(Assignment).values(
                assigned_at=moment, ended_at=moment, end_reason="moved_elsewhere"
            )
        )
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    (told,) = items(client.get(ASSIGNMENTS, headers=facility))
    assert UUID(told["id"]).version == 4
    assert {told["assigned_at"], told["ended_at"]} == {"2026-03-02T05:00:00Z"}
    where = f"{ASSIGNMENTS}?case_id={scene.case_id}"
    for whole in items(client.get(where, headers=owner_of(token_for, scene))):
        assert {whole["assigned_at"], whole["ended_at"]} == {"2026-03-02T05:00:17.004211Z"}


def test_assignments_are_listed_page_by_page_in_the_order_in_which_they_were_made(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, keys: MasterKeys
) -> None:
    made = [UUID(scene.assigned["facility"])]
    for _ in range(4):
        other = facts(keys)
        with begin() as session:
            receive(session, other)
        there = Scene(other.case_id, scene.ids)
        answer = assign(client, token_for, there, role="facility", reason="care_needed")
        made.append(UUID(answer.json()["id"]))
    _date(begin, made)
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    found, place = list[str](), f"{ASSIGNMENTS}?page_size=2"
    while place:
        page = client.get(place, headers=facility).json()
        found += [it["id"] for it in page["items"]]
        cursor = page["next_cursor"]
        place = cursor and f"{ASSIGNMENTS}?page_size=2&cursor={cursor}"
    assert found == [str(it) for it in made]


def _date(begin: Begin, made: Sequence[UUID]) -> None:
    """A day between each and the next."""
    with begin() as session:
        for days, each in enumerate(made):
            changed = update(Assignment).where(Assignment.id == each)
            session.execute(changed.values(assigned_at=NOON + timedelta(days=days)))
