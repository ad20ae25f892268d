"""The second target of the city's plan: every victim and relative in need is protected (T2).

Whoever protection was asked for is in need of it until that was answered; once it is granted, until
it has ended. Each request that keeps somebody from being protected is found by itself, with whoever
must act: two counts that agree would hide one person behind another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    SQLColumnExpression,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from services.verification.domain.owning import tenures
from services.verification.domain.protection.protectors import protectors
from services.verification.domain.protection.reach import IN_CASE
from services.verification.domain.reach import PLACE
from services.verification.models import Protection, Verification
from services.verification.policy import (
    OPEN_PROTECTION,
    PROTECTION_ASKED,
    Protected,
    ProtectionGap,
    ProtectionParty,
    ProtectionStatus,
    party_to_close,
)
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.kit.arrays import among
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.subjects import Subject
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS
from shared.places.holders import owner_of

_ALERT, _CLOCK = OPERATOR_ALERTS.c, CLOCKS.c
_ENDED_AT = (
    select(_ALERT.raised_at)
    .where(
        _ALERT.object_id == Protection.id,
        _ALERT.kind == AlertKind.PROTECTOR_ENDED,
        _ALERT.settled_at.is_(None),
    )
    .scalar_subquery()
)
_PERSON = tuple_(Protection.verification_id, Protection.for_whom)


@dataclass(frozen=True)
class Unprotected:
    """A request for protection without which somebody in need is not protected."""

    protection_id: UUID
    case_id: UUID
    case_code: str | None
    for_whom: Protected
    gap: ProtectionGap
    since: datetime
    due_at: datetime | None
    who: ProtectionParty | None
    """Who must act; nobody where no organisation owns the case."""
    organisation_id: UUID | None


@dataclass(frozen=True)
class Protecting:
    """How far the target is met, in the cases that one subject reaches."""

    in_need: int
    """How many persons protection was asked for, without an answer that has ended it."""
    excepted: int

    @property
    def protected(self) -> int:
        """Those for whom nothing is left to be decided, found or looked at again."""
        return self.in_need - self.excepted


def find_protecting(session: Session, *, subject: Subject, now: datetime) -> Protecting:
    """Count the persons in need, and those of them who are not protected."""
    gap = _gap(session, now)
    persons = func.count(_PERSON.distinct())
    counted = _open(select(persons, persons.filter(gap.is_not(None))), subject, now)
    return Protecting(*session.execute(counted).one())


def find_unprotected(
    session: Session, *, subject: Subject, now: datetime, after: UUID | None, size: int
) -> Sequence[Unprotected]:
    """The exceptions, the one asked for first first, starting behind ``after``."""
    gap = _gap(session, now)
    columns: Any = select(
        Protection,
        Verification,
        gap.label("gap"),
        _since(gap).label("since"),
        _due_at().label("due_at"),
    )
    asked = _open(columns, subject, now).where(gap.is_not(None))
    if after is not None:
        asked = asked.where(Protection.id > after)
    owning, today = tenures(session), local_date(now)
    found = session.execute(asked.order_by(Protection.id).limit(size)).all()
    return [
        _shown(
            row,
            owner_of(
                owning, row.Verification.place, handed_to=row.Verification.responsible_id, on=today
            ),
        )
        for row in found
    ]


def _shown(row: Any, owner: UUID | None) -> Unprotected:
    gap, protection = ProtectionGap(row.gap), row.Protection
    party: ProtectionParty | None = party_to_close(gap)
    organisation_id = protection.protector_id
    if party is ProtectionParty.CASE_OWNER:
        party, organisation_id = (party, owner) if owner else (None, None)
    return Unprotected(
        protection.id,
        protection.case_id,
        row.Verification.case_code,
        Protected(protection.for_whom),
        gap,
        row.since,
        row.due_at,
        party,
        organisation_id,
    )


def _open(columns: Any, subject: Subject, now: datetime) -> Any:
    """Of what is asked for or granted what lies where the subject may look."""
    sight = visible(subject, Permission.TARGET_READ)
    is_reached = sight.reaches(
        on=local_date(now), assigned=[Verification.responsible_id], place=PLACE
    )
    return (
        columns.select_from(Protection)
        .join(Verification, IN_CASE)
        .where(among(Protection.status, sorted(OPEN_PROTECTION)), is_reached)
    )


def _gap(session: Session, now: datetime) -> SQLColumnExpression[str | None]:
    """What keeps a request from protecting anybody; unset where nothing does."""
    today = local_date(now)
    held = {it.organisation_id for it in protectors(session) if it.is_held(today)}
    gaps: Sequence[tuple[ColumnElement[bool], ProtectionGap]] = (
        (Protection.protector_id.is_(None), ProtectionGap.NO_PROTECTOR),
        (~among(Protection.protector_id, held), ProtectionGap.PROTECTOR_ENDED),
        (and_(_IS_AWAITED, _due_at() <= now), ProtectionGap.OVERDUE),
        (_IS_AWAITED, ProtectionGap.AWAITED),
        (Protection.review_on < today, ProtectionGap.REVIEW_PASSED),
    )
    return case(*((when, literal(str(gap))) for when, gap in gaps), else_=null())


_IS_AWAITED = Protection.status == ProtectionStatus.REQUESTED


def _since(gap: SQLColumnExpression[str | None]) -> SQLColumnExpression[datetime]:
    """Since when somebody is not protected: the request, or what has ended what was granted."""
    day_after = func.timezone(HAI_PHONG.key, cast(Protection.review_on + 1, DateTime))
    return case(
        (gap == ProtectionGap.REVIEW_PASSED, day_after),
        (_IS_AWAITED, Protection.requested_at),
        else_=func.coalesce(_ENDED_AT, Protection.decided_at),
    )


def _due_at() -> SQLColumnExpression[datetime | None]:
    """When it is late if it is not decided; what is decided has no clock that runs."""
    return (
        select(_CLOCK.due_at)
        .where(
            _CLOCK.object_id == Protection.id,
            _CLOCK.fact == PROTECTION_ASKED,
            _CLOCK.ended_at.is_(None),
        )
        .scalar_subquery()
    )
