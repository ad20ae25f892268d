"""Reception: what was begun, what was sent, and what became of it."""

from uuid import UUID

from fastapi import Response

from services.console.pages.reception_fields import STEPS
from services.console.pages.reception_paper import blanks
from services.console.pages.reception_receipt import next_steps
from services.console.pages.visit import Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NEWEST = "5"


@router.get("/reception")
async def show_reception(visit: Visiting, cursor: str = "") -> Response:
    """One's own drafts, and what was sent last."""
    ours = str(visit.person.subject.organisation_id)
    return visit.page(
        "reception.html",
        "reception-title",
        drafts=await visit.panel(Queue.INTAKE, "/drafts", cursor=cursor),
        sent=await visit.panel(Queue.INTAKE, "/cases", receiver_id=ours, page_size=NEWEST),
        steps=STEPS,
        is_later=bool(cursor),
    )


@router.get("/reception/paper")
async def show_paper(visit: Visiting) -> Response:
    """What is asked, to be printed and filled in by hand while there is no network."""
    sections = blanks(visit.person.language)
    return visit.page("reception_paper.html", "paper-title", sections=sections)


@router.get("/reception/sent")
async def show_sent(visit: Visiting, cursor: str = "") -> Response:
    """What the organisation submitted, and how far each is."""
    ours = str(visit.person.subject.organisation_id)
    sent = await visit.read(Queue.INTAKE, "/cases", receiver_id=ours, cursor=cursor)
    return visit.page("reception_sent.html", "sent-title", sent=sent, is_later=bool(cursor))


@router.get("/reception/sent/{case_id}")
async def show_receipt(case_id: UUID, visit: Visiting) -> Response:
    """The receipt of a case, to print."""
    case = await visit.read(Queue.INTAKE, f"/cases/{case_id}")
    return visit.page("reception_receipt.html", "receipt-title", case=case, coming=next_steps(case))
