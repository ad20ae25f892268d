"""Whom the walk takes along: one of every kind that the law tells apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.policy import ToldFact, Value
from services.livelihood_support.policy.facts import EXCLUDES
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
    Route,
)
from tests.livelihood_support.builders import Field, case_owner

EVERY_CODE = tuple(EntitlementCode)
DAYS = {Regime.LAW_2011: date(2025, 5, 5), Regime.LAW_2024: date(2026, 2, 2)}
"""A day under each law; which law applies follows from it."""


def morning(regime: Regime) -> datetime:
    """When somebody comes under a law: what is granted until they are identified is of that day."""
    return datetime(*DAYS[regime].timetuple()[:6], tzinfo=UTC)


@dataclass(frozen=True)
class Somebody:
    """A person as far as the law asks: the category is told, or follows from the citizenship."""

    regime: Regime
    citizenship: Citizenship
    category: PersonCategory | None
    band: AgeBand
    route: Route = Route.SELF_REPORT


CATEGORIES = [
    (citizenship, category)
    for citizenship, category in product(Citizenship, [None, *PersonCategory])
    if category is None or EXCLUDES.get(category) is not citizenship
]
"""Every category that can be told of every citizenship, and none told."""

GRANTING = (
    ToldFact.PERMANENT_RESIDENCE,
    ToldFact.POOR_HOUSEHOLD,
    ToldFact.FINANCIAL_HARDSHIP,
    ToldFact.GRANTED_IN_THIS_CASE,
)
"""What grants something to somebody if it holds, and refuses it if it does not."""


def everybody(regime: Regime, routes: Sequence[Route]) -> Iterator[Somebody]:
    """One of every category, age band and route."""
    for (citizenship, category), band, route in product(CATEGORIES, AgeBand, routes):
        yield Somebody(regime, citizenship, category, band, route)


def received(field: Field, somebody: Somebody, *, holds: bool | None) -> UUID:
    """A case that asks for everything; of what grants it, all is told to hold, or not to, if so.

    It is received under the law that it is decided by: else what was begun meanwhile is of another.
    """
    case_id = field.at(morning(somebody.regime)).case(
        requested=EVERY_CODE,
        age_band=somebody.band,
        citizenship=somebody.citizenship,
        route=somebody.route,
    )
    if somebody.category is not None:
        tell(field, case_id, ToldFact.CATEGORY, somebody.category)
    if holds is not None:
        for fact in GRANTING:
            tell(field, case_id, fact, holds)
    return case_id


def tell(field: Field, case_id: UUID, fact: ToldFact, value: Value) -> None:
    """The case owner tells a fact, with its paper."""
    domain.tell_fact(
        field.session,
        case_id=case_id,
        stated=domain.FactStated(fact, value, "15/QĐ-UBND"),
        subject=case_owner(),
        now=field.now,
    )


def left_unstarted(session: Session, now: datetime) -> int:
    """Nobody begins what was accepted, until its clock has run out and the case owner is told."""
    while domain.watch_clocks(session, now):
        pass
    return domain.alert_unstarted(session, now)
