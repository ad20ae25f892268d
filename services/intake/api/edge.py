"""What the routes of intake share: who calls, what they need, how they answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from services.intake import schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.crypto import MasterKeys
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

BASE = "/intake/v1/cases"
DRAFTS = "/intake/v1/drafts"


async def _master_keys(request: Request) -> MasterKeys:
    keys: MasterKeys = request.app.state.master_keys
    return keys


submitter = permitted(Permission.CASE_SUBMIT)
"""Dependency: who may submit a case."""
Submitter = Annotated[Subject, Depends(submitter)]
DraftId = Annotated[Id, Path(description="The id of the draft.")]
CaseId = Annotated[Id, Path(description="The id of the case.")]
Keys = Annotated[MasterKeys, Depends(_master_keys)]


def links(case_id: UUID) -> schemas.Links:
    """The addresses to go on from a case."""
    here = f"{BASE}/{case_id}"
    return schemas.Links.model_validate(
        {"self": here, "journey": f"{here}/journey", "consents": f"{here}/consents"},
    )
