"""Of which topic each event is: what an organisation of several systems divides among them."""

from collections.abc import Mapping

from services.notification.policy.events import EventType
from shared.contracts.vocabulary import EndpointTopic

TOPICS: Mapping[EventType, EndpointTopic] = {
    EventType.REFERRAL_REQUESTED: EndpointTopic.REFERRALS,
    EventType.REFERRAL_MOVED: EndpointTopic.REFERRALS,
    EventType.REFERRAL_PURGE: EndpointTopic.REFERRALS,
    EventType.REFERRAL_QUESTION_ANSWERED: EndpointTopic.REFERRALS,
    EventType.CASE_RECEIVED: EndpointTopic.CASES,
    EventType.CASE_HANDED_OVER: EndpointTopic.CASES,
    EventType.PLAN_OPENED: EndpointTopic.CASES,
    EventType.PLAN_REVISED: EndpointTopic.CASES,
    EventType.ALERT_RAISED: EndpointTopic.CASES,
    EventType.VERIFICATION_OPENED: EndpointTopic.VERIFICATIONS,
    EventType.VERIFICATION_CONCLUDED: EndpointTopic.VERIFICATIONS,
}
"""Every event but a test, which is for the endpoint that is tested."""
