"""The time in which whoever reported themselves is to be checked first runs on a clock.

It runs from the reception. A sweep puts the cases that wait for the first look on their clocks, and
ends those of the cases that wait no more: somebody has looked, or verification has an answer. So a
reception costs no statement more, and cases of a former release have theirs after its first round.
Those of which verification tells that it has begun, within a second, are on them at once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.intake.domain.initial_checks import IS_OWED, RECEIVED
from services.intake.domain.journey import StepFacts, note_steps
from services.intake.domain.organisations import tenures
from services.intake.domain.parts import owner_among
from services.intake.domain.reach import AREA, AREA_ON
from services.intake.models import Case, InitialCheck, JourneyStep
from services.intake.policy import StepKind
from shared import clocks
from shared.clocks import Awaited, Clock, ClockStage, Holders, Watch
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import Regime, Role
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.law import regime_at

SUBJECT = "case"
KEYS = frozenset({PeriodKey.RECEPTION_INITIAL_CHECK})
"""The periods of which there are clocks here."""


class FirstLooks:
    """The clocks of first looks: of whoever owns the case, each time."""

    def holders(
        self, session: Session, found: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """Whoever owns the case today, by its area or as it was handed over.

        Its people are warned, its manager finds it among what is to be done where it has one.
        """
        ids = [each.object_id for each in found]
        cases = {it.id: it for it in session.scalars(select(Case).where(among(Case.id, ids)))}
        owning, today = tenures(session, Role.CASE_OWNER), local_date(now)

        def of(clock: Clock) -> Holders:
            owner = owner_among(owning, cases[clock.object_id], on=today)
            return Holders(owner, owner, owner)

        return {each.id: of(each) for each in found}

    def tell(self, session: Session, clock: Clock, stage: ClockStage, now: datetime) -> None:
        """A line of the journey, in this transaction: it is kept here, and told to nobody."""
        is_late = stage is ClockStage.BREACHED
        step = StepFacts(
            case_id=clock.object_id,
            at=now,
            kind=StepKind.CLOCK_BREACHED if is_late else StepKind.CLOCK_WARNED,
            source_id=clock.id,
            status=clock.level,
            reason=clock.key,
            organisation_id=clock.level_holder_id,
        )
        note_steps(session, [step])


WATCHING = Watch(FirstLooks())


def _looked(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, datetime | None]:
    """When somebody has looked first, else when verification had its last answer."""
    looks = select(InitialCheck.case_id, InitialCheck.recorded_at)
    answers = select(JourneyStep.case_id, func.max(JourneyStep.at)).where(
        JourneyStep.kind == StepKind.VERIFICATION_CONCLUDED
    )
    ended: dict[UUID, datetime | None] = {}
    for row in session.execute(
        answers.where(among(JourneyStep.case_id, case_ids)).group_by(JourneyStep.case_id)
    ):
        ended[row[0]] = row[1]
    for row in session.execute(looks.where(among(InitialCheck.case_id, case_ids))):
        ended[row[0]] = row[1]
    return ended


def _law_of(received_at: datetime) -> Regime:
    return regime_at(local_date(received_at))


FIRST_LOOKS = Awaited(
    PeriodKey.RECEPTION_INITIAL_CHECK,
    RECEIVED,
    SUBJECT,
    select(
        Case.id.label("object_id"),
        Case.received_at.label("began"),
        Case.id.label("case_id"),
        AREA.label("area_code"),
        AREA_ON.label("area_on"),
    ).where(IS_OWED),
    _looked,
    _law_of,
)


def begin_first_looks(session: Session, case_ids: Collection[UUID]) -> None:
    """Put these on their clocks, as far as somebody waits for a first look at them."""
    clocks.begin(session, FIRST_LOOKS, case_ids)


def watch_clocks(session: Session, now: datetime) -> int:
    """Put first looks on their clocks, end the others, and bring what is due to its next stage."""
    many, _ = clocks.look(session, [FIRST_LOOKS], WATCHING, now)
    return many
