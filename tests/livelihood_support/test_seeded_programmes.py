"""The programmes of the seed, if all of them were assured: who is sent to them, and who never."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.directory.domain import read_seed
from services.livelihood_support.policy import Candidate, Exclusion, Need, rank_programmes
from shared.contracts.vocabulary import AgeBand, EntitlementCode, OrganisationKind, Sex

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
SEED = read_seed()
KINDS = {row["code"]: OrganisationKind(row["kind"]) for row in SEED.organisations}
WELDING = UUID("2de32c54-4141-57e1-82e3-59c5eef8af83")
OBSTETRICS = UUID("3418f1cf-665f-500a-a184-f13bb5ef8016")
CHILDREN = UUID("86aa50eb-f40c-51aa-9d0e-84bdbdbab520")


def candidate(row: dict[str, Any], *, is_assured: bool = True) -> Candidate:
    return Candidate(
        programme_id=UUID(row["id"]),
        organisation_id=UUID(int=1),
        organisation_kind=KINDS[row["organisation_code"]],
        codes=frozenset(map(EntitlementCode, row["codes"])),
        area_codes=frozenset(row["area_codes"]),
        languages=frozenset(row["languages"]),
        has_interpreter=row.get("has_interpreter", False),
        client_sexes=frozenset(map(Sex, row.get("client_sexes", Sex))),
        minimum_age=row.get("minimum_age"),
        maximum_age=row.get("maximum_age"),
        serves_children=row.get("serves_children", False),
        staff_sexes=frozenset(map(Sex, row.get("staff_sexes", ()))),
        capacity=row["capacity"],
        held=0,
        offers_made=0,
        offers_declined=0,
        is_assured=is_assured,
        assured_until=NOW + timedelta(days=1),
        changed_at=NOW,
        is_active=True,
    )


EVERYBODY = list(product(EntitlementCode, AgeBand, Sex))


def need(code: EntitlementCode, band: AgeBand, sex: Sex) -> Need:
    return Need(
        code=code,
        area_code="11560",
        area_on=NOW.date(),
        age_band=band,
        sex=sex,
        languages=frozenset({"vi"}),
        needs_interpreter=False,
        consented_kinds=frozenset(OrganisationKind),
    )


def asked(candidates: Sequence[Candidate], whose: Need) -> list[UUID]:
    found = rank_programmes(candidates, whose, asked={}, now=NOW)
    return [each.candidate.programme_id for each in found.ranked]


@pytest.fixture(scope="module")
def assured() -> list[Candidate]:
    return [candidate(dict(row)) for row in SEED.programmes]


def test_nobody_under_16_is_ever_offered_welding(assured: list[Candidate]) -> None:
    offered = {
        band for code, band, sex in EVERYBODY if WELDING in asked(assured, need(code, band, sex))
    }
    assert offered == {AgeBand.ADULT}


def test_only_women_are_ever_offered_the_hospital_of_obstetrics(assured: list[Candidate]) -> None:
    offered = {
        sex for code, band, sex in EVERYBODY if OBSTETRICS in asked(assured, need(code, band, sex))
    }
    assert offered == {Sex.FEMALE}


@pytest.mark.parametrize("band", [AgeBand.UNDER_16, AgeBand.UNDER_18])
def test_a_childs_counselling_begins_with_the_service_for_children(
    assured: list[Candidate], band: AgeBand
) -> None:
    first = asked(assured, need(EntitlementCode.PSYCHOLOGICAL, band, Sex.MALE))[0]
    assert first == CHILDREN


def test_as_seeded_nobody_is_offered_anything() -> None:
    seeded = [candidate(dict(row), is_assured=False) for row in SEED.programmes]
    for code, band, sex in EVERYBODY:
        found = rank_programmes(seeded, need(code, band, sex), asked={}, now=NOW)
        assert found.ranked == ()
        assert found.counted.keys() <= {Exclusion.OTHER_NEED, Exclusion.NOT_ASSURED}
