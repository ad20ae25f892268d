"""How old a person is, and was when it was done to them, as intake tells it later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.models import Verification
from shared.contracts.vocabulary import AgeBand
from shared.kit import audit


@dataclass(frozen=True)
class Age:
    """The band of today, and whether the act began before the person was 18, if that is known."""

    band: AgeBand
    was_minor_at_act: bool | None


def note_ages(session: Session, *, ages: Mapping[UUID, Age], now: datetime, actor: str) -> None:
    """Keep the ages of these cases; a later move is judged by them, an earlier one stays.

    What an authority found of the age at the act counts until intake tells of it.
    """
    found = session.scalars(
        select(Verification)
        .where(Verification.case_id.in_(ages))
        .order_by(Verification.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for verification in found:
        age = ages[verification.case_id]
        verification.age_band = age.band
        if age.was_minor_at_act is not None:
            verification.was_minor_at_act = age.was_minor_at_act
        verification.version += 1
        audit.record(
            session,
            actor=actor,
            action="verification.age",
            object_id=verification.case_id,
            now=now,
            age_band=age.band,
        )
