"""What waits in support for something that has to happen by a day, each said once.

The duties about it are read by the same conditions, so a clock and a duty cannot disagree.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.confirming import IS_UNCONFIRMED
from services.livelihood_support.domain.reach import PLACE
from services.livelihood_support.domain.tracks import IS_SUPPORTED
from services.livelihood_support.models import CaseFile, Offer, Referral, ReferralMove
from services.livelihood_support.policy import ANSWER_BEGAN, PURGE_BEGAN, OfferStatus
from shared.clocks import Awaited
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import ReferralStatus
from shared.kit.arrays import among

ACCEPTED, COMPLETED = "referral.accepted", "referral.completed"
"""The facts with which the other periods begin, as the rows of law name them."""


def _of_offers(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Offer)
        .join(Referral, Referral.id == Offer.referral_id)
        .join(CaseFile, CaseFile.case_id == Referral.case_id)
    )


def _waiting(object_id: Any, began: Any, waits: ColumnElement[bool]) -> Select[Any]:
    return _of_offers(
        object_id.label("object_id"),
        began.label("began"),
        Referral.case_id,
        CaseFile.area_code,
        PLACE.told_on.label("area_on"),
    ).where(waits)


def _when(object_id: Any, happened_at: Any) -> Any:
    """Of a referral the present offer has the last word."""

    def happened(session: Session, object_ids: Collection[UUID]) -> Mapping[UUID, datetime | None]:
        asked = _of_offers(object_id, happened_at).where(among(object_id, object_ids))
        rows = session.execute(asked.order_by(Offer.is_current))
        return {row[0]: row[1] for row in rows}

    return happened


_BEGUN_AT = (
    select(func.min(ReferralMove.at))
    .where(
        ReferralMove.referral_id == Referral.id,
        ReferralMove.from_status == ReferralStatus.ACCEPTED,
        ReferralMove.to_status != ReferralStatus.ACCEPTED,
        ReferralMove.at >= Offer.accepted_at,
    )
    .scalar_subquery()
)
_IS_ACCEPTED = and_(
    Referral.status == ReferralStatus.ACCEPTED, Offer.status == OfferStatus.ACCEPTED
)
REACHED_AT = func.least(Offer.delivered_at, Offer.seen_at)
ANSWERS = Awaited(
    PeriodKey.REFERRAL_ANSWER,
    ANSWER_BEGAN,
    "offer",
    _waiting(
        Offer.id,
        REACHED_AT,
        and_(Offer.status == OfferStatus.OFFERED, REACHED_AT.is_not(None)),
    ),
    _when(Offer.id, func.coalesce(Offer.accepted_at, Offer.ended_at)),
)
"""Begun with the delivery, or with having been seen: whoever has an offer sees its day at once."""
PURGES = Awaited(
    PeriodKey.PURGE_CONFIRMATION,
    PURGE_BEGAN,
    "offer",
    _waiting(
        Offer.id,
        Offer.purge_asked_at,
        and_(Offer.purge_asked_at.is_not(None), Offer.purge_confirmed_at.is_(None)),
    ),
    _when(Offer.id, Offer.purge_confirmed_at),
)
"""Begun with the request."""
AWAITED = (
    ANSWERS,
    PURGES,
    Awaited(
        PeriodKey.REFERRAL_START,
        ACCEPTED,
        "offer",
        _waiting(Offer.id, Offer.accepted_at, _IS_ACCEPTED),
        _when(Offer.id, _BEGUN_AT),
    ),
    Awaited(
        PeriodKey.REFERRAL_CONFIRMATION,
        COMPLETED,
        "referral",
        _waiting(Referral.id, Referral.moved_at, and_(IS_UNCONFIRMED, IS_SUPPORTED)),
        _when(Referral.id, Offer.confirmed_at),
    ),
)
