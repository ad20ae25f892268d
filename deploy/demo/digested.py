"""An officer who reads one mail an hour: what is new and what is to be done, and nobody's name.

An hour passes because the demonstration says so (``days.py``).
"""

import re
from dataclasses import dataclass
from typing import Any

from deploy.demo.asking import NOTIFICATION
from deploy.demo.days import end_hour
from deploy.demo.ledger import Ledger
from deploy.demo.officer import Officer
from deploy.stack.invariants import Urls
from deploy.stack.sandbox import DIRECTORY
from shared.contracts import Queue
from shared.contracts.vocabulary import Digest, MailLanguage
from shared.texts import TextLanguage, of_service

ME = f"{DIRECTORY}/me"
WISHES = {"digest": Digest.HOUR, "language": MailLanguage.VIETNAMESE, "is_on_call": False}
CODE = re.compile(r"Mã: ([0-9A-Z-]+)")


@dataclass
class Digested:
    """The officer, and the hour that the demonstration lets pass."""

    officer: Officer
    ledger: Ledger
    urls: Urls
    is_shown: bool = False
    """Whether a digest came to the mailbox that the officer has named and confirmed."""

    def look(self) -> None:
        """Go on from where it stands."""
        own = self._read(f"{ME}/settings")
        if own["mailbox"] is None:
            named = {"mailbox": self.officer.mailbox}
            self.officer.post(f"{ME}/mailbox", named).raise_for_status()
        elif own["confirmed_at"] is None:
            self._confirm()
        elif own["digest"] != Digest.HOUR:
            self.officer.post(f"{ME}/settings", WISHES).raise_for_status()
        elif self._read(f"{NOTIFICATION}/notices")["unread"]:
            # One hour has one digest: it must not pass while there is nothing to say.
            end_hour(self.urls, self._read(ME)["id"])
            lead = of_service(Queue.NOTIFICATION).say(
                TextLanguage.VIETNAMESE, "personal_text", "digest_lead"
            )
            self.is_shown = any(lead in words for words in self._mails())

    def _confirm(self) -> None:
        """Give back the code that came, once it has come."""
        for code in CODE.findall("\n".join(self._mails())):
            self.officer.post(f"{ME}/mailbox/confirmation", {"code": code}).raise_for_status()

    def _mails(self) -> list[str]:
        return self.ledger.mails(self.officer.mailbox)

    def _read(self, path: str) -> dict[str, Any]:
        answer = self.officer.get(path)
        answer.raise_for_status()
        read: dict[str, Any] = answer.json()
        return read
