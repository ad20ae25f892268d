"""Which requests for protection there are for a subject, and as what it reaches them.

Whoever asked reads what became of it. Nobody else in the case does, but its owner.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from services.verification.domain.reach import PLACE
from services.verification.errors import CaseNotFound, ProtectionNotFound
from services.verification.models import Protection, Verification
from services.verification.policy import ProtectionParty
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from shared.kit.subjects import Subject

IN_CASE = Protection.verification_id == Verification.id
"""How a request finds the verification of its case, which says where that is and whose."""


def protection_reached_as(
    subject: Subject, permission: Permission, now: datetime
) -> Mapping[ProtectionParty, ColumnElement[bool]]:
    """For each party whether a request is reached as it, whatever else the subject is."""
    protecting = visible(subject, permission, through=Role.PROTECTOR)
    owning = visible(subject, permission, through=Role.CASE_OWNER)
    return {
        ProtectionParty.PROTECTOR: protecting.reaches(assigned=[Protection.protector_id]),
        ProtectionParty.CASE_OWNER: owning.reaches(
            on=local_date(now), assigned=[Verification.responsible_id], place=PLACE
        ),
    }


def readable(subject: Subject, now: datetime) -> Select[Any]:
    """The requests that a subject may read."""
    permission = Permission.PROTECTION_READ
    asked = visible(subject, permission).reaches(own=[Protection.requester_id])
    seen = or_(asked, *protection_reached_as(subject, permission, now).values())
    return select(Protection).join(Verification, IN_CASE).where(seen)


def lock_protection(
    session: Session, protection_id: UUID, subject: Subject, now: datetime
) -> tuple[Protection, Verification, frozenset[ProtectionParty]]:
    """A request, which nobody else changes now, its case, and what the subject reaches it as."""
    reached = protection_reached_as(subject, Permission.PROTECTION_MOVE, now)
    row = session.execute(
        select(Protection, Verification, *(each.label(party) for party, each in reached.items()))
        .join(Verification, IN_CASE)
        .where(Protection.id == protection_id, or_(*reached.values()))
        .with_for_update(of=Protection)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise ProtectionNotFound
    protection, verification, *is_reached = row
    return protection, verification, frozenset(compress(reached, is_reached))


def lock_case(session: Session, case_id: UUID, subject: Subject, now: datetime) -> Verification:
    """The verification of a case in which the subject may ask, locked: one asks at a time."""
    permission = Permission.PROTECTION_REQUEST
    receiving = visible(subject, permission, through=Role.RECEIVER)
    verifying = visible(subject, permission, through=Role.VERIFIER)
    owning = visible(subject, permission, through=Role.CASE_OWNER)
    is_in_case = or_(
        receiving.reaches(own=[Verification.receiver_id]),
        verifying.reaches(assigned=[Verification.verifier_id]),
        owning.reaches(on=local_date(now), assigned=[Verification.responsible_id], place=PLACE),
    )
    found = session.scalar(
        select(Verification)
        .where(Verification.case_id == case_id, is_in_case)
        .with_for_update(of=Verification)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise CaseNotFound
    return found
