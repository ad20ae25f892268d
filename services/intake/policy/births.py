"""What is odd about a case because of when the person was born; found again when that changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.intake.policy.acts import Act, was_minor_at_act
from services.intake.policy.ages import Birth, age_band
from services.intake.policy.findings import Caution
from services.intake.policy.identity_numbers import IdentityDocumentType, look_at_number
from shared.contracts.vocabulary import AgeBand, Sex

BY_BIRTH = frozenset(
    {
        Caution.MEANS_NOT_STATED,
        Caution.AGE_AT_ACT_UNKNOWN,
        Caution.IDENTITY_NUMBER_FORMAT,
        Caution.IDENTITY_NUMBER_IN_FUTURE,
        Caution.IDENTITY_NUMBER_SEX,
        Caution.IDENTITY_NUMBER_YEAR,
        Caution.REPRESENTATIVE_MISSING,
    }
)
"""All that may be found so."""


@dataclass(frozen=True, repr=False)
class Born:
    """What of a person, and of what was done to them, depends on the birth."""

    sex: Sex
    birth: Birth
    identity_numbers: Sequence[tuple[IdentityDocumentType, str]]
    has_representative: bool
    has_exploitation: bool
    has_means: bool
    act: Act


def find_birth_warnings(said: Born, today: date) -> Iterator[Caution]:
    """The cautions that depend on when the person was born."""
    # Means are an element of trafficking for adults only (Law 53/2024 Art. 2(1)).
    was_minor = was_minor_at_act(said.birth, said.act, today)
    if said.has_exploitation and not said.has_means and not was_minor:
        yield Caution.MEANS_NOT_STATED
        if was_minor is None:
            yield Caution.AGE_AT_ACT_UNKNOWN
    if age_band(said.birth, today) is not AgeBand.ADULT and not said.has_representative:
        yield Caution.REPRESENTATIVE_MISSING
    for kind, number in said.identity_numbers:
        yield from look_at_number(kind, number, sex=said.sex, birth=said.birth, today=today)
