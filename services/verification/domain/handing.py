"""To whom cases were handed, as intake tells it."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.domain.ages import lock_cases


def note_hand_overs(session: Session, *, responsible: Mapping[UUID, UUID | None]) -> None:
    """Keep which organisation answers for each of these cases; unset is whoever holds its area.

    Nothing of the verification itself is another now, so it keeps its version.
    """
    for verification in lock_cases(session, list(responsible)):
        verification.responsible_id = responsible[verification.case_id]
