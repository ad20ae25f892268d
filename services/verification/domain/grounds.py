"""By which rows a verification is what it is: what proved, and who may verify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.models import Organisation, Verification
from shared.clocks import Clock
from shared.contracts.vocabulary import OrganisationKind, PaperType, Regime, Route
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.law.verifying import Authority, Proof, verification_rules


@dataclass(frozen=True)
class Grounds:
    """The rows behind a verification; unset where nothing rests on one."""

    proof_rule: Proof | None
    verifier_rule: Authority | None


def find_grounds(
    session: Session, found: Sequence[Verification], timed: Mapping[UUID, Clock]
) -> Mapping[UUID, Grounds]:
    """What each of these rests on; one statement."""
    ids = {each.verifier_id for each in found if each.verifier_id}
    rows = session.execute(
        select(Organisation.id, Organisation.kind).where(among(Organisation.id, ids))
    )
    kinds = {row.id: OrganisationKind(row.kind) for row in rows}
    return {
        each.id: Grounds(
            _proof(each), _authority(each, kinds.get(each.verifier_id), timed.get(each.id))
        )
        for each in found
    }


def _proof(found: Verification) -> Proof | None:
    if found.proof is None:
        return None
    return verification_rules().proof(
        PaperType(found.proof), regime=Regime(found.regime), route=Route(found.route)
    )


def _authority(
    found: Verification, kind: OrganisationKind | None, clock: Clock | None
) -> Authority | None:
    """By the law of the day on which it was asked, whatever the law of the case."""
    if kind is None:
        return None
    asked_at = clock.started_at if clock else found.received_at
    return verification_rules().authority(kind, on=local_date(asked_at))
