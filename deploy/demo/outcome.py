"""How a demonstration stands, whether it is over, and what of it must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from deploy.demo.journey import VERIFICATION
from deploy.demo.shown import (
    a_decision_reopened,
    a_fact_told,
    a_place_refused,
    a_reception_backdated,
    a_second_referral,
    a_unit_refused,
    an_offer_undelivered,
)
from deploy.demo.story import CONCLUDED, ENDED, Story
from deploy.demo.submission import Submission
from deploy.stack.invariants import Balance, Breach
from shared.contracts.vocabulary import ReferralStatus

TOLD_AGAIN = 2
"""How many are told again that a verification is open: its authority, and whoever owns the case."""
MOOT = "cancelled"
"""Of an offer that was answered, lapsed or was taken back before it had arrived."""
ARRIVED = {"delivered", "sent"}
"""A mail was sent once the next mail server has it."""
DELIVERED = {*ARRIVED, MOOT, "parked", "no_endpoint"}
"""States in which a delivery waits for nobody but an operator."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """Everything at one look; ``breaches`` and ``leaks`` are looked for at the end."""

    story: Story
    verifications: Rows
    referrals: Rows
    balance: Balance
    partners: Mapping[str, int]
    deliveries: Mapping[str, int]
    seconds: float
    everybody_acted: bool = True
    """Whether people had done all of their part before these rows were read."""
    breaches: Sequence[Breach] = ()
    leaks: Sequence[str] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is on its way, and nothing more will happen unless somebody acts."""
        accepted = {it.case_id for it in self.story.submissions if it.case_id}
        decided = {it["case_id"] for it in self.verifications if it["status"] == CONCLUDED}
        return (
            self.story.is_submitted
            and self.everybody_acted
            and accepted <= decided
            and all(it["status"] in ENDED for it in self.referrals)
            and self.balance.is_settled
            and set(self.deliveries) <= DELIVERED
            and self.partners["waiting"] == 0
        )

    def is_like(self, other: "Outcome | None") -> bool:
        """Whether nothing happened in between: one look is not one instant."""
        return other is not None and (
            self.verifications,
            self.referrals,
            self.balance,
            self.partners,
            self.deliveries,
        ) == (
            other.verifications,
            other.referrals,
            other.balance,
            other.partners,
            other.deliveries,
        )

    @property
    def twice(self) -> int:
        """Effects that came again to a partner, but for those that a reopening brings again."""
        reopened = sum(it.is_reopened for it in self.story.submissions)
        return self.partners["twice"] - reopened * TOLD_AGAIN

    @property
    def checks(self) -> dict[str, bool]:
        """The invariants in words, and whether each holds."""
        submissions, steps = self.story.submissions, self.story.steps

        def shows(what: Callable[[Submission], bool]) -> bool:
            return any(map(what, submissions))

        return {
            "every good case was accepted, the bad one refused for its field": all(
                bool(it.case_id) != bool(it.case.refused) for it in submissions
            ),
            "every case is decided, and every need ended as it must": all(
                it.is_as_expected for it in submissions
            ),
            "nothing was offered before the person was identified": all(
                _offered_when_identified(it) for it in submissions
            ),
            "a fact was told, and what had waited for it was provided": shows(a_fact_told),
            "a need that had been met was referred again": shows(a_second_referral),
            "a negative decision was reopened, the person identified": shows(a_decision_reopened),
            "an offer never arrived: the owner was told, the next asked": shows(
                an_offer_undelivered
            ),
            "a place was refused, and another found": shows(a_place_refused),
            "a school without a system answered from an e-mail": bool(self.story.from_mails),
            "a text to a person was silenced, and became a duty": steps.silenced.is_shown,
            "an unread offer was the case owner's to see to, until read": steps.unread.is_shown,
            "a paused endpoint was mended, and got all that it missed": steps.mended.is_shown,
            "a digest came to an officer who reads one mail an hour": steps.digested.is_shown,
            "a unit that never was is refused, corrected, accepted": shows(a_unit_refused),
            "a case told late counts from the day of its reception": shows(a_reception_backdated),
            "every referral is answered, or alerts a case owner (I1)": self._is_answered(),
            "no effect twice at a partner (I2)": self.twice == 0,
            "no row of a database breaks a rule (I1 to I5, I8, I9)": not self.breaches,
            "messages told = handled, none open, none parked (I3)": self.balance.is_sound
            and self.balance.parked == 0,
            "every case's messages applied 1..n without a gap (I4)": self.balance.gaps == 0,
            "no name or number outside the vault's ciphertext (I6)": not self.leaks,
            "every notification is delivered, or asks for what is over": (
                set(self.deliveries) <= {*ARRIVED, MOOT}
            ),
        }

    def line(self) -> str:
        """The last line: ``DEMO {json}``."""
        figures = {
            "cases": sum(bool(it.case_id) for it in self.story.submissions),
            "referrals": len(self.referrals),
            "deliveries": sum(self.deliveries.values()),
            "lost": self.balance.lost,
            "twice": self.balance.twice + self.twice,
            "open": self.balance.open + self.balance.held,
            "parked": self.balance.parked + self.deliveries.get("parked", 0),
            "seconds": round(self.seconds, 1),
        }
        return f"DEMO {orjson.dumps(figures).decode()}"

    def _is_answered(self) -> bool:
        alerts = [alert for it in self.story.submissions for alert in it.alerts]
        alerting = {it["referral_id"] for it in alerts}
        return bool(self.referrals) and all(
            it["id"] in alerting
            if it["status"] == ReferralStatus.UNPLACED
            else it["status"] in ENDED
            for it in self.referrals
        )


def _offered_when_identified(submission: Submission) -> bool:
    identified = [leg.ended for leg in submission.legs if leg.of == VERIFICATION]
    return all(
        when is not None and leg.asked >= when
        for when in identified
        for leg in submission.legs
        if leg.of != VERIFICATION and leg.asked is not None
    )
