"""The papers of a verification by number and day; what they say is kept by their issuers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.reach import lock_reached, reached_as
from services.verification.domain.reading import find_verification
from services.verification.models import IssuedPaper, Verification, VerificationMove
from services.verification.policy import (
    ABOUT,
    Decided,
    PaperFacts,
    PaperKind,
    check_paper,
    papers_of,
)
from shared.access import Permission
from shared.contracts.vocabulary import VerificationOutcome
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Papers:
    """What was issued about a verification, and what may be issued now."""

    items: Sequence[IssuedPaper]
    """Of each kind and step the last that was entered, oldest first."""
    current: frozenset[UUID]
    """Those about the step that holds now."""
    can: Sequence[PaperKind]


def record_paper(
    session: Session,
    *,
    verification_id: UUID,
    subject: Subject,
    facts: PaperFacts,
    actor: str,
    now: datetime,
) -> IssuedPaper:
    """Keep the number and the day of a paper that was issued.

    Refused: not found for whoever neither verifies it nor owns cases where it is; a paper that the
    verification has not or another issues; a number or a day that it cannot have.
    """
    permission = Permission.VERIFICATION_RECORD
    verification, parties = lock_reached(session, verification_id, subject, permission, now)
    check_paper(
        facts,
        parties=parties,
        decided=_decided(verification),
        received_on=local_date(verification.received_at),
        today=local_date(now),
    )
    made = IssuedPaper(
        id=new_id(),
        verification_id=verification.id,
        move_id=_about(session, verification.id, facts.kind),
        kind=facts.kind,
        number=facts.number,
        issued_on=facts.issued_on,
        issuer_id=subject.organisation_id,
        recorded_by=actor,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, verification, made)
    return made


def find_papers(
    session: Session, *, verification_id: UUID, subject: Subject, now: datetime
) -> Papers:
    """The papers of a verification, for whoever reaches it."""
    found = find_verification(session, verification_id=verification_id, subject=subject, now=now)
    rows = session.scalars(
        select(IssuedPaper)
        .where(IssuedPaper.verification_id == verification_id)
        .order_by(IssuedPaper.id)
    ).all()
    last = {(each.kind, each.move_id): each for each in rows}
    items = sorted(last.values(), key=lambda each: each.id)
    about = {kind: _about(session, found.id, kind) for kind in {it.kind for it in items}}
    reached = reached_as(subject, Permission.VERIFICATION_RECORD, now)
    parties = session.execute(
        select(*(each.label(party) for party, each in reached.items())).where(
            Verification.id == found.id
        )
    ).one()
    return Papers(
        items=items,
        current=frozenset(each.id for each in items if each.move_id == about[each.kind]),
        can=papers_of(
            [it for it, is_one in zip(reached, parties, strict=True) if is_one], _decided(found)
        ),
    )


def _about(session: Session, verification_id: UUID, kind: str) -> UUID:
    """The last step of those that such a paper is about."""
    return session.scalars(
        select(VerificationMove.id)
        .where(
            VerificationMove.verification_id == verification_id,
            among(VerificationMove.move, sorted(ABOUT[PaperKind(kind)])),
        )
        .order_by(VerificationMove.version.desc())
        .limit(1)
    ).one()


def _decided(verification: Verification) -> Decided:
    outcome = verification.outcome
    return Decided(
        has_verifier=verification.verifier_id is not None,
        outcome=VerificationOutcome(outcome) if outcome else None,
        is_by_paper=verification.proof is not None,
    )


def _note(session: Session, verification: Verification, made: IssuedPaper) -> None:
    """An entry with what paper it was; its number leads to it in the archive of its issuer."""
    audit.record(
        session,
        actor=made.recorded_by,
        action="verification.record_paper",
        object_id=verification.id,
        now=made.recorded_at,
        case_id=str(verification.case_id),
        paper=made.kind,
        number=made.number,
    )
