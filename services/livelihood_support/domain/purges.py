"""Consent was withdrawn: whoever may hold an identity is told to delete it, and confirms it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.livelihood_support.models import Offer, Referral
from shared.contracts import PurgeRequested
from shared.contracts.vocabulary import EntitlementCode, ReferralStatus
from shared.kit import audit
from shared.messaging import outbox


def ask_purges(
    session: Session,
    accepted: Sequence[tuple[Referral, Offer]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Ask the organisations of these accepted offers to delete what they were told."""
    for referral, offer in accepted:
        note_purge(session, referral, offer, actor=actor, now=now)
        outbox.add(
            session,
            PurgeRequested(
                occurred_at=now,
                case_id=referral.case_id,
                referral_id=referral.id,
                offer_id=offer.id,
                organisation_id=offer.organisation_id,
                code=EntitlementCode(referral.code),
                status=ReferralStatus(referral.status),
                version=referral.version,
            ),
        )


def note_purge(
    session: Session,
    referral: Referral,
    offer: Offer,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Keep that a purge is owed from now on; what was confirmed before was of an earlier one."""
    offer.purge_asked_at = now
    offer.purge_confirmed_at = None
    audit.record(
        session,
        actor=actor,
        action="referral.purge_asked",
        object_id=referral.id,
        now=now,
        offer_id=str(offer.id),
        organisation_id=str(offer.organisation_id),
    )
