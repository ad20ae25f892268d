"""Going once more, step by step, the way a referral is known to have gone."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.heard import Step, keep_alerts
from services.livelihood_support.domain.lapses import DECLINED
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.moves import ENDS
from services.livelihood_support.domain.needs import end_need_of
from services.livelihood_support.domain.purges import ask_whoever_was_told, note_purge
from services.livelihood_support.domain.steps import (
    advance,
    audit_move,
    audit_stay,
    has_stayed,
    stay,
    tell_confirmation,
    tell_move,
    tell_request,
)
from services.livelihood_support.models import (
    Offer,
    Referral,
    ReferralMove,
    RememberedStep,
)
from services.livelihood_support.policy import Move, OfferStatus
from shared.contracts import OfferMade
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    ServiceOutcome,
)
from shared.kit.documents import document, insert_rows
from shared.kit.identifiers import reference_of
from shared.law import Rules

ACTOR = "operator:remember"
"""Who made the step then is no longer known."""


@dataclass
class Course:
    """A referral, the offer it stands at, and the steps it is known to have taken from there."""

    referral: Referral
    offer: Offer | None
    steps: Sequence[RememberedStep]
    programmes: Mapping[UUID, Any]
    """Of each offer: id, organisation and its kind."""

    def follows(self) -> bool:
        """Whether these very steps follow: each id says what came before it.

        That of a confirmation does not: it is about an offer that was accepted.
        """
        version = self.referral.version
        offer_id = self.offer.id if self.offer else None
        is_accepted = self.offer is not None and self.offer.accepted_at is not None
        for step in self.steps:
            if step.status is None:
                if not is_accepted:
                    return False
                continue
            version += 1
            if step.status == ReferralStatus.REQUESTED:
                if step.id not in self.programmes:
                    return False
                offer_id, is_accepted = step.id, False
                continue
            is_accepted = is_accepted or step.status == ReferralStatus.ACCEPTED
            said = (step.status, offer_id if step.is_asked else None, step.reason, step.outcome)
            if step.id != reference_of(self.referral.id, "move", version, *said):
                return False
        return True


@dataclass
class Retraced:
    """Steps taken, in the order they were told, and what becomes of places by them."""

    steps: list[Step] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    """New ones, as they stand in the end."""
    held: Counter[UUID] = field(default_factory=Counter)
    made: Counter[UUID] = field(default_factory=Counter)
    declined: Counter[UUID] = field(default_factory=Counter)
    released: Counter[UUID] = field(default_factory=Counter)


def retrace(
    courses: Mapping[UUID, Course], steps: Sequence[RememberedStep], rows: Rules
) -> Retraced:
    """Take the steps of all these referrals; nothing is written yet."""
    taken = Retraced()
    left = Counter(step.referral_id for step in steps if step.status is not None)
    for step in steps:
        course = courses.get(step.referral_id)
        left[step.referral_id] -= int(step.status is not None)
        if course is None:
            continue
        if step.status is None:
            _confirm(course, step, taken)
        elif step.status == ReferralStatus.REQUESTED:
            _request(course, step, taken, rows)
        else:
            status = ReferralStatus(step.status)
            _move(course, step, status, taken, is_last=not left[step.referral_id])
    return taken


def _request(course: Course, step: RememberedStep, taken: Retraced, rows: Rules) -> None:
    referral, programme = course.referral, course.programmes[step.id]
    to_arrive = periods.end_of_delivery(rows, step.at)
    referral.tried_changes = None
    row = advance(referral, ReferralStatus.REQUESTED, offer_id=step.id, actor=ACTOR, now=step.at)
    course.offer = Offer(
        id=step.id,
        referral_id=referral.id,
        programme_id=programme.id,
        organisation_id=programme.organisation_id,
        organisation_kind=programme.organisation_kind,
        status=OfferStatus.OFFERED,
        is_current=True,
        points={},
        offered_at=step.at,
        delivery_due_at=to_arrive.at if to_arrive else None,
        delivered_at=step.delivered_at,
    )
    taken.offers.append(course.offer)
    taken.held[programme.id] += 1
    taken.made[programme.id] += 1
    taken.steps.append((referral, course.offer, row))


def _move(
    course: Course,
    step: RememberedStep,
    status: ReferralStatus,
    taken: Retraced,
    *,
    is_last: bool,
) -> None:
    referral, offer = course.referral, course.offer if step.is_asked else None
    reason = ReasonCode(step.reason) if step.reason else None
    if status is ReferralStatus.UNPLACED:
        # So that the sweep looks once whether there is a place by now.
        referral.tried_changes = 0
    if offer is not None:
        _change(offer, status, reason, step.at, taken, is_last=is_last)
    outcome = ServiceOutcome(step.outcome) if step.outcome else None
    row = advance(
        referral,
        status,
        offer_id=offer.id if offer else None,
        actor=ACTOR,
        now=step.at,
        reason=reason,
        outcome=outcome,
    )
    taken.steps.append((referral, offer, row))


def _confirm(course: Course, step: RememberedStep, taken: Retraced) -> None:
    """The person's word, which the case owner need not ask for again."""
    referral, offer = course.referral, course.offer
    if offer is not None:
        offer.confirmed_at = step.at
    row = stay(
        referral,
        move_id=step.id,
        offer_id=None,
        status=ReferralStatus(referral.status),
        version=referral.version,
        actor=ACTOR,
        now=step.at,
    )
    taken.steps.append((referral, None, row))


def _change(
    offer: Offer,
    status: ReferralStatus,
    reason: ReasonCode | None,
    at: datetime,
    taken: Retraced,
    *,
    is_last: bool,
) -> None:
    if status is ReferralStatus.ACCEPTED:
        offer.status, offer.accepted_at = OfferStatus.ACCEPTED, at
        return
    ended_as = _ended_as(status, reason, is_last=is_last)
    if ended_as is None:
        return
    offer.status, offer.reason, offer.ended_at = ended_as, reason, at
    # The organisation that ended its referral, or was the last asked, can still read it. What has
    # failed goes on to the next step; where none follows, it ended the referral.
    has_gone_on = ended_as is OfferStatus.FAILED and not is_last
    offer.is_current = ended_as in ENDS.values() and not has_gone_on
    taken.held[offer.programme_id] -= 1
    taken.released[offer.programme_id] += 1
    taken.declined[offer.programme_id] += int(ended_as in DECLINED)


def _ended_as(
    status: ReferralStatus, reason: ReasonCode | None, *, is_last: bool
) -> OfferStatus | None:
    """What became of the offer; an offer that lapsed is followed by another step at once."""
    if status is ReferralStatus.REJECTED:
        return OfferStatus.REJECTED
    if status is ReferralStatus.CANCELLED and not is_last:
        return OfferStatus.EXPIRED if reason is ReasonCode.NO_ANSWER else OfferStatus.RECALLED
    return ENDS.get(status)


_PLACES = text(
    """
    UPDATE programmes
       SET held = held + told.taken,
           ceiling = greatest(capacity, held + told.taken),
           changes = changes + released,
           offers_made = offers_made + made,
           offers_declined = offers_declined + declined
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(programme_id uuid, taken int, released int, made int, declined int)
     WHERE programmes.id = told.programme_id
    """,
)


def hold_places(session: Session, taken: Retraced) -> None:
    """Count the places they hold, even beyond the capacity: they were given away long ago."""
    rows = [
        {
            "programme_id": programme_id,
            "taken": taken.held[programme_id],
            "released": taken.released[programme_id],
            "made": taken.made[programme_id],
            "declined": taken.declined[programme_id],
        }
        for programme_id in sorted({*taken.held, *taken.released})
    ]
    if rows:
        session.execute(_PLACES, {"rows": document(rows)})


def write_steps(
    session: Session,
    taken: Retraced,
    *,
    cases: Mapping[UUID, LockedCase],
    now: datetime,
    told: Collection[UUID] = (),
) -> None:
    """Write offers, moves and alerts of stored referrals, and tell of them again, in order.

    ``told`` are offers that were told of with their plan.
    """
    # An offer that ended must have left the index of current ones before its successor enters it.
    session.flush()
    session.add_all(taken.offers)
    session.flush()
    insert_rows(session, ReferralMove, [row for _, _, row in taken.steps])
    moved = [step for step in taken.steps if not has_stayed(step[2])]
    last = {referral.id: (referral, row) for referral, _, row in moved}
    keep_alerts(session, moved, now=now)
    for referral, row in last.values():
        if row["to_status"] in ENDS:
            end_need_of(session, referral, reason=row["reason"], actor=ACTOR, now=row["at"])
    for referral, offer, row in taken.steps:
        is_told = offer is not None and offer.id in told
        _tell(session, (referral, offer, row), cases[referral.case_id], is_told=is_told)


def asked_by(referral: Referral, offer: Offer) -> OfferMade:
    """Who was asked by an offer, as it is told."""
    return OfferMade(
        referral_id=referral.id,
        offer_id=offer.id,
        programme_id=offer.programme_id,
        organisation_id=offer.organisation_id,
        organisation_kind=OrganisationKind(offer.organisation_kind),
        code=EntitlementCode(referral.code),
    )


def _tell(session: Session, step: Step, case: LockedCase, *, is_told: bool) -> None:
    referral, offer, row = step
    if has_stayed(row):
        audit_stay(session, row, what=Move.CONFIRM)
        tell_confirmation(session, referral, row)
        return
    audit_move(session, row)
    if row["to_status"] is not ReferralStatus.REQUESTED or offer is None:
        is_withdrawn = row["reason"] is ReasonCode.CONSENT_WITHDRAWN
        if offer is not None and offer.accepted_at and offer.ended_at and is_withdrawn:
            note_purge(
                session, referral, offer, purge_id=row["id"], actor=row["actor"], now=row["at"]
            )
        tell_move(session, referral, row, offer)
        has_ended = row["version"] == referral.version
        if has_ended and row["to_status"] is ReferralStatus.CANCELLED:
            ask_whoever_was_told(
                session, referral, row["reason"], actor=row["actor"], now=row["at"]
            )
        return
    if not is_told:
        tell_request(session, asked_by(referral, offer), case, at=row["at"])
