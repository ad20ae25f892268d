"""A case owner asks for one more need of a person, for the first time or again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.closing import settle_asked_for
from services.livelihood_support.domain.kept import KeptAnswer
from services.livelihood_support.domain.locks import LockedCase, read_case
from services.livelihood_support.domain.needs import NeedView, find_need, open_need
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.domain.provisional import (
    is_presumed,
    open_provisional,
    provisional_answers,
)
from services.livelihood_support.domain.referring import new_referral, place_new
from services.livelihood_support.domain.revisions import newest_revision
from services.livelihood_support.domain.tracks import read_track
from services.livelihood_support.errors import (
    AlreadySought,
    NotEntitled,
    NotIdentified,
)
from services.livelihood_support.models import Plan
from services.livelihood_support.policy import Track
from shared.access import Permission
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.identifiers import id_of, new_id
from shared.kit.subjects import Subject
from shared.law.entitling import Decision


def add_need(
    session: Session,
    *,
    case_id: UUID,
    code: EntitlementCode,
    subject: Subject,
    actor: str,
    now: datetime,
) -> NeedView:
    """Seek a place for one more need of a person, identified or presumed, at once.

    Refused: a case that is not there, or that another organisation owns; a person whose
    verification ended otherwise; a code that is not granted, or that a fact is missing for; one
    that is sought already.
    """
    case = lock_own(session, case_id, subject, Permission.NEED_CHANGE, now)
    is_first = is_presumed(session, case_id)
    plan_id = _plan_of(session, case, code, actor, now)
    if is_first and (begun := open_need(session, case_id=case_id, code=code)):
        # Asked for at reception as well: the plan that was opened by this seeks it already.
        return begun
    _check_granted(session, plan_id, code)
    _check_not_sought(session, case_id, code)
    # Nothing it follows from: what was asked over HTTP is not asked again after a restore.
    referral = new_referral(new_id(), plan_id, case, code, place=0, now=now)
    place_new(session, [(referral, case)], actor=actor, now=now)
    settle_asked_for(session, case_id, code, now=now)
    return find_need(session, case_id=case_id, need_id=id_of(referral.id, "need"))


def _plan_of(
    session: Session, case: LockedCase, code: EntitlementCode, actor: str, now: datetime
) -> UUID:
    """The plan of a person who is identified, or presumed; the first need of these opens theirs."""
    if is_presumed(session, case.case_id):
        _check_code(code, provisional_answers(session, case, now).kept()[code])
        open_provisional(session, case, actor=actor, now=now)
    plan = session.scalars(select(Plan).where(Plan.case_id == case.case_id)).one_or_none()
    if plan is None or read_track(session, plan) is Track.ENDED:
        raise NotIdentified
    return plan.id


def _check_granted(session: Session, plan_id: UUID, code: EntitlementCode) -> None:
    _check_code(code, newest_revision(session, plan_id).answers[code])


def _check_code(code: EntitlementCode, answer: KeptAnswer) -> None:
    if answer.decision != Decision.ENTITLED:
        raise NotEntitled(code=code, decision=answer.decision, facts=list(answer.facts))


def _check_not_sought(session: Session, case_id: UUID, code: EntitlementCode) -> None:
    found = open_need(session, case_id=case_id, code=code)
    if found is not None:
        raise AlreadySought(code=code, need_id=str(found.id), referral_id=str(found.referral_id))


def granted_codes(session: Session, case_id: UUID, now: datetime) -> list[EntitlementCode]:
    """What a need may be added for today: by the plan, or by what a presumed victim is granted."""
    plan = session.scalars(select(Plan).where(Plan.case_id == case_id)).one_or_none()
    if plan is None and not is_presumed(session, case_id):
        return []
    if plan is None:
        case = read_case(session, case_id)
        return list(provisional_answers(session, case, now).decided(Decision.ENTITLED))
    if read_track(session, plan) is Track.ENDED:
        return []
    answers = newest_revision(session, plan.id).answers
    return [code for code, it in answers.items() if it.decision is Decision.ENTITLED]
