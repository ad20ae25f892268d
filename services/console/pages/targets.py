"""Whether the targets of the city's plan are met, and each case that is an exception."""

from starlette.responses import HTMLResponse

from services.console.pages.names import names_of
from services.console.pages.visit import Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.TARGET_READ)])


@router.get("/targets")
async def show_targets(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """The first one: that every received case enters verification."""
    found = await visit.read(Queue.INTAKE, "/targets/entering-verification", cursor=cursor)
    return visit.page(
        "targets.html",
        "targets-title",
        entering=found,
        names=await names_of(visit, (each["organisation_id"] for each in found["items"])),
        is_later=bool(cursor),
    )
