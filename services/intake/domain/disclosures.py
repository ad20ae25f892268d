"""Identity leaves the vault here and nowhere else; every request is recorded, refusals included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.intake.domain.consents import live_consent
from services.intake.domain.contact import as_agreed
from services.intake.domain.facts import Scope
from services.intake.domain.vault import open_identity
from services.intake.errors import (
    NoLiveConsent,
    ReferralNotAccepted,
    ReferralNotFound,
    ReferralNotKnownYet,
)
from services.intake.models import Case, Disclosure, JourneyStep, PartnerGrant, Person
from services.intake.policy import (
    DisclosedField,
    DisclosureOutcome,
    StepKind,
    Undisclosed,
    decide_disclosure,
    granted_fields,
)
from shared.contracts.vocabulary import OrganisationKind, Purpose, ReferralStatus
from shared.kit import audit
from shared.kit.crypto import MasterKeys
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_reference
from shared.kit.tally import Tally

REFUSALS: Mapping[DisclosureOutcome, type[DomainError]] = {
    DisclosureOutcome.REFERRAL_NOT_FOUND: ReferralNotFound,
    DisclosureOutcome.REFERRAL_NOT_ACCEPTED: ReferralNotAccepted,
    DisclosureOutcome.NO_LIVE_CONSENT: NoLiveConsent,
}

REQUEST, READ_AGAIN = "disclosure.request", "disclosure.read"
NOT_KNOWN_YET = "referral_not_known_yet"
"""How the audit names a request that came too early; it is no outcome of a disclosure."""


@dataclass(frozen=True, repr=False)
class Revealed:
    """What a partner reads: exactly the granted fields, or none and why."""

    disclosure_id: UUID
    purpose: Purpose
    person: Mapping[str, Any] | None
    withheld: Undisclosed | None


def _unrecorded(grant: PartnerGrant | None, organisation_id: UUID) -> DomainError | None:
    """The refusal that makes no entry in the list of disclosures.

    A partner may ask faster than the message of its own acceptance travels: its referral, told of
    only as requested, may have been accepted a moment ago. One nobody has told of here is answered
    as another's is, or anybody could find out which referrals there are.
    """
    if grant is None:
        return ReferralNotFound()
    is_own = grant.organisation_id == organisation_id
    is_early = is_own and grant.status == ReferralStatus.REQUESTED
    return ReferralNotKnownYet() if is_early else None


def disclose_identity(
    session: Session,
    *,
    referral_id: UUID,
    organisation_id: UUID,
    purpose: Purpose,
    wanted: frozenset[DisclosedField] | None,
    actor: str,
    tally: Tally,
    now: datetime,
) -> UUID | DomainError:
    """Decide a request for identity and record it; returns the id of what was granted.

    A refusal is returned, not raised, so that its record stays. ``ReferralNotKnownYet`` says that
    the same request may be granted shortly. Refusals that no key keeps, and so may be repeated
    without end, are recorded as the tally says.
    """
    grant = _grant_of(session, referral_id, organisation_id)
    refusal = _unrecorded(grant, organisation_id)
    if grant is None or refusal is not None:
        # The audit alone holds it: there may be no case yet whose list it could be in.
        reason = NOT_KNOWN_YET if grant else DisclosureOutcome.REFERRAL_NOT_FOUND
        times = tally.count((actor, REQUEST, reason), now)
        if times is not None:
            audit.record(
                session,
                actor=actor,
                action=REQUEST,
                object_id=grant.case_id if grant else referral_id,
                now=now,
                outcome=reason,
                referral_id=str(referral_id),
                organisation_id=str(organisation_id),
                purpose=purpose,
                times=times,
            )
        return refusal or ReferralNotFound()
    outcome = _decide(session, grant, organisation_id, purpose)
    is_granted = outcome is DisclosureOutcome.GRANTED
    # Whose referral it is not: at most a few entries per hour in the list of its case.
    kind = (actor, REQUEST, outcome, str(grant.referral_id))
    if outcome is DisclosureOutcome.REFERRAL_NOT_FOUND and tally.count(kind, now) is None:
        return ReferralNotFound()
    disclosure = Disclosure(
        id=new_reference(),
        case_id=grant.case_id,
        referral_id=grant.referral_id,
        organisation_id=organisation_id,
        purpose=purpose,
        fields=[str(it) for it in granted_fields(purpose, wanted)] if is_granted else [],
        outcome=outcome,
        at=now,
        asked_by=actor,
    )
    session.add(disclosure)
    _note(session, disclosure, action=REQUEST, outcome=outcome, actor=actor, now=now)
    return disclosure.id if is_granted else REFUSALS[outcome]()


def _grant_of(session: Session, reference: UUID, organisation_id: UUID) -> PartnerGrant | None:
    """Whom a referral is with, by the id of the offer, which is what its organisation knows.

    Organisations told before there were references know the referral's own id, and may use it. A
    worker of the release before, which still runs while this one is upgraded, keeps no reference or
    leaves that of another organisation; but it has kept the step in which this one was asked.
    """
    locked = select(PartnerGrant).with_for_update(read=True)
    known = or_(PartnerGrant.offer_id == reference, PartnerGrant.referral_id == reference)
    found = session.scalar(locked.where(known))
    if found is not None:
        return found
    asked = select(JourneyStep.referral_id).where(
        JourneyStep.kind == StepKind.REFERRAL_REQUESTED,
        JourneyStep.source_id == reference,
        JourneyStep.organisation_id == organisation_id,
    )
    is_own = PartnerGrant.organisation_id == organisation_id
    return session.scalar(locked.where(is_own, PartnerGrant.referral_id.in_(asked)))


def reveal_identity(
    session: Session,
    *,
    keys: MasterKeys,
    disclosure_id: UUID,
    actor: str,
    now: datetime,
) -> Revealed:
    """Read what was granted, now; every reading is decided and recorded by itself.

    A repeat of the request after the consent was withdrawn, or the service ended, reads nothing.
    """
    disclosure = session.get_one(Disclosure, disclosure_id)
    grant = session.get_one(PartnerGrant, disclosure.referral_id)
    outcome = _decide(session, grant, disclosure.organisation_id, Purpose(disclosure.purpose))
    _note(session, disclosure, action=READ_AGAIN, outcome=outcome, actor=actor, now=now)
    is_granted = outcome is DisclosureOutcome.GRANTED
    return Revealed(
        disclosure_id=disclosure.id,
        purpose=Purpose(disclosure.purpose),
        person=_read(session, keys, disclosure, now) if is_granted else None,
        withheld=None if outcome is DisclosureOutcome.GRANTED else outcome,
    )


def _read(
    session: Session,
    keys: MasterKeys,
    disclosure: Disclosure,
    now: datetime,
) -> Mapping[str, Any]:
    case = session.get_one(Case, disclosure.case_id)
    told = open_identity(keys, session.get_one(Person, case.person_id))
    identity = as_agreed(session, keys, case, told, now)
    fields = map(DisclosedField, disclosure.fields)
    return with_rules({field: READ[field](case, identity) for field in fields}, identity)


def _decide(
    session: Session,
    grant: PartnerGrant,
    organisation_id: UUID,
    purpose: Purpose,
) -> DisclosureOutcome:
    return decide_disclosure(
        ReferralStatus(grant.status),
        is_asked_organisation=grant.organisation_id == organisation_id,
        has_live_consent=_is_consented(session, grant, purpose),
    )


def _is_consented(session: Session, grant: PartnerGrant, purpose: Purpose) -> bool:
    """Whether the person agrees now; no withdrawal can commit before this does."""
    if grant.organisation_kind is None:
        return False
    scope = Scope(OrganisationKind(grant.organisation_kind), purpose)
    asked = live_consent(grant.case_id, scope).with_for_update(read=True)
    return session.scalar(asked) is not None


def _note(
    session: Session,
    disclosure: Disclosure,
    *,
    action: str,
    outcome: DisclosureOutcome,
    actor: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=disclosure.case_id,
        now=now,
        outcome=outcome,
        disclosure_id=str(disclosure.id),
        referral_id=str(disclosure.referral_id),
        organisation_id=str(disclosure.organisation_id),
        purpose=disclosure.purpose,
        fields=disclosure.fields,
    )


def _birth_year(_case: Case, identity: Mapping[str, Any]) -> int:
    date: str | None = identity["birth_date"]
    return int(date[:4]) if date else int(identity["birth_year"])


def safe_phones(identity: Mapping[str, Any]) -> list[str]:
    """Numbers that the person said are safe, without those that may be a stranger's."""
    return [it["number"] for it in identity["phones"] if it["safe_to_call"] and it["is_confirmed"]]


def with_rules(told: Mapping[str, Any], identity: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is told, with how to call the safe phones if they are: no number goes without it."""
    safe = told.get(DisclosedField.SAFE_PHONES, ())
    phones = [it for it in identity["phones"] if it["number"] in safe and it.get("rule")]
    rules = [{"number": it["number"], **it["rule"]} for it in phones]
    return {**told, "contact_rules": rules} if rules else told


READ: Mapping[DisclosedField, Callable[[Case, Mapping[str, Any]], Any]] = {
    DisclosedField.FULL_NAME: lambda _, identity: identity["full_name"],
    DisclosedField.BIRTH_YEAR: _birth_year,
    DisclosedField.SEX: lambda case, _: case.sex,
    DisclosedField.LANGUAGES: lambda case, _: case.languages,
    DisclosedField.NEEDS_INTERPRETER: lambda case, _: case.needs_interpreter,
    DisclosedField.ASKED_STAFF_SEX: lambda case, _: case.asked_staff_sex,
    DisclosedField.SAFE_PHONES: lambda _, identity: safe_phones(identity),
    DisclosedField.PRESENT_UNIT_CODE: lambda case, _: case.present_unit_code,
}
