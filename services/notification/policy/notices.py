"""What people of an organisation read of what it was told: who acts on it, and what cannot wait."""

from collections.abc import Mapping
from types import MappingProxyType

from services.notification.policy.events import EventType
from shared.access import Permission

URGENT = frozenset(
    {
        EventType.REFERRAL_REQUESTED,
        EventType.REFERRAL_PURGE,
        EventType.REFERRAL_QUESTION_ANSWERED,
        EventType.VERIFICATION_OPENED,
        EventType.ALERT_RAISED,
    }
)
"""What an organisation has to act on; of the rest it has to know. On an opened verification the
authority acts that decides; whoever owns the case knows of it."""

ACTED_ON_WITH: Mapping[EventType, tuple[Permission, ...]] = MappingProxyType(
    {
        EventType.REFERRAL_REQUESTED: (Permission.REFERRAL_MOVE,),
        EventType.REFERRAL_MOVED: (Permission.REFERRAL_MOVE, Permission.CASE_READ),
        EventType.REFERRAL_PURGE: (Permission.REFERRAL_MOVE,),
        EventType.REFERRAL_QUESTION_ANSWERED: (Permission.REFERRAL_MOVE,),
        EventType.CASE_RECEIVED: (Permission.CASE_READ,),
        EventType.CASE_HANDED_OVER: (Permission.CASE_HAND_OVER,),
        EventType.PLAN_OPENED: (Permission.PLAN_READ,),
        EventType.PLAN_REVISED: (Permission.PLAN_READ,),
        EventType.ALERT_RAISED: (Permission.ALERT_SETTLE,),
        EventType.VERIFICATION_OPENED: (Permission.VERIFICATION_MOVE,),
        EventType.VERIFICATION_CONCLUDED: (Permission.CASE_READ,),
        EventType.ENDPOINT_TEST: (),
    }
)
"""With which permissions one acts on it, or reads what it speaks of; a test is no notice."""
