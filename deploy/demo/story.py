"""What happens in the demonstration: agencies submit, the verifier decides, everybody watches."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx2

from deploy.demo.cases import DemoCase
from deploy.demo.cast import CASE_OWNER, VERIFIERS, Cast, key_of
from deploy.stack.client import ApiClient
from shared.contracts.vocabulary import ReferralStatus, VerificationOutcome

LIVELIHOOD = "/livelihood-support/v1"
ENDED = {
    ReferralStatus.COMPLETED,
    ReferralStatus.FAILED,
    ReferralStatus.CANCELLED,
    ReferralStatus.UNPLACED,
    ReferralStatus.ENTERED_IN_ERROR,
}
"""Statuses in which nothing more is to come without a person."""


DECISIONS: dict[str, dict[str, Any]] = {
    "assigned": {"move": "start"},
    "in_progress": {
        "move": "conclude",
        "outcome": VerificationOutcome.IDENTIFIED,
        "grounds": ["rescuing_body"],
    },
}
"""What the demonstration's verifiers do with a verification in each status."""


@dataclass
class Submission:
    """A case and what became of it."""

    case: DemoCase
    code: str = ""
    case_id: str = ""
    refused_for: str = ""
    submitted_at: float = 0.0
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether intake has said yes or no."""
        return bool(self.case_id or self.refused_for)


class Story:
    """The demonstration's people at work; every request carries a key, so nothing acts twice."""

    def __init__(self, cast: Cast, cases: list[DemoCase]) -> None:
        self.submissions = [Submission(case) for case in cases]
        self._agencies = {case.submit_as: cast.client(case.submit_as) for case in cases}
        self._owner = cast.client(CASE_OWNER)
        self._verifiers = [cast.client(code) for code in VERIFIERS]
        self._is_over = threading.Event()
        self._deciding = threading.Thread(target=self._decide_all, name="verifiers", daemon=True)

    def begin(self) -> None:
        """The verifiers come to work, and all agencies submit at the same time."""
        self._deciding.start()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._submit, self.submissions))

    def end(self) -> None:
        """Everybody goes home."""
        self._is_over.set()
        self._deciding.join(timeout=20)
        for client in (*self._agencies.values(), self._owner, *self._verifiers):
            client.close()

    def referrals(self) -> list[dict[str, Any]]:
        """Every referral, as the case owner sees it."""
        return _all(self._owner, f"{LIVELIHOOD}/referrals")

    def look(self) -> None:
        """Read the journey of every case, as the agency that submitted it."""
        for submission in self.submissions:
            if submission.case_id:
                agency = self._agencies[submission.case.submit_as]
                answer = agency.get(f"/intake/v1/cases/{submission.case_id}/journey")
                submission.steps = answer.json()["steps"]

    def _submit(self, submission: Submission) -> None:
        case = submission.case
        agency = self._agencies[case.submit_as]
        submission.submitted_at = time.time()
        answer = agency.post("/intake/v1/cases", case.case, key=key_of(case.key))
        if answer.status_code != httpx2.codes.CREATED:
            submission.refused_for = _fields(answer.json())
            return
        if case.withdraw:
            taken_back = agency.post(
                f"/intake/v1/cases/{answer.json()['id']}/consents/withdrawals",
                case.withdraw,
                key=key_of(case.key, "withdrawal"),
            )
            taken_back.raise_for_status()
        submission.code = answer.json()["code"]
        submission.case_id = answer.json()["id"]

    def _decide_all(self) -> None:
        while not self._is_over.wait(0.5):
            for verifier in self._verifiers:
                for verification in _all(verifier, "/verification/v1/verifications"):
                    self._decide(verifier, verification)

    def _decide(self, verifier: ApiClient, verification: dict[str, Any]) -> None:
        """Take a verification up, then find that the person is a victim."""
        move = DECISIONS.get(verification["status"])
        if move is None:
            return
        version = verification["version"]
        verifier.post(
            f"/verification/v1/verifications/{verification['id']}/moves",
            move,
            key=key_of(verification["id"], move["move"], str(version)),
            version=f'"{version}"',
        )


def _all(client: ApiClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"page_size": 100}
    while True:
        answer = client.get(path, **query)
        answer.raise_for_status()
        page = answer.json()
        found.extend(page["items"])
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def _fields(problem: dict[str, Any]) -> str:
    """Which fields a refusal names, with the rules they broke."""
    named = [f"{it['pointer']} {it['rule']}" for it in problem.get("errors", [])]
    return ", ".join(named) or str(problem.get("type"))
