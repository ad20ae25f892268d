"""The programmes of organisations: what they offer, to whom, and how many."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.administration import HOME, administering, place_of
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from services.console.views import name_in
from shared.contracts.vocabulary import EntitlementCode, Queue, Sex
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[administering])

TEXTS = ("name_vi", "name_en", "capacity", "minimum_age", "maximum_age")
CHOICES = ("codes", "client_sexes", "staff_sexes")
KEPT = ("languages", "has_interpreter", "certainty")
"""What this form does not ask about stays as it is."""


class Programme(Sent):
    """A programme as it was typed."""

    name_vi: str = ""
    name_en: str = ""
    codes: list[str] = Field(default_factory=list)
    area_codes: str = ""
    capacity: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    client_sexes: list[str] = Field(default_factory=list)
    staff_sexes: list[str] = Field(default_factory=list)
    serves_children: str = ""
    is_active: str = ""

    def facts(self) -> dict[str, Any]:
        """As the API takes it; what is no number goes on as it is."""
        told = self.model_dump(include={*TEXTS, *CHOICES})
        numbers = {name: _number(told[name]) for name in TEXTS[2:]}
        return {
            **told,
            **numbers,
            "area_codes": self.area_codes.replace(",", " ").split(),
            "serves_children": bool(self.serves_children),
            "is_active": bool(self.is_active),
        }


@router.get(f"{HOME}/organisations/{{organisation_id}}/programmes/new")
async def show_new(organisation_id: UUID, visit: Visiting) -> HTMLResponse:
    """A new programme."""
    form = Programme(area_codes="31", client_sexes=list(Sex), is_active="yes")
    return await _page(visit, organisation_id, form)


@router.post(f"{HOME}/organisations/{{organisation_id}}/programmes/new", dependencies=[FromHere])
async def create(
    organisation_id: UUID, form: Annotated[Programme, Form()], visit: Visiting
) -> Response:
    """Add it."""
    body = {**form.facts(), "organisation_id": str(organisation_id)}
    try:
        await visit.change("POST", Queue.DIRECTORY, "/programmes", body=body, key=form.key)
    except Problem as problem:
        return await _page(visit, organisation_id, form, problem=problem)
    return visit.go(place_of(organisation_id))


@router.get(f"{HOME}/programmes/{{programme_id}}")
async def show(programme_id: UUID, visit: Visiting) -> HTMLResponse:
    """A programme as it stands."""
    known = await visit.read(Queue.DIRECTORY, f"/programmes/{programme_id}")
    typed = {name: str(known[name] or "") for name in TEXTS[:2] + TEXTS[3:]}
    chosen = {name: known[name] for name in CHOICES}
    flags = {name: "yes" if known[name] else "" for name in ("serves_children", "is_active")}
    form = Programme(
        **typed,
        **chosen,
        **flags,
        capacity=str(known["capacity"]),
        area_codes=" ".join(known["area_codes"]),
    )
    return await _page(visit, UUID(known["organisation_id"]), form, known=known)


@router.post(f"{HOME}/programmes/{{programme_id}}", dependencies=[FromHere])
async def change(
    programme_id: UUID, form: Annotated[Programme, Form()], visit: Visiting
) -> Response:
    """Change it; it is offered again once its organisation has assured it anew."""
    path = f"/programmes/{programme_id}"
    known = await visit.read(Queue.DIRECTORY, path)
    body = {**form.facts(), **{name: known[name] for name in KEPT}}
    owner = UUID(known["organisation_id"])
    try:
        await visit.change(
            "PUT", Queue.DIRECTORY, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _page(visit, owner, form, known=known, problem=problem)
    return visit.go(place_of(owner))


async def _page(
    visit: Visit,
    organisation_id: UUID,
    form: Programme,
    *,
    known: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> HTMLResponse:
    owner = await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}")
    return visit.page(
        "administration_programme.html",
        "programme-title" if known else "programme-new-title",
        problem=problem,
        form_sent=form,
        known=known,
        whose=name_in(visit.person.language, owner),
        back=place_of(organisation_id),
        codes=list(EntitlementCode),
        sexes=list(Sex),
    )


def _number(written: str) -> int | str | None:
    said = written.strip()
    if not said:
        return None
    return int(said) if said.isascii() and said.isdigit() else said
