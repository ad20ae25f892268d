"""HTTP shapes of the papers that a decision may cite: numbers and days, never what they say."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime

from services.verification import examples
from services.verification.policy import EvidenceSource
from shared.kit.shapes import Shape, shown
from shared.law.shapes import EvidenceNumber


class EvidenceCreate(Shape):
    """A paper that speaks for or against an identification. What it says is not told here."""

    model_config = shown(examples.EVIDENCE_CREATE)

    source: EvidenceSource
    """From whom it is: one of the nine sources that the law names."""
    number: EvidenceNumber
    """Its number."""
    issued_on: date
    """The day it names: not after today."""
    issuer_id: UUID | None = None
    """The organisation that issued it, where that is of the exchange; else its number says who."""


class EvidenceRead(Shape):
    """A paper that speaks for or against an identification."""

    model_config = shown(examples.EVIDENCE_READ)

    id: UUID
    """The id of this record, by which a decision cites it."""
    verification_id: UUID
    """The verification that it is about."""
    source: EvidenceSource
    """From whom it is."""
    number: str
    """The number of the paper, as it stands on it."""
    issued_on: date
    """The day it names."""
    issuer_id: UUID | None
    """The organisation that issued it; unset where that is not of the exchange."""
    recorded_at: AwareDatetime
    """When it was recorded here."""
    is_cited: bool
    """Whether the decision that stands rests on it."""

    @classmethod
    def of(cls, evidence: Any, *, is_cited: bool) -> Self:
        """A paper as it is kept."""
        kept = {it: getattr(evidence, it) for it in cls.model_fields if it != "is_cited"}
        return cls.model_validate({**kept, "is_cited": is_cited})


class EvidenceList(Shape):
    """The evidence of a verification."""

    model_config = shown(examples.EVIDENCE_LIST)

    items: list[EvidenceRead]
    """The papers, in the order in which they were recorded."""
