"""Messages to a person: asked for by whoever owns the case, answered once, reached otherwise.

Notification is told an id. Where to and what it says it asks when the message would leave, and is
answered once: number and text are stored nowhere else, and there is no second copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.contact import flag_of, points_of, standing_of
from services.intake.domain.parts import lock_own
from services.intake.domain.reading import is_seen_whole
from services.intake.domain.vault import open_contact
from services.intake.errors import (
    ContactPointNotFound,
    NothingToReach,
    NotSafelyReachable,
    PersonMessageEarly,
    PersonMessageNotFound,
)
from services.intake.models import Case, ContactPoint, Person, PersonMessage, RiskFlag
from services.intake.policy import (
    ContactRules,
    PersonLanguage,
    PersonText,
    ReachedHow,
    is_left_to_people,
    next_window,
    outcome_after,
    refusal_to_ask,
    refusal_to_send,
)
from shared.access import Permission
from shared.contracts import PersonMessageAsked
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome
from shared.kit import audit
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.messaging import outbox

ANSWER = "contact.disclose"
GIVEN = "given"
ASKED_BY = "service:notification"
"""Who is answered, in the audit."""


@dataclass(frozen=True)
class ContactView:
    """What is known of reaching a person, without any number."""

    points: Sequence[ContactPoint]
    flag: RiskFlag | None
    messages: Sequence[PersonMessage]
    """For whoever reaches the case as its owner."""


@dataclass(frozen=True, repr=False)
class ContactAnswer:
    """Where to and what, for one message at this moment; or why nothing."""

    to: str | None
    says: PersonText
    language: PersonLanguage
    refusal: ContactRefusal | None


def find_contact(session: Session, *, case_id: UUID, subject: Subject, on: date) -> ContactView:
    """How a person may be reached; raises ``CaseNotFound``."""
    is_whole = is_seen_whole(session, case_id=case_id, subject=subject, on=on)
    asked = select(PersonMessage).where(PersonMessage.case_id == case_id)
    messages = session.scalars(asked.order_by(PersonMessage.id.desc())).all() if is_whole else ()
    return ContactView(points_of(session, case_id), flag_of(session, case_id), messages)


def ask_message(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    point_id: UUID,
    says: PersonText,
    language: PersonLanguage,
    subject: Subject,
    now: datetime,
) -> PersonMessage:
    """Ask that the person be sent a text, in the window that is open or opens next.

    Raises ``CaseNotFound``, ``NotResponsibleNow``, ``ContactPointNotFound`` and
    ``NotSafelyReachable``.
    """
    case = lock_own(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.PERSON_MESSAGE_ASK,
        now=now,
    )
    point = session.get(ContactPoint, point_id)
    if point is None or point.case_id != case_id:
        raise ContactPointNotFound
    rules = _rules(session, keys, case, point)
    refusal = refusal_to_ask(standing_of(session, point), rules, now)
    if refusal is not None:
        raise NotSafelyReachable(reason=refusal)
    window = next_window(rules, now)
    message = PersonMessage(
        id=new_id(),
        case_id=case_id,
        contact_point_id=point_id,
        says=says,
        language=language,
        asked_at=now,
        send_at=max(now, window.begins_at),
        send_before=window.ends_at,
    )
    session.add(message)
    _note(session, message, action="person_message.ask", actor=subject.actor, now=now, says=says)
    outbox.add(
        session,
        PersonMessageAsked(
            occurred_at=now, case_id=case_id, message_id=message.id, send_at=message.send_at
        ),
    )
    return message


def answer_message(
    session: Session, *, keys: MasterKeys, message_id: UUID, now: datetime
) -> ContactAnswer:
    """Where to and what, decided now; and never a second time. Each answer is audited.

    Raises ``PersonMessageNotFound`` and ``PersonMessageEarly``, which is no answer.
    """
    case_id = session.scalar(select(PersonMessage.case_id).where(PersonMessage.id == message_id))
    if case_id is None:
        raise PersonMessageNotFound
    # Nobody withdraws, silences or records anything between the decision and its record.
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update(read=True)).one()
    message = _locked(session, case_id, message_id)
    if now < message.send_at:
        raise PersonMessageEarly
    point = session.get_one(ContactPoint, message.contact_point_id)
    details = open_contact(keys, session.get_one(Person, case.person_id), point)
    refusal = _refusal(session, message, point, ContactRules.of(details), now)
    if message.answered_at is None:
        message.answered_at, message.refusal = now, refusal
        if refusal is not None:
            message.outcome, message.concluded_at = PersonMessageOutcome.CANCELLED, now
    _note(session, message, action=ANSWER, actor=ASKED_BY, now=now, outcome=refusal or GIVEN)
    return ContactAnswer(
        to=details["number"] if refusal is None else None,
        says=PersonText(message.says),
        language=PersonLanguage(message.language),
        refusal=refusal,
    )


def note_message(
    session: Session,
    *,
    case_id: UUID,
    message_id: UUID,
    told: PersonMessageOutcome,
    now: datetime,
) -> None:
    """Keep what became of a message.

    One that a restored database has forgotten is nobody's any more: it was answered once at most.
    """
    try:
        message = _locked(session, case_id, message_id)
    except PersonMessageNotFound:
        return
    before = PersonMessageOutcome(message.outcome) if message.outcome else None
    outcome = outcome_after(before, told)
    if outcome is not None:
        message.outcome, message.concluded_at = outcome, now


def settle_message(
    session: Session,
    *,
    case_id: UUID,
    message_id: UUID,
    how: ReachedHow,
    subject: Subject,
    now: datetime,
) -> PersonMessage:
    """The owner of the case says how the person was reached otherwise.

    Raises ``CaseNotFound``, ``NotResponsibleNow``, ``PersonMessageNotFound``, ``NothingToReach``.
    """
    lock_own(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.PERSON_MESSAGE_ASK,
        now=now,
    )
    message = _locked(session, case_id, message_id)
    if not is_left(message, now):
        raise NothingToReach
    message.reached_at, message.reached_how = now, how
    _note(session, message, action="person_message.settle", actor=subject.actor, now=now, how=how)
    return message


def is_left(message: PersonMessage, now: datetime) -> bool:
    """Whether the owner of the case has to reach the person another way, and has not yet."""
    outcome = PersonMessageOutcome(message.outcome) if message.outcome else None
    is_left_to_them = is_left_to_people(outcome, now, before=message.send_before)
    return message.reached_at is None and is_left_to_them


def _refusal(
    session: Session,
    message: PersonMessage,
    point: ContactPoint,
    rules: ContactRules,
    now: datetime,
) -> ContactRefusal | None:
    if message.answered_at is not None:
        return ContactRefusal(message.refusal or ContactRefusal.ANSWERED_ALREADY)
    standing = standing_of(session, point)
    return refusal_to_send(standing, rules, now, before=message.send_before)


def _rules(session: Session, keys: MasterKeys, case: Case, point: ContactPoint) -> ContactRules:
    return ContactRules.of(open_contact(keys, session.get_one(Person, case.person_id), point))


def _locked(session: Session, case_id: UUID, message_id: UUID) -> PersonMessage:
    asked = select(PersonMessage).where(
        PersonMessage.id == message_id, PersonMessage.case_id == case_id
    )
    message = session.scalar(asked.with_for_update())
    if message is None:
        raise PersonMessageNotFound
    return message


def _note(
    session: Session,
    message: PersonMessage,
    *,
    action: str,
    actor: str,
    now: datetime,
    outcome: str = "done",
    **facts: str,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=message.case_id,
        now=now,
        outcome=outcome,
        message_id=str(message.id),
        contact_point_id=str(message.contact_point_id),
        **facts,
    )
