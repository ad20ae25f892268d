"""One order of locks: frames of two senders about the same cases never wait in a circle."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy import func, select

from services.intake import domain
from services.intake.tasks import consumer
from shared.contracts import Message, PlanOpened, Queue, VerificationConcluded, VerificationOpened
from shared.contracts.vocabulary import OrganisationKind, Purpose
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.versions import Versions
from shared.messaging.delivery import Delivery
from shared.messaging.tables import INBOX
from tests.intake.builders import NOON, facts, receive
from tests.intake.messages import concluded, opened, planned
from tests.intake.test_tasks import OWNER
from tests.messaging.parts import deliver, links_of, sealed
from tests.noticing import Deadlocks

CASES = 30
FRAME = 20
"""Fewer than the messages of a sender: each has two frames under way, and they overlap."""


def test_frames_of_two_senders_and_consents_never_wait_in_a_circle(
    begin: Begin,
    keys: MasterKeys,
) -> None:
    met = Deadlocks(begin)
    with begin() as session:
        submitted = [facts(keys) for _ in range(CASES)]
        receive(session, *submitted)
    case_ids = [each.case_id for each in submitted]
    delivery = Delivery(
        consumer, met.begin, links_of(Queue.INTAKE), lambda: NOON, handler_seconds=20
    )

    def tell(messages: Sequence[Message], sequence: int) -> None:
        wires = [sealed(each, sequence, destination=Queue.INTAKE) for each in messages]
        for first in range(0, len(wires), FRAME):
            deliver(delivery, wires[first : first + FRAME])

    def consent(case_ids: Sequence[UUID]) -> None:
        scope = domain.Scope(OrganisationKind.HOSPITAL, Purpose.SERVICE_REFERRAL)
        for case_id in case_ids:
            with met.begin() as session:
                domain.give_consent(
                    session,
                    keys=keys,
                    case_id=case_id,
                    subject=OWNER,
                    scope=scope,
                    witness=None,
                    expected_version=Versions.any(),
                    actor="test",
                    now=NOON,
                )

    mixed = [
        (opened if turn % 2 else concluded)(case_id)
        for turn, case_id in enumerate(reversed(case_ids))
    ]
    acts = [
        lambda: tell(mixed, 1),
        lambda: tell([planned(each) for each in case_ids], 1),
        lambda: consent(case_ids[::-1]),
    ]
    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
    assert met.deadlocks == []
    with begin() as session:
        handled = session.scalar(
            select(func.count()).select_from(INBOX).where(INBOX.c.state == "handled")
        )
    assert handled == 2 * CASES
    assert {VerificationOpened, VerificationConcluded, PlanOpened} <= consumer.handlers.keys()
