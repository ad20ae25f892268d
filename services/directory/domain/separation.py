"""Roles of earlier releases that one organisation held together and may not: they are parted."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import (
    OrganisationFacts,
    apply_facts,
    dated_roles,
    lock_organisation,
)
from services.directory.models import Organisation, OrganisationRole
from services.directory.policy import SEPARATE, are_separate
from shared.kit.clock import local_date
from shared.law import Certainty


def part_roles(session: Session, *, now: datetime, actor: str) -> int:
    """Take from organisations what they may not hold beside another role; returns from how many.

    Not even of the past is it kept, for then it was held together; which token carried which role
    stays in the audit.
    """
    holders = select(OrganisationRole.organisation_id).where(OrganisationRole.role.in_(SEPARATE))
    ids = session.scalars(
        select(Organisation.id).where(Organisation.id.in_(holders)).order_by(Organisation.id)
    ).all()
    return sum(_part(session, lock_organisation(session, each), now, actor) for each in ids)


def _part(session: Session, organisation: Organisation, now: datetime, actor: str) -> bool:
    held, today = dated_roles(organisation), local_date(now)
    going_on = [role for role in held if role.valid_to is None or role.valid_to > today]
    if are_separate(going_on):
        return False
    kept = next(role for role in SEPARATE if role in {each.role for each in going_on})
    excluded = set(SEPARATE) - {kept}
    facts = OrganisationFacts(
        name_vi=organisation.name_vi,
        name_en=organisation.name_en,
        roles=tuple(role for role in held if role.role not in excluded),
        is_active=organisation.is_active,
        source=organisation.source,
        certainty=Certainty(organisation.certainty),
    )
    apply_facts(session, organisation, facts=facts, now=now, actor=actor)
    return True
