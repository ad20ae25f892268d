"""The vault opens for those who act by law: each its own part, while it acts, and recorded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.intake import tasks
from services.intake.models import FileDisclosure
from services.intake.policy import (
    FIELDS_BY_LAW,
    REASONS,
    CaseField,
    FileOutcome,
    LegalPurpose,
    LegalReason,
    Part,
    decide_file,
)
from shared.contracts import DatedRole, Message, OrganisationChanged, Queue
from shared.contracts.vocabulary import OrganisationKind, Role, VerificationOutcome
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from tests.intake.answers import TokenFor
from tests.intake.builders import NAME, NOON, facts, minor, receive
from tests.intake.test_tasks import concluded, opened

PURPOSES = {
    LegalPurpose.VERIFICATION: ("verifier", "interview"),
    LegalPurpose.CASE_MANAGEMENT: ("case_owner", "support_planning"),
    LegalPurpose.SHELTER: ("facility", "reception"),
    LegalPurpose.PROTECTION: ("protector", "threat"),
}
LONG_AGO = date(2020, 2, 12)
NOTE = "Ở với cô"


@dataclass
class Scene:
    """A child's case, and an organisation for each role."""

    case_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)


def organisation(begin: Begin, organisation_id: UUID, role: Role, area_code: str = "31") -> None:
    told = OrganisationChanged(
        occurred_at=NOON,
        organisation_id=organisation_id,
        code=f"{role}-{organisation_id.hex[:6]}",
        kind=OrganisationKind.SUPPORT_FACILITY,
        roles=(DatedRole(role=role, area_code=area_code, valid_from=LONG_AGO),),
    )
    with begin() as session:
        tasks.note_organisations(session, [told], NOON)


@pytest.fixture
def scene(begin: Begin, keys: MasterKeys, client: TestClient, token_for: TokenFor) -> Scene:
    submitted = facts(keys, minor(immediate_needs=["medical"]))
    made = Scene(submitted.case_id, {role: uuid4() for role, _ in PURPOSES.values()})
    for held in (Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR):
        organisation(begin, made.ids[held], held)
    with begin() as session:
        receive(session, submitted)
        told = opened(made.case_id).model_copy(update={"verifier_id": made.ids["verifier"]})
        tasks.note_verifications(session, [told], NOON)
    for role, reason in (("facility", "shelter_needed"), ("protector", "threat")):
        answer = assign(client, token_for, made, role=role, reason=reason)
        assert answer.status_code == 201, answer.text
        made.assigned[role] = answer.json()["id"]
    return made


def owner_of(token_for: TokenFor, scene: Scene) -> dict[str, str]:
    return token_for("case_owner", organisation_id=scene.ids["case_owner"], client_id="owner")


def assign(client: TestClient, token_for: TokenFor, scene: Scene, **body: Any) -> Response:
    body = {"organisation_id": str(scene.ids[body["role"]]), **body}
    extra = {"Idempotency-Key": str(uuid4())}
    where = f"/intake/v1/cases/{scene.case_id}/assignments"
    answer: Response = client.post(
        where, json=body, headers={**owner_of(token_for, scene), **extra}
    )
    return answer


Open = Callable[..., Response]


@pytest.fixture
def open_file(client: TestClient, scene: Scene, token_for: TokenFor) -> Open:
    def post(
        purpose: LegalPurpose,
        *,
        as_id: UUID | None = None,
        as_role: str | None = None,
        key: str | None = None,
        case_id: UUID | None = None,
        **changes: Any,
    ) -> Response:
        role, reason = PURPOSES[purpose]
        caller = token_for(as_role or role, organisation_id=as_id or scene.ids[role])
        body = {"purpose": purpose, "reason": reason, **changes}
        answer: Response = client.post(
            f"/intake/v1/cases/{case_id or scene.case_id}/disclosures",
            json=body,
            headers={**caller, "Idempotency-Key": key or str(uuid4())},
        )
        return answer

    return post


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Tưởng" not in answer.text
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def audited(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.execute(
            select(AUDIT.c.action, AUDIT.c.outcome)
            .where(AUDIT.c.action.like("file.%"))
            .order_by(AUDIT.c.id)
        )
        return [(row.action, row.outcome) for row in rows]


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_who_acts_by_law_reads_its_part_of_the_file_and_no_other(
    open_file: Open, database: Database, scene: Scene, purpose: LegalPurpose
) -> None:
    answer = open_file(purpose)
    assert answer.status_code == 201, answer.text
    assert set(answer.json()["person"]) == FIELDS_BY_LAW[purpose]
    assert answer.json()["person"]["full_name"] == NAME
    assert audited(database) == [("file.request", "granted"), ("file.read", "granted")]
    with database.read() as session:
        (made,) = session.scalars(select(FileDisclosure))
    role, reason = PURPOSES[purpose]
    assert (made.purpose, made.reason, made.organisation_id) == (purpose, reason, scene.ids[role])
    assert set(made.fields) == FIELDS_BY_LAW[purpose]


def test_the_verifier_reads_what_was_done_and_what_proves_it(open_file: Open) -> None:
    person = open_file(LegalPurpose.VERIFICATION).json()["person"]
    assert person["exploitation"]["types"] == ["ForcedLabour"]
    assert person["papers"][0]["number"] == "15/KH-SLĐTBXH-PCTNXH"
    assert person["best_interest_note"] == NOTE
    assert "present_address" not in person


def test_the_facility_reads_what_cannot_wait_and_not_what_was_done(open_file: Open) -> None:
    person = open_file(LegalPurpose.SHELTER).json()["person"]
    assert person["immediate_needs"] == ["medical"]
    assert person["origin_unit_code"] == "11680"
    assert not {"exploitation", "papers", "present_address"} & set(person)


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_fewer_fields_may_be_asked_for_and_others_are_not_given(
    open_file: Open, purpose: LegalPurpose
) -> None:
    wanted = ["full_name", "papers", "present_address"]
    person = open_file(purpose, fields=wanted).json()["person"]
    assert set(person) == set(wanted) & FIELDS_BY_LAW[purpose]


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_a_stranger_in_the_same_role_learns_nothing_and_is_recorded(
    open_file: Open, database: Database, purpose: LegalPurpose
) -> None:
    is_owner = purpose is LegalPurpose.CASE_MANAGEMENT
    refused = (403, "not-responsible-now") if is_owner else (404, "case-unknown")
    assert problem(open_file(purpose, as_id=uuid4())) == refused
    assert [action for action, _ in audited(database)] == ["file.request"]


@pytest.mark.parametrize("purpose", LegalPurpose)
@pytest.mark.parametrize("role", [role for role, _ in PURPOSES.values()])
def test_a_purpose_asks_for_its_role_whatever_else_the_organisation_is(
    open_file: Open, scene: Scene, purpose: LegalPurpose, role: str
) -> None:
    own = PURPOSES[purpose][0]
    answer = open_file(purpose, as_id=scene.ids[own], as_role=role)
    assert answer.status_code == (201 if role == own else 404)


@pytest.mark.parametrize("role", ["receiver", "provider", "operator", "administrator", "auditor"])
def test_no_other_role_asks_at_all(open_file: Open, role: str) -> None:
    assert problem(open_file(LegalPurpose.SHELTER, as_role=role)) == (403, "role-missing")


def test_an_unknown_case_and_another_ones_are_answered_alike(open_file: Open) -> None:
    answers = [
        open_file(LegalPurpose.VERIFICATION, as_id=uuid4()),
        open_file(LegalPurpose.VERIFICATION, case_id=uuid4()),
    ]
    told = [{k: v for k, v in it.json().items() if k != "instance"} for it in answers]
    assert told[0] == told[1]


def test_a_reason_belongs_to_its_purpose(open_file: Open) -> None:
    refused = open_file(LegalPurpose.SHELTER, reason="interview")
    assert problem(refused) == (422, "reason-unfit")
    assert refused.json()["reasons"] == sorted(REASONS[LegalPurpose.SHELTER])


def test_the_file_closes_to_the_verifier_when_it_has_decided(
    open_file: Open, begin: Begin, scene: Scene
) -> None:
    key = str(uuid4())
    assert open_file(LegalPurpose.VERIFICATION, key=key).json()["person"]
    told = concluded(scene.case_id, VerificationOutcome.NOT_IDENTIFIED)
    with begin() as session:
        tasks.note_conclusions(
            session, [told.model_copy(update={"verifier_id": scene.ids["verifier"]})], NOON
        )
    assert problem(open_file(LegalPurpose.VERIFICATION)) == (403, "not-responsible-now")
    again = open_file(LegalPurpose.VERIFICATION, key=key).json()
    assert (again["person"], again["withheld"]) == (None, "not_responsible_now")


def test_the_file_passes_to_the_verifier_that_is_asked_instead(
    open_file: Open, begin: Begin, scene: Scene
) -> None:
    other = uuid4()
    with begin() as session:
        told = opened(scene.case_id, 5).model_copy(update={"verifier_id": other})
        tasks.note_verifications(session, [told], NOON)
    assert problem(open_file(LegalPurpose.VERIFICATION)) == (403, "not-responsible-now")
    assert open_file(LegalPurpose.VERIFICATION, as_id=other).status_code == 201


def test_the_file_passes_to_whoever_owns_the_commune_of_the_person(
    open_file: Open, begin: Begin
) -> None:
    nearer = uuid4()
    organisation(begin, nearer, Role.CASE_OWNER, area_code="11560")
    refused = open_file(LegalPurpose.CASE_MANAGEMENT)
    assert problem(refused) == (403, "not-responsible-now")
    assert open_file(LegalPurpose.CASE_MANAGEMENT, as_id=nearer).status_code == 201


@pytest.mark.parametrize("purpose", [LegalPurpose.SHELTER, LegalPurpose.PROTECTION])
def test_an_assignment_that_is_ended_closes_the_file_at_once(
    open_file: Open,
    client: TestClient,
    token_for: TokenFor,
    scene: Scene,
    purpose: LegalPurpose,
) -> None:
    role = PURPOSES[purpose][0]
    where = f"/intake/v1/cases/{scene.case_id}/assignments/{scene.assigned[role]}/end"
    key = {"Idempotency-Key": str(uuid4())}
    ended = client.post(
        where, json={"reason": "moved_elsewhere"}, headers={**owner_of(token_for, scene), **key}
    )
    assert (ended.status_code, ended.json()["end_reason"]) == (201, "moved_elsewhere")
    assert problem(open_file(purpose)) == (403, "not-responsible-now")
    key = {"Idempotency-Key": str(uuid4())}
    again = client.post(
        where, json={"reason": "moved_elsewhere"}, headers={**owner_of(token_for, scene), **key}
    )
    assert problem(again) == (409, "assignment-ended")


def test_an_assignment_holds_on_its_days_only(
    open_file: Open, client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    later = scene.ids["facility"] = uuid4()
    organisation(begin, later, Role.FACILITY)
    answer = assign(
        client,
        token_for,
        scene,
        role="facility",
        reason="care_needed",
        valid_from="2026-03-09",
        valid_to="2026-03-16",
    )
    assert answer.status_code == 201
    assert problem(open_file(LegalPurpose.SHELTER)) == (403, "not-responsible-now")


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


def test_an_organisation_lists_its_own_parts_and_a_case_owner_all(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    where = f"/intake/v1/assignments?case_id={scene.case_id}"
    facility = token_for("facility", organisation_id=scene.ids["facility"])
    own = client.get(where, headers=facility).json()["items"]
    assert [it["id"] for it in own] == [scene.assigned["facility"]]
    everything = client.get(where, headers=owner_of(token_for, scene)).json()["items"]
    assert {it["role"] for it in everything} == {"facility", "protector"}
    stranger = client.get(where, headers=token_for("facility")).json()["items"]
    assert stranger == []


def test_what_is_stored_under_the_key_is_an_id(open_file: Open, database: Database) -> None:
    answer = open_file(LegalPurpose.CASE_MANAGEMENT)
    with database.read() as session:
        asked = text("SELECT body FROM idempotency_keys WHERE route LIKE '%/disclosures'")
        kept = session.execute(asked).scalar_one()
    assert kept == {"disclosure_id": answer.json()["disclosure_id"]}


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_every_purpose_has_fields_and_reasons_of_its_own(purpose: LegalPurpose) -> None:
    assert FIELDS_BY_LAW[purpose]
    assert REASONS[purpose]
    assert all(
        FIELDS_BY_LAW[purpose] != FIELDS_BY_LAW[other] for other in LegalPurpose if other != purpose
    )


def test_every_field_and_every_reason_is_of_some_purpose() -> None:
    assert frozenset().union(*FIELDS_BY_LAW.values()) == frozenset(CaseField)
    assert frozenset().union(*REASONS.values()) == frozenset(LegalReason)


@pytest.mark.parametrize("part", Part)
def test_a_file_opens_for_a_present_part_only(part: Part) -> None:
    assert (decide_file(part) is FileOutcome.GRANTED) == (part is Part.PRESENT)


def settle(client: TestClient, token_for: TokenFor, scene: Scene, how: str) -> Response:
    answer: Response = client.post(
        f"/intake/v1/cases/{scene.case_id}/urgency",
        json={"how": how},
        headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
    )
    return answer


def waiting(client: TestClient, token_for: TokenFor, scene: Scene) -> list[dict[str, Any]]:
    answer = client.get("/intake/v1/urgent-needs", headers=owner_of(token_for, scene))
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_what_cannot_wait_is_a_duty_of_whoever_owns_the_case(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    (alert,) = waiting(client, token_for, scene)
    assert (alert["kind"], alert["case_id"]) == ("immediate_needs", str(scene.case_id))
    assert (alert["must_act"], alert["organisation_id"]) == (
        "case_owner",
        str(scene.ids["case_owner"]),
    )
    assert alert["since"] == "2026-03-02T05:00:00Z"


def test_the_duty_ends_when_its_owner_reads_what_it_is(
    client: TestClient, token_for: TokenFor, scene: Scene, open_file: Open
) -> None:
    open_file(LegalPurpose.CASE_MANAGEMENT, fields=["full_name"])
    open_file(LegalPurpose.SHELTER, fields=["immediate_needs"])
    assert len(waiting(client, token_for, scene)) == 1
    opened = open_file(LegalPurpose.CASE_MANAGEMENT, fields=["immediate_needs"])
    assert opened.json()["person"] == {"immediate_needs": ["medical"]}
    assert waiting(client, token_for, scene) == []
    assert problem(settle(client, token_for, scene, "met")) == (409, "nothing-urgent")


@pytest.mark.parametrize("how", ["met", "person_declined", "passed_on"])
def test_the_duty_ends_when_its_owner_says_so(
    client: TestClient, token_for: TokenFor, scene: Scene, how: str, database: Database
) -> None:
    assert settle(client, token_for, scene, how).status_code == 201
    assert waiting(client, token_for, scene) == []
    with database.read() as session:
        entry = session.execute(select(AUDIT).where(AUDIT.c.action == "urgency.settle")).one()
    assert entry.facts["how"] == how


def test_nobody_else_ends_it_and_reading_is_not_said(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    assert problem(settle(client, token_for, scene, "read")) == (422, "reason-unfit")
    scene.ids["case_owner"] = uuid4()
    assert problem(settle(client, token_for, scene, "met")) == (403, "not-responsible-now")


def test_the_message_of_a_case_says_that_something_cannot_wait_and_not_what(
    session: Session, keys: MasterKeys, told: Callable[[Queue], list[Message]]
) -> None:
    urgent, calm = (
        facts(keys, minor(immediate_needs=["medical"])),
        facts(keys, minor(immediate_needs=[])),
    )
    receive(session, urgent, calm)
    said = {it.aggregate_id: it for it in told(Queue.NOTIFICATION)}
    assert {key: getattr(it, "has_immediate_needs", None) for key, it in said.items()} == {
        urgent.case_id: True,
        calm.case_id: False,
    }
    assert "medical" not in said[urgent.case_id].model_dump_json()
