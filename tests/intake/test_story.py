"""The story of a case in pages, who was let see whom, and which cases a list shows."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.intake import tasks
from services.intake.models import Case
from services.intake.policy import EventKind, LegalPurpose, StepKind
from shared.contracts import (
    ProtectionMoved,
    ReferralClockBreached,
    StayMoved,
    VerificationClockBreached,
)
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import (
    ClockLevel,
    ProtectionStatus,
    ReferralStatus,
    Role,
    StayStatus,
)
from shared.kit.clock import local_date
from shared.kit.database import Begin
from tests.intake.acting import Open, Scene, organisation, owner_of, problem
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.intake.builders import NAME, NOON
from tests.intake.messages import moved, requested

SCHOOL = {"organisation_kind": "vocational_school", "purpose": "service_referral"}


@pytest.fixture
def lived(
    client: TestClient, scene: Scene, begin: Begin, token_for: TokenFor, open_file: Open
) -> list[str]:
    """The kinds of what happened in the scene, newest first."""
    asked = requested(scene.case_id, uuid4()).model_copy(
        update={"occurred_at": NOON + timedelta(days=1)}
    )
    going_on = moved(asked, ReferralStatus.IN_PROGRESS).model_copy(
        update={"occurred_at": NOON + timedelta(days=2)}
    )
    with begin() as session:
        tasks.note_requests(session, [asked], NOON)
        tasks.note_moves(session, [going_on], NOON)
        session.get_one(Case, scene.case_id).received_at = NOON - timedelta(days=1)
    assert open_file(LegalPurpose.VERIFICATION).status_code == 201
    ended = client.post(
        f"{CASES}/{scene.case_id}/consents/withdrawals",
        json=SCHOOL,
        headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
    )
    assert ended.status_code == 201, ended.text
    return ["referral_moved", "referral_requested"]


def story(client: TestClient, scene: Scene, headers: Headers, **query: Any) -> list[dict[str, Any]]:
    """All pages, one event a page."""
    where, items, cursor = f"{CASES}/{scene.case_id}/timeline", [], None
    while True:
        asked = {**query, "page_size": 1, **({"cursor": cursor} if cursor else {})}
        page = client.get(where, params=asked, headers=headers)
        assert page.status_code == 200, page.text
        assert NAME not in page.text
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


def test_an_owner_reads_the_whole_story_newest_first(
    client: TestClient, scene: Scene, lived: list[str], token_for: TokenFor
) -> None:
    told = story(client, scene, owner_of(token_for, scene))
    assert [it["kind"] for it in told][:2] == lived
    assert [it["at"] for it in told] == sorted((it["at"] for it in told), reverse=True)
    assert sorted(it["kind"] for it in told) == sorted(
        [
            *lived,
            EventKind.RECEIVED,
            EventKind.VERIFICATION_OPENED,
            EventKind.CONSENT_GIVEN,
            EventKind.CONSENT_WITHDRAWN,
            EventKind.ASSIGNMENT_MADE,
            EventKind.ASSIGNMENT_MADE,
            EventKind.FILE_OPENED,
        ]
    )
    (opened,) = [it for it in told if it["kind"] == EventKind.FILE_OPENED]
    assert (opened["purpose"], opened["reason"]) == ("verification", "interview")
    assert opened["organisation_id"] == str(scene.ids["verifier"])


def test_the_main_line_leaves_out_readings_and_steps_between(
    client: TestClient, scene: Scene, lived: list[str], token_for: TokenFor
) -> None:
    told = [it["kind"] for it in story(client, scene, owner_of(token_for, scene), main="true")]
    assert told[0] == EventKind.REFERRAL_REQUESTED
    assert EventKind.FILE_OPENED not in told
    assert {EventKind.RECEIVED, EventKind.CONSENT_WITHDRAWN, EventKind.ASSIGNMENT_MADE} <= {*told}


def test_whoever_submitted_it_reads_what_was_told_and_not_who_saw_whom(
    client: TestClient, scene: Scene, lived: list[str], begin: Begin, token_for: TokenFor
) -> None:
    with begin() as session:
        receiver_id = session.get_one(Case, scene.case_id).receiver_id
    told = story(client, scene, token_for("receiver", organisation_id=receiver_id))
    assert {it["kind"] for it in told} == {
        *StepKind,
        EventKind.CONSENT_GIVEN,
        EventKind.CONSENT_WITHDRAWN,
    } - {
        StepKind.PROTECTION_MOVED,
        StepKind.STAY_MOVED,
        StepKind.CLOCK_BREACHED,
        StepKind.CLOCK_WARNED,
        StepKind.INITIAL_CHECK,
        StepKind.IMMEDIATE_NEED_ENDED,
        StepKind.COMPLAINT_RECEIVED,
        StepKind.COMPLAINT_ANSWERED,
        StepKind.VERIFICATION_CONCLUDED,
        StepKind.PLAN_OPENED,
        StepKind.PLAN_REVISED,
        StepKind.REFERRAL_CONFIRMED,
        StepKind.QUESTION_ASKED,
        StepKind.QUESTION_ANSWERED,
        StepKind.PROVISIONAL_PLAN_OPENED,
        StepKind.PROVISION_RECORDED,
        StepKind.PROVISION_CORRECTED,
    }
    of_referrals = [it for it in told if it["referral_id"]]
    assert {(it["code"], it["organisation_id"]) for it in of_referrals} == {(None, None)}
    assert {it["need"] for it in of_referrals} == {"VOCATIONAL"}


def test_that_somebody_is_protected_is_for_whoever_owns_the_case(
    client: TestClient, scene: Scene, begin: Begin, token_for: TokenFor
) -> None:
    told = ProtectionMoved(
        occurred_at=NOON,
        case_id=scene.case_id,
        protection_id=uuid4(),
        move_id=uuid4(),
        status=ProtectionStatus.GRANTED,
        protector_id=(protector_id := uuid4()),
    )
    late = VerificationClockBreached(
        key=PeriodKey.PROTECTION_DECISION, **breach(scene, told.protection_id)
    )
    with begin() as session:
        tasks.note_protection(session, [told], NOON)
        tasks.note_breaches(session, [late], NOON)
    seen = told_to_its_owner_alone(client, scene, begin, token_for)
    assert seen == ("protection_moved", "granted", str(protector_id))


def test_that_somebody_stays_in_a_facility_is_for_whoever_owns_the_case(
    client: TestClient, scene: Scene, begin: Begin, token_for: TokenFor
) -> None:
    told = StayMoved(
        occurred_at=NOON,
        case_id=scene.case_id,
        stay_id=uuid4(),
        move_id=uuid4(),
        status=StayStatus.STAYING,
        facility_id=(facility_id := uuid4()),
    )
    late = ReferralClockBreached(key=PeriodKey.STAY_MAXIMUM, **breach(scene, told.stay_id))
    with begin() as session:
        tasks.note_stays(session, [told], NOON)
        tasks.note_breaches_of_support(session, [late], NOON)
    seen = told_to_its_owner_alone(client, scene, begin, token_for)
    assert seen == ("stay_moved", "staying", str(facility_id))


def breach(scene: Scene, object_id: UUID) -> dict[str, Any]:
    """What a clock of this says that went over its time, up to the department."""
    return {
        "occurred_at": NOON,
        "case_id": scene.case_id,
        "clock_id": uuid4(),
        "object_id": object_id,
        "due_at": NOON,
        "level": ClockLevel.DEPARTMENT,
    }


def told_to_its_owner_alone(
    client: TestClient, scene: Scene, begin: Begin, token_for: TokenFor
) -> tuple[str, str, str]:
    """The one move that the owner reads, with its breach; who received the person reads neither."""
    moves = {"protection_moved", "stay_moved"}
    with begin() as session:
        receiver_id = session.get_one(Case, scene.case_id).receiver_id
    receiver = token_for("receiver", organisation_id=receiver_id)
    read = story(client, scene, owner_of(token_for, scene))
    (seen,) = [it for it in read if it["kind"] in moves]
    assert "clock_breached" in {it["kind"] for it in read}
    journey = client.get(f"{CASES}/{scene.case_id}/journey", headers=receiver).json()["steps"]
    for told_to in (story(client, scene, receiver), journey):
        assert not {it["kind"] for it in told_to} & {*moves, "clock_breached"}
    return seen["kind"], seen["status"], seen["organisation_id"]


def test_a_cursor_that_no_story_wrote_is_refused(
    client: TestClient, scene: Scene, token_for: TokenFor
) -> None:
    for path in ("timeline", "disclosures"):
        where = f"{CASES}/{scene.case_id}/{path}"
        refused = client.get(where, params={"cursor": "bm8"}, headers=owner_of(token_for, scene))
        assert problem(refused) == (422, "cursor-unknown")


def test_an_owner_reads_who_was_let_see_the_person(
    client: TestClient, scene: Scene, open_file: Open, token_for: TokenFor
) -> None:
    for purpose in (LegalPurpose.VERIFICATION, LegalPurpose.SHELTER):
        assert open_file(purpose).status_code == 201
    where = f"{CASES}/{scene.case_id}/disclosures"
    owner, told, cursor = owner_of(token_for, scene), [], None
    for _ in range(2):
        asked = {"page_size": 1, **({"cursor": cursor} if cursor else {})}
        page = client.get(where, params=asked, headers=owner)
        assert NAME not in page.text
        told += page.json()["items"]
        cursor = page.json()["next_cursor"]
    assert cursor is None
    assert {it["purpose"] for it in told} == {"verification", "shelter"}
    assert {(it["basis"], it["outcome"]) for it in told} == {("law", "granted")}
    assert all("full_name" in it["fields"] for it in told)


def test_a_list_shows_the_cases_of_a_commune_of_an_officer_and_since_a_day(
    client: TestClient, submit: Submit, owner: Headers, begin: Begin
) -> None:
    first, other = submit().json()["id"], submit().json()["id"]
    new, officer = uuid4(), uuid4()
    organisation(begin, new, Role.CASE_OWNER)
    with begin() as session:
        session.get_one(Case, UUID(first)).responsible_id = new
        session.get_one(Case, UUID(first)).officer_id = officer
    today = local_date(NOON)

    def shown(**query: Any) -> set[str]:
        page = client.get(CASES, params=query, headers=owner)
        assert page.status_code == 200, page.text
        return {it["id"] for it in page.json()["items"]}

    assert shown(responsible_id=str(new)) == shown(officer_id=str(officer)) == {first}
    assert shown(since=str(today)) == {first, other}
    assert shown(since=str(today + timedelta(days=1))) == set()
    assert shown(unit="11749") == set()
    where = client.get(f"{CASES}/{first}", headers=owner).json()["area_code"]
    assert shown(unit=where) == {first, other}
