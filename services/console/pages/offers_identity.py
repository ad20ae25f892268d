"""Who was referred: shown to whoever accepted, while the consent lives, for a few minutes."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from services.console.clients import Problem
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.offers import offer_page
from services.console.pages.visit import Visiting
from shared.contracts.vocabulary import Purpose, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

SHOWN_FOR = 300
"""Seconds until the page gives way to that of the offer: whoever left it open shows nobody."""


@router.post("/offers/{offer_id}/identity", dependencies=[FromHere])
async def show_identity(offer_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Ask for who was referred, for the purpose that the consent covers; it is recorded."""
    body = {"referral_id": str(offer_id), "purpose": Purpose.SERVICE_REFERRAL}
    try:
        told = await visit.change("POST", Queue.INTAKE, "/disclosures", body=body, key=form.key)
    except Problem as problem:
        return await offer_page(visit, offer_id, problem)
    page = visit.page("offer_identity.html", "identity-shown-title", told=told, offer_id=offer_id)
    page.headers["Refresh"] = f"{SHOWN_FOR}; url=/offers/{offer_id}"
    return page
