"""In which version of a case a part of it became what it is.

A case has one version for all of it. Whoever acts on a part is refused for what somebody has done
to that part since it was read: not for what other services told meanwhile, nor for a birthday.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.intake.models import Case, Consent, Correction, HandOver

FIRST = 1
"""The version of a case that was received and nothing more."""


def consents_since(session: Session, case: Case) -> int:
    """Since when the consents of a locked case are those there are.

    Of what a former release recorded nobody knows it, so it may be this version.
    """
    ledger = session.scalars(select(Consent).where(Consent.case_id == case.id)).all()
    made = [each.version for each in ledger]
    made += [each.ended_version for each in ledger if each.withdrawn_at is not None]
    return max((each or case.version for each in made), default=FIRST)


def responsible_since(session: Session, case: Case) -> int:
    """Since when a locked case is with whoever is named in it, or with nobody who is."""
    return _last(session, case, HandOver)


def corrected_since(session: Session, case: Case) -> int:
    """Since when what was told of the person's age stands as it does."""
    return _last(session, case, Correction)


def _last(session: Session, case: Case, made: type[HandOver] | type[Correction]) -> int:
    return session.scalar(select(func.max(made.version)).where(made.case_id == case.id)) or FIRST
