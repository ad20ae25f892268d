"""Handovers that are announced: the list, a new one, and one with its people and its house.

In no page of it stands who anybody is: people are numbers until they are received.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.advance_groups import GROUPS, Groups, group_of, groups_in, uncounted
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of
from services.console.pages.reception_body import communes, unit_code
from services.console.pages.visit import NOTHING, Visit, Visiting, only_with
from services.console.views import language_of
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.ADVANCE_NOTICE_READ)])

LIST = "/advance-notices"
OPEN, ALL = "open", "all"
ROUTES = ("BILATERAL_HANDOVER", "MISSION_ABROAD")
CANCEL_REASONS = ("called_off", "to_another_place", "announced_twice", "given_in_error")
ABSENCE_REASONS = ("not_handed_over", "person_declined", "taken_elsewhere", "counted_wrongly")
"""As intake takes them; that these are the same is a test."""


class Given(Sent):
    """What is announced, but for the people, who are counted in groups."""

    route: str = ""
    expected_on: str = ""
    unit_code: str = ""


class Changed(Sent):
    """Another day, or why there is none."""

    expected_on: str = ""
    reason: str = ""


class Settled(Sent):
    """What became of one of the people."""

    case_code: str = ""
    reason: str = ""


@router.get(LIST)
async def list_notices(visit: Visiting, show: str = OPEN, cursor: str = "") -> HTMLResponse:
    """The notices that expect somebody, or all of them."""
    is_open = "false" if show == ALL else "true"
    listed = await visit.read(Queue.INTAKE, LIST, is_open=is_open, cursor=cursor)
    rows = listed["items"]
    return visit.page(
        "advance_notices.html",
        "advance-title",
        rows=rows,
        names=await names_of(visit, [each["announcer_id"] for each in rows]),
        next_cursor=listed["next_cursor"],
        is_later=bool(cursor),
        show=ALL if show == ALL else OPEN,
    )


@router.get(f"{LIST}/new")
async def begin(visit: Visiting) -> HTMLResponse:
    """The form of a new one."""
    return _form(visit, Given(), {})


@router.post(f"{LIST}/new", dependencies=[FromHere])
async def give(visit: Visiting) -> Response:
    """Announce a handover."""
    sent = visit.request.state.form
    form = Given(**{name: str(sent.get(name, "")) for name in Given.model_fields})
    groups = groups_in(sent.multi_items())
    if problem := uncounted(groups, language_of(visit.request)):
        return _form(visit, form, groups, problem)
    people, places = group_of(groups)
    body = {
        **form.said(),
        "expected_on": iso_day(form.expected_on),
        "unit_code": unit_code(form.unit_code),
        "people": people,
    }
    try:
        made = await visit.change("POST", Queue.INTAKE, LIST, body=body, key=form.key)
    except Problem as problem:
        return _form(visit, form, groups, problem.beside(places))
    return visit.go(f"{LIST}/{made['id']}", Done.NOTICE_GIVEN)


def _form(
    visit: Visit, form: Given, groups: Groups, problem: Problem | None = None
) -> HTMLResponse:
    return visit.page(
        "advance_notice_new.html",
        "advance-new",
        problem=problem,
        typed=form,
        groups=[groups.get(place, {}) for place in range(GROUPS)],
        routes=ROUTES,
        communes=communes(),
    )


@router.get(f"{LIST}/{{notice_id}}")
async def show_notice(notice_id: UUID, visit: Visiting) -> HTMLResponse:
    """One of them: who is expected, what became of each, and what is lacking at the house."""
    return await _page(visit, notice_id)


@router.post(f"{LIST}/{{notice_id}}/day", dependencies=[FromHere])
async def change_day(
    notice_id: UUID, form: Annotated[Changed, Form()], visit: Visiting
) -> Response:
    """Put it on another day."""
    body = {"expected_on": iso_day(form.expected_on)}
    return await _change(visit, f"{notice_id}/day", body, form, Done.NOTICE_MOVED)


@router.post(f"{LIST}/{{notice_id}}/cancellation", dependencies=[FromHere])
async def cancel(notice_id: UUID, form: Annotated[Changed, Form()], visit: Visiting) -> Response:
    """Say that it does not take place."""
    body = {"reason": form.reason} if form.reason else {}
    return await _change(visit, f"{notice_id}/cancellation", body, form, Done.NOTICE_CANCELLED)


@router.post(f"{LIST}/{{notice_id}}/people/{{number}}/absence", dependencies=[FromHere])
async def miss(
    notice_id: UUID, number: int, form: Annotated[Settled, Form()], visit: Visiting
) -> Response:
    """Say that somebody did not come."""
    path, body = (
        f"{notice_id}/people/{number}/absence",
        {"reason": form.reason} if form.reason else {},
    )
    return await _change(visit, path, body, form, Done.EXPECTED_ABSENT)


@router.post(f"{LIST}/{{notice_id}}/people/{{number}}/reception", dependencies=[FromHere])
async def link(
    notice_id: UUID, number: int, form: Annotated[Settled, Form()], visit: Visiting
) -> Response:
    """Say which case somebody is that was submitted already."""
    try:
        found = await visit.read(Queue.INTAKE, "/cases", code=form.case_code.strip() or "-")
    except Problem as problem:
        return await _page(visit, notice_id, problem)
    body = {"case_id": found["items"][0]["id"]} if found["items"] else {}
    path = f"{notice_id}/people/{number}/reception"
    return await _change(visit, path, body, form, Done.EXPECTED_RECEIVED)


@router.post(f"{LIST}/{{notice_id}}/people/{{number}}/draft", dependencies=[FromHere])
async def receive(
    notice_id: UUID, number: int, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """Begin the reception of somebody with what was announced of them."""
    notice = await visit.read(Queue.INTAKE, f"{LIST}/{notice_id}")
    person = next((it for it in notice["people"] if it["number"] == number), None)
    if person is None:
        return await _page(visit, notice_id)
    sections = {name: {"answers": typed} for name, typed in _typed(notice, person).items()}
    body = {"sections": sections}
    made = await visit.change("POST", Queue.INTAKE, "/drafts", body=body, key=form.key)
    return visit.go(f"/reception/{made['id']}/reception")


def _typed(
    notice: Mapping[str, Any], person: Mapping[str, Any]
) -> Mapping[str, Mapping[str, list[str]]]:
    """The answers that a notice gives to what reception asks."""
    return {
        "reception": {
            "route": [notice["route"]],
            "advance_notice": [f"{notice['id']}/{person['number']}"],
        },
        "person": {"person.sex": [person["sex"]]},
        "needs": {
            "languages": person["languages"],
            "needs_interpreter": ["yes" if person["needs_interpreter"] else "no"],
        },
    }


async def _change(
    visit: Visit, where: str, body: Mapping[str, Any], form: Sent, done: Done
) -> Response:
    """Have intake do it at an address behind that of the notice, and come back to its page."""
    notice_id = UUID(where.split("/", maxsplit=1)[0])
    how: dict[str, Any] = {"key": form.key} | ({"version": form.version} if form.version else {})
    try:
        await visit.change("POST", Queue.INTAKE, f"{LIST}/{where}", body=body, **how)
    except Problem as problem:
        return await _page(visit, notice_id, problem)
    return visit.go(f"{LIST}/{notice_id}", done)


async def _page(visit: Visit, notice_id: UUID, problem: Problem | None = None) -> HTMLResponse:
    notice = await visit.read(Queue.INTAKE, f"{LIST}/{notice_id}")
    housing = NOTHING
    if visit.may(Permission.STAY_READ):
        housing = await visit.panel(
            Queue.LIVELIHOOD_SUPPORT, "/held-places", notice_id=str(notice_id)
        )
    house = next(iter(housing.told["items"]), None) if housing.told else None
    return visit.page(
        "advance_notice.html",
        "advance-one",
        problem=problem,
        it=notice,
        here=f"{LIST}/{notice_id}",
        house=house,
        housing=housing,
        names=await names_of(visit, [notice["announcer_id"], house and house["facility_id"]]),
        cancel_reasons=CANCEL_REASONS,
        absence_reasons=ABSENCE_REASONS,
    )
