"""Who reaches which case by which route: every permission of intake, role by role, as one table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.intake import api, domain, tasks
from services.intake.models import Assignment, Case, HeldRole
from services.intake.policy import (
    AssignedRole,
    AssignmentReason,
    StepKind,
)
from shared.access import Permission, roles_with
from shared.access.asking import permission_asked_by
from shared.contracts import DatedRole, OrganisationChanged
from shared.contracts.vocabulary import (
    HandOverReason,
    OrganisationKind,
    ReferralStatus,
    Role,
)
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.versions import Versions
from tests.architecture.test_routes import addresses, calls_of
from tests.intake.acting import LONG_AGO
from tests.intake.answers import CASES, TokenFor
from tests.intake.builders import (
    IDENTITY_NUMBER,
    NOON,
    SCHOOLS,
    caller,
    facts,
    person,
    receive,
    submission,
)
from tests.intake.messages import opened
from tests.intake.reach_table import HERE, PLACES, ROWS, SHARED, THEM, THERE, US, Row
from tests.intake.reach_things import a_contact, a_notice
from tests.subjects import somebody


@dataclass
class Place:
    """A case of the scene, and what belongs to it."""

    case_id: UUID
    offer_id: UUID = field(default_factory=uuid4)
    draft_id: UUID = field(default_factory=uuid4)
    point_id: UUID = field(default_factory=uuid4)
    message_id: UUID = field(default_factory=uuid4)
    notice_id: UUID = field(default_factory=uuid4)
    apart_id: UUID = field(default_factory=uuid4)
    assignments: dict[str, UUID] = field(default_factory=dict)
    version: int = 1


@pytest.fixture
def place(begin: Begin, keys: MasterKeys) -> dict[str, Place]:
    with begin() as session:
        tasks.note_organisations(session, [_told(US, "us", HERE, SHARED)], NOON)
        tasks.note_organisations(session, [_told(THEM, "them", SHARED, THERE)], NOON)
        tasks.note_organisations(session, [_deciding_elsewhere()], NOON)
    return {name: _case(begin, keys, name) for name in PLACES}


def _told(organisation_id: UUID, code: str, *areas: str) -> OrganisationChanged:
    """Of those who hold a commune alike, the first by code owns it."""
    held = (Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR, Role.VERIFIER)
    return OrganisationChanged(
        occurred_at=NOON,
        organisation_id=organisation_id,
        code=f"{'b' if organisation_id == US else 'a'}-{code}",
        kind=OrganisationKind.SUPPORT_FACILITY,
        roles=tuple(
            DatedRole(role=role, area_code=area, valid_from=LONG_AGO)
            for role in held
            for area in areas
        ),
    )


def _deciding_elsewhere() -> OrganisationChanged:
    """The only authority that there is: whoever was to decide our cases may not any more."""
    role = DatedRole(role=Role.VERIFIER, area_code="31", valid_from=LONG_AGO)
    return _told(uuid4(), "police").model_copy(update={"roles": (role,)})


def _case(begin: Begin, keys: MasterKeys, name: str) -> Place:
    party = US if name == "ours" else THEM
    about = person(present_unit_code=PLACES[name], phones=[])
    submitted = facts(keys, submission(person=about), sender=caller(party))
    made = Place(submitted.case_id)
    with begin() as session:
        receive(session, submitted)
        told = opened(made.case_id).model_copy(update={"verifier_id": party})
        tasks.note_verifications(session, [told], NOON)
        step = domain.StepFacts(
            case_id=made.case_id,
            at=NOON,
            kind=StepKind.REFERRAL_MOVED,
            source_id=uuid4(),
            referral_id=uuid4(),
            organisation_id=party,
        )
        domain.note_steps(session, [step])
        grant = domain.GrantFacts(
            referral_id=uuid4(),
            offer_id=made.offer_id,
            case_id=made.case_id,
            organisation_id=party,
            organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
            status=ReferralStatus.ACCEPTED,
            accepted_at=NOON,
        )
        domain.note_grants(session, [grant])
        owner = US if name == "here" else THEM
        for role, reason in REASONS_OF.items():
            part = domain.AssignmentFacts(party, role, reason, NOON.date(), None)
            as_owner = somebody(owner, Role.CASE_OWNER, areas=(PLACES[name],))
            found = domain.assign(
                session,
                case_id=made.case_id,
                subject=as_owner,
                facts=part,
                actor="test",
                now=NOON,
            )
            session.flush()
            made.assignments[role] = found.id
        if name == "given":
            _hand_over(session, made.case_id)
        made.version = session.get_one(Case, made.case_id).version
        drafting = domain.Drafting(
            session, keys, somebody(party, Role.RECEIVER, client_id="test-client"), NOON
        )
        made.draft_id = drafting.begin({}).id
        made.notice_id, made.apart_id = a_notice(session, keys, PLACES[name], party)
        made.point_id, made.message_id = a_contact(session, keys, made.case_id, party)
    return made


def _hand_over(session: Session, case_id: UUID) -> None:
    domain.hand_over(
        session,
        case_id=case_id,
        subject=somebody(THEM, Role.CASE_OWNER, areas=(THERE,)),
        facts=domain.HandOverFacts(US, None, HandOverReason.PERSON_MOVED),
        expected_version=Versions.any(),
        actor="test",
        now=NOON,
    )


REASONS_OF = {
    AssignedRole.FACILITY: AssignmentReason.SHELTER_NEEDED,
    AssignedRole.PROTECTOR: AssignmentReason.THREAT,
}
OPENS = {
    Role.VERIFIER: ("verification", "interview"),
    Role.CASE_OWNER: ("case_management", "contact"),
    Role.FACILITY: ("shelter", "care"),
    Role.PROTECTOR: ("protection", "threat"),
}
HANDED = {"organisation_id": str(THEM), "reason": "workload"}
HOSPITALS = {"organisation_kind": "hospital", "purpose": "service_referral"}


def body_of(row: Row, place: Place) -> dict[str, Any] | None:
    purpose, reason = OPENS.get(row.role, ("", ""))
    return {
        "POST /cases": submission(),
        "POST /advance-notices": {
            "route": "BILATERAL_HANDOVER",
            "expected_on": "2026-03-02",
            "unit_code": HERE,
            "people": [{"age_band": "adult", "sex": "male"}],
        },
        "POST /advance-notices/{notice_id}/day": {"expected_on": "2026-03-03"},
        "POST /advance-notices/{notice_id}/cancellation": {"reason": "called_off"},
        "POST /advance-notices/{notice_id}/people/{number}/reception": {
            "case_id": str(place.case_id)
        },
        "POST /advance-notices/{notice_id}/people/{number}/absence": {"reason": "not_handed_over"},
        "POST /kept-apart": {
            "notice_id": str(place.notice_id),
            "numbers": [2, 3],
            "reason": "sợ",
        },
        "POST /kept-apart/{apart_id}/endings": {"reason": "fear_is_over"},
        "POST /kept-apart/{apart_id}/openings": None,
        "POST /cases/searches": {
            "field": "identity_number",
            "value": IDENTITY_NUMBER,
            "purpose": "person_present",
        },
        "POST /drafts": {"sections": {}},
        "POST /drafts/{draft_id}/submission": submission(),
        "PUT /drafts/{draft_id}/sections/{section}": {"answers": {}},
        "DELETE /drafts/{draft_id}": {},
        "POST /cases/{case_id}/corrections": {"birth_year": 1998, "reason": "person_said"},
        "POST /cases/{case_id}/disclosures": {"purpose": purpose, "reason": reason},
        "POST /cases/{case_id}/assignments": {
            "organisation_id": str(US),
            "role": "facility",
            "reason": "care_needed",
        },
        "POST /cases/{case_id}/assignments/{assignment_id}/end": {"reason": "moved_elsewhere"},
        "POST /cases/{case_id}/hand-overs": HANDED,
        "POST /cases/{case_id}/hand-overs/releases": {"reason": "given_by_mistake"},
        "POST /hand-overs": {
            **HANDED,
            "cases": [{"id": str(place.case_id), "version": place.version}],
        },
        "POST /cases/{case_id}/immediate-needs/{need}/ends": {
            "outcome": "met",
            "ended_on": "2026-03-02",
        },
        "POST /cases/{case_id}/initial-check": {
            "checked_on": "2026-03-02",
            "outcome": "signs_found",
            "together_with_id": str(US),
        },
        "POST /cases/{case_id}/consents": HOSPITALS,
        "POST /cases/{case_id}/consents/withdrawals": SCHOOLS,
        "POST /cases/{case_id}/contact-points": {"number": "0900000098", "rule": {}},
        "POST /cases/{case_id}/contact-points/{point_id}/confirmations": {
            "confirmed_on": "2026-03-02"
        },
        "POST /cases/{case_id}/contact-points/{point_id}/withdrawals": None,
        "POST /cases/{case_id}/risk-flags": {"reason": "sought"},
        "POST /cases/{case_id}/risk-flags/endings": {"reason": "moved_away"},
        "POST /cases/{case_id}/refuges": {"place": "Phòng 203"},
        "POST /cases/{case_id}/refuges/endings": None,
        "POST /cases/{case_id}/person-messages": {
            "contact_point_id": str(place.point_id),
            "says": "appointment_stands",
        },
        "POST /cases/{case_id}/person-messages/{message_id}/endings": {"how": "met"},
        "POST /disclosures": {
            "referral_id": str(place.offer_id),
            "purpose": "service_referral",
        },
    }[row.route]


Ask = Callable[[Row, Place], Response]


@pytest.fixture
def ask(client: TestClient, token_for: TokenFor) -> Ask:
    def send(row: Row, place: Place) -> Response:
        headers = token_for(row.role, organisation_id=US, areas=(HERE, SHARED))
        method, path = row.route.split()
        where = CASES.removesuffix("/cases") + path.format(
            case_id=place.case_id,
            assignment_id=place.assignments["facility"],
            draft_id=place.draft_id,
            section="person",
            need="shelter",
            point_id=place.point_id,
            message_id=place.message_id,
            notice_id=place.notice_id,
            number=1,
            apart_id=place.apart_id,
        )
        if method == "GET":
            is_of_case = path == "/assignments"
            answer: Response = client.get(
                where, params={"case_id": str(place.case_id)} if is_of_case else {}, headers=headers
            )
            return answer
        version = 1 if "draft_id" in path or "notice_id" in path else place.version
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        body = body_of(row, place)
        return client.request(method, where, json=body, headers={**headers, **extra})

    return send


STORIES = {
    "GET /cases/{case_id}/journey": "steps",
    "GET /cases/{case_id}/timeline": "items",
}
OF_ONE = {
    "GET /advance-notices/{notice_id}/kept-apart",
    "GET /cases/{case_id}/disclosures",
    "GET /cases/{case_id}/immediate-needs",
    "GET /cases/{case_id}/kept-apart",
}
"""Lists of what belongs to one case."""
OF_PROBLEMS = {None: "201", "not-responsible-now": "403", "case-not-found": "404"}


def said(row: Row, place: Place, answer: Response) -> str:
    """The answer in the words of the table."""
    if answer.status_code == 200 and row.route in STORIES:
        steps = answer.json()[STORIES[row.route]]
        told = {it["organisation_id"] for it in steps if it["referral_id"]}
        return "part" if told == {None} else "all"
    if answer.status_code == 200 and "items" in answer.json() and row.route not in OF_ONE:
        others = {"GET /drafts": place.draft_id, "GET /advance-notices": place.notice_id}
        thing = others.get(row.route, place.case_id)
        name = "id" if row.route in others or "cases" in row.route else "case_id"
        is_in = str(thing) in {it[name] for it in answer.json()["items"]}
        return "yes" if is_in else "-"
    if row.route == "POST /hand-overs" and answer.status_code == 201:
        (told,) = answer.json()["items"]
        return OF_PROBLEMS[told["problem"]]
    if answer.status_code == 403:
        assert answer.json()["type"] == "urn:nhipcau:problem:not-responsible-now"
    return str(answer.status_code)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.role} {row.route}")
def test_a_role_reaches_these_cases_and_no_others(
    row: Row, place: dict[str, Place], ask: Ask, begin: Begin
) -> None:
    if row.route == "POST /cases/{case_id}/assignments":
        _end_all(begin, place)
    if row.permission is Permission.TARGET_READ:
        _decide_no_more(begin)
    answers = {name: ask(row, each) for name, each in place.items()}
    found = tuple(said(row, place[name], answer) for name, answer in answers.items())
    told = {name: answer.text[:300] for name, answer in answers.items()}
    assert dict(zip(PLACES, found, strict=True)) == dict(zip(PLACES, row.expected, strict=True)), (
        told
    )


def _decide_no_more(begin: Begin) -> None:
    """So that nobody may decide our cases, and each is an exception."""
    with begin() as session:
        ours = delete(HeldRole).where(HeldRole.role == Role.VERIFIER)
        session.execute(ours.where(HeldRole.organisation_id.in_((US, THEM))))


def _end_all(begin: Begin, place: dict[str, Place]) -> None:
    """So that another part can be given."""
    with begin() as session:
        for each in place.values():
            for assignment_id in each.assignments.values():
                part = session.get_one(Assignment, assignment_id)
                part.ended_at, part.end_reason = NOON, AssignmentReason.MOVED_ELSEWHERE


def asked_for() -> dict[str, Permission]:
    """The routes of intake's own, each with the permission that it asks for."""
    router: APIRouter = api.router
    return {
        address.replace("/intake/v1", ""): permission
        for route in iter_route_contexts(router.routes)
        for address in addresses(route)
        for call in calls_of(route)
        if (permission := permission_asked_by(call)) is not None
    }


def test_the_table_has_every_route_for_every_role_that_has_its_permission() -> None:
    there = {
        (permission, role, route)
        for route, permission in asked_for().items()
        for role in roles_with(permission)
    }
    assert {(row.permission, row.role, row.route) for row in ROWS} == there


@pytest.mark.parametrize("route", sorted(asked_for()))
def test_every_other_role_is_refused(route: str, ask: Ask) -> None:
    holders = {row.role for row in ROWS if row.route == route}
    nowhere = Place(uuid4(), assignments={"facility": uuid4()})
    for role in set(Role) - holders:
        row = Row(asked_for()[route], role, route, ())
        answer = ask(row, nowhere)
        assert answer.json()["type"] == "urn:nhipcau:problem:role-missing", (role, answer.text)
