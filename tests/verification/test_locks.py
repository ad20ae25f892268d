"""One order of locks: frames, sweeps and moves never wait in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.verification import domain
from services.verification.models import Verification
from services.verification.policy import Move, MoveFacts
from services.verification.tasks import consumer
from shared.contracts import AgeBandChanged, OrganisationChanged, Queue
from shared.contracts.vocabulary import AgeBand, AgeBandCause, OrganisationKind
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id
from shared.messaging.delivery import Delivery
from tests.conftest import wait_until
from tests.messaging.parts import deliver, links_of, sealed
from tests.noticing import Deadlocks, somebody_waits
from tests.verification.builders import Bench, case_owner, verifier

CASES = 60
TURNS = 20


def test_frames_of_organisations_sweeps_and_moves_never_wait_in_a_circle(
    begin: Begin,
    now: datetime,
) -> None:
    met = Deadlocks(begin)
    with begin() as session:
        bench = Bench(session, now)
        waiting = [bench.opened(area_code=f"1{1000 + number}").id for number in range(CASES)]
    police = [new_id() for _ in range(4)]
    delivery = Delivery(
        consumer, met.begin, links_of(Queue.VERIFICATION), lambda: now, handler_seconds=20
    )

    def tell() -> None:
        for sequence in range(1, TURNS + 1):
            frame = [_police(each, sequence, now) for each in police[::-1]]
            deliver(
                delivery,
                [sealed(each, sequence, destination=Queue.VERIFICATION) for each in frame],
            )

    def sweep() -> None:
        for turn in range(TURNS):
            with met.begin() as session:
                domain.assign_waiting(session, now + timedelta(minutes=turn))

    def assign(ids: list[UUID]) -> Callable[[], None]:
        def act() -> None:
            for verification_id in ids:
                with suppress(DomainError), met.begin() as session:
                    kept = session.get_one(Verification, verification_id)
                    Bench(session, now).move(
                        kept,
                        MoveFacts(Move.ASSIGN, organisation_id=police[0]),
                        subject=case_owner(),
                    )

        return act

    acts = (tell, sweep, sweep, assign(waiting), assign(waiting[::-1]))
    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
    assert met.deadlocks == []
    with begin() as session:
        # What somebody held while it was looked for is found at the next look.
        domain.assign_waiting(session, now + timedelta(days=1))
        assigned = Verification.verifier_id.is_not(None)
        assert session.scalar(select(func.count()).where(assigned)) == CASES


def _police(organisation_id: UUID, sequence: int, now: datetime) -> OrganisationChanged:
    """An authority of the whole city from the last telling on."""
    return OrganisationChanged(
        occurred_at=now,
        organisation_id=organisation_id,
        code=f"cong-an-{organisation_id}",
        kind=OrganisationKind.POLICE,
        roles=(verifier(),) if sequence == TURNS else (),
    )


@pytest.mark.parametrize("is_age_first", [True, False])
def test_a_frame_that_waits_for_a_verification_holds_no_other(
    begin: Begin, now: datetime, is_age_first: bool
) -> None:
    """Two frames that each hold what the other waits for would wait for ever."""
    with begin() as session:
        bench = Bench(session, now)
        waiting, moved = bench.opened(), bench.opened()
    told = [
        AgeBandChanged(
            occurred_at=now,
            case_id=moved.case_id,
            age_band=AgeBand.ADULT,
            was_minor_at_act=True,
            cause=AgeBandCause.CORRECTION,
        ),
        _police(new_id(), TURNS, now),
    ]
    frame = [
        sealed(each, 1, destination=Queue.VERIFICATION)
        for each in (told if is_age_first else told[::-1])
    ]
    delivery = Delivery(
        consumer, begin, links_of(Queue.VERIFICATION), lambda: now, handler_seconds=20
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        with begin() as holder:
            holder.get_one(Verification, moved.id, with_for_update=True)
            delivered = pool.submit(deliver, delivery, frame)
            wait_until(lambda: somebody_waits(begin))
            with begin() as other:
                other.get_one(Verification, waiting.id, with_for_update={"nowait": True})
        delivered.result()
    with begin() as session:
        kept = session.get_one(Verification, moved.id)
        assert (kept.status, kept.was_minor_at_act) == ("assigned", True)
