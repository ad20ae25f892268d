"""Whose clocks there are to read: of whoever decides, of whoever protects, of the case's owner."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.orm import Session

from services.verification.domain.duties import DUTIES
from services.verification.domain.owning import owned_by
from services.verification.domain.protection.asking import SUBJECT as OF_PROTECTION
from services.verification.domain.protection.reach import IN_CASE, protection_reached_as
from services.verification.domain.reach import reached_as
from services.verification.domain.requests import SUBJECT
from services.verification.models import Protection, Verification
from services.verification.policy import Party, ProtectionParty
from shared.access import Permission
from shared.duties import About
from shared.duties.running import Running, in_reach
from shared.kit.subjects import Subject

_ABOUT = About(Verification.case_id, Verification.case_code)


def _verifications(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    reached = reached_as(subject, Permission.VERIFICATION_READ, now)
    owned = _owned(session, subject, now, reached[Party.CASE_OWNER])
    return in_reach(
        subject=SUBJECT,
        object_id=Verification.id,
        about=_ABOUT,
        link=func.concat("verifications/", Verification.id),
    ).where(or_(reached[Party.VERIFIER], owned))


def _protections(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    reached = protection_reached_as(subject, Permission.PROTECTION_READ, now)
    owned = _owned(session, subject, now, reached[ProtectionParty.CASE_OWNER])
    return (
        in_reach(
            subject=OF_PROTECTION,
            object_id=Protection.id,
            about=_ABOUT,
            link=func.concat("protections/", Protection.id),
        )
        .join_from(Protection, Verification, IN_CASE)
        .where(or_(reached[ProtectionParty.PROTECTOR], owned))
    )


def _owned(
    session: Session, subject: Subject, now: datetime, is_reached: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What the subject's organisation owns today: of several case owners who read it one acts."""
    return and_(is_reached, owned_by(session, subject.organisation_id, now))


RUNNING = Running((_verifications, _protections), DUTIES.sources)
