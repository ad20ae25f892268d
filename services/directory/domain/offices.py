"""Offices that answer from a mail: its link, with the code agreed, opens one offer for minutes.

Whoever has a link and no code, a scanner or whom a mail was forwarded to, is told nothing.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.failures import Counter
from services.directory.domain.log_ins import Context
from services.directory.domain.organisations import dated_roles, lock_organisation
from services.directory.domain.sessions import moment
from services.directory.errors import (
    AnswerCodeNotAgreed,
    AnswerCodeRefused,
    AnswerLinkOver,
    ContactPointNotFound,
)
from services.directory.models import ContactPoint, Organisation
from services.directory.policy import (
    Counted,
    LogInOutcome,
    OfficeEvent,
    of_systems,
    read_answer_code,
    roles_in_force,
)
from shared.contracts.vocabulary import ChannelKind, Role
from shared.kit import audit
from shared.kit.answer_links import AnswerLink
from shared.kit.clock import local_date
from shared.kit.errors import DomainError
from shared.kit.subjects import Grant, Means, Subject, SubjectKind

_IN_USE = (ContactPoint.channel == ChannelKind.EMAIL, ContactPoint.valid_to.is_(None))
"""A mailbox that is written to: a phone is sent no link."""


@dataclass(frozen=True, repr=False)
class Office:
    """The mailbox in use that a link was sent to, and whose it is."""

    contact_point: ContactPoint
    organisation: Organisation


def agree_answer_code(
    session: Session, *, organisation_id: UUID, contact_point_id: UUID, now: datetime, actor: str
) -> ContactPoint:
    """Another code for an office, by its number; the one before is worth nothing from now on.

    Raises ``ContactPointNotFound``, also for a phone, and where the mailbox is no longer used.
    """
    lock_organisation(session, organisation_id)
    found = session.scalar(
        select(ContactPoint).where(
            ContactPoint.id == contact_point_id,
            ContactPoint.organisation_id == organisation_id,
            *_IN_USE,
        )
    )
    if found is None:
        raise ContactPointNotFound
    found.code_number += 1
    found.code_since = now
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=OfficeEvent.CODE_AGREED,
        object_id=found.id,
        now=now,
        organisation_id=str(organisation_id),
        number=found.code_number,
    )
    return found


def let_office_in(
    session: Session, *, link: AnswerLink | None, code: str, context: Context
) -> Subject | DomainError:
    """Whoever has the link and the code: the office, bound to the offer of the link.

    Returned is ``AnswerCodeRefused``: what was counted and noted stays. Raises ``AnswerLinkOver``,
    ``AnswerCodeNotAgreed`` and ``CodeMistyped``, for which nothing is counted.
    """
    office = _office_of(session, link, context.now)
    if link is None or office is None:
        raise AnswerLinkOver
    grants = _grants_of(office.organisation, context.now)
    if not grants:
        raise AnswerLinkOver
    found = office.contact_point
    if not found.code_number:
        raise AnswerCodeNotAgreed
    typed = read_answer_code(code)
    # By the office and the address together: whoever guesses elsewhere keeps nobody waiting here.
    by = Counter.of(context.vault, Counted.OFFICE, f"{found.id}|{context.place.source}")
    if not failures.count(session, [by], at=moment(session), stopping=[by]):
        return _refuse(session, office, link, LogInOutcome.WAITING, context)
    agreed = read_answer_code(context.vault.answer_code(found.id, found.code_number))
    if not hmac.compare_digest(typed, agreed):
        return _refuse(session, office, link, LogInOutcome.WRONG_CODE, context)
    failures.take_back(session, [by])
    _note(session, office, link, context, actor=f"{SubjectKind.OFFICE}:{office.organisation.id}")
    return Subject(
        kind=SubjectKind.OFFICE,
        id=str(office.organisation.id),
        organisation_id=office.organisation.id,
        organisation_kind=office.organisation.kind,
        grants=grants,
        means=(Means.AGREED_CODE,),
        authenticated_at=int(context.now.timestamp()),
        bound_to=link.about,
    )


def _office_of(session: Session, link: AnswerLink | None, now: datetime) -> Office | None:
    """Whose office a link was sent to, while it is good and the mailbox is used."""
    if link is None or link.expires_at <= now:
        return None
    found = session.execute(
        select(ContactPoint, Organisation)
        .join(Organisation, Organisation.id == ContactPoint.organisation_id)
        .where(
            ContactPoint.id == link.sent_to,
            *_IN_USE,
            Organisation.is_active,
        )
    ).one_or_none()
    return None if found is None else Office(*found)


def _grants_of(organisation: Organisation, now: datetime) -> frozenset[Grant]:
    """As what an office answers: as a provider alone, where it is one today."""
    held = of_systems(roles_in_force(dated_roles(organisation), local_date(now)))
    return frozenset(
        Grant(str(each.role), each.area_code) for each in held if each.role is Role.PROVIDER
    )


def _refuse(
    session: Session, office: Office, link: AnswerLink, outcome: LogInOutcome, context: Context
) -> DomainError:
    """The audit knows why; of many refusals of one office within an hour a few are entries."""
    kind = (str(office.contact_point.id), OfficeEvent.CODE_GIVEN, outcome)
    times = context.tally.count(kind, context.now)
    if times is not None:
        actor = context.actor
        _note(session, office, link, context, actor=actor, outcome=outcome, times=times)
    return AnswerCodeRefused()


def _note(
    session: Session,
    office: Office,
    link: AnswerLink,
    context: Context,
    *,
    actor: str,
    outcome: LogInOutcome = LogInOutcome.DONE,
    times: int = 1,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=OfficeEvent.CODE_GIVEN,
        object_id=office.contact_point.id,
        now=context.now,
        outcome=outcome,
        organisation_id=str(office.organisation.id),
        offer_id=str(link.about),
        number=office.contact_point.code_number,
        device=context.place.device,
        times=times,
    )
