"""The demonstration's submissions: invented, of the agreed shape, and fit for what they show."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import phonenumbers
import pytest

from services.livelihood_support.models import AlertKind
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    PaperType,
    Purpose,
    ReferralStatus,
    Role,
    Route,
    ServiceOutcome,
    Sex,
    VerificationOutcome,
)
from shared.places import is_there

Row = dict[str, Any]

DAY = date(2026, 7, 1)
ENDS = {ServiceOutcome.PROVIDED, ReferralStatus.UNPLACED, AlertKind.NEEDS_INFORMATION}
REFUSED = "unknown-route"
DECIDED = {"rescued-without-any-paper", "not-believed-at-first"}
"""No paper proves these: an authority decides."""
CASE = {
    "route", "sender_reference", "person", "languages", "needs_interpreter", "immediate_needs",
    "accompanying_minors", "exploitation", "papers", "requested_services", "consents",
}  # fmt: skip
MINOR_ONLY = {"representative", "best_interest_note"}
CASE_MAY = MINOR_ONLY | {"received_at", "late_reason"}
PERSON = {
    "full_name", "aliases", "sex", "nationality", "identity_documents", "phones",
    "origin_unit_code", "present_unit_code",
}  # fmt: skip
PERSON_MAY = {"birth_date", "birth_year", "ethnicity", "origin_unit_on", "present_address"}
EXPLOITATION = {
    "ForcedLabour", "SexualExploitation", "ChildLabour", "ForcedMarriage", "Servitude",
    "ForcedMilitaryByNonStateActors", "OrganRemoval", "ForcedBegging", "ForcedAdoption",
    "Surrogacy", "Other",
}  # fmt: skip
"""vic_TypeOfExploitation of HTCDS 2.0 (IOM, CC BY 4.0)."""
PROOF = {
    PaperType.POLICE_CERTIFICATE,
    PaperType.RESCUER_CERTIFICATE,
    PaperType.PROCEDURAL_BODY_PAPER,
    PaperType.LEGALISED_FOREIGN_PAPER,
}
CENTURIES = {"0": (Sex.MALE, 19), "1": (Sex.FEMALE, 19), "2": (Sex.MALE, 20), "3": (Sex.FEMALE, 20)}
ROUTE_PAPERS = {
    Route.SELF_REPORT: {PaperType.DECLARATION},
    Route.SELF_REPORT_BORDER: {PaperType.DECLARATION},
    Route.BILATERAL_HANDOVER: {PaperType.HANDOVER_RECORD},
    Route.RESCUED: set(),
    Route.MISSION_ABROAD: set(),
}


def _year(person: Row) -> int:
    return int(person["birth_year"] if "birth_year" in person else person["birth_date"][:4])


def _is_minor(person: Row) -> bool:
    """Under 18 on the last day of the year as well, so that the data ages well."""
    return DAY.year - _year(person) < 18


def _papers(case: Row) -> set[str]:
    return {paper["type"] for paper in case["papers"]}


def _good(cases: Sequence[Row]) -> list[Row]:
    return [row["case"] for row in cases if row["key"] != REFUSED]


def test_there_are_29_with_keys_of_their_own(demo_cases: Sequence[Row]) -> None:
    assert len({row["key"] for row in demo_cases}) == len(demo_cases) == 29
    assert all(row["expect"] for row in demo_cases)


def test_the_shape_is_the_one_agreed(demo_cases: Sequence[Row]) -> None:
    for row in demo_cases:
        case = row["case"]
        assert set(case) - CASE_MAY == CASE, row["key"]
        assert set(case["person"]) - PERSON_MAY == PERSON, row["key"]
        assert ("birth_date" in case["person"]) != ("birth_year" in case["person"]), row["key"]
        assert set(case["exploitation"]) == {"types", "country"}, row["key"]
        assert set(case["exploitation"]["types"]) <= EXPLOITATION, row["key"]
        # Dates are text, so a case is JSON as it stands.
        assert json.loads(json.dumps(case)) == case, row["key"]


def test_values_are_words_of_the_vocabulary(demo_cases: Sequence[Row]) -> None:
    needs = {"shelter", "food", "medical", "safety", "clothing"}
    for case in _good(demo_cases):
        person = case["person"]
        assert case["route"] in set(Route)
        assert person["sex"] in set(Sex)
        assert re.fullmatch(r"[A-Z]{2}|stateless", person["nationality"])
        assert re.fullmatch(r"[A-Z]{2}", case["exploitation"]["country"])
        assert set(case["requested_services"]) <= set(EntitlementCode)
        assert set(case["immediate_needs"]) <= needs
        assert _papers(case) <= set(PaperType)
        for consent in case["consents"]:
            assert consent["organisation_kind"] in set(OrganisationKind)
            assert consent["purpose"] in set(Purpose)


def test_all_five_routes_are_taken_with_their_papers(demo_cases: Sequence[Row]) -> None:
    routes = Counter(case["route"] for case in _good(demo_cases))
    assert set(routes) == set(Route)
    assert min(routes.values()) >= 2
    for case in _good(demo_cases):
        assert ROUTE_PAPERS[Route(case["route"])] <= _papers(case)


def test_one_submission_must_be_refused_for_its_route_alone(demo_cases: Sequence[Row]) -> None:
    bad = [row for row in demo_cases if row["case"]["route"] not in set(Route)]
    assert [row["key"] for row in bad] == [REFUSED]
    assert bad[0]["expect"].startswith("refused")
    assert [row["key"] for row in demo_cases if "refused" in row] == [REFUSED]
    assert PaperType.DECLARATION in _papers(bad[0]["case"])


def test_two_cases_wait_for_a_verifier_and_all_others_are_proven(
    demo_cases: Sequence[Row],
) -> None:
    for row in demo_cases:
        if row["key"] == REFUSED:
            continue
        case = row["case"]
        accepted = PROOF | (
            {PaperType.RETURN_CERTIFICATE} if case["route"] == Route.BILATERAL_HANDOVER else set()
        )
        waits = accepted.isdisjoint(_papers(case))
        assert waits == (row["key"] in DECIDED), row["key"]
        begins = "waits" if waits else "refused at first" if "mistypes" in row else "identified"
        assert row["expect"].startswith(begins), row["key"]


def test_minors_have_a_representative_and_a_note_on_their_best_interest(
    demo_cases: Sequence[Row],
) -> None:
    minors = [case for case in _good(demo_cases) if _is_minor(case["person"])]
    assert len(minors) == 5
    for case in minors:
        assert set(case["representative"]) == {"full_name", "relation", "is_suspect"}
        assert case["representative"]["relation"] in {"parent", "guardian", "relative", "official"}
        assert case["best_interest_note"]
    assert sum(case["representative"]["is_suspect"] for case in minors) == 1
    adults = [case for case in _good(demo_cases) if not _is_minor(case["person"])]
    assert all(MINOR_ONLY.isdisjoint(case) for case in adults)


def test_children_who_came_along_are_children(demo_cases: Sequence[Row]) -> None:
    along = [each for case in _good(demo_cases) for each in case["accompanying_minors"]]
    assert len(along) >= 3
    for each in along:
        assert set(each) == {"full_name", "birth_year", "sex"}
        assert DAY.year - each["birth_year"] < 18


def test_somebody_needs_an_interpreter_is_foreign_or_stateless(demo_cases: Sequence[Row]) -> None:
    cases = _good(demo_cases)
    minority = [case for case in cases if case["languages"] == ["hmn"]]
    assert [case["needs_interpreter"] for case in minority] == [True]
    nations = Counter(case["person"]["nationality"] for case in cases)
    assert nations["stateless"] == 1
    assert sum(nations.values()) - nations["VN"] - nations["stateless"] == 1
    for case in cases:
        assert case["needs_interpreter"] == ("vi" not in case["languages"])


def test_the_need_of_a_withdrawn_consent_can_be_met_by_another_kind(
    demo_cases: Sequence[Row],
) -> None:
    """Whether a school accepts before the withdrawal arrives is chance; the end is the same."""
    withdrawn = [row for row in demo_cases if "withdraw" in row]
    assert len(withdrawn) == 1
    scope = withdrawn[0]["withdraw"]
    assert scope["organisation_kind"] == OrganisationKind.VOCATIONAL_SCHOOL
    assert scope in withdrawn[0]["case"]["consents"]
    assert EntitlementCode.VOCATIONAL in withdrawn[0]["case"]["requested_services"]
    kinds = {each["organisation_kind"] for each in withdrawn[0]["case"]["consents"]}
    assert OrganisationKind.EMPLOYMENT_CENTRE in kinds
    assert withdrawn[0]["ends"]["VOCATIONAL"] == ServiceOutcome.PROVIDED


def test_every_case_says_how_it_must_end(demo_cases: Sequence[Row]) -> None:
    said: Counter[str] = Counter()
    for row in demo_cases:
        if row["key"] == REFUSED:
            assert row["refused"] == "/route enum"
            assert "ends" not in row
            continue
        assert "refused" not in row
        ends = {name: as_list(end) for name, end in row["ends"].items()}
        decided = ends.pop("verification")
        assert set(decided) <= set(VerificationOutcome), row["key"]
        assert (len(decided) > 1) == row.get("reopens", False), row["key"]
        late = row["case"].get("received_at", "")[:10]
        for name, marked, how in (
            ("reception", late, late),
            ("plan", "tells" in row, "revised"),
            ("submission", "mistypes" in row, "corrected"),
            ("offer", "undelivered" in row, "undelivered"),
        ):
            assert ends.pop(name, []) == ([how] if marked else []), (row["key"], name)
        assert set(ends) == set(row["case"]["requested_services"]), row["key"]
        for code, found in ends.items():
            assert len(found) == (2 if row.get("needs_again") == code else 1), row["key"]
            assert set(found) <= ENDS, row["key"]
            said.update(found)
    assert set(said) == ENDS
    # One is too young for every course, one has not agreed that a lender learns of her.
    assert said[ReferralStatus.UNPLACED] == 2


def as_list(end: str | list[str]) -> list[str]:
    return [end] if isinstance(end, str) else end


def test_every_requested_service_can_be_asked_of_somebody_consented_to(
    demo_cases: Sequence[Row], organisations: Sequence[Row], programmes: Sequence[Row]
) -> None:
    kinds = {row["code"]: row["kind"] for row in organisations}
    for row in demo_cases:
        case = row["case"]
        consented = {each["organisation_kind"] for each in case["consents"]}
        age = DAY.year - _year(case["person"])
        for code in case["requested_services"]:
            fitting = [
                each
                for each in programmes
                if code in each["codes"]
                and kinds[each["organisation_code"]] in consented
                and each.get("minimum_age", 0) <= age <= each.get("maximum_age", 200)
            ]
            is_unplaced = row.get("ends", {}).get(code) == ReferralStatus.UNPLACED
            assert bool(fitting) != is_unplaced, (row["key"], code)


def test_requests_are_what_the_newer_law_grants_the_person(
    demo_cases: Sequence[Row], entitlements: Row
) -> None:
    grants = entitlements["regime"]["2024"]
    for case in _good(demo_cases):
        nation = case["person"]["nationality"]
        category = "VICTIM_RESIDENT" if nation in {"VN", "stateless"} else "FOREIGNER"
        assert set(case["requested_services"]) <= set(grants[category])
        if "LOAN" in case["requested_services"]:
            assert nation == "VN"
        if "EDUCATION" in case["requested_services"]:
            assert _is_minor(case["person"])


def test_training_is_asked_for_most(demo_cases: Sequence[Row]) -> None:
    asked = Counter(code for case in _good(demo_cases) for code in case["requested_services"])
    assert asked.most_common(1)[0][0] == EntitlementCode.VOCATIONAL
    assert asked["VOCATIONAL"] > len(_good(demo_cases)) / 2
    assert set(asked) >= {"LOAN", "LEGAL_AID", "MEDICAL", "PSYCHOLOGICAL"}


def test_senders_are_institutions_that_receive_today(
    demo_cases: Sequence[Row], organisations: Sequence[Row]
) -> None:
    receivers = {
        row["code"]
        for row in organisations
        for each in row["roles"]
        if each["role"] == Role.RECEIVER and each["from"] <= DAY <= each.get("to", date.max)
    }
    assert {row["submit_as"] for row in demo_cases} <= receivers


def test_people_are_where_a_unit_is_and_come_from_one_of_its_day(
    demo_cases: Sequence[Row],
) -> None:
    olds = 0
    for row in demo_cases:
        person = row["case"]["person"]
        old = person.get("origin_unit_on")
        olds += old is not None
        written_on = date.fromisoformat(old) if old else DAY
        assert is_there(person["origin_unit_code"], written_on), row["key"]
        assert is_there(person["present_unit_code"], DAY), row["key"]
    assert olds


def test_phones_lie_in_the_invented_range_and_are_given_once(demo_cases: Sequence[Row]) -> None:
    phones = [phone for row in demo_cases for phone in row["case"]["person"]["phones"]]
    numbers = []
    for phone in phones:
        assert set(phone) == {"number", "safe_to_call"}
        parsed = phonenumbers.parse(phone["number"], "VN")
        assert phonenumbers.is_valid_number(parsed)
        numbers.append(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    assert all(re.fullmatch(r"\+849000000\d\d", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert {phone["safe_to_call"] for phone in phones} == {True, False}


def test_citizen_numbers_tell_the_sex_and_year_they_should(demo_cases: Sequence[Row]) -> None:
    seen = []
    for row in demo_cases:
        person = row["case"]["person"]
        for document in person["identity_documents"]:
            seen.append(document["number"])
            if document["type"] == "CCCD":
                parts = re.fullmatch(r"031([0-3])(\d\d)\d{6}", document["number"])
                assert parts, row["key"]
                sex, century = CENTURIES[parts[1]]
                assert (person["sex"], _year(person)) == (sex, century * 100 + int(parts[2]))
            else:
                assert document["type"] in {"CMND", "PASSPORT", "OTHER"}, row["key"]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("field", ["number", "issuer", "issued_on", "type"])
def test_papers_have_every_field_and_none_is_from_the_future(
    demo_cases: Sequence[Row], field: str
) -> None:
    for row in demo_cases:
        for paper in row["case"]["papers"]:
            assert paper[field], row["key"]
            assert date.fromisoformat(paper["issued_on"]) <= DAY, row["key"]


def test_names_and_references_are_one_of_a_kind_and_composed(demo_cases: Sequence[Row]) -> None:
    names = [row["case"]["person"]["full_name"] for row in demo_cases]
    references = [row["case"]["sender_reference"] for row in demo_cases]
    assert len(set(names)) == len(names)
    assert len(set(references)) == len(references)
    assert all(unicodedata.is_normalized("NFC", text) for text in (*names, *references))
