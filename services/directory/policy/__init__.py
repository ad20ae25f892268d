"""Pure decisions: roles by date, keys, assertions, tokens and webhook addresses."""

from services.directory.policy.ages import check_ages
from services.directory.policy.assertions import Assertion, check_assertion, claimed_client
from services.directory.policy.keys import check_public_jwk, thumbprint
from services.directory.policy.roles import check_roles, roles_in_force
from services.directory.policy.separation import SEPARATE, are_separate
from services.directory.policy.tokens import (
    IssuedToken,
    TokenIssuer,
    TokenRequest,
    check_same_client,
    narrow,
    parse_token_request,
)
from services.directory.policy.vocabulary import UnitKind
from services.directory.policy.webhooks import check_endpoint

__all__ = [
    "SEPARATE",
    "Assertion",
    "IssuedToken",
    "TokenIssuer",
    "TokenRequest",
    "UnitKind",
    "are_separate",
    "check_ages",
    "check_assertion",
    "check_endpoint",
    "check_public_jwk",
    "check_roles",
    "check_same_client",
    "claimed_client",
    "narrow",
    "parse_token_request",
    "roles_in_force",
    "thumbprint",
]
