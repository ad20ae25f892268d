"""What falls to whoever owns the cases, each thing as soon as it is time for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.asking import LIVELIHOOD, VERIFICATIONS, every, has_been, move
from deploy.demo.cast import key_of
from deploy.demo.submission import Submission
from deploy.demo.unreached import OFFER_UNDELIVERED, Unreached
from deploy.stack.client import ApiClient
from shared.contracts.vocabulary import ReferralStatus, VerificationOutcome
from shared.kit.subjects import SubjectKind

Rows = list[dict[str, Any]]

REOPEN: dict[str, Any] = {
    "move": "reopen",
    "grounds": ["other_victim_or_witness"],
    "reason": "new_evidence",
}
"""What the case owner asks for when another person has spoken."""


@dataclass(frozen=True)
class CaseOwner:
    """The case owner at work; every request carries a key, so nothing acts twice."""

    client: ApiClient
    submissions: Sequence[Submission]
    unreached: Unreached

    @property
    def duties(self) -> list[Callable[[], None]]:
        """What is to be looked after, again and again."""
        return [self._reopen, self._tell, self._add, self._reach]

    def verifications(self) -> Rows:
        """The verification of every case."""
        return self._ours(VERIFICATIONS)

    def referrals(self) -> Rows:
        """Every referral."""
        return self._ours(f"{LIVELIHOOD}/referrals")

    def moves_by_mail(self, organisation_id: str) -> Rows:
        """What its office has moved by the links of its mails, of the referrals that it has."""
        return [
            made
            for referral in self.referrals()
            if referral["organisation_id"] == organisation_id
            for made in every(self.client, f"{LIVELIHOOD}/referrals/{referral['id']}/moves")
            if made["actor"].startswith(f"{SubjectKind.OFFICE}:")
        ]

    def alerts(self) -> Rows:
        """Every alert that is open."""
        return self._ours(f"{LIVELIHOOD}/alerts")

    def _ours(self, path: str) -> Rows:
        """Without what an earlier run in the same folder left."""
        ours = {it.case_id for it in self.submissions if it.case_id}
        return [it for it in every(self.client, path) if it["case_id"] in ours]

    def _reopen(self) -> None:
        """Have each negative decision opened again that new evidence speaks against."""
        due = {it.case_id: it for it in self.submissions if it.case.reopens and not it.is_reopened}
        for verification in self.verifications() if due else ():
            submission = due.get(verification["case_id"])
            if submission is None:
                continue
            if verification["outcome"] == VerificationOutcome.NOT_IDENTIFIED:
                move(self.client, verification, REOPEN)
            submission.is_reopened = has_been(self.client, verification, REOPEN)

    def _tell(self) -> None:
        """Tell what a need waits for, once it waits: the plan is revised, and the need referred."""
        due = [it for it in self.submissions if it.case.tells and it.told is None]
        waiting = {it["case_id"] for it in self.alerts()} if due else set()
        for submission in due:
            if submission.case.tells and submission.case_id in waiting:
                submission.told = self._post(submission, "facts", submission.case.tells)

    def _add(self) -> None:
        """Add a need again once it has been met."""
        due = [it for it in self.submissions if it.case.needs_again and it.added is None]
        referrals = self.referrals() if due else []
        for submission in due:
            met = (submission.case_id, submission.case.needs_again, ReferralStatus.COMPLETED)
            if any((it["case_id"], it["code"], it["status"]) == met for it in referrals):
                need = {"code": submission.case.needs_again}
                submission.added = self._post(submission, "needs", need)

    def _reach(self) -> None:
        """See to an offer that does not arrive, until its alert was read."""
        for submission in self.submissions:
            if submission.case.undelivered and submission.undelivered is None:
                submission.undelivered = self._ask_why(submission)

    def _ask_why(self, submission: Submission) -> Mapping[str, Any] | None:
        """The alert, once the owner was told of it; until it is raised, days pass."""
        about = (submission.case_id, OFFER_UNDELIVERED)
        raised = [it for it in self.alerts() if (it["case_id"], it["kind"]) == about]
        if raised and self.unreached.has_told(raised[0]):
            self.unreached.answer(raised[0])
            return raised[0]
        if not raised:
            for offer in self.offers(submission, submission.case.undelivered):
                self.unreached.let_days_pass(offer)
        return None

    def offers(self, submission: Submission, need: str) -> Rows:
        """Who was asked for a need of a case that is not answered yet."""
        asked = (submission.case_id, need, ReferralStatus.REQUESTED)
        found: Rows = []
        for it in self.referrals():
            if (it["case_id"], it["code"], it["status"]) == asked:
                answer = self.client.get(f"{LIVELIHOOD}/referrals/{it['id']}/offers")
                answer.raise_for_status()
                found += answer.json()["items"]
        return found

    def _post(
        self, submission: Submission, collection: str, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        key = key_of(submission.case_id, collection, *map(str, body.values()))
        path = f"{LIVELIHOOD}/cases/{submission.case_id}/{collection}"
        answer = self.client.post(path, body, key=key)
        answer.raise_for_status()
        made: Mapping[str, Any] = answer.json()
        return made
