"""What a sandbox would have sent to test organisations, as its receivers would have read it."""

from uuid import UUID

from starlette.responses import HTMLResponse

from services.console.pages.names import names_of
from services.console.pages.visit import Visiting, only_with
from shared.access import Permission
from shared.contracts.simulator import SIMULATED
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.DELIVERY_READ)])

PAGE = "/deliveries/recordings"
RECORDINGS = "/recordings"
MANY = "25"


@router.get(PAGE)
async def show_recordings(visit: Visiting, delivery: str = "", cursor: str = "") -> HTMLResponse:
    """The newest first: one's own organisation's, an operator's all; or those of one delivery."""
    asked = {"page_size": MANY, "delivery_id": delivery, "cursor": cursor}
    panel = await visit.panel(Queue.NOTIFICATION, RECORDINGS, **asked)
    told = panel.told or {"items": [], "next_cursor": None}
    return visit.page(
        "recordings.html",
        "recordings-title",
        recordings=told["items"],
        names=await names_of(visit, (each["organisation_id"] for each in told["items"])),
        next_cursor=told["next_cursor"],
        delivery=delivery,
        place=f"{PAGE}?delivery={delivery}" if delivery else PAGE,
        is_later=bool(cursor),
        is_missing=panel.is_missing,
        simulated=SIMULATED,
    )


@router.get(f"{PAGE}/{{recording_id}}")
async def show_recording(recording_id: UUID, visit: Visiting) -> HTMLResponse:
    """One message as it would have read."""
    found = await visit.read(Queue.NOTIFICATION, f"{RECORDINGS}/{recording_id}")
    own = found["organisation_id"]
    names = await names_of(visit, [own])
    return visit.page(
        "recording.html", "recordings-title", recording=found, name=names.get(own, own)
    )
