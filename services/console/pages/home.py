"""The first page: what is late, what somebody must do, by when, and where it is done."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import HTMLResponse, JSONResponse, Response

from services.console.pages.duties import CURSOR, URGENCIES, WAITING, Inbox, inbox_of
from services.console.pages.names import names_of
from services.console.pages.running import TickingList, running_of
from services.console.pages.strip import strip
from services.console.pages.time_left import time_left
from services.console.pages.visit import Visit, Visiting
from shared.kit.clock import local_date, utc_now
from shared.kit.pages import MOST
from shared.kit.routing import Router
from shared.kit.shapes import Day

router = Router(include_in_schema=False)

MANY = 25
"""How many a page shows; fewer than one looks through on a phone are too few."""
FRESH = timedelta(minutes=1)
"""How long a count may be shown again without asking."""
TONES: Mapping[str, str] = {
    "overdue": "danger",
    "today": "today",
    "this_week": "soon",
    "later": "good",
    "undated": "muted",
}

Only = Annotated[str, Query(pattern=f"^({'|'.join((*URGENCIES, WAITING))})?$")]
Many = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str, Query(pattern=CURSOR, max_length=2000)]


@dataclass(frozen=True)
class Chosen:
    """What is shown of the list: all of it, or what presses so much, waits, or ends on a day."""

    only: str
    day: date | None

    @property
    def wanted(self) -> Mapping[str, str]:
        """As the services are asked."""
        if self.day is not None:
            return {"last_day": self.day.isoformat()}
        if self.only == WAITING:
            return {"is_waiting": "true"}
        return {"urgency": self.only} if self.only else {}

    @property
    def query(self) -> str:
        """As a link goes on with it."""
        if self.day is not None:
            return f"day={self.day.isoformat()}&"
        return f"only={self.only}&" if self.only else ""


@router.get("/")
async def show_home(
    visit: Visiting,
    only: Only = "",
    day: Day | None = None,
    many: Many = MANY,
    cursor: Cursor = "",
) -> HTMLResponse:
    """What presses most first, with four weeks at a glance."""
    chosen, today = Chosen(only, day), local_date(utc_now())
    inbox, late, ending = await gather(
        inbox_of(visit, chosen.wanted, many, cursor),
        running_of(visit, is_late="true"),
        _ending(visit, chosen),
    )
    others = [it for it in ending.rows if not it.clock["duty"]] if ending else []
    holders = [*late.holders, *(it.clock["level_holder_id"] for it in others)]
    return visit.page(
        "home.html",
        "home-title",
        inbox=inbox,
        chosen=chosen,
        many="" if many == MANY else f"many={many}&",
        is_later=bool(cursor),
        chips_of=_chips(inbox, chosen),
        strip=strip(inbox.days, late.others_by_day, today),
        late=late,
        others=others,
        names=await names_of(visit, holders),
        tones=TONES,
        left=lambda last_day: time_left(last_day, today),
        tab_counts={"/": inbox.to_do},
    )


async def _ending(visit: Visit, chosen: Chosen) -> TickingList | None:
    """What ends on the day that was chosen, if one was."""
    return await running_of(visit, **chosen.wanted) if chosen.day is not None else None


def _chips(inbox: Inbox, chosen: Chosen) -> Sequence[tuple[str, str, bool, int]]:
    """All, and each kind of which there is something, or which is shown."""
    is_all = not chosen.only and chosen.day is None
    kinds = [
        (f"/?only={kind}", f"only-{kind.replace('_', '-')}", chosen.only == kind, count)
        for kind in (*URGENCIES, WAITING)
        if (count := inbox.counts.get(kind, 0)) or chosen.only == kind
    ]
    return [("/", "only-all", is_all, inbox.total), *kinds]


@router.get("/duties/count")
async def count_duties(visit: Visiting) -> Response:
    """How much there is to do, for the tab: a page asks each minute while somebody looks at it."""
    inbox = await inbox_of(visit, {}, 1)
    told: dict[str, Any] = {"count": inbox.to_do}
    headers = {"Cache-Control": f"private, max-age={int(FRESH.total_seconds())}", "Vary": "Cookie"}
    return JSONResponse(told, headers=headers)
