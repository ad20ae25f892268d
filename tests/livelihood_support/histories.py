"""How a referral may have gone before its database was restored."""

from datetime import timedelta

from services.livelihood_support import domain
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import ReasonCode, ServiceOutcome
from tests.livelihood_support.builders import Field, case_owner


def complete(field: Field, referral: Referral) -> None:
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)


def complete_and_confirm(field: Field, referral: Referral) -> None:
    complete(field, referral)
    field.move(referral, Move.CONFIRM, subject=case_owner())


def confirm_while_it_is_served(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.CONFIRM, subject=case_owner())
    field.move(referral, Move.START)


def confirm_what_fails_then(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.CONFIRM, subject=case_owner())
    field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)
    field.move(referral, Move.ACCEPT)


def reject_once(field: Field, referral: Referral) -> None:
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    field.move(referral, Move.ACCEPT)


def reject_all(field: Field, referral: Referral) -> None:
    for _ in range(3):
        field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)


def look_and_accept(field: Field, referral: Referral) -> None:
    field.move(referral, Move.SEEN)
    field.move(referral, Move.ACCEPT)


def cancel(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    reason = ReasonCode.CONSENT_WITHDRAWN
    field.move(referral, Move.CANCEL, reason=reason, subject=case_owner())


def end_for_the_person(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    reason = ReasonCode.PERSON_DECLINED
    field.move(referral, Move.CANCEL, reason=reason, subject=case_owner())


def recall(field: Field, referral: Referral) -> None:
    field.withdraw(referral.case_id)


def fail(field: Field, referral: Referral) -> None:
    for _ in range(2):
        field.move(referral, Move.ACCEPT)
        field.move(referral, Move.FAIL, reason=ReasonCode.TIMING)


def fail_and_end(field: Field, referral: Referral) -> None:
    fail(field, referral)
    reason = ReasonCode.PERSON_DECLINED
    field.move(referral, Move.CANCEL, reason=reason, subject=case_owner())


def undelivered(field: Field, referral: Referral) -> None:
    domain.pass_on_undelivered(field.session, field.now + timedelta(days=60))


def undelivered_and_accept(field: Field, referral: Referral) -> None:
    undelivered(field, referral)
    field.move(referral, Move.ACCEPT)


def unanswered(field: Field, referral: Referral) -> None:
    field.deliver(referral.id)
    domain.expire_offers(field.session, field.now + timedelta(days=60))


HISTORIES = (
    complete,
    complete_and_confirm,
    confirm_while_it_is_served,
    confirm_what_fails_then,
    reject_once,
    reject_all,
    look_and_accept,
    cancel,
    end_for_the_person,
    recall,
    fail,
    fail_and_end,
    unanswered,
    undelivered,
    undelivered_and_accept,
)
