"""HTTP shapes. No field takes free text: what is said about a person is a code."""

from services.livelihood_support.schemas.alerts import AlertMoveCreate, AlertMoved
from services.livelihood_support.schemas.facts import (
    ChangeRead,
    FactAnswer,
    FactCreate,
    FactList,
    FactRead,
    FactWithdrawal,
)
from services.livelihood_support.schemas.needs import (
    NeedCreate,
    NeedList,
    NeedMoveCreate,
    NeedRead,
)
from services.livelihood_support.schemas.plans import (
    EntitlementRead,
    PlanList,
    PlanRead,
    UsedFactRead,
)
from services.livelihood_support.schemas.referrals import (
    AlertList,
    AlertRead,
    MoveCreate,
    MoveList,
    MoveRead,
    OfferList,
    OfferRead,
    ReferralList,
    ReferralRead,
)

__all__ = [
    "AlertList",
    "AlertMoveCreate",
    "AlertMoved",
    "AlertRead",
    "ChangeRead",
    "EntitlementRead",
    "FactAnswer",
    "FactCreate",
    "FactList",
    "FactRead",
    "FactWithdrawal",
    "MoveCreate",
    "MoveList",
    "MoveRead",
    "NeedCreate",
    "NeedList",
    "NeedMoveCreate",
    "NeedRead",
    "OfferList",
    "OfferRead",
    "PlanList",
    "PlanRead",
    "ReferralList",
    "ReferralRead",
    "UsedFactRead",
]
