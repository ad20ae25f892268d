"""Reception on paper, for when there is no network for long: what is asked, filled in by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.console.pages.reception_check import ASKED_FOR
from services.console.pages.reception_fields import CONSENTS, SECTIONS, Field, Kind
from shared.texts import TextLanguage, of_service

CHOSEN = frozenset({Kind.CODE, Kind.CODES})


@dataclass(frozen=True)
class Blank:
    """One question."""

    label: str
    """The code of what is asked, among the console's texts."""
    is_truth: bool
    choices: Sequence[str]
    """What can be ticked, in words; of everything else there is a line to write on."""


def blanks(language: TextLanguage) -> Mapping[str, Sequence[Blank]]:
    """Every question by its section, in the order in which one asks."""
    return {
        section: [_blank(field, language) for field in fields]
        for section, fields in SECTIONS.items()
    }


def _blank(field: Field, language: TextLanguage) -> Blank:
    service, vocabulary = field.words
    words = of_service(service).vocabularies(language)[vocabulary] if field.kind in CHOSEN else {}
    asked = ASKED_FOR if field.name == CONSENTS else words
    return Blank(field.label, field.kind is Kind.TRUTH, [words[code] for code in asked])
