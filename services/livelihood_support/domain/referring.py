"""New referrals: each seeks a place at once, or goes the way it is remembered to have gone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.cases import consented_kinds
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.needs import begin_needs
from services.livelihood_support.domain.placement import (
    Placement,
    Seeker,
    asked_before,
    choose_places,
    record_placements,
)
from services.livelihood_support.domain.places import Places, lock_places
from services.livelihood_support.domain.remembering import retrace_new
from services.livelihood_support.domain.retracing import Retraced, asked_by, write_steps
from services.livelihood_support.models import Referral
from shared.contracts import OfferMade
from shared.contracts.vocabulary import EntitlementCode, ReferralStatus
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


@dataclass(frozen=True)
class Sought:
    """New referrals and what was found for each, nothing of it written or told yet."""

    referrals: Sequence[tuple[Referral, LockedCase]]
    places: Places
    placements: Sequence[Placement]
    taken: Retraced
    """The way those went that are remembered."""

    def first_asked(self) -> Mapping[UUID, tuple[OfferMade, ...]]:
        """By case, whom its new referrals ask first, in their order."""
        asked = {it.seeker.referral.id: it.asked for it in self.placements if it.asked}
        for referral, offer, row in self.taken.steps:
            is_first = row["version"] == 1 and row["to_status"] is ReferralStatus.REQUESTED
            if is_first and offer is not None:
                asked[referral.id] = asked_by(referral, offer)
        found: defaultdict[UUID, tuple[OfferMade, ...]] = defaultdict(tuple)
        for referral, case in self.referrals:
            if referral.id in asked:
                found[case.case_id] += (asked[referral.id],)
        return found


def seek_places(
    session: Session,
    referrals: Sequence[tuple[Referral, LockedCase]],
    *,
    actor: str,
    now: datetime,
) -> Sought:
    """Seek places for new referrals, each at once or by the way it is remembered to have gone.

    Whoever said no to the person for such a need before is read, whatever brings the new one about.
    """
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
    return Sought(referrals, places, placements, taken)


def store_sought(
    session: Session,
    sought: Sought,
    *,
    actor: str,
    now: datetime,
    told: Collection[UUID] = (),
) -> None:
    """Store new referrals, each with its need and what was found, and tell of them.

    ``told`` are offers that were told of with their plan.
    """
    referrals = [referral for referral, _ in sought.referrals]
    sought.places.write(session)
    begin_needs(session, referrals, actor=actor, now=now)
    insert_rows(session, Referral, [row_of(referral) for referral in referrals])
    if sought.taken.steps:
        cases = {case.case_id: case for _, case in sought.referrals}
        write_steps(session, sought.taken, cases=cases, now=now, told=told)
    record_placements(session, sought.placements, now=now, told=told)


def place_new(
    session: Session,
    referrals: Sequence[tuple[Referral, LockedCase]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Seek places for new referrals, store them and tell of each."""
    if referrals:
        sought = seek_places(session, referrals, actor=actor, now=now)
        store_sought(session, sought, actor=actor, now=now)
