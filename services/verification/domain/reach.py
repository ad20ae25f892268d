"""Which verifications there are for a subject, and as what: whoever verifies, or a case owner.

Lists, single reads, moves and alerts ask here, so that none shows what another refuses.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import compress
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.verification.errors import VerificationNotFound
from services.verification.models import Protection, Verification
from services.verification.policy import Party
from shared.access import Permission, visible
from shared.access.columns import PlaceColumns
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.messaging.tables import OPERATOR_ALERTS

PLACE = PlaceColumns(Verification.area_code, Verification.area_told_on)


def reached_as(
    subject: Subject, permission: Permission, now: datetime
) -> Mapping[Party, ColumnElement[bool]]:
    """For each party whether a verification is reached as it, whatever else the subject is."""
    on = local_date(now)
    verifying = visible(subject, permission, through=Role.VERIFIER)
    owning = visible(subject, permission, through=Role.CASE_OWNER)
    return {
        Party.VERIFIER: verifying.reaches(assigned=[Verification.verifier_id]),
        Party.CASE_OWNER: owning.reaches(
            on=on, assigned=[Verification.responsible_id], place=PLACE
        ),
    }


def reached(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    """Whether there is a verification for a subject at all."""
    return or_(*reached_as(subject, permission, now).values())


def lock_reached(
    session: Session, verification_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> tuple[Verification, frozenset[Party]]:
    """The verification, which nobody else changes now, and what the subject reaches it as."""
    reached = reached_as(subject, permission, now)
    row = session.execute(
        select(Verification, *(each.label(party) for party, each in reached.items()))
        .where(Verification.id == verification_id, or_(*reached.values()))
        .with_for_update(of=Verification)
        .execution_options(populate_existing=True),
    ).one_or_none()
    if row is None:
        raise VerificationNotFound
    verification, *is_reached = row
    return verification, frozenset(compress(reached, is_reached))


def reached_alerts(subject: Subject, now: datetime) -> ColumnElement[bool]:
    """Whether an alert is about a case that the subject reaches as its owner."""
    is_theirs = reached_as(subject, Permission.ALERT_READ, now)[Party.CASE_OWNER]
    verifications = select(Verification.id).where(is_theirs)
    about = OPERATOR_ALERTS.c.object_id
    return or_(
        about.in_(verifications),
        about.in_(select(Protection.id).where(Protection.verification_id.in_(verifications))),
    )
