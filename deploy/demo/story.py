"""What happens in the demonstration: agencies submit, the verifier decides, everybody watches."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import httpx2

from deploy.demo.cases import DemoCase
from deploy.demo.cast import CASE_OWNER, VERIFIERS, Cast, key_of
from deploy.demo.journey import Leg, legs
from deploy.demo.persistence import AWAY, Person
from deploy.stack.client import ApiClient
from shared.contracts.vocabulary import ReferralStatus, VerificationOutcome

CASES = "/intake/v1/cases"
VERIFICATIONS = "/verification/v1/verifications"
LIVELIHOOD = "/livelihood-support/v1"
AT_ONCE = 8
"""How many agencies submit at the same time."""
CONCLUDED = "concluded"
ENDED = {
    ReferralStatus.COMPLETED,
    ReferralStatus.FAILED,
    ReferralStatus.CANCELLED,
    ReferralStatus.UNPLACED,
    ReferralStatus.ENTERED_IN_ERROR,
}
"""Statuses in which nothing more is to come unless somebody acts."""


DECISIONS: dict[str, dict[str, Any]] = {
    "assigned": {"move": "start"},
    "in_progress": {
        "move": "conclude",
        "outcome": VerificationOutcome.IDENTIFIED,
        "grounds": ["rescuing_body"],
    },
}
"""What the demonstration's verifiers do with a verification in each status."""


NOT_IDENTIFIED: dict[str, Any] = {
    "move": "conclude",
    "outcome": VerificationOutcome.NOT_IDENTIFIED,
    "grounds": ["rescuing_body"],
    "reason": "evidence_insufficient",
    "evidence_ref": "01/KL-CATP",
}
"""The first decision on a case that is opened again."""
REOPEN: dict[str, Any] = {
    "move": "reopen",
    "grounds": ["other_victim_or_witness"],
    "reason": "new_evidence",
}
"""What the case owner asks for when another person has spoken."""


READ_AGAIN = {httpx2.codes.CONFLICT, httpx2.codes.PRECONDITION_FAILED}
"""Refusals of a move that the next look at the verification explains."""


@dataclass
class Submission:
    """A case and what became of it."""

    case: DemoCase
    code: str = ""
    case_id: str = ""
    refused_for: str = ""
    submitted_at: float = 0.0
    is_reopened: bool = False
    """Whether the case owner has had a negative decision opened again."""
    has_told: bool = False
    """Whether the case owner has told the fact that a need waited for."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether intake has said yes or no."""
        return bool(self.case_id or self.refused_for)

    @property
    def legs(self) -> list[Leg]:
        """Its journey, as far as it was read."""
        return legs(self.steps, self.alerts) if self.case_id else []

    @property
    def is_as_expected(self) -> bool:
        """Whether it was refused for what it must be, or every leg ended as it must."""
        ends = sorted((leg.of, leg.end) for leg in self.legs)
        return self.refused_for == self.case.refused and ends == sorted(self.case.must)

    @property
    def is_acted(self) -> bool:
        """Whether the case owner has done what falls to them in it."""
        return (self.is_reopened or not self.case.reopens) and (
            self.has_told or not self.case.tells
        )


class Story:
    """The demonstration's people at work; every request carries a key, so nothing acts twice."""

    def __init__(self, cast: Cast, cases: list[DemoCase]) -> None:
        self.submissions = [Submission(case) for case in cases]
        self.names = cast.names()
        self._agencies = {case.submit_as: cast.client(case.submit_as) for case in cases}
        self._owner = cast.client(CASE_OWNER)
        self._verifiers = [cast.client(code) for code in VERIFIERS]
        self._is_over = threading.Event()
        self._waiting: SimpleQueue[Submission] = SimpleQueue()
        self._people = [
            Person("verifiers", self._decide_all),
            Person("case-owner", self._care_for_all),
            *(Person(f"agencies-{number}", self._submit_all) for number in range(AT_ONCE)),
        ]

    def begin(self) -> None:
        """The verifiers come to work, and all agencies submit at the same time."""
        for submission in self.submissions:
            self._waiting.put(submission)
        for person in self._people:
            person.start()

    def check(self) -> None:
        """Raise the fault that ended somebody's work early."""
        for person in self._people:
            person.check()

    def end(self) -> None:
        """Everybody stops working, and their connections are closed."""
        self._is_over.set()
        for person in self._people:
            if person.is_alive():
                person.join(timeout=2)
        for client in (*self._agencies.values(), self._owner, *self._verifiers):
            client.close()

    @property
    def is_submitted(self) -> bool:
        """Whether every case has its answer."""
        return all(it.is_answered for it in self.submissions)

    @property
    def is_acted(self) -> bool:
        """Whether people have done all of their part."""
        return all(it.is_acted for it in self.submissions)

    def verifications(self) -> list[dict[str, Any]]:
        """The verification of every case, as the case owner sees it."""
        return self._ours(VERIFICATIONS)

    def referrals(self) -> list[dict[str, Any]]:
        """Every referral, as the case owner sees it."""
        return self._ours(f"{LIVELIHOOD}/referrals")

    def look(self) -> None:
        """Read every journey and every alert as the case owner."""
        alerts = self._ours(f"{LIVELIHOOD}/alerts")
        for submission in self.submissions:
            submission.alerts = [it for it in alerts if it["case_id"] == submission.case_id]
            if submission.case_id:
                answer = self._owner.get(f"{CASES}/{submission.case_id}/journey")
                answer.raise_for_status()
                submission.steps = answer.json()["steps"]

    def _ours(self, path: str) -> list[dict[str, Any]]:
        """Without what an earlier run in the same folder left."""
        ours = {it.case_id for it in self.submissions if it.case_id}
        return [it for it in _all(self._owner, path) if it["case_id"] in ours]

    def _submit_all(self) -> None:
        while not self._is_over.is_set():
            try:
                submission = self._waiting.get_nowait()
            except Empty:
                return
            self._insist(partial(self._submit, submission))

    def _submit(self, submission: Submission) -> None:
        case = submission.case
        agency = self._agencies[case.submit_as]
        submission.submitted_at = submission.submitted_at or time.time()
        answer = agency.post(CASES, case.case, key=key_of(case.key))
        if answer.status_code == httpx2.codes.UNPROCESSABLE_ENTITY:
            submission.refused_for = _fields(answer.json())
            return
        answer.raise_for_status()
        if case.withdraw:
            taken_back = agency.post(
                f"{CASES}/{answer.json()['id']}/consents/withdrawals",
                case.withdraw,
                key=key_of(case.key, "withdrawal"),
            )
            taken_back.raise_for_status()
        submission.code = answer.json()["code"]
        submission.case_id = answer.json()["id"]

    def _decide_all(self) -> None:
        while not self._is_over.wait(0.5):
            self._insist(self._decide_each)

    def _decide_each(self) -> None:
        for verifier in self._verifiers:
            for verification in _all(verifier, VERIFICATIONS):
                self._decide(verifier, verification)

    def _decide(self, verifier: ApiClient, verification: dict[str, Any]) -> None:
        """Take a verification up, then find that the person is a victim, some at second sight.

        Which case it is may be unknown while cases are being submitted; then it waits.
        """
        submission = self._of(verification)
        if submission is None and not self.is_submitted:
            return
        move = DECISIONS.get(verification["status"])
        if move is None:
            return
        is_first = submission is not None and submission.case.reopens
        if is_first and move["move"] == "conclude" and not _is_reopened(verifier, verification):
            move = NOT_IDENTIFIED
        _move(verifier, verification, move)

    def _care_for_all(self) -> None:
        while not self._is_over.wait(0.5):
            if all(it.is_acted for it in self.submissions):
                return
            self._insist(self._reopen_each)
            self._insist(self._tell_each)

    def _reopen_each(self) -> None:
        """Have each negative decision opened again that new evidence speaks against."""
        for verification in self.verifications():
            submission = self._of(verification)
            if submission is None or submission.is_reopened or not submission.case.reopens:
                continue
            if verification["outcome"] == VerificationOutcome.NOT_IDENTIFIED:
                _move(self._owner, verification, REOPEN)
            submission.is_reopened = _is_reopened(self._owner, verification)

    def _tell_each(self) -> None:
        """Tell what a need waits for, once it waits: the plan is revised, and the need referred."""
        waiting = {it["case_id"] for it in self._ours(f"{LIVELIHOOD}/alerts")}
        for submission in self.submissions:
            if submission.case.tells and not submission.has_told and submission.case_id in waiting:
                answer = self._owner.post(
                    f"{LIVELIHOOD}/cases/{submission.case_id}/facts",
                    submission.case.tells,
                    key=key_of(submission.case_id, str(submission.case.tells["fact"])),
                )
                answer.raise_for_status()
                submission.has_told = True

    def _of(self, verification: Mapping[str, Any]) -> Submission | None:
        """The submission a verification is about, if it is known already and one of ours."""
        case_id = verification["case_id"]
        return next((it for it in self.submissions if it.case_id == case_id), None)

    def _insist(self, act: Callable[[], None]) -> None:
        """Do it, and repeat it while the exchange does not answer; its key makes a repeat safe."""
        while not self._is_over.is_set():
            try:
                act()
            except AWAY as fault:
                if _is_final(fault):
                    raise
                self._is_over.wait(0.5)
            else:
                return


def _is_reopened(client: ApiClient, verification: Mapping[str, Any]) -> bool:
    """Asked of the exchange, since an answer to the move itself may be lost."""
    made = _all(client, f"{VERIFICATIONS}/{verification['id']}/moves")
    return any(each["move"] == REOPEN["move"] for each in made)


def _move(client: ApiClient, verification: Mapping[str, Any], move: Mapping[str, Any]) -> None:
    """Move a verification, unless it has moved since it was read."""
    version = verification["version"]
    answer = client.post(
        f"{VERIFICATIONS}/{verification['id']}/moves",
        move,
        key=key_of(verification["id"], move["move"], str(version)),
        version=f'"{version}"',
    )
    if answer.status_code not in READ_AGAIN:
        answer.raise_for_status()


def _is_final(fault: Exception) -> bool:
    """Whether the exchange has answered, and will not answer otherwise."""
    return isinstance(fault, httpx2.HTTPStatusError) and fault.response.is_client_error


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
