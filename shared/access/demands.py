"""What some permissions ask for besides a role: an entry of the audit, a second factor."""

from shared.access.codes import Permission
from shared.access.permissions import PERMISSIONS
from shared.contracts.vocabulary import Role

NOTED = frozenset(
    {
        Permission.DRAFT_READ,
        Permission.ADVANCE_NOTICE_READ,
        Permission.KEPT_APART_READ,
        Permission.CASE_READ,
        Permission.ASSIGNMENT_READ,
        Permission.RESPONSIBILITY_READ,
        Permission.IMMEDIATE_NEED_READ,
        Permission.INITIAL_CHECK_READ,
        Permission.CONTACT_READ,
        Permission.DISCLOSURE_READ,
        Permission.VERIFICATION_READ,
        Permission.PROTECTION_READ,
        Permission.STAY_READ,
        Permission.REFERRAL_READ,
        Permission.OFFER_READ,
        Permission.NEED_READ,
        Permission.PLAN_READ,
        Permission.PROVISION_READ,
        Permission.FACT_READ,
        Permission.LAW_RESTING_READ,
        Permission.AUDIT_READ,
        Permission.ACTOR_READ,
    }
)
"""What shows a case, what is done in one, or by whom: who reads it is an entry of the audit (ADR
0042).
"""

NEEDS_SECOND_FACTOR = frozenset(
    {
        Permission.CASE_FILE_READ,
        Permission.IDENTITY_READ,
        Permission.VERIFICATION_MOVE,
        Permission.PROTECTION_MOVE,
        Permission.STAY_MOVE,
        Permission.REFERRAL_MOVE,
        Permission.DELIVERY_REPLAY,
        Permission.ENDPOINT_SUSPEND,
        Permission.TEMPLATE_CHANGE,
        Permission.TEMPLATE_PUBLISH,
        Permission.ORGANISATION_CHANGE,
        Permission.PROGRAMME_CHANGE,
        Permission.CLIENT_CHANGE,
        Permission.ANSWER_CODE_AGREE,
        Permission.RULE_PROPOSE,
        Permission.RULE_PUBLISH,
        Permission.STAFF_CHANGE,
        Permission.STAFF_APPOINT,
        Permission.ACTOR_READ,
        Permission.PARKED_REPLAY,
        Permission.PARKED_SKIP,
    }
)
"""A person who may see who somebody is, decide, administer or operate shows a second factor."""


FOR_OFFICES = frozenset({Permission.REFERRAL_READ, Permission.REFERRAL_MOVE})
"""What an office does by the link of a mail, with the one offer that it is bound to (ADR 0053)."""


def needs_second_factor(role: Role) -> bool:
    """Whether a person acts in this role only after a second factor."""
    return any(role in PERMISSIONS[each].reach for each in NEEDS_SECOND_FACTOR)
