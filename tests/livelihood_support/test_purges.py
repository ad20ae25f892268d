"""A purge is owed until it is confirmed: told of once each, the case owner's when it is late."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.models import Alert, AlertKind, CaseFile, Referral
from services.livelihood_support.policy import Move
from services.livelihood_support.tasks import consumer
from shared.contracts import Message, PurgeNoticeConcluded, PurgeRequested, Queue
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import DeliveryOutcome, ReasonCode, ReferralStatus
from shared.kit.clock import local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.kit.identifiers import new_id
from shared.law import end_of, rules
from tests.livelihood_support.builders import VOCATIONAL, Field, asked, case_owner

Told = Callable[[Queue], list[Message]]


@pytest.fixture
def accepted(field: Field) -> Referral:
    field.programme()
    referral = field.referred()
    field.move(referral, Move.ACCEPT)
    return referral


def notice(field: Field, referral: Referral, outcome: DeliveryOutcome, **changes: Any) -> None:
    """What notification tells of the notice of the last purge, unless told otherwise."""
    offer = field.offer(referral.id)
    facts = {
        "occurred_at": field.now,
        "case_id": referral.case_id,
        "delivery_id": new_id(),
        "referral_id": referral.id,
        "offer_id": offer.id,
        "organisation_id": offer.organisation_id,
        "purge_id": offer.purge_id,
        "outcome": outcome,
    }
    told = PurgeNoticeConcluded(**{**facts, **changes})
    consumer.handlers[PurgeNoticeConcluded](field.session, [told], field.now)


def owed(field: Field, referral: Referral) -> list[str]:
    return [kind for kind in field.alerts(referral.case_id) if kind.startswith("purge")]


def when_due(now: datetime) -> datetime:
    due = end_of(rules().find(PeriodKey.PURGE_CONFIRMATION, on=local_date(now)), now)
    assert due is not None
    return due.at


def test_two_purges_within_a_second_have_identities_of_their_own(
    field: Field, told: Told, accepted: Referral
) -> None:
    field.withdraw(accepted.case_id)
    field.agree(accepted.case_id)
    field.withdraw(accepted.case_id)
    asked = [each for each in told(Queue.NOTIFICATION) if isinstance(each, PurgeRequested)]
    assert len({each.occurred_at for each in asked}) == 1
    assert len({each.purge_id for each in asked} - {None}) == 2
    assert field.offer(accepted.id).purge_id == asked[-1].purge_id


@pytest.mark.parametrize("outcome", [DeliveryOutcome.PARKED, DeliveryOutcome.NO_ENDPOINT])
def test_a_purge_notice_that_did_not_arrive_alerts_until_it_does(
    field: Field, accepted: Referral, outcome: DeliveryOutcome
) -> None:
    field.withdraw(accepted.case_id)
    notice(field, accepted, outcome)
    assert owed(field, accepted) == ["purge_undelivered"]
    notice(field, accepted, DeliveryOutcome.DELIVERED)
    assert owed(field, accepted) == []


def test_the_alert_says_who_owes_it_since_when_and_whose_case_it_is(
    field: Field, accepted: Referral
) -> None:
    field.withdraw(accepted.case_id)
    later = field.at(field.now + timedelta(hours=2))
    notice(later, accepted, DeliveryOutcome.PARKED)
    alert = field.session.scalars(select(Alert).where(Alert.kind == "purge_undelivered")).one()
    offer = field.offer(accepted.id)
    owner = field.session.get_one(CaseFile, accepted.case_id).receiver_id
    assert alert.referral_id == accepted.id
    assert alert.facts == {
        "offer_id": str(offer.id),
        "organisation_id": str(offer.organisation_id),
        "asked_at": field.now.isoformat(),
        "owner_id": str(owner),
    }


def test_what_is_told_of_an_earlier_purge_says_nothing_of_the_last(
    field: Field, accepted: Referral
) -> None:
    field.withdraw(accepted.case_id)
    first = field.offer(accepted.id).purge_id
    field.agree(accepted.case_id)
    field.withdraw(accepted.case_id)
    notice(field, accepted, DeliveryOutcome.PARKED, purge_id=first)
    assert owed(field, accepted) == []
    notice(field, accepted, DeliveryOutcome.PARKED)
    notice(field, accepted, DeliveryOutcome.DELIVERED, purge_id=first)
    assert owed(field, accepted) == ["purge_undelivered"]


def test_a_purge_nobody_confirms_alerts_once_its_day_is_over(
    field: Field, accepted: Referral
) -> None:
    field.withdraw(accepted.case_id)
    due = when_due(field.now)
    assert domain.alert_owed_purges(field.session, due - timedelta(seconds=1)) == 0
    assert domain.alert_owed_purges(field.session, due) == 1
    assert owed(field, accepted) == ["purge_unconfirmed"]
    assert domain.alert_owed_purges(field.session, due) == 0


@pytest.mark.parametrize("is_told", [True, False])
def test_confirming_a_purge_settles_what_was_alerted(
    field: Field, accepted: Referral, *, is_told: bool
) -> None:
    field.withdraw(accepted.case_id)
    due = when_due(field.now)
    if is_told:
        notice(field, accepted, DeliveryOutcome.PARKED)
        domain.alert_owed_purges(field.session, due)
    field.at(due).move(accepted, Move.CONFIRM_PURGE)
    assert owed(field, accepted) == []
    assert domain.alert_owed_purges(field.session, due) == 0


def test_a_new_purge_begins_its_period_anew(field: Field, accepted: Referral) -> None:
    field.withdraw(accepted.case_id)
    due = when_due(field.now)
    domain.alert_owed_purges(field.session, due)
    later = field.at(due)
    later.agree(accepted.case_id)
    later.withdraw(accepted.case_id)
    assert owed(field, accepted) == []
    assert domain.alert_owed_purges(field.session, due) == 0
    assert domain.alert_owed_purges(field.session, when_due(due)) == 1


def test_a_service_ended_for_withdrawn_consent_owes_a_purge_with_the_id_of_its_move(
    field: Field, accepted: Referral
) -> None:
    withdrawn = ReasonCode.CONSENT_WITHDRAWN
    move = field.move(accepted, Move.CANCEL, reason=withdrawn, subject=case_owner())
    assert field.offer(accepted.id).purge_id == move.id
    notice(field, accepted, DeliveryOutcome.NO_ENDPOINT)
    assert domain.alert_owed_purges(field.session, when_due(field.now)) == 1
    assert owed(field, accepted) == ["purge_unconfirmed", "purge_undelivered"]


def test_who_could_read_again_after_a_purge_is_asked_again_at_the_end(
    field: Field, accepted: Referral
) -> None:
    field.withdraw(accepted.case_id)
    field.move(accepted, Move.CONFIRM_PURGE)
    first = field.offer(accepted.id).purge_id
    field.agree(accepted.case_id)
    later = field.at(field.now + timedelta(days=3))
    later.move(accepted, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert later.purges(accepted.id) == [(later.now, None)]
    assert later.offer(accepted.id).purge_id != first


def test_who_failed_and_purged_is_not_asked_again_at_the_end(
    field: Field, accepted: Referral, told: Told
) -> None:
    """That the need ended is nothing it has to know."""
    field.programme()
    field.move(accepted, Move.FAIL, reason=ReasonCode.TIMING)
    failed = field.offers(accepted.id)[0]
    field.withdraw(accepted.case_id)
    later = field.at(field.now + timedelta(hours=1))
    # The version at which its service failed.
    theirs = Referral(id=failed.id, version=3)
    later.move(theirs, Move.CONFIRM_PURGE, subject=asked(failed))
    later.agree(accepted.case_id)
    before = len(told(Queue.NOTIFICATION))
    latest = field.at(field.now + timedelta(days=3))
    latest.move(accepted, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    assert latest.purges(accepted.id)[0] == (field.now, later.now)
    after = told(Queue.NOTIFICATION)[before:]
    assert [it for it in after if isinstance(it, PurgeRequested)] == []


def test_why_a_need_ended_is_told_to_whoever_served_it_and_to_nobody_before(
    field: Field, accepted: Referral, told: Told
) -> None:
    field.programme()
    field.move(accepted, Move.FAIL, reason=ReasonCode.TIMING)
    field.move(accepted, Move.ACCEPT)
    declined = ReasonCode.PERSON_DECLINED
    field.move(accepted, Move.CANCEL, reason=declined, subject=case_owner())
    failed, last = field.offers(accepted.id)
    reasons = {
        it.offer_id: it.reason for it in told(Queue.NOTIFICATION) if isinstance(it, PurgeRequested)
    }
    assert reasons == {failed.id: ReasonCode.OTHER, last.id: declined}


def test_who_was_never_told_anything_owes_no_purge(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.withdraw(referral.case_id)
    assert domain.alert_owed_purges(field.session, field.now + timedelta(days=60)) == 0


def refer_again(field: Field, ended: Referral) -> Referral:
    """The same need once more, which the tables allow as soon as a referral has ended."""
    referral = Referral(
        id=new_id(),
        case_id=ended.case_id,
        plan_id=ended.plan_id,
        code=ended.code,
        status=ReferralStatus.UNPLACED,
        version=1,
        opened_at=field.now,
        moved_at=field.now,
    )
    field.session.add(referral)
    field.session.flush()
    return referral


def test_two_organisations_that_owe_a_purge_for_one_need_are_two_alerts(
    field: Field, accepted: Referral
) -> None:
    """The first was cancelled, the second serves: neither hides what the other owes."""
    field.move(accepted, Move.CANCEL, reason=ReasonCode.OTHER, subject=case_owner())
    second = refer_again(field, accepted)
    field.agree(second.case_id)
    field.move(second, Move.ACCEPT)
    field.withdraw(second.case_id)
    due = when_due(field.now)
    notice(field, accepted, DeliveryOutcome.PARKED)
    notice(field, second, DeliveryOutcome.PARKED)
    assert domain.alert_owed_purges(field.session, due) == 2
    assert owed(field, second) == ["purge_unconfirmed"] * 2 + ["purge_undelivered"] * 2
    assert domain.alert_owed_purges(field.session, due) == 0

    field.at(due).move(second, Move.CONFIRM_PURGE)
    assert owed(field, second) == ["purge_unconfirmed", "purge_undelivered"]
    owing = select(Alert.referral_id).where(
        Alert.settled_at.is_(None), Alert.kind.startswith("purge")
    )
    assert set(field.session.scalars(owing)) == {accepted.id}


def test_what_waits_for_a_fact_of_one_need_is_one_alert(field: Field) -> None:
    """It is about no referral, which makes it no other alert when it is met again."""
    case_id = field.case()
    alert = alert_row(
        kind=AlertKind.NEEDS_INFORMATION, case_id=case_id, code=VOCATIONAL, now=field.now
    )
    for _ in range(2):
        row = {**alert, "id": new_id()}
        insert_rows(field.session, Alert, [row], conflict=ON_CONFLICT_DO_NOTHING)
    assert field.alerts(case_id) == ["needs_information"]
