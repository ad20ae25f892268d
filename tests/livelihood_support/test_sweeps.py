"""One inconsistent row stops nothing but itself, and an operator is told of it."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import Move
from shared.kit.identifiers import new_id
from shared.messaging.tables import OPERATOR_ALERTS
from tests.livelihood_support.builders import Field

LATER = timedelta(days=30)


def alerted(session: Session, sweep: str) -> list[object]:
    """What the operator is told that this sweep cannot move."""
    return list(
        session.scalars(
            select(OPERATOR_ALERTS.c.object_id).where(
                OPERATOR_ALERTS.c.subject == sweep, OPERATOR_ALERTS.c.settled_at.is_(None)
            )
        )
    )


def overdue(field: Field) -> int:
    query = select(func.count()).where(
        Offer.status == "offered", Offer.expires_at < field.now + LATER
    )
    return field.session.scalar(query) or 0


def test_one_inconsistent_offer_stops_no_other_from_lapsing(field: Field) -> None:
    bad = field.programme(capacity=1)
    first = field.referred()
    field.programme(capacity=100)
    others = [field.referred() for _ in range(5)]
    for each in (first, *others):
        field.deliver(each.id)
    field.session.flush()
    break_count = text("UPDATE programmes SET held = 0, is_active = false WHERE id = :id")
    field.session.execute(break_count, {"id": bad.id})
    # The inconsistent one is the first of its batch.
    sooner = text("UPDATE clocks SET due_at = due_at - interval '1h' WHERE object_id = :r")
    field.session.execute(sooner, {"r": field.offer(first.id).id})

    assert domain.expire_offers(field.session, field.now + LATER) == len(others)
    assert overdue(field) == 1
    assert alerted(field.session, "expire_offers") == [field.offer(first.id).id]
    # It rests: the next run has nothing to do, and does not try it again.
    assert domain.expire_offers(field.session, field.now + LATER) == 0

    mend = text("UPDATE programmes SET held = 1 WHERE id = :id")
    field.session.execute(mend, {"id": bad.id})
    field.session.execute(text("UPDATE operator_alerts SET rests_until = now()"))
    assert domain.expire_offers(field.session, field.now + LATER) == 1
    assert overdue(field) == 0
    assert alerted(field.session, "expire_offers") == []


def test_one_inconsistent_referral_stops_no_other_from_being_placed(field: Field) -> None:
    first, *others = [field.referred() for _ in range(5)]
    field.session.flush()
    # A step under the number the next one will have.
    copied = text(
        "INSERT INTO referral_moves SELECT :id, referral_id, offer_id, actor, from_status,"
        " to_status, reason, outcome, at, version + 1 FROM referral_moves WHERE referral_id = :r"
    )
    field.session.execute(copied, {"id": new_id(), "r": first.id})
    field.programme(capacity=10)

    assert domain.retry_unplaced(field.session, field.now) == len(others)
    assert alerted(field.session, "retry_unplaced") == [first.id]
    assert domain.retry_unplaced(field.session, field.now) == 0
    waiting = field.session.scalars(select(Referral.id).where(Referral.status == "unplaced"))
    assert list(waiting) == [first.id]
    assert field.miscounted() == 0


def test_one_inconsistent_purge_stops_no_other_from_being_alerted(field: Field) -> None:
    field.programme(capacity=10)
    referrals = [field.referred() for _ in range(3)]
    for referral in referrals:
        field.move(referral, Move.ACCEPT)
        field.withdraw(referral.case_id)
    field.session.flush()
    refused = referrals[0].id
    # As if a constraint refused what is to be written of it.
    field.session.execute(
        text(f"ALTER TABLE alerts ADD CHECK (referral_id <> '{refused}' OR kind !~ 'purge')")
    )
    assert domain.alert_owed_purges(field.session, field.now + LATER) == 2
    assert alerted(field.session, "alert_owed_purges") == [field.offer(refused).id]
