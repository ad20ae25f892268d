"""An organisation that an offer cannot reach: the next one is asked, and the case owner told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from deploy.demo.cast import CASE_OWNER, NEXT_ASKED, UNREACHED, Cast, key_of
from deploy.demo.days import end_delivery
from deploy.demo.ledger import Ledger
from deploy.stack.invariants import Urls
from deploy.stack.sandbox import DIRECTORY
from shared.contracts import Queue

OFFER_UNDELIVERED = "offer_undelivered"

_HAS_FAILED = """
    SELECT 1 FROM endpoints WHERE organisation_id = %s AND consecutive_failures > 0
"""


@dataclass(frozen=True)
class Unreached:
    """At its address nobody listens, until the case owner was told of it and has asked why.

    The next organisation answers nothing before that: with its answer the alert would be over.
    """

    cast: Cast
    ledger: Ledger
    urls: Urls

    def let_days_pass(self, offer: Mapping[str, Any]) -> None:
        """Let the working days be over in which an offer to it had to arrive, once it was tried."""
        if offer["organisation_id"] != self.cast.id_of(UNREACHED):
            return
        with psycopg.connect(self.urls(Queue.NOTIFICATION)) as connection:
            has_failed = connection.execute(_HAS_FAILED, (offer["organisation_id"],)).fetchone()
        if has_failed:
            end_delivery(self.urls, offer["id"])

    def has_told(self, alert: Mapping[str, Any]) -> bool:
        """Whether the case owner's own system has taken the webhook about an alert."""
        return self.ledger.has(CASE_OWNER, alert["id"])

    def answer(self, alert: Mapping[str, Any]) -> None:
        """Asked why, it says where it listens, and gets what waited; the next one answers, too."""
        organisation = self.cast.client(UNREACHED)
        try:
            registered = organisation.post(
                f"{DIRECTORY}/organisations/{self.cast.id_of(UNREACHED)}/endpoints",
                {"url": self.cast.address_of(UNREACHED)},
                key=key_of(alert["id"], "endpoint"),
            )
            registered.raise_for_status()
        finally:
            organisation.close()
        self.ledger.release(NEXT_ASKED)
