"""Who is told when a decision or an answer is due soon, or late: by the roles of that day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.organisations import unled, verifier_roles
from services.verification.domain.owning import tenures
from services.verification.models import Verification
from shared.clocks import Clock, ClockStage, Holders, Watch, told
from shared.contracts import Message, VerificationClockBreached, VerificationClockWarned
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.places.holders import owner_of


class Decisions:
    """The clocks of verification: of a decision, of the window to complain, of an answer."""

    def holders(
        self, session: Session, clocks: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """The authority while it may decide, its manager, and whoever owns the case; today.

        The window is the person's: nobody has to act before it ends, and its owner knows of it.
        """
        today = local_date(now)
        asked = select(Verification).where(
            among(Verification.id, [each.object_id for each in clocks])
        )
        decided = {each.id: each for each in session.scalars(asked)}
        deciding = {it.organisation_id for it in verifier_roles(session) if it.is_held(today)}
        leaderless, owning = unled(session, today), tenures(session)

        def of(clock: Clock) -> Holders:
            verification = decided[clock.object_id]
            authority_id = None if clock.is_right else verification.verifier_id
            officer = authority_id if authority_id in deciding else None
            head = None if officer in leaderless else officer
            owner = owner_of(
                owning, verification.place, handed_to=verification.responsible_id, on=today
            )
            return Holders(officer, head, owner)

        return {each.id: of(each) for each in clocks}

    def message(self, clock: Clock, stage: ClockStage, now: datetime) -> Message:
        """What the case's journey is told."""
        kind = (
            VerificationClockBreached if stage is ClockStage.BREACHED else VerificationClockWarned
        )
        return told(kind, clock, now)


WATCHING = Watch(Decisions())
