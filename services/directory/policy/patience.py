"""How long whoever was wrong several times has to wait: longer each time, and never for good.

A person who knows everything is never kept waiting by what others do (ADR 0040).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(hours=6)
"""Without another failure for so long, counting begins anew."""


class Counted(Enum):
    """What failures are counted by."""

    ACCOUNT = "account"
    """Wrong passwords for one user name, whether it is there or not, from unknown browsers."""
    DEVICE = "device"
    """Wrong passwords in a browser in which the person has logged in before."""
    SOURCE = "source"
    """Wrong passwords from one address, for whichever names."""
    LINK = "link"
    """Codes of links that are none, or none any more, from one address."""
    FACTOR = "factor"
    """Wrong codes after a right password: nobody without the password can add to it."""
    MAILBOX = "mailbox"
    """Mailboxes that a person named, and wrong codes of them, by the person."""
    PHONE = "phone"
    """Phones that a person named, and wrong codes of them, by the person."""
    OFFICE = "office"
    """Wrong answer codes of one office, from one address: nobody elsewhere can add to it."""


@dataclass(frozen=True)
class Patience:
    """So many are free; then each doubles the wait, up to the longest."""

    free: int
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)

    def wait_after(self, times: int) -> timedelta:
        """How long to wait once so many were wrong."""
        beyond = times - self.free
        if beyond < 0:
            return timedelta(0)
        return min(self.longest, self.first * (1 << min(beyond, 16)))


PATIENCE = {
    Counted.ACCOUNT: Patience(free=5),
    Counted.DEVICE: Patience(free=10),
    # An office behind one address has many who mistype.
    Counted.SOURCE: Patience(free=20),
    # What is only mistyped is told before it is looked up, and not counted.
    Counted.LINK: Patience(free=20),
    Counted.FACTOR: Patience(free=5),
    # Each of them is a mail or an SMS to somebody.
    Counted.MAILBOX: Patience(free=5),
    Counted.PHONE: Patience(free=5),
    Counted.OFFICE: Patience(free=5),
}
