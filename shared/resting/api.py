"""Which open cases rest on rows that are not certain, over HTTP, the same in every service."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, Field

from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.sample import CASE
from shared.contracts.vocabulary import Regime
from shared.kit.http import NotedRead, Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Cursor, Shape, shown
from shared.kit.subjects import Subject
from shared.law import PeriodKey
from shared.law.entries import Table, uncertain
from shared.law.shapes import BasisRead
from shared.resting.reading import RestingRow, RestingThing, Source, count_resting, find_resting


def _example() -> dict[str, Any]:
    """A row as it stands, so that no text is cited twice."""
    row = uncertain()[PeriodKey.VERIFICATION_NORMAL, Regime.LAW_2011]
    return {
        "legal_ref": row.legal_ref,
        "status": row.status,
        "key": row.key,
        "regime": row.regime,
        "table": row.table,
        "is_unset": row.is_unset,
        "cases": 3,
    }


_CASE = {
    "case_id": CASE,
    "case_code": "HP-7K3M-9Q2F",
    "subject": "verification",
    "object_id": "019cac91-ba76-7c9a-9da7-bf8ac2edae25",
    "since": "2026-03-03T01:16:00Z",
    "due_at": None,
}
RowKey = Annotated[str, Query(max_length=100, description="The name of the row.")]
RowLaw = Annotated[
    Regime | None, Query(description="The law of the row; unset for a row of both laws.")
]


class RestingRead(BasisRead):
    """A row of the law that is not certain, and how many open cases of this service rest on it."""

    key: str
    """The name of the row, for example `verification.normal` or `amount.hardship.once`."""
    regime: Regime | None
    """The law of the row; unset where it is the same under both."""
    table: Table
    """What the row is about, as a code."""
    is_unset: bool
    """Whether nobody has found its value: then nothing falls due by it, and no sum is named."""
    cases: Annotated[int, Field(ge=1)]
    """How many open cases rest on it, of those that you may know of."""


class RestingList(Shape):
    """The rows that are not certain and on which open cases rest."""

    model_config = shown({"items": [_example()]})

    items: list[RestingRead]
    """The rows, in the order of the law; one on which nothing rests is left out."""


class RestingCaseRead(Shape):
    """An open case that rests on the row."""

    case_id: UUID
    """The id of the case."""
    case_code: str | None
    """The code of the case; unset where this service does not know it."""
    subject: RestingThing
    """The kind of thing that rests on the row."""
    object_id: UUID
    """The id of that thing; of several the one that has rested on the row longest."""
    since: AwareDatetime
    """Since when it has."""
    due_at: AwareDatetime | None
    """The first moment at which it is late by this row; unset where no date hangs on it."""


class RestingCaseList(Shape):
    """A page of the open cases that rest on one row."""

    model_config = shown({"items": [_CASE], "next_cursor": None})

    items: list[RestingCaseRead]
    """The cases of this page, the oldest first."""
    next_cursor: Cursor


def resting_routes(source: Source) -> Router:
    """The routes of a service of which this is open."""
    routes = Router(tags=["law"])

    @routes.get("/law/resting", responses=refusals(401, 403, 422))
    def list_resting_rows(
        session: ReadSession,
        caller: Annotated[Subject, Depends(permitted(Permission.LAW_READ))],
        now: Now,
    ) -> RestingList:
        """List the rows of the law that are not certain, and how many open cases rest on each."""
        found = count_resting(session, source, subject=caller, now=now)
        return RestingList(items=[_read(each) for each in found])

    @routes.get("/law/resting-cases", responses=refusals(401, 403, 422))
    def list_resting_cases(
        *,
        read: NotedRead,
        caller: Annotated[Subject, Depends(permitted(Permission.LAW_RESTING_READ))],
        now: Now,
        page: PageParams,
        key: RowKey,
        regime: RowLaw = None,
    ) -> RestingCaseList:
        """List the open cases that rest on one row of the law, without who they are about."""
        found = find_resting(
            read.session,
            source,
            row=(key, regime),
            subject=caller,
            now=now,
            after=page.after,
            size=page.reach,
        )
        part = page.of(found, lambda each: each.case_id)
        read.lists(part.rows)
        items = [RestingCaseRead.model_validate(vars(each)) for each in part.rows]
        return RestingCaseList(items=items, next_cursor=part.next_cursor)

    return routes


def _read(row: RestingRow) -> RestingRead:
    it = row.entry
    return RestingRead(
        legal_ref=it.legal_ref,
        status=it.status,
        key=it.key,
        regime=it.regime,
        table=it.table,
        is_unset=it.is_unset,
        cases=row.cases,
    )
