"""Where a person may be reached and by which rules, until they take it back; and risk flags.

Whoever changes any of it locks the case first, and whoever discloses a number holds the case too:
no withdrawal and no flag can commit between the decision that a message may go and its record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.parts import lock_own
from services.intake.domain.reading import lock_case
from services.intake.domain.vault import open_contact, seal_contact
from services.intake.errors import (
    AlreadySilenced,
    ConfirmedTooLate,
    ContactPointEnded,
    ContactPointNotFound,
    NothingToLower,
)
from services.intake.models import Case, ContactPoint, Person, RiskFlag
from services.intake.policy import (
    ContactEnd,
    ContactWay,
    RiskEnd,
    RiskReason,
    Standing,
    has_suspect,
    is_answered_by_others,
    is_confirmed,
)
from shared.access import Permission
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True, repr=False)
class ContactFacts:
    """A number with its rules, as the vault keeps them; and since when it is confirmed."""

    details: Mapping[str, Any]
    confirmed_on: date | None
    replaces: UUID | None


def points_of(session: Session, case_id: UUID) -> Sequence[ContactPoint]:
    """All contact points of a case, in the order in which they are numbered."""
    asked = select(ContactPoint).where(ContactPoint.case_id == case_id)
    return session.scalars(asked.order_by(ContactPoint.id)).all()


def flag_of(session: Session, case_id: UUID) -> RiskFlag | None:
    """The risk flag that is up, if one is."""
    asked = select(RiskFlag).where(RiskFlag.case_id == case_id, RiskFlag.lowered_at.is_(None))
    return session.scalar(asked)


def standing_of(session: Session, point: ContactPoint) -> Standing:
    """What stands in the clear of a contact point and its person."""
    return Standing(
        is_silenced=flag_of(session, point.case_id) is not None,
        is_ended=point.ended_at is not None,
        confirmed_on=point.confirmed_on,
        has_suspect=has_suspect(session.get_one(Case, point.case_id).warnings),
    )


def record_point(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    subject: Subject,
    facts: ContactFacts,
    now: datetime,
) -> ContactPoint:
    """Keep a number with its rules, perhaps in place of another.

    Raises ``CaseNotFound``, ``ConfirmedTooLate``, ``ContactPointNotFound``, ``ContactPointEnded``.
    """
    case = _locked(session, case_id, subject, now)
    if facts.confirmed_on is not None:
        _check_day(facts.confirmed_on, now)
    if facts.replaces is not None:
        _end(_live(session, case_id, facts.replaces), ContactEnd.REPLACED, now)
    point_id, person = new_id(), session.get_one(Person, case.person_id)
    point = ContactPoint(
        id=point_id,
        case_id=case_id,
        details=seal_contact(keys, person, point_id, facts.details),
        recorded_at=now,
        confirmed_on=facts.confirmed_on,
        confirmed_by=None if facts.confirmed_on is None else subject.actor,
    )
    session.add(point)
    _note(session, point, subject, now, action="contact.record", replaces=_text(facts.replaces))
    return point


def confirm_point(
    session: Session,
    *,
    case_id: UUID,
    point_id: UUID,
    subject: Subject,
    confirmed_on: date,
    now: datetime,
) -> ContactPoint:
    """The person has said again that it holds; the same refusals as when one is recorded."""
    _locked(session, case_id, subject, now)
    _check_day(confirmed_on, now)
    point = _live(session, case_id, point_id)
    if point.confirmed_on is None or point.confirmed_on < confirmed_on:
        point.confirmed_on, point.confirmed_by = confirmed_on, subject.actor
    _note(session, point, subject, now, action="contact.confirm")
    return point


def withdraw_point(
    session: Session, *, case_id: UUID, point_id: UUID, subject: Subject, now: datetime
) -> ContactPoint:
    """The person takes it back: from now on nothing goes there, what is on its way least of all.

    Raises ``CaseNotFound``, ``ContactPointNotFound``, ``ContactPointEnded``.
    """
    _locked(session, case_id, subject, now)
    point = _live(session, case_id, point_id)
    _end(point, ContactEnd.WITHDRAWN, now)
    _note(session, point, subject, now, action="contact.withdraw")
    return point


def raise_flag(
    session: Session, *, case_id: UUID, subject: Subject, reason: RiskReason, now: datetime
) -> RiskFlag:
    """Let nothing reach the person's phone; raises ``CaseNotFound`` and ``AlreadySilenced``."""
    _locked(session, case_id, subject, now)
    if flag_of(session, case_id) is not None:
        raise AlreadySilenced
    flag = RiskFlag(id=new_id(), case_id=case_id, reason=reason, raised_at=now)
    session.add(flag)
    audit.record(
        session,
        actor=subject.actor,
        action="risk.raise",
        object_id=case_id,
        now=now,
        reason=reason,
    )
    return flag


def lower_flag(
    session: Session, *, case_id: UUID, subject: Subject, reason: RiskEnd, now: datetime
) -> RiskFlag:
    """Messages asked for from now on may go again; what was silenced stays so.

    Raises ``CaseNotFound``, ``NotResponsibleNow`` and ``NothingToLower``.
    """
    lock_own(session, case_id=case_id, subject=subject, permission=Permission.RISK_LOWER, now=now)
    flag = flag_of(session, case_id)
    if flag is None:
        raise NothingToLower
    flag.lowered_at, flag.end_reason = max(now, flag.raised_at), reason
    audit.record(
        session,
        actor=subject.actor,
        action="risk.lower",
        object_id=case_id,
        now=now,
        reason=reason,
    )
    return flag


def as_agreed(
    session: Session,
    keys: MasterKeys,
    case: Case,
    identity: Mapping[str, Any],
    now: datetime,
) -> Mapping[str, Any]:
    """An identity whose phones are as the person has said since it was told, if they have.

    So there is one answer to whether a number is safe. While a risk flag is up none is; while
    whoever stands beside the person is suspected, none that somebody else may answer.
    """
    points, is_silenced = points_of(session, case.id), flag_of(session, case.id) is not None
    is_beside_suspect = has_suspect(case.warnings)
    if not points and not is_silenced and not is_beside_suspect:
        return identity
    person = session.get_one(Person, case.person_id)
    phones = {each["number"]: dict(each) for each in identity["phones"]}
    for count, point in enumerate(points, start=1):
        agreed = _phone(open_contact(keys, person, point), point, now)
        number = agreed["number"]
        # What was ended says nothing of a number that was recorded anew.
        if point.ended_at is None or number not in phones or "point" not in phones[number]:
            phones[number] = {**phones.get(number, {}), **agreed, "point": count}
    for each in phones.values():
        is_telling = is_beside_suspect and is_answered_by_others(each.get("rule"))
        each["safe_to_call"] = each["safe_to_call"] and not is_silenced and not is_telling
    return {**identity, "phones": list(phones.values())}


def _phone(details: Mapping[str, Any], point: ContactPoint, now: datetime) -> dict[str, Any]:
    """A contact point as the identity has its phones."""
    holds = point.ended_at is None and is_confirmed(point.confirmed_on, local_date(now))
    ways = details["rule"]["ways"] or [ContactWay.CALL]
    return {
        "number": details["number"],
        "safe_to_call": holds and ContactWay.CALL in ways,
        "was_reached": point.confirmed_on is not None,
        "is_confirmed": holds,
        "rule": details["rule"],
    }


def _locked(session: Session, case_id: UUID, subject: Subject, now: datetime) -> Case:
    return lock_case(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.CONTACT_CHANGE,
        on=local_date(now),
    )


def _live(session: Session, case_id: UUID, point_id: UUID) -> ContactPoint:
    asked = select(ContactPoint).where(ContactPoint.id == point_id, ContactPoint.case_id == case_id)
    point = session.scalar(asked)
    if point is None:
        raise ContactPointNotFound
    if point.ended_at is not None:
        raise ContactPointEnded
    return point


def _end(point: ContactPoint, reason: ContactEnd, now: datetime) -> None:
    # One recorded by a machine whose clock runs ahead is taken back all the same.
    point.ended_at, point.end_reason = max(now, point.recorded_at), reason


def _check_day(confirmed_on: date, now: datetime) -> None:
    if not is_confirmed(confirmed_on, local_date(now)):
        raise ConfirmedTooLate


def _note(
    session: Session,
    point: ContactPoint,
    subject: Subject,
    now: datetime,
    *,
    action: str,
    **facts: str | None,
) -> None:
    audit.record(
        session,
        actor=subject.actor,
        action=action,
        object_id=point.case_id,
        now=now,
        contact_point_id=str(point.id),
        **{name: value for name, value in facts.items() if value is not None},
    )


def _text(found: UUID | None) -> str | None:
    return None if found is None else str(found)
