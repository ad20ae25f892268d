"""Everybody, from the reception to the end: each route, law, category, citizenship and age band.

Each of them is walked through three services, over messages. Wherever a case stands on its way,
one sentence says who acts next, and whoever that is finds it among what they must do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.policy import TurnReason, Who
from services.livelihood_support.domain.tracks import regime_of
from services.livelihood_support.models import Plan, Referral
from services.livelihood_support.policy import Move, ToldFact
from services.verification.models import Verification
from shared.contracts import Queue
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    Regime,
    Role,
    Route,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.kit.crypto import MasterKeys
from tests.intake.builders import facts, minor, paper, receive, submission
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.system.test_sentence import POLICE, World, everywhere_undone, world  # noqa: F401
from tests.system.walkers import CATEGORIES, EVERY_CODE, GRANTING, Somebody, tell
from tests.system.walking import cancelled, referrals
from tests.verification.builders import IDENTIFY, NEGATIVE, START

pytestmark = pytest.mark.long
INTAKE, VERIFICATION, SUPPORT = Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT
NATIONALITIES: Mapping[Citizenship, str] = {
    Citizenship.VIETNAMESE: "VN",
    Citizenship.FOREIGN: "LA",
    Citizenship.STATELESS: "stateless",
}
BORN = {AgeBand.UNDER_16: "2012-06-01", AgeBand.UNDER_18: "2009-06-01"}
OF_2011 = paper("POLICE_CERTIFICATE", issued_on="2025-05-05")
"""What proves by itself, of a day under the former law: the case has that law for good."""
PAPERS = {
    Route.SELF_REPORT: ["DECLARATION"],
    Route.SELF_REPORT_BORDER: ["DECLARATION"],
    Route.BILATERAL_HANDOVER: ["HANDOVER_RECORD"],
}
"""Papers without which a route takes nobody."""


def everybody(regime: Regime, route: Route) -> Iterator[Somebody]:
    for (citizenship, category), band in product(CATEGORIES, AgeBand):
        yield Somebody(regime, citizenship, category, band, route)


def body_of(somebody: Somebody) -> dict[str, Any]:
    """What is submitted of them, who asks for everything there is."""
    made = submission() if somebody.band is AgeBand.ADULT else minor()
    born = {"birth_date": BORN[somebody.band]} if somebody.band in BORN else {}
    nationality = NATIONALITIES[somebody.citizenship]
    made["person"] |= {**born, "nationality": nationality}
    papers = [paper(each) for each in PAPERS.get(somebody.route, [])]
    return made | {
        "route": somebody.route,
        "immediate_needs": [],
        "requested_services": list(EVERY_CODE),
        "papers": [*papers, *([OF_2011] if somebody.regime is Regime.LAW_2011 else [])],
    }


def received(world: World, somebody: Somebody) -> World:  # noqa: F811
    """The same services, with another case: whoever came just now."""
    submitted = facts(
        MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32)), body_of(somebody)
    )
    (answer,) = receive(world.courier.sessions[INTAKE], submitted)
    assert not isinstance(answer, Exception), answer
    return replace(world, case_id=submitted.case_id)


def told(here: World, somebody: Somebody) -> None:
    """What grants something holds, and is told before anybody decides: the plan is made once."""
    here.courier.carry(INTAKE)
    if somebody.category is not None:
        tell(here.field, here.case_id, ToldFact.CATEGORY, somebody.category)
    for fact in GRANTING:
        tell(here.field, here.case_id, fact, value=True)


def identified(here: World, somebody: Somebody) -> None:
    """By a paper, or by whoever decides."""
    here.courier.carry(VERIFICATION, SUPPORT)
    if somebody.regime is Regime.LAW_2024:
        assert here.found().why is TurnReason.DECIDE_VERIFICATION
        here.bench.move(here.bench.of(here.case_id), START, IDENTIFY)
        here.courier.carry(VERIFICATION, SUPPORT)


def serve(field: Field, referral: Referral) -> None:
    """A partner takes them and serves them, and they say that it has reached them."""
    provider = asked(field.offer(referral.id))
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move, subject=provider)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED, subject=provider)
    field.move(referral, Move.CONFIRM, subject=case_owner())


@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize("regime", Regime)
def test_everybody_comes_from_the_reception_to_what_the_law_grants_them(
    world: World,  # noqa: F811
    regime: Regime,
    route: Route,
) -> None:
    world.field.programme(codes=EVERY_CODE, capacity=10_000, serves_children=True)
    world.knows(POLICE, Role.VERIFIER)
    reached: set[EntitlementCode] = set()
    for somebody in everybody(regime, route):
        with everywhere_undone(world) as inside:
            here = received(inside, somebody)
            told(here, somebody)
            identified(here, somebody)
            assert here.found().why in {TurnReason.REVIEW_PLAN, TurnReason.ANSWER_OFFER}
            session = here.courier.sessions[SUPPORT]
            plan = session.scalars(select(Plan).where(Plan.case_id == here.case_id)).one()
            assert regime_of(session, plan) is regime
            for referral in referrals(here.field, here.case_id):
                code = EntitlementCode(referral.code)
                # Each is served once for a route and a law; whoever comes after declines it.
                (cancelled if code in reached else serve)(here.field, referral)
                reached.add(code)
            here.courier.carry(SUPPORT)
            assert here.found().who is Who.CASE_OWNER
    assert EntitlementCode.VOCATIONAL in reached


@pytest.mark.parametrize("route", Route)
def test_whoever_is_not_identified_is_told_how_to_complain(
    world: World,  # noqa: F811
    route: Route,
) -> None:
    world.knows(POLICE, Role.VERIFIER)
    for somebody in everybody(Regime.LAW_2024, route):
        if somebody.category is not None:
            continue
        with everywhere_undone(world) as inside:
            here = received(inside, somebody)
            here.courier.carry(INTAKE, VERIFICATION)
            here.bench.move(here.bench.of(here.case_id), START, NEGATIVE)
            here.courier.carry(VERIFICATION)
            assert here.check().why is TurnReason.TELL_OF_COMPLAINT
            session = here.courier.sessions[VERIFICATION]
            of_case = select(Verification).where(Verification.case_id == here.case_id)
            assert session.scalars(of_case).one().outcome == VerificationOutcome.NOT_IDENTIFIED
