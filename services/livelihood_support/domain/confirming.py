"""Services that are said to have been provided, of which the person has not been heard."""

from sqlalchemy import and_, exists, text
from sqlalchemy.orm import aliased

from services.livelihood_support.models import Offer, Referral
from shared.contracts.vocabulary import REACHING, ReferralStatus

_Other = aliased(Referral)
_IS_ASKED_AGAIN = exists().where(
    _Other.case_id == Referral.case_id,
    _Other.code == Referral.code,
    _Other.id != Referral.id,
    _Other.opened_at >= Referral.moved_at,
)
IS_UNCONFIRMED = and_(
    Offer.referral_id == Referral.id,
    # As the index says it: of what was confirmed years ago nothing is read.
    text("offers.is_current AND offers.status = 'completed' AND offers.confirmed_at IS NULL"),
    Referral.status == ReferralStatus.COMPLETED,
    Referral.outcome.in_(REACHING),
    ~_IS_ASKED_AGAIN,
)
"""Somebody says that it was provided, and the person has not been heard."""
