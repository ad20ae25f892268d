"""Pure decisions: roles by date, keys, assertions, tokens and webhook addresses."""

from services.directory.policy.ages import check_ages
from services.directory.policy.assertions import Assertion, check_assertion, claimed_client
from services.directory.policy.authenticators import address_of, is_code, new_secret, period_of
from services.directory.policy.codes import (
    new_recovery_code,
    read_answer_code,
    read_link,
    read_recovery_code,
)
from services.directory.policy.duties import ASSURE_BEFORE, RENEW_BEFORE, Duty
from services.directory.policy.grants import (
    check_grants,
    check_still_managed,
    in_force_for,
    managed_until,
)
from services.directory.policy.keys import check_public_jwk, thumbprint
from services.directory.policy.mailboxes import check_mailbox
from services.directory.policy.mailings import CODE_LASTS, WAYS, Wishes, check_wishes
from services.directory.policy.numbers import check_number
from services.directory.policy.outside import (
    Discovered,
    Pending,
    Provider,
    check_issuer,
    discovered,
    vouched_subject,
)
from services.directory.policy.passkeys import (
    ALGORITHMS,
    MOST_PASSKEYS,
    Created,
    PasskeyFacts,
    RelyingParty,
    Signed,
    counted_by,
    made_passkey,
    new_challenge,
)
from services.directory.policy.passwords import SHORTEST as SHORTEST_PASSWORD
from services.directory.policy.passwords import check_password, hashed, is_right
from services.directory.policy.patience import FORGOTTEN_AFTER, PATIENCE, Counted
from services.directory.policy.refused import MOST_REFUSALS, refusals_after
from services.directory.policy.roles import check_roles, of_people, of_systems, roles_in_force
from services.directory.policy.rules import (
    ProposalState,
    RuleFacts,
    RuleReason,
    can_be_superseded,
    check_day,
    check_rule,
)
from services.directory.policy.separation import SEPARATE, are_separate
from services.directory.policy.sessions import (
    CHALLENGE_LASTS,
    CONFIRMED_FOR,
    HALF,
    IDLE,
    KNOWN_FOR,
    LONGEST,
    LogInRules,
    asks_second_factor,
    new_token,
    token_digest,
    usable,
)
from services.directory.policy.simulated import check_sandbox, takes_simulated
from services.directory.policy.tokens import (
    IssuedToken,
    TokenIssuer,
    TokenRequest,
    check_same_client,
    lifetime_of,
    narrow,
    narrow_grants,
    parse_token_request,
)
from services.directory.policy.vault import STAFF_MASTER, Named, StaffVault
from services.directory.policy.vocabulary import (
    AccountEvent,
    DeviceKind,
    LinkPurpose,
    LogInOutcome,
    LogInStep,
    OfficeEvent,
    SessionEnd,
)
from services.directory.policy.webhooks import check_endpoint

__all__ = [
    "ALGORITHMS",
    "ASSURE_BEFORE",
    "CHALLENGE_LASTS",
    "CODE_LASTS",
    "CONFIRMED_FOR",
    "FORGOTTEN_AFTER",
    "HALF",
    "IDLE",
    "KNOWN_FOR",
    "LONGEST",
    "MOST_PASSKEYS",
    "MOST_REFUSALS",
    "PATIENCE",
    "RENEW_BEFORE",
    "SEPARATE",
    "SHORTEST_PASSWORD",
    "STAFF_MASTER",
    "WAYS",
    "AccountEvent",
    "Assertion",
    "Counted",
    "Created",
    "DeviceKind",
    "Discovered",
    "Duty",
    "IssuedToken",
    "LinkPurpose",
    "LogInOutcome",
    "LogInRules",
    "LogInStep",
    "Named",
    "OfficeEvent",
    "PasskeyFacts",
    "Pending",
    "ProposalState",
    "Provider",
    "RelyingParty",
    "RuleFacts",
    "RuleReason",
    "SessionEnd",
    "Signed",
    "StaffVault",
    "TokenIssuer",
    "TokenRequest",
    "Wishes",
    "address_of",
    "are_separate",
    "asks_second_factor",
    "can_be_superseded",
    "check_ages",
    "check_assertion",
    "check_day",
    "check_endpoint",
    "check_grants",
    "check_issuer",
    "check_mailbox",
    "check_number",
    "check_password",
    "check_public_jwk",
    "check_roles",
    "check_rule",
    "check_same_client",
    "check_sandbox",
    "check_still_managed",
    "check_wishes",
    "claimed_client",
    "counted_by",
    "discovered",
    "hashed",
    "in_force_for",
    "is_code",
    "is_right",
    "lifetime_of",
    "made_passkey",
    "managed_until",
    "narrow",
    "narrow_grants",
    "new_challenge",
    "new_recovery_code",
    "new_secret",
    "new_token",
    "of_people",
    "of_systems",
    "parse_token_request",
    "period_of",
    "read_answer_code",
    "read_link",
    "read_recovery_code",
    "refusals_after",
    "roles_in_force",
    "takes_simulated",
    "thumbprint",
    "token_digest",
    "usable",
    "vouched_subject",
]
