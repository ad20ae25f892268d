"""The certainty board: what a lawyer is asked, and which open cases wait for the answer."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException
from starlette.responses import HTMLResponse

from services.console.pages.services import BY_SEGMENT
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue, Regime
from shared.kit.routing import Router
from shared.law.entries import Entry, Table, entries
from shared.law.questions import Question, RowName, questions, questions_by_row
from shared.texts import TextLanguage, shared_texts

router = Router(include_in_schema=False, dependencies=[only_with(Permission.LAW_READ)])

SERVICES = (Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT)
"""Those that say which of their open cases rest on which rows."""
NOT_FOUND = 404
CALLED: Mapping[Table, tuple[str, bool]] = {
    Table.PROOF: ("paper_type", True),
    Table.AUTHORITY: ("organisation_kind", False),
    Table.CATEGORY: ("person_category", True),
    Table.CONDITION: ("entitlement_code", True),
    Table.CERTAINTY: ("entitlement_code", True),
    Table.CONTENT: ("entitlement_code", True),
    Table.AMOUNT: ("entitlement_code", True),
}
"""How the second part of a row's name is read: its vocabulary, and whether in capitals."""


@dataclass(frozen=True)
class BoardRow:
    """A row of the law as the board shows it."""

    entry: Entry
    name: str
    cases: Sequence[tuple[Queue, int]]
    """Of each service the open cases that rest on it; a service without any is left out."""


@dataclass(frozen=True)
class BoardQuestion:
    """One question, with the rows that wait for its answer."""

    text: str
    rows: Sequence[BoardRow]

    @property
    def is_pressing(self) -> bool:
        """Whether an open case waits for it."""
        return any(row.cases for row in self.rows)


@router.get("/certainty")
async def show_board(visit: Visiting) -> HTMLResponse:
    """Every question, those first for which open cases wait."""
    panels = await gather(*(visit.panel(each, "/law/resting") for each in SERVICES))
    counts: dict[RowName, list[tuple[Queue, int]]] = {}
    for service, panel in zip(SERVICES, panels, strict=True):
        for row in panel.told["items"] if panel.told else ():
            counts.setdefault(_name(row), []).append((service, row["cases"]))
    asked = [_question(visit, each, counts) for each in questions()]
    return visit.page(
        "certainty.html",
        "certainty-title",
        pressing=[it for it in asked if it.is_pressing],
        others=[it for it in asked if not it.is_pressing],
        missing=[it for it, panel in zip(SERVICES, panels, strict=True) if panel.is_missing],
    )


@router.get("/certainty/cases", dependencies=[only_with(Permission.LAW_RESTING_READ)])
async def show_cases(
    visit: Visiting, key: str, service: str, regime: str = "", cursor: str = ""
) -> HTMLResponse:
    """The open cases of one service that rest on one row, and what of them does."""
    entry = _row(key, regime)
    if entry is None or BY_SEGMENT.get(service) not in SERVICES:
        raise HTTPException(NOT_FOUND)
    query = {"key": key, "regime": regime, "cursor": cursor}
    found = await visit.read(BY_SEGMENT[service], "/law/resting-cases", **query)
    language = visit.person.language
    question = questions_by_row().get((entry.key, entry.regime))
    return visit.page(
        "certainty_cases.html",
        "certainty-cases-title",
        row=BoardRow(entry, _called(language, entry), ()),
        question=_text(question, language) if question else None,
        service=service,
        cases=found["items"],
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
    )


def _name(row: Mapping[str, Any]) -> RowName:
    return row["key"], Regime(row["regime"]) if row["regime"] else None


def _row(key: str, regime: str) -> Entry | None:
    return next((it for it in entries() if (it.key, it.regime or "") == (key, regime)), None)


def _question(
    visit: Visit, question: Question, counts: Mapping[RowName, Sequence[tuple[Queue, int]]]
) -> BoardQuestion:
    language = visit.person.language
    named = {(it.key, it.regime): it for it in entries()}
    rows = [
        BoardRow(named[name], _called(language, named[name]), counts.get(name, ()))
        for name in question.about
    ]
    return BoardQuestion(_text(question, language), rows)


def _text(question: Question, language: TextLanguage) -> str:
    return question.vi if language is TextLanguage.VIETNAMESE else question.en


def _called(language: TextLanguage, entry: Entry) -> str:
    """What a row is called: its period, or what it is about and of what."""
    say = shared_texts().say
    if entry.table is Table.PERIOD:
        return say(language, "period_key", entry.key)
    if entry.table is Table.COUNTING:
        return say(language, "counting_key", entry.key)
    about = say(language, "table", entry.table)
    if entry.table not in CALLED:
        return about
    vocabulary, is_upper = CALLED[entry.table]
    code = entry.key.split(".")[1]
    return f"{about}: {say(language, vocabulary, code.upper() if is_upper else code)}"
