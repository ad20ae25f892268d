"""A restored database takes up how referrals went, as others heard it, instead of deciding anew."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain.remembering import RememberedFacts
from services.livelihood_support.models import (
    Offer,
    Programme,
    Referral,
    ReferralMove,
    RememberedStep,
)
from services.livelihood_support.policy import Move
from shared.contracts import Message, Queue, ReferralRequested
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit.database import savepoint
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import ACTOR, Field, case_owner
from tests.livelihood_support.test_purges import withdraw

Told = Callable[[Queue], list[Message]]
CODES = (EntitlementCode.VOCATIONAL, EntitlementCode.MEDICAL)
KEPT = ("status", "is_current", "organisation_id", "programme_id", "reason", "purge_id")


class Lost(Exception):
    """The database is restored to the moment before."""


def complete(field: Field, referral: Referral) -> None:
    for move in (Move.ACCEPT, Move.START):
        field.move(referral, move)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)


def reject_once(field: Field, referral: Referral) -> None:
    field.move(referral, Move.REJECT, reason=ReasonCode.CAPACITY)
    field.move(referral, Move.ACCEPT)


def reject_all(field: Field, referral: Referral) -> None:
    for _ in range(3):
        field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)


def look_and_accept(field: Field, referral: Referral) -> None:
    field.move(referral, Move.SEEN)
    field.move(referral, Move.ACCEPT)


def cancel(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)
    reason = ReasonCode.CONSENT_WITHDRAWN
    field.move(referral, Move.CANCEL, reason=reason, reader=case_owner())


def recall(field: Field, referral: Referral) -> None:
    withdraw(field, referral)


HISTORIES = (complete, reject_once, reject_all, look_and_accept, cancel, recall)


def heard(session: Session, told: Told, case_id: UUID) -> list[RememberedFacts]:
    """The steps of a case as intake heard them, in its order."""
    steps = [it for it in told(Queue.INTAKE) if it.aggregate_id == case_id]
    found = []
    for place, step in enumerate(steps):
        facts = step.model_dump()
        if "referral_id" not in facts:
            continue
        is_request = isinstance(step, ReferralRequested)
        found.append(
            RememberedFacts(
                id=facts["offer_id" if is_request else "move_id"],
                case_id=case_id,
                place=place,
                referral_id=facts["referral_id"],
                status=facts.get("status", "requested"),
                is_asked=facts["organisation_id"] is not None,
                at=facts["occurred_at"],
                reason=facts.get("reason"),
                outcome=facts.get("outcome"),
            )
        )
    return found


def standing(session: Session, case_id: UUID) -> dict[str, Any]:
    """All that is known of the referrals of a case but who wrote it, and when."""
    session.flush()
    session.expire_all()
    referrals = session.scalars(select(Referral).where(Referral.case_id == case_id)).all()
    ids = [referral.id for referral in referrals]
    offers = session.scalars(select(Offer).where(Offer.referral_id.in_(ids))).all()
    moves = session.scalars(
        select(ReferralMove).where(
            ReferralMove.referral_id.in_(ids),
            ReferralMove.from_status.is_distinct_from(ReferralMove.to_status),
        )
    ).all()
    return {
        "referrals": {it.id: (it.code, it.status, it.version, it.outcome) for it in referrals},
        "offers": {it.id: [getattr(it, name) for name in KEPT] for it in offers},
        "moves": {(it.id, it.version, it.from_status, it.to_status) for it in moves},
    }


def substance(told: Sequence[Message], case_id: UUID) -> list[dict[str, Any]]:
    theirs = [it for it in told if it.aggregate_id == case_id]
    return [it.model_dump(exclude=set(it.moments)) for it in theirs]


@pytest.fixture
def programmes(field: Field) -> list[UUID]:
    return [field.programme(codes=CODES, capacity=2).id for _ in range(3)]


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("is_planned", [False, True])
def test_what_the_others_heard_is_taken_up_and_told_again_word_for_word(
    *,
    session: Session,
    field: Field,
    told: Told,
    programmes: list[UUID],
    history: Callable[[Field, Referral], None],
    is_planned: bool,
) -> None:
    case_id = field.case(requested=CODES)
    if is_planned:
        field.conclude(case_id)
    before = len(told(Queue.INTAKE))
    with suppress(Lost), savepoint(session):
        if not is_planned:
            field.conclude(case_id)
        for referral in session.scalars(select(Referral).where(Referral.case_id == case_id)):
            history(field, referral)
        known = standing(session, case_id)
        said = {it: substance(told(it), case_id) for it in (Queue.INTAKE, Queue.NOTIFICATION)}
        steps = heard(session, told, case_id)
        raise Lost
    session.expire_all()
    assert len(told(Queue.INTAKE)) == before

    domain.remember(session, steps, actor=ACTOR, now=field.now)
    # Others took the places meanwhile, so it would be offered elsewhere, or nowhere, this time.
    for _ in range(6):
        field.conclude(field.case(requested=CODES))
    if is_planned:
        domain.retrace_ready(session, field.now)
    else:
        field.conclude(case_id)

    assert standing(session, case_id) == known
    assert {it: substance(told(it), case_id) for it in said} == said
    assert session.scalars(select(RememberedStep)).all() == []
    held = {it.id: it.held for it in session.scalars(select(Programme))}
    open_offers = session.scalars(select(Offer.programme_id).where(Offer.ended_at.is_(None))).all()
    assert held == {it: open_offers.count(it) for it in held}
    assert all(it.held <= it.ceiling for it in session.scalars(select(Programme)))


def test_what_does_not_follow_is_not_taken_up_and_not_kept(
    session: Session, field: Field, programmes: list[UUID]
) -> None:
    referral = field.referred(requested=CODES[:1])  # type: ignore[arg-type]
    strange = RememberedFacts(
        id=new_id(),
        case_id=referral.case_id,
        place=1,
        referral_id=referral.id,
        status="accepted",  # type: ignore[arg-type]
        is_asked=True,
        at=field.now,
    )
    domain.remember(session, [strange], actor=ACTOR, now=field.now)
    known = standing(session, referral.case_id)
    domain.retrace_ready(session, field.now)
    assert standing(session, referral.case_id) == known
    assert session.scalars(select(RememberedStep)).all() == []


def test_what_is_offered_in_a_programme_not_told_of_yet_waits_for_it(
    session: Session, field: Field, programmes: list[UUID]
) -> None:
    referral = field.referred(requested=CODES[:1])  # type: ignore[arg-type]
    unknown = RememberedFacts(
        id=new_id(),
        case_id=referral.case_id,
        place=1,
        referral_id=referral.id,
        status="requested",  # type: ignore[arg-type]
        is_asked=True,
        at=field.now,
        programme_id=new_id(),
    )
    domain.remember(session, [unknown], actor=ACTOR, now=field.now)
    assert domain.retrace_ready(session, field.now) == 0
    assert len(session.scalars(select(RememberedStep)).all()) == 1


def test_what_is_known_here_is_not_remembered_a_second_time(
    session: Session, field: Field, told: Told, programmes: list[UUID]
) -> None:
    case_id = field.case(requested=CODES)
    field.conclude(case_id)
    complete(field, session.scalars(select(Referral)).first())  # type: ignore[arg-type]
    steps = heard(session, told, case_id)
    assert steps
    assert domain.remember(session, steps, actor=ACTOR, now=field.now) == 0


def test_however_many_steps_are_handed_over_they_are_kept(session: Session, now: datetime) -> None:
    """A statement has at most 65535 parameters."""
    case_id, referral_id = new_id(), new_id()
    steps = [
        RememberedFacts(
            id=new_id(),
            case_id=case_id,
            place=place,
            referral_id=referral_id,
            status=ReferralStatus.REQUESTED,
            is_asked=True,
            at=now,
        )
        for place in range(65_536)
    ]
    assert domain.remember(session, steps, actor=ACTOR, now=now) == len(steps)
