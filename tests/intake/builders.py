"""Submissions of invented people, and how they come in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.intake import domain
from services.intake.api import reception
from services.intake.api.reception import plain_case
from services.intake.schemas import CaseCreate
from shared.contracts.vocabulary import Role
from shared.kit.crypto import MasterKeys
from shared.kit.errors import DomainError
from shared.kit.http import Asked
from shared.kit.idempotency import Answer, Attempt
from shared.kit.subjects import Subject
from tests.subjects import somebody

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""
SCHOOLS = {"organisation_kind": "vocational_school", "purpose": "service_referral"}
NAME = "Nguyễn Thị Hoa Tưởng Tượng"
PHONE = "+84912345678"
IDENTITY_NUMBER = "031199000123"


def submission(**changes: Any) -> dict[str, Any]:
    """The body of a case that is received without a warning, with some members changed."""
    body: dict[str, Any] = {
        "route": "SELF_REPORT",
        "sender_reference": "UBND/2026/7",
        "person": person(),
        "languages": ["vi"],
        "needs_interpreter": False,
        "immediate_needs": ["shelter"],
        "exploitation": {"types": ["ForcedLabour"], "country": "KH", "means": ["deception"]},
        "papers": [paper("DECLARATION")],
        "requested_services": ["VOCATIONAL"],
        "consents": [SCHOOLS],
    }
    return body | changes


def person(**changes: Any) -> dict[str, Any]:
    """An adult woman from Kiến Thụy."""
    stated: dict[str, Any] = {
        "full_name": NAME,
        "sex": "female",
        "birth_date": "1999-05-04",
        "nationality": "VN",
        "identity_documents": [{"type": "CCCD", "number": IDENTITY_NUMBER}],
        "phones": [{"number": PHONE, "safe_to_call": True}],
        "origin_unit_code": "11680",
        "present_unit_code": "11560",
        "present_address": "Số 7 ngõ Hư Cấu",
    }
    return stated | changes


def paper(kind: str, **changes: Any) -> dict[str, Any]:
    """A paper of February 2026."""
    written = {
        "type": kind,
        "number": "15/KH-SLĐTBXH-PCTNXH",
        "issuer": "Ủy ban nhân dân xã",
        "issued_on": "2026-02-12",
    }
    return written | changes


def minor(**changes: Any) -> dict[str, Any]:
    """The body of a case of a fifteen-year-old with everything it needs."""
    child = person(birth_date="2010-06-01", identity_documents=[], phones=[])
    beside = {"full_name": "Cô Hư Cấu", "relation": "relative", "is_suspect": False}
    return submission(person=child, representative=beside, best_interest_note="Ở với cô") | changes


def caller(organisation_id: UUID | None = None) -> Subject:
    """A commune committee."""
    return somebody(organisation_id or uuid4(), Role.RECEIVER, client_id="commune")


@dataclass(frozen=True)
class Handed:
    """A sealed submission and who sends it under which key."""

    asked: Asked
    case: domain.CaseFacts
    again: Callable[[UUID], domain.CaseFacts]

    @property
    def case_id(self) -> UUID:
        return self.case.case_id

    @property
    def person_id(self) -> UUID:
        return self.case.person_id


def facts(
    keys: MasterKeys,
    body: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    sender: Subject | None = None,
    fingerprint: str = "a" * 64,
    traceparent: str | None = None,
    origin: Sequence[str] | None = None,
) -> Handed:
    """A sealed submission, as the edge hands it over."""
    sender = sender or caller()
    parsed = CaseCreate.model_validate(body or submission())
    attempt = Attempt(sender.key_owner, "POST /intake/v1/cases", key or str(uuid4()), fingerprint)
    asked = Asked(attempt, sender.actor, uuid4())
    plain = plain_case(parsed, sender, lambda: NOON)

    def seal(case_id: UUID | None = None) -> domain.CaseFacts:
        return domain.seal_case(
            keys,
            plain,
            actor=sender.actor,
            traceparent=traceparent,
            origin=origin or attempt.name,
            case_id=case_id,
        )

    return Handed(asked, seal(), seal)


def receive(
    session: Session,
    *submitted: Handed,
    **options: Any,
) -> Sequence[Answer | DomainError]:
    """Store submissions in one transaction."""
    at_the_desk = [reception.Submission(it.asked, it.case, it.again) for it in submitted]
    return reception.receive(session, at_the_desk, now=NOON, **options)
