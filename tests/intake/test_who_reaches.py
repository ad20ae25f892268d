"""Who reaches which case by which route: every permission of intake, role by role, as one table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.orm import Session

from services.intake import api, domain, tasks
from services.intake.models import Assignment, Case
from services.intake.policy import AssignedRole, AssignmentReason, StepKind
from shared.access import Permission, roles_with
from shared.access.asking import permission_asked_by
from shared.contracts import DatedRole, OrganisationChanged
from shared.contracts.vocabulary import HandOverReason, OrganisationKind, ReferralStatus, Role
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
from tests.subjects import somebody

HERE, SHARED, THERE = "11560", "11680", "11749"
"""Our commune, one that we and others hold and that is theirs to own, and one of others."""
US, THEM = uuid4(), uuid4()
PLACES = {"ours": THERE, "here": HERE, "both": SHARED, "away": THERE, "given": THERE}
"""The cases, and where they are. "ours" was submitted by us, and we verify, shelter, protect and
serve in it; the others are those of others. "given" is away, too, and was handed to us. Beside each
case is a draft, begun by whoever submitted it."""

TABLE = """
permission          role       route                                      ours here both away given
case.submit         receiver   POST /cases                                201  201  201  201  201
case.submit         case_owner POST /cases                                201  201  201  201  201
case.submit         receiver   POST /drafts/{draft_id}/submission         201  404  404  404  404
case.submit         case_owner POST /drafts/{draft_id}/submission         201  404  404  404  404
draft.keep          receiver   POST /drafts                               201  201  201  201  201
draft.keep          receiver   PUT /drafts/{draft_id}/sections/{section}  200  404  404  404  404
draft.keep          receiver   DELETE /drafts/{draft_id}                  200  404  404  404  404
draft.keep          case_owner POST /drafts                               201  201  201  201  201
draft.keep          case_owner PUT /drafts/{draft_id}/sections/{section}  200  404  404  404  404
draft.keep          case_owner DELETE /drafts/{draft_id}                  200  404  404  404  404
draft.read          receiver   GET /drafts                                yes  -    -    -    -
draft.read          receiver   GET /drafts/{draft_id}                     200  404  404  404  404
draft.read          case_owner GET /drafts                                yes  -    -    -    -
draft.read          case_owner GET /drafts/{draft_id}                     200  404  404  404  404
case.read           receiver   GET /cases                                 yes  -    -    -    -
case.read           receiver   GET /cases/{case_id}                       200  404  404  404  404
case.read           receiver   GET /cases/{case_id}/journey               part 404  404  404  404
case.read           case_owner GET /cases                                 yes  yes  yes  -    yes
case.read           case_owner GET /cases/{case_id}                       200  200  200  404  200
case.read           case_owner GET /cases/{case_id}/journey               part all  all  404  all
case.read           receiver   GET /cases/{case_id}/timeline              part 404  404  404  404
case.read           case_owner GET /cases/{case_id}/timeline              part all  all  404  all
case.search         receiver   POST /cases/searches                       yes  -    -    -    -
case.search         case_owner POST /cases/searches                       yes  yes  yes  -    yes
case.correct        receiver   POST /cases/{case_id}/corrections          201  404  404  404  404
case.correct        case_owner POST /cases/{case_id}/corrections          201  201  201  404  201
case.read_file      verifier   POST /cases/{case_id}/disclosures          201  404  404  404  404
case.read_file      case_owner POST /cases/{case_id}/disclosures          404  201  403  404  201
case.read_file      facility   POST /cases/{case_id}/disclosures          201  404  404  404  404
case.read_file      protector  POST /cases/{case_id}/disclosures          201  404  404  404  404
case.assign         case_owner POST /cases/{case_id}/assignments          404  201  403  404  201
case.assign         case_owner POST /cases/{case_id}/assignments/{assignment_id}/end
                                                                          404  201  403  404  201
case.hand_over      case_owner POST /cases/{case_id}/hand-overs           404  201  403  404  201
case.hand_over      case_owner POST /cases/{case_id}/hand-overs/releases  404  409  403  404  201
case.hand_over      case_owner POST /hand-overs                           404  201  403  404  201
responsibility.read case_owner GET /cases/{case_id}/responsibility        404  200  200  404  200
assignment.read     case_owner GET /assignments                           404  yes  403  404  yes
assignment.read     facility   GET /assignments                           yes  -    -    -    -
assignment.read     protector  GET /assignments                           yes  -    -    -    -
disclosure.read     case_owner GET /cases/{case_id}/disclosures           404  200  200  404  200
reveal.read         verifier   GET /reveals                               -    -    -    -    -
reveal.read         case_owner GET /reveals                               -    -    -    -    -
reveal.read         facility   GET /reveals                               -    -    -    -    -
reveal.read         protector  GET /reveals                               -    -    -    -    -
reveal.read         provider   GET /reveals                               -    -    -    -    -
urgency.read        case_owner GET /urgent-needs                          -    yes  yes  -    yes
urgency.settle      case_owner POST /cases/{case_id}/urgency              404  201  403  404  201
consent.record      receiver   POST /cases/{case_id}/consents             201  404  404  404  404
consent.record      case_owner POST /cases/{case_id}/consents             201  201  201  404  201
consent.withdraw    receiver   POST /cases/{case_id}/consents/withdrawals 201  404  404  404  404
consent.withdraw    case_owner POST /cases/{case_id}/consents/withdrawals 201  201  201  404  201
identity.read       provider   POST /disclosures                          201  404  404  404  404
alert.read          case_owner GET /alerts                                -    yes  yes  -    yes
alert.read          operator   GET /alerts                                yes  yes  yes  yes  yes
audit.read          auditor    GET /audited-cases                         -    yes  yes  -    -
"""
"""Of a list: whether the case is in it. Of a journey: whether whom a person was referred to is told
in it. 403 is `not-responsible-now`: the case is known to us, and owned by others."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    permission: Permission
    role: Role
    route: str
    expected: tuple[str, ...]


def rows() -> Iterator[Row]:
    words = iter(TABLE.split()[3 + len(PLACES) :])
    for permission in words:
        role, method, path = (next(words) for _ in range(3))
        expected = tuple(next(words) for _ in PLACES)
        yield Row(Permission(permission), Role(role), f"{method} {path}", expected)


ROWS = list(rows())


@dataclass
class Place:
    """A case of the scene, and what belongs to it."""

    case_id: UUID
    offer_id: UUID = field(default_factory=uuid4)
    draft_id: UUID = field(default_factory=uuid4)
    assignments: dict[str, UUID] = field(default_factory=dict)
    version: int = 1


@pytest.fixture
def place(begin: Begin, keys: MasterKeys) -> dict[str, Place]:
    with begin() as session:
        tasks.note_organisations(session, [_told(US, "us", HERE, SHARED)], NOON)
        tasks.note_organisations(session, [_told(THEM, "them", SHARED, THERE)], NOON)
    return {name: _case(begin, keys, name) for name in PLACES}


def _told(organisation_id: UUID, code: str, *areas: str) -> OrganisationChanged:
    """Of those who hold a commune alike, the first by code owns it."""
    held = (Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR)
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


def body_of(row: Row, place: Place) -> dict[str, Any]:
    purpose, reason = OPENS.get(row.role, ("", ""))
    return {
        "POST /cases": submission(),
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
        "POST /cases/{case_id}/urgency": {"how": "met"},
        "POST /cases/{case_id}/consents": HOSPITALS,
        "POST /cases/{case_id}/consents/withdrawals": SCHOOLS,
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
        )
        if method == "GET":
            is_of_case = path == "/assignments"
            answer: Response = client.get(
                where, params={"case_id": str(place.case_id)} if is_of_case else {}, headers=headers
            )
            return answer
        version = 1 if "draft_id" in path else place.version
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        body = body_of(row, place)
        return client.request(method, where, json=body, headers={**headers, **extra})

    return send


STORIES = {
    "GET /cases/{case_id}/journey": "steps",
    "GET /cases/{case_id}/timeline": "items",
}
OF_ONE = {"GET /cases/{case_id}/disclosures"}
"""Lists of what belongs to one case."""
OF_PROBLEMS = {None: "201", "not-responsible-now": "403", "case-not-found": "404"}


def said(row: Row, place: Place, answer: Response) -> str:
    """The answer in the words of the table."""
    if answer.status_code == 200 and row.route in STORIES:
        steps = answer.json()[STORIES[row.route]]
        told = {it["organisation_id"] for it in steps if it["referral_id"]}
        return "part" if told == {None} else "all"
    if answer.status_code == 200 and "items" in answer.json() and row.route not in OF_ONE:
        thing = place.draft_id if row.route == "GET /drafts" else place.case_id
        name = "id" if row.route == "GET /drafts" or "cases" in row.route else "case_id"
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
    answers = {name: ask(row, each) for name, each in place.items()}
    found = tuple(said(row, place[name], answer) for name, answer in answers.items())
    told = {name: answer.text[:300] for name, answer in answers.items()}
    assert dict(zip(PLACES, found, strict=True)) == dict(zip(PLACES, row.expected, strict=True)), (
        told
    )


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
