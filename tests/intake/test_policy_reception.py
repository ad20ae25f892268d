"""What each route needs, who is a minor, and what is only warned of."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.policy import (
    DISCLOSABLE,
    FIELDS,
    Birth,
    CaseStatus,
    DisclosedField,
    DisclosureOutcome,
    age_band,
    citizenship_of,
    decide_disclosure,
    find_faults,
    find_warnings,
    granted_fields,
    status_of,
)
from services.intake.schemas import CaseCreate
from shared.contracts.vocabulary import AgeBand, Citizenship, Purpose, ReferralStatus, Route
from tests.intake.builders import NOON, minor, paper, person, submission

TODAY = date(2026, 3, 2)

Body = dict[str, Any]


def faults(body: Body) -> list[tuple[str, str]]:
    said = CaseCreate.model_validate(body).statement()
    return [(fault.pointer, str(fault.rule)) for fault in find_faults(said, NOON)]


def warnings(body: Body) -> list[str]:
    return list(map(str, find_warnings(CaseCreate.model_validate(body).statement(), NOON)))


@pytest.mark.parametrize(
    ("route", "changes", "fault"),
    [
        (Route.SELF_REPORT, {"papers": []}, ("/papers", "declaration_required")),
        (Route.SELF_REPORT_BORDER, {"papers": []}, ("/papers", "declaration_required")),
        (
            Route.SELF_REPORT,
            {"papers": [paper("POLICE_CERTIFICATE")]},
            ("/papers", "declaration_required"),
        ),
        (
            Route.BILATERAL_HANDOVER,
            {"papers": [paper("RETURN_CERTIFICATE")]},
            ("/papers", "handover_record_required"),
        ),
        (
            Route.MISSION_ABROAD,
            {"exploitation": None},
            ("/exploitation/country", "required_for_route"),
        ),
    ],
)
def test_what_a_route_cannot_do_without(
    route: Route, changes: Body, fault: tuple[str, str]
) -> None:
    assert faults(submission(route=route, **changes)) == [fault]


@pytest.mark.parametrize(
    ("route", "changes"),
    [
        (Route.SELF_REPORT, {}),
        (Route.SELF_REPORT_BORDER, {}),
        (Route.RESCUED, {"papers": [], "exploitation": None}),
        (Route.BILATERAL_HANDOVER, {"papers": [paper("HANDOVER_RECORD")]}),
        (Route.MISSION_ABROAD, {"papers": []}),
    ],
)
def test_every_route_is_open_to_who_brings_what_it_needs(route: Route, changes: Body) -> None:
    assert faults(submission(route=route, **changes)) == []


def test_under_18_someone_stands_beside_the_person() -> None:
    assert faults(minor()) == []
    assert faults(minor(representative=None, best_interest_note=None)) == [
        ("/representative", "required_under_18"),
        ("/best_interest_note", "required_under_18"),
    ]


def test_a_suspect_may_be_named_as_representative_and_is_flagged() -> None:
    suspect = {"full_name": "Người Hư Cấu", "relation": "parent", "is_suspect": True}
    assert faults(minor(representative=suspect)) == []
    assert warnings(minor(representative=suspect)) == ["representative_is_suspect"]


@pytest.mark.parametrize(
    ("began", "expected"),
    [
        (None, ["age_at_act_unknown", "means_not_stated"]),
        ("2017-05-03", []),
        ("2017-05-04", ["means_not_stated"]),
        ("2017-05", ["age_at_act_unknown", "means_not_stated"]),
        ("2017-04", []),
        ("2018", ["means_not_stated"]),
    ],
)
def test_means_are_missed_of_acts_to_adults_only(began: str | None, expected: list[str]) -> None:
    """She is 26 when she reports; what counts is how old she was then."""
    without = {"exploitation": {"types": ["ForcedBegging"], "country": "CN", "began": began}}
    assert warnings(submission(**without)) == expected
    assert warnings(minor(**without | {"exploitation": {"types": ["ForcedBegging"]}})) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (submission(person=person(birth_date="2026-03-03")), "/person/birth_date"),
        (
            submission(person=person(birth_date=None, birth_year=2027)),
            "/person/birth_year",
        ),
        (
            submission(papers=[paper("DECLARATION", issued_on="2026-03-03")]),
            "/papers/0/issued_on",
        ),
        (
            submission(
                accompanying_minors=[{"full_name": "Bé", "birth_year": 2027, "sex": "male"}]
            ),
            "/accompanying_minors/0/birth_year",
        ),
    ],
)
def test_nothing_has_happened_in_the_future(body: Body, pointer: str) -> None:
    assert (pointer, "in_future") in faults(body)


def test_what_is_dated_today_has_happened() -> None:
    assert faults(submission(papers=[paper("DECLARATION", issued_on="2026-03-02")])) == []


def test_an_area_is_needed_and_a_scope_is_consented_to_once() -> None:
    nowhere = person(origin_unit_code=None, present_unit_code=None)
    assert faults(submission(person=nowhere)) == [("/person/present_unit_code", "unit_required")]
    scope = {"organisation_kind": "hospital", "purpose": "service_referral"}
    twice = [scope, {**scope, "witness": "Người Hư Cấu"}]
    assert faults(submission(consents=twice)) == [("/consents/1", "repeated")]


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2010, 3, 2), AgeBand.UNDER_18),
        (date(2010, 3, 3), AgeBand.UNDER_16),
        (date(2008, 3, 2), AgeBand.ADULT),
        (date(2008, 3, 3), AgeBand.UNDER_18),
    ],
)
def test_a_band_begins_on_the_birthday(born: date, band: AgeBand) -> None:
    assert age_band(Birth(born.year, born), TODAY) is band


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(0, 365 * 20))
def test_a_year_alone_never_makes_anyone_older(born: date, later: int) -> None:
    today = TODAY + timedelta(days=later)
    assert Birth(born.year).age_on(today) <= Birth(born.year, born).age_on(today)


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(1, 4000))
def test_nobody_gets_younger(born: date, later: int) -> None:
    birth = Birth(born.year, born)
    assert birth.age_on(TODAY) <= birth.age_on(TODAY + timedelta(days=later))


def test_citizenship_is_all_that_is_told_of_a_nationality() -> None:
    assert citizenship_of("VN") is Citizenship.VIETNAMESE
    assert citizenship_of("stateless") is Citizenship.STATELESS
    assert citizenship_of("LA") is Citizenship.FOREIGN


Change = Callable[[], Body]


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        (
            submission(person=person(phones=[{"number": "0313842124", "safe_to_call": True}])),
            ["phone_maybe_former_landline", "phone_unconfirmed"],
        ),
        (
            submission(person=person(phones=[{"number": "0163456789", "safe_to_call": True}])),
            ["phone_unconfirmed"],
        ),
        (
            submission(papers=[paper("DECLARATION", number="tờ khai viết tay")]),
            ["paper_number_unusual"],
        ),
        (
            submission(
                person=person(identity_documents=[{"type": "CCCD", "number": "031099000123"}])
            ),
            ["identity_number_sex"],
        ),
        (submission(), []),
    ],
)
def test_odd_numbers_are_kept_and_warned_of(body: Body, warning: list[str]) -> None:
    assert warnings(body) == warning
    assert faults(body) == []


@given(st.sampled_from(ReferralStatus), st.booleans(), st.booleans())
def test_identity_is_granted_only_when_everything_holds(
    status: ReferralStatus, is_asked: bool, has_consent: bool
) -> None:
    outcome = decide_disclosure(
        status, is_asked_organisation=is_asked, has_live_consent=has_consent
    )
    holds = status in DISCLOSABLE and is_asked and has_consent
    assert (outcome is DisclosureOutcome.GRANTED) == holds
    if not is_asked:
        assert outcome is DisclosureOutcome.REFERRAL_NOT_FOUND


@given(st.frozensets(st.sampled_from(DisclosedField), min_size=1))
def test_no_more_than_asked_and_no_more_than_allowed(wanted: frozenset[DisclosedField]) -> None:
    granted = frozenset(granted_fields(Purpose.SERVICE_REFERRAL, wanted))
    assert granted == wanted & FIELDS[Purpose.SERVICE_REFERRAL]
    assert granted <= frozenset(granted_fields(Purpose.SERVICE_REFERRAL, None))


@pytest.mark.parametrize("verified", CaseStatus)
def test_a_plan_is_carried_on_unless_verification_ended_otherwise(verified: CaseStatus) -> None:
    is_over = verified in {CaseStatus.NOT_IDENTIFIED, CaseStatus.WITHDRAWN}
    assert status_of(verified, has_plan=False) is verified
    assert status_of(verified, has_plan=True) is (verified if is_over else CaseStatus.IN_SUPPORT)
