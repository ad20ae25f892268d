"""Whether the targets of the city's plan are met, and each exception to them."""

from asyncio import gather
from collections.abc import Iterator
from typing import Any

from starlette.responses import HTMLResponse

from services.console.pages.names import names_of
from services.console.pages.visit import Panel, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.TARGET_READ)])


@router.get("/targets")
async def show_targets(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """That every received case enters verification, and that everybody in need is protected.

    Each is told by another service; where one cannot be asked for now, the other is there.
    """
    entering, protecting = await gather(
        visit.panel(Queue.INTAKE, "/targets/entering-verification", cursor=cursor),
        visit.whole_panel(Queue.VERIFICATION, "/targets"),
    )
    return visit.page(
        "targets.html",
        "targets-title",
        entering=entering,
        protecting=protecting,
        names=await names_of(visit, _who_must_act(entering, protecting)),
        is_later=bool(cursor),
    )


def _who_must_act(*panels: Panel) -> Iterator[Any]:
    for panel in panels:
        if panel.told:
            yield from (each["organisation_id"] for each in panel.told["items"])
