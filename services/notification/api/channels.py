"""Routes about the ways by which organisations are told."""

from typing import Annotated

from fastapi import Depends

from services.notification import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import ReadSession
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["channels"])


@router.get("/channels", responses=refusals(401, 403))
def list_channels(
    _operator: Annotated[Subject, Depends(permitted(Permission.OPERATION_READ))],
    session: ReadSession,
) -> schemas.ChannelList:
    """List the ways of telling with how it goes: what waits, what failed, who stopped it."""
    found = domain.find_channels(session)
    return schemas.ChannelList(items=[schemas.ChannelRead.model_validate(each) for each in found])
