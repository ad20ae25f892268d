"""What the deadlines show: a line each, with its day, its case, who was told and what is next."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rich.console import Console

from deploy.deadlines.exchange import Case, Exchange
from deploy.words import say, text
from shared.contracts import Queue
from shared.kit.clock import HAI_PHONG
from shared.texts import of_service
from shared.texts.choice import of_locale

SHOWN, TURN = "deadline", "turn_reason"
"""Vocabularies: what is shown, and what somebody must do next."""


class Shown(StrEnum):
    """What has to come about, each before the demonstration has succeeded."""

    WARNED = "warned"
    ESCALATED = "escalated"
    EXTENDED = "extended"
    PAUSED = "paused"
    RESUMED = "resumed"
    BREACHED = "breached"
    PROVISIONAL = "provisional"
    NOT_IDENTIFIED = "not_identified"
    ENDED_ON_NOTICE = "ended_on_notice"
    COMPLAINED = "complained"
    KEPT = "kept"
    PROTECTION_IN_TIME = "protection_in_time"
    PROTECTION_BREACHED = "protection_breached"
    PROTECTION_LATE = "protection_late"
    STAY_NEAR_ITS_END = "stay_near_its_end"
    STAY_ENDED = "stay_ended"


@dataclass
class Board:
    """What was shown so far."""

    console: Console
    exchange: Exchange
    shown: set[Shown] = field(default_factory=set)

    def tell(
        self, what: Shown, case: Case, *, told: str | None, at: datetime | None = None
    ) -> None:
        """A line; ``told`` is the organisation that an answer named, ``at`` when it was so."""
        turn = self.exchange.turn(case)
        who = turn["organisation_id"]
        line = say(
            "deadline",
            day=(at or self.exchange.dial.now).astimezone(HAI_PHONG).strftime("%d/%m %H:%M"),
            case=case.code,
            what=text(SHOWN, what),
            told=self.exchange.code_of(told),
            next=of_service(Queue.INTAKE).say(of_locale(os.environ), TURN, turn["why"]),
            who=self.exchange.code_of(who) if who else turn["who"],
        )
        self.shown.add(what)
        self.console.print(line, highlight=False, soft_wrap=True)

    @property
    def lacking(self) -> list[Shown]:
        """What did not come about."""
        return [it for it in Shown if it not in self.shown]
