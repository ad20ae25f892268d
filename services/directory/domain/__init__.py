"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.directory.domain.account import (
    Account,
    AccountEntry,
    Asked,
    ask_for_password,
    change_password,
    own_account,
    own_log,
)
from services.directory.domain.actors import Actor, find_actors
from services.directory.domain.assurances import assure_programme, end_unnamed_assurances
from services.directory.domain.clients import (
    change_client,
    clients_of,
    find_client,
    register_client,
)
from services.directory.domain.confirmations import Confirmation
from services.directory.domain.contact_points import (
    end_contact_point,
    find_contact_points,
    register_contact_point,
)
from services.directory.domain.duties import DUTIES
from services.directory.domain.endpoints import (
    DisabledFacts,
    disable_endpoint,
    find_endpoint,
    note_disabled_endpoints,
    register_endpoint,
)
from services.directory.domain.factors import (
    Added,
    Invitation,
    Owner,
    begin_app,
    challenge_to_confirm,
    confirm,
    drop_passkey,
    end_app,
    invite_passkey,
    keep_passkey,
    make_recovery_codes,
    own_passkeys,
)
from services.directory.domain.links import add_link, claim_link, make_link, redeem_link
from services.directory.domain.log_ins import (
    Context,
    LogIn,
    Place,
    ask_passkeys,
    claim_log_in,
    conclude_log_in,
    take_second_step,
)
from services.directory.domain.organisations import (
    OrganisationFacts,
    change_organisation,
    find_organisation,
    find_organisations,
    open_organisation,
    organisation_with_code,
)
from services.directory.domain.outside import (
    claim_outside,
    conclude_outside,
    find_provider,
    list_vouched,
    provider_of,
    remove_provider,
    set_provider,
)
from services.directory.domain.passkeys import Challenged, Passkey
from services.directory.domain.programmes import (
    ProgrammeFacts,
    change_programme,
    find_programme,
    find_programmes,
    open_programme,
)
from services.directory.domain.retention import RETENTION
from services.directory.domain.seed import Seed, Seeded, read_seed, seed_directory
from services.directory.domain.separation import part_roles
from services.directory.domain.sessions import list_sessions, log_out, revoke_session
from services.directory.domain.staff import (
    StaffFacts,
    appoint_manager,
    change_staff,
    find_officers,
    find_staff,
    identity_of,
    list_staff,
    register_staff,
)
from services.directory.domain.tokens import issue_token
from services.directory.domain.units import find_successors, find_units

__all__ = [
    "DUTIES",
    "RETENTION",
    "Account",
    "AccountEntry",
    "Actor",
    "Added",
    "Asked",
    "Challenged",
    "Confirmation",
    "Context",
    "DisabledFacts",
    "Invitation",
    "LogIn",
    "OrganisationFacts",
    "Owner",
    "Passkey",
    "Place",
    "ProgrammeFacts",
    "Seed",
    "Seeded",
    "StaffFacts",
    "add_link",
    "appoint_manager",
    "ask_for_password",
    "ask_passkeys",
    "assure_programme",
    "begin_app",
    "challenge_to_confirm",
    "change_client",
    "change_organisation",
    "change_password",
    "change_programme",
    "change_staff",
    "claim_link",
    "claim_log_in",
    "claim_outside",
    "clients_of",
    "conclude_log_in",
    "conclude_outside",
    "confirm",
    "disable_endpoint",
    "drop_passkey",
    "end_app",
    "end_contact_point",
    "end_unnamed_assurances",
    "find_actors",
    "find_client",
    "find_contact_points",
    "find_endpoint",
    "find_officers",
    "find_organisation",
    "find_organisations",
    "find_programme",
    "find_programmes",
    "find_provider",
    "find_staff",
    "find_successors",
    "find_units",
    "identity_of",
    "invite_passkey",
    "issue_token",
    "keep_passkey",
    "list_sessions",
    "list_staff",
    "list_vouched",
    "log_out",
    "make_link",
    "make_recovery_codes",
    "note_disabled_endpoints",
    "open_organisation",
    "open_programme",
    "organisation_with_code",
    "own_account",
    "own_log",
    "own_passkeys",
    "part_roles",
    "provider_of",
    "read_seed",
    "redeem_link",
    "register_client",
    "register_contact_point",
    "register_endpoint",
    "register_staff",
    "remove_provider",
    "revoke_session",
    "seed_directory",
    "set_provider",
    "take_second_step",
]
