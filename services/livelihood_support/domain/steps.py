"""One step of a referral: its new status and version, the row that remembers it, who is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import Move
from shared.contracts import (
    OfferMade,
    QuestionAnswered,
    QuestionsAsked,
    ReferralConfirmed,
    ReferralMoved,
    ReferralRequested,
)
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    ServiceOutcome,
)
from shared.kit import audit
from shared.kit.identifiers import reference_of
from shared.messaging import outbox
from shared.rulebook import rules_of

MoveRow = dict[str, Any]


def advance(
    referral: Referral,
    to: ReferralStatus,
    *,
    offer_id: object,
    actor: str,
    now: datetime,
    reason: ReasonCode | None = None,
    outcome: ServiceOutcome | None = None,
) -> MoveRow:
    """Give a referral its next status and version; returns the row of the move."""
    before = referral.status
    referral.status = to
    referral.version += 1
    referral.moved_at = now
    referral.outcome = outcome
    # With what it says: decided otherwise after a restore, it is told as another move.
    said = (to, offer_id, reason, outcome)
    return {
        "id": reference_of(referral.id, "move", referral.version, *said),
        "referral_id": referral.id,
        "offer_id": offer_id,
        "actor": actor,
        "from_status": before,
        "to_status": to,
        "reason": reason,
        "outcome": outcome,
        "at": now,
        "version": referral.version,
    }


def stay(
    referral: Referral,
    *,
    move_id: UUID,
    offer_id: UUID | None,
    status: ReferralStatus,
    version: int,
    actor: str,
    now: datetime,
) -> MoveRow:
    """The row of what was done beside the status, which stays, and so does the version."""
    return {
        "id": move_id,
        "referral_id": referral.id,
        "offer_id": offer_id,
        "actor": actor,
        "from_status": status,
        "to_status": status,
        "reason": None,
        "outcome": None,
        "at": now,
        "version": version,
    }


def has_stayed(move: MoveRow) -> bool:
    """Whether the move was made beside the status."""
    return bool(move["from_status"] == move["to_status"])


def audit_stay(session: Session, move: MoveRow, *, what: Move) -> None:
    """Write into the audit what was done beside the status."""
    _audit(session, move, what)


def audit_move(session: Session, move: MoveRow) -> None:
    """Write the move into the audit."""
    _audit(session, move, move["to_status"], reason=move["reason"])


def _audit(session: Session, move: MoveRow, what: Move | ReferralStatus, **facts: Any) -> None:
    audit.record(
        session,
        actor=move["actor"],
        action=f"referral.{what}",
        object_id=move["referral_id"],
        now=move["at"],
        move_id=str(move["id"]),
        **facts,
    )


def tell_request(session: Session, asked: OfferMade, case: LockedCase, *, at: datetime) -> None:
    """Tell the agency, and the organisation asked, that a place was asked for."""
    outbox.add(
        session,
        ReferralRequested(
            **asked.model_dump(),
            occurred_at=at,
            case_id=case.case_id,
            area_code=case.area_code,
            age_band=case.age_band,
            sex=case.sex,
            answer_not_due_before=periods.answer_not_due_before(rules_of(session), at),
        ),
    )


def tell_move(
    session: Session,
    referral: Referral,
    move: MoveRow,
    offer: Offer | None,
) -> None:
    """Tell the agency, and the organisation of the offer when there is one, of a new status."""
    outbox.add(
        session,
        ReferralMoved(
            occurred_at=move["at"],
            case_id=referral.case_id,
            referral_id=referral.id,
            move_id=move["id"],
            offer_id=offer.id if offer else None,
            organisation_id=offer.organisation_id if offer else None,
            organisation_kind=OrganisationKind(offer.organisation_kind) if offer else None,
            code=EntitlementCode(referral.code),
            status=move["to_status"],
            reason=move["reason"],
            outcome=move["outcome"],
            version=move["version"],
        ),
    )


def tell_confirmation(session: Session, referral: Referral, move: MoveRow) -> None:
    """Tell intake alone that the support has reached the person: no organisation is told of it."""
    outbox.add(
        session,
        ReferralConfirmed(
            occurred_at=move["at"],
            case_id=referral.case_id,
            referral_id=referral.id,
            move_id=move["id"],
            code=EntitlementCode(referral.code),
        ),
    )


def tell_questions(
    session: Session, referral: Referral, question_ids: Sequence[UUID], *, at: datetime
) -> None:
    """Tell intake that it is the case owner's turn; whom that is, alerts tell."""
    outbox.add(
        session,
        QuestionsAsked(
            occurred_at=at,
            case_id=referral.case_id,
            referral_id=referral.id,
            question_ids=tuple(question_ids),
            code=EntitlementCode(referral.code),
        ),
    )


def tell_reply(
    session: Session, referral: Referral, offer: Offer, question_id: UUID, *, at: datetime
) -> None:
    """Tell the organisation asked, and intake, that a question was replied to, and not what."""
    outbox.add(
        session,
        QuestionAnswered(
            occurred_at=at,
            case_id=referral.case_id,
            referral_id=referral.id,
            offer_id=offer.id,
            organisation_id=offer.organisation_id,
            question_id=question_id,
            code=EntitlementCode(referral.code),
        ),
    )
