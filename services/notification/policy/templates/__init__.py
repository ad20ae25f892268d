"""What notices say: texts that people write, in versions, with places for facts."""

from services.notification.policy.templates.checking import (
    MOST_SUBJECT,
    MOST_WORDING,
    Fault,
    Rule,
    Wording,
    find_faults,
    masked,
    may_reach_devices,
)
from services.notification.policy.templates.forms import Filled, filled
from services.notification.policy.templates.placeholders import (
    SAMPLES,
    UNKNOWN,
    Declared,
    Facts,
    FactType,
    Placeholder,
    declared,
    facts_of,
    said,
)
from services.notification.policy.templates.syntax import (
    Place,
    TemplateUnreadable,
    fill,
    names_in,
    parse,
    place,
)
from services.notification.policy.templates.versions import TemplateReason, TemplateState

__all__ = [
    "MOST_SUBJECT",
    "MOST_WORDING",
    "SAMPLES",
    "UNKNOWN",
    "Declared",
    "FactType",
    "Facts",
    "Fault",
    "Filled",
    "Place",
    "Placeholder",
    "Rule",
    "TemplateReason",
    "TemplateState",
    "TemplateUnreadable",
    "Wording",
    "declared",
    "facts_of",
    "fill",
    "filled",
    "find_faults",
    "masked",
    "may_reach_devices",
    "names_in",
    "parse",
    "place",
    "said",
]
