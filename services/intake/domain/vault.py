"""The vault: one data key per person, under which all that identifies the person is sealed.

Each ciphertext is bound to its table, column and row, so it opens nowhere else.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.intake.domain.facts import (
    CaseFacts,
    PlainCase,
    PlainConsent,
    PlainPaper,
    SealedConsent,
    SealedPaper,
)
from services.intake.models import Case, ContactPoint, Draft, KeptApart, Paper, Person, Refuge
from services.intake.policy import IndexedField
from shared.kit.crypto import DataKey, MasterKeys, Unreadable
from shared.kit.identifiers import id_named, new_id

Typed = Mapping[str, Mapping[str, Sequence[str]]]
"""What a draft holds: by section, the values of each field as they were typed."""


def seal_case(
    keys: MasterKeys,
    plain: PlainCase,
    *,
    actor: str,
    traceparent: str | None,
    origin: Sequence[str],
    case_id: UUID | None = None,
    accompanies: UUID | None = None,
) -> CaseFacts:
    """Seal a submission under a new key of its own; pure computation, before any transaction.

    ``origin`` is what a repeat has in common with it: who submits, and under which key. The tail of
    the case's id follows from it, unless it is a case that has its id already.
    """
    name = keys.name_of(*origin)
    case_id, person_id = case_id or id_named(name), new_id()
    key, wrapped, version = keys.new_data_key(_owner(person_id))
    return CaseFacts(
        actor=actor,
        traceparent=traceparent,
        case_id=case_id,
        name=name,
        person_id=person_id,
        codes=plain.codes,
        wrapped_key=wrapped,
        master_version=version,
        identity=_seal(key, plain.identity, _identity_place(person_id)),
        sender_reference=_seal_known(key, plain.sender_reference, _reference_place(case_id)),
        papers=tuple(_sealed_paper(key, paper) for paper in plain.papers),
        consents=tuple(_sealed_consent(key, consent) for consent in plain.consents),
        accompanies=accompanies,
        indexes=_indexes(keys, plain.numbers),
    )


def key_of(keys: MasterKeys, person: Person) -> DataKey:
    """The data key of a person; raises ``Unreadable``."""
    return keys.unwrap(
        person.wrapped_key, owner=_owner(person.id), master_version=person.master_version
    )


def open_identity(keys: MasterKeys, person: Person) -> Mapping[str, Any]:
    """The identity as it was submitted and corrected since; raises ``Unreadable``."""
    key = key_of(keys, person)
    opened: Mapping[str, Any] = _open(key, person.identity, _identity_place(person.id))
    for correction in person.corrections:
        opened = merged(opened, _open(key, correction.details, _correction_place(correction.id)))
    return opened


def merged(identity: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """An identity with what was corrected in it; the other fields stay as they were told."""
    times = details.get("exploitation")
    if times is None:
        return {**identity, **details}
    told = identity["exploitation"] or {"types": [], "country": None, "means": []}
    return {**identity, **details, "exploitation": {**told, **times}}


def seal_correction(
    keys: MasterKeys, person: Person, correction_id: UUID, details: Mapping[str, Any]
) -> bytes:
    """Seal what is known now beside what was told first."""
    return _seal(key_of(keys, person), details, _correction_place(correction_id))


def open_reference(keys: MasterKeys, person: Person, case: Case) -> str | None:
    """The sender's own reference of a case; raises ``Unreadable``."""
    if case.sender_reference is None:
        return None
    opened: str = _open(key_of(keys, person), case.sender_reference, _reference_place(case.id))
    return opened


def open_paper(keys: MasterKeys, person: Person, paper: Paper) -> Mapping[str, Any]:
    """Number, its parts and issuer of a paper; raises ``Unreadable``."""
    place = _paper_place(paper.id)
    opened: Mapping[str, Any] = _open(key_of(keys, person), paper.details, place)
    return opened


def seal_witness(keys: MasterKeys, person: Person, consent_id: UUID, witness: str) -> bytes:
    """Seal who was there when a consent was given."""
    return _seal(key_of(keys, person), witness, _witness_place(consent_id))


def seal_contact(
    keys: MasterKeys, person: Person, point_id: UUID, details: Mapping[str, Any]
) -> bytes:
    """Seal a number and the rules that the person gave for it."""
    return _seal(key_of(keys, person), details, _contact_place(point_id))


def open_contact(keys: MasterKeys, person: Person, point: ContactPoint) -> Mapping[str, Any]:
    """A number and its rules; raises ``Unreadable``."""
    place = _contact_place(point.id)
    opened: Mapping[str, Any] = _open(key_of(keys, person), point.details, place)
    return opened


def seal_refuge(keys: MasterKeys, person: Person, refuge_id: UUID, place: str) -> bytes:
    """Seal where a person is kept safe."""
    return _seal(key_of(keys, person), place, _refuge_place(refuge_id))


def open_refuge(keys: MasterKeys, person: Person, refuge: Refuge) -> str | None:
    """Where a person is kept safe; raises ``Unreadable``."""
    if refuge.details is None:
        return None
    opened: str = _open(key_of(keys, person), refuge.details, _refuge_place(refuge.id))
    return opened


def seal_apart(keys: MasterKeys, apart_id: UUID, reason: str) -> tuple[bytes, bytes, int]:
    """Seal why two people are kept apart, under a key of its own; its wrapped form, and by what."""
    key, wrapped, version = keys.new_data_key(_apart_owner(apart_id))
    return _seal(key, reason, _apart_place(apart_id)), wrapped, version


def open_apart(keys: MasterKeys, apart: KeptApart) -> str:
    """Why two people are kept apart; raises ``Unreadable``, also where it is over."""
    if apart.wrapped_key is None or apart.master_version is None or apart.details is None:
        raise Unreadable
    key = keys.unwrap(
        apart.wrapped_key, owner=_apart_owner(apart.id), master_version=apart.master_version
    )
    opened: str = _open(key, apart.details, _apart_place(apart.id))
    return opened


def new_draft_key(keys: MasterKeys, draft_id: UUID) -> tuple[DataKey, bytes, int]:
    """A key for a draft, which is of nobody yet; its wrapped form, and what wrapped it."""
    return keys.new_data_key(_draft_owner(draft_id))


def seal_draft(key: DataKey, draft_id: UUID, typed: Typed) -> bytes:
    """Seal what was typed so far."""
    return _seal(key, typed, _draft_place(draft_id))


def open_draft(keys: MasterKeys, draft: Draft) -> tuple[DataKey, Typed]:
    """The key of a draft that was not submitted, and what it holds; raises ``Unreadable``."""
    if draft.wrapped_key is None or draft.master_version is None or draft.content is None:
        raise Unreadable
    key = keys.unwrap(
        draft.wrapped_key, owner=_draft_owner(draft.id), master_version=draft.master_version
    )
    return key, _open(key, draft.content, _draft_place(draft.id))


def _sealed_paper(key: DataKey, paper: PlainPaper) -> SealedPaper:
    paper_id = new_id()
    details = _seal(key, paper.details, _paper_place(paper_id))
    return SealedPaper(paper_id, paper.type, paper.issued_on, details)


def _sealed_consent(key: DataKey, consent: PlainConsent) -> SealedConsent:
    consent_id = new_id()
    witness = _seal_known(key, consent.witness, _witness_place(consent_id))
    return SealedConsent(consent.organisation_kind, consent.purpose, consent_id, witness)


def _indexes(
    keys: MasterKeys,
    numbers: Sequence[tuple[IndexedField, str]],
) -> frozenset[tuple[IndexedField, bytes]]:
    return frozenset((field, keys.blind_index(field, number)) for field, number in numbers)


def _seal(key: DataKey, value: Any, place: str) -> bytes:
    return key.seal(orjson.dumps(value), place=place)


def _seal_known(key: DataKey, value: str | None, place: str) -> bytes | None:
    return None if value is None else _seal(key, value, place)


def _open(key: DataKey, sealed: bytes, place: str) -> Any:
    return orjson.loads(key.open(sealed, place=place))


def _owner(person_id: UUID) -> str:
    return f"persons|{person_id}"


def _identity_place(person_id: UUID) -> str:
    return f"persons|identity|{person_id}"


def _correction_place(correction_id: UUID) -> str:
    return f"corrections|details|{correction_id}"


def _reference_place(case_id: UUID) -> str:
    return f"cases|sender_reference|{case_id}"


def _paper_place(paper_id: UUID) -> str:
    return f"papers|details|{paper_id}"


def _witness_place(consent_id: UUID) -> str:
    return f"consents|witness|{consent_id}"


def _contact_place(point_id: UUID) -> str:
    return f"contact_points|details|{point_id}"


def _refuge_place(refuge_id: UUID) -> str:
    return f"refuges|details|{refuge_id}"


def _apart_owner(apart_id: UUID) -> str:
    return f"kept_apart|{apart_id}"


def _apart_place(apart_id: UUID) -> str:
    return f"kept_apart|details|{apart_id}"


def _draft_owner(draft_id: UUID) -> str:
    return f"drafts|{draft_id}"


def _draft_place(draft_id: UUID) -> str:
    return f"drafts|content|{draft_id}"
