"""Which papers prove and who verifies are rows, each with its text and how certain it is."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from shared.contracts.vocabulary import OrganisationKind, PaperType, Regime, Role, Route
from shared.law import Certainty
from shared.law.verifying import Authority, Proof, verification_rules

RULES = verification_rules()
SEED = Path("services/directory/seed/organisations.toml")
REFORM = date(2025, 7, 1)
FIRST_FIVE = list(PaperType)[:5]


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("paper", FIRST_FIVE)
def test_every_paper_that_proves_has_one_row_for_each_law(regime: Regime, paper: PaperType) -> None:
    found = [it for it in RULES.proofs if (it.paper, it.regime) == (paper, regime)]
    assert len(found) == 1
    is_of_handover = paper is PaperType.RETURN_CERTIFICATE
    assert found[0].route is (Route.BILATERAL_HANDOVER if is_of_handover else None)


def test_what_proves_since_the_reform_is_assumed_and_says_why() -> None:
    since = [it for it in RULES.proofs if it.regime is Regime.LAW_2024]
    assert {it.status for it in since} == {Certainty.ASSUMED}
    assert all(it.note and "not seen" in it.legal_ref for it in since)


def test_border_guards_verify_by_the_old_law_and_since_by_assumption_with_its_reason() -> None:
    guard = OrganisationKind.BORDER_GUARD
    before = RULES.authority(guard, on=date(2025, 6, 30))
    since = RULES.authority(guard, on=REFORM)
    assert before is not None
    assert since is not None
    assert (before.status, since.status) == (Certainty.CONFIRMED, Certainty.ASSUMED)
    assert since.note is not None


@pytest.mark.parametrize("row", [*RULES.proofs, *RULES.authorities], ids=lambda row: row.key)
def test_whatever_is_not_confirmed_says_why(row: Proof | Authority) -> None:
    assert (row.status is Certainty.CONFIRMED) == (row.note is None)


def test_every_verifier_of_the_seed_verifies_by_a_row_on_each_of_its_days() -> None:
    organisations = tomllib.loads(SEED.read_text(encoding="utf-8"))["organisations"]
    held = [
        (OrganisationKind(it["kind"]), role["from"], role.get("to"))
        for it in organisations
        for role in it["roles"]
        if role["role"] == Role.VERIFIER
    ]
    assert held
    for kind, first, last in held:
        for on in (first, last or REFORM):
            assert RULES.authority(kind, on=on), (kind, on)
