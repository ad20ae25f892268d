"""HTTP shapes. Text is normalised to NFC and holds no control characters."""

from services.directory.schemas.client import (
    ClientChange,
    ClientCreate,
    ClientRead,
)
from services.directory.schemas.endpoint import (
    EndpointCreate,
    EndpointRead,
    EndpointRegistered,
)
from services.directory.schemas.organisation import (
    HeldRole,
    OrganisationChange,
    OrganisationCreate,
    OrganisationList,
    OrganisationRead,
)
from services.directory.schemas.programme import (
    AssuranceCreate,
    ConfirmationGiven,
    ProgrammeChange,
    ProgrammeCreate,
    ProgrammeList,
    ProgrammeRead,
)
from services.directory.schemas.staff import (
    ManagerAppointed,
    ManagerCreate,
    StaffChange,
    StaffCreate,
    StaffKept,
    StaffList,
    StaffRead,
    UserName,
)
from services.directory.schemas.token import (
    KeySet,
    TokenError,
    TokenRead,
)
from services.directory.schemas.unit import (
    SuccessionList,
    SuccessionRead,
    UnitList,
    UnitRead,
)
from services.directory.schemas.words import AreaCode, ClientId, Name, Note, OrganisationCode

__all__ = [
    "AreaCode",
    "AssuranceCreate",
    "ClientChange",
    "ClientCreate",
    "ClientId",
    "ClientRead",
    "ConfirmationGiven",
    "EndpointCreate",
    "EndpointRead",
    "EndpointRegistered",
    "HeldRole",
    "KeySet",
    "ManagerAppointed",
    "ManagerCreate",
    "Name",
    "Note",
    "OrganisationChange",
    "OrganisationCode",
    "OrganisationCreate",
    "OrganisationList",
    "OrganisationRead",
    "ProgrammeChange",
    "ProgrammeCreate",
    "ProgrammeList",
    "ProgrammeRead",
    "StaffChange",
    "StaffCreate",
    "StaffKept",
    "StaffList",
    "StaffRead",
    "SuccessionList",
    "SuccessionRead",
    "TokenError",
    "TokenRead",
    "UnitList",
    "UnitRead",
    "UserName",
]
