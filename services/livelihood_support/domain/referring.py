"""New referrals: each seeks a place at once, or goes the way it is remembered to have gone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.cases import consented_kinds
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.needs import begin_needs
from services.livelihood_support.domain.placement import (
    Seeker,
    asked_before,
    choose_places,
    record_placements,
)
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.domain.remembering import retrace_new
from services.livelihood_support.domain.retracing import write_steps
from services.livelihood_support.models import Referral
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.documents import insert_rows, row_of
from shared.kit.identifiers import id_of


def new_referral(
    cause: UUID,
    plan_id: UUID,
    case: LockedCase,
    code: EntitlementCode,
    *,
    place: int,
    now: datetime,
) -> Referral:
    """A referral that is not part of the session: those of a frame are written together.

    Its id follows from the plan, or the revision, that it is made by, and these from the case and a
    secret: a restored database that decides again refers under the same ids, in the same order.
    """
    return Referral(
        id=id_of(cause, f"referral {code}", place),
        case_id=case.case_id,
        plan_id=plan_id,
        code=code,
        status=None,
        version=0,
        opened_at=now,
    )


def place_new(
    session: Session,
    referrals: Sequence[tuple[Referral, LockedCase]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Seek places for new referrals, and store them, each with its need and what was found.

    Whoever said no to the person for such a need before is read, whatever brings the new one about.
    """
    if not referrals:
        return
    asked = asked_before(session, [referral for referral, _ in referrals])
    kinds = consented_kinds(session, {case.case_id for _, case in referrals})
    taken = retrace_new(session, [referral for referral, _ in referrals])
    again = {referral.id for referral, _, _ in taken.steps}
    places = lock_places(session, codes={referral.code for referral, _ in referrals})
    seekers = [
        Seeker(referral, case, kinds[case.case_id], asked[referral.id])
        for referral, case in referrals
        if referral.id not in again
    ]
    placements = choose_places(seekers, places, actor=actor, now=now)
    places.write(session)
    begin_needs(session, [referral for referral, _ in referrals], actor=actor, now=now)
    insert_rows(session, Referral, [row_of(referral) for referral, _ in referrals])
    if again:
        cases = {case.case_id: case for _, case in referrals}
        write_steps(session, taken, cases=cases, now=now)
    record_placements(session, placements, now=now)
