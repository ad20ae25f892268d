"""What the rules of this release answer for a case, and by which facts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.applications import Applications
from services.livelihood_support.domain.kept import (
    KeptAnswer,
    RestsOn,
    SetOfAnswers,
    kept_answers,
    set_of,
)
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.models import AlertKind, CaseFact
from services.livelihood_support.policy import (
    TOLD_BY,
    Known,
    Recorded,
    ToldFact,
    Value,
    Window,
    category_for,
    know,
    read_value,
)
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime, Route
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.law import Rules
from shared.law.entitlements import Fact, rulebook
from shared.law.entitling import Decision, compute_entitlements
from shared.law.entitling import Entitlement as Answer

NO_APPLICATIONS = Applications()
Sources = Mapping[ToldFact, CaseFact]
"""The row behind each fact that is told of a case and not withdrawn."""


@dataclass(frozen=True)
class Answers:
    """The answer for every code, the category they are for, and what was known."""

    category: PersonCategory
    given: SetOfAnswers
    known: Mapping[Fact, Known]
    sources: Sources
    applied: Mapping[EntitlementCode, Known]
    """Of each code whether it was applied for in time, where that is known."""
    window: Window

    @property
    def every(self) -> tuple[Answer, ...]:
        """The answers, in the order of the vocabulary."""
        return self.given.every

    def decided(self, decision: Decision) -> tuple[EntitlementCode, ...]:
        """The codes with this answer."""
        return tuple(each.code for each in self.every if each.decision is decision)

    @property
    def rests_on(self) -> RestsOn:
        """What of these answers is the case's own."""
        found: dict[str, dict[str, dict[str, str]]] = {
            each.code: {fact: own for fact in each.used if (own := self._own(each.code, fact))}
            for each in self.every
        }
        return {code: facts for code, facts in found.items() if facts}

    def _own(self, code: EntitlementCode, fact: Fact) -> dict[str, str]:
        is_window = fact is Fact.APPLIED_IN_TIME
        found = self.applied[code] if is_window else self.known[fact]
        own = {"fact_id": str(self.sources[found.told].id)} if found.told else {}
        if is_window and self.last_day:
            own["last_day"] = self.last_day.isoformat()
        return own

    def kept(self) -> dict[EntitlementCode, KeptAnswer]:
        """The answers as they are read again."""
        return kept_answers(self.given.said, self.rests_on)

    @property
    def last_day(self) -> date | None:
        """The last day on which somebody could apply under the older law, where it is known."""
        return self.window.end.last_day if self.window.end else None

    def unclear(self, case: LockedCase, now: datetime) -> list[dict[str, Any]]:
        """Alerts for what was asked for and cannot be decided before someone tells a fact."""
        return [
            alert_row(
                kind=AlertKind.NEEDS_INFORMATION,
                case_id=case.case_id,
                code=answer.code,
                now=now,
                facts={"missing": list(answer.facts), "can_be_told": tellable(answer.facts)},
            )
            for answer in self.every
            if answer.decision is Decision.NEEDS_INFORMATION
            and answer.code in case.requested_services
        ]


def tellable(facts: Iterable[Fact]) -> list[ToldFact]:
    """What can be told of a case to answer otherwise where an answer hangs on these facts."""
    return sorted({told for fact in facts for told in TOLD_BY[fact]})


def answers_for(
    case: LockedCase,
    sources: Sources,
    rows: Rules,
    *,
    regime: Regime,
    is_identified: bool,
    now: datetime,
    applications: Applications = NO_APPLICATIONS,
) -> Answers:
    """Decide every code by what is known of a case now.

    ``applications`` are those beside the request at reception.
    """
    recorded = Recorded(case.age_band, case.citizenship)
    told = values(sources)
    category = category_for(
        recorded,
        told,
        is_identified=is_identified,
        is_abroad=case.route is Route.MISSION_ABROAD,
    )
    known = know(recorded, told)
    window = window_of(rows, case.identified_on, sources, regime=regime)
    applied = {
        code: found
        for code in periods.windowed(regime)
        if (found := applications.in_time(case, code, window, local_date(now))) is not None
    }
    in_time = frozenset((code, it.holds) for code, it in applied.items())
    holding = frozenset((fact, it.holds) for fact, it in known.items())
    given = _given(regime, category, holding, in_time)
    return Answers(category, given, known, sources, applied, window)


def window_of(
    rows: Rules, identified_on: date | None, sources: Sources, *, regime: Regime
) -> Window:
    """When the window to apply closes: by the day the verification told, else by a told one."""
    told = None if identified_on else sources.get(ToldFact.IDENTIFIED)
    start = told.holds_from if told else identified_on
    excepted = values(sources).get(ToldFact.WINDOW_EXCEPTION)
    return Window(
        end=periods.end_of_window(rows, regime, start) if start else None,
        is_excepted=None if excepted is None else excepted is True,
        is_start_told=told is not None,
    )


@lru_cache(maxsize=4096)
def _given(
    regime: Regime,
    category: PersonCategory,
    holding: frozenset[tuple[Fact, bool]],
    in_time: frozenset[tuple[EntitlementCode, bool]],
) -> SetOfAnswers:
    """What the rules of this release answer; each combination is computed once."""
    applied = dict(in_time)
    every = []
    for place, code in enumerate(EntitlementCode):
        known = dict(holding)
        if code in applied:
            known[Fact.APPLIED_IN_TIME] = applied[code]
        answers = compute_entitlements(rulebook(), regime=regime, category=category, known=known)
        every.append((answers[place], known))
    return set_of(every)


def values(sources: Sources) -> dict[ToldFact, Value]:
    """What the newest rows say; a row that withdraws says nothing."""
    return {
        fact: read_value(fact, row.value) for fact, row in sources.items() if row.value is not None
    }


_TOLD_OF = (
    select(CaseFact)
    .where(among(CaseFact.case_id, bindparam("case_ids")))
    .ext(distinct_on(CaseFact.case_id, CaseFact.fact))
    .order_by(CaseFact.case_id, CaseFact.fact, CaseFact.number.desc())
)


def told_of(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, Sources]:
    """The facts that count of each case: the newest row of each, unless it withdraws the fact."""
    found: dict[UUID, dict[ToldFact, CaseFact]] = {case_id: {} for case_id in case_ids}
    for row in session.scalars(_TOLD_OF, {"case_ids": list(case_ids)}):
        if row.value is not None:
            found[row.case_id][ToldFact(row.fact)] = row
    return found
