"""What other services tell of a case, kept in order for whoever submitted it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import ARRAY, Boolean, String, Uuid, bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.intake.domain.rows import KEEP_LATEST_GRANT
from services.intake.errors import CaseNotReceived
from services.intake.models import Case, JourneyStep, PartnerGrant
from services.intake.policy import CaseStatus, StepKind, status_of
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, ReferralStatus
from shared.kit.arrays import among
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_id
from shared.kit.round_trips import send


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


def note_steps(session: Session, steps: Sequence[StepFacts]) -> None:
    """Add steps to their cases; one statement. Refused while one of the cases is not here."""
    with _of_known_cases():
        insert_rows(session, JourneyStep, [{"id": new_id(), **vars(step)} for step in steps])
        send(session)


@contextmanager
def _of_known_cases() -> Iterator[None]:
    """Whether a case is here is asked by its foreign key, which costs nothing more."""
    try:
        yield
    except IntegrityError as broken:
        if isinstance(broken.orig, ForeignKeyViolation):
            raise CaseNotReceived from None
        raise


_LOCK_CASES = (
    select(Case.id)
    .where(among(Case.id, bindparam("case_ids")))
    .order_by(Case.id)
    .with_for_update(key_share=True)
)


def lock_cases(session: Session, case_ids: Collection[UUID]) -> None:
    """Keep these cases from changing until the transaction ends, locked in the order of ids."""
    session.execute(_LOCK_CASES, {"case_ids": list(case_ids)})


# Every row of the policy, for both services that tell: a plan leaves what verification told last,
# which is the status itself unless there was a plan before.
_ADVANCE = text(
    """
    UPDATE cases SET status = stands.status, version = cases.version + 1
      FROM unnest(:ids, :told) AS asked(case_id, told),
           unnest(:verified, :has_plan, :statuses) AS stands(verified, has_plan, status)
     WHERE cases.id = asked.case_id
       AND stands.verified = coalesce(asked.told, cases.status)
       AND stands.has_plan = EXISTS (
           SELECT FROM journey_steps AS step
            WHERE step.case_id = cases.id AND step.kind = :plan_opened)
       AND cases.status <> stands.status
    """,
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("told", type_=ARRAY(String)),
    bindparam("verified", type_=ARRAY(String)),
    bindparam("has_plan", type_=ARRAY(Boolean)),
    bindparam("statuses", type_=ARRAY(String)),
)

_STANDINGS = [(verified, has_plan) for verified in CaseStatus for has_plan in (False, True)]
_STANDS = {
    "verified": [str(verified) for verified, _ in _STANDINGS],
    "has_plan": [has_plan for _, has_plan in _STANDINGS],
    "statuses": [str(status_of(verified, has_plan=planned)) for verified, planned in _STANDINGS],
    "plan_opened": StepKind.PLAN_OPENED,
}


def advance_cases(session: Session, verified: Mapping[UUID, CaseStatus | None]) -> None:
    """Bring locked cases to where they stand now that a step of each was noted.

    ``verified`` is what verification told of a case; unset where somebody else told something.
    """
    told = [str(status) if status else None for status in verified.values()]
    session.execute(_ADVANCE, {**_STANDS, "ids": list(verified), "told": told})


def note_grants(session: Session, grants: Sequence[GrantFacts]) -> None:
    """Keep the latest of each referral; the messages of a case arrive in order."""
    rows = [vars(grant) for grant in grants]
    insert_rows(session, PartnerGrant, rows, conflict=KEEP_LATEST_GRANT)
