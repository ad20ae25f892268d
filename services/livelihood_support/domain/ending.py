"""A case owner ends a need: what seeks or serves it is cancelled, and nothing of it is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.moves import cancel_referral
from services.livelihood_support.domain.needs import NeedView, find_need
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.errors import NeedEnded
from shared.access import Permission
from shared.contracts.vocabulary import ReasonCode
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version


def end_need(
    session: Session,
    *,
    case_id: UUID,
    need_id: UUID,
    reason: ReasonCode,
    subject: Subject,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> NeedView:
    """Cancel the referral of a need, which ends it, and ask whoever was told to purge.

    Refused: not there, or of a case that another organisation owns; another version than the caller
    read; ended already; a reason that only the exchange gives, or whoever is asked.
    """
    lock_own(session, case_id, subject, Permission.NEED_CHANGE, now)
    need = find_need(session, case_id=case_id, need_id=need_id)
    check_version(need.version, expected_version)
    if need.ended_at is not None:
        raise NeedEnded(ended_at=need.ended_at.isoformat())
    cancel_referral(session, referral_id=need.referral_id, reason=reason, actor=actor, now=now)
    return find_need(session, case_id=case_id, need_id=need_id)
