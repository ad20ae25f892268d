"""Every end to which a referral can come that was begun while the verification runs.

As ``walking.py`` has it of who is identified. Where nothing is left open the verification goes on,
and it is the turn of whoever decides; so here a decision follows on every such end.
"""

from uuid import UUID

from deploy.stack.invariants.turns import Why
from services.livelihood_support import domain
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import Regime, VerificationOutcome
from tests.livelihood_support.builders import Field
from tests.system.walking import (
    CONFIRMED,
    FAILED,
    HELD,
    IDENTIFIED,
    PROVIDED,
    PURGED,
    REJECTED,
    TURNED,
    Ends,
    after,
    cancelled,
    decided,
    delivered,
    each,
    end,
    moves,
    need_added,
    need_ended,
    parked,
    questioned,
    swept,
    withdrawn,
)

CANCELLED = each(cancelled)
CONSENT = Why.CONSENT_WITHDRAWN, Why.PURGE_OWED
WITHDRAWN = decided(VerificationOutcome.WITHDRAWN)


def by_a_former_paper(field: Field, case_id: UUID) -> None:
    """Who came under the newer law is found to have been identified under the older."""
    field.conclude(case_id, regime=Regime.LAW_2011)


AGAINST: Ends = {"decided against": end(TURNED, Why.PRESUMPTION_ENDED)}
"""It is the case owner's, whoever's it was before."""

AGAINST_SERVED: Ends = {
    "decided against": end(
        TURNED,
        Why.PRESUMPTION_ENDED,
        then={
            "ended on notice": end(
                CANCELLED, Why.PURGE_OWED, then={"purged": end(PURGED, Why.NOT_IDENTIFIED)}
            ),
            "identified after all": end(IDENTIFIED, Why.REFERRAL_IN_PROGRESS, Why.OFFER_ON_ITS_WAY),
            "provided": end(PROVIDED, Why.NOT_IDENTIFIED),
            "consent is withdrawn": end(withdrawn, *CONSENT),
        },
    ),
}

MEANWHILE: Ends = {
    "begun meanwhile": end(each(), Why.OFFER_ON_ITS_WAY),
    "decided against": end(
        TURNED,
        Why.PRESUMPTION_ENDED,
        then={
            "ended on notice": end(CANCELLED, Why.NOT_IDENTIFIED),
            "its need is ended": end(each(need_ended), Why.NOT_IDENTIFIED),
            "identified after all": end(IDENTIFIED, Why.OFFER_ON_ITS_WAY),
        },
    ),
    "withdrawn from": end(
        WITHDRAWN,
        Why.PRESUMPTION_ENDED,
        then={"ended on notice": end(CANCELLED, Why.WITHDRAWN)},
    ),
    "identified": end(IDENTIFIED, Why.OFFER_ON_ITS_WAY),
    "ended and asked for again": end(
        each(need_ended, need_added), Why.OFFER_ON_ITS_WAY, then=AGAINST
    ),
    "parked": end(each(parked), Why.OFFER_UNREACHED, then=AGAINST),
    "delivered": end(each(delivered), Why.OFFER_UNANSWERED, then=AGAINST),
    "a question is asked": end(each(questioned), Why.OFFER_QUESTION, then=AGAINST),
    "rejected": end(REJECTED, Why.NO_PROGRAMME, then=AGAINST),
    "unanswered": end(
        after(each(delivered), swept(domain.expire_offers)),
        Why.NO_PROGRAMME,
        Why.OFFER_UNANSWERED,
    ),
    "cancelled, and decided against": end(after(CANCELLED, TURNED), Why.NOT_IDENTIFIED),
    "accepted": end(each(moves(Move.ACCEPT)), Why.REFERRAL_ACCEPTED, then=AGAINST),
    "in progress": end(
        each(moves(Move.ACCEPT, Move.START)),
        Why.REFERRAL_IN_PROGRESS,
        then={
            **AGAINST_SERVED,
            "on hold": end(HELD, Why.REFERRAL_ON_HOLD, then=AGAINST),
            "failed": end(FAILED, Why.NO_PROGRAMME, Why.SERVICE_FAILED),
            "provided": end(
                PROVIDED,
                Why.SERVICE_UNCONFIRMED,
                then={
                    "decided against": end(TURNED, Why.NOT_IDENTIFIED),
                    "identified": end(IDENTIFIED, Why.SERVICE_UNCONFIRMED, Why.OFFER_ON_ITS_WAY),
                },
            ),
            "it has reached the person, and it is decided against": end(
                after(PROVIDED, CONFIRMED, TURNED), Why.NOT_IDENTIFIED
            ),
            "consent is withdrawn": end(
                withdrawn,
                *CONSENT,
                # Of both alerts the consent is said: nothing goes on without it.
                then={"decided against": end(TURNED, *CONSENT)},
            ),
        },
    ),
}
"""Every end of each referral that was begun meanwhile, under each law and by each route."""

FORMER: Ends = {
    "found to be under the older law": end(
        by_a_former_paper,
        Why.NO_LONGER_GRANTED,
        Why.OFFER_ON_ITS_WAY,
        then={"asked for again": end(each(need_ended, need_added), Why.OFFER_ON_ITS_WAY)},
    ),
}
"""Of who came under the newer law: that grants more meanwhile."""
