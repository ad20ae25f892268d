"""Organisations and their dated roles, for whoever administers them."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Changes, Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.grants import (
    LastDay,
    OfQuery,
    RoleSent,
    as_shown,
    beside_fields,
    beside_last_day,
    today_written,
)
from services.console.pages.visit import Visit, Visiting, only_with
from services.console.views import name_in
from shared.access import Permission
from shared.contracts.vocabulary import EndpointTopic, OrganisationKind, Queue, Role
from shared.kit.routing import Router
from shared.law import Certainty

HOME = "/administration"
FACTS = ("name_vi", "name_en", "is_active", "roles", "source", "certainty")
"""What a change sends whole."""
CHANGES = Changes(Done.ORGANISATION_SAVED, Done.ORGANISATION_STOPPED, Done.ORGANISATION_AGAIN)
TYPED = ("name_vi", "name_en", "code", "kind", "source", "certainty")

administering = only_with(Permission.ORGANISATION_CHANGE)
router = Router(include_in_schema=False, dependencies=[administering])


class NewOrganisation(RoleSent):
    """An organisation, and the first role it holds."""

    name_vi: str = ""
    name_en: str = ""
    code: str = ""
    kind: str = ""
    source: str = ""
    certainty: str = ""
    is_test: str = ""

    def body(self) -> dict[str, Any]:
        """As the API takes it; what is not asked outside of a sandbox is not said."""
        typed = {name: getattr(self, name).strip() for name in TYPED}
        test = {"is_test": True} if self.is_test else {}
        return {name: said for name, said in typed.items() if said} | test


class Change(Sent):
    """What changes of an organisation besides its roles."""

    name_vi: str = ""
    name_en: str = ""
    source: str = ""
    certainty: str = ""
    is_active: str = ""

    def changed(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """The facts of an organisation as a change sends them: this form has all, or one, of them.

        A source that was deleted is none; a name that was deleted is one that is missing.
        """
        facts = _facts(known)
        if self.is_active:
            return {**facts, "is_active": self.is_active == "true"}
        typed = self.model_dump(include={"name_vi", "name_en", "certainty"})
        return {**facts, **typed, "source": self.source.strip() or None}


@router.get(HOME)
async def list_organisations(
    visit: Visiting, name: str = "", kind: str = "", cursor: str = ""
) -> HTMLResponse:
    """All organisations, or those that are looked for."""
    asked = {"name": name.strip(), "kind": kind, "cursor": cursor}
    asked = {word: said for word, said in asked.items() if said}
    found = await visit.read(Queue.DIRECTORY, "/organisations", **asked)
    return visit.page(
        "administration.html",
        "administration-title",
        organisations=found["items"],
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
        name=name,
        kind=kind,
        kinds=list(OrganisationKind),
    )


@router.get(f"{HOME}/new")
async def show_new(visit: Visiting) -> HTMLResponse:
    """A new organisation."""
    form = NewOrganisation(valid_from=today_written(), certainty=Certainty.ASSUMED)
    return _new_page(visit, form)


@router.post(f"{HOME}/new", dependencies=[FromHere])
async def create(form: Annotated[NewOrganisation, Form()], visit: Visiting) -> Response:
    """Take it in."""
    body = form.body() | {"roles": [form.dated()]}
    try:
        made = await visit.change(
            "POST", Queue.DIRECTORY, "/organisations", body=body, key=form.key
        )
    except Problem as problem:
        return _new_page(visit, form, beside_fields(problem, "roles.0."))
    return visit.go(place_of(made["id"]), Done.ORGANISATION_ADDED)


@router.get(f"{HOME}/organisations/{{organisation_id}}")
async def show(organisation_id: UUID, visit: Visiting) -> HTMLResponse:
    """One organisation, with the systems that speak for it and where it is told."""
    return await organisation_page(visit, organisation_id)


@router.post(f"{HOME}/organisations/{{organisation_id}}", dependencies=[FromHere])
async def change(
    organisation_id: UUID, form: Annotated[Change, Form()], visit: Visiting
) -> Response:
    """Other names, or whether it takes part."""
    known = await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}")
    try:
        await _replace(visit, organisation_id, form.changed(known), form)
    except Problem as problem:
        typed = {} if form.is_active else {"change": form}
        return await organisation_page(visit, organisation_id, problem, typed=typed)
    return visit.go(place_of(organisation_id), CHANGES.by(form.is_active))


@router.get(f"{HOME}/organisations/{{organisation_id}}/roles/new")
async def show_new_role(organisation_id: UUID, visit: Visiting) -> HTMLResponse:
    """A role that an organisation gets."""
    form = RoleSent(valid_from=today_written(), area_code="31")
    return await _role_page(visit, organisation_id, form)


@router.post(f"{HOME}/organisations/{{organisation_id}}/roles/new", dependencies=[FromHere])
async def add_role(
    organisation_id: UUID, form: Annotated[RoleSent, Form()], visit: Visiting
) -> Response:
    """Give it."""
    body = _facts(await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}"))
    place = f"roles.{len(body['roles'])}."
    body["roles"] = [*body["roles"], form.dated()]
    try:
        await _replace(visit, organisation_id, body, form)
    except Problem as problem:
        return await _role_page(visit, organisation_id, form, beside_fields(problem, place))
    return visit.go(place_of(organisation_id), Done.ROLE_GIVEN)


@router.get(f"{HOME}/organisations/{{organisation_id}}/roles/end")
async def show_end(organisation_id: UUID, visit: Visiting, which: OfQuery) -> HTMLResponse:
    """The last day of a role."""
    return await _end_page(visit, organisation_id, which)


@router.post(f"{HOME}/organisations/{{organisation_id}}/roles/end", dependencies=[FromHere])
async def end_role(
    organisation_id: UUID, form: Annotated[LastDay, Form()], visit: Visiting
) -> Response:
    """Say it."""
    body = _facts(await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}"))
    body["roles"] = form.applied(body["roles"])
    try:
        await _replace(visit, organisation_id, body, form)
    except Problem as problem:
        return await _end_page(visit, organisation_id, form, beside_last_day(problem))
    return visit.go(place_of(organisation_id), Done.ROLE_ENDED)


def place_of(organisation_id: UUID | str) -> str:
    """Where an organisation is administered."""
    return f"{HOME}/organisations/{organisation_id}"


async def organisation_page(
    visit: Visit, organisation_id: UUID, problem: Problem | None = None, **facts: Any
) -> HTMLResponse:
    """All that there is to administer of an organisation."""
    known = await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}")
    own = {"organisation_id": str(organisation_id)}
    endpoints = await visit.panel(Queue.DIRECTORY, f"/organisations/{organisation_id}/endpoints")
    points = await visit.panel(Queue.DIRECTORY, f"/organisations/{organisation_id}/contact-points")
    provider = await visit.panel(
        Queue.DIRECTORY, f"/organisations/{organisation_id}/identity-provider"
    )
    clients = await visit.read(Queue.DIRECTORY, "/clients", **own)
    programmes = await visit.read(Queue.DIRECTORY, "/programmes", **own)
    return visit.page(
        "administration_organisation.html",
        "administration-organisation-title",
        organisation={**known, "roles": as_shown(known["roles"])},
        clients=clients["items"],
        programmes=programmes["items"],
        endpoints=endpoints.told["items"] if endpoints.told else [],
        topics=list(EndpointTopic),
        contact_points=points.told["items"] if points.told else [],
        provider=provider.told,
        certainties=list(Certainty),
        **{"problem": problem, "secret": None, "answer_code": None, "typed": {}, **facts},
    )


def _facts(known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: known[name] for name in FACTS}


async def _replace(
    visit: Visit, organisation_id: UUID, body: Mapping[str, Any], form: Sent
) -> None:
    path = f"/organisations/{organisation_id}"
    await visit.change("PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version)


def _new_page(visit: Visit, form: NewOrganisation, problem: Problem | None = None) -> HTMLResponse:
    return visit.page(
        "administration_new.html",
        "administration-new-title",
        problem=problem,
        form_sent=form,
        choices=_ROLES,
        kinds=list(OrganisationKind),
        certainties=list(Certainty),
    )


async def _role_page(
    visit: Visit, organisation_id: UUID, form: RoleSent, problem: Problem | None = None
) -> HTMLResponse:
    return await _of_role(
        visit,
        organisation_id,
        "role_add",
        problem,
        form_sent=form,
        choices=_ROLES,
        is_part=False,
    )


async def _end_page(
    visit: Visit, organisation_id: UUID, which: LastDay, problem: Problem | None = None
) -> HTMLResponse:
    return await _of_role(visit, organisation_id, "role_end", problem, which=which)


async def _of_role(
    visit: Visit, organisation_id: UUID, page: str, problem: Problem | None, **facts: Any
) -> HTMLResponse:
    known = await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}")
    return visit.page(
        f"{page}.html",
        f"{page.replace('_', '-')}-title",
        problem=problem,
        whose=name_in(visit.person.language, known),
        version=known["version"],
        held=as_shown(known["roles"]),
        back=place_of(organisation_id),
        **facts,
    )


_ROLES = [(role, role, "") for role in Role]
