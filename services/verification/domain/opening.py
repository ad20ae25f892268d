"""Every received case enters verification, and some leave it at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.domain.organisations import verifier_roles
from services.verification.domain.requests import ask, authority_for, begun
from services.verification.domain.steps import audit_move, move_row, tell_standing
from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    Move,
    Paper,
    VerificationStatus,
    VerifierRole,
    proof_among,
    regime_at,
)
from shared import clocks
from shared.contracts import Reception
from shared.contracts.vocabulary import AgeBand, Route, VerificationOutcome
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows, row_of
from shared.kit.identifiers import id_of
from shared.rulebook import rules_of

LOOK_AGAIN = timedelta(minutes=1)
"""When a verification without an authority is looked at again, if the directory is silent."""


@dataclass(frozen=True)
class CaseFacts:
    """A case as intake tells it: codes and ids, no identity."""

    case_id: UUID
    case_code: str
    route: Route
    receiver_id: UUID
    area_code: str
    area_on: date | None
    """The day by which that code is read; unset where it is the day it was shown."""
    age_band: AgeBand
    was_minor_at_act: bool | None
    papers: frozenset[Paper]
    received_at: datetime
    """When the person was received; the law of that day applies until somebody is identified."""
    shown_at: datetime
    """When the case was told with its papers: later, where it came in late."""
    has_immediate_needs: bool


def open_verifications(
    session: Session,
    *,
    cases: Sequence[CaseFacts],
    now: datetime,
    actor: str,
) -> None:
    """Open a verification for each case; a paper the law accepts concludes it at once.

    Costs the same few statements for one case and for a frame of them.
    """
    proofs = [_proof(case) for case in cases]
    # Where every case comes with a paper that proves, nobody is asked, and so nobody looked for.
    roles = [] if all(proofs) else verifier_roles(session)
    born = [_born(case, proof, roles, now) for case, proof in zip(cases, proofs, strict=True)]
    moves = [move_row(each, Move.OPEN, came_from=None, actor=actor, now=now) for each in born]
    insert_rows(session, Verification, [row_of(each) for each in born])
    insert_rows(session, VerificationMove, moves)
    asked = [
        (each, row["id"])
        for each, row in zip(born, moves, strict=True)
        if each.status == VerificationStatus.ASSIGNED
    ]
    clocks.start(session, [begun(rules_of(session), each, move_id, now) for each, move_id in asked])
    for case, verification, row in zip(cases, born, moves, strict=True):
        audit_move(session, verification.case_id, row)
        tell_standing(session, verification, row, reception=_reception(case))


def _reception(case: CaseFacts) -> Reception:
    return Reception(
        case_code=case.case_code,
        receiver_id=case.receiver_id,
        area_code=case.area_code,
        area_on=case.area_on,
        told_at=case.shown_at,
        has_immediate_needs=case.has_immediate_needs,
    )


def _proof(case: CaseFacts) -> Paper | None:
    return proof_among(
        case.papers,
        route=case.route,
        age_band=case.age_band,
        shown_on=local_date(case.shown_at),
    )


def _born(
    case: CaseFacts,
    proof: Paper | None,
    roles: Collection[VerifierRole],
    now: datetime,
) -> Verification:
    made = Verification(
        # One verification a case: opened again after a restore, it is the same one.
        id=id_of(case.case_id, "verification"),
        case_id=case.case_id,
        case_code=case.case_code,
        route=case.route,
        receiver_id=case.receiver_id,
        area_code=case.area_code,
        area_told_on=case.area_on or local_date(case.shown_at),
        age_band=case.age_band,
        was_minor_at_act=case.was_minor_at_act,
        regime=regime_at(local_date(case.received_at)),
        grounds=[],
        evidence=[],
        received_at=case.received_at,
        opened_at=now,
        version=1,
    )
    if proof is None:
        _wait(made, roles, now)
    else:
        _prove(made, proof, now)
    return made


def _prove(made: Verification, proof: Paper, now: datetime) -> None:
    """The paper identified the person on the day it was issued, so the law of that day stays."""
    made.status = VerificationStatus.CONCLUDED
    made.outcome = VerificationOutcome.IDENTIFIED
    made.proof = proof.type
    made.identified_on = proof.issued_on
    made.regime = regime_at(proof.issued_on)
    made.concluded_at = now


def _wait(made: Verification, roles: Collection[VerifierRole], now: datetime) -> None:
    today = local_date(now)
    verifier_id = authority_for(made, roles, today)
    if verifier_id is None:
        made.status = VerificationStatus.OPENED
        made.look_again_at = now + LOOK_AGAIN
    else:
        made.status = VerificationStatus.ASSIGNED
        ask(made, verifier_id)
