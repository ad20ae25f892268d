"""Dated rows of the law: by which one each period ends, and how an administrator changes one.

One person proposes a row and another publishes it; both see how many dates would move.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, HTTPException, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, as_number, iso_day
from services.console.pages.visit import NOT_FOUND, Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Queue, Regime
from shared.kit.routing import Router
from shared.law import MOVABLE

router = Router(include_in_schema=False, dependencies=[only_with(Permission.RULE_READ)])

HERE = "/rules"
PROPOSALS = f"{HERE}/proposals"
LAW = "/law/proposals"
"""Where the directory has them."""
REASONS = ("law_changed", "text_read", "agreed", "corrected")
DONE = {"publications": Done.RULE_PUBLISHED, "withdrawals": Done.RULE_WITHDRAWN}
Name = tuple[str, str | None]
"""A period, and the law that it belongs to; none where it is the same under both."""


class Proposed(Sent):
    """A row as it was typed."""

    amount: str = ""
    unit: str = ""
    law_number: str = ""
    law_article: str = ""
    law_clause: str = ""
    status: str = ""
    valid_from: str = ""
    applies_to_running: str = ""
    reason: str = ""
    reference: str = ""

    def body(self, key: PeriodKey, regime: Regime | None) -> dict[str, Any]:
        """As the API takes it: without a number of a text it rests on none."""
        return {
            "key": key,
            "regime": regime,
            "amount": as_number(self.amount),
            "unit": self.unit,
            "law": self._law(),
            "status": self.status,
            "valid_from": iso_day(self.valid_from),
            "applies_to_running": bool(self.applies_to_running),
            "reason": self.reason,
            "reference": self.reference,
        }

    def _law(self) -> dict[str, Any] | None:
        if not (self.law_number or self.law_article or self.law_clause):
            return None
        return {
            "number": self.law_number,
            "article": as_number(self.law_article),
            "clause": as_number(self.law_clause),
        }


@router.get(HERE)
async def list_rules(visit: Visiting) -> HTMLResponse:
    """Every period with the rows by which it ended, ends and will end, and what is proposed."""
    rows = (await visit.read(Queue.DIRECTORY, "/law/rules"))["items"]
    waiting = {_name(it): it for it in await _waiting(visit)}
    return visit.page(
        "rules.html",
        "rules-title",
        periods=_by_name(rows),
        waiting=waiting,
    )


@router.get(f"{HERE}/new", dependencies=[only_with(Permission.RULE_PROPOSE)])
async def show_new(visit: Visiting, key: PeriodKey, regime: Regime | None = None) -> HTMLResponse:
    """A row to be proposed, beginning with what holds now."""
    row = await _last(visit, key, regime)
    amount = "" if row["amount"] is None else str(row["amount"])
    return await _form_page(visit, row, Proposed(amount=amount, unit=row["unit"]))


@router.post(f"{HERE}/new", dependencies=[FromHere])
async def propose(
    form: Annotated[Proposed, Form()],
    visit: Visiting,
    key: PeriodKey,
    regime: Regime | None = None,
) -> Response:
    """Propose it, to be published by somebody else."""
    body = form.body(key, regime)
    try:
        made = await visit.change("POST", Queue.DIRECTORY, LAW, body=body, key=form.key)
    except Problem as problem:
        row = await _last(visit, key, regime)
        return await _form_page(visit, row, form, problem=problem.beside(_field_of))
    return visit.go(f"{PROPOSALS}/{made['id']}", Done.RULE_PROPOSED)


@router.get(PROPOSALS, dependencies=[only_with(Permission.RULE_PROPOSAL_READ)])
async def list_proposals(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """What was proposed, the newest first, and what became of it."""
    found = await visit.read(Queue.DIRECTORY, LAW, cursor=cursor)
    return visit.page(
        "rule_proposals.html", "rule-proposals-title", found=found, is_later=bool(cursor)
    )


@router.get(f"{PROPOSALS}/{{proposal_id}}")
async def show_proposal(proposal_id: UUID, visit: Visiting) -> HTMLResponse:
    """One of them beside the row that holds, with how far it would reach."""
    return await _proposal_page(visit, proposal_id)


@router.post(f"{PROPOSALS}/{{proposal_id}}/{{act}}", dependencies=[FromHere])
async def settle_proposal(
    proposal_id: UUID,
    act: Literal["publications", "withdrawals"],
    form: Annotated[Sent, Form()],
    visit: Visiting,
) -> Response:
    """Publish what somebody else proposed, or give a proposal up."""
    try:
        await visit.change("POST", Queue.DIRECTORY, f"{LAW}/{proposal_id}/{act}", key=form.key)
    except Problem as problem:
        return await _proposal_page(visit, proposal_id, problem=problem)
    return visit.go(f"{PROPOSALS}/{proposal_id}", DONE[act])


async def _proposal_page(
    visit: Visit, proposal_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    known = await visit.read(Queue.DIRECTORY, f"{LAW}/{proposal_id}")
    former = await _before(visit, known)
    return visit.page(
        "rule_proposal.html",
        "rule-proposal-title",
        problem=problem,
        it=known,
        former=former,
        running=sum(each["running"] or 0 for each in known["rehearsals"]),
        moved=sum(each["moved"] for each in known["rehearsals"]),
    )


async def _form_page(
    visit: Visit, row: Mapping[str, Any], form: Proposed, *, problem: Problem | None = None
) -> HTMLResponse:
    return visit.page(
        "rule_edit.html",
        "rule-edit-title",
        problem=problem,
        row=row,
        form_sent=form,
        units=list(Unit),
        certainties=list(Certainty),
        reasons=REASONS,
        can_move=row["key"] in MOVABLE,
    )


async def _waiting(visit: Visit) -> Sequence[Mapping[str, Any]]:
    if not visit.may(Permission.RULE_PROPOSAL_READ):
        return ()
    found = await visit.whole(Queue.DIRECTORY, LAW, state="proposed")
    listed: Sequence[Mapping[str, Any]] = found["items"]
    return listed


async def _rows_of(visit: Visit, name: Name) -> Sequence[Mapping[str, Any]]:
    told = await visit.read(Queue.DIRECTORY, "/law/rules")
    return [row for row in told["items"] if _name(row) == name]


async def _last(visit: Visit, key: PeriodKey, regime: Regime | None) -> Mapping[str, Any]:
    """The row that the next one goes before."""
    rows = await _rows_of(visit, (key, regime))
    if not rows:
        raise HTTPException(NOT_FOUND)
    return rows[-1]


async def _before(visit: Visit, proposal: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The row that was the last one before what was proposed."""
    rows = await _rows_of(visit, _name(proposal))
    ids = [row["published"]["proposal_id"] if row["published"] else None for row in rows]
    at = ids.index(proposal["id"]) if proposal["id"] in ids else len(rows)
    return rows[at - 1] if at else None


def _name(row: Mapping[str, Any]) -> Name:
    return row["key"], row["regime"]


def _by_name(rows: Iterable[Mapping[str, Any]]) -> dict[Name, list[Mapping[str, Any]]]:
    """The rows of each period: what was published, the last first, and then the release's."""
    found: dict[Name, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(_name(row), []).append(row)
    return {name: sorted(each, key=_published_at, reverse=True) for name, each in found.items()}


def _published_at(row: Mapping[str, Any]) -> str:
    return row["published"]["published_at"] if row["published"] else ""


def _field_of(pointer: str) -> str:
    """The parts of a text have a field each."""
    return pointer.replace("law.", "law_", 1) if pointer != "law" else "law_number"
