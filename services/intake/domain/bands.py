"""Age bands: a person grows older, or was older or younger than was known."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.retelling import tell_further
from services.intake.models import Case
from services.intake.policy import AFTER, next_band_ends_on
from shared.contracts import AgeBandChanged
from shared.contracts.vocabulary import AgeBand, AgeBandCause
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging.sweeps import each_alone, resting

BATCH = 64
ADVANCE = "advance_age_bands"
SWEEP = f"sweep:{ADVANCE}"


def advance_age_bands(session: Session, now: datetime) -> int:
    """Bring cases whose band has ended into the next one; returns how many.

    No birth date is read for it: the vault stays shut to this process.
    """
    today = local_date(now)
    due = session.scalars(
        select(Case.id)
        .where(Case.band_ends_on <= today, Case.id.not_in(resting(ADVANCE)))
        .order_by(Case.band_ends_on, Case.id)
        .limit(BATCH)
        .with_for_update(key_share=True, skip_locked=True),
    ).all()
    if not due:
        return 0

    def act(some: Sequence[UUID]) -> None:
        cases = session.scalars(
            select(Case)
            .where(among(Case.id, some))
            .order_by(Case.id)
            .execution_options(populate_existing=True)
        )
        for case in cases:
            _advance(session, case, today, now)

    return each_alone(session, ADVANCE, due, act, key=lambda each: each, now=now)


def _advance(session: Session, case: Case, today: date, now: datetime) -> None:
    """More than one band at once, where nobody looked for years."""
    while case.band_ends_on is not None and case.band_ends_on <= today:
        case.age_band = AFTER[AgeBand(case.age_band)]
        case.band_ends_on = next_band_ends_on(AgeBand(case.age_band), case.band_ends_on)
    case.version += 1
    tell_age_band(session, case, cause=AgeBandCause.BIRTHDAY, actor=SWEEP, now=now)


def tell_age_band(
    session: Session, case: Case, *, cause: AgeBandCause, actor: str, now: datetime
) -> None:
    """Tell those who keep the band of a case, and keep in the audit who changed it."""
    audit.record(
        session,
        actor=actor,
        action="case.age_band",
        object_id=case.id,
        now=now,
        age_band=case.age_band,
        cause=cause,
    )
    tell_further(
        session,
        AgeBandChanged(
            occurred_at=now,
            case_id=case.id,
            age_band=AgeBand(case.age_band),
            was_minor_at_act=case.was_minor_at_act,
            cause=cause,
        ),
    )
