"""Papers that speak for or against an identification, each by source, number, issuer and day.

They are entered as they come, by the authority or by whoever owns the case; a decision cites those
it rests on. What they say is in the files of their issuers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.reach import lock_reached
from services.verification.domain.reading import find_verification
from services.verification.errors import EvidenceDayUnfit, EvidenceUnknown, IssuerUnknown
from services.verification.models import Evidence, Organisation, Verification
from services.verification.policy import EvidenceFacts, EvidenceSource, MoveFacts
from shared.access import Permission
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class EvidenceView:
    """The evidence of a verification, and which of it the decision that stands rests on."""

    items: Sequence[Evidence]
    cited: frozenset[UUID]


def record_evidence(
    session: Session,
    *,
    verification_id: UUID,
    subject: Subject,
    facts: EvidenceFacts,
    actor: str,
    now: datetime,
) -> Evidence:
    """Keep that there is such a paper.

    Refused: not found for whoever neither verifies it nor owns cases where it is; a day that is
    still to come; an issuer that nobody has told of.
    """
    permission = Permission.VERIFICATION_RECORD
    verification, _ = lock_reached(session, verification_id, subject, permission, now)
    if facts.issued_on > local_date(now):
        raise EvidenceDayUnfit(latest=local_date(now).isoformat())
    if facts.issuer_id is not None and session.get(Organisation, facts.issuer_id) is None:
        raise IssuerUnknown
    made = Evidence(
        id=new_id(),
        verification_id=verification.id,
        **vars(facts),
        recorded_by=actor,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="verification.record_evidence",
        object_id=verification.id,
        now=now,
        case_id=str(verification.case_id),
        source=made.source,
        number=made.number,
    )
    return made


def find_evidence(
    session: Session, *, verification_id: UUID, subject: Subject, now: datetime
) -> EvidenceView:
    """The evidence of a verification, oldest first, for whoever reaches it."""
    found = find_verification(session, verification_id=verification_id, subject=subject, now=now)
    rows = session.scalars(
        select(Evidence).where(Evidence.verification_id == found.id).order_by(Evidence.id)
    ).all()
    return EvidenceView(rows, frozenset(found.evidence))


def with_cited(session: Session, verification: Verification, facts: MoveFacts) -> MoveFacts:
    """A move whose grounds name the sources of the papers that it cites, too."""
    if not facts.evidence:
        return facts
    cited = dict.fromkeys(facts.evidence)
    sources = _sources(session, verification.id, cited)
    grounds = tuple(dict.fromkeys([*facts.grounds, *sources]))
    return replace(facts, grounds=grounds, evidence=tuple(cited))


def _sources(
    session: Session, verification_id: UUID, ids: Collection[UUID]
) -> Sequence[EvidenceSource]:
    """In the order in which they were entered; refused is what is not of this verification."""
    of_these = (Evidence.verification_id == verification_id, among(Evidence.id, ids))
    found = session.scalars(select(Evidence.source).where(*of_these).order_by(Evidence.id)).all()
    if len(found) < len(ids):
        raise EvidenceUnknown
    return list(map(EvidenceSource, found))
