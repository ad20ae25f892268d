"""The first target of the city's plan: every received case enters verification (T1).

It is met while each of them is with somebody who may decide it. The exceptions are found one by
one, each with whoever must act: two counts that agree would hide one case behind another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import owner_among
from services.intake.domain.reach import reached
from services.intake.models import Case, JourneyStep
from services.intake.policy import ENTERS_WITHIN, VERIFYING, CaseStatus, TurnReason, Who
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Unverified:
    """A received case that nobody verifies: since when, and who must act."""

    case_id: UUID
    case_code: str
    since: datetime
    who: Who
    why: TurnReason
    organisation_id: UUID | None


@dataclass(frozen=True)
class Entering:
    """How far the target is met, of the cases that one subject reaches."""

    received: int
    on_their_way: int
    """So new that their verification may still be opened; neither met nor an exception."""
    excepted: int

    @property
    def entered(self) -> int:
        """Those with somebody who may decide them, or that were decided."""
        return self.received - self.on_their_way - self.excepted


def find_entering(session: Session, *, subject: Subject, now: datetime) -> Entering:
    """Count the cases, and the exceptions among them."""
    counted = select(
        func.count(),
        func.count().filter(_is_fresh(now)),
        func.count().filter(_is_excepted(session, now)),
    ).select_from(Case)
    return Entering(*session.execute(counted.where(_reached(subject, now))).one())


def find_unverified(
    session: Session, *, subject: Subject, now: datetime, after: UUID | None, size: int
) -> Sequence[Unverified]:
    """The exceptions, the one received first first, starting behind ``after``."""
    asked = (
        select(Case, _last_told(JourneyStep.at).label("told_at"))
        .where(_reached(subject, now), _is_excepted(session, now))
        .order_by(Case.id)
        .limit(size)
    )
    if after is not None:
        asked = asked.where(Case.id > after)
    owning, today = tenures(session, Role.CASE_OWNER), local_date(now)
    return [_shown(row, owner_among(owning, row.Case, on=today)) for row in session.execute(asked)]


def _shown(row: Row[Any], owner: UUID | None) -> Unverified:
    """What was never opened an operator looks for; for what nobody decides its owner finds one."""
    case: Case = row.Case
    if CaseStatus(case.status) is CaseStatus.RECEIVED:
        who, why, owner = Who.NOBODY, TurnReason.BEGIN_VERIFICATION, None
    else:
        who, why = Who.CASE_OWNER if owner else Who.NOBODY, TurnReason.FIND_AUTHORITY
    return Unverified(case.id, case.code, row.told_at or case.registered_at, who, why, owner)


def _reached(subject: Subject, now: datetime) -> ColumnElement[bool]:
    return reached(visible(subject, Permission.TARGET_READ), local_date(now))


def _last_told(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """What verification told last of a case, and nothing where it has told nothing."""
    return (
        select(column)
        .where(JourneyStep.case_id == Case.id, JourneyStep.kind.in_(VERIFYING))
        .order_by(JourneyStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _is_fresh(now: datetime) -> ColumnElement[bool]:
    return and_(Case.status == CaseStatus.RECEIVED, Case.registered_at > now - ENTERS_WITHIN)


def _is_excepted(session: Session, now: datetime) -> ColumnElement[bool]:
    """Never opened in time; or opened, and whoever is to decide it may not, or there is nobody.

    While the directory has told of no verifier at all, as after an upgrade, none is said to have
    ended.
    """
    authority, today = _last_told(JourneyStep.organisation_id), local_date(now)
    verifying = tenures(session, Role.VERIFIER)
    deciding = [it.organisation_id for it in verifying if it.is_held(today)]
    is_nobody: ColumnElement[bool] = authority.is_(None)
    if verifying:
        is_nobody = or_(is_nobody, ~among(authority, deciding))
    return or_(
        and_(Case.status == CaseStatus.RECEIVED, Case.registered_at <= now - ENTERS_WITHIN),
        and_(Case.status == CaseStatus.IN_VERIFICATION, is_nobody),
    )
