"""A system that is out of order until somebody mends it: nothing that it missed is lost.

Its own organisation has the duty, tries it when it has mended it, and gets what waited.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from deploy.demo.asking import NOTIFICATION, duties_of, every
from deploy.demo.cast import BROKEN_SCHOOL, key_of
from deploy.demo.ledger import Ledger
from deploy.stack.client import ApiClient
from shared.contracts import Queue

MEND_ENDPOINT = "mend_endpoint"
FAILED, ARRIVED, MOOT = "failed", "delivered", "cancelled"
"""How a test, or any other delivery, stands."""
DELIVERIES, ENDPOINTS = f"{NOTIFICATION}/deliveries", f"{NOTIFICATION}/endpoints"


@dataclass
class Mended:
    """Whoever looks after the system of a school."""

    school: ApiClient
    ledger: Ledger
    duty: Mapping[str, Any] | None = None
    """What was to be done, as the list of the school said it while nothing was sent to it."""
    missed: set[str] = field(default_factory=set)
    """What waited then."""
    tests: list[str] = field(default_factory=list)
    is_shown: bool = False
    """Whether a test has passed, the duty is over, and all that waited has arrived."""

    def look(self) -> None:
        """Go on from where it stands."""
        if self.duty is None:
            self._notice()
        elif not self.tests or self._state(self.tests[-1]) == FAILED:
            self._test()
        else:
            has_passed = self._state(self.tests[-1]) == ARRIVED
            self.is_shown = has_passed and self._has_all() and self._duty() is None

    def _notice(self) -> None:
        """Find it paused, and mend it."""
        resting = [it for it in every(self.school, ENDPOINTS) if it["paused_until"]]
        duty = self._duty()
        if duty is not None and resting:
            waiting = (it for it in every(self.school, DELIVERIES) if it["state"] != ARRIVED)
            self.missed = {it["id"] for it in waiting}
            self.duty = duty
            self.ledger.mend(BROKEN_SCHOOL)

    def _test(self) -> None:
        """Have a test sent, which is called for although the endpoint rests."""
        (endpoint,) = every(self.school, ENDPOINTS)
        where = f"{ENDPOINTS}/{endpoint['endpoint_id']}/tests"
        known = (where, str(endpoint["secret_version"]), str(len(self.tests)), *self.missed)
        answer = self.school.post(where, {}, key=key_of(*sorted(known)))
        if answer.status_code != httpx2.codes.CONFLICT:
            answer.raise_for_status()
            self.tests.append(answer.json()["id"])

    def _has_all(self) -> bool:
        """Whether it has what it missed, but for what asks for an answer that nobody waits for."""
        kept = self.missed & self.ledger.kept(BROKEN_SCHOOL)
        return bool(kept) and all(self._state(each) == MOOT for each in self.missed - kept)

    def _state(self, delivery_id: str) -> str:
        read = self.school.get(f"{DELIVERIES}/{delivery_id}")
        read.raise_for_status()
        return str(read.json()["state"])

    def _duty(self) -> Mapping[str, Any] | None:
        return next(iter(duties_of(self.school, Queue.NOTIFICATION, MEND_ENDPOINT)), None)
