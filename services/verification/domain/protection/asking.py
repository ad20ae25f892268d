"""Somebody in a case asks that the person be protected."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.verification.domain.protection.protectors import protector_for, protectors
from services.verification.domain.protection.reach import lock_case
from services.verification.domain.protection.steps import note_step
from services.verification.errors import ProtectionAwaited
from services.verification.models import Protection, ProtectionMoveRow, Verification
from services.verification.policy import (
    Protected,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionStatus,
    protection_period,
)
from shared import clocks
from shared.clocks import Beginning
from shared.contracts.vocabulary import Regime
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.rulebook import rules_of

SUBJECT = "protection"
"""What the clocks and the alerts of protection are of."""


@dataclass(frozen=True)
class Request:
    """What is asked for, and for whom."""

    for_whom: Protected
    measures: tuple[ProtectionMeasure, ...]


def request_protection(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    request: Request,
    actor: str,
    now: datetime,
) -> Protection:
    """Ask whoever protects where the person is, and let the time of the decision run.

    Where nobody protects, it waits and is looked at again. Refused: not found for whoever has no
    part in the case; while somebody else's request for the same person is not decided.
    """
    verification = lock_case(session, case_id, subject, now)
    if _is_awaited(session, verification, request.for_whom):
        raise ProtectionAwaited
    made = _made(session, verification, request, subject, now)
    session.add(made)
    step = note_step(session, made, ProtectionMove.REQUEST, came_from=None, actor=actor, now=now)
    _start(session, verification, made, step)
    return made


def _is_awaited(session: Session, verification: Verification, for_whom: Protected) -> bool:
    awaited = exists().where(
        Protection.verification_id == verification.id,
        Protection.for_whom == for_whom,
        Protection.status == ProtectionStatus.REQUESTED,
    )
    return bool(session.scalar(select(awaited)))


def _made(
    session: Session,
    verification: Verification,
    request: Request,
    subject: Subject,
    now: datetime,
) -> Protection:
    protector_id = protector_for(verification, protectors(session), local_date(now))
    return Protection(
        id=new_id(),
        verification_id=verification.id,
        case_id=verification.case_id,
        for_whom=request.for_whom,
        requester_id=subject.organisation_id,
        requested_at=now,
        asked=list(dict.fromkeys(request.measures)),
        status=ProtectionStatus.REQUESTED,
        measures=[],
        protector_id=protector_id,
        look_again_at=None if protector_id else now,
        version=1,
    )


def _start(
    session: Session, verification: Verification, made: Protection, step: ProtectionMoveRow
) -> None:
    """Its time runs from the request, whether or not somebody was found who decides."""
    rules = rules_of(session)
    asked_on = local_date(made.requested_at)
    period = protection_period(rules, Regime(verification.regime), on=asked_on)
    beginning = Beginning(
        subject=SUBJECT,
        object_id=made.id,
        fact_id=step.id,
        at=made.requested_at,
        case_id=made.case_id,
        place=verification.place,
    )
    clocks.start(session, [clocks.begun(rules, period, beginning)])
