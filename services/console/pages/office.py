"""An office answers one offer from a mail: its link, the code agreed with it, an answer (ADR 0053).

Whoever opens the link, a person or a scanner, sees that a code is asked for and nothing else; no
API is asked, and nothing is noted. The link is in no address of the pages that follow.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Form, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem, ServiceDown
from services.console.pages.desk import REFUSED, AtDesk, Desk
from services.console.pages.done import forget, note, noted
from services.console.pages.edge import TEN_MINUTES, FromHere, Person
from services.console.pages.forms import Sent
from services.console.pages.offers import DONE, by_move
from services.console.pages.place import place_of
from services.console.pages.referrals import Moved
from services.console.views import language_of
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

OFFICE = "office"
"""The cookie that holds what an office was let in with: for one offer, and for ten minutes."""
HERE = "/answer"
OK, UNAUTHENTICATED, NOT_FOUND = 200, 401, 404
LINK_OVER = frozenset({"answer-link-over", "answer-code-not-agreed"})
"""Refusals that another code does not help against."""


class Given(Sent):
    """The link of the mail, and the code agreed with the office."""

    link: str = ""
    code: str = ""


@router.get(HERE)
async def show_offer(desk: AtDesk) -> Response:
    """The one offer, for whoever has given the code within ten minutes."""
    return await _offer_page(desk)


@router.get(f"{HERE}/{{link}}")
async def show_link(link: str, desk: AtDesk) -> HTMLResponse:
    """What a mail leads to: a code is asked for, whatever the link is."""
    return _code_page(desk, link)


@router.post(HERE, dependencies=[FromHere])
async def give_code(form: Annotated[Given, Form()], desk: AtDesk) -> Response:
    """Give the code; the offer is shown on a page whose address says nothing."""
    place = place_of(desk.request, desk.rules, None)
    try:
        let_in = await desk.ask("/office", link=form.link, code=form.code.strip(), **place)
    except Problem as problem:
        if problem.code in LINK_OVER:
            return _over(desk, problem.title)
        return _code_page(desk, form.link, problem)
    answer = RedirectResponse(HERE, status_code=303)
    desk.cookies.keep(answer, OFFICE, let_in["access_token"], seconds=TEN_MINUTES)
    return answer


@router.post(f"{HERE}/moves", dependencies=[FromHere])
async def answer_offer(form: Annotated[Moved, Form()], desk: AtDesk) -> Response:
    """Answer the one offer; sent twice, it counts once."""
    office = _office_of(desk)
    if office is None:
        return _over(desk)
    path = f"/referrals/{office.subject.bound_to}/moves"
    how: dict[str, Any] = {"body": form.said(), "key": form.key, "version": form.version}
    try:
        await office.change("POST", Queue.LIVELIHOOD_SUPPORT, path, **how)
    except Problem as problem:
        return await _offer_page(desk, problem, sent=form)
    return _said(desk, form.move)


def _said(desk: Desk, move: str) -> Response:
    """On to the page of the offer, which says what was done."""
    answer = RedirectResponse(HERE, status_code=303)
    if move in DONE:
        note(answer, desk.cookies, DONE[move])
    return answer


def _office_of(desk: Desk) -> Person | None:
    """Whoever has given the code in this browser; the APIs judge by the token alone."""
    token = desk.cookies.read(desk.request, OFFICE)
    return Person("", token, language_of(desk.request), desk.apis) if token else None


def _code_page(desk: Desk, link: str, problem: Problem | None = None) -> HTMLResponse:
    return desk.page(
        "office_code.html",
        "office-title",
        status=REFUSED if problem else OK,
        problem=problem,
        link=link,
        again=f"{HERE}/{link}",
    )


async def _offer_page(
    desk: Desk, problem: Problem | None = None, *, sent: Moved | None = None
) -> Response:
    """The offer as it stands, with what was refused if anything was."""
    office = _office_of(desk)
    if office is None:
        return _over(desk)
    path = f"/referrals/{office.subject.bound_to}"
    try:
        offer = await office.read(Queue.LIVELIHOOD_SUPPORT, path)
    except Problem as refused:
        if refused.status not in {UNAUTHENTICATED, NOT_FOUND}:
            raise
        return _over(desk, is_answered=refused.status == NOT_FOUND)
    return _saying(
        desk,
        "office_offer.html",
        "office-title",
        status=problem.status if problem else OK,
        problem=problem,
        offer=offer,
        programme=await _programme_of(desk, offer["programme_id"]),
        can=by_move(offer),
        sent=sent or Moved(),
    )


async def _programme_of(desk: Desk, programme_id: str) -> Mapping[str, Any] | None:
    """What is asked for by name, as everybody may read it; the page can do without."""
    token = await desk.apis.as_console()
    with suppress(Problem, ServiceDown):
        found: Mapping[str, Any] = await desk.apis.ask(
            token,
            "GET",
            Queue.DIRECTORY,
            f"/programmes/{programme_id}",
            language=language_of(desk.request),
        )
        return found
    return None


def _over(desk: Desk, why: str = "", *, is_answered: bool = False) -> Response:
    """Nothing is to be answered here, or not any more: which offer it was is not said."""
    facts = {"why": why, "is_answered": is_answered}
    return _saying(desk, "office_over.html", "office-over", status=OK, **facts)


def _saying(desk: Desk, template: str, title: str, *, status: int, **facts: Any) -> Response:
    """A page that says once what was done before it."""
    done = noted(desk.request, desk.cookies)
    answer = desk.page(template, title, status=status, done=done, **facts)
    if done is not None:
        forget(answer, desk.cookies)
    return answer
