"""Verifications: those one has to do with, one of them with its dates and moves, the next one."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Response
from starlette.responses import HTMLResponse

from services.console.pages.done import Done
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

LIST = "/verifications"
OPEN = "open"
STATUSES = ("opened", "assigned", "in_progress", "extended", "paused", "concluded")
AT_ONCE = ("start", "resume")
"""Moves that need nothing said, and so a button only."""


@router.get(LIST)
async def list_verifications(visit: Visiting, show: str = OPEN, cursor: str = "") -> HTMLResponse:
    """What is open, oldest first, or what has one status."""
    asked = {"status": show} if show in STATUSES else {"is_open": "true"}
    listed = await visit.read(Queue.VERIFICATION, LIST, **asked, cursor=cursor)
    return visit.page(
        "verifications.html",
        "verifications-title",
        rows=[with_time_left(each) for each in listed["items"]],
        next_cursor=listed["next_cursor"],
        show=show if show in STATUSES else OPEN,
        statuses=STATUSES,
        is_later=bool(cursor),
    )


@router.get("/verifications/next")
async def open_next(visit: Visiting) -> Response:
    """The verification that presses most of those that wait for whoever asks."""
    waiting = await visit.whole(Queue.VERIFICATION, "/duties")
    for duty in waiting["items"]:
        if duty["subject"] == Queue.VERIFICATION:
            return visit.go(f"{LIST}/{duty['object_id']}")
    return visit.go(LIST, Done.LOOKED_FOR_NEXT)


@router.get("/verifications/{verification_id}")
async def show_verification(verification_id: UUID, visit: Visiting) -> HTMLResponse:
    """One of them: what is next, what it rests on, what was done."""
    found = await visit.read(Queue.VERIFICATION, f"{LIST}/{verification_id}")
    moves = await moves_of(visit, found)
    papers = await visit.read(Queue.VERIFICATION, f"{LIST}/{verification_id}/papers")
    evidence = await visit.read(Queue.VERIFICATION, f"{LIST}/{verification_id}/evidence")
    return visit.page(
        "verification.html",
        "verification-title",
        it=with_time_left(found),
        moves=moves[::-1],
        at_once=AT_ONCE,
        papers=papers,
        evidence=evidence["items"],
        names=await names_of(
            visit,
            [
                found["verifier_id"],
                *(it["verifier_id"] for it in moves),
                *(it["issuer_id"] for it in papers["items"]),
                *(it["issuer_id"] for it in evidence["items"]),
            ],
        ),
    )


async def moves_of(visit: Visit, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All moves of a verification, oldest first."""
    listed = await visit.whole(Queue.VERIFICATION, f"{LIST}/{found['id']}/moves")
    moves: list[dict[str, Any]] = listed["items"]
    return moves


def with_time_left(found: Mapping[str, Any]) -> dict[str, Any]:
    """A verification with the days until its last day: fewer than none when it is late.

    Unset where no day is known, while it is paused, and once it is over.
    """
    due_on, today = found["due_on"], local_date(utc_now())
    runs = due_on is not None and found["status"] not in {"paused", "concluded"}
    return {**found, "days_left": (date.fromisoformat(due_on) - today).days if runs else None}
