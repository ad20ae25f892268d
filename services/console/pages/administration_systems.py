"""What speaks for an organisation: systems and their keys, webhooks, mailbox, first manager."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Form, Response

from services.console.clients import Problem
from services.console.pages.administration import HOME, administering, organisation_page, place_of
from services.console.pages.deliveries_own import Address, ContactPoint
from services.console.pages.done import Changes, Done
from services.console.pages.edge import Decided, FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.grants import beside_fields
from services.console.pages.slips import slip_page
from services.console.pages.visit import Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[administering])

PLACE = f"{HOME}/organisations/{{organisation_id}}"
CHANGES = Changes(Done.KEY_REPLACED, Done.CLIENT_STOPPED, Done.CLIENT_AGAIN)


class Key(Sent):
    """The public key of a system, as its people have sent it."""

    client_id: str = ""
    public_jwk: str = ""
    is_active: str = ""

    def key_given(self) -> Any:
        """The key; what is none goes on as an empty one, and the API says so."""
        try:
            return orjson.loads(self.public_jwk)
        except orjson.JSONDecodeError:
            return {}


class Vouching(Sent):
    """Which identity provider vouches; none to let nobody in by one."""

    issuer: str = ""
    client_id: str = ""


class Appointed(Sent):
    """Who is the first to manage an organisation, or is to once its managers cannot act."""

    user_name: str = ""
    display_name: str = ""
    post: str = ""
    confirmed_on: str = ""
    reference: str = ""

    def body(self) -> dict[str, Any]:
        """As the API takes it: what the organisation confirmed, if anything was typed of it."""
        told = {"post": self.post, "confirmed_on": self.confirmed_on, "reference": self.reference}
        confirmed = {**told, "confirmed_on": iso_day(self.confirmed_on)}
        named = {"user_name": self.user_name, "display_name": self.display_name}
        return named | ({"confirmation": confirmed} if any(told.values()) else {})


@router.post(f"{PLACE}/clients", dependencies=[FromHere])
async def register(
    organisation_id: UUID, form: Annotated[Key, Form()], visit: Visiting
) -> Response:
    """Let a system speak for the organisation."""
    body = {
        "client_id": form.client_id.strip(),
        "organisation_id": str(organisation_id),
        "public_jwk": form.key_given(),
    }
    try:
        await visit.change("POST", Queue.DIRECTORY, "/clients", body=body, key=form.key)
    except Problem as problem:
        typed = {"new": form}
        return await organisation_page(visit, organisation_id, problem, typed=typed)
    return visit.go(place_of(organisation_id), Done.CLIENT_ADDED)


@router.post(f"{PLACE}/clients/{{client_id}}", dependencies=[FromHere])
async def replace_key(
    organisation_id: UUID, client_id: str, form: Annotated[Key, Form()], visit: Visiting
) -> Response:
    """Another key in the place of the present one, or an end to asking for tokens."""
    path = f"/clients/{client_id}"
    known = await visit.read(Queue.DIRECTORY, path)
    key = form.key_given() if form.public_jwk.strip() else known["public_jwk"]
    is_active = form.is_active == "true" if form.is_active else known["is_active"]
    body = {"public_jwk": key, "is_active": is_active}
    try:
        await visit.change(
            "PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        typed = {client_id: form}
        return await organisation_page(visit, organisation_id, problem, typed=typed)
    return visit.go(place_of(organisation_id), CHANGES.by(form.is_active))


@router.post(f"{PLACE}/endpoints", dependencies=[FromHere])
async def set_endpoint(
    organisation_id: UUID, form: Annotated[Address, Form()], visit: Visiting
) -> Response:
    """Another address for webhooks, whose secret is shown once."""
    path = f"/organisations/{organisation_id}/endpoints"
    try:
        made = await visit.change("POST", Queue.DIRECTORY, path, body=form.body(), key=form.key)
    except Problem as problem:
        typed = {"endpoint": form.url, "topic": form.topic}
        return await organisation_page(visit, organisation_id, problem, typed=typed)
    return await organisation_page(visit, organisation_id, secret=made["secret"])


@router.post(f"{PLACE}/endpoints/{{endpoint_id}}/end", dependencies=[FromHere])
async def end_endpoint(
    organisation_id: UUID, endpoint_id: UUID, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """Have no webhooks sent there any more."""
    path = f"/organisations/{organisation_id}/endpoints/{endpoint_id}"
    try:
        await visit.change("DELETE", Queue.DIRECTORY, path, key=form.key)
    except Problem as problem:
        return await organisation_page(visit, organisation_id, problem)
    return visit.go(place_of(organisation_id), Done.ENDPOINT_STOPPED)


@router.post(f"{PLACE}/mailbox", dependencies=[FromHere])
async def write_to(
    organisation_id: UUID, form: Annotated[ContactPoint, Form()], visit: Visiting
) -> Response:
    """Have its office written to at a mailbox, or texted on its phone."""
    path = f"/organisations/{organisation_id}/contact-points"
    try:
        await visit.change("POST", Queue.DIRECTORY, path, body=form.body(), key=form.key)
    except Problem as problem:
        typed = {"mailbox": form.mailbox, "number": form.number}
        return await organisation_page(visit, organisation_id, problem, typed=typed)
    return visit.go(place_of(organisation_id), form.saved())


@router.post(f"{PLACE}/mailbox/{{contact_point_id}}/answer-code", dependencies=[FromHere])
async def agree_code(
    organisation_id: UUID,
    contact_point_id: UUID,
    form: Annotated[Sent, Form()],
    visit: Visiting,
) -> Response:
    """Agree with its office on a code to answer by, which the page shows once."""
    path = f"/organisations/{organisation_id}/contact-points/{contact_point_id}/answer-code"
    try:
        agreed = await visit.change("POST", Queue.DIRECTORY, path, body={}, key=form.key)
    except Problem as problem:
        return await organisation_page(visit, organisation_id, problem)
    return await organisation_page(visit, organisation_id, answer_code=agreed["code"])


@router.post(f"{PLACE}/mailbox/{{contact_point_id}}/end", dependencies=[FromHere])
async def write_no_more(
    organisation_id: UUID,
    contact_point_id: UUID,
    form: Annotated[ContactPoint, Form()],
    visit: Visiting,
) -> Response:
    """Have nothing more written there."""
    path = f"/organisations/{organisation_id}/contact-points/{contact_point_id}"
    try:
        await visit.change("DELETE", Queue.DIRECTORY, path, key=form.key)
    except Problem as problem:
        return await organisation_page(visit, organisation_id, problem)
    return visit.go(place_of(organisation_id), form.ended())


@router.post(f"{PLACE}/identity-provider", dependencies=[FromHere])
async def set_provider(
    organisation_id: UUID, form: Annotated[Vouching, Form()], visit: Visiting
) -> Response:
    """Let an identity provider vouch for its people; or none."""
    path = f"/organisations/{organisation_id}/identity-provider"
    body = {"issuer": form.issuer.strip(), "client_id": form.client_id.strip()}
    method = "PUT" if any(body.values()) else "DELETE"
    try:
        await visit.change(
            method, Queue.DIRECTORY, path, body=body if method == "PUT" else None, key=form.key
        )
    except Problem as problem:
        return await organisation_page(visit, organisation_id, problem, typed={"provider": form})
    done = Done.PROVIDER_SAVED if method == "PUT" else Done.PROVIDER_REMOVED
    return visit.go(place_of(organisation_id), done)


@router.post(f"{PLACE}/manager", dependencies=[FromHere])
async def appoint(
    organisation_id: UUID, form: Annotated[Appointed, Form()], visit: Visiting, rules: Decided
) -> Response:
    """Make the first manager, or another where none can act any more: a slip to print."""
    path = f"/organisations/{organisation_id}/manager"
    try:
        made = await visit.change("POST", Queue.DIRECTORY, path, body=form.body(), key=form.key)
    except Problem as problem:
        beside = beside_fields(problem, "confirmation.")
        return await organisation_page(visit, organisation_id, beside, typed={"manager": form})
    return slip_page(visit, rules, made, form.said(), back=place_of(organisation_id))
