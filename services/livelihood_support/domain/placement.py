"""Finding a place: rank the programmes for a need, hold a place in the best, offer it.

Every way to a place comes through here: a new plan, a rejected or lapsed offer, a new consent, a
programme with new places. Nobody left to ask is a status with an alert, not an error.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.alerts import alert_row, settle_alerts
from services.livelihood_support.domain.cases import consented_kinds
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.places import Places
from services.livelihood_support.domain.steps import (
    MoveRow,
    advance,
    audit_move,
    tell_move,
    tell_request,
)
from services.livelihood_support.models import Alert, AlertKind, Offer, Referral, ReferralMove
from services.livelihood_support.policy import (
    Asked,
    Exclusion,
    Need,
    OfferStatus,
    Ranked,
    Ranking,
    rank_programmes,
)
from shared.contracts import OfferMade
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
)
from shared.kit.arrays import among
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.kit.identifiers import reference_of
from shared.rulebook import rules_of

SAID_NO = (OfferStatus.REJECTED, OfferStatus.FAILED)
"""What an organisation said itself of a person holds for a later need as well."""


@dataclass(frozen=True)
class Seeker:
    """A referral that needs a place, and what narrows where it may go."""

    referral: Referral
    case: LockedCase
    kinds: frozenset[OrganisationKind]
    asked: Mapping[UUID, Asked]


@dataclass(frozen=True)
class Placement:
    """How one search ended; without ``chosen`` there is nobody left to ask."""

    seeker: Seeker
    offer_id: UUID | None
    chosen: Ranked | None
    excluded: Mapping[Exclusion, int]
    """How many programmes were excluded by what; empty where one was chosen."""
    move: MoveRow | None
    """Unset if a referral without a place stays without one."""

    @property
    def asked(self) -> OfferMade | None:
        """Who is asked by it; unset where nobody is left to ask."""
        if self.chosen is None or self.offer_id is None:
            return None
        candidate = self.chosen.candidate
        return OfferMade(
            referral_id=self.seeker.referral.id,
            offer_id=self.offer_id,
            programme_id=candidate.programme_id,
            organisation_id=candidate.organisation_id,
            organisation_kind=candidate.organisation_kind,
            code=EntitlementCode(self.seeker.referral.code),
        )


def choose_places(
    seekers: Sequence[Seeker],
    places: Places,
    *,
    actor: str,
    now: datetime,
) -> list[Placement]:
    """Choose for one after another, and move the referrals; nothing is written yet."""
    return [_choose(seeker, places, actor, now) for seeker in seekers]


def _choose(seeker: Seeker, places: Places, actor: str, now: datetime) -> Placement:
    referral = seeker.referral
    code = EntitlementCode(referral.code)
    ranking = rank_for(seeker, places, now)
    if ranking.ranked:
        chosen = ranking.ranked[0]
        places.take(chosen.candidate.programme_id)
        referral.tried_changes = None
        # The same again when a restored database does the same again; if it asks somebody else
        # then, the two must not know it by one id.
        programme_id = chosen.candidate.programme_id
        offer_id = reference_of(referral.id, "offer", referral.version + 1, programme_id)
        move = advance(referral, ReferralStatus.REQUESTED, offer_id=offer_id, actor=actor, now=now)
        return Placement(seeker, offer_id, chosen, {}, move)
    referral.tried_changes = places.changes(code)
    if referral.status == ReferralStatus.UNPLACED:
        return Placement(seeker, None, None, ranking.counted, None)
    move = advance(
        referral,
        ReferralStatus.UNPLACED,
        offer_id=None,
        actor=actor,
        now=now,
        reason=ReasonCode.NO_PROGRAMME,
    )
    return Placement(seeker, None, None, ranking.counted, move)


def rank_for(seeker: Seeker, places: Places, now: datetime) -> Ranking:
    """The programmes for a referral as they stand: who would be asked next, and who cannot be."""
    code = EntitlementCode(seeker.referral.code)
    return rank_programmes(places.serving(code), _need(code, seeker), asked=seeker.asked, now=now)


def _need(code: EntitlementCode, seeker: Seeker) -> Need:
    return Need(
        code=code,
        area_code=seeker.case.area_code,
        area_on=seeker.case.area_on,
        age_band=seeker.case.age_band,
        sex=seeker.case.sex,
        languages=seeker.case.languages,
        needs_interpreter=seeker.case.needs_interpreter,
        consented_kinds=seeker.kinds,
        staff_sex=seeker.case.asked_staff_sex,
    )


def record_placements(
    session: Session,
    placements: Sequence[Placement],
    *,
    now: datetime,
    told: Collection[UUID] = (),
) -> None:
    """Write offers, moves and alerts, and tell of them; the referrals are stored already.

    ``told`` are offers that were told of with their plan.
    """
    # Offers that ended must have left the index of current ones before new ones enter it.
    session.flush()
    due = periods.end_of_delivery(rules_of(session), now)
    delivery_due_at = due.at if due else None
    insert_rows(
        session,
        Offer,
        [_offer(each, each.chosen, now, delivery_due_at) for each in placements if each.chosen],
    )
    insert_rows(session, ReferralMove, [each.move for each in placements if each.move])
    insert_rows(
        session,
        Alert,
        [_alert(each, now) for each in placements if not each.chosen],
        conflict=ON_CONFLICT_DO_NOTHING,
    )
    placed = [each.seeker.referral.id for each in placements if _was_waiting(each)]
    if placed:
        settle_alerts(session, placed, [AlertKind.NO_PROGRAMME], now=now)
    for each in placements:
        _tell(session, each, now, told)


def _was_waiting(placement: Placement) -> bool:
    """Whether an alert said that nobody was left to ask."""
    return (
        placement.chosen is not None
        and placement.move is not None
        and placement.move["from_status"] == ReferralStatus.UNPLACED
    )


def _offer(
    placement: Placement,
    chosen: Ranked,
    now: datetime,
    delivery_due_at: datetime | None,
) -> dict[str, Any]:
    """A new offer. Its answer has no day yet: that is counted from when it has arrived."""
    return {
        "id": placement.offer_id,
        "referral_id": placement.seeker.referral.id,
        "programme_id": chosen.candidate.programme_id,
        "organisation_id": chosen.candidate.organisation_id,
        "organisation_kind": chosen.candidate.organisation_kind,
        "status": OfferStatus.OFFERED,
        "is_current": True,
        "points": chosen.points,
        "offered_at": now,
        "delivery_due_at": delivery_due_at,
    }


def _alert(placement: Placement, now: datetime) -> dict[str, Any]:
    referral = placement.seeker.referral
    return alert_row(
        kind=AlertKind.NO_PROGRAMME,
        case_id=referral.case_id,
        code=EntitlementCode(referral.code),
        now=now,
        referral_id=referral.id,
        facts={"excluded": dict(placement.excluded)},
    )


def _tell(session: Session, placement: Placement, now: datetime, told: Collection[UUID]) -> None:
    referral = placement.seeker.referral
    if placement.move is None:
        return
    audit_move(session, placement.move)
    asked = placement.asked
    if asked is None:
        tell_move(session, referral, placement.move, None)
    elif asked.offer_id not in told:
        tell_request(session, asked, placement.seeker.case, at=now)


def place_again(
    session: Session,
    referrals: Sequence[Referral],
    *,
    cases: Mapping[UUID, LockedCase],
    places: Places,
    actor: str,
    now: datetime,
) -> int:
    """Seek places for stored referrals that have none; returns how many found one."""
    # What has just ended an offer must be in the history this reads.
    session.flush()
    kinds = consented_kinds(session, {referral.case_id for referral in referrals})
    asked = asked_before(session, referrals)
    seekers = [
        Seeker(referral, cases[referral.case_id], kinds[referral.case_id], asked[referral.id])
        for referral in referrals
    ]
    placements = choose_places(seekers, places, actor=actor, now=now)
    places.write(session)
    record_placements(session, placements, now=now)
    return sum(each.chosen is not None for each in placements)


_ASKED_BEFORE = (
    select(
        Referral.id.label("referral_id"),
        Referral.case_id,
        Referral.code,
        Offer.programme_id,
        Offer.status,
        Offer.reason,
        Offer.ended_at,
    )
    .join(Offer, Offer.referral_id == Referral.id)
    # What ended without a reason was served to its end, and is no answer to who may be asked.
    .where(
        among(Referral.case_id, bindparam("case_ids")),
        Offer.ended_at.is_not(None),
        Offer.reason.is_not(None),
    )
    .order_by(Offer.ended_at, Offer.id)
)


def asked_before(
    session: Session, referrals: Sequence[Referral]
) -> Mapping[UUID, dict[UUID, Asked]]:
    """For each referral: the programmes that were asked, and how the last offer to each ended.

    What an organisation said itself for an earlier need of the same code is among these. A referral
    that is not stored yet has only those.
    """
    case_ids = list({referral.case_id for referral in referrals})
    rows = session.execute(_ASKED_BEFORE, {"case_ids": case_ids})
    found: defaultdict[tuple[UUID, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id, row.code].append(row)
    return {
        referral.id: {
            row.programme_id: Asked(ReasonCode(row.reason), row.ended_at)
            for row in found[referral.case_id, referral.code]
            if row.referral_id == referral.id or row.status in SAID_NO
        }
        for referral in referrals
    }
