"""What an organisation must do so that it can be told what it has to know."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about an address."""

    MEND_ENDPOINT = "mend_endpoint"
    """Calls fail one after the other: whoever runs the receiver finds out why."""
