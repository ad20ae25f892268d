"""Which law, which papers, which periods, which authority."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest

from services.verification.policy import (
    EvidenceSource,
    MoveReason,
    Paper,
    VerificationStatus,
    VerifierRole,
    choose_verifier,
    complaint_period,
    is_plausible,
    may_verify,
    period_of,
    proof_among,
    regime_at,
)
from shared.contracts.vocabulary import (
    AgeBand,
    OrganisationKind,
    PaperType,
    Regime,
    Route,
    VerificationOutcome,
)
from shared.kit.identifiers import new_id
from shared.law import FIRST_LAW_FROM, NEW_LAW_FROM, Certainty, Unit, end_of, rules
from shared.places.holders import Place

S = VerificationStatus
O = VerificationOutcome  # noqa: E741 - an outcome, in tables
R = MoveReason
WITNESS = (EvidenceSource.OTHER_VICTIM_OR_WITNESS,)
TODAY = date(2026, 3, 2)

# --- the law


@pytest.mark.parametrize(
    ("day", "regime"),
    [
        (date(2020, 2, 12), Regime.LAW_2011),
        (date(2025, 6, 30), Regime.LAW_2011),
        (date(2025, 7, 1), Regime.LAW_2024),
        (TODAY, Regime.LAW_2024),
    ],
)
def test_the_new_law_begins_on_the_first_of_july_2025(day: date, regime: Regime) -> None:
    assert regime_at(day) is regime


LAST_OLD = NEW_LAW_FROM - timedelta(days=1)
ALWAYS = {
    PaperType.POLICE_CERTIFICATE,
    PaperType.RESCUER_CERTIFICATE,
    PaperType.PROCEDURAL_BODY_PAPER,
    PaperType.LEGALISED_FOREIGN_PAPER,
}


def proof(route: Route, *papers: Paper, age_band: AgeBand = AgeBand.ADULT) -> Paper | None:
    return proof_among(papers, route=route, age_band=age_band, shown_on=TODAY)


@pytest.mark.parametrize(("regime", "route", "paper"), list(product(Regime, Route, PaperType)))
def test_a_paper_proves_only_where_the_law_says_so(
    regime: Regime, route: Route, paper: PaperType
) -> None:
    is_handed_over = route is Route.BILATERAL_HANDOVER and paper is PaperType.RETURN_CERTIFICATE
    proves = paper in ALWAYS or is_handed_over
    shown = Paper(paper, LAST_OLD if regime is Regime.LAW_2011 else NEW_LAW_FROM)
    assert proof(route, shown) == (shown if proves else None)


def test_of_several_proofs_the_first_in_the_law_is_named() -> None:
    types = [PaperType.DECLARATION, PaperType.RESCUER_CERTIFICATE, PaperType.POLICE_CERTIFICATE]
    papers = [Paper(each, TODAY) for each in types]
    assert proof(Route.RESCUED, *papers) == Paper(PaperType.POLICE_CERTIFICATE, TODAY)


def test_of_several_proofs_the_earliest_is_the_day_of_identification() -> None:
    early = Paper(PaperType.LEGALISED_FOREIGN_PAPER, LAST_OLD)
    papers = [
        Paper(PaperType.DECLARATION, date(2020, 1, 1)),
        Paper(PaperType.POLICE_CERTIFICATE, TODAY),
        early,
    ]
    assert proof(Route.SELF_REPORT, *papers) == early


@pytest.mark.parametrize(
    ("issued_on", "age_band", "proves"),
    [
        (date(1900, 1, 1), AgeBand.ADULT, False),
        (FIRST_LAW_FROM - timedelta(days=1), AgeBand.ADULT, False),
        (FIRST_LAW_FROM, AgeBand.ADULT, True),
        # Not born sixteen years before the reception; a year later, perhaps.
        (date(2010, 3, 2), AgeBand.UNDER_16, False),
        (date(2012, 1, 1), AgeBand.UNDER_16, True),
        (TODAY, AgeBand.UNDER_18, True),
        (TODAY + timedelta(days=1), AgeBand.ADULT, False),
    ],
)
def test_a_paper_that_cannot_have_been_issued_on_its_day_decides_nothing(
    issued_on: date, age_band: AgeBand, *, proves: bool
) -> None:
    shown = Paper(PaperType.POLICE_CERTIFICATE, issued_on)
    assert proof(Route.SELF_REPORT, shown, age_band=age_band) == (shown if proves else None)


def test_a_paper_from_before_a_minor_was_born_decides_nothing() -> None:
    shown_on = date(2032, 2, 29)
    early = Paper(PaperType.POLICE_CERTIFICATE, date(2016, 2, 28))
    later = Paper(PaperType.POLICE_CERTIFICATE, date(2016, 2, 29))
    for paper, expected in ((early, False), (later, True)):
        found = is_plausible(paper, age_band=AgeBand.UNDER_16, shown_on=shown_on)
        assert found is expected


def test_an_implausible_paper_does_not_hide_one_that_proves() -> None:
    good = Paper(PaperType.RESCUER_CERTIFICATE, TODAY)
    papers = (Paper(PaperType.POLICE_CERTIFICATE, date(1900, 1, 1)), good)
    assert proof(Route.RESCUED, *papers) == good


def test_no_paper_proves_nothing() -> None:
    assert proof(Route.SELF_REPORT) is None


@pytest.mark.parametrize("is_extended", [False, True])
def test_a_period_the_new_law_leaves_open_starts_no_clock(is_extended: bool) -> None:
    period = period_of(rules(), Regime.LAW_2024, is_extended=is_extended, on=TODAY)
    assert (period.amount, period.status) == (None, Certainty.ASSUMED)
    assert end_of(period, TODAY) is None


@pytest.mark.parametrize(
    ("start", "is_extended", "last"),
    [
        # Sunday the 23rd: with the next working day (Civil Code Art. 148(5)).
        (date(2025, 3, 3), False, date(2025, 3, 24)),
        (date(2024, 12, 31), True, date(2025, 2, 28)),
        (date(2023, 12, 31), True, date(2024, 2, 29)),
        # Saturday.
        (date(2025, 3, 3), True, date(2025, 5, 5)),
    ],
)
def test_the_old_law_gives_twenty_days_or_two_months(
    start: date, is_extended: bool, last: date
) -> None:
    end = end_of(period_of(rules(), Regime.LAW_2011, is_extended=is_extended, on=start), start)
    assert end is not None
    assert end.last_day == last


def test_only_a_negative_decision_opens_the_window_to_complain() -> None:
    window = complaint_period(rules(), O.NOT_IDENTIFIED, on=TODAY)
    assert window is not None
    assert (window.amount, window.unit, window.status) == (90, Unit.DAY, Certainty.RECALLED)
    others = [
        complaint_period(rules(), each, on=TODAY) for each in (O.IDENTIFIED, O.WITHDRAWN, None)
    ]
    assert others == [None] * 3


# --- the authority


def holder(
    area_code: str,
    *,
    kind: OrganisationKind = OrganisationKind.POLICE,
    code: str = "cong-an",
    since: date = date(2020, 2, 12),
    until: date | None = None,
    organisation_id: UUID | None = None,
) -> VerifierRole:
    return VerifierRole(organisation_id or new_id(), code, kind, area_code, since, until)


CITY = holder("31", code="cong-an-thanh-pho")
IMMIGRATION = holder("VN", code="quan-ly-xuat-nhap-canh")
COMMAND = holder("31", kind=OrganisationKind.BORDER_GUARD, code="bien-phong")
DISTRICT = holder("311", code="cong-an-huyen", until=date(2025, 3, 1))
EVERYONE = (CITY, IMMIGRATION, COMMAND, DISTRICT)


def chosen(
    route: Route,
    *,
    receiver: UUID | None = None,
    area: str = "11560",
    told_on: date | None = None,
    on: date = TODAY,
    roles: tuple[VerifierRole, ...] = EVERYONE,
) -> UUID | None:
    place = Place(area, told_on or on)
    return choose_verifier(roles, route=route, receiver_id=receiver or new_id(), place=place, on=on)


@pytest.mark.parametrize("route", [Route.SELF_REPORT, Route.SELF_REPORT_BORDER, Route.RESCUED])
def test_the_police_of_the_city_verify_what_is_reported_there(route: Route) -> None:
    assert chosen(route) == CITY.organisation_id


@pytest.mark.parametrize("route", [Route.BILATERAL_HANDOVER, Route.MISSION_ABROAD])
def test_immigration_verifies_who_comes_back_from_abroad(route: Route) -> None:
    assert chosen(route) == IMMIGRATION.organisation_id
    assert chosen(route, roles=(CITY, COMMAND)) == CITY.organisation_id


def test_the_border_guard_verifies_its_own_rescues_and_nothing_else() -> None:
    theirs = COMMAND.organisation_id
    assert chosen(Route.RESCUED, receiver=theirs) == theirs
    assert chosen(Route.SELF_REPORT_BORDER, receiver=theirs) == CITY.organisation_id


def test_a_rescuer_that_does_not_verify_leaves_it_to_the_police() -> None:
    assert chosen(Route.RESCUED, receiver=new_id()) == CITY.organisation_id


def test_the_police_nearest_to_the_person_come_first_while_they_hold_the_role() -> None:
    before, after = date(2025, 2, 28), date(2025, 3, 1)
    assert chosen(Route.SELF_REPORT, area="311", on=before) == DISTRICT.organisation_id
    assert chosen(Route.SELF_REPORT, area="311", on=after) == CITY.organisation_id
    assert chosen(Route.SELF_REPORT, area="303", on=before) == CITY.organisation_id


def test_a_self_report_never_goes_to_the_whole_countrys_police() -> None:
    assert chosen(Route.SELF_REPORT, roles=(IMMIGRATION,)) is None


def test_nobody_verifies_before_the_role_begins() -> None:
    later = holder("31", since=date(2026, 3, 3))
    assert chosen(Route.SELF_REPORT, roles=(later,)) is None
    assert chosen(Route.SELF_REPORT, roles=(later,), on=date(2026, 3, 3)) == later.organisation_id


def test_the_choice_does_not_depend_on_the_order_of_the_roles() -> None:
    twin = holder("31", code="cong-an-khac")
    either = {chosen(Route.SELF_REPORT, roles=roles) for roles in ((CITY, twin), (twin, CITY))}
    assert either == {twin.organisation_id}


def test_a_case_of_the_city_as_a_whole_has_an_authority_too() -> None:
    assert chosen(Route.SELF_REPORT, area="31") == CITY.organisation_id
    assert chosen(Route.MISSION_ABROAD, area="31") == IMMIGRATION.organisation_id


def test_a_case_owner_may_assign_to_whoever_verifies_there_now() -> None:
    def may(role: VerifierRole) -> bool:
        return may_verify(
            EVERYONE,
            organisation_id=role.organisation_id,
            place=Place("11560", TODAY),
            on=TODAY,
        )

    assert [may(role) for role in (CITY, IMMIGRATION, COMMAND)] == [True] * 3
    assert not may(DISTRICT)


@pytest.mark.parametrize("area", ["00004", "11950", "06649", "32", "30", "99999", "ZZ", "311"])
def test_a_unit_outside_the_city_is_never_sent_to_its_police(area: str) -> None:
    assert chosen(Route.SELF_REPORT, area=area) is None
    assert chosen(Route.RESCUED, area=area) is None


def test_the_country_reaches_everywhere_and_the_rescuer_verifies_whom_it_rescued() -> None:
    assert chosen(Route.MISSION_ABROAD, area="00004") == IMMIGRATION.organisation_id
    theirs = COMMAND.organisation_id
    assert chosen(Route.RESCUED, area="00004", receiver=theirs) == theirs


def test_a_case_owner_may_give_it_to_the_city_wherever_she_comes_from() -> None:
    for holder_of, expected in ((CITY, True), (IMMIGRATION, True), (holder("11560"), False)):
        roles = (holder_of,)
        organisation_id = holder_of.organisation_id
        place = Place("00004", TODAY)
        may = may_verify(roles, organisation_id=organisation_id, place=place, on=TODAY)
        assert may is expected


BEFORE = date(2024, 5, 1)
WARD = holder("11560", code="cong-an-phuong")
"""Of a ward that took in five old units in July 2025, and kept the number of one of them."""


def test_a_unit_told_before_the_reform_is_verified_by_whose_area_it_became() -> None:
    for area in ("11578", "11560"):
        assert chosen(Route.SELF_REPORT, area=area, told_on=BEFORE, roles=(CITY, WARD)) == (
            WARD.organisation_id
        )
        assert may_verify(
            (WARD,),
            organisation_id=WARD.organisation_id,
            place=Place(area, BEFORE),
            on=TODAY,
        )


def test_a_number_that_means_another_unit_since_is_read_by_the_day_it_was_told() -> None:
    """Old 11617 was divided: a part of it is 11581 now, so nobody knows that 11617 covers it."""
    near = holder("11617", code="cong-an-xa")
    now, before = (
        chosen(Route.SELF_REPORT, area="11617", told_on=told_on, roles=(CITY, near))
        for told_on in (TODAY, BEFORE)
    )
    assert (now, before) == (near.organisation_id, CITY.organisation_id)


def test_a_place_of_what_became_the_city_is_verified_by_the_city() -> None:
    """It lay in another province when it was told."""
    assert chosen(Route.SELF_REPORT, area="10507", told_on=BEFORE) == CITY.organisation_id
