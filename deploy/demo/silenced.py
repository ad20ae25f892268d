"""A text to a person that waits while somebody learns of a danger: it never leaves, and is a duty.

An operator stops SMS first, so that the text does wait, and lets it go on when the flag is up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo.asking import CASES, NOTIFICATION, duties_of
from deploy.demo.cast import key_of
from deploy.demo.ledger import Ledger
from deploy.demo.submission import Submission
from deploy.stack.client import ApiClient
from shared.contracts import Queue
from shared.contracts.vocabulary import PersonMessageOutcome
from shared.kit.clock import local_date, utc_now
from shared.kit.identifiers import reference_of

SMS = f"{NOTIFICATION}/channels/sms"
REACH_PERSON = "reach_person"
SAYS = {"says": "call_known_number"}


@dataclass
class Silenced:
    """Owner, receiver and operator of one case, each with their part."""

    owner: ApiClient
    receiver: ApiClient
    operator: ApiClient
    submission: Submission
    ledger: Ledger
    duty: Mapping[str, Any] | None = None
    """What the owner had to do, as their list said it."""
    is_over: bool = False
    """Whether that ended when the owner had met the person, and still nothing had left."""
    is_shown: bool = False
    """Whether a text that was asked for later has left, and the silenced one has not."""

    def look(self) -> None:
        """Go on from where it stands; what was done before is answered as it was then."""
        if not self.submission.case_id:
            return
        point_id = self._record()
        text_id = self._silence(point_id)
        if self.duty is None:
            self.duty = self._duty(text_id)
        elif not self.is_over:
            self._post(f"person-messages/{text_id}/endings", {"how": "met"})
            self.is_over = self._duty(text_id) is None and not self._has_left(text_id)
        else:
            self._post("risk-flags/endings", {"reason": "person_says_safe"})
            self.is_shown = self._is_another_sent(point_id, text_id)

    def _record(self) -> str:
        """The number that the person has confirmed today, with the owner who heard it."""
        number = self.submission.case.case["person"]["phones"][0]["number"]
        today = local_date(utc_now()).isoformat()
        point = {"number": number, "rule": {"ways": ["message"]}, "confirmed_on": today}
        return str(self._post("contact-points", point)["id"])

    def _silence(self, point_id: str) -> str:
        """Ask for a text while SMS is stopped, learn of a danger, let SMS go on."""
        self._operate("suspensions", {"reason": "provider_down"})
        text = self._post("person-messages", {"contact_point_id": point_id, **SAYS})
        self._post("risk-flags", {"reason": "phone_watched"}, by=self.receiver)
        self._operate("resumptions", {})
        return str(text["id"])

    def _is_another_sent(self, point_id: str, silenced_id: str) -> bool:
        """Whether what was asked for afterwards has left, and alone; one lost is asked for anew."""
        read = self.owner.get(f"{CASES}/{self.submission.case_id}/contact")
        read.raise_for_status()
        later = [it for it in read.json()["messages"] if it["id"] != silenced_id]
        if all(it["outcome"] for it in later):
            body = {"contact_point_id": point_id, **SAYS}
            self._post("person-messages", body, "later", str(len(later)))
        sent = (it for it in later if it["outcome"] == PersonMessageOutcome.SENT)
        has_left = any(self._has_left(it["id"]) for it in sent)
        return has_left and not self._has_left(silenced_id)

    def _has_left(self, text_id: str) -> bool:
        return self.ledger.has_text(str(reference_of("person_message", text_id)))

    def _duty(self, text_id: str) -> Mapping[str, Any] | None:
        mine = duties_of(self.owner, Queue.INTAKE, REACH_PERSON)
        return next((it for it in mine if it["object_id"] == text_id), None)

    def _operate(self, what: str, body: Mapping[str, Any]) -> None:
        key = key_of(self.submission.case_id, what)
        self.operator.post(f"{SMS}/{what}", body, key=key).raise_for_status()

    def _post(
        self, path: str, body: Mapping[str, Any], *words: str, by: ApiClient | None = None
    ) -> dict[str, Any]:
        """One thing once, however often it is asked."""
        where = f"{CASES}/{self.submission.case_id}/{path}"
        answer = (by or self.owner).post(where, body, key=key_of(where, *words))
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made
