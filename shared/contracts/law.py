"""The words of dated rules that cross a service boundary; what they mean is in ``shared/law``."""

from enum import StrEnum


class Certainty(StrEnum):
    """How far something can be relied on, the surest first; shown wherever it decides."""

    CONFIRMED = "confirmed"
    """A published source was read."""
    RECALLED = "recalled"
    """From memory: a lawyer confirms it before real use."""
    ASSUMED = "assumed"
    """Chosen here; no text stands behind it."""


class Unit(StrEnum):
    """What a period is counted in."""

    HOUR = "hour"
    DAY = "day"
    """A calendar day, whether offices work on it or not."""
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


class PeriodKey(StrEnum):
    """The names of all periods; a test compares them with the rows."""

    RECEPTION_INITIAL_CHECK = "reception.initial_check"
    VERIFICATION_NORMAL = "verification.normal"
    VERIFICATION_EXTENDED = "verification.extended_total"
    SUPPORT_APPLICATION_WINDOW = "support.application_window"
    SUPPORT_COMMUNE_FORWARDS = "support.commune_forwards"
    SUPPORT_CASE_OWNER_DECIDES = "support.case_owner_decides"
    STAY_MAXIMUM = "stay.maximum"
    PROTECTION_DECISION = "protection.decision"
    REFERRAL_DELIVERY = "referral.delivery"
    REFERRAL_ANSWER = "referral.answer"
    REFERRAL_START = "referral.start_of_service"
    REFERRAL_CONFIRMATION = "referral.confirmation"
    PURGE_CONFIRMATION = "purge.confirmation"
    DIRECTORY_FRESHNESS = "directory.freshness"
    COMPLAINT_WINDOW = "complaint.window"
    COMPLAINT_ANSWER = "complaint.answer"
    FOLLOW_UP = "follow_up.interval"
    CLOCK_WARNING = "clock.warning"
    """How long before its last day a period is warned of: counted back, in days or working days."""
    CLOCK_WARNING_IN_HOURS = "clock.warning_in_hours"
    """The same for a period that is counted in hours."""
    CLOCK_ESCALATION = "clock.escalation"
    """How long after the warning whoever leads those who must act is told."""
