"""A case that a restored intake has forgotten is the same case when it is submitted again."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.errors import CaseNotReceived
from services.intake.models import Case, Person
from services.intake.policy import CaseStatus, StepKind
from shared.contracts import CaseReceived, Message, Queue
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import tail_of
from shared.kit.subjects import Subject
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.intake.builders import NOON, caller, facts, receive
from tests.intake.test_domain_reception import answered

Told = Callable[[Queue], list[Message]]
SENDER = caller()


def forget(session: Session, case_id: UUID) -> None:
    """What reconciling does with a case that only the others know of."""
    alerts.raise_alert(
        session,
        AlertKind.CASE_FORGOTTEN,
        subject=CaseReceived.type,
        object_id=case_id,
        now=NOON,
    )


def test_submitted_again_under_its_key_it_has_the_id_and_the_code_the_others_know(
    session: Session, keys: MasterKeys, told: Told
) -> None:
    lost = facts(keys, key="k", sender=SENDER)
    forget(session, lost.case_id)
    again = facts(keys, key="k", sender=SENDER)
    assert again.case_id != lost.case_id

    receipt = answered(receive(session, again)[0]).body

    assert receipt["id"] == str(lost.case_id)
    assert receipt["code"] == domain.draw_code(lost.case.name, 0)
    (message,) = told(Queue.VERIFICATION)
    assert message.aggregate_id == lost.case_id
    assert alerts.open_objects(session, AlertKind.CASE_FORGOTTEN) == []
    case, person = session.scalars(select(Case)).one(), session.scalars(select(Person)).one()
    assert domain.open_reference(keys, person, case), "sealed for the id it has now"


@pytest.mark.parametrize(
    ("key", "sender"), [("other", SENDER), ("k", replace(SENDER, id="another"))]
)
def test_another_key_or_another_client_is_another_case(
    session: Session, keys: MasterKeys, key: str, sender: Subject
) -> None:
    lost = facts(keys, key="k", sender=SENDER)
    forget(session, lost.case_id)
    other = facts(keys, key=key, sender=sender)

    assert answered(receive(session, other)[0]).body["id"] == str(other.case_id)
    assert alerts.open_objects(session, AlertKind.CASE_FORGOTTEN) == [lost.case_id]


def test_the_id_says_nothing_of_the_key_to_whoever_has_not_intakes_keys(keys: MasterKeys) -> None:
    mine = facts(keys, key="k", sender=SENDER)
    strange = facts(MasterKeys(keys.keys, bytes(31) + b"1"), key="k", sender=SENDER)
    assert tail_of(mine.case_id) == tail_of(facts(keys, key="k", sender=SENDER).case_id)
    assert tail_of(mine.case_id) != tail_of(strange.case_id)
    assert mine.case_id.version == 7


def test_what_others_tell_of_a_case_that_is_not_here_waits_for_it(session: Session) -> None:
    step = domain.StepFacts(
        case_id=uuid4(),
        at=NOON,
        kind=StepKind.VERIFICATION_OPENED,
        source_id=uuid4(),
        status=CaseStatus.IN_VERIFICATION,
    )
    with pytest.raises(CaseNotReceived):
        domain.note_steps(session, [step])


def test_what_waited_for_it_is_due_when_it_is_here_again(
    session: Session, keys: MasterKeys
) -> None:
    lost = facts(keys, key="k", sender=SENDER)
    forget(session, lost.case_id)
    session.execute(
        text(
            "INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope,"
            " reason, attempts, next_at)"
            " VALUES (:id, 'verification', :about, 1, '{}', 'not_yet', 9, now() + '5 min')"
        ),
        {"id": uuid4(), "about": lost.case_id},
    )
    receive(session, facts(keys, key="k", sender=SENDER))
    assert session.scalar(text("SELECT next_at <= now() FROM held_messages"))
