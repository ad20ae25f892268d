"""What is found in a submission: a fault refuses it, a warning goes with it. Never a value."""

from dataclasses import dataclass
from enum import StrEnum


class Caution(StrEnum):
    """Something that somebody should look at again; the case is received all the same."""

    PHONE_UNCONFIRMED = "phone_unconfirmed"
    PHONE_MAYBE_FORMER_LANDLINE = "phone_maybe_former_landline"
    """Landlines as written before 2017 (031…, 033 3…) are today read as a stranger's mobile."""
    IDENTITY_NUMBER_FORMAT = "identity_number_format"
    IDENTITY_NUMBER_IN_FUTURE = "identity_number_in_future"
    IDENTITY_NUMBER_SEX = "identity_number_sex"
    IDENTITY_NUMBER_YEAR = "identity_number_year"
    PAPER_NUMBER_UNUSUAL = "paper_number_unusual"
    PAPER_AFTER_RECEPTION = "paper_after_reception"
    """Issued after the day on which the person is said to have been received."""
    PAPER_BEFORE_LAW = "paper_before_law"
    """Older than any law on trafficking; it proves nothing by itself."""
    UNIT_ELSEWHERE = "unit_elsewhere"
    """Not in the city: somebody has to say which authority is meant."""
    UNIT_NOT_IN_FORCE = "unit_not_in_force"
    """Where the person is now was written down on an earlier day, and has another code today."""
    UNIT_UNKNOWN = "unit_unknown"
    """Numbered like a unit of the city, but none that is known."""
    MEANS_NOT_STATED = "means_not_stated"
    AGE_AT_ACT_UNKNOWN = "age_at_act_unknown"
    """Whether the person was a minor then is open; for a minor no means need be shown."""
    REPRESENTATIVE_MISSING = "representative_missing"
    """A birth date was corrected: the person is a minor, and nobody stands beside them."""
    REPRESENTATIVE_IS_SUSPECT = "representative_is_suspect"


class Rule(StrEnum):
    """Which rule a field breaks."""

    IN_FUTURE = "in_future"
    REQUIRED_UNDER_18 = "required_under_18"
    REQUIRED_FOR_ROUTE = "required_for_route"
    DECLARATION_REQUIRED = "declaration_required"
    HANDOVER_RECORD_REQUIRED = "handover_record_required"
    UNIT_REQUIRED = "unit_required"
    ROUTE_NOT_ANNOUNCED = "route_not_announced"
    """On this route nobody knows before the person comes."""
    EITHER_NUMBERS_OR_CASES = "either_numbers_or_cases"
    """Two people are named by their numbers in a notice, or by their cases."""
    EITHER_DATE_OR_YEAR = "either_date_or_year"
    COUNTRY_UNKNOWN = "country_unknown"
    UNIT_IMPOSSIBLE = "unit_impossible"
    UNIT_REPLACED = "unit_replaced"
    """The unit went whole into another one."""
    UNIT_DIVIDED = "unit_divided"
    """Several units have a part of it: somebody must be asked."""
    UNIT_NOT_YET = "unit_not_yet"
    """The code means a unit only since a later day."""
    BEYOND_LIFESPAN = "beyond_lifespan"
    NOT_A_MINOR = "not_a_minor"
    BEFORE_BIRTH = "before_birth"
    AFTER_RECEPTION = "after_reception"
    PHONE_NUMBER = "phone_number"
    NOT_COMPARABLE = "not_comparable"
    """Nothing in it can be looked up."""
    REPEATED = "repeated"
    BEFORE_LAW = "before_law"
    LATE_REASON_REQUIRED = "late_reason_required"
    NOTHING_CORRECTED = "nothing_corrected"
    ENDS_BEFORE_BEGIN = "ends_before_begin"
    LATE_REASON_UNUSED = "late_reason_unused"


@dataclass(frozen=True)
class Fault:
    """A rule a submission breaks, and where: a JSON pointer (RFC 6901) of our own field names."""

    pointer: str
    rule: Rule
