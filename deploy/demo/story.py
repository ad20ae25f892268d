"""What happens in the demonstration: agencies submit, the verifier decides, everybody watches."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import httpx2

from deploy.demo.asking import CASES, VERIFICATIONS, every, has_been, move
from deploy.demo.cases import DemoCase
from deploy.demo.cast import (
    BROKEN_SCHOOL,
    CASE_OWNER,
    OFFICE,
    UNREADING,
    VERIFIERS,
    Cast,
    key_of,
)
from deploy.demo.digested import Digested
from deploy.demo.ledger import Ledger
from deploy.demo.mended import Mended
from deploy.demo.officer import Others
from deploy.demo.owner import REOPEN, CaseOwner
from deploy.demo.persistence import AWAY, Person
from deploy.demo.silenced import Silenced
from deploy.demo.steps import Steps
from deploy.demo.submission import Submission
from deploy.demo.unreached import Unreached
from deploy.demo.unread import Unread
from deploy.stack.client import ApiClient
from deploy.stack.invariants import Urls
from shared.contracts.vocabulary import ReferralStatus, VerificationOutcome

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


class Story:
    """The demonstration's people at work; every request carries a key, so nothing acts twice."""

    def __init__(
        self,
        cast: Cast,
        cases: list[DemoCase],
        ledger: Ledger,
        urls: Urls,
        others: Others,
    ) -> None:
        self.submissions = [Submission(case) for case in cases]
        self.names = cast.names()
        self.from_mails: Sequence[Mapping[str, Any]] = ()
        """What an office without a system has answered by the links of its mails."""
        self._office_id = cast.id_of(OFFICE)
        self._agencies = {case.submit_as: cast.client(case.submit_as) for case in cases}
        self._owner = CaseOwner(
            cast.client(CASE_OWNER), self.submissions, Unreached(cast, ledger, urls)
        )
        self._verifiers = [cast.client(code) for code in VERIFIERS]
        self._others = others
        self.steps = self._steps(cast, ledger, urls)
        self._is_over = threading.Event()
        self._waiting: SimpleQueue[Submission] = SimpleQueue()
        self._people = [
            Person("verifiers", self._decide_all),
            Person("case-owner", self._care_for_all),
            Person("steps", self._take_all_steps),
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
        clients = (*self._agencies.values(), self._owner.client, *self._verifiers)
        others = (self._others.operator, self._others.officer)
        for client in (*clients, *others, self.steps.mended.school, self.steps.unread.asked):
            client.close()

    @property
    def is_submitted(self) -> bool:
        """Whether every case has its answer."""
        return all(it.is_answered for it in self.submissions)

    @property
    def is_acted(self) -> bool:
        """Whether people have done all of their part."""
        return all(it.is_acted for it in self.submissions) and not self.steps.left

    def verifications(self) -> list[dict[str, Any]]:
        """The verification of every case, as the case owner sees it."""
        return self._owner.verifications()

    def referrals(self) -> list[dict[str, Any]]:
        """Every referral, as the case owner sees it."""
        return self._owner.referrals()

    def look(self) -> None:
        """Read every journey and every alert as the case owner."""
        alerts = self._owner.alerts()
        self.from_mails = [*self._owner.moves_by_mail(self._office_id)]
        for submission in self.submissions:
            submission.alerts = [it for it in alerts if it["case_id"] == submission.case_id]
            if submission.case_id:
                answer = self._owner.client.get(f"{CASES}/{submission.case_id}/journey")
                answer.raise_for_status()
                submission.steps = answer.json()["steps"]

    def _steps(self, cast: Cast, ledger: Ledger, urls: Urls) -> Steps:
        """What is to be shown beside the journeys, each by the case that it is about."""
        (silenced,) = (it for it in self.submissions if it.case.is_silenced)
        (unread,) = (it for it in self.submissions if it.case.unread)
        receiver = self._agencies[silenced.case.submit_as]
        return Steps(
            Silenced(self._owner.client, receiver, self._others.operator, silenced, ledger),
            Unread(self._owner, cast.client(UNREADING), unread, ledger, urls),
            Mended(cast.client(BROKEN_SCHOOL), ledger),
            Digested(self._others.officer, ledger, urls),
        )

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
        if case.mistypes and not submission.refused_first:
            submission.refused_first = _mistype(agency, case)
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
            for verification in every(verifier, VERIFICATIONS):
                self._decide(verifier, verification)

    def _decide(self, verifier: ApiClient, verification: dict[str, Any]) -> None:
        """Take a verification up, then find that the person is a victim, some at second sight.

        Which case it is may be unknown while cases are being submitted; then it waits.
        """
        submission = self._of(verification)
        if submission is None and not self.is_submitted:
            return
        decision = DECISIONS.get(verification["status"])
        if decision is None:
            return
        is_reopened_later = submission is not None and submission.case.reopens
        is_conclusion = decision["move"] == NOT_IDENTIFIED["move"]
        if is_reopened_later and is_conclusion and not has_been(verifier, verification, REOPEN):
            decision = NOT_IDENTIFIED
        move(verifier, verification, decision)

    def _care_for_all(self) -> None:
        while not self._is_over.wait(0.5):
            if self.is_acted:
                return
            for duty in self._owner.duties:
                self._insist(duty)

    def _take_all_steps(self) -> None:
        while not self._is_over.wait(0.5):
            if not self.steps.left:
                return
            for step in self.steps.left:
                self._insist(step.look)

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


def _mistype(agency: ApiClient, case: DemoCase) -> str:
    """Submit a case as it was typed at first; what a refusal names, or nothing if there is none."""
    typed = {**case.case, "person": {**case.case["person"], **case.mistypes}}
    answer = agency.post(CASES, typed, key=key_of(case.key, "mistyped"))
    if answer.status_code == httpx2.codes.UNPROCESSABLE_ENTITY:
        return _fields(answer.json())
    answer.raise_for_status()
    return ""


def _is_final(fault: Exception) -> bool:
    """Whether the exchange has answered, and will not answer otherwise."""
    return isinstance(fault, httpx2.HTTPStatusError) and fault.response.is_client_error


def _fields(problem: dict[str, Any]) -> str:
    """Which fields a refusal names, with the rules they broke."""
    named = [f"{it['pointer']} {it['rule']}" for it in problem.get("errors", [])]
    return ", ".join(named) or str(problem.get("type"))
