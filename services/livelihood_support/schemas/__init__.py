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
from services.livelihood_support.schemas.places import PlacesList, PlacesRead
from services.livelihood_support.schemas.plans import (
    AmountRead,
    EntitlementRead,
    PlanList,
    PlanRead,
    UsedFactRead,
)
from services.livelihood_support.schemas.provisions import (
    ProvisionCreate,
    ProvisionList,
    ProvisionMoveCreate,
    ProvisionRead,
    ReceivedRead,
)
from services.livelihood_support.schemas.referrals import (
    AlertList,
    AlertRead,
    CandidateList,
    CandidateRead,
    MoveCreate,
    MoveList,
    MoveRead,
    OfferList,
    OfferRead,
    PossibleMove,
    ReferralList,
    ReferralRead,
)
from services.livelihood_support.schemas.ways import WayList, WayMoveCreate, WayRead

__all__ = [
    "AlertList",
    "AlertMoveCreate",
    "AlertMoved",
    "AlertRead",
    "AmountRead",
    "CandidateList",
    "CandidateRead",
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
    "PlacesList",
    "PlacesRead",
    "PlanList",
    "PlanRead",
    "PossibleMove",
    "ProvisionCreate",
    "ProvisionList",
    "ProvisionMoveCreate",
    "ProvisionRead",
    "ReceivedRead",
    "ReferralList",
    "ReferralRead",
    "UsedFactRead",
    "WayList",
    "WayMoveCreate",
    "WayRead",
]
