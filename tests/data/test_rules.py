"""Legal rules: every row says on what text it rests and how certain it is; nothing is made up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime

Row = dict[str, Any]

UNSET = "unset"
STATUSES = {"confirmed", "recalled", "assumed"}
FACTS = {
    "financial_hardship", "poor_household", "vietnamese_citizen", "citizen_or_permanent_resident",
    "granted_in_this_case", "applied_in_time", "under_18",
}  # fmt: skip


def _rows(entitlements: Row, deadlines: Sequence[Row]) -> Iterator[Row]:
    yield from deadlines
    yield from entitlements["condition"]
    yield from entitlements["category_condition"]
    yield from entitlements["amount"]
    yield from entitlements["certainty"]
    yield from entitlements["content"]
    yield from entitlements["basis"].values()


def test_every_row_names_its_text_and_its_certainty(
    entitlements: Row, deadlines: Sequence[Row]
) -> None:
    for row in _rows(entitlements, deadlines):
        assert row["legal_ref"].strip(), row
        assert row["status"] in STATUSES, row


def test_codes_and_categories_are_the_vocabulary(entitlements: Row) -> None:
    assert set(entitlements["codes"]) == set(EntitlementCode)
    assert set(entitlements["categories"]) == set(PersonCategory)
    assert set(entitlements["regime"]) == set(entitlements["basis"]) == set(Regime)
    for words in (*entitlements["codes"].values(), *entitlements["categories"].values()):
        assert words["vi"]
        assert words["en"]


@pytest.mark.parametrize("regime", list(Regime))
def test_every_code_granted_is_declared_and_named_once(entitlements: Row, regime: Regime) -> None:
    grants = entitlements["regime"][regime]
    assert set(grants) == set(PersonCategory)
    for category, codes in grants.items():
        assert set(codes) <= set(entitlements["codes"]), category
        assert len(set(codes)) == len(codes), category


def test_conditions_and_amounts_are_for_codes_the_regime_grants(entitlements: Row) -> None:
    for row in (*entitlements["condition"], *entitlements["amount"]):
        granted = {
            code for codes in entitlements["regime"][row["regime"]].values() for code in codes
        }
        assert row["code"] in granted, row
    conditions = (*entitlements["condition"], *entitlements["category_condition"])
    assert {row["requires"] for row in conditions} == FACTS


def test_the_law_asks_foreigners_the_stateless_and_children_for_a_fact_of_their_own(
    entitlements: Row,
) -> None:
    asked = {
        (row["regime"], row["category"], row["requires"])
        for row in entitlements["category_condition"]
    }
    assert asked == {
        ("2011", "VICTIM_RESIDENT", "citizen_or_permanent_resident"),
        ("2024", "VICTIM_RESIDENT", "citizen_or_permanent_resident"),
        ("2024", "FOREIGNER", "granted_in_this_case"),
        ("2011", "MINOR_ACCOMPANYING", "under_18"),
        ("2024", "MINOR_ACCOMPANYING", "under_18"),
    }


def test_the_hardship_allowance_of_the_older_law_is_given_once_on_return(
    entitlements: Row,
) -> None:
    given = {
        (row["regime"], row["code"]): row["given_on"]
        for row in entitlements["amount"]
        if "given_on" in row
    }
    assert given == {("2011", "HARDSHIP"): "return"}


def test_only_a_stay_under_the_newer_law_is_prolonged_by_the_director(
    deadlines: Sequence[Row],
) -> None:
    extended = {
        (row["key"], row["regime"]): row["extended_by"] for row in deadlines if "extended_by" in row
    }
    assert extended == {("stay.maximum", "2024"): "facility_director"}


@pytest.mark.parametrize(
    ("regime", "code", "status"),
    [
        ("2024", "HARDSHIP", "recalled"),
        ("2011", "LOAN", "recalled"),
        ("2011", "VOCATIONAL", "confirmed"),
        ("2024", "LOAN", "confirmed"),
    ],
)
def test_what_was_only_reported_or_remembered_is_not_shown_as_confirmed(
    entitlements: Row, regime: str, code: str, status: str
) -> None:
    rows = (*entitlements["condition"], *entitlements["certainty"])
    found = [row["status"] for row in rows if (row["regime"], row["code"]) == (regime, code)]
    assert set(found) == {status}


def test_the_newer_law_makes_no_condition_of_age(entitlements: Row) -> None:
    """Art. 37(h) lists general education for every victim; only its content differs by age."""
    narrowed = {(row["regime"], row["code"]) for row in entitlements["condition"]}
    assert ("2024", "EDUCATION") not in narrowed
    contents = {
        row["when"]: row
        for row in entitlements["content"]
        if (row["regime"], row["code"]) == ("2024", "EDUCATION")
    }
    assert set(contents) == {"under_18", "adult"}
    assert contents["adult"]["vi"] == contents["adult"]["en"] == UNSET


def test_a_content_is_said_in_both_languages_or_in_none(entitlements: Row) -> None:
    for row in entitlements["content"]:
        assert row["vi"].strip(), row
        assert row["en"].strip(), row
        assert (row["vi"] == UNSET) is (row["en"] == UNSET), row
        assert row["vi"] != UNSET or row["status"] == "assumed", row


def test_a_resident_is_granted_everything_and_others_less(entitlements: Row) -> None:
    newer = entitlements["regime"][Regime.LAW_2024]
    older = entitlements["regime"][Regime.LAW_2011]
    assert set(newer[PersonCategory.VICTIM_RESIDENT]) == set(EntitlementCode)
    assert older[PersonCategory.PRESUMED_IN_COUNTRY] == ["ESSENTIAL", "TRAVEL"]
    assert "TRAVEL" not in newer[PersonCategory.FOREIGNER]
    for grants in (newer, older):
        assert {"VOCATIONAL", "LOAN"}.isdisjoint(grants[PersonCategory.FOREIGNER])


def test_amounts_nobody_has_found_stay_unset(entitlements: Row) -> None:
    sums = {
        (row["regime"], row["code"], row["kind"]): row["amount"] for row in entitlements["amount"]
    }
    assert sums == {
        ("2011", "ESSENTIAL", "per_day"): UNSET,
        ("2024", "ESSENTIAL", "per_day"): UNSET,
        ("2011", "TRAVEL", "per_day"): 70000,
        ("2024", "TRAVEL", "per_day"): UNSET,
        ("2011", "VOCATIONAL", "once"): UNSET,
        ("2024", "VOCATIONAL", "max"): UNSET,
        ("2011", "HARDSHIP", "once"): 1000000,
        ("2024", "HARDSHIP", "once"): UNSET,
        ("2011", "LOAN", "max"): 100000000,
        ("2024", "LOAN", "max"): UNSET,
    }


def test_a_sum_is_no_surer_than_the_text_that_names_it(entitlements: Row) -> None:
    for row in entitlements["amount"]:
        if row["amount"] == UNSET:
            assert row["status"] == "assumed", row
        if "from memory" in row["legal_ref"]:
            assert row["status"] == "recalled", row


def test_periods_nobody_has_found_stay_unset(deadlines: Sequence[Row]) -> None:
    unset = {(row["key"], row["regime"]) for row in deadlines if row["amount"] == UNSET}
    assert unset == {
        ("verification.normal", "2024"),
        ("verification.extended_total", "2024"),
        ("complaint.answer", "any"),
    }
    assert all(row["status"] == "assumed" for row in deadlines if row["amount"] == UNSET)


def test_a_clock_has_one_rule_in_each_regime(deadlines: Sequence[Row]) -> None:
    regimes: dict[str, list[str]] = {}
    for row in deadlines:
        regimes.setdefault(row["key"], []).append(row["regime"])
    for key, found in regimes.items():
        assert max(Counter(found).values()) == 1, key
        assert found == ["any"] or set(found) <= set(Regime), key


def test_periods_have_a_unit_a_start_and_an_owner(deadlines: Sequence[Row]) -> None:
    owners = {"case_owner", "verifier", "commune", "facility", "protector", "partner", "person"}
    for row in deadlines:
        assert row["unit"] in {"hour", "day", "working_day", "month", "year"}, row["key"]
        assert row["from"].count(".") == 1, row["key"]
        assert row["owner_role"] in owners, row["key"]
        if row["key"] != "follow_up.interval":
            assert row["amount"] == UNSET or row["amount"] > 0, row["key"]
