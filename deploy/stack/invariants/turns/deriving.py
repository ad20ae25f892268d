"""All sentences of an installation, and what has none, several, or nobody."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from deploy.stack.invariants.reading import Urls, connect
from deploy.stack.invariants.rule import Breach
from deploy.stack.invariants.turns.rows import (
    CASES,
    CONCLUDED,
    OPEN,
    OWNERS,
    PLANS,
    SUPPORTING,
    URGENT,
    VERIFYING,
)
from deploy.stack.invariants.turns.sentence import Case, Standing, Turn, Who, Why
from shared.contracts import Queue
from shared.kit.clock import local_date, utc_now
from shared.places.holders import Place, Tenure, owner_of


def breaches(urls: Urls, soon: float) -> list[Breach]:
    """Cases without anybody who must act, and subjects on which not exactly one has to act."""
    found = standing(urls, soon)
    told = (
        (FORGOTTEN, found.forgotten),
        (UNCLEAR, found.unclear),
        (STUCK, found.stuck),
        (UNOWNED, found.unowned),
    )
    return [Breach("I1", says, rows) for says, rows in told if rows]


FORGOTTEN = "every case has somebody who must act, since when and why"
UNCLEAR = "every open verification, referral and purge has exactly one who must act"
STUCK = "every negative or withdrawn verification has an authority to go back to"
UNOWNED = "everything that cannot wait has an owner of its case"


def standing(urls: Urls, soon: float) -> Standing:
    """Derive all sentences. What is younger than ``soon`` seconds may be on its way.

    Services are read in the order in which what happens travels, so that what one tells of and the
    next does not know is on its way, or lost.
    """
    asked = {"soon": soon}
    received, urgent, owners = _read(urls, Queue.INTAKE, asked, CASES, URGENT, OWNERS)
    verifying, concluded = _read(urls, Queue.VERIFICATION, asked, VERIFYING, CONCLUDED)
    supporting, opened, plans = _read(
        urls, Queue.LIVELIHOOD_SUPPORT, asked, SUPPORTING, OPEN, PLANS
    )
    ended = {row[0]: row for row in concluded}
    planned = {row[0]: row for row in plans}
    cases = [
        Case(
            case_id,
            since=_latest(since, ended.get(case_id), planned.get(case_id)),
            is_fresh=ended[case_id][2] if case_id in ended else is_fresh,
            outcome=ended[case_id][3] if case_id in ended else None,
            has_plan=case_id in planned,
            has_authority=case_id in ended and ended[case_id][4],
        )
        for case_id, since, is_fresh in received
    ]
    subjects = {row[1] for row in verifying} | {row[0] for row in opened}
    told = [*sentences([*verifying, *supporting]), *duties(urgent, owners)]
    return conclude(cases, told, subjects)


def _latest(received: datetime, *rows: Sequence[Any] | None) -> datetime:
    """When the last of these happened; the second column of each row says when."""
    since: list[datetime] = [row[1] for row in rows if row is not None]
    return max([received, *since])


def sentences(rows: Iterable[Sequence[Any]]) -> list[Turn]:
    """Rows of ``VERIFYING`` and ``SUPPORTING``; without who must act a row is no sentence."""
    return [
        Turn(case_id, subject, Who(who), organisation_id, since, Why(why))
        for case_id, subject, who, organisation_id, since, why in rows
        if who is not None
    ]


def duties(rows: Iterable[Sequence[Any]], owners: Iterable[Sequence[Any]]) -> list[Turn]:
    """Rows of ``URGENT`` and ``OWNERS``: what cannot wait, with whoever owns the case today."""
    owning, today = [Tenure(*row) for row in owners], local_date(utc_now())

    def owner(area_code: str, area_on: date, handed_to: UUID | None) -> UUID | None:
        return owner_of(owning, Place(area_code, area_on), handed_to=handed_to, on=today)

    return [
        Turn(case_id, case_id, Who.CASE_OWNER, _known(owner(*facts)), since, Why.IMMEDIATE_NEEDS)
        for case_id, since, *facts in rows
    ]


def _known(organisation_id: UUID | None) -> str | None:
    return None if organisation_id is None else str(organisation_id)


def conclude(cases: Iterable[Case], turns: Sequence[Turn], subjects: Iterable[str]) -> Standing:
    """Add the sentences of cases on which nothing is open, and say what has none."""
    # What cannot wait is a duty beside all else, and says not that anybody works on the case.
    urgent = [turn for turn in turns if turn.why is Why.IMMEDIATE_NEEDS]
    of_cases = {turn.case_id for turn in turns if turn.why is not Why.IMMEDIATE_NEEDS}
    cases = list(cases)
    others = [(case, _otherwise(case)) for case in cases if case.case_id not in of_cases]
    reopened = [case for case in cases if case.outcome in REOPENED and not case.has_authority]
    counted = Counter(turn.subject for turn in turns)
    unclear = {it for it in subjects if counted[it] != 1} | {
        it for it, count in counted.items() if count > 1
    }
    return Standing(
        turns=(*turns, *(turn for _, turn in others if turn)),
        forgotten=tuple(sorted(case.case_id for case, turn in others if not turn)),
        unclear=tuple(sorted(unclear)),
        stuck=tuple(sorted(case.case_id for case in reopened)),
        unowned=tuple(sorted(turn.case_id for turn in urgent if turn.organisation_id is None)),
    )


REOPENED = (Why.NOT_IDENTIFIED, Why.WITHDRAWN)
"""Outcomes after which a verification may be opened again, as the service's policy says."""


def _otherwise(case: Case) -> Turn | None:
    """The sentence of a case without an open verification, referral, purge or alert."""

    def turn(who: Who, why: Why) -> Turn:
        return Turn(case.case_id, case.case_id, who, None, case.since, why)

    if case.outcome == "identified" and case.has_plan:
        return turn(Who.CASE_OWNER, Why.NOTHING_LEFT)
    if case.outcome in REOPENED:
        return turn(Who.CASE_OWNER, Why(case.outcome))
    if case.is_fresh:
        return turn(Who.SYSTEM, Why.JUST_CONCLUDED if case.outcome else Why.JUST_RECEIVED)
    return None


def _read(
    urls: Urls, service: Queue, asked: Mapping[str, float], *statements: str
) -> list[list[tuple[Any, ...]]]:
    with connect(urls(service)) as connection:
        return [connection.execute(each, asked).fetchall() for each in statements]
