"""What other services tell of a case, kept in order for whoever submitted it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from services.intake.domain.rows import KEEP_LATEST_GRANT
from services.intake.models import Case, JourneyStep, PartnerGrant
from services.intake.policy import MAY_FOLLOW, CaseStatus, StepKind
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, ReferralStatus
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_id


@dataclass(frozen=True)
class StepFacts:
    """One step as told; what does not belong to its kind is unset."""

    case_id: UUID
    at: datetime
    kind: StepKind
    source_id: UUID
    status: str | None = None
    reason: str | None = None
    outcome: str | None = None
    code: EntitlementCode | None = None
    referral_id: UUID | None = None
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class GrantFacts:
    """Whom a referral asks and how far it has come, as told."""

    referral_id: UUID
    offer_id: UUID | None
    case_id: UUID
    organisation_id: UUID | None
    organisation_kind: OrganisationKind | None
    status: ReferralStatus
    accepted_at: datetime | None


def note_steps(
    session: Session,
    *,
    steps: Sequence[StepFacts],
    now: datetime,
    actor: str,
) -> None:
    """Add steps to their cases; one statement, and one audit entry per step."""
    insert_rows(session, JourneyStep, [{"id": new_id(), **vars(step)} for step in steps])
    for step in steps:
        audit.record(
            session,
            actor=actor,
            action=f"journey.{step.kind}",
            object_id=step.case_id,
            now=now,
            source_id=str(step.source_id),
            status=step.status,
        )


def lock_cases(session: Session, case_ids: Collection[UUID]) -> None:
    """Keep these cases from changing until the transaction ends, locked in the order of ids."""
    session.execute(
        select(Case.id)
        .where(Case.id.in_(case_ids))
        .order_by(Case.id)
        .with_for_update(key_share=True),
    )


_ADVANCE = text(
    """
    UPDATE cases SET status = asked.status, version = cases.version + 1
      FROM unnest(:ids, :statuses) AS asked(case_id, status)
     WHERE cases.id = asked.case_id
       AND (cases.status, asked.status) IN (SELECT * FROM unnest(:earlier, :later))
    """,
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("statuses", type_=ARRAY(String)),
    bindparam("earlier", type_=ARRAY(String)),
    bindparam("later", type_=ARRAY(String)),
)

_ALLOWED = [(earlier, later) for later, froms in MAY_FOLLOW.items() for earlier in froms]


def advance_cases(session: Session, statuses: Mapping[UUID, CaseStatus]) -> None:
    """Bring locked cases to a status where it may follow theirs; elsewhere nothing changes."""
    session.execute(
        _ADVANCE,
        {
            "ids": list(statuses),
            "statuses": [str(status) for status in statuses.values()],
            "earlier": [str(earlier) for earlier, _ in _ALLOWED],
            "later": [str(later) for _, later in _ALLOWED],
        },
    )


def note_grants(session: Session, grants: Sequence[GrantFacts]) -> None:
    """Keep the latest of each referral; the messages of a case arrive in order."""
    rows = [vars(grant) for grant in grants]
    insert_rows(session, PartnerGrant, rows, conflict=KEEP_LATEST_GRANT)
