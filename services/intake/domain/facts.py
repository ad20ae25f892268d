"""What is known of a submission before it is stored: codes in the clear, the rest sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.policy import Caution, IndexedField, LateReason
from shared.contracts import Companion, ConsentScope
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    PaperType,
    Purpose,
    Route,
    Sex,
)
from shared.kit.clock import local_date
from shared.places.holders import Place


@dataclass(frozen=True)
class CaseCodes:
    """The part of a case that may be read without a key."""

    route: Route
    receiver_id: UUID
    receiver_kind: OrganisationKind
    received_at: datetime
    registered_at: datetime
    """When it was told to the exchange: later than the reception, where paper comes in late."""
    late_reason: LateReason | None
    age_band: AgeBand
    was_minor_at_act: bool | None
    """Unset where it is not known."""
    band_ends_on: date | None
    sex: Sex
    citizenship: Citizenship
    origin_unit_code: str | None
    origin_unit_on: date | None
    """The day by which the code is read; set where the code is."""
    present_unit_code: str | None
    present_unit_on: date | None
    languages: tuple[str, ...]
    needs_interpreter: bool
    has_immediate_needs: bool
    asked_staff_sex: Sex | None
    requested_services: tuple[EntitlementCode, ...]
    warnings: tuple[Caution, ...]

    @property
    def area(self) -> Place:
        """Where the case is, by which it has an owner: where the person is, or else is from."""
        return Place(
            self.present_unit_code or self.origin_unit_code or "",
            self.present_unit_on or self.origin_unit_on or local_date(self.registered_at),
        )

    @property
    def area_on(self) -> date | None:
        """The day of the area, as messages carry it: unset where it is the day they were told."""
        on = self.area.told_on
        return None if on == local_date(self.registered_at) else on


@dataclass(frozen=True, repr=False)
class PlainPaper:
    """A paper as submitted."""

    type: PaperType
    issued_on: date
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """Organisations of this kind may learn of the person for this purpose."""

    organisation_kind: OrganisationKind
    purpose: Purpose

    @property
    def told(self) -> ConsentScope:
        """As messages carry it."""
        return ConsentScope(organisation_kind=self.organisation_kind, purpose=self.purpose)


@dataclass(frozen=True, repr=False)
class PlainConsent(Scope):
    """A consent as submitted."""

    witness: str | None


@dataclass(frozen=True, repr=False)
class PlainCase:
    """A submission in the clear: it exists in memory between parsing and sealing only."""

    codes: CaseCodes
    identity: Mapping[str, Any]
    sender_reference: str | None
    papers: Sequence[PlainPaper]
    consents: Sequence[PlainConsent]
    numbers: Sequence[tuple[IndexedField, str]]


@dataclass(frozen=True, repr=False)
class SealedPaper:
    """A paper whose number and issuer are sealed."""

    id: UUID
    type: PaperType
    issued_on: date
    details: bytes


@dataclass(frozen=True, repr=False)
class SealedConsent(Scope):
    """A consent whose witness is sealed."""

    id: UUID
    witness: bytes | None


@dataclass(frozen=True, repr=False)
class CaseFacts:
    """A case ready to be stored: whoever holds this without the person's key learns codes."""

    actor: str
    traceparent: str | None
    case_id: UUID
    name: bytes
    """By this a repeat is known, should this database forget the case: see ``forgotten``."""
    person_id: UUID
    codes: CaseCodes
    wrapped_key: bytes
    master_version: int
    identity: bytes
    sender_reference: bytes | None
    papers: tuple[SealedPaper, ...]
    consents: tuple[SealedConsent, ...]
    accompanies: UUID | None
    """The case with which a child came."""
    indexes: frozenset[tuple[IndexedField, bytes]]


def companion_of(case_id: UUID | None, codes: Mapping[UUID, str]) -> Companion | None:
    """The case with which a child came, as messages carry it; ``codes`` has the code of each."""
    return None if case_id is None else Companion(case_id=case_id, case_code=codes[case_id])
