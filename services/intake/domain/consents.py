"""The consent ledger: what a person agreed to, and when the person took it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.intake.domain.facts import Scope
from services.intake.domain.reading import lock_case
from services.intake.domain.retelling import tell_further
from services.intake.domain.since import consents_since
from services.intake.domain.vault import seal_witness
from services.intake.errors import ConsentAlreadyGiven, NothingToWithdraw
from services.intake.models import Case, Consent, Person
from shared.access import Permission
from shared.contracts import ConsentGiven, ConsentWithdrawn
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version


def live_consent(case_id: UUID, scope: Scope) -> Select[Consent]:
    """The consent in force for a scope, if there is one; at most one by its unique index."""
    return select(Consent).where(
        Consent.case_id == case_id,
        Consent.organisation_kind == scope.organisation_kind,
        Consent.purpose == scope.purpose,
        Consent.withdrawn_at.is_(None),
    )


def give_consent(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    subject: Subject,
    scope: Scope,
    witness: str | None,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> tuple[Consent, Case]:
    """Record a consent; raises ``CaseNotFound``, ``VersionChanged``, ``ConsentAlreadyGiven``.

    The version changed where a consent was given or withdrawn since it was read.
    """
    case = lock_case(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.CONSENT_RECORD,
        on=local_date(now),
    )
    check_version(case.version, expected_version, since=consents_since(session, case))
    if session.scalar(live_consent(case_id, scope)) is not None:
        raise ConsentAlreadyGiven
    consent = Consent(
        id=new_id(),
        case_id=case_id,
        organisation_kind=scope.organisation_kind,
        purpose=scope.purpose,
        given_at=now,
        version=case.version + 1,
    )
    if witness is not None:
        person = session.get_one(Person, case.person_id)
        consent.witness = seal_witness(keys, person, consent.id, witness)
    session.add(consent)
    _note(session, case, consent, action="consent.give", actor=actor, now=now)
    tell_further(session, ConsentGiven(occurred_at=now, case_id=case_id, scope=scope.told))
    return consent, case


def withdraw_consent(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    scope: Scope,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> tuple[Consent, Case]:
    """End a consent from now on.

    Raises ``CaseNotFound``, ``VersionChanged`` (as when one is given) and ``NothingToWithdraw``.
    """
    case = lock_case(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.CONSENT_WITHDRAW,
        on=local_date(now),
    )
    check_version(case.version, expected_version, since=consents_since(session, case))
    consent = session.scalar(live_consent(case_id, scope).with_for_update())
    if consent is None:
        raise NothingToWithdraw
    # A consent given by a machine whose clock runs ahead must be withdrawable all the same.
    consent.withdrawn_at = max(now, consent.given_at)
    consent.ended_version = case.version + 1
    _note(session, case, consent, action="consent.withdraw", actor=actor, now=now)
    tell_further(session, ConsentWithdrawn(occurred_at=now, case_id=case_id, scope=scope.told))
    return consent, case


def _note(
    session: Session,
    case: Case,
    consent: Consent,
    *,
    action: str,
    actor: str,
    now: datetime,
) -> None:
    case.version += 1
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=case.id,
        now=now,
        consent_id=str(consent.id),
        organisation_kind=consent.organisation_kind,
        purpose=consent.purpose,
    )
