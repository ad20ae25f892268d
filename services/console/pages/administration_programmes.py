"""The programmes of organisations: what they offer, to whom, and how many."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.administration import HOME, administering, place_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, as_number, iso_day
from services.console.pages.grants import beside_fields
from services.console.pages.visit import CHANGED, Visit, Visiting
from services.console.views import name_in
from shared.contracts.vocabulary import EntitlementCode, Queue, Sex
from shared.kit.routing import Router
from shared.law import Certainty
from shared.texts import TextLanguage, of_service

router = Router(include_in_schema=False, dependencies=[administering])

LANGUAGES = tuple(of_service("console").vocabularies(TextLanguage.VIETNAMESE)["language"])
"""Languages that have a name on our pages, by their tags; others are typed."""
NUMBERS = ("capacity", "minimum_age", "maximum_age")
CHOICES: Mapping[str, type[StrEnum]] = {
    "codes": EntitlementCode,
    "client_sexes": Sex,
    "staff_sexes": Sex,
}
FLAGS = ("has_interpreter", "serves_children", "is_active")
WORDS = ("area_codes", "other_languages")
YES = "yes"


class Programme(Sent):
    """A programme as it was typed."""

    name_vi: str = ""
    name_en: str = ""
    codes: list[str] = Field(default_factory=list)
    area_codes: str = ""
    capacity: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    languages: list[str] = Field(default_factory=list)
    """Those that are often met; the others are typed by their tags."""
    other_languages: str = ""
    has_interpreter: str = ""
    client_sexes: list[str] = Field(default_factory=list)
    staff_sexes: list[str] = Field(default_factory=list)
    serves_children: str = ""
    is_active: str = ""
    certainty: str = ""

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Self:
        """A programme as it would be typed."""
        spoken = known["languages"]
        return cls(
            name_vi=known["name_vi"],
            name_en=known["name_en"],
            certainty=known["certainty"],
            area_codes=" ".join(known["area_codes"]),
            languages=[each for each in LANGUAGES if each in spoken],
            other_languages=" ".join(each for each in spoken if each not in LANGUAGES),
            **{name: "" if known[name] is None else str(known[name]) for name in NUMBERS},
            **{name: [it for it in every if it in known[name]] for name, every in CHOICES.items()},
            **{name: YES if known[name] else "" for name in FLAGS},
        )

    def facts(self) -> dict[str, Any]:
        """As the API takes it; what is no number goes on as it is."""
        told = self.model_dump(include={"name_vi", "name_en", "certainty", *CHOICES})
        areas, others = (_words(getattr(self, name)) for name in WORDS)
        return {
            **told,
            **{name: as_number(getattr(self, name)) for name in NUMBERS},
            **{name: bool(getattr(self, name)) for name in FLAGS},
            "area_codes": areas,
            "languages": [*self.languages, *others],
        }

    def unlike(self, other: Self) -> list[str]:
        """The fields in which another one says something else."""
        mine, theirs = self.model_dump(), other.model_dump()
        return [
            name for name in mine if name not in {"key", "version"} and mine[name] != theirs[name]
        ]


class Confirmed(Sent):
    """Who in the organisation confirmed a programme: a post, a day and a paper."""

    post: str = ""
    confirmed_on: str = ""
    reference: str = ""

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        return {"confirmation": {**self.said(), "confirmed_on": iso_day(self.confirmed_on)}}


@router.get(f"{HOME}/organisations/{{organisation_id}}/programmes/new")
async def show_new(organisation_id: UUID, visit: Visiting) -> HTMLResponse:
    """A new programme."""
    form = Programme(
        area_codes="31",
        client_sexes=list(Sex),
        languages=["vi"],
        is_active=YES,
        certainty=Certainty.ASSUMED,
    )
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
        return await _page(visit, organisation_id, form, problem=problem.beside(_field_of))
    return visit.go(place_of(organisation_id), Done.PROGRAMME_ADDED)


@router.get(f"{HOME}/programmes/{{programme_id}}")
async def show(programme_id: UUID, visit: Visiting) -> HTMLResponse:
    """A programme as it stands."""
    known = await visit.read(Queue.DIRECTORY, f"/programmes/{programme_id}")
    return await _page(visit, UUID(known["organisation_id"]), Programme.of(known), known=known)


@router.post(f"{HOME}/programmes/{{programme_id}}", dependencies=[FromHere])
async def change(
    programme_id: UUID, form: Annotated[Programme, Form()], visit: Visiting
) -> Response:
    """Change it; it is offered again once its organisation has assured it anew."""
    path = f"/programmes/{programme_id}"
    try:
        made = await visit.change(
            "PUT", Queue.DIRECTORY, path, body=form.facts(), key=form.key, version=form.version
        )
    except Problem as problem:
        known = await visit.read(Queue.DIRECTORY, path)
        owner = UUID(known["organisation_id"])
        return await _page(visit, owner, form, known=known, problem=problem.beside(_field_of))
    return visit.go(place_of(made["organisation_id"]), Done.PROGRAMME_SAVED)


@router.post(f"{HOME}/programmes/{{programme_id}}/assurances", dependencies=[FromHere])
async def assure(
    programme_id: UUID, form: Annotated[Confirmed, Form()], visit: Visiting
) -> Response:
    """Say who in the organisation confirmed it, so that people are referred to it."""
    path = f"/programmes/{programme_id}"
    how: dict[str, Any] = {"body": form.body(), "key": form.key, "version": form.version}
    try:
        await visit.change("POST", Queue.DIRECTORY, f"{path}/assurances", **how)
    except Problem as problem:
        known = await visit.read(Queue.DIRECTORY, path)
        owner, said = UUID(known["organisation_id"]), beside_fields(problem, "confirmation.")
        shown = Programme.of(known)
        return await _page(visit, owner, shown, known=known, problem=said, confirmed=form)
    return visit.go(f"{HOME}/programmes/{programme_id}", Done.PROGRAMME_CONFIRMED)


async def _page(
    visit: Visit,
    organisation_id: UUID,
    form: Programme,
    *,
    known: dict[str, Any] | None = None,
    problem: Problem | None = None,
    confirmed: Confirmed | None = None,
) -> HTMLResponse:
    owner = await visit.read(Queue.DIRECTORY, f"/organisations/{organisation_id}")
    return visit.page(
        "administration_programme.html",
        "programme-title" if known else "programme-new-title",
        problem=problem,
        form_sent=form,
        known=known,
        version=_version(form, known, problem),
        whose=name_in(visit.person.language, owner),
        back=place_of(organisation_id),
        codes=list(EntitlementCode),
        sexes=list(Sex),
        languages=LANGUAGES,
        certainties=list(Certainty),
        confirmed=confirmed or Confirmed(),
        is_confirming=confirmed is not None,
        standing=_standing(form, known, problem),
    )


def _version(
    form: Programme, known: Mapping[str, Any] | None, problem: Problem | None
) -> int | str | None:
    """The one that was read, until what stands now was shown: nobody is overwritten unseen."""
    was_shown = problem is None or problem.status == CHANGED
    return known["version"] if known and (was_shown or not form.version) else form.version or None


def _standing(
    form: Programme, known: dict[str, Any] | None, problem: Problem | None
) -> tuple[Programme, list[str]] | None:
    """What stands now that is not what was typed, where somebody else was faster."""
    if known is None or problem is None or problem.status != CHANGED:
        return None
    stands = Programme.of(known)
    unlike = form.unlike(stands)
    return (stands, unlike) if unlike else None


def _field_of(pointer: str) -> str:
    """What is wrong with one of many is said beside the field in which it was typed."""
    field, is_one_of_many, _ = pointer.partition(".")
    return "other_languages" if field == "languages" and is_one_of_many else field


def _words(written: str) -> list[str]:
    return written.replace(",", " ").split()
