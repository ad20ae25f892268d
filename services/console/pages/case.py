"""The page of a case: what is to be done, its journey, its story, and what one must know."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.lanes import NARROW, WIDE, draw
from services.console.pages.names import names_of, officers_of
from services.console.pages.running import running_of
from services.console.pages.story import (
    Line,
    Told,
    lanes_of,
    line_of,
    lines_of_moves,
    merged,
)
from services.console.pages.time_left import time_left
from services.console.pages.visit import NOTHING, Panel, Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

EVENTS = "50"
URGENT = "immediate_needs"
"""The alert that says that something cannot wait."""
LISTS = (
    (Permission.CASE_ASSIGN, Queue.INTAKE, "/assignments"),
    (Permission.ALERT_READ, Queue.INTAKE, "/alerts"),
    (Permission.VERIFICATION_READ, Queue.VERIFICATION, "/verifications"),
    (Permission.REFERRAL_READ, Queue.LIVELIHOOD_SUPPORT, "/referrals"),
)
"""What there may be several of, in the order of ``Parts``."""
Ask = Callable[..., Awaitable[Panel]]


@dataclass(frozen=True)
class Parts:
    """What the services tell of a case, each by itself: one that is down leaves its part out."""

    journey: Panel
    """With whose turn it is."""
    responsibility: Panel
    initial_check: Panel
    assignments: Panel
    alerts: Panel
    verifications: Panel
    referrals: Panel

    def missing(self) -> list[str]:
        """The codes of the names of those that did not answer."""
        return [f"panel-{name}" for name, panel in vars(self).items() if panel.is_missing]


@dataclass(frozen=True)
class Asked:
    """Which part of the story."""

    everything: str = ""
    cursor: str = ""
    before: str = ""
    """Where the page before ended."""

    def query(self) -> dict[str, str]:
        """The same as intake takes it."""
        main = "" if self.everything else "true"
        return {"page_size": EVENTS, "main": main, "cursor": self.cursor}

    def link(self, here: str, story: Told) -> str:
        """The page of a case from which the next part is asked for; ends for another question."""
        kept = {"everything": self.everything}
        if story["next_cursor"]:
            kept["before"] = story["items"][-1]["at"]
        return f"{here}?{urlencode({name: value for name, value in kept.items() if value})}&"


FROM_THE_BEGINNING = Asked()


@router.get("/cases/{case_id}")
async def show_case(
    case_id: UUID, visit: Visiting, everything: str = "", cursor: str = "", before: str = ""
) -> HTMLResponse:
    """Everything about a case that this person may know, without who it is about."""
    asked = Asked(everything, cursor, before)
    return await whole_page(visit, case_id, asked)


async def whole_page(
    visit: Visit,
    case_id: UUID,
    asked: Asked = FROM_THE_BEGINNING,
    problem: Problem | None = None,
) -> HTMLResponse:
    """The page of a case, and why something was not done there."""
    case, story, parts, running = await gather(
        case_of(visit, case_id),
        visit.read(Queue.INTAKE, f"/cases/{case_id}/timeline", **asked.query()),
        _parts(visit, str(case_id)),
        running_of(visit, case_id=str(case_id)),
    )
    organisations = [*_organisations(case, story["items"], parts), *running.holders]
    names = await names_of(visit, organisations)
    today = local_date(utc_now())
    return case_page(
        visit,
        "case.html",
        case,
        problem=problem,
        lines=await _lines(visit, asked, story, names, parts),
        story=story,
        asked=asked,
        names=names,
        charts=_charts(case, parts, today),
        running=running,
        left=lambda last_day: time_left(last_day, today),
        parts_told=parts,
        nearest=_nearest(case_id, parts),
        deciding=_deciding(parts),
        disputed=_disputed(parts),
        me=visit.person.subject,
        officer=await _officer(visit, parts),
        urgent=next((it for it in _rows(parts.alerts) if it["kind"] == URGENT), None),
    )


async def _officer(visit: Visit, parts: Parts) -> str | None:
    """What colleagues call whoever acts in the case; asked only where somebody else is named."""
    owner = parts.responsibility.told
    named = owner and owner["officer_id"]
    if not named or named == visit.person.subject.id:
        return None
    return dict(await officers_of(visit)).get(named)


async def _lines(
    visit: Visit, asked: Asked, story: Told, names: Mapping[str, str], parts: Parts
) -> list[Line]:
    """The story in words; whoever asks for everything reads the moves of the verification too."""
    language = visit.person.language
    page = [line_of(each, names, language) for each in story["items"]]
    verified = _rows(parts.verifications) if asked.everything else ()
    paths = [f"/verifications/{each['id']}/moves" for each in verified]
    moved = await gather(*(visit.whole_panel(Queue.VERIFICATION, it) for it in paths))
    moves = [move for panel in moved for move in _rows(panel)]
    title = visit.views.speaker(language)("lane-verification")
    others = lines_of_moves(moves, title, language)
    return merged(
        page,
        others,
        before=asked.before if asked.cursor else "",
        is_last=story["next_cursor"] is None,
    )


async def _parts(visit: Visit, case_id: str) -> Parts:
    """Asked only where this person may: a refusal is an entry of the audit."""
    of_case = {"case_id": case_id}

    async def asked(permission: Permission, ask: Ask, *of: Any, **query: str) -> Panel:
        return await ask(*of, **query) if visit.may(permission) else NOTHING

    return Parts(
        *await gather(
            visit.panel(Queue.INTAKE, f"/cases/{case_id}/journey"),
            asked(
                Permission.RESPONSIBILITY_READ,
                visit.panel,
                Queue.INTAKE,
                f"/cases/{case_id}/responsibility",
            ),
            asked(
                Permission.INITIAL_CHECK_READ,
                visit.panel,
                Queue.INTAKE,
                f"/cases/{case_id}/initial-check",
            ),
            *(
                asked(permission, visit.whole_panel, service, path, **of_case)
                for permission, service, path in LISTS
            ),
        )
    )


def _rows(panel: Panel, name: str = "items") -> Sequence[Told]:
    return panel.told[name] if panel.told else ()


def _organisations(case: Told, events: Sequence[Told], parts: Parts) -> Iterable[str | None]:
    owner, journey = parts.responsibility.told, parts.journey.told
    verifiers = (each["verifier_id"] for each in _rows(parts.verifications))
    return [
        case["receiver_id"],
        owner and owner["owner_id"],
        owner and owner["responsible_id"],
        journey and journey["turn"]["organisation_id"],
        *verifiers,
        *(each["organisation_id"] for each in events),
    ]


def _charts(case: Told, parts: Parts, today: date) -> list[Any]:
    lanes = lanes_of(
        case,
        steps=_rows(parts.journey, "steps"),
        assignments=_rows(parts.assignments),
        referrals=_rows(parts.referrals),
        today=today,
    )
    return [draw(lanes, today, size) for size in (WIDE, NARROW)] + [lanes]


def _deciding(parts: Parts) -> Told | None:
    """The verification that is under way, if there is one and this person reads it."""
    return next((it for it in _rows(parts.verifications) if not it["concluded_at"]), None)


def _disputed(parts: Parts) -> Told | None:
    """The negative decision of this case, if there is one and this person reads it."""
    return next((it for it in _rows(parts.verifications) if it["complaint"]), None)


def _nearest(case_id: UUID, parts: Parts) -> tuple[str, str] | None:
    """The nearest last day of what stands open, and where it says why."""
    here, deciding, disputed = f"/cases/{case_id}/referrals", _deciding(parts), _disputed(parts)
    ends = [(it["answer_by"], f"{here}/{it['id']}") for it in _rows(parts.referrals)]
    if deciding:
        ends.append((deciding["due_on"], f"/why/verification/{deciding['id']}"))
    if disputed and disputed["complaint"]["is_running"]:
        last_day = disputed["complaint"]["not_before"]
        ends.append((last_day, f"/why/verification/{disputed['id']}"))
    if disputed and disputed["complained"]:
        last_day = disputed["complained"]["due_on"]
        ends.append((last_day, f"/why/verification/{disputed['id']}"))
    return min((each for each in ends if each[0]), default=None)
