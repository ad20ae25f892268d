"""A real gateway of SMS on loopback, as docs/sms-gateway.md has it: it takes each id once, answers
by the number that is written to, and reports what became of what it took.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import orjson
from fastapi.testclient import TestClient

from services.notification.policy import signed, verify
from tests.notification.receivers import Got, Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
REPORTS = "/notification/v1/sms-reports"

TAKES = "+84900000001"
REFUSES = "+84900000002"
THROTTLES_ONCE = "+84900000003"
CANNOT_ONCE = "+84900000004"
FAILS_AFTER = "+84900000005"
"""Sends it, and answers with a fault all the same."""
NEVER_ANSWERS = "+84900000006"
"""Sends it, and says nothing until the test lets it."""
ANSWERS = {
    REFUSES: [422],
    THROTTLES_ONCE: [429, 202],
    CANNOT_ONCE: [503, 202],
    FAILS_AFTER: [502],
}
"""What each of these is answered with, the last from then on; all others with 202."""


@dataclass(frozen=True)
class Texted:
    """A text that left for a phone."""

    id: str
    to: str
    text: str


class SmsGateway(Receiver):
    """The gateway; ``phones`` are the texts that left, in their order."""

    def __init__(self, secret: str = SECRET) -> None:
        super().__init__()
        self._secret = secret
        self.is_down = False
        """Whether it says of every text that it cannot send it."""
        self.refuses: set[str] = set()
        """Numbers that it takes nothing for."""
        self.phones: list[Texted] = []
        self.bodies: list[dict[str, Any]] = []
        self._accepted: set[str] = set()
        self._times: dict[str, int] = {}
        self._at_once = threading.Lock()

    @property
    def address(self) -> str:
        """What ``SMS_GATEWAY_ADDRESS`` would be."""
        return self.url.removesuffix("/hooks") + "/v1"

    def take(self, got: Got) -> tuple[int, dict[str, str]]:
        if got.path != "/v1/messages" or not verify(
            [self._secret], got.headers, got.body, now=time.time()
        ):
            return 401, {}
        told = orjson.loads(got.body)
        with self._at_once:
            status = self._answer(told)
        self.got.append(got)
        if told["to"] == NEVER_ANSWERS:
            self.hold.wait(20)
        return status, {"Retry-After": "0"} if status == 429 else {}

    def _answer(self, told: Mapping[str, Any]) -> int:
        """Every id is sent on once, whatever is answered."""
        self.bodies.append(dict(told))
        if self.is_down:
            return 503
        if told["to"] in self.refuses:
            return 422
        before = self._times.get(told["to"], 0)
        self._times[told["to"]] = before + 1
        answers = ANSWERS.get(told["to"], [202])
        status = answers[min(before, len(answers) - 1)]
        is_sent = status == 202 or told["to"] == FAILS_AFTER
        if is_sent and told["id"] not in self._accepted:
            self._accepted.add(told["id"])
            self.phones.append(Texted(told["id"], told["to"], told["text"]))
        return status

    def forget(self, delivery_id: str) -> None:
        """What has failed may be handed over again."""
        self._accepted.discard(delivery_id)


def report(
    client: TestClient,
    body: Mapping[str, Any],
    *,
    at: float,
    secret: str = SECRET,
    signing: bytes | None = None,
) -> httpx.Response:
    """Report as a gateway does; ``signing`` is what is signed instead of what is said."""
    raw = orjson.dumps(body)
    headers = signed(secret, webhook_id="report-1", timestamp=int(at), body=signing or raw)
    answer: httpx.Response = client.post(
        REPORTS, content=raw, headers={**headers, "content-type": "application/json"}
    )
    return answer
