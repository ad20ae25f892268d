"""One order of locks: frames, moves and sweeps wait for each other, and never in a circle."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain.locks import LockedTooLate
from services.livelihood_support.errors import CaseNotReceived
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from services.livelihood_support.tasks import consumer
from shared.contracts import (
    ConsentGiven,
    ConsentScope,
    ConsentWithdrawn,
    Message,
    OrganisationChanged,
    ProgrammeChanged,
    Queue,
)
from shared.contracts.vocabulary import AssuredBy, OrganisationKind, Purpose, ReasonCode
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id
from shared.messaging.delivery import Delivery
from shared.messaging.tables import INBOX, PARKED
from tests.livelihood_support.builders import CENTRE, SCHOOL, Field, asked
from tests.messaging.parts import deliver, links_of, sealed
from tests.noticing import Deadlocks

KINDS = (SCHOOL, CENTRE)
CASES = 60
FRAME = 20


class Crowd:
    """Everyone who changes the same cases and programmes at once, and the deadlocks they met."""

    def __init__(self, begin: Begin, now: datetime) -> None:
        met = Deadlocks(begin)
        self.now = now
        self.begin = met.begin
        self.deadlocks = met.deadlocks
        self.delivery = Delivery(
            consumer,
            met.begin,
            links_of(Queue.LIVELIHOOD_SUPPORT),
            lambda: now,
            handler_seconds=120,
        )

    def settle(self) -> None:
        """Programmes of two kinds, and cases referred to one organisation of each in turn."""
        with self.begin() as session:
            field = Field(session, self.now)
            self.programmes = [
                field.programme(capacity=CASES, kind=kind) for kind in (*KINDS, *KINDS)
            ]
            self.referrals = [field.referred(kinds=KINDS) for _ in range(CASES)]

    def tell_both(self, first: Sequence[Message], second: Sequence[Message]) -> None:
        self.tell(first, 1)
        self.tell(second, 2)

    def tell(self, messages: Sequence[Message], sequence: int) -> None:
        """Frames as a worker takes them off the queue."""
        here = Queue.LIVELIHOOD_SUPPORT
        wires = [sealed(each, sequence, destination=here) for each in messages]
        for first in range(0, len(wires), FRAME):
            deliver(self.delivery, wires[first : first + FRAME])

    def reject(self, referrals: Sequence[Referral]) -> None:
        """What organisations do over HTTP: whoever is asked says no."""
        for referral in referrals:
            with suppress(DomainError), self.begin() as session:
                field = Field(session, self.now)
                current = field.referral(referral.case_id)
                subject = asked(field.offer(referral.id)) if current.status == "requested" else None
                if subject is not None:
                    field.move(current, Move.REJECT, reason=ReasonCode.CAPACITY, subject=subject)

    def sweep(self, sweep: Callable[[Session, datetime], int]) -> None:
        later = self.now + timedelta(days=30)
        for _ in range(20):
            with self.begin() as session:
                sweep(session, later)

    def together(self, *acts: Callable[[], None]) -> None:
        """All at once, until each is done."""
        with ThreadPoolExecutor(max_workers=len(acts)) as pool:
            for done in [pool.submit(act) for act in acts]:
                done.result()

    def consents(self, kind: OrganisationKind) -> tuple[list[Message], list[Message]]:
        scope = ConsentScope(organisation_kind=kind, purpose=Purpose.SERVICE_REFERRAL)
        ids = [each.case_id for each in self.referrals]
        return (
            [ConsentWithdrawn(occurred_at=self.now, case_id=it, scope=scope) for it in ids],
            [ConsentGiven(occurred_at=self.now, case_id=it, scope=scope) for it in reversed(ids)],
        )

    def changes(self) -> list[list[Message]]:
        """Frames of an organisation and a programme, of which now one, now the other is older."""
        ids = [each.organisation_id for each in self.programmes]
        return [
            [self._organisation(organisation_id), self._programme(facts)]
            for organisation_id, facts in zip(reversed(ids), self.programmes, strict=True)
        ]

    def _organisation(self, organisation_id: UUID) -> OrganisationChanged:
        return OrganisationChanged(
            occurred_at=self.now, organisation_id=organisation_id, code="org", kind=SCHOOL
        )

    def _programme(self, facts: domain.ProgrammeFacts) -> ProgrammeChanged:
        return ProgrammeChanged(
            occurred_at=self.now,
            programme_id=facts.id,
            organisation_id=facts.organisation_id,
            organisation_kind=facts.organisation_kind,
            codes=facts.codes,
            area_codes=facts.area_codes,
            capacity=CASES,
            assured_at=self.now,
            assured_by=AssuredBy.ORGANISATION,
        )

    def unhandled(self) -> int:
        with self.begin() as session:
            parked = session.query(PARKED).count()
            return parked + session.query(INBOX).filter(INBOX.c.state != "handled").count()


@pytest.fixture
def crowd(begin: Begin, now: datetime) -> Crowd:
    made = Crowd(begin, now)
    made.settle()
    return made


def test_frames_of_consents_moves_and_sweeps_never_wait_in_a_circle(crowd: Crowd) -> None:
    withdrawn, given = crowd.consents(SCHOOL)
    crowd.together(
        lambda: crowd.tell_both(withdrawn, given),
        lambda: crowd.reject(crowd.referrals),
        lambda: crowd.reject(crowd.referrals[::-1]),
        lambda: crowd.sweep(domain.expire_offers),
        lambda: crowd.sweep(domain.pass_on_undelivered),
        lambda: crowd.sweep(domain.retry_unplaced),
    )
    assert crowd.deadlocks == []
    assert crowd.unhandled() == 0


def test_frames_of_organisations_and_programmes_never_wait_in_a_circle(crowd: Crowd) -> None:
    def tell() -> None:
        for sequence in range(1, 21):
            for frame in crowd.changes():
                crowd.tell(frame, sequence)

    crowd.together(
        tell,
        lambda: crowd.reject(crowd.referrals),
        lambda: crowd.reject(crowd.referrals[::-1]),
        lambda: crowd.sweep(domain.retry_unplaced),
    )
    assert crowd.deadlocks == []
    assert crowd.unhandled() == 0


def test_a_step_that_asks_for_a_lock_its_frame_did_not_take_is_a_fault(field: Field) -> None:
    field.programme()
    referral = field.referred()
    scope = ConsentScope(organisation_kind=SCHOOL, purpose=Purpose.SERVICE_REFERRAL)
    message = ConsentWithdrawn(occurred_at=field.now, case_id=referral.case_id, scope=scope)
    nothing = domain.Needs(frozenset({referral.case_id}), frozenset(), frozenset(), frozenset())
    domain.lock_frame(field.session, nothing)
    with pytest.raises(LockedTooLate):
        consumer.handlers[ConsentWithdrawn](field.session, [message], field.now)


def test_a_case_that_was_not_received_before_its_frame_is_not_waited_for(field: Field) -> None:
    late = new_id()
    domain.lock_frame(
        field.session, domain.Needs(frozenset({late}), frozenset({late}), frozenset(), frozenset())
    )
    with pytest.raises(CaseNotReceived):
        field.conclude(late)
