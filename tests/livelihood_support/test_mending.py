"""What a worker of the release before leaves behind of needs is put right, and is no dead end."""

import pytest
from sqlalchemy import delete, select, update

from services.livelihood_support import domain
from services.livelihood_support.errors import AlreadySought
from services.livelihood_support.models import Need, Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import ReasonCode, ServiceOutcome
from tests.livelihood_support.builders import VOCATIONAL, Field, case_owner


def forget_the_end(field: Field, referral: Referral) -> None:
    """The release before ended referrals and knew of no needs."""
    field.session.execute(
        update(Need).where(Need.id == referral.need_id).values(ended_at=None, reason=None)
    )


def forget_the_need(field: Field, referral: Referral) -> None:
    need_id, referral.need_id = referral.need_id, None
    field.session.flush()
    field.session.execute(delete(Need).where(Need.id == need_id))


def needs(field: Field, referral: Referral) -> list[tuple[object, str | None]]:
    field.session.expire_all()
    rows = field.session.scalars(select(Need).where(Need.case_id == referral.case_id))
    return [(row.ended_at, row.reason) for row in rows]


def test_a_need_whose_referral_ended_can_be_asked_for_again(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    forget_the_end(field, referral)
    again = {"case_id": referral.case_id, "code": VOCATIONAL, **field.by_owner()}
    with pytest.raises(AlreadySought):
        domain.add_need(field.session, **again)
    assert domain.mend_needs(field.session, field.now) == 1
    assert needs(field, referral) == [(field.now, None)]
    assert domain.mend_needs(field.session, field.now) == 0
    domain.add_need(field.session, **again)


def test_a_need_that_was_cancelled_has_its_reason_again(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    forget_the_end(field, referral)
    domain.mend_needs(field.session, field.now)
    assert needs(field, referral) == [(field.now, "other")]


def test_a_referral_of_no_need_gets_one(field: Field) -> None:
    field.programme()
    referral = field.referred()
    forget_the_need(field, referral)
    assert domain.mend_needs(field.session, field.now) == 1
    assert needs(field, referral) == [(None, None)]
    found = domain.find_needs(
        field.session, case_id=referral.case_id, **field.as_owner(), after=None, size=9
    )
    assert [each.referral_id for each in found] == [referral.id]


def test_what_is_as_it_should_be_is_left_alone(field: Field) -> None:
    field.programme()
    first, second = field.referred(), field.referred()
    field.move(first, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    before = needs(field, first) + needs(field, second)
    assert domain.mend_needs(field.session, field.now) == 0
    assert needs(field, first) + needs(field, second) == before
