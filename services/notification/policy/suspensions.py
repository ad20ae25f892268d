"""What somebody stops sending to, or by, for a while, and why."""

from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts.vocabulary import ChannelKind


class SuspensionReason(StrEnum):
    """The reason as a code, so that no free text is stored."""

    PARTNER_ASKED = "partner_asked"
    PARTNER_DOWN = "partner_down"
    WRONG_ADDRESS = "wrong_address"
    PROVIDER_DOWN = "provider_down"
    """Whoever carries what is sent by a channel is away, or is being changed."""
    INCIDENT = "incident"
    """Something may be wrong with what is sent, or with who receives it."""


class SuspendedPart(StrEnum):
    """To or by what nothing is sent."""

    ENDPOINT = "endpoint"
    ORGANISATION = "organisation"
    """All that it is to be told, whichever address it has or comes to have."""
    CHANNEL = "channel"
    """All that goes by it, to whomever."""


def id_of_channel(channel: ChannelKind) -> UUID:
    """What duties, alerts and the audit name a channel by, in every installation."""
    return uuid5(NAMESPACE_URL, f"urn:nhipcau:channel:{channel}")


def id_of_carrier(channel: str, name: str) -> UUID:
    """What alerts name a mail server or a gateway of SMS by."""
    return uuid5(NAMESPACE_URL, f"urn:nhipcau:carrier:{channel}:{name}")
