"""The page of a case: what is to be done, its journey, its story, and what one must know."""

from asyncio import gather
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.by_law import URGENCY_ENDS
from services.console.pages.case_frame import INTAKE, UNPROCESSABLE, case_of, case_page
from services.console.pages.lanes import NARROW, WIDE, draw
from services.console.pages.names import names_of
from services.console.pages.story import lanes_of, line_of
from services.console.pages.visit import Panel, Visit, Visiting
from shared.access import Permission
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

EVENTS = "50"
MOST = "100"
NOTHING = Panel(None)
LIVELIHOOD = "livelihood-support"


@dataclass(frozen=True)
class Parts:
    """What the services tell of a case, each by itself: one that is down leaves its part out."""

    journey: Panel
    responsibility: Panel
    assignments: Panel
    alerts: Panel
    verifications: Panel
    referrals: Panel

    def missing(self) -> list[str]:
        """The codes of the names of those that did not answer."""
        return [f"panel-{name}" for name, panel in vars(self).items() if panel.is_missing]


@router.get("/cases/{case_id}")
async def show_case(
    case_id: UUID, visit: Visiting, everything: str = "", cursor: str = ""
) -> HTMLResponse:
    """Everything about a case that this person may know, without who it is about."""
    return await whole_page(visit, case_id, everything=everything, cursor=cursor)


async def whole_page(
    visit: Visit,
    case_id: UUID,
    *,
    everything: str = "",
    cursor: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    """The page of a case, and why something was not done there."""
    query = {"page_size": EVENTS, **({} if everything else {"main": "true"})}
    query |= {"cursor": cursor} if cursor else {}
    case, story, parts = await gather(
        case_of(visit, case_id),
        visit.read(INTAKE, f"/cases/{case_id}/timeline", **query),
        _parts(visit, str(case_id)),
    )
    names = await names_of(visit, _organisations(case, story["items"], parts))
    return case_page(
        visit,
        "case.html",
        case,
        status=UNPROCESSABLE if problem else 200,
        problem=problem,
        lines=[line_of(each, names, visit.person.language) for each in story["items"]],
        next_cursor=story["next_cursor"],
        is_later=bool(cursor),
        everything=everything,
        names=names,
        charts=_charts(case, parts),
        parts_told=parts,
        next_day=_next_day(parts),
        me=visit.person.subject,
        urgency_ends=URGENCY_ENDS,
    )


async def _parts(visit: Visit, case_id: str) -> Parts:
    """Asked only where this person may: a refusal is an entry of the audit."""
    of_case = {"case_id": case_id}

    async def asked(permission: Permission, service: str, path: str, **query: str) -> Panel:
        return await visit.panel(service, path, **query) if visit.may(permission) else NOTHING

    return Parts(
        *await gather(
            visit.panel(INTAKE, f"/cases/{case_id}/journey"),
            asked(Permission.RESPONSIBILITY_READ, INTAKE, f"/cases/{case_id}/responsibility"),
            asked(Permission.CASE_ASSIGN, INTAKE, "/assignments", **of_case, page_size=MOST),
            asked(Permission.URGENCY_SETTLE, INTAKE, "/alerts", **of_case),
            asked(Permission.VERIFICATION_READ, "verification", "/verifications", **of_case),
            asked(Permission.REFERRAL_READ, LIVELIHOOD, "/referrals", **of_case, page_size=MOST),
        )
    )


def _rows(panel: Panel, name: str = "items") -> Sequence[Mapping[str, Any]]:
    return panel.told[name] if panel.told else ()


def _organisations(
    case: Mapping[str, Any], events: Sequence[Mapping[str, Any]], parts: Parts
) -> Iterable[str | None]:
    owner = parts.responsibility.told
    verifiers = (each["verifier_id"] for each in _rows(parts.verifications))
    return [
        case["receiver_id"],
        owner and owner["owner_id"],
        *verifiers,
        *(each["organisation_id"] for each in events),
    ]


def _charts(case: Mapping[str, Any], parts: Parts) -> list[Any]:
    today = local_date(utc_now())
    lanes = lanes_of(
        case,
        steps=_rows(parts.journey, "steps"),
        assignments=_rows(parts.assignments),
        referrals=_rows(parts.referrals),
        today=today,
    )
    return [draw(lanes, today, size) for size in (WIDE, NARROW)] + [lanes]


def _next_day(parts: Parts) -> str | None:
    """The nearest last day of what stands open."""
    deciding = [it["due_on"] for it in _rows(parts.verifications) if not it["concluded_at"]]
    answering = [it["answer_by"] for it in _rows(parts.referrals)]
    return min((each for each in (*deciding, *answering) if each), default=None)
