"""What the deadlines show: a line each, with its day, its case, who was told and what is next."""

import os
from collections.abc import Sequence
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

SHOWN, TURN, LACK = "deadline", "turn_reason", "lack"
"""Vocabularies: what is shown, what somebody must do next, and what a house lacks."""


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
    HANDOVER_ANNOUNCED = "handover_announced"
    HANDOVER_PREPARED = "handover_prepared"
    HANDED_OVER = "handed_over"
    AUTHORITY_ENDED = "authority_ended"


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

    def announce(self, what: Shown, place: str, *, told: str, lacks: Sequence[str]) -> None:
        """A line of a handover, which is no case yet; ``lacks`` as the house was answered."""
        service = of_service(Queue.LIVELIHOOD_SUPPORT)
        words = [service.say(of_locale(os.environ), LACK, it) for it in lacks]
        line = say(
            "handover",
            day=self.exchange.dial.now.astimezone(HAI_PHONG).strftime("%d/%m %H:%M"),
            place=place,
            what=text(SHOWN, what),
            told=self.exchange.code_of(told),
            lacks="; ".join(words) or say("nothing-lacks"),
        )
        self.shown.add(what)
        self.console.print(line, highlight=False, soft_wrap=True)

    @property
    def lacking(self) -> list[Shown]:
        """What did not come about."""
        return [it for it in Shown if it not in self.shown]
