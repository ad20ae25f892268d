"""A notice that nobody has read: a manager's, then the case owner's, by the clock of the offer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.livelihood_support import domain
from services.livelihood_support.domain.unread import is_unread_offer
from services.livelihood_support.models import Alert, Offer, ReadNotice, Referral
from services.livelihood_support.policy import Duty, Move
from services.livelihood_support.tasks import consumer
from shared.clocks import CLOCKS
from shared.contracts import NoticeRead
from shared.contracts.vocabulary import DeliveryOutcome, ReasonCode, Role
from shared.duties import DutyRow, Escalation, escalation_of, find_duties
from shared.kit.clock import local_date, start_of_day
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.subjects import somebody

KIND = "offer_unread"
A_DAY = timedelta(days=1)


@pytest.fixture
def offered(field: Field) -> Referral:
    """A school has the offer since Monday noon: the last day to answer is the Monday after."""
    field.programme()
    referral = field.referred()
    field.deliver(referral.id)
    return referral


def at_noon(field: Field, days: int) -> Field:
    """So many days after the offer arrived."""
    return field.at(field.now + days * A_DAY)


def read(field: Field, referral: Referral, **changes: object) -> None:
    """What notification tells once somebody of the organisation has read what it was asked."""
    offer = field.offer(referral.id)
    facts = {
        "occurred_at": field.now,
        "case_id": referral.case_id,
        "delivery_id": new_id(),
        "referral_id": referral.id,
        "offer_id": offer.id,
        "organisation_id": offer.organisation_id,
    }
    told = NoticeRead.model_validate({**facts, **changes})
    consumer.handlers[NoticeRead](field.session, [told], field.now)


def managers(field: Field, referral: Referral) -> Sequence[DutyRow]:
    """What the manager of the organisation asked, who has no other role, has to do."""
    subject = somebody(field.offer(referral.id).organisation_id, Role.MANAGER)
    field.session.flush()
    return find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=9
    )[0]


def test_what_was_read_has_arrived_whatever_comes_back(field: Field, offered: Referral) -> None:
    read(field, offered)
    until = field.offer(offered.id).expires_at
    field.deliver(offered.id, DeliveryOutcome.PARKED)
    offer = field.offer(offered.id)
    assert (offer.delivered_at, offer.expires_at) == (field.now, until)
    assert field.alerts(offered.case_id) == []


def test_while_its_day_is_far_only_whoever_answers_has_it(field: Field, offered: Referral) -> None:
    assert managers(field, offered) == []
    assert domain.alert_unread(field.session, field.now) == 0


def test_in_its_last_week_the_manager_has_somebody_read_it(field: Field, offered: Referral) -> None:
    monday = at_noon(field, 7)
    (found,) = managers(monday, offered)
    offer = field.offer(offered.id)
    assert (found.what, found.object_id, found.due_at) == (
        Duty.HAVE_NOTICE_READ, offer.id, offer.expires_at,
    )  # fmt: skip
    assert found.why is not None
    nothing_of_a_person = (found.case_id, found.case_code, found.age_band, found.sex, found.code)
    assert set(nothing_of_a_person) == {None}
    other = somebody(new_id(), Role.MANAGER)
    found_by_others = find_duties(
        field.session, domain.DUTIES, subject=other, now=monday.now, after=None, size=9
    )
    assert found_by_others[0] == []


def test_on_its_last_day_the_case_owner_telephones_and_is_told_once(
    field: Field, offered: Referral
) -> None:
    sunday, monday = at_noon(field, 6), at_noon(field, 7)
    assert domain.alert_unread(field.session, sunday.now) == 0
    assert domain.alert_unread(field.session, monday.now) == 1
    assert domain.alert_unread(field.session, monday.now) == 0
    assert field.alerts(offered.case_id) == [KIND]
    (alert,) = field.session.scalars(select(Alert).where(Alert.kind == KIND))
    offer = field.offer(offered.id)
    assert (alert.facts["organisation_id"], alert.raised_at) == (
        str(offer.organisation_id), monday.now,
    )  # fmt: skip
    assert domain.tell_alerts(field.session, monday.now) == 1


def test_read_it_is_nobodys_to_seek_and_whoever_answers_has_it_still(
    field: Field, offered: Referral
) -> None:
    monday = at_noon(field, 7)
    domain.alert_unread(field.session, monday.now)
    read(monday, offered)
    assert managers(monday, offered) == []
    assert field.alerts(offered.case_id) == []
    assert domain.alert_unread(field.session, monday.now) == 0
    school = asked(field.offer(offered.id))
    found, _ = find_duties(
        field.session, domain.DUTIES, subject=school, now=monday.now, after=None, size=9
    )
    assert [each.what for each in found] == [Duty.ANSWER_OFFER]


@pytest.mark.parametrize("move", [Move.SEEN, Move.ACCEPT])
def test_acted_on_it_is_over_as_well(field: Field, offered: Referral, move: Move) -> None:
    monday = at_noon(field, 7)
    domain.alert_unread(field.session, monday.now)
    monday.move(offered, move)
    assert managers(monday, offered) == []
    assert field.alerts(offered.case_id) == []


def test_rejected_it_is_over_and_the_next_begins_anew(field: Field, offered: Referral) -> None:
    monday = at_noon(field, 7)
    domain.alert_unread(field.session, monday.now)
    monday.move(offered, Move.REJECT, reason=ReasonCode.CAPACITY)
    assert KIND not in field.alerts(offered.case_id)


def test_read_again_or_told_twice_changes_nothing(field: Field, offered: Referral) -> None:
    read(field, offered)
    read(at_noon(field, 1), offered)
    (kept,) = field.session.scalars(select(ReadNotice))
    assert (kept.cause_id, kept.read_at) == (field.offer(offered.id).id, field.now)


def test_what_was_read_has_arrived_though_there_is_no_address(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.deliver(referral.id, outcome=DeliveryOutcome.NO_ENDPOINT)
    assert field.alerts(referral.case_id) == ["no_endpoint"]
    read(field, referral)
    offer = field.offer(referral.id)
    field.session.refresh(offer)
    assert offer.delivered_at == field.now
    assert offer.expires_at is not None
    assert field.alerts(referral.case_id) == []


def test_an_offer_without_a_day_is_escalated_by_nobodys_invention(
    field: Field, offered: Referral
) -> None:
    field.session.execute(update(CLOCKS).values(due_at=None, next_at=None))
    later = at_noon(field, 400)
    assert managers(later, offered) == []
    assert domain.alert_unread(field.session, later.now) == 0


def test_an_unread_purge_is_the_managers_until_it_is_read_or_confirmed(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    field.withdraw(referral.case_id)
    offer = field.offer(referral.id)
    assert offer.purge_due_at is not None
    due = field.at(offer.purge_due_at - timedelta(hours=1))
    (found,) = managers(due, referral)
    assert (found.what, found.due_at) == (Duty.HAVE_NOTICE_READ, offer.purge_due_at)
    read(due, referral)
    assert [each.object_id for each in managers(due, referral)] == [offer.id], "that was the offer"
    read(due, referral, purge_id=offer.purge_id)
    assert managers(due, referral) == []
    field.agree(referral.case_id)
    field.withdraw(referral.case_id)
    assert len(managers(due, referral)) == 1, "asked again, it is another notice"
    due.move(referral, Move.CONFIRM_PURGE)
    assert managers(due, referral) == []


def test_duties_and_alerts_are_where_the_policy_says_on_each_day(
    field: Field, offered: Referral
) -> None:
    due_at = field.offer(offered.id).expires_at
    assert due_at is not None
    steps: list[Escalation] = []
    day: datetime = field.now
    while day < due_at:
        there = field.at(day)
        step = escalation_of(due_at, is_read=False, today=local_date(day))
        assert bool(managers(there, offered)) == (step >= Escalation.MANAGER)
        with field.session.begin_nested() as undone:
            raised = domain.alert_unread(field.session, day)
            undone.rollback()
        assert raised == (step >= Escalation.RESPONSIBLE)
        steps.append(step)
        day = start_of_day(local_date(day) + A_DAY)
    assert steps == sorted(steps)
    assert set(steps) == {Escalation.NONE, Escalation.RESPONSIBLE}


def test_nothing_that_is_not_offered_is_sought(field: Field, offered: Referral) -> None:
    field.move(offered, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert field.session.scalars(select(Offer.id).where(is_unread_offer())).all() == []
