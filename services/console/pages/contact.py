"""How the person may be reached, messages to them, and what silences all of it."""

from asyncio import gather
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.reception_body import hours_of
from services.console.pages.visit import Panel, Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

WAYS = ("call", "message")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TEXTS = ("call_known_number", "appointment_stands", "appointment_moved")
LANGUAGES = ("vi", "en")
RISKS = ("phone_watched", "sought", "threatened", "person_asked")
RISK_ENDS = ("person_says_safe", "moved_away", "raised_in_error")
REACHED = (
    "called",
    "met",
    "through_somebody_trusted",
    "not_needed_any_more",
    "could_not_be_reached",
)
"""As intake takes them; that these are the same is a test (``tests/console/test_choices.py``)."""


class NewPoint(Sent):
    """A number, and what the person says of it."""

    number: str = ""
    ways: list[str] = Field(default_factory=list)
    days: list[str] = Field(default_factory=list)
    hours: str = ""
    answered_by: str = ""
    code_phrase: str = ""
    is_shared: str = ""
    may_leave_message: str = ""
    confirmed_on: str = ""
    replaces: str = ""

    def body(self) -> dict[str, Any]:
        """The same as intake takes it."""
        said = self.said()
        outer: dict[str, Any] = {
            name: said.pop(name) for name in ("number", "replaces") if name in said
        }
        if confirmed_on := said.pop("confirmed_on", ""):
            outer["confirmed_on"] = iso_day(confirmed_on)
        if "hours" in said:
            said["hours"] = hours_of(said["hours"])
        yes = {name: True for name in ("is_shared", "may_leave_message") if name in said}
        return {**outer, "rule": {**said, **yes}}


class Reason(Sent):
    """Why a flag is raised or lowered."""

    reason: str = ""


class NewMessage(Sent):
    """Where to, and what."""

    contact_point_id: str = ""
    says: str = ""
    language: str = ""


class Reached(Sent):
    """How the person was reached otherwise."""

    how: str = ""


@router.get("/cases/{case_id}/contact")
async def show_contact(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Whether and since when the person may be reached, without any number."""
    return await _contact_page(visit, case_id)


@router.post("/cases/{case_id}/contact/points", dependencies=[FromHere])
async def record(case_id: UUID, form: Annotated[NewPoint, Form()], visit: Visiting) -> Response:
    """Record a number with what the person says of it."""
    try:
        path = f"/cases/{case_id}/contact-points"
        await visit.change("POST", Queue.INTAKE, path, body=form.body(), key=form.key)
    except Problem as problem:
        beside = problem.beside(lambda field: field.removeprefix("rule."))
        return await _contact_page(visit, case_id, beside, typed=form)
    return visit.go(f"/cases/{case_id}/contact", Done.CONTACT_RECORDED)


@router.post("/cases/{case_id}/contact/points/{point_id}/confirmation", dependencies=[FromHere])
async def confirm(
    case_id: UUID, point_id: UUID, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """The person has said today that it still holds."""
    path = f"/cases/{case_id}/contact-points/{point_id}/confirmations"
    body = {"confirmed_on": local_date(utc_now()).isoformat()}
    return await _done(visit, case_id, Done.CONTACT_CONFIRMED, path=path, form=form, body=body)


@router.post("/cases/{case_id}/contact/points/{point_id}/withdrawal", dependencies=[FromHere])
async def withdraw(
    case_id: UUID, point_id: UUID, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """The person takes it back."""
    path = f"/cases/{case_id}/contact-points/{point_id}/withdrawals"
    return await _done(visit, case_id, Done.CONTACT_WITHDRAWN, path=path, form=form)


@router.post("/cases/{case_id}/contact/risk", dependencies=[FromHere])
async def silence(case_id: UUID, form: Annotated[Reason, Form()], visit: Visiting) -> Response:
    """Let nothing reach the person's phone."""
    path = f"/cases/{case_id}/risk-flags"
    return await _done(visit, case_id, Done.RISK_RAISED, path=path, form=form)


@router.post("/cases/{case_id}/contact/risk/end", dependencies=[FromHere])
async def lower(case_id: UUID, form: Annotated[Reason, Form()], visit: Visiting) -> Response:
    """Let messages go again."""
    path = f"/cases/{case_id}/risk-flags/endings"
    return await _done(visit, case_id, Done.RISK_LOWERED, path=path, form=form)


@router.post("/cases/{case_id}/contact/messages", dependencies=[FromHere])
async def send(case_id: UUID, form: Annotated[NewMessage, Form()], visit: Visiting) -> Response:
    """Have the person sent one of the texts."""
    path = f"/cases/{case_id}/person-messages"
    return await _done(visit, case_id, Done.PERSON_MESSAGE_ASKED, path=path, form=form)


@router.post("/cases/{case_id}/contact/messages/{message_id}/end", dependencies=[FromHere])
async def settle(
    case_id: UUID, message_id: UUID, form: Annotated[Reached, Form()], visit: Visiting
) -> Response:
    """Say how the person was reached otherwise."""
    path = f"/cases/{case_id}/person-messages/{message_id}/endings"
    return await _done(visit, case_id, Done.PERSON_REACHED, path=path, form=form)


async def _done(
    visit: Visit,
    case_id: UUID,
    done: Done,
    *,
    path: str,
    form: Sent,
    body: dict[str, Any] | None = None,
) -> Response:
    told = form.said() or None if body is None else body
    try:
        await visit.change("POST", Queue.INTAKE, path, body=told, key=form.key)
    except Problem as problem:
        return await _contact_page(visit, case_id, problem)
    return visit.go(f"/cases/{case_id}/contact", done)


async def _contact_page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, *, typed: NewPoint | None = None
) -> HTMLResponse:
    case, found, owner = await gather(
        case_of(visit, case_id),
        visit.read(Queue.INTAKE, f"/cases/{case_id}/contact"),
        _owner(visit, case_id),
    )
    return case_page(
        visit,
        "contact.html",
        case,
        problem=problem,
        points=list(enumerate(found["points"], start=1)),
        numbers={each["id"]: place for place, each in enumerate(found["points"], start=1)},
        flag=found["flag"],
        messages=found["messages"],
        today=local_date(utc_now()).isoformat(),
        is_owner=owner == str(visit.person.subject.organisation_id),
        typed=typed or NewPoint(),
        choices={"ways": WAYS, "days": DAYS, "texts": TEXTS, "languages": LANGUAGES},
        risks=RISKS,
        risk_ends=RISK_ENDS,
        reached=REACHED,
    )


async def _owner(visit: Visit, case_id: UUID) -> str | None:
    """Who owns the case, for whoever may read that; others send no messages."""
    if not visit.may(Permission.RESPONSIBILITY_READ):
        return None
    read: Panel = await visit.panel(Queue.INTAKE, f"/cases/{case_id}/responsibility")
    owner: str | None = read.told and read.told["owner_id"]
    return owner
