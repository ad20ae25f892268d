"""The vault opens for those who act by law: each its own part, while it acts, and recorded."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from services.intake import tasks
from services.intake.models import Case, FileDisclosure
from services.intake.policy import (
    FIELDS_BY_LAW,
    ON_PAPERS,
    REASONS,
    CaseField,
    FileOutcome,
    LegalPurpose,
    LegalReason,
    Part,
    decide_file,
)
from shared.contracts.vocabulary import Role, Sex, VerificationOutcome
from shared.kit.audit import AUDIT
from shared.kit.database import Begin, Database
from tests.intake.acting import PURPOSES, Open, Scene, assign, organisation, owner_of, problem
from tests.intake.answers import TokenFor
from tests.intake.builders import NAME, NOON
from tests.intake.messages import concluded, opened

NOTE = "Ở với cô"


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


@pytest.mark.parametrize("purpose", [LegalPurpose.SHELTER, LegalPurpose.PROTECTION])
def test_fields_of_which_the_purpose_has_none_are_refused_with_those_it_has(
    open_file: Open, database: Database, purpose: LegalPurpose
) -> None:
    refused = open_file(purpose, fields=["exploitation", "papers"])
    assert problem(refused) == (422, "fields-unfit")
    assert refused.json()["fields"] == sorted(FIELDS_BY_LAW[purpose])
    with database.read() as session:
        asked = select(AUDIT.c.object_id).where(AUDIT.c.outcome == "fields-unfit")
        assert len(session.execute(asked).all()) == 1


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


@pytest.mark.parametrize("purpose", LegalPurpose)
def test_whoever_meets_the_person_reads_of_which_sex_staff_is_to_be(
    open_file: Open, begin: Begin, scene: Scene, purpose: LegalPurpose
) -> None:
    with begin() as session:
        session.get_one(Case, scene.case_id).asked_staff_sex = Sex.FEMALE
    assert open_file(purpose).json()["person"]["asked_staff_sex"] == "female"


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


def test_whoever_decided_reads_whom_its_paper_is_about_until_it_is_opened_again(
    open_file: Open, begin: Begin, scene: Scene
) -> None:
    told = concluded(scene.case_id, VerificationOutcome.NOT_IDENTIFIED)
    with begin() as session:
        tasks.note_conclusions(
            session, [told.model_copy(update={"verifier_id": scene.ids["verifier"]})], NOON
        )
    paper = open_file(LegalPurpose.VERIFICATION, reason="official_paper")
    assert set(paper.json()["person"]) == ON_PAPERS
    with begin() as session:
        other = opened(scene.case_id, 5).model_copy(update={"verifier_id": uuid4()})
        tasks.note_verifications(session, [other], NOON)
    refused = open_file(LegalPurpose.VERIFICATION, reason="official_paper")
    assert problem(refused) == (403, "not-responsible-now")


@pytest.mark.parametrize("purpose", [LegalPurpose.VERIFICATION, LegalPurpose.CASE_MANAGEMENT])
def test_a_paper_is_made_of_what_stands_on_it(open_file: Open, purpose: LegalPurpose) -> None:
    assert set(open_file(purpose, reason="official_paper").json()["person"]) == ON_PAPERS


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


@pytest.mark.parametrize("reason", LegalReason)
@pytest.mark.parametrize("part", Part)
def test_a_file_opens_for_a_present_part_and_to_write_down_what_was_decided(
    part: Part, reason: LegalReason
) -> None:
    writes = part is Part.DECIDED and reason is LegalReason.OFFICIAL_PAPER
    is_open = decide_file(part, reason) is FileOutcome.GRANTED
    assert is_open == (part is Part.PRESENT or writes)
