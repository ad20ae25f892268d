"""An offer that has arrived, and that nobody reads: on its last day the case owner sees to it.

Its last day is today because the demonstration says so (``days.py``). Who is asked begins to work
when it is read: with an answer, too, it would be over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo.asking import NOTIFICATION, duties_of, every
from deploy.demo.cast import CASE_OWNER, UNREADING, key_of
from deploy.demo.days import bring_last_day
from deploy.demo.ledger import Ledger
from deploy.demo.owner import CaseOwner
from deploy.demo.submission import Submission
from deploy.stack.client import ApiClient
from deploy.stack.invariants import Urls
from shared.contracts import Queue

OFFER_UNREAD = "offer_unread"
REACH_ORGANISATION = "reach_organisation"
NOTICES = f"{NOTIFICATION}/notices"


@dataclass
class Unread:
    """The case owner, and whoever was asked."""

    owner: CaseOwner
    asked: ApiClient
    submission: Submission
    ledger: Ledger
    urls: Urls
    duty: Mapping[str, Any] | None = None
    """What the case owner had to do, as their list said it."""
    is_shown: bool = False
    """Whether it was over once it had been read."""

    def look(self) -> None:
        """Go on from where it stands."""
        need = self.submission.case.unread
        for offer in self.owner.offers(self.submission, need) if self.submission.case_id else ():
            if self.duty is None:
                bring_last_day(self.urls, offer["id"])
                self.duty = self._told()
            elif self._alerts():
                self._read(offer["id"])
            else:
                self.is_shown = self._duty() is None
                self.ledger.release(UNREADING)

    def _told(self) -> Mapping[str, Any] | None:
        """The duty, once the case owner's own system was told why."""
        alerts = self._alerts()
        has_heard = any(self.ledger.has(CASE_OWNER, it["id"]) for it in alerts)
        return self._duty() if has_heard else None

    def _alerts(self) -> list[dict[str, Any]]:
        about = (self.submission.case_id, OFFER_UNREAD)
        return [it for it in self.owner.alerts() if (it["case_id"], it["kind"]) == about]

    def _duty(self) -> Mapping[str, Any] | None:
        mine = duties_of(self.owner.client, Queue.LIVELIHOOD_SUPPORT, REACH_ORGANISATION)
        return next((it for it in mine if it["case_id"] == self.submission.case_id), None)

    def _read(self, offer_id: str) -> None:
        """Somebody of whoever was asked opens the notice."""
        for notice in every(self.asked, NOTICES):
            if notice["referral_id"] == offer_id:
                answer = self.asked.post(
                    f"{NOTICES}/{notice['id']}/readings", {}, key=key_of(notice["id"], "reading")
                )
                answer.raise_for_status()
