"""Who answers for it that a programme is as the directory says: nobody is sent there without.

A programme is assured by its own organisation, or by an administrator who names the post, the day
and the paper of the organisation that confirmed it. Whatever changes a programme ends its
assurance: what was confirmed is no longer what stands there.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain.confirmations import Confirmation
from services.directory.domain.programmes import lock_programme, tell_programme
from services.directory.errors import ConfirmationMissing, NotItsOrganisation
from services.directory.models import Programme
from shared.access import Permission, visible
from shared.contracts.vocabulary import AssuredBy
from shared.kit.clock import local_date, start_of_day
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version
from shared.law import Certainty


def assure_programme(
    session: Session,
    *,
    programme_id: UUID,
    subject: Subject,
    confirmation: Confirmation | None,
    expected_version: Expected,
    now: datetime,
    actor: str,
) -> Programme:
    """Let a programme be offered, as it stands in the version that was read, and tell the others.

    What an administrator passes on holds from the day it was confirmed. Raises
    ``ProgrammeNotFound``, ``VersionChanged``, ``NotItsOrganisation``, ``ConfirmationMissing`` and
    ``ConfirmedLater``.
    """
    programme = lock_programme(session, programme_id)
    check_version(programme.version, expected_version)
    kind = _kind(programme, subject)
    if kind is AssuredBy.ADMINISTRATOR and confirmation is None:
        raise ConfirmationMissing
    if confirmation is not None:
        confirmation.check(local_date(now))
    programme.assured_by = kind
    programme.assured_at = _holds_from(confirmation, now)
    programme.assured_post = confirmation.post if confirmation else None
    programme.assured_on = confirmation.confirmed_on if confirmation else None
    programme.assured_reference = confirmation.reference if confirmation else None
    programme.certainty = Certainty.CONFIRMED
    _next_version(session, programme, now)
    tell_programme(session, programme, action="programme.assured", now=now, actor=actor)
    return programme


def _kind(programme: Programme, subject: Subject) -> AssuredBy:
    sight = visible(subject, Permission.PROGRAMME_ASSURE)
    if sight.owns(programme.organisation_id):
        return AssuredBy.ORGANISATION
    if sight.is_over_all:
        return AssuredBy.ADMINISTRATOR
    raise NotItsOrganisation


def _holds_from(confirmation: Confirmation | None, now: datetime) -> datetime:
    if confirmation is None or confirmation.confirmed_on == local_date(now):
        return now
    return start_of_day(confirmation.confirmed_on)


def end_unnamed_assurances(session: Session, *, now: datetime, actor: str) -> int:
    """Take back every assurance nobody answers for, and tell the others; returns how many.

    Releases before this one assured a programme whenever it was written, by the seed as well.
    """
    unnamed = select(Programme).where(
        Programme.assured_at.is_not(None), Programme.assured_by.is_(None)
    )
    found = session.scalars(unnamed.order_by(Programme.id).with_for_update(of=Programme)).all()
    for programme in found:
        programme.assured_at = None
        _next_version(session, programme, now)
        tell_programme(session, programme, action="programme.assurance_ended", now=now, actor=actor)
    return len(found)


def _next_version(session: Session, programme: Programme, now: datetime) -> None:
    programme.version += 1
    programme.changed_at = now
    session.flush()
