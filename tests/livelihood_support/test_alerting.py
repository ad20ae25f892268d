"""An alert is told to whoever must act: once for each time it is raised, never when it is over."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.models import Alert, AlertKind
from shared.contracts import AlertRaised, Message, Queue
from shared.contracts.vocabulary import EntitlementCode, Role
from tests.livelihood_support.builders import Field

Told = Callable[[Queue], list[Message]]


def raised(told: Told) -> list[AlertRaised]:
    return [each for each in told(Queue.NOTIFICATION) if isinstance(each, AlertRaised)]


def test_an_alert_is_told_once_with_who_must_act_and_since_when(field: Field, told: Told) -> None:
    referral = field.referred()
    assert domain.tell_alerts(field.session, field.now + timedelta(minutes=1)) == 1
    assert domain.tell_alerts(field.session, field.now + timedelta(minutes=2)) == 0
    (alert,) = raised(told)
    assert (alert.kind, alert.referral_id) == ("no_programme", referral.id)
    assert (alert.must_act, alert.raised_at) == (Role.CASE_OWNER, field.now)
    assert alert.case_id == referral.case_id


def test_an_alert_that_was_settled_before_is_not_told(field: Field, told: Told) -> None:
    field.referred()
    field.programme()
    domain.retry_unplaced(field.session, field.now)
    assert domain.tell_alerts(field.session, field.now) == 1
    assert raised(told) == []


def test_an_alert_that_is_raised_again_is_told_again(field: Field, told: Told) -> None:
    field.referred()
    domain.tell_alerts(field.session, field.now)
    alert = field.session.scalars(select(Alert)).one()
    alert.settled_at = field.now
    field.session.flush()
    again = alert_row(
        kind=AlertKind(alert.kind),
        case_id=alert.case_id,
        code=EntitlementCode(alert.code),
        now=field.now + timedelta(hours=1),
        referral_id=alert.referral_id,
    )
    field.session.add(Alert(**again))
    field.session.flush()
    domain.tell_alerts(field.session, field.now + timedelta(hours=1))
    first, second = raised(told)
    assert first.alert_id != second.alert_id
    assert second.raised_at == field.now + timedelta(hours=1)
