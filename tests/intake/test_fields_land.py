"""Whatever a submission says is kept somewhere: a change of any field changes what is kept."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.domain.vault import key_of
from services.intake.models import Case, Consent, Paper, Person
from services.intake.schemas import CaseCreate
from shared.kit.crypto import MasterKeys
from tests.intake.builders import facts, receive

EVERYTHING: dict[str, Any] = {
    "route": "RESCUED",
    "received_at": "2026-02-27T09:00:00+07:00",
    "late_reason": "paper_record",
    "sender_reference": "UBND/2026/7",
    "receiving_officer": "Cán bộ Hư Cấu",
    "person": {
        "full_name": "Nguyễn Thị Hoa Tưởng Tượng",
        "aliases": ["Hoa"],
        "sex": "female",
        "birth_date": "2010-05-04",
        "ethnicity": "Kinh",
        "nationality": "VN",
        "identity_documents": [{"type": "OTHER", "number": "A1234567"}],
        "phones": [
            {
                "number": "+84912345678",
                "safe_to_call": True,
                "was_reached": False,
                "rule": {
                    "ways": ["call"],
                    "hours": "18:00/20:00",
                    "answered_by": "Chị Hư Cấu",
                    "may_leave_message": False,
                    "code_phrase": "Tôi gọi về lớp may",
                },
            }
        ],
        "origin_unit_code": "11680",
        "origin_unit_on": "2025-08-01",
        "present_unit_on": "2025-08-01",
        "present_unit_code": "11560",
        "present_address": "Số 7 ngõ Hư Cấu",
    },
    "accompanying_minors": [{"full_name": "Bé Hư Cấu", "birth_year": 2020, "sex": "male"}],
    "representative": {"full_name": "Cô Hư Cấu", "relation": "relative", "is_suspect": False},
    "best_interest_note": "Ở với cô",
    "languages": ["vi"],
    "needs_interpreter": False,
    "asked_staff_sex": "female",
    "immediate_needs": ["shelter"],
    "exploitation": {
        "types": ["ForcedLabour"],
        "country": "KH",
        "means": ["deception"],
        "began": "2024-05",
        "ended": "2025-11-30",
    },
    "papers": [
        {
            "type": "DECLARATION",
            "number": "15/TK-UBND",
            "issuer": "Ủy ban nhân dân xã",
            "issued_on": "2026-02-12",
        }
    ],
    "requested_services": ["VOCATIONAL"],
    "consents": [
        {
            "organisation_kind": "vocational_school",
            "purpose": "service_referral",
            "witness": "Chị Hư Cấu",
        }
    ],
}
CHANGES: dict[str, Any] = {
    "/route": "MISSION_ABROAD",
    "/received_at": "2026-02-26T09:00:00+07:00",
    "/late_reason": "overlooked",
    "/person/sex": "male",
    "/person/birth_date": "2010-05-05",
    "/person/nationality": "KH",
    "/person/identity_documents/0/type": "PASSPORT",
    "/person/phones/0/number": "+84912345679",
    "/person/phones/0/rule/ways/0": "message",
    "/person/phones/0/rule/hours": "18:00/21:00",
    "/person/origin_unit_code": "11560",
    "/person/present_unit_code": "11680",
    "/person/origin_unit_on": "2025-08-02",
    "/person/present_unit_on": "2025-08-02",
    "/accompanying_minors/0/sex": "female",
    "/representative/relation": "guardian",
    "/languages/0": "km",
    "/asked_staff_sex": "male",
    "/immediate_needs/0": "food",
    "/exploitation/types/0": "Servitude",
    "/exploitation/country": "CN",
    "/exploitation/means/0": "force",
    "/exploitation/began": "2024-06",
    "/exploitation/ended": "2025",
    "/papers/0/type": "HANDOVER_RECORD",
    "/papers/0/issued_on": "2026-02-13",
    "/requested_services/0": "LOAN",
    "/consents/0/organisation_kind": "hospital",
}
"""Other values of fields that take codes; texts, numbers and truths are changed in general."""
ONE_OF_TWO = {"/person/birth_year": "/person/birth_date"}
"""Fields that exclude another one."""


def leaves(value: Any, at: str = "") -> Iterator[str]:
    """Pointers of everything that is neither an object nor a list."""
    within = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in within:
        if isinstance(each, dict | list):
            yield from leaves(each, f"{at}/{name}")
        else:
            yield f"{at}/{name}"


def fields(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Pointers of every field of a shape and of the shapes in it, as if each list had one entry."""
    for name, field in model.model_fields.items():
        place, inner = f"{at}/{name}", shape_of(field.annotation)
        many = "/0" if "tuple" in str(field.annotation) else ""
        if inner is None:
            yield f"{place}{many}"
        else:
            yield from fields(inner, f"{place}{many}")


OF_THE_NOTICE = {"/advance_notice/id", "/advance_notice/number"}
"""What is kept with the notice: ``test_advance_notices.py`` submits it."""


def shape_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((it for each in get_args(annotation) if (it := shape_of(each))), None)


def changed(pointer: str) -> dict[str, Any]:
    """Everything, with one field changed."""
    body = copy.deepcopy(EVERYTHING)
    *way, last = pointer.removeprefix("/").split("/")
    place: Any = body
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    key = int(last) if last.isdigit() else last
    place[key] = CHANGES.get(pointer, other(place[key]))
    return body


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case _:
            return f"{value} 8"


@pytest.fixture
def kept(session: Session, keys: MasterKeys, settle: Callable[[], None]) -> Callable[[Any], Any]:
    """Everything the database keeps of a submission, opened; without ids."""

    def read(body: dict[str, Any]) -> Any:
        sealed = facts(keys, body)
        receive(session, sealed)
        settle()
        case = session.scalars(select(Case).where(Case.id == sealed.case_id)).one()
        person = session.get_one(Person, case.person_id)
        papers = session.scalars(select(Paper).where(Paper.case_id == case.id))
        consents = session.scalars(select(Consent).where(Consent.case_id == case.id))
        key = key_of(keys, person)
        skipped = {"id", "code", "person_id", "receiver_id", "sender_reference"}
        columns = [it.key for it in Case.__table__.columns if it.key not in skipped]
        return (
            {name: getattr(case, name) for name in columns},
            domain.open_identity(keys, person),
            domain.open_reference(keys, person, case),
            [(it.type, it.issued_on, domain.open_paper(keys, person, it)) for it in papers],
            [
                (
                    it.organisation_kind,
                    it.purpose,
                    key.open(it.witness or b"", place=f"consents|witness|{it.id}"),
                )
                for it in consents
            ],
        )

    return read


def test_the_submission_that_says_everything_says_every_field() -> None:
    filled = {it.removesuffix("/0") for it in leaves(EVERYTHING)}
    declared = {it.removesuffix("/0") for it in fields(CaseCreate)}
    assert declared - filled == set(ONE_OF_TWO) | OF_THE_NOTICE
    assert filled <= declared


def test_the_same_submission_is_kept_alike(kept: Callable[[Any], Any]) -> None:
    assert kept(EVERYTHING) == kept(copy.deepcopy(EVERYTHING))


@pytest.mark.parametrize(
    "pointer", [it for it in leaves(EVERYTHING) if it != "/consents/0/purpose"]
)
def test_a_change_of_any_field_changes_what_is_kept(
    kept: Callable[[Any], Any], pointer: str
) -> None:
    # There is one purpose so far, so that one cannot be changed.
    assert kept(changed(pointer)) != kept(EVERYTHING)


def test_a_new_field_is_sealed_until_somebody_gives_it_a_place() -> None:
    class Later(CaseCreate):
        """A submission of a later release."""

        dialect: str

    body = Later.model_validate({**EVERYTHING, "dialect": "Hải Phòng"})
    assert body.stored_identity()["dialect"] == "Hải Phòng"


@pytest.mark.parametrize(("year", "day"), ONE_OF_TWO.items())
def test_a_field_that_excludes_another_is_kept_in_its_place(
    kept: Callable[[Any], Any], year: str, day: str
) -> None:
    bodies = []
    for born in (2010, 2011):
        body = copy.deepcopy(EVERYTHING)
        del body["person"][day.rpartition("/")[2]]
        body["person"][year.rpartition("/")[2]] = born
        bodies.append(kept(body))
    assert bodies[0] != bodies[1]
