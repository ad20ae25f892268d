"""Who is told when a decision or an answer is due soon, or late: by the roles of that day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.organisations import unled, verifier_roles
from services.verification.domain.owning import tenures
from services.verification.domain.protection.asking import SUBJECT as OF_PROTECTION
from services.verification.domain.protection.protectors import protectors
from services.verification.domain.protection.reach import IN_CASE
from services.verification.domain.requests import SUBJECT
from services.verification.models import Protection, Verification
from shared.clocks import Clock, ClockStage, Holders, Watch, told
from shared.contracts import VerificationClockBreached, VerificationClockWarned
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging import outbox
from shared.places.holders import owner_of

Asked = tuple[Verification, UUID | None]
"""What a clock is of: the verification of its case, and whoever is to decide, if somebody is."""


class Decisions:
    """The clocks of verification: of a decision, of the window to complain, of an answer.

    And those of the decisions about protection.
    """

    def holders(
        self, session: Session, clocks: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """Whoever decides while they may, their manager, and whoever owns the case; today.

        The window is the person's: nobody has to act before it ends, and its owner knows of it.
        """
        today = local_date(now)
        asked = _asked(session, [each.object_id for each in clocks])
        deciding = {
            SUBJECT: {it.organisation_id for it in verifier_roles(session) if it.is_held(today)},
            OF_PROTECTION: {it.organisation_id for it in protectors(session) if it.is_held(today)},
        }
        leaderless, owning = unled(session, today), tenures(session)

        def of(clock: Clock) -> Holders:
            verification, decider_id = asked[clock.object_id]
            authority_id = None if clock.is_right else decider_id
            officer = authority_id if authority_id in deciding[clock.subject] else None
            head = None if officer in leaderless else officer
            owner = owner_of(
                owning, verification.place, handed_to=verification.responsible_id, on=today
            )
            return Holders(officer, head, owner)

        return {each.id: of(each) for each in clocks}

    def tell(self, session: Session, clock: Clock, stage: ClockStage, now: datetime) -> None:
        """Tell intake, for the case's journey."""
        kind = (
            VerificationClockBreached if stage is ClockStage.BREACHED else VerificationClockWarned
        )
        outbox.add(session, told(kind, clock, now))


def _asked(session: Session, object_ids: Sequence[UUID]) -> dict[UUID, Asked]:
    """The verifications and the requests for protection of these ids, each with who decides."""
    verifications = session.scalars(select(Verification).where(among(Verification.id, object_ids)))
    found: dict[UUID, Asked] = {each.id: (each, each.verifier_id) for each in verifications}
    protections = session.execute(
        select(Protection.id, Protection.protector_id, Verification)
        .join(Verification, IN_CASE)
        .where(among(Protection.id, object_ids))
    )
    return found | {each.id: (each.Verification, each.protector_id) for each in protections}


WATCHING = Watch(Decisions())
