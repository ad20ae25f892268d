"""Cases: a list by code, age, sex and place, and handing many of them over at once."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Form, Query, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.edge import A_YEAR, FromHere, Kept
from services.console.pages.forms import Sent, iso_day
from services.console.pages.ordering import Order, in_order
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router
from shared.places.units import UnitKind, units_on

router = Router(include_in_schema=False)

UNPROCESSABLE = 422
STATUSES = (
    "received",
    "in_verification",
    "identified",
    "in_support",
    "not_identified",
    "withdrawn",
)
CITY = "31"
VIEWS = "views"
"""The cookie that holds what somebody wants to narrow the list to again: codes, and no case."""
MOST_VIEWS = 5
_VIEW = re.compile(r"[\w.=&%+-]{1,200}", re.ASCII)
_KIND = re.compile(r"^(Xã|Phường|Đặc khu) ")


class Filters(BaseModel):
    """What the list is narrowed to; nothing that says who anybody is."""

    status: str = ""
    unit: str = ""
    since: str = ""
    mine: str = ""
    officer: str = ""
    """Somebody who is named in cases, by the id of the account."""
    code: str = ""

    def link(self, **changes: str) -> str:
        """The list with these filters and no others, from its beginning."""
        chosen = {name: value for name, value in {**vars(self), **changes}.items() if value}
        return f"/cases?{urlencode(chosen)}" if chosen else "/cases"

    def query(self, me: str) -> dict[str, str]:
        """The same as intake takes it."""
        kept = {"status": self.status, "unit": self.unit, "code": self.code.strip()}
        kept["since"] = iso_day(self.since) if self.since else ""
        kept["officer_id"] = me if self.mine else self.officer
        return {name: value for name, value in kept.items() if value}


class View(Sent):
    """What the list is narrowed to, as an address goes on with it."""

    query: str = ""


@router.get("/cases")
async def list_cases(
    filters: Annotated[Filters, Query()], visit: Visiting, cookies: Kept, cursor: str = ""
) -> HTMLResponse:
    """The cases this person reaches, newest first, by code and without a name."""
    query = filters.query(visit.person.subject.id)
    views = _views_in(cookies.read(visit.request, VIEWS))
    try:
        found = await visit.read(Queue.INTAKE, "/cases", **query, cursor=cursor)
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _list_page(visit, filters, _NONE, views, problem=problem)
    return _list_page(visit, filters, found, views, is_later=bool(cursor))


@router.post("/cases/views", dependencies=[FromHere])
async def keep_view(form: Annotated[View, Form()], visit: Visiting, cookies: Kept) -> Response:
    """Keep what the list is narrowed to in this browser, or forget it again."""
    kept = _views_in(cookies.read(visit.request, VIEWS))
    others = [each for each in kept if each != form.query]
    views = others if form.query in kept else _views_in(f"{form.query}|{'|'.join(others)}")
    answer = visit.go(f"/cases?{form.query}" if _VIEW.fullmatch(form.query) else "/cases")
    cookies.keep(answer, VIEWS, "|".join(views), seconds=A_YEAR)
    return answer


def _views_in(kept: str | None) -> list[str]:
    """The queries that a cookie holds, the newest first; whatever else it holds is left out."""
    return [each for each in (kept or "").split("|") if _VIEW.fullmatch(each)][:MOST_VIEWS]


_NONE: Mapping[str, Any] = {"items": [], "next_cursor": None}


def _list_page(
    visit: Visit,
    filters: Filters,
    found: Mapping[str, Any],
    views: Sequence[str],
    *,
    problem: Problem | None = None,
    is_later: bool = False,
) -> HTMLResponse:
    here = filters.link()
    query = filters.link(code="").partition("?")[2]
    return visit.page(
        "cases.html",
        "cases-title",
        problem=problem,
        cases=found["items"],
        next_cursor=found["next_cursor"],
        is_later=is_later,
        filters=filters,
        is_filtered=here != "/cases",
        more=here + ("&" if "?" in here else "?"),
        statuses=STATUSES,
        communes=_communes(),
        views=[(f"/cases?{each}", Filters(**dict(parse_qsl(each)))) for each in views],
        query=query,
        is_kept=query in views,
    )


def _communes() -> Sequence[tuple[str, str]]:
    """The communes of the city today, as the choices of a form."""
    today = local_date(utc_now())
    found = [it for it in units_on(today) if it.kind is not UnitKind.PROVINCE]
    return sorted(((it.code, it.name) for it in found if it.parent_code == CITY), key=_by_name)


def _by_name(choice: tuple[str, str]) -> Order:
    """By the name proper, without what kind of unit it is."""
    return in_order(_KIND.sub("", choice[1]))
