"""A case owner asks for one more need of a person, for the first time or again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.closing import settle_asked_for
from services.livelihood_support.domain.needs import NeedView, find_need, open_need
from services.livelihood_support.domain.owning import lock_own
from services.livelihood_support.domain.referring import new_referral, place_new
from services.livelihood_support.domain.revisions import newest_revision
from services.livelihood_support.errors import (
    AlreadySought,
    NotEntitled,
    NotIdentified,
)
from services.livelihood_support.models import CaseFile, Plan
from shared.access import Permission
from shared.contracts.vocabulary import EntitlementCode, VerificationOutcome
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
    """Seek a place for one more need of an identified person, at once.

    Refused: a case that is not there, or that another organisation owns; a person who is not
    identified; a code that is not granted, or that a fact is missing for; one that is sought
    already.
    """
    case = lock_own(session, case_id, subject, Permission.NEED_CHANGE, now)
    plan_id = _plan_of(session, case_id)
    _check_granted(session, plan_id, code)
    _check_not_sought(session, case_id, code)
    # Nothing it follows from: what was asked over HTTP is not asked again after a restore.
    referral = new_referral(new_id(), plan_id, case, code, place=0, now=now)
    place_new(session, [(referral, case)], actor=actor, now=now)
    settle_asked_for(session, case_id, code, now=now)
    return find_need(session, case_id=case_id, need_id=id_of(referral.id, "need"))


def _plan_of(session: Session, case_id: UUID) -> UUID:
    """The plan of a person who is identified now: a verification that was reopened may end so."""
    plan_id = session.scalars(
        select(Plan.id)
        .join(CaseFile, CaseFile.case_id == Plan.case_id)
        .where(
            Plan.case_id == case_id,
            CaseFile.verification_outcome == VerificationOutcome.IDENTIFIED,
        ),
    ).one_or_none()
    if plan_id is None:
        raise NotIdentified
    return plan_id


def _check_granted(session: Session, plan_id: UUID, code: EntitlementCode) -> None:
    answer = newest_revision(session, plan_id).answers[code]
    if answer.decision != Decision.ENTITLED:
        raise NotEntitled(code=code, decision=answer.decision, facts=list(answer.facts))


def _check_not_sought(session: Session, case_id: UUID, code: EntitlementCode) -> None:
    found = open_need(session, case_id=case_id, code=code)
    if found is not None:
        raise AlreadySought(code=code, need_id=str(found.id), referral_id=str(found.referral_id))
