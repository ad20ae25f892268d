"""Which duty is behind each sentence: what whoever must act finds among what they must do."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from deploy.stack.invariants import turns
from deploy.stack.invariants.turns import Turn, Who, Why
from services.livelihood_support import domain
from services.livelihood_support.policy import Duty
from shared.contracts.vocabulary import Role
from shared.duties import find_duties
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import case_owner
from tests.subjects import somebody

OF_ORGANISATIONS: Mapping[Why, Duty] = {
    Why.OFFER_UNANSWERED: Duty.ANSWER_OFFER,
    Why.REFERRAL_ACCEPTED: Duty.START_SERVICE,
    Why.REFERRAL_IN_PROGRESS: Duty.COMPLETE_SERVICE,
    Why.REFERRAL_ON_HOLD: Duty.RESUME_SERVICE,
    Why.PURGE_OWED: Duty.CONFIRM_PURGE,
}

OF_CASE_OWNERS: Mapping[Why, Duty] = {
    Why.NEEDS_INFORMATION: Duty.TELL_FACT,
    Why.WINDOW_CLOSING: Duty.ASK_FOR_NEED,
    Why.OFFER_UNANSWERED: Duty.ASK_ORGANISATION,
    Why.OFFER_UNREACHED: Duty.REACH_ORGANISATION,
    Why.OFFER_QUESTION: Duty.REPLY_TO_QUESTION,
    Why.OFFER_UNDELIVERED: Duty.ASK_ORGANISATION,
    Why.SERVICE_FAILED: Duty.ASK_WHY_FAILED,
    Why.SERVICE_UNSTARTED: Duty.ASK_WHY_UNSTARTED,
    Why.NO_PROGRAMME: Duty.FIND_PROGRAMME,
    Why.NO_LONGER_GRANTED: Duty.DECIDE_REFERRAL,
    Why.NO_LONGER_IDENTIFIED: Duty.DECIDE_REFERRAL,
    Why.PRESUMPTION_ENDED: Duty.DECIDE_REFERRAL,
    Why.AGE_OUTSIDE: Duty.DECIDE_REFERRAL,
    Why.CONSENT_WITHDRAWN: Duty.DECIDE_REFERRAL,
    Why.PURGE_OVERDUE: Duty.ASK_FOR_PURGE,
    Why.SERVICE_UNCONFIRMED: Duty.CONFIRM_SERVICE,
    Why.NOTHING_LEFT: Duty.REVIEW_PLAN,
}
"""The rest of what a case owner must do is about the verification."""


def without_duty(session: Session, found: turns.Standing, now: datetime) -> list[Turn]:
    """The sentences that are not among the duties of whoever must act, each as often as it is."""
    session.flush()
    missing = []
    for (who, organisation_id), said in _by_whom(found).items():
        subject = _subject(who, organisation_id)
        wanted = OF_CASE_OWNERS if who is Who.CASE_OWNER else OF_ORGANISATIONS
        rows, _ = find_duties(
            session, domain.DUTIES, subject=subject, now=now, after=None, size=1000
        )
        has = Counter(row.what for row in rows)
        for what, count in Counter(wanted[turn.why] for turn in said).items():
            if has[what] < count:
                missing += [turn for turn in said if wanted[turn.why] is what]
    return missing


def _by_whom(found: turns.Standing) -> Mapping[tuple[Who, str | None], list[Turn]]:
    by_whom: dict[tuple[Who, str | None], list[Turn]] = {}
    for turn in found.turns:
        is_support = turn.why in OF_CASE_OWNERS or turn.why in OF_ORGANISATIONS
        if turn.who is not Who.SYSTEM and is_support:
            by_whom.setdefault((turn.who, turn.organisation_id), []).append(turn)
    return by_whom


def _subject(who: Who, organisation_id: str | None) -> Subject:
    if who is Who.CASE_OWNER:
        return case_owner()
    return somebody(UUID(organisation_id), Role.PROVIDER)
