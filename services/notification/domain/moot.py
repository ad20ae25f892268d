"""What asks an organisation for an answer is not sent any more once none is waited for.

The offer was answered over another way, lapsed, or was taken back, and the notice still waits: for
an address, for the next try, for an operator. Whoever got it now would act on nothing. That the
offer was taken back is told as ever.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import conclude
from services.notification.domain.parked import settle_parked
from services.notification.domain.rows import TOLD
from services.notification.policy import CANCELLABLE, TO_BE_ANSWERED, DeliveryState
from shared.kit.columns import listed

# One that is just being sent is given up as well: its try is written down, and is the last. Should
# it have arrived, it has.
_CANCEL = text(
    f"""
    UPDATE deliveries AS d SET state = '{DeliveryState.CANCELLED}', concluded_at = :now
     WHERE case_id = ANY(:cases) AND offer_id = ANY(:offers)
       AND type IN ({listed(TO_BE_ANSWERED)}) AND state IN ({listed(CANCELLABLE)}) {TOLD}
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("cases", type_=ARRAY(Uuid)), bindparam("offers", type_=ARRAY(Uuid)))


def cancel_asking(
    session: Session, *, offers: Mapping[UUID, Collection[UUID]], actor: str, now: datetime
) -> None:
    """Send nothing more that asks for an answer to these offers, given by case."""
    if not offers:
        return
    ended = [offer_id for of_case in offers.values() for offer_id in of_case]
    rows = session.execute(_CANCEL, {"cases": list(offers), "offers": ended, "now": now}).all()
    for row in rows:
        conclude(session, row, now=now, actor=actor)
    if rows:
        settle_parked(session, [row.id for row in rows], now=now)
