"""Cases as agencies send them: a proof paper, one asked-for service, one consent. All invented."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from services.intake import domain, schemas
from services.intake.api.reception import Submission, plain_case
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.clock import utc_now
from shared.kit.crypto import MasterKeys
from shared.kit.http import Asked
from shared.kit.idempotency import Attempt, fingerprint
from tests.subjects import somebody

QUIET = OrganisationKind.EMPLOYMENT_CENTRE
"""Offers go to an organisation that has no endpoint: the deliveries end in the database."""
CALLED = OrganisationKind.VOCATIONAL_SCHOOL
"""Offers go to schools that take webhooks."""

RECEIVER = "ubnd-xa-kien-thuy"
TRACED = "00-{job:032x}-00f067aa0ba902b7-01"


def body_of(kind: OrganisationKind) -> dict[str, Any]:
    """The body of one submission."""
    return {
        "route": "SELF_REPORT",
        "languages": ["vi"],
        "papers": [
            {
                "type": "DECLARATION",
                "number": "01/TK-UBND",
                "issuer": "Ủy ban nhân dân xã Kiến Thụy",
                "issued_on": "2026-03-02",
            },
            {
                "type": "POLICE_CERTIFICATE",
                "number": "12/GXN-CATP",
                "issuer": "Công an thành phố Hải Phòng",
                "issued_on": "2026-03-10",
            },
        ],
        "requested_services": ["VOCATIONAL"],
        "consents": [{"organisation_kind": kind, "purpose": "service_referral"}],
        "person": {
            "full_name": "Người Được Đặt Ra",
            "sex": "female",
            "birth_date": "1995-03-14",
            "nationality": "VN",
            "identity_documents": [{"type": "CCCD", "number": "031195000001"}],
            "phones": [{"number": "+84 900 000 001", "safe_to_call": True}],
            "origin_unit_code": "11680",
            "present_unit_code": "11680",
        },
        "exploitation": {"types": ["ForcedMarriage"], "country": "CN"},
    }


def trace_of(job: int) -> str:
    """A trace that tells the job's number; notification keeps it beside the delivery at its end."""
    return TRACED.format(job=job + 1)


def job_of(traceparent: str) -> int:
    """The number a trace tells."""
    return int(traceparent[3:35], 16) - 1


def sealed(master_keys: Path, receiver_id: UUID, count: int) -> Iterator[Submission]:
    """Submissions as the route hands them to the desk: checked, sealed, ready to be stored."""
    keys = MasterKeys.load(master_keys)
    caller = somebody(receiver_id, Role.RECEIVER, client_id="bench")
    raw = orjson.dumps(body_of(QUIET))
    plain = plain_case(schemas.CaseCreate.model_validate_json(raw), caller, utc_now)
    for job in range(count):
        attempt = Attempt("bench", "POST /intake/v1/cases", str(uuid4()), fingerprint(raw))
        case = domain.seal_case(
            keys,
            plain,
            actor=caller.actor,
            traceparent=trace_of(job),
            origin=attempt.name,
        )
        yield Submission(Asked(attempt, caller.actor, case.case_id), case)


def moment() -> str:
    """Today, for people."""
    return datetime.now(UTC).date().isoformat()
