"""What the audit has of a case here: its plan, needs, referrals, stays, and what was given."""

from sqlalchemy import select

from services.livelihood_support.domain.reach import reached
from services.livelihood_support.models import (
    Alert,
    CaseFile,
    Need,
    Offer,
    OfferedWay,
    Plan,
    Provision,
    Referral,
    Stay,
)
from shared.auditing import Trail

TRAIL = Trail(
    case_id=CaseFile.case_id,
    reached=reached,
    things=[
        lambda case_id: select(Plan.id).where(Plan.case_id == case_id),
        lambda case_id: select(Need.id).where(Need.case_id == case_id),
        lambda case_id: select(OfferedWay.id).where(OfferedWay.case_id == case_id),
        lambda case_id: select(Provision.id).where(Provision.case_id == case_id),
        lambda case_id: select(Stay.id).where(Stay.case_id == case_id),
        lambda case_id: select(Referral.id).where(Referral.case_id == case_id),
        lambda case_id: (
            select(Offer.id)
            .join(Referral, Offer.referral_id == Referral.id)
            .where(Referral.case_id == case_id)
        ),
        lambda case_id: select(Alert.id).where(Alert.case_id == case_id),
    ],
)
