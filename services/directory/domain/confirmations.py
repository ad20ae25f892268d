"""What an organisation confirmed in writing, and an administrator passes on."""

from dataclasses import dataclass
from datetime import date

from services.directory.errors import ConfirmedLater


@dataclass(frozen=True)
class Confirmation:
    """What an administrator names: a post of the organisation (no person), a day, a paper."""

    post: str
    confirmed_on: date
    reference: str

    def check(self, today: date) -> None:
        """Raise ``ConfirmedLater`` for a day that has not come yet."""
        if self.confirmed_on > today:
            raise ConfirmedLater
