"""Where one's own organisation is told: a system, a mailbox or a phone; and what it was told."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.deliveries import told_to
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import EndpointTopic, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HERE = "/deliveries/own"
UNTYPED = {"typed_mailbox": "", "typed_number": "", "wrong": "url"}


class Address(Sent):
    """Where webhooks go, and which; unset: those that go to no other address."""

    url: str = ""
    topic: str = ""

    def body(self) -> dict[str, str | None]:
        """As the API takes it."""
        return {"url": self.url.strip(), "topic": self.topic or None}


class ContactPoint(Sent):
    """Where the office is told: a mailbox, or the number of the phone on duty."""

    mailbox: str = ""
    number: str = ""

    def body(self) -> dict[str, str]:
        """As the API takes it."""
        if self.number:
            return {"number": self.number.strip()}
        return {"mailbox": self.mailbox.strip()}

    def saved(self) -> Done:
        """What is said once it is used."""
        return Done.NUMBER_SAVED if self.number else Done.MAILBOX_SAVED

    def ended(self) -> Done:
        """What is said once it is not used any more."""
        return Done.NUMBER_ENDED if self.number else Done.MAILBOX_ENDED

    def typed(self) -> dict[str, str]:
        """What a page shows again, and which of its fields is wrong."""
        wrong = "number" if self.number else "mailbox"
        return {"wrong": wrong, "typed_mailbox": self.mailbox, "typed_number": self.number}


class WeeklyPage(Sent):
    """Whether the office gets its weekly page."""

    is_wanted: str = ""

    def done(self) -> Done:
        """What is said once it is so."""
        return Done.WEEKLY_PAGE_WANTED if self.is_wanted else Done.WEEKLY_PAGE_ENDED


@router.get(HERE)
async def show_own(visit: Visiting, state: str = "", cursor: str = "") -> HTMLResponse:
    """The address of one's own organisation, how it is doing, and what was sent there."""
    return await _own_page(visit, state=state, cursor=cursor)


@router.post(f"{HERE}/endpoints", dependencies=[FromHere])
async def register(form: Annotated[Address, Form()], visit: Visiting) -> Response:
    """Another address, or another secret for the same; the secret is shown once."""
    path, body = _endpoints_of(visit), form.body()
    try:
        made = await visit.change("POST", Queue.DIRECTORY, path, body=body, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem, typed=form.url, typed_topic=form.topic)
    return await _own_page(visit, secret=made["secret"])


@router.post(f"{HERE}/endpoints/{{endpoint_id}}/end", dependencies=[FromHere])
async def end(endpoint_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Take no webhooks there any more."""
    path = f"{_endpoints_of(visit)}/{endpoint_id}"
    try:
        await visit.change("DELETE", Queue.DIRECTORY, path, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem)
    return visit.go(HERE, Done.ENDPOINT_STOPPED)


@router.post(f"{HERE}/mailbox", dependencies=[FromHere])
async def write_to(form: Annotated[ContactPoint, Form()], visit: Visiting) -> Response:
    """Have the office written to at a mailbox, or texted on its phone."""
    path, body = _contact_points_of(visit), form.body()
    try:
        await visit.change("POST", Queue.DIRECTORY, path, body=body, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem, **form.typed())
    return visit.go(HERE, form.saved())


@router.post(f"{HERE}/mailbox/{{contact_point_id}}/end", dependencies=[FromHere])
async def write_no_more(
    contact_point_id: UUID, form: Annotated[ContactPoint, Form()], visit: Visiting
) -> Response:
    """Have nothing more written there."""
    path = f"{_contact_points_of(visit)}/{contact_point_id}"
    try:
        await visit.change("DELETE", Queue.DIRECTORY, path, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem)
    return visit.go(HERE, form.ended())


@router.post(f"{HERE}/weekly-page", dependencies=[FromHere])
async def set_weekly_page(form: Annotated[WeeklyPage, Form()], visit: Visiting) -> Response:
    """Have the office written each week how much is open, late and waiting; or no more."""
    body = {"is_wanted": bool(form.is_wanted)}
    try:
        await visit.change("POST", Queue.DIRECTORY, _weekly_page_of(visit), body=body, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem)
    return visit.go(HERE, form.done())


def _endpoints_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/endpoints"


def _weekly_page_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/weekly-page"


def _contact_points_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/contact-points"


async def _own_page(
    visit: Visit,
    problem: Problem | None = None,
    *,
    state: str = "",
    cursor: str = "",
    **facts: Any,
) -> HTMLResponse:
    own = visit.person.subject.organisation_id
    told = await told_to(visit, own, state, cursor)
    addresses = await visit.panel(Queue.DIRECTORY, _endpoints_of(visit))
    points = await visit.panel(Queue.DIRECTORY, _contact_points_of(visit))
    weekly = await visit.panel(Queue.DIRECTORY, _weekly_page_of(visit))
    names = await names_of(visit, [str(own)])
    return visit.page(
        "deliveries_own.html",
        "own-deliveries-title",
        problem=problem,
        where=HERE,
        name=names.get(str(own), str(own)),
        addresses=addresses.told["items"] if addresses.told else [],
        topics=list(EndpointTopic),
        contact_points=points.told["items"] if points.told else [],
        weekly_page=weekly.told,
        **{"secret": None, "typed": "", "typed_topic": "", **UNTYPED, **told, **facts},
    )
