"""How old a person is, and was when it was done to them, as intake tells it later."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.models import Verification
from shared.contracts.vocabulary import AgeBand
from shared.kit.arrays import among


@dataclass(frozen=True)
class Age:
    """The band of today, and whether the act began before the person was 18, if that is known."""

    band: AgeBand
    was_minor_at_act: bool | None
    is_corrected: bool
    """Whether somebody said so, and did not only wait for a birthday."""


def lock_cases(session: Session, case_ids: Collection[UUID]) -> Sequence[Verification]:
    """The verifications of these cases, locked in the order of their ids."""
    return session.scalars(
        select(Verification)
        .where(among(Verification.case_id, case_ids))
        .order_by(Verification.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def note_ages(session: Session, *, ages: Mapping[UUID, Age]) -> None:
    """Keep the ages of these cases; a later move is judged by them, an earlier one stays.

    What an authority found of the age at the act counts until intake tells of it: also that it is
    not known after all, for then what was known has been corrected.
    """
    for verification in lock_cases(session, list(ages)):
        age = ages[verification.case_id]
        verification.age_band = age.band
        verification.was_minor_at_act = age.was_minor_at_act
        verification.version += 1
        if age.is_corrected:
            verification.corrected_version = verification.version
