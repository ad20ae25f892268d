"""What the routes of intake share: who calls, what they need, how they answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from services.intake import schemas
from shared.contracts.vocabulary import Role
from shared.kit.auth import Caller, caller_with
from shared.kit.crypto import MasterKeys
from shared.kit.shapes import Id

BASE = "/intake/v1/cases"


async def _master_keys(request: Request) -> MasterKeys:
    keys: MasterKeys = request.app.state.master_keys
    return keys


submitter = caller_with(Role.RECEIVER, Role.CASE_OWNER)
"""Dependency: who may submit a case and follow it."""
Submitter = Annotated[Caller, Depends(submitter)]
Partner = Annotated[Caller, Depends(caller_with(Role.PROVIDER))]
ByLaw = Annotated[
    Caller,
    Depends(caller_with(Role.VERIFIER, Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR)),
]
CaseOwner = Annotated[Caller, Depends(caller_with(Role.CASE_OWNER))]
Assigned = Annotated[Caller, Depends(caller_with(Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR))]
CaseId = Annotated[Id, Path(description="The id of the case.")]
Keys = Annotated[MasterKeys, Depends(_master_keys)]


def links(case_id: UUID) -> schemas.Links:
    """The addresses to go on from a case."""
    here = f"{BASE}/{case_id}"
    return schemas.Links.model_validate(
        {"self": here, "journey": f"{here}/journey", "consents": f"{here}/consents"},
    )
