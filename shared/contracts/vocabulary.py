"""The closed vocabularies that cross a service boundary, each with its source."""

from enum import StrEnum


class Queue(StrEnum):
    """One Celery queue per service; the name of the queue is the name of the service."""

    DIRECTORY = "directory"
    INTAKE = "intake"
    VERIFICATION = "verification"
    LIVELIHOOD_SUPPORT = "livelihood_support"
    NOTIFICATION = "notification"

    @property
    def segment(self) -> str:
        """The service as addresses name it."""
        return self.replace("_", "-")


class OrganisationKind(StrEnum):
    """What an organisation is, whatever roles it holds at a date (plan 15/KH-SLĐTBXH-PCTNXH)."""

    COMMUNE_COMMITTEE = "commune_committee"
    POLICE = "police"
    BORDER_GUARD = "border_guard"
    COAST_GUARD = "coast_guard"
    MISSION = "mission"
    HOTLINE = "hotline"
    SOCIAL_AFFAIRS = "social_affairs"
    HEALTH_AUTHORITY = "health_authority"
    SUPPORT_FACILITY = "support_facility"
    WOMENS_UNION = "womens_union"
    PEER_GROUP = "peer_group"
    MASS_ORGANISATION = "mass_organisation"
    """A political and social organisation of members other than the Women's Union."""
    VOLUNTEER_TEAM = "volunteer_team"
    """Volunteers who do social work in a commune."""
    VOCATIONAL_SCHOOL = "vocational_school"
    EMPLOYMENT_CENTRE = "employment_centre"
    POLICY_BANK = "policy_bank"
    LEGAL_AID_CENTRE = "legal_aid_centre"
    HOSPITAL = "hospital"
    OPERATIONS = "operations"
    """Whoever runs the exchange itself."""


class Role(StrEnum):
    """What an organisation may do in an area between two dates."""

    RECEIVER = "receiver"
    CASE_OWNER = "case_owner"
    VERIFIER = "verifier"
    PROTECTOR = "protector"
    FACILITY = "facility"
    PROVIDER = "provider"
    COMMUNITY = "community"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    MANAGER = "manager"
    """Gives the people of its organisation their accounts; held by people only, never by a system.
    """
    CONSOLE = "console"
    """Lets people log in and asks in their names, one after the other; held by no person."""


class Digest(StrEnum):
    """How often a person is written what is unread and open; what is urgent is written at once."""

    NONE = "none"
    HOUR = "hour"
    DAY = "day"
    """At seven in the morning."""
    WEEK = "week"
    """On Mondays at seven."""


class MailLanguage(StrEnum):
    """In which language a person is written to: those of all texts (``TextLanguage``)."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


class MailingKind(StrEnum):
    """To whom, beside offices, mails may go; the directory says to whom of them they do."""

    CONFIRMATION = "confirmation"
    """A person who has named a mailbox: by mail a code, and nothing else."""
    PERSON = "person"
    """A person whose mailbox or phone is confirmed, or whose phone is to be."""
    ORGANISATION = "organisation"
    """The office of an organisation that wants its weekly page."""


class AssuredBy(StrEnum):
    """Who answers for it that a programme is as it is told."""

    ORGANISATION = "organisation"
    """The organisation that runs it."""
    ADMINISTRATOR = "administrator"
    """An administrator, who named the post, day and paper of the organisation that confirmed it."""


class Route(StrEnum):
    """How a person reached the exchange (Law 66/2011 Arts 24-26; Law 53/2024 Arts 27-31)."""

    SELF_REPORT = "SELF_REPORT"
    SELF_REPORT_BORDER = "SELF_REPORT_BORDER"
    RESCUED = "RESCUED"
    BILATERAL_HANDOVER = "BILATERAL_HANDOVER"
    MISSION_ABROAD = "MISSION_ABROAD"


class Sex(StrEnum):
    """Sex as recorded by the receiving organisation."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeBand(StrEnum):
    """All that leaves the vault of an age: a child is under 16, a minor under 18."""

    UNDER_16 = "under_16"
    UNDER_18 = "under_18"
    ADULT = "adult"


class AgeBandCause(StrEnum):
    """Why the age of a person was looked at again."""

    BIRTHDAY = "birthday"
    CORRECTION = "correction"
    """What was told of the birth, or of when the act began, was corrected."""


class HandOverReason(StrEnum):
    """Why another organisation, or another officer, is to answer for a case."""

    FIRST_ASSIGNMENT = "first_assignment"
    """Nobody was named yet."""
    PERSON_MOVED = "person_moved"
    PERSON_ASKED = "person_asked"
    OTHER_BODY_COMPETENT = "other_body_competent"
    """By law it is another body's to act."""
    UNITS_REORGANISED = "units_reorganised"
    OFFICER_LEFT = "officer_left"
    """Whoever is named acts in cases no more."""
    WORKLOAD = "workload"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    GIVEN_BY_MISTAKE = "given_by_mistake"
    NO_LONGER_NEEDED = "no_longer_needed"


class PaperType(StrEnum):
    """Papers a case may carry; the first five prove by law (Law 66/2011 Art. 28; handover)."""

    POLICE_CERTIFICATE = "POLICE_CERTIFICATE"
    RESCUER_CERTIFICATE = "RESCUER_CERTIFICATE"
    PROCEDURAL_BODY_PAPER = "PROCEDURAL_BODY_PAPER"
    LEGALISED_FOREIGN_PAPER = "LEGALISED_FOREIGN_PAPER"
    RETURN_CERTIFICATE = "RETURN_CERTIFICATE"
    HANDOVER_RECORD = "HANDOVER_RECORD"
    DECLARATION = "DECLARATION"


class Regime(StrEnum):
    """The law a case runs under, fixed by its date of identification (Law 53/2024 Art. 63)."""

    LAW_2011 = "2011"
    LAW_2024 = "2024"


class EntitlementCode(StrEnum):
    """What the law grants (Law 66/2011 Art. 32; Law 53/2024 Art. 37)."""

    ESSENTIAL = "ESSENTIAL"
    TRAVEL = "TRAVEL"
    MEDICAL = "MEDICAL"
    PSYCHOLOGICAL = "PSYCHOLOGICAL"
    INTERPRETATION = "INTERPRETATION"
    LEGAL_SUPPORT = "LEGAL_SUPPORT"
    LEGAL_AID = "LEGAL_AID"
    EDUCATION = "EDUCATION"
    VOCATIONAL = "VOCATIONAL"
    HARDSHIP = "HARDSHIP"
    LOAN = "LOAN"


class PersonCategory(StrEnum):
    """Who the law speaks of when it grants an entitlement."""

    VICTIM_RESIDENT = "VICTIM_RESIDENT"
    MINOR_ACCOMPANYING = "MINOR_ACCOMPANYING"
    PRESUMED_ABROAD = "PRESUMED_ABROAD"
    PRESUMED_IN_COUNTRY = "PRESUMED_IN_COUNTRY"
    FOREIGNER = "FOREIGNER"


class Citizenship(StrEnum):
    """Citizenship as far as an entitlement depends on it; the nationality stays in the vault."""

    VIETNAMESE = "vietnamese"
    STATELESS = "stateless"
    FOREIGN = "foreign"


class Purpose(StrEnum):
    """What identity may be disclosed for, and what a consent covers."""

    SERVICE_REFERRAL = "service_referral"


class VerificationOutcome(StrEnum):
    """The three ends of a verification; NOT_IDENTIFIED never means a false claim."""

    IDENTIFIED = "identified"
    NOT_IDENTIFIED = "not_identified"
    WITHDRAWN = "withdrawn"


class ProtectionStatus(StrEnum):
    """How far a request for protection has come."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    DECLINED = "declined"
    """The person does not want it, and has said so in writing."""
    ENDED = "ended"
    """It was granted, and is over."""


class StayStatus(StrEnum):
    """How a stay in a facility stands."""

    ANNOUNCED = "announced"
    """The person is expected."""
    DECLINED = "declined"
    """The facility cannot take the person in."""
    CANCELLED = "cancelled"
    STAYING = "staying"
    LEFT = "left"
    ENTERED_IN_ERROR = "entered_in_error"
    """It was recorded, and was never so."""


class ExpectedStatus(StrEnum):
    """How somebody stands who was announced before a handover, by number alone."""

    EXPECTED = "expected"
    RECEIVED = "received"
    """They are a case."""
    ABSENT = "absent"
    """They did not come."""


class ReferralStatus(StrEnum):
    """Base statuses of a referral, after FHIR R4 Task as profiled by the Gravity project."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    FAILED = "failed"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered_in_error"
    UNPLACED = "unplaced"
    """No programme is left to ask: visible and alerting, waiting for a case owner."""


class ReasonCode(StrEnum):
    """Why a referral was not taken up; decides whether the programme may be asked again."""

    CAPACITY = "capacity"
    ELIGIBILITY = "eligibility"
    DISTANCE = "distance"
    TIMING = "timing"
    SAFETY = "safety"
    PERSON_DECLINED = "person_declined"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NO_ANSWER = "no_answer"
    UNDELIVERED = "undelivered"
    """The offer did not reach the organisation, which therefore never had a say."""
    NO_PROGRAMME = "no_programme"
    OTHER = "other"


class ServiceOutcome(StrEnum):
    """What a completed referral achieved."""

    PROVIDED = "provided"
    PARTLY_PROVIDED = "partly_provided"
    NOT_PROVIDED = "not_provided"


REACHING = frozenset({ServiceOutcome.PROVIDED, ServiceOutcome.PARTLY_PROVIDED})
"""Outcomes after which something should have reached the person, who is asked about it."""


class DeliveryOutcome(StrEnum):
    """How a notification ended."""

    DELIVERED = "delivered"
    PARKED = "parked"
    NO_ENDPOINT = "no_endpoint"


class ContactRefusal(StrEnum):
    """Why a message does not go."""

    RISK_FLAG = "risk_flag"
    ENDED = "ended"
    """The person took the contact point back, or it was replaced."""
    UNCONFIRMED = "unconfirmed"
    """Nobody has heard from the person within thirty days that it still holds."""
    NOT_BY_MESSAGE = "not_by_message"
    SHARED_DEVICE = "shared_device"
    SUSPECT_ANSWERS = "suspect_answers"
    """Whoever stands beside the person is suspected, and somebody else may answer this number."""
    OUTSIDE_WINDOW = "outside_window"
    ANSWERED_ALREADY = "answered_already"
    """The one answer was given; what became of it is not known, and there is no second."""


class PersonMessageOutcome(StrEnum):
    """What became of a message to a person; none of these has another one sent by itself."""

    SENT = "sent"
    """The gateway has taken it; the network has not reported yet."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """The network has reported that it did not arrive."""
    NOT_SENT = "not_sent"
    """It certainly did not leave."""
    UNKNOWN = "unknown"
    """It may have left: nobody knows, and there is no second one."""
    CANCELLED = "cancelled"
    """It was not to leave at that moment."""
    EXPIRED = "expired"
    """Nobody could be asked in time whether it was to leave."""


class ChannelKind(StrEnum):
    """The way by which an organisation is told something."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    SMS = "sms"


class ClockLevel(StrEnum):
    """To whom a period that nears its end, or is over, has come."""

    OFFICER = "officer"
    """Those who act for the organisation that must act: warned that the last day is near."""
    HEAD = "head"
    """Whoever leads them: the organisation's manager."""
    DEPARTMENT = "department"
    """Whoever owns the case where it is: the last day is over."""


class EndpointStatus(StrEnum):
    """Whether a webhook endpoint may be called."""

    ACTIVE = "active"
    DISABLED = "disabled"


class EndpointTopic(StrEnum):
    """What a webhook endpoint is for, where its organisation has several systems."""

    REFERRALS = "referrals"
    """What an organisation was asked, and what became of that."""
    CASES = "cases"
    """Cases, their plans, and the alerts about them."""
    VERIFICATIONS = "verifications"
    """What an authority has to decide about a person, and what it has decided."""


class EndpointReason(StrEnum):
    """Why a webhook endpoint is not called any more."""

    GONE = "gone"
    """Its receiver answered 410: registering it again goes on with the next version."""
    WITHDRAWN = "withdrawn"
    """It was removed over the API: what is registered afterwards is another endpoint."""
