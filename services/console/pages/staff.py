"""The people of one's own organisation: their accounts, their dated roles, slips to get in with."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Changes, Done
from services.console.pages.edge import Decided, FromHere
from services.console.pages.forms import Sent
from services.console.pages.grants import (
    BETWEEN,
    LastDay,
    OfQuery,
    RoleSent,
    as_shown,
    beside_fields,
    beside_last_day,
    today_written,
)
from services.console.pages.slips import slip_page
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.STAFF_CHANGE)])

CHANGES = Changes(Done.ACCOUNT_SAVED, Done.ACCOUNT_ENDED, Done.ACCOUNT_AGAIN)


class NewAccount(RoleSent):
    """An account, and the first role of its person."""

    user_name: str = ""
    display_name: str = ""


class Change(Sent):
    """What changes of an account besides its roles."""

    display_name: str = ""
    is_active: str = ""

    def changed(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """The facts of an account as a change sends them: with another name, or begun or ended."""
        if self.is_active:
            return {**_facts(account), "is_active": self.is_active == "true"}
        return {**_facts(account), "display_name": self.display_name}


class SlipWanted(Sent):
    """What a person sets anew."""

    purpose: str = ""


@router.get("/staff")
async def list_staff(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """All accounts of one's own organisation."""
    found = await visit.read(Queue.DIRECTORY, "/staff", cursor=cursor)
    people = [{**each, "grants": as_shown(each["grants"])} for each in found["items"]]
    return visit.page(
        "staff.html",
        "staff-title",
        people=people,
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
    )


@router.get("/staff/new")
async def show_new(visit: Visiting) -> HTMLResponse:
    """A new account."""
    return await _new_page(visit, NewAccount(valid_from=today_written()))


@router.post("/staff/new", dependencies=[FromHere])
async def create(form: Annotated[NewAccount, Form()], visit: Visiting) -> Response:
    """Make it; a slip is the next thing that its person needs."""
    named = {"user_name": form.user_name.strip(), "display_name": form.display_name}
    body = {**named, "grants": [form.dated()]}
    try:
        made = await visit.change("POST", Queue.DIRECTORY, "/staff", body=body, key=form.key)
    except Problem as problem:
        return await _new_page(visit, form, beside_fields(problem, "grants.0."))
    return visit.go(f"/staff/{made['id']}", Done.ACCOUNT_ADDED)


@router.get("/staff/{staff_id}")
async def show(staff_id: UUID, visit: Visiting) -> HTMLResponse:
    """One account."""
    return await _account_page(visit, staff_id)


@router.post("/staff/{staff_id}", dependencies=[FromHere])
async def change(staff_id: UUID, form: Annotated[Change, Form()], visit: Visiting) -> Response:
    """Another name, or the end of the account, or its beginning anew."""
    path = f"/staff/{staff_id}"
    body = form.changed(await visit.read(Queue.DIRECTORY, path))
    try:
        await visit.change(
            "PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        typed = None if form.is_active else form.display_name
        return await _account_page(visit, staff_id, problem, typed=typed)
    return visit.go(path, CHANGES.by(form.is_active))


@router.get("/staff/{staff_id}/roles/new")
async def show_new_role(staff_id: UUID, visit: Visiting) -> HTMLResponse:
    """Another role."""
    return await _role_page(visit, staff_id, RoleSent(valid_from=today_written()))


@router.post("/staff/{staff_id}/roles/new", dependencies=[FromHere])
async def add_role(staff_id: UUID, form: Annotated[RoleSent, Form()], visit: Visiting) -> Response:
    """Give a role that the organisation holds itself."""
    path = f"/staff/{staff_id}"
    account = await visit.read(Queue.DIRECTORY, path)
    body = _facts(account)
    place = f"grants.{len(body['grants'])}."
    body["grants"] = [*body["grants"], form.dated()]
    try:
        await visit.change(
            "PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _role_page(visit, staff_id, form, beside_fields(problem, place))
    return visit.go(path, Done.ROLE_GIVEN)


@router.get("/staff/{staff_id}/roles/end")
async def show_end(staff_id: UUID, visit: Visiting, which: OfQuery) -> HTMLResponse:
    """The last day of a role."""
    return await _end_page(visit, staff_id, which)


@router.post("/staff/{staff_id}/roles/end", dependencies=[FromHere])
async def end_role(staff_id: UUID, form: Annotated[LastDay, Form()], visit: Visiting) -> Response:
    """Say it."""
    path = f"/staff/{staff_id}"
    account = await visit.read(Queue.DIRECTORY, path)
    body = {**_facts(account), "grants": form.applied(account["grants"])}
    try:
        await visit.change(
            "PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _end_page(visit, staff_id, form, beside_last_day(problem))
    return visit.go(path, Done.ROLE_ENDED)


@router.post("/staff/{staff_id}/slip", dependencies=[FromHere])
async def make_slip(
    staff_id: UUID, form: Annotated[SlipWanted, Form()], visit: Visiting, rules: Decided
) -> Response:
    """A slip to print, whose code is shown now and never again."""
    path = f"/staff/{staff_id}"
    try:
        made = await visit.change(
            "POST", Queue.DIRECTORY, f"{path}/links", body=form.said(), key=form.key
        )
    except Problem as problem:
        return await _account_page(visit, staff_id, problem)
    account = await visit.read(Queue.DIRECTORY, path)
    return slip_page(visit, rules, made, account, back=path)


async def _account_page(
    visit: Visit, staff_id: UUID, problem: Problem | None = None, *, typed: str | None = None
) -> HTMLResponse:
    account = await visit.read(Queue.DIRECTORY, f"/staff/{staff_id}")
    return visit.page(
        "staff_account.html",
        "staff-account-title",
        problem=problem,
        account={**account, "grants": as_shown(account["grants"])},
        typed=account["display_name"] if typed is None else typed,
    )


async def _role_page(
    visit: Visit, staff_id: UUID, form: RoleSent, problem: Problem | None = None
) -> HTMLResponse:
    account = await visit.read(Queue.DIRECTORY, f"/staff/{staff_id}")
    return visit.page(
        "role_add.html",
        "role-add-title",
        problem=problem,
        form_sent=form,
        choices=await _choices(visit),
        is_part=True,
        whose=account["display_name"],
        version=account["version"],
        held=as_shown(account["grants"]),
        back=f"/staff/{staff_id}",
    )


async def _end_page(
    visit: Visit, staff_id: UUID, which: LastDay, problem: Problem | None = None
) -> HTMLResponse:
    account = await visit.read(Queue.DIRECTORY, f"/staff/{staff_id}")
    return visit.page(
        "role_end.html",
        "role-end-title",
        problem=problem,
        which=which,
        whose=account["display_name"],
        version=account["version"],
        held=as_shown(account["grants"]),
        back=f"/staff/{staff_id}",
    )


async def _new_page(visit: Visit, form: NewAccount, problem: Problem | None = None) -> HTMLResponse:
    return visit.page(
        "staff_new.html",
        "staff-new-title",
        problem=problem,
        form_sent=form,
        choices=await _choices(visit),
    )


async def _choices(visit: Visit) -> Sequence[tuple[str, str, str]]:
    """What one's own organisation holds: whatever its people act in is a part of it."""
    own = await visit.read(
        Queue.DIRECTORY, f"/organisations/{visit.person.subject.organisation_id}"
    )
    held = [each for each in as_shown(own["roles"]) if not each["is_over"]]
    pairs = dict.fromkeys((each["role"], each["area_code"]) for each in held)
    return [(f"{role}{BETWEEN}{area}", role, area) for role, area in pairs]


def _facts(account: Mapping[str, Any]) -> dict[str, Any]:
    """What a change sends whole."""
    return {name: account[name] for name in ("display_name", "is_active", "grants")}
