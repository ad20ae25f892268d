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
from services.livelihood_support.domain.locks import KEY, locks_of
from services.livelihood_support.domain.remembering import RememberedFacts
from services.livelihood_support.errors import MoveNotAllowed
from services.livelihood_support.models import (
    Alert,
    Offer,
    Programme,
    Referral,
    ReferralMove,
    RememberedStep,
)
from services.livelihood_support.policy import Move, ToldFact
from shared.contracts import Message, Queue, ReferralConfirmed, ReferralRequested
from shared.contracts.vocabulary import (
    EntitlementCode,
    ReferralStatus,
    Regime,
)
from shared.kit.database import savepoint
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import ACTOR, Field, case_owner
from tests.livelihood_support.histories import HISTORIES, complete
from tests.livelihood_support.test_facts import tell
from tests.statements import counted

Told = Callable[[Queue], list[Message]]
CODES = (EntitlementCode.VOCATIONAL, EntitlementCode.MEDICAL)
KEPT = (
    "status",
    "is_current",
    "organisation_id",
    "programme_id",
    "reason",
    "purge_id",
    "confirmed_at",
)


class Lost(Exception):
    """The database is restored to the moment before."""


def heard(session: Session, told: Told, case_id: UUID) -> list[RememberedFacts]:
    """The steps of a case as intake heard them, in its order."""
    steps = [it for it in told(Queue.INTAKE) if it.aggregate_id == case_id]
    found = []
    for place, step in enumerate(steps):
        facts = step.model_dump()
        if "referral_id" not in facts:
            continue
        is_request = isinstance(step, ReferralRequested)
        is_confirmation = isinstance(step, ReferralConfirmed)
        found.append(
            RememberedFacts(
                id=facts["offer_id" if is_request else "move_id"],
                case_id=case_id,
                place=place,
                referral_id=facts["referral_id"],
                status=None if is_confirmation else facts.get("status", "requested"),
                is_asked=facts.get("organisation_id") is not None,
                at=facts["occurred_at"],
                reason=facts.get("reason"),
                outcome=facts.get("outcome"),
            )
        )
    return found


def standing(session: Session, case_id: UUID) -> dict[str, Any]:
    """All that is known of the referrals of a case but who wrote it, and when.

    Of an alert that nobody is left to ask, why not is not known a second time.
    """
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
    alerts = session.scalars(
        select(Alert).where(Alert.case_id == case_id, Alert.settled_at.is_(None))
    ).all()
    return {
        "alerts": sorted(
            (it.kind, str(it.referral_id), "" if it.kind == "no_programme" else str(it.facts))
            for it in alerts
        ),
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


def test_a_confirmation_alone_is_taken_up_by_what_had_been_completed_before(
    session: Session, field: Field, told: Told, programmes: list[UUID]
) -> None:
    case_id = field.case(requested=CODES[:1])
    field.conclude(case_id)
    referral = field.referral(case_id)
    complete(field, referral)
    before = substance(told(Queue.INTAKE), case_id)
    with suppress(Lost), savepoint(session):
        field.move(referral, Move.CONFIRM, subject=case_owner())
        known = standing(session, case_id)
        said = substance(told(Queue.INTAKE), case_id)
        steps = heard(session, told, case_id)
        raise Lost
    session.expire_all()
    assert substance(told(Queue.INTAKE), case_id) == before
    assert field.offer(referral.id).confirmed_at is None
    assert domain.remember(session, steps, actor=ACTOR, now=field.now) == 1
    assert domain.retrace_ready(session, field.now) == 1
    assert standing(session, case_id) == known
    assert substance(told(Queue.INTAKE), case_id) == said
    assert field.offer(referral.id).confirmed_at == field.now
    with pytest.raises(MoveNotAllowed):
        field.move(field.referral(case_id), Move.CONFIRM, subject=case_owner())


def test_an_alert_of_the_backup_is_settled_by_the_steps_that_ended_its_cause(
    session: Session, field: Field, told: Told
) -> None:
    referral = field.referred(requested=CODES[:1])  # type: ignore[arg-type]
    case_id = referral.case_id
    assert field.alerts(case_id) == ["no_programme"]
    with suppress(Lost), savepoint(session):
        field.programme(codes=CODES)
        field.agree(case_id)
        complete(field, referral)
        steps = heard(session, told, case_id)
        programme = field.offers(referral.id)[-1]
        known = (programme.programme_id, programme.organisation_id)
        raise Lost
    session.expire_all()
    assert field.alerts(case_id) == ["no_programme"]
    field.programme(programme_id=known[0], organisation_id=known[1], codes=CODES)
    domain.remember(session, steps, actor=ACTOR, now=field.now)
    assert domain.retrace_ready(session, field.now) == 1
    assert field.referral(case_id).status == "completed"
    assert field.alerts(case_id) == []


def is_lock(statement: str) -> bool:
    return "FOR NO KEY UPDATE" in statement


def is_change(statement: str) -> bool:
    return "UPDATE programmes" in statement


def test_everything_is_locked_before_the_first_place_is_held_again(
    session: Session, field: Field, told: Told, programmes: list[UUID]
) -> None:
    case_ids = [field.case(requested=CODES) for _ in range(2)]
    field.conclude(*case_ids)
    with suppress(Lost), savepoint(session):
        for referral in session.scalars(select(Referral)):
            complete(field, referral)
        steps = [step for each in case_ids for step in heard(session, told, each)]
        raise Lost
    session.expire_all()
    domain.remember(session, steps, actor=ACTOR, now=field.now)
    with counted(session) as statements:
        assert domain.retrace_ready(session, field.now) == 2
    locks = [place for place, it in enumerate(statements) if is_lock(it)]
    changes = [place for place, it in enumerate(statements) if is_change(it)]
    assert len(locks) == 2, "all cases by one statement, all programmes by the next"
    assert len(changes) == 2
    assert max(locks) < min(changes)


def test_a_fact_told_again_takes_up_its_referral_under_the_locks(
    session: Session, field: Field, told: Told, programmes: list[UUID]
) -> None:
    """Over HTTP nothing is locked before, and the programme may serve another code by now."""
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    with suppress(Lost), savepoint(session):
        tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
        field.move(field.referral(case_id), Move.ACCEPT)
        known = standing(session, case_id)
        steps = heard(session, told, case_id)
        raise Lost
    session.expire_all()
    for programme in session.scalars(select(Programme)):
        programme.codes = [EntitlementCode.MEDICAL]
    session.flush()
    domain.remember(session, steps, actor=ACTOR, now=field.now)
    with counted(session) as statements:
        tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert standing(session, case_id) == known
    changes = [place for place, it in enumerate(statements) if is_change(it)]
    locks = [it for it in statements[: changes[0]] if is_lock(it)]
    assert len(locks) == 2, "the case, then its programmes"


def test_a_frame_locks_every_programme_while_a_step_of_its_case_is_remembered(
    session: Session, field: Field, told: Told, programmes: list[UUID]
) -> None:
    case_id = field.case(requested=CODES)
    with suppress(Lost), savepoint(session):
        field.conclude(case_id)
        steps = heard(session, told, case_id)
        raise Lost
    elsewhere = field.programme(codes=[EntitlementCode.TRAVEL]).id
    needs = domain.Needs(frozenset({case_id}), frozenset({case_id}), frozenset(), frozenset())
    domain.lock_frame(session, needs)
    assert elsewhere not in locks_of(session).programmes  # type: ignore[union-attr]
    del session.info[KEY]
    domain.remember(session, steps, actor=ACTOR, now=field.now)
    domain.lock_frame(session, needs)
    assert elsewhere in locks_of(session).programmes  # type: ignore[union-attr]
    field.conclude(case_id)


@pytest.mark.parametrize(
    ("status", "is_asked"),
    [(ReferralStatus.ACCEPTED, True), (None, False)],
    ids=["a move that others heard otherwise", "a confirmation of what nobody has accepted"],
)
def test_what_does_not_follow_is_not_taken_up_and_not_kept(
    session: Session,
    field: Field,
    programmes: list[UUID],
    status: ReferralStatus | None,
    is_asked: bool,
) -> None:
    referral = field.referred(requested=CODES[:1])  # type: ignore[arg-type]
    strange = RememberedFacts(
        id=new_id(),
        case_id=referral.case_id,
        place=1,
        referral_id=referral.id,
        status=status,
        is_asked=is_asked,
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
