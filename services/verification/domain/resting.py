"""What rests on rows of the law that are not certain: open verifications, awaited protection."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select, union_all

from services.verification.domain.protection.reach import IN_CASE
from services.verification.domain.reach import PLACE
from services.verification.models import Organisation, Protection, Verification
from services.verification.policy import ASKED
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.kit.clock import local_date, start_of_day
from shared.kit.subjects import Subject
from shared.law import NEW_LAW_FROM
from shared.law.entries import Table, uncertain
from shared.resting import RestingThing, resting, rows_of
from shared.resting.reading import NEVER

_CLOCK = CLOCKS.c
_BOTH = ""
"""The law of a row that is the same under both."""


def find_what_rests(subject: Subject, permission: Permission, now: datetime) -> Select[Any]:
    """What runs, by its period, and what an authority is asked for, by the authority that verifies.

    What nobody was asked for yet has no clock and rests on neither.
    """
    sight = visible(subject, permission)
    is_reached = sight.reaches(
        on=local_date(now), assigned=[Verification.responsible_id], place=PLACE
    )
    lines = (_on_periods(), _on_protection(), _on_authorities())
    every = union_all(*(line.where(_CLOCK.ended_at.is_(None), is_reached) for line in lines))
    return select(every.subquery())


def _on_periods() -> Select[Any]:
    """By the row of its clock, where that is as it was shipped."""
    found = [
        (it.key, str(it.regime or _BOTH)) for it in uncertain().values() if it.table is Table.PERIOD
    ]
    rows = rows_of("periods", ("key", "regime"), found)
    is_of = and_(rows.c.key == _CLOCK.key, rows.c.regime == func.coalesce(_CLOCK.regime, _BOTH))
    line = _line(rows.c.key, func.nullif(rows.c.regime, _BOTH), due_at=_CLOCK.due_at)
    return line.join(rows, is_of).where(_CLOCK.row_id.is_(None))


def _on_protection() -> Select[Any]:
    """By the row of the clock of each decision about protection that is awaited."""
    found = [(it.key, str(it.regime)) for it in uncertain().values() if it.table is Table.PERIOD]
    rows = rows_of("protection_periods", ("key", "regime"), found)
    is_of = and_(rows.c.key == _CLOCK.key, rows.c.regime == _CLOCK.regime)
    line = resting(
        (rows.c.key, rows.c.regime),
        case_id=Verification.case_id,
        case_code=Verification.case_code,
        subject=RestingThing.PROTECTION,
        object_id=Protection.id,
        since=_CLOCK.started_at,
        due_at=_CLOCK.due_at,
    )
    return (
        line.select_from(CLOCKS)
        .join(Protection, Protection.id == _CLOCK.object_id)
        .join(Verification, IN_CASE)
        .join(rows, is_of)
        .where(_CLOCK.row_id.is_(None))
    )


def _on_authorities() -> Select[Any]:
    """By what kind of organisation verifies, of what was asked under the newer law."""
    found = [
        (it.key, str(it.regime), it.key.removeprefix(f"{Table.AUTHORITY}."))
        for it in uncertain().values()
        if it.table is Table.AUTHORITY
    ]
    rows = rows_of("authorities", ("key", "regime", "kind"), found)
    return (
        _line(rows.c.key, rows.c.regime, due_at=NEVER)
        .join(Organisation, Organisation.id == Verification.verifier_id)
        .join(rows, rows.c.kind == Organisation.kind)
        .where(_CLOCK.fact == ASKED, _CLOCK.started_at >= literal(start_of_day(NEW_LAW_FROM)))
    )


def _line(key: Any, regime: Any, *, due_at: Any) -> Select[Any]:
    line = resting(
        (key, regime),
        case_id=Verification.case_id,
        case_code=Verification.case_code,
        subject=RestingThing.VERIFICATION,
        object_id=Verification.id,
        since=_CLOCK.started_at,
        due_at=due_at,
    )
    return line.select_from(CLOCKS).join(Verification, Verification.id == _CLOCK.object_id)
