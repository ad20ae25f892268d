"""A stay in a facility: who announces it, what the facility records, from where to where it goes.

Announced by whoever owns the case, it begins when the person arrives, and ends on the day they
leave. Its longest time is a row of the law (``stay.maximum``); where that row lets the facility's
director prolong it, the facility says until when, by which paper. Decree 09/2013 Art. 19; Decree
162/2025 Art. 17.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.livelihood_support.errors import (
    StayDayUnfit,
    StayFactsMissing,
    StayFactsUnused,
    StayMoveNotAllowed,
    StayReasonUnfit,
)
from shared.contracts.vocabulary import Regime, StayStatus
from shared.law import Period, PeriodKey, Rules

STAY_BEGAN = "stay.started"
"""What the longest time of a stay begins with, as the row of law names it."""


class StayMove(StrEnum):
    """A step of a stay. ``announce`` begins it and can never be asked for."""

    ANNOUNCE = "announce"
    DECLINE = "decline"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    PROVIDE = "provide"
    EXTEND = "extend"
    LEAVE = "leave"
    ENTERED_IN_ERROR = "entered_in_error"


class StayNeed(StrEnum):
    """What the laws have a facility see to while somebody stays."""

    LODGING = "lodging"
    MEALS = "meals"
    HEALTH_CHECK = "health_check"
    EMERGENCY_CARE = "emergency_care"
    TREATMENT = "treatment"
    COUNSELLING = "counselling"


class KitItem(StrEnum):
    """What a person is given when they arrive, as the rows of ``ESSENTIAL`` list it."""

    OUTER_CLOTHES = "outer_clothes"
    UNDERWEAR = "underwear"
    TOWEL = "towel"
    SLIPPERS = "slippers"
    TOOTHBRUSH = "toothbrush"
    """With its paste."""
    SOAP = "soap"
    SANITARY_PADS = "sanitary_pads"
    SCHOOL_ITEMS = "school_items"
    MEDICAL_ITEMS = "medical_items"
    HYGIENE_ITEMS = "hygiene_items"


class StayDestination(StrEnum):
    """Where somebody went who left; never which place that is."""

    FAMILY = "family"
    OWN_LODGING = "own_lodging"
    OTHER_FACILITY = "other_facility"
    SOCIAL_ASSISTANCE = "social_assistance"
    HOSPITAL = "hospital"
    OWN_COUNTRY = "own_country"
    NOT_SAID = "not_said"


class StayReason(StrEnum):
    """Why somebody announced was not taken in, or why a record of a stay is wrong."""

    NO_PLACE = "no_place"
    NOT_EQUIPPED = "not_equipped"
    """The facility lacks what this person needs."""
    PERSON_DECLINED = "person_declined"
    PLACED_ELSEWHERE = "placed_elsewhere"
    DID_NOT_COME = "did_not_come"
    WRONG_PERSON = "wrong_person"
    RECORDED_TWICE = "recorded_twice"
    NOT_ARRIVED = "not_arrived"


class StayParty(StrEnum):
    """Who moves: the facility, or whoever owns the case."""

    FACILITY = "facility"
    CASE_OWNER = "case_owner"


class StayFact(StrEnum):
    """What a move may come with, by the name of its field."""

    ARRIVED_ON = "arrived_on"
    NEEDS = "needs"
    KIT = "kit"
    EXTENDED_UNTIL = "extended_until"
    PAPER_NUMBER = "paper_number"
    PAPER_ON = "paper_on"
    LEFT_ON = "left_on"
    LEFT_TO = "left_to"
    REASON = "reason"


_M, _S, _R, _F = StayMove, StayStatus, StayReason, StayFact
_FACILITY = StayParty.FACILITY

OPEN_STAYS = frozenset({_S.ANNOUNCED, _S.STAYING})
"""The statuses in which a person is expected, or there; of each case there is one at a time."""


@dataclass(frozen=True)
class StayStep:
    """One move: who makes it, from where to where, with which facts and reasons."""

    by: StayParty
    sources: frozenset[StayStatus]
    to: StayStatus
    needs: frozenset[StayFact] = frozenset()
    may_have: frozenset[StayFact] = frozenset()
    reasons: frozenset[StayReason] = frozenset()


STAY_MOVES: Mapping[StayMove, StayStep] = {
    _M.ARRIVE: StayStep(
        _FACILITY,
        frozenset({_S.ANNOUNCED}),
        _S.STAYING,
        needs=frozenset({_F.ARRIVED_ON, _F.NEEDS}),
        may_have=frozenset({_F.KIT}),
    ),
    _M.DECLINE: StayStep(
        _FACILITY,
        frozenset({_S.ANNOUNCED}),
        _S.DECLINED,
        needs=frozenset({_F.REASON}),
        reasons=frozenset({_R.NO_PLACE, _R.NOT_EQUIPPED, _R.DID_NOT_COME}),
    ),
    _M.CANCEL: StayStep(
        StayParty.CASE_OWNER,
        frozenset({_S.ANNOUNCED, _S.DECLINED}),
        _S.CANCELLED,
        needs=frozenset({_F.REASON}),
        reasons=frozenset({_R.PERSON_DECLINED, _R.PLACED_ELSEWHERE, _R.RECORDED_TWICE}),
    ),
    _M.PROVIDE: StayStep(
        _FACILITY,
        frozenset({_S.STAYING}),
        _S.STAYING,
        may_have=frozenset({_F.NEEDS, _F.KIT}),
    ),
    _M.EXTEND: StayStep(
        _FACILITY,
        frozenset({_S.STAYING}),
        _S.STAYING,
        needs=frozenset({_F.EXTENDED_UNTIL, _F.PAPER_NUMBER, _F.PAPER_ON}),
    ),
    _M.LEAVE: StayStep(
        _FACILITY,
        frozenset({_S.STAYING}),
        _S.LEFT,
        needs=frozenset({_F.LEFT_ON, _F.LEFT_TO}),
    ),
    _M.ENTERED_IN_ERROR: StayStep(
        _FACILITY,
        frozenset({_S.STAYING}),
        _S.ENTERED_IN_ERROR,
        needs=frozenset({_F.REASON}),
        reasons=frozenset({_R.WRONG_PERSON, _R.RECORDED_TWICE, _R.NOT_ARRIVED}),
    ),
}
"""Every move that may be asked for. Whom a facility declined the case owner announces elsewhere, or
says what became of them.
"""


@dataclass(frozen=True)
class StayFacts:
    """A move as asked for: codes, days, and the number of a paper."""

    move: StayMove
    arrived_on: date | None = None
    needs: tuple[StayNeed, ...] = ()
    kit: tuple[KitItem, ...] = ()
    extended_until: date | None = None
    paper_number: str | None = None
    paper_on: date | None = None
    left_on: date | None = None
    left_to: StayDestination | None = None
    reason: StayReason | None = None

    @property
    def given(self) -> frozenset[StayFact]:
        """Those of its facts that are set."""
        return frozenset(each for each in StayFact if getattr(self, each))


@dataclass(frozen=True)
class StayState:
    """How a stay stands, as far as its next move hangs on it."""

    status: StayStatus
    received_on: date
    """The day on which the case was received."""
    arrived_on: date | None = None
    last_day: date | None = None
    """The last day of its longest time, or the day until which it was prolonged."""
    may_be_extended: bool = False
    """Whether the row of law that it runs on names somebody who may prolong it."""


@dataclass(frozen=True)
class PossibleStayMove:
    """A move that is legal now, with whatever it needs and may have."""

    move: StayMove
    needs: Sequence[StayFact]
    may_have: Sequence[StayFact]
    reasons: Sequence[StayReason]


def stay_period(rules: Rules, regime: Regime, *, on: date) -> Period:
    """How long somebody may stay who arrived on a day."""
    return rules.find(PeriodKey.STAY_MAXIMUM, on=on, regime=regime)


def possible_stay_moves(
    parties: Collection[StayParty], status: StayStatus, *, may_be_extended: bool
) -> list[PossibleStayMove]:
    """What these parties may do now, in the order of the table, and with what."""
    return [
        PossibleStayMove(move, sorted(step.needs), sorted(step.may_have), sorted(step.reasons))
        for move, step in STAY_MOVES.items()
        if step.by in parties and status in step.sources
        if move is not StayMove.EXTEND or may_be_extended
    ]


def check_stay_move(
    facts: StayFacts, *, parties: Collection[StayParty], state: StayState, today: date
) -> StayStatus:
    """The status a move leads to; refuses what the status, the party, the law or its facts forbid.

    An extension goes beyond the present last day. Every other day lies between the reception, or
    the arrival, and today.
    """
    possible = possible_stay_moves(parties, state.status, may_be_extended=state.may_be_extended)
    legal = [each.move for each in possible]
    if facts.move not in legal:
        raise StayMoveNotAllowed(status=state.status, legal=legal)
    step = STAY_MOVES[facts.move]
    _check_facts(facts, step)
    began = state.arrived_on or state.received_on
    for day in (facts.arrived_on, facts.left_on, facts.paper_on):
        if day is not None and not began <= day <= today:
            raise StayDayUnfit(earliest=began.isoformat(), latest=today.isoformat())
    after = state.last_day or began
    if facts.extended_until is not None and facts.extended_until <= after:
        raise StayDayUnfit(after=after.isoformat())
    return step.to


def _check_facts(facts: StayFacts, step: StayStep) -> None:
    if missing := step.needs - facts.given:
        raise StayFactsMissing(facts=sorted(missing))
    if unused := facts.given - step.needs - step.may_have:
        raise StayFactsUnused(facts=sorted(unused))
    if not facts.given:
        raise StayFactsMissing(facts=sorted(step.may_have))
    if facts.reason is not None and facts.reason not in step.reasons:
        raise StayReasonUnfit(reasons=sorted(step.reasons))


@dataclass(frozen=True)
class Announcement:
    """Whom a case owner announces: from which day on, and to which facility, if it names one."""

    expected_on: date
    facility_id: UUID | None = None
