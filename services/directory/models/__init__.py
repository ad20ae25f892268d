"""Tables: who takes part. Every interval is half-open: ``valid_to`` is the first day not in it."""

from services.directory.models.base import METADATA, Base
from services.directory.models.participants import (
    Client,
    ClientAssertion,
    ContactPoint,
    Endpoint,
    IdentityProvider,
    Organisation,
    OrganisationRole,
    Programme,
)
from services.directory.models.people import (
    LogInFailure,
    Staff,
    StaffCredentials,
    StaffDevice,
    StaffGrant,
    StaffPasskey,
    StaffPhone,
    StaffRecoveryCode,
    StaffSession,
    StaffSettings,
)
from services.directory.models.rules import RuleProposal, RuleRehearsal

__all__ = [
    "METADATA",
    "Base",
    "Client",
    "ClientAssertion",
    "ContactPoint",
    "Endpoint",
    "IdentityProvider",
    "LogInFailure",
    "Organisation",
    "OrganisationRole",
    "Programme",
    "RuleProposal",
    "RuleRehearsal",
    "Staff",
    "StaffCredentials",
    "StaffDevice",
    "StaffGrant",
    "StaffPasskey",
    "StaffPhone",
    "StaffRecoveryCode",
    "StaffSession",
    "StaffSettings",
]
