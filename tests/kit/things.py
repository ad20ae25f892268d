"""A tiny service of things, made of the kit alone, for the edges to be tried on."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, insert, select, text
from sqlalchemy.orm import Session

from shared.access import Permission
from shared.access.asking import permitted
from shared.kit import audit
from shared.kit.auth import subject_of
from shared.kit.conditional import etag, expected_versions
from shared.kit.errors import Conflict, NotFound, NotYet
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.identifiers import new_id
from shared.kit.pages import PageParams
from shared.kit.routing import Router
from shared.kit.shapes import Id, Shape
from shared.kit.subjects import Subject
from shared.kit.versions import Versions, check_version

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("colour", String(20), nullable=False),
    Column("version", Integer, nullable=False),
)

router = Router()


class ColourTaken(Conflict):
    """Another thing has this colour."""


class ColourNotKnownYet(NotYet):
    """Nobody has told of this colour so far."""


class Inner(Shape):
    """Something inside."""

    size: int = 0


class ThingCreate(Shape):
    """A thing to be made."""

    colour: str = Field(max_length=20, pattern="^[a-z]+$")
    inner: Inner | None = None
    many: list[Inner] = Field(default_factory=list)


@router.post("/things", status_code=201)
def make(
    body: ThingCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_SUBMIT))],
    request: Request,
) -> JSONResponse:
    """Make a thing."""
    before: Callable[[], None] | None = getattr(request.app.state, "before", None)

    def act(session: Session, now: datetime) -> Answer:
        thing_id = new_id()
        session.execute(insert(THINGS), {"id": thing_id, "colour": body.colour, "version": 1})
        audit.record(session, actor=caller.actor, action="make", object_id=thing_id, now=now)
        if before is not None:
            before()
        if body.colour == "taken":
            raise ColourTaken(thing_id=str(thing_id))
        if body.colour == "foreign":
            raise NotFound
        if body.colour == "early":
            raise ColourNotKnownYet
        if body.colour == "broken":
            raise RuntimeError(body.colour)
        place = {"Location": f"{place_of(request)}/{thing_id}", "ETag": etag(1)}
        return Answer(201, {"id": str(thing_id)}, place)

    def reveal(_session: Session, answer: Answer) -> dict[str, str]:
        return {**answer.body, "colour": "revealed"}

    return once.answer(act, reveal=reveal if body.colour == "secret" else None)


class SwapCreate(Shape):
    """Two things whose colours are exchanged."""

    other_id: UUID


@router.post("/things/{thing_id}/swaps", status_code=201)
def swap(
    thing_id: Id,
    body: SwapCreate,
    once: OnceOnly,
    _caller: Annotated[Subject, Depends(permitted(Permission.CASE_SUBMIT))],
    request: Request,
) -> JSONResponse:
    """Lock two things, in the order they are named in."""
    between: Callable[[], None] = request.app.state.between

    def act(session: Session, _now: datetime) -> Answer:
        session.execute(text("SET LOCAL lock_timeout = '3s'"))
        for each in (thing_id, body.other_id):
            session.execute(select(THINGS).where(THINGS.c.id == each).with_for_update())
            between()
        return Answer(201, {"id": str(thing_id)})

    return once.answer(act)


@router.get("/things")
def listed(
    _caller: Annotated[Subject, Depends(subject_of)],
    session: ReadSession,
    page: PageParams,
) -> dict[str, object]:
    """List things."""
    query = select(THINGS.c.id).order_by(THINGS.c.id).limit(page.reach)
    if page.after is not None:
        query = query.where(THINGS.c.id > page.after)
    shown = page.of(list(session.scalars(query)), lambda each: each)
    return {"items": shown.rows, "next": shown.next_cursor}


@router.get("/things/{thing_id}")
def read(
    thing_id: Id,
    _caller: Annotated[Subject, Depends(subject_of)],
    session: ReadSession,
    response: Response,
) -> dict[str, str]:
    """Read a thing."""
    found = session.execute(select(THINGS).where(THINGS.c.id == thing_id)).one_or_none()
    if found is None:
        raise NotFound
    response.headers["ETag"] = etag(found.version)
    return {"id": str(found.id), "colour": found.colour}


@router.patch("/things/{thing_id}", status_code=204)
def change(
    thing_id: Id,
    expected: Annotated[Versions, Depends(expected_versions)],
    _caller: Annotated[Subject, Depends(subject_of)],
) -> Response:
    """Change a thing, whose version is 1."""
    check_version(1, expected)
    return Response(status_code=204, headers={"ETag": etag(2)})


@router.get("/things/{thing_id}/colour")
def watch(
    thing_id: Id,
    _caller: Annotated[Subject, Depends(permitted(Permission.PARKED_READ))],
) -> dict[str, str]:
    """For operators only."""
    return {"id": str(thing_id)}


@router.get("/broken")
def broken(word: str) -> None:
    """Fail while holding what was sent."""
    raise ValueError(word)
