"""What somebody must do so that an organisation can be told what it has to know."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about an address, or about what is said."""

    MEND_ENDPOINT = "mend_endpoint"
    """Calls fail one after the other, or nothing is sent any more: whoever runs the receiver finds
    out why.
    """
    RESUME_ENDPOINT = "resume_endpoint"
    """Nothing is sent since an operator said so, until an operator lets it go on."""
    RESUME_ORGANISATION = "resume_organisation"
    RESUME_CHANNEL = "resume_channel"
    PUBLISH_TEMPLATE = "publish_template"
    """A draft of what notices say waits for somebody who did not write it."""
