"""A partner's inbox, and one offer in it: the least that is needed to answer (pages 22 and 23)."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.referrals import Moved
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue, ReferralStatus
from shared.kit.routing import Router

router = Router(include_in_schema=False)

TO_ANSWER = ReferralStatus.REQUESTED
REJECT = "reject"
ASK = "ask"
MANY = "25"
"""Offers that are served to a page; what is to be answered is on every one of them."""
INLINE = frozenset(
    {"accept", "reject", "seen", ASK, "start", "resume", "complete", "confirm_purge"}
)
"""Moves that are made on the page of the offer itself; the others have a page of their own."""
DONE = {
    "seen": Done.OFFER_SEEN,
    ASK: Done.OFFER_ASKED,
    "accept": Done.OFFER_ACCEPTED,
    REJECT: Done.OFFER_REJECTED,
    "start": Done.SERVICE_STARTED,
    "hold": Done.SERVICE_HELD,
    "resume": Done.SERVICE_RESUMED,
    "complete": Done.SERVICE_COMPLETED,
    "fail": Done.SERVICE_FAILED,
    "confirm_purge": Done.PURGE_CONFIRMED,
}
"""What a partner's move has done."""


@router.get("/offers")
async def list_offers(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """What is to be answered first, however much was served; then what is being served."""
    asked, found, programmes = await gather(
        visit.whole(Queue.LIVELIHOOD_SUPPORT, "/referrals", status=TO_ANSWER),
        visit.read(Queue.LIVELIHOOD_SUPPORT, "/referrals", page_size=MANY, cursor=cursor),
        own_programmes(visit),
    )
    return visit.page(
        "offers.html",
        "offers-title",
        waiting=sorted(
            _own(asked), key=lambda each: (each["answer_by"] or "9", each["offered_at"])
        ),
        served=[each for each in _own(found) if each["status"] != TO_ANSWER],
        programmes=programmes,
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
    )


def _own(found: Mapping[str, Any]) -> list[Any]:
    """Offers to one's own organisation, not the referrals that somebody answers for."""
    return [each for each in found["items"] if each["case_id"] is None]


@router.get("/offers/{offer_id}")
async def show_offer(offer_id: UUID, visit: Visiting) -> HTMLResponse:
    """One offer, and what can be done with it now."""
    return await offer_page(visit, offer_id)


@router.get("/offers/{offer_id}/{move}")
async def show_move(offer_id: UUID, move: str, visit: Visiting) -> HTMLResponse:
    """A move that needs a reason, on a page of its own."""
    return await _move_page(visit, offer_id, move)


@router.post("/offers/{offer_id}/moves", dependencies=[FromHere])
async def move_offer(offer_id: UUID, form: Annotated[Moved, Form()], visit: Visiting) -> Response:
    """Answer, or carry on what was accepted."""
    path = f"/referrals/{offer_id}/moves"
    try:
        await visit.change(
            "POST",
            Queue.LIVELIHOOD_SUPPORT,
            path,
            body=form.said(),
            key=form.key,
            version=form.version,
        )
    except Problem as problem:
        if form.move in INLINE:
            return await offer_page(visit, offer_id, problem, sent=form)
        return await _move_page(visit, offer_id, form.move, problem, sent=form)
    place = "/offers" if form.move == REJECT else f"/offers/{offer_id}"
    return visit.go(place, DONE.get(form.move))


async def offer_page(
    visit: Visit, offer_id: UUID, problem: Problem | None = None, *, sent: Moved | None = None
) -> HTMLResponse:
    """The page of an offer, with what was refused if anything was."""
    path = f"/referrals/{offer_id}"
    offer, moves, programmes = await gather(
        visit.read(Queue.LIVELIHOOD_SUPPORT, path),
        visit.whole(Queue.LIVELIHOOD_SUPPORT, f"{path}/moves"),
        own_programmes(visit),
    )
    return visit.page(
        "offer.html",
        "offer-title",
        problem=problem,
        offer=offer,
        programme=programmes.get(offer["programme_id"]),
        moves=moves["items"],
        can=by_move(offer),
        sent=sent or Moved(),
    )


def by_move(offer: Mapping[str, Any]) -> Mapping[str, Any]:
    """By move, what it needs; to have looked at it is said once, and the days are counted then."""
    is_counted = offer["answer_by"] is not None
    moves: Sequence[Any] = offer["can"]
    return {it["move"]: it for it in moves if not (it["move"] == "seen" and is_counted)}


async def _move_page(
    visit: Visit,
    offer_id: UUID,
    move: str,
    problem: Problem | None = None,
    *,
    sent: Moved | None = None,
) -> HTMLResponse:
    offer = await visit.read(Queue.LIVELIHOOD_SUPPORT, f"/referrals/{offer_id}")
    can = by_move(offer)
    if move not in can or move == ASK:
        return await offer_page(visit, offer_id, problem, sent=sent)
    return visit.page(
        "offer_move.html",
        "offer-title",
        problem=problem,
        offer=offer,
        move=can[move],
        sent=sent or Moved(),
    )


async def own_programmes(visit: Visit) -> Mapping[str, Any]:
    """The programmes of one's own organisation, by id; none while the directory does not answer."""
    organisation_id = str(visit.person.subject.organisation_id)
    found = await visit.whole_panel(Queue.DIRECTORY, "/programmes", organisation_id=organisation_id)
    return {each["id"]: each for each in found.told["items"]} if found.told else {}
