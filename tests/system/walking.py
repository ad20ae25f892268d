"""Every end to which the referrals of a case can come.

Each is brought about through the use cases of livelihood support, in a real database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.stack.invariants.turns import Why
from services.livelihood_support import domain
from services.livelihood_support.errors import NotEntitled
from services.livelihood_support.models import Need, OfferQuestion, Plan, Referral
from services.livelihood_support.policy import (
    Inquiry,
    Move,
    QuestionCode,
    QuestionState,
    ReplyCode,
)
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    EntitlementCode,
    ReasonCode,
    Regime,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.kit.versions import Versions
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.system.walkers import EVERY_CODE, GRANTING, left_unstarted, tell

LATER = timedelta(days=40)
"""After every clock of an offer and of a purge."""


# --- What becomes of each referral.

Act = Callable[[Field, Referral], None]
OfCase = Callable[[Field, UUID], None]
M = Move
Q = QuestionCode
SERVING = M.ACCEPT, M.START


def moves(*made: Move, **facts: Any) -> Act:
    """Moves of the organisation asked; what is told with a move goes with the last."""

    def act(field: Field, referral: Referral) -> None:
        if not made:
            return
        subject = asked(field.offer(referral.id))
        for number, move in enumerate(made, 1):
            field.move(referral, move, subject=subject, **(facts if number == len(made) else {}))

    return act


def delivered(field: Field, referral: Referral) -> None:
    field.deliver(referral.id)


def parked(field: Field, referral: Referral) -> None:
    field.deliver(referral.id, DeliveryOutcome.PARKED)


def unreached(field: Field, referral: Referral) -> None:
    field.deliver(referral.id, DeliveryOutcome.NO_ENDPOINT)


def questioned(field: Field, referral: Referral) -> None:
    """The organisation asks two things before it answers."""
    subject = asked(field.offer(referral.id))
    field.move(referral, M.ASK, inquiry=Inquiry([Q.START_DATE, Q.TRANSPORT]), subject=subject)


def replied(field: Field, referral: Referral) -> None:
    """The case owner replies to all that is open."""
    offer_id = field.offer(referral.id).id
    query = select(OfferQuestion).where(
        OfferQuestion.offer_id == offer_id, OfferQuestion.state == QuestionState.OPEN
    )
    for each in field.session.scalars(query).all():
        inquiry = Inquiry(question_id=each.id, reply=ReplyCode.YES)
        field.move(referral, M.REPLY, inquiry=inquiry, subject=case_owner())


def cancelled(field: Field, referral: Referral) -> None:
    field.move(referral, M.CANCEL, reason=ReasonCode.PERSON_DECLINED, subject=case_owner())


def confirmed(field: Field, referral: Referral) -> None:
    """The person says that it has reached them."""
    field.move(referral, M.CONFIRM, subject=case_owner())


def need_ended(field: Field, referral: Referral) -> None:
    need = field.session.get_one(Need, referral.need_id, populate_existing=True)
    domain.end_need(
        field.session,
        case_id=referral.case_id,
        need_id=need.id,
        reason=ReasonCode.OTHER,
        expected_version=Versions.of([need.version]),
        **field.by_owner(),
    )


def need_added(field: Field, referral: Referral) -> None:
    """For the same once more; what was granted only until the person was identified is refused."""
    code, case_id = EntitlementCode(referral.code), referral.case_id
    is_granted = code in domain.granted_codes(field.session, case_id, field.now)
    with nullcontext() if is_granted else pytest.raises(NotEntitled):
        domain.add_need(field.session, case_id=case_id, code=code, **field.by_owner())


def notice_lost(field: Field, referral: Referral) -> None:
    """The request to purge did not arrive."""
    offer = field.offer(referral.id)
    assert offer.purge_id is not None
    facts = domain.NoticeFacts(
        referral.case_id, offer.id, offer.purge_id, DeliveryOutcome.NO_ENDPOINT
    )
    domain.note_purge_notices(field.session, notices=[facts], now=field.now)


# --- What becomes of a case.


def each(*acts: Act) -> OfCase:
    """One after another, with each referral that the plan began with."""

    def act(field: Field, case_id: UUID) -> None:
        for referral in referrals(field, case_id):
            for it in acts:
                it(field, referral)

    return act


def referrals(field: Field, case_id: UUID) -> Sequence[Referral]:
    return field.session.scalars(
        select(Referral)
        .where(Referral.case_id == case_id)
        .order_by(Referral.code, Referral.opened_at)
        .execution_options(populate_existing=True)
    ).all()


def after(*acts: OfCase) -> OfCase:
    """One after the other, with the whole case."""

    def act(field: Field, case_id: UUID) -> None:
        for it in acts:
            it(field, case_id)

    return act


def another(field: Field, _: UUID) -> None:
    """Another programme could be asked."""
    field.programme(codes=EVERY_CODE, capacity=100)


def withdrawn(field: Field, case_id: UUID) -> None:
    field.withdraw(case_id)


def agreed(field: Field, case_id: UUID) -> None:
    field.agree(case_id)


def refused(field: Field, case_id: UUID) -> None:
    """Whatever granted something is told to hold no longer."""
    for fact in GRANTING:
        tell(field, case_id, fact, value=False)


def decided(outcome: VerificationOutcome) -> OfCase:
    """The verification ends once more."""

    def act(field: Field, case_id: UUID) -> None:
        query = select(Plan.regime).where(Plan.case_id == case_id)
        regime = Regime(field.session.scalars(query).one())
        field.conclude(case_id, outcome=outcome, regime=regime)

    return act


def swept(sweep: Callable[[Session, datetime], int]) -> OfCase:
    """Every clock runs out."""

    def act(field: Field, _: UUID) -> None:
        sweep(field.session, field.now + LATER)

    return act


@dataclass(frozen=True)
class End:
    """What happens to a case, why it is somebody's turn then, and what may happen after it."""

    act: OfCase
    whys: frozenset[Why]
    """Of whatever was granted; each is reached."""
    then: "Ends"


Ends = Mapping[str, End]


def end(act: OfCase, *whys: Why, then: Ends | None = None) -> End:
    return End(act, frozenset(whys), then or {})


def every_end(ends: Ends, *before: str) -> Iterator[tuple[tuple[str, ...], End]]:
    """Each end with what led to it."""
    for name, found in ends.items():
        yield (*before, name), found
        yield from every_end(found.then, *before, name)


REJECTED = each(moves(M.REJECT, reason=ReasonCode.CAPACITY))
UNSAFE = each(moves(M.REJECT, reason=ReasonCode.SAFETY))
HELD = each(moves(M.HOLD, reason=ReasonCode.TIMING))
FAILED = each(moves(M.FAIL, reason=ReasonCode.OTHER))
PROVIDED, PARTLY, NOT_PROVIDED = (
    each(moves(M.COMPLETE, outcome=outcome)) for outcome in ServiceOutcome
)
CONFIRMED = each(confirmed)
PURGED = each(moves(M.CONFIRM_PURGE))
TURNED, IDENTIFIED = (
    decided(VerificationOutcome.NOT_IDENTIFIED),
    decided(VerificationOutcome.IDENTIFIED),
)

OWING: Ends = {
    "it is purged": end(PURGED, Why.NOTHING_LEFT),
    "it is asked for again": end(each(need_added), Why.PURGE_OWED, Why.OFFER_ON_ITS_WAY),
    "the notice is lost": end(
        each(notice_lost),
        Why.PURGE_OVERDUE,
        then={"it is purged": end(PURGED, Why.NOTHING_LEFT)},
    ),
    "nobody confirms": end(swept(domain.alert_owed_purges), Why.PURGE_OVERDUE),
}
"""After the end of what was served: whoever was told has to delete it."""

SERVED: Ends = {
    "and it has reached the person": end(
        CONFIRMED,
        Why.NOTHING_LEFT,
        then={
            "it is asked for again": end(each(need_added), Why.OFFER_ON_ITS_WAY),
            "consent is withdrawn": end(withdrawn, Why.PURGE_OWED),
        },
    ),
    "it is asked for again": end(each(need_added), Why.OFFER_ON_ITS_WAY),
    "consent is withdrawn": end(withdrawn, Why.PURGE_OWED, Why.SERVICE_UNCONFIRMED),
    "identified no longer": end(TURNED, Why.NOT_IDENTIFIED),
}
"""After whoever served has said that it was provided: the person is asked."""

IN_SERVICE: Ends = {
    "on hold": end(
        HELD,
        Why.REFERRAL_ON_HOLD,
        then={"resumed": end(each(moves(M.RESUME)), Why.REFERRAL_IN_PROGRESS)},
    ),
    "failed": end(FAILED, Why.NO_PROGRAMME, Why.SERVICE_FAILED),
    "failed, another is asked": end(
        after(another, FAILED),
        Why.OFFER_ON_ITS_WAY,
        Why.SERVICE_FAILED,
        then={"its need is ended": end(each(need_ended), Why.PURGE_OWED)},
    ),
    "provided": end(PROVIDED, Why.SERVICE_UNCONFIRMED, then=SERVED),
    "provided in part": end(PARTLY, Why.SERVICE_UNCONFIRMED),
    "not provided": end(
        NOT_PROVIDED,
        Why.NOTHING_LEFT,
        then={"it is asked for again": end(each(need_added), Why.OFFER_ON_ITS_WAY)},
    ),
    "confirmed before it ended": end(
        CONFIRMED,
        Why.REFERRAL_IN_PROGRESS,
        then={"provided": end(PROVIDED, Why.NOTHING_LEFT)},
    ),
    "cancelled": end(each(cancelled), Why.PURGE_OWED),
    "its need is ended": end(each(need_ended), Why.PURGE_OWED, then=OWING),
    "consent is withdrawn": end(
        withdrawn,
        Why.CONSENT_WITHDRAWN,
        Why.PURGE_OWED,
        then={"and given": end(agreed, Why.REFERRAL_IN_PROGRESS, Why.PURGE_OWED)},
    ),
    "granted no longer": end(refused, Why.NO_LONGER_GRANTED),
    "identified no longer": end(TURNED, Why.NO_LONGER_IDENTIFIED),
}

ENDS: Ends = {
    "on its way": end(each(), Why.OFFER_ON_ITS_WAY),
    "parked": end(each(parked), Why.OFFER_UNREACHED),
    "without an address": end(each(unreached), Why.OFFER_UNREACHED),
    "undelivered": end(swept(domain.pass_on_undelivered), Why.NO_PROGRAMME, Why.OFFER_UNDELIVERED),
    "delivered": end(
        each(delivered),
        Why.OFFER_UNANSWERED,
        then={
            "unread": end(
                swept(domain.alert_unread),
                Why.OFFER_UNREACHED,
                then={"seen": end(each(moves(M.SEEN)), Why.OFFER_UNANSWERED)},
            ),
            "unanswered": end(swept(domain.expire_offers), Why.NO_PROGRAMME, Why.OFFER_UNANSWERED),
        },
    ),
    "seen": end(each(moves(M.SEEN)), Why.OFFER_UNANSWERED),
    "a question is asked": end(
        each(questioned),
        Why.OFFER_QUESTION,
        then={
            "replied to": end(each(replied), Why.OFFER_UNANSWERED),
            "accepted without a reply": end(each(moves(M.ACCEPT)), Why.REFERRAL_ACCEPTED),
            "rejected without a reply": end(REJECTED, Why.NO_PROGRAMME),
            "another could be asked, and it is rejected": end(
                after(another, REJECTED), Why.OFFER_ON_ITS_WAY
            ),
            "unanswered": end(swept(domain.expire_offers), Why.NO_PROGRAMME, Why.OFFER_UNANSWERED),
            "cancelled": end(each(cancelled), Why.NOTHING_LEFT),
            "its need is ended": end(each(need_ended), Why.NOTHING_LEFT),
            "consent is withdrawn": end(withdrawn, Why.NO_PROGRAMME),
            "granted no longer": end(refused, Why.NO_LONGER_GRANTED),
            "identified no longer": end(TURNED, Why.NO_LONGER_IDENTIFIED),
        },
    ),
    "rejected": end(
        REJECTED,
        Why.NO_PROGRAMME,
        then={"its need is ended": end(each(need_ended), Why.NOTHING_LEFT)},
    ),
    "rejected as unsafe": end(
        UNSAFE,
        Why.NO_PROGRAMME,
        then={"ended and asked for again": end(each(need_ended, need_added), Why.NO_PROGRAMME)},
    ),
    "another could be asked": end(
        another,
        Why.OFFER_ON_ITS_WAY,
        then={
            "undelivered": end(
                swept(domain.pass_on_undelivered), Why.OFFER_ON_ITS_WAY, Why.OFFER_UNDELIVERED
            ),
            "unanswered": end(
                after(each(delivered), swept(domain.expire_offers)),
                Why.OFFER_ON_ITS_WAY,
                Why.OFFER_UNANSWERED,
            ),
            "rejected": end(REJECTED, Why.OFFER_ON_ITS_WAY),
        },
    ),
    "cancelled": end(each(cancelled), Why.NOTHING_LEFT),
    "its need is ended": end(
        each(need_ended),
        Why.NOTHING_LEFT,
        then={"it is asked for again": end(each(need_added), Why.OFFER_ON_ITS_WAY)},
    ),
    "consent is withdrawn": end(
        withdrawn, Why.NO_PROGRAMME, then={"and given": end(agreed, Why.OFFER_ON_ITS_WAY)}
    ),
    "granted no longer": end(
        refused,
        Why.NO_LONGER_GRANTED,
        then={"cancelled": end(each(cancelled), Why.NOTHING_LEFT)},
    ),
    "identified no longer": end(
        TURNED,
        Why.NO_LONGER_IDENTIFIED,
        then={
            "its need is ended": end(each(need_ended), Why.NOT_IDENTIFIED),
            "identified again": end(IDENTIFIED, Why.OFFER_ON_ITS_WAY),
        },
    ),
    "accepted": end(
        each(moves(M.ACCEPT)),
        Why.REFERRAL_ACCEPTED,
        then={
            "in progress": end(each(moves(M.START)), Why.REFERRAL_IN_PROGRESS, then=IN_SERVICE),
            "not begun": end(swept(left_unstarted), Why.REFERRAL_ACCEPTED, Why.SERVICE_UNSTARTED),
        },
    ),
}
"""Every end, of each referral of a case: one from another, as the moves lead there."""
