"""Why somebody stops sending to an endpoint for a while."""

from enum import StrEnum


class SuspensionReason(StrEnum):
    """The reason as a code, so that no free text is stored."""

    PARTNER_ASKED = "partner_asked"
    PARTNER_DOWN = "partner_down"
    WRONG_ADDRESS = "wrong_address"
    INCIDENT = "incident"
    """Something may be wrong with what is sent, or with who receives it."""
