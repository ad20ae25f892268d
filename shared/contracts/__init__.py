"""What is said between services: one frozen class per message, declared once, plain data only."""

from shared.contracts.alerts import Alerted
from shared.contracts.base import Message
from shared.contracts.directory import (
    ContactPointChanged,
    DatedRole,
    EndpointChanged,
    OfficerChanged,
    OrganisationChanged,
    ProgrammeChanged,
    ProgrammeChangedV1,
)
from shared.contracts.intake import (
    AgeBandChanged,
    CaseHandedOver,
    CaseReceived,
    ConsentGiven,
    ConsentScope,
    ConsentWithdrawn,
    DatedPaper,
    IntakeAlertRaised,
)
from shared.contracts.livelihood_support import (
    AlertRaised,
    OfferMade,
    PlanOpened,
    PlanOpenedV1,
    PlanRevised,
    PurgeRequested,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
)
from shared.contracts.notification import (
    DeliveryConcluded,
    EndpointDisabled,
    PurgeNoticeConcluded,
)
from shared.contracts.verification import (
    Reception,
    VerificationAlertRaised,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import Queue

MESSAGES: tuple[type[Message], ...] = (
    OrganisationChanged,
    OfficerChanged,
    ProgrammeChangedV1,
    ProgrammeChanged,
    EndpointChanged,
    ContactPointChanged,
    CaseReceived,
    AgeBandChanged,
    ConsentGiven,
    ConsentWithdrawn,
    CaseHandedOver,
    IntakeAlertRaised,
    VerificationOpened,
    VerificationConcluded,
    VerificationAlertRaised,
    PlanOpenedV1,
    PlanOpened,
    PlanRevised,
    ReferralRequested,
    ReferralMoved,
    ReferralConfirmed,
    PurgeRequested,
    AlertRaised,
    DeliveryConcluded,
    PurgeNoticeConcluded,
    EndpointDisabled,
)
"""Every message of every version still understood, in the order of a case's life."""

BY_TYPE: dict[str, type[Message]] = {message.type: message for message in MESSAGES}

__all__ = [
    "BY_TYPE",
    "MESSAGES",
    "AgeBandChanged",
    "AlertRaised",
    "Alerted",
    "CaseHandedOver",
    "CaseReceived",
    "ConsentGiven",
    "ConsentScope",
    "ConsentWithdrawn",
    "ContactPointChanged",
    "DatedPaper",
    "DatedRole",
    "DeliveryConcluded",
    "EndpointChanged",
    "EndpointDisabled",
    "IntakeAlertRaised",
    "Message",
    "OfferMade",
    "OfficerChanged",
    "OrganisationChanged",
    "PlanOpened",
    "PlanOpenedV1",
    "PlanRevised",
    "ProgrammeChanged",
    "ProgrammeChangedV1",
    "PurgeNoticeConcluded",
    "PurgeRequested",
    "Queue",
    "Reception",
    "ReferralConfirmed",
    "ReferralMoved",
    "ReferralRequested",
    "VerificationAlertRaised",
    "VerificationConcluded",
    "VerificationOpened",
]
