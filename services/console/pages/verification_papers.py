"""The papers of a verification: made to print, and known by their number and day afterwards.

Who the person is, is opened for each of them as for any other purpose: intake decides and notes it.
What is typed here goes onto the paper, and is kept by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Form, HTTPException, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of
from services.console.pages.verification import LIST
from services.console.pages.visit import Visit, Visiting
from services.console.papers import Facts, Signing, Unprintable, printed
from services.console.views import law
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router
from shared.texts import TextLanguage

router = Router(include_in_schema=False)

NOT_FOUND, CONFLICT, UNPRINTABLE = 404, 409, 422
NOTICE = "notice_of_decision"
FILES: Mapping[str, str] = {
    "request_letter": "cong-van",
    "certificate": "giay-xac-nhan",
    NOTICE: "thong-bao",
}
"""What the file of each is called after the code of its case: nothing of anybody."""
PURPOSES: Mapping[str, str] = {
    "request_letter": "case_management",
    "certificate": "verification",
    NOTICE: "verification",
}
"""What the file of the case is opened for, to make each."""
REASON = "official_paper"
FIELD_OF = {"paper-number-unfit": "number", "paper-day-unfit": "issued_on"}
"""The field that a refusal is about which the API says of the whole."""
LONGEST_REASONS = 8000
"""Characters: three pages."""


class Making(Sent):
    """What a paper says that nobody else knows."""

    place: str = Field(default="", max_length=60)
    signer_title: str = Field(default="", max_length=200)
    signer_name: str = Field(default="", max_length=100)
    reasons: str = Field(default="", max_length=LONGEST_REASONS)


class Recording(Sent):
    """A number and a day as they were filled in."""

    number: str = ""
    issued_on: str = ""


@dataclass(frozen=True)
class Sight:
    """A verification with its papers, and the one that is asked for."""

    kind: str
    verification: Mapping[str, Any]
    papers: Mapping[str, Any]

    @property
    def is_due(self) -> bool:
        """Whether it is for whoever asks to make it now."""
        return self.kind in self.papers["can"]

    @property
    def recorded(self) -> Mapping[str, Any] | None:
        """What was recorded of it about the step that holds now."""
        return next(
            (it for it in self.papers["items"] if it["kind"] == self.kind and it["is_current"]),
            None,
        )


@router.get("/verifications/{verification_id}/papers/{kind}")
async def show_paper(verification_id: UUID, kind: str, visit: Visiting) -> HTMLResponse:
    """What it needs to be made, and its number."""
    return _page(visit, await _sight(visit, verification_id, kind))


@router.post("/verifications/{verification_id}/papers/{kind}", dependencies=[FromHere])
async def record_paper(
    verification_id: UUID, kind: str, form: Annotated[Recording, Form()], visit: Visiting
) -> Response:
    """Record its number and day, and come back to the verification."""
    body = {"kind": kind, "number": form.number, "issued_on": iso_day(form.issued_on)}
    path = f"{LIST}/{verification_id}"
    try:
        await visit.change("POST", Queue.VERIFICATION, f"{path}/papers", body=body, key=form.key)
    except Problem as problem:
        sight = await _sight(visit, verification_id, kind)
        return _page(visit, sight, problem=problem, recording=form)
    return visit.go(path, Done.PAPER_RECORDED)


@router.post("/verifications/{verification_id}/papers/{kind}/print", dependencies=[FromHere])
async def print_paper(
    verification_id: UUID, kind: str, form: Annotated[Making, Form()], visit: Visiting
) -> Response:
    """The paper as a file; who the person is, is opened for it."""
    sight = await _sight(visit, verification_id, kind)
    if not sight.is_due:
        return _page(visit, sight, status=CONFLICT, making=form)
    try:
        person = await _disclosed(visit, sight)
        facts = await _facts(visit, sight, person)
        signing = Signing(form.place, form.signer_title, form.signer_name, form.reasons)
        made = await run_sync(partial(printed, facts, signing, visit.request.app.state.assets))
    except Unprintable:
        told = visit.views.speaker(visit.person.language)("paper-unprintable")
        problem = Problem(UNPRINTABLE, "unprintable", told, {})
        return _page(visit, sight, problem=problem, making=form)
    except Problem as problem:
        return _page(visit, sight, problem=problem, making=form)
    return _file(made, f"{sight.verification['case_code'] or verification_id}-{FILES[kind]}.pdf")


def _file(made: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(made, media_type="application/pdf", headers=headers)


async def _sight(visit: Visit, verification_id: UUID, kind: str) -> Sight:
    if kind not in FILES:
        raise HTTPException(NOT_FOUND)
    path = f"{LIST}/{verification_id}"
    found = await visit.read(Queue.VERIFICATION, path)
    return Sight(kind, found, await visit.read(Queue.VERIFICATION, f"{path}/papers"))


async def _disclosed(visit: Visit, sight: Sight) -> Mapping[str, Any]:
    """Who the person is, opened and noted anew; raises ``Problem`` where intake tells it not."""
    body = {"purpose": PURPOSES[sight.kind], "reason": REASON}
    path = f"/cases/{sight.verification['case_id']}/disclosures"
    opened = await visit.change("POST", Queue.INTAKE, path, body=body)
    person: Mapping[str, Any] = opened["person"]
    return person


async def _facts(visit: Visit, sight: Sight, person: Mapping[str, Any]) -> Facts:
    issuer, authority = str(visit.person.subject.organisation_id), sight.verification["verifier_id"]
    cited = await _cited(visit, sight)
    issuers = [each["issuer_id"] for each in cited]
    names = await names_of(visit, [issuer, authority, *issuers], TextLanguage.VIETNAMESE)
    recorded = sight.recorded
    return Facts(
        kind=sight.kind,
        verification=sight.verification,
        person=person,
        issuer=names.get(issuer, ""),
        authority=names.get(authority, ""),
        number=recorded["number"] if recorded else "",
        issued_on=date.fromisoformat(recorded["issued_on"]) if recorded else None,
        today=local_date(utc_now()),
        evidence=[{**it, "issuer": names.get(it["issuer_id"] or "", "")} for it in cited],
        law_of=partial(law, visit.views.speaker(TextLanguage.VIETNAMESE)),
    )


async def _cited(visit: Visit, sight: Sight) -> list[Mapping[str, Any]]:
    """The evidence that the decision cites; of a paper that names none, none is asked for."""
    if sight.kind != NOTICE:
        return []
    path = f"{LIST}/{sight.verification['id']}/evidence"
    listed = await visit.read(Queue.VERIFICATION, path)
    return [each for each in listed["items"] if each["is_cited"]]


def _page(
    visit: Visit,
    sight: Sight,
    *,
    problem: Problem | None = None,
    status: int | None = None,
    making: Making | None = None,
    recording: Recording | None = None,
) -> HTMLResponse:
    say = visit.views.speaker(TextLanguage.VIETNAMESE)
    is_late = not sight.is_due and problem is None
    return visit.page(
        "verification_paper.html",
        "page-paper",
        problem=problem,
        status=status or (CONFLICT if is_late else None),
        field=FIELD_OF.get(problem.code) if problem else None,
        it=sight.verification,
        kind=sight.kind,
        is_due=sight.is_due,
        recorded=sight.recorded,
        making=making or Making(place=say("paper-place-default")),
        recording=recording or Recording(),
    )
