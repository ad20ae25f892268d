"""What lies beside a case whose reach is tried: a notice with a flag, a number and a message."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.models import PersonMessage
from services.intake.policy import Expected, PersonText
from shared.contracts.vocabulary import AgeBand, PersonMessageOutcome, Role, Route, Sex
from shared.kit.crypto import MasterKeys
from tests.intake.builders import NOON
from tests.subjects import somebody


def a_notice(session: Session, keys: MasterKeys, unit_code: str, party: UUID) -> tuple[UUID, UUID]:
    """A handover that was announced there, in which two people are kept apart."""
    giver = somebody(party, Role.RECEIVER)
    who = Expected(AgeBand.ADULT, Sex.FEMALE, ("vi",), needs_interpreter=False, needs_escort=False)
    route, today = Route.BILATERAL_HANDOVER, NOON.date()
    facts = domain.NoticeFacts(route, today, unit_code, [who] * 3)
    notice = domain.give_notice(session, facts, subject=giver, now=NOON)
    pair = domain.OfNotice(notice.id, frozenset({1, 2}))
    made = domain.tell_apart(session, keys, pair, "sợ", subject=giver, now=NOON)
    session.flush()
    return notice.id, made.id


def a_contact(session: Session, keys: MasterKeys, case_id: UUID, party: UUID) -> tuple[UUID, UUID]:
    """A number at which the person may be reached, and a message that did not arrive."""
    rule = {"ways": ["message"], "days": [], "hours": None, "is_shared": False}
    point = domain.record_point(
        session,
        keys=keys,
        case_id=case_id,
        subject=somebody(party, Role.RECEIVER),
        facts=domain.ContactFacts({"number": "+84900000099", "rule": rule}, NOON.date(), None),
        now=NOON,
    )
    session.flush()
    message = PersonMessage(
        id=uuid4(),
        case_id=case_id,
        contact_point_id=point.id,
        says=PersonText.CALL_KNOWN_NUMBER,
        language="vi",
        asked_at=NOON,
        send_at=NOON,
        send_before=NOON + timedelta(hours=1),
        outcome=PersonMessageOutcome.UNKNOWN,
        concluded_at=NOON,
    )
    session.add(message)
    return point.id, message.id
