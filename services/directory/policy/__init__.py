"""Pure decisions: roles by date, keys, assertions, tokens and webhook addresses."""

from services.directory.policy.ages import check_ages
from services.directory.policy.assertions import Assertion, check_assertion, claimed_client
from services.directory.policy.grants import (
    check_grants,
    check_still_managed,
    in_force_for,
    managed_until,
)
from services.directory.policy.keys import check_public_jwk, thumbprint
from services.directory.policy.roles import check_roles, of_systems, roles_in_force
from services.directory.policy.separation import SEPARATE, are_separate
from services.directory.policy.tokens import (
    IssuedToken,
    TokenIssuer,
    TokenRequest,
    check_same_client,
    narrow,
    parse_token_request,
)
from services.directory.policy.vault import STAFF_MASTER, Named, StaffVault
from services.directory.policy.webhooks import check_endpoint

__all__ = [
    "SEPARATE",
    "STAFF_MASTER",
    "Assertion",
    "IssuedToken",
    "Named",
    "StaffVault",
    "TokenIssuer",
    "TokenRequest",
    "are_separate",
    "check_ages",
    "check_assertion",
    "check_endpoint",
    "check_grants",
    "check_public_jwk",
    "check_roles",
    "check_same_client",
    "check_still_managed",
    "claimed_client",
    "in_force_for",
    "managed_until",
    "narrow",
    "of_systems",
    "parse_token_request",
    "roles_in_force",
    "thumbprint",
]
