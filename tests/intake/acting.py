"""Who acts by law in a case: an organisation for each role, and what it asks of the file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from services.intake import tasks
from services.intake.policy import LegalPurpose
from shared.contracts import DatedRole, OfficerChanged, OrganisationChanged
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.database import Begin
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON

PURPOSES = {
    LegalPurpose.VERIFICATION: ("verifier", "interview"),
    LegalPurpose.CASE_MANAGEMENT: ("case_owner", "support_planning"),
    LegalPurpose.SHELTER: ("facility", "reception"),
    LegalPurpose.PROTECTION: ("protector", "threat"),
}
LONG_AGO = date(2020, 2, 12)

Open = Callable[..., Response]


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


def officer(begin: Begin, organisation_id: UUID, **changes: Any) -> UUID:
    """Somebody who acts in cases for an organisation, as the directory tells of them."""
    role = DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)
    told = OfficerChanged(
        occurred_at=NOON,
        **{"officer_id": uuid4(), "organisation_id": organisation_id, "roles": (role,)} | changes,
    )
    with begin() as session:
        tasks.note_officers(session, [told], NOON)
    return told.officer_id


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


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Tưởng" not in answer.text
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")
