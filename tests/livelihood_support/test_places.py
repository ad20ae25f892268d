"""Places are never given out twice: whatever the order, and however many ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain.places import PlaceGivenTwice, Places, lock_places
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from tests.livelihood_support.builders import VOCATIONAL, Field, asked

ASKING = 20


def _refer(field: Field, _number: int) -> None:
    field.referred()


def _accept(field: Field, number: int) -> None:
    _answer(field, number, ReferralStatus.REQUESTED, Move.ACCEPT)


def _reject(field: Field, number: int) -> None:
    reason = ReasonCode.CAPACITY if number % 2 else ReasonCode.SAFETY
    _answer(field, number, ReferralStatus.REQUESTED, Move.REJECT, reason=reason)


def _complete(field: Field, number: int) -> None:
    outcome = ServiceOutcome.PROVIDED
    _answer(field, number, ReferralStatus.ACCEPTED, Move.COMPLETE, outcome=outcome)


def _answer(
    field: Field,
    number: int,
    status: ReferralStatus,
    move: Move,
    *,
    reason: ReasonCode | None = None,
    outcome: ServiceOutcome | None = None,
) -> None:
    query = select(Referral).where(Referral.status == status).order_by(Referral.id)
    found = field.session.scalars(query).all()
    if found:
        field.move(found[number % len(found)], move, reason=reason, outcome=outcome)


def _expire(field: Field, number: int) -> None:
    domain.expire_offers(field.session, field.now + timedelta(days=8 + number))


def _deliver(field: Field, number: int) -> None:
    query = select(Referral).where(Referral.status == ReferralStatus.REQUESTED)
    found = field.session.scalars(query.order_by(Referral.id)).all()
    if found:
        field.deliver(found[number % len(found)].id)


def _give_up(field: Field, number: int) -> None:
    domain.pass_on_undelivered(field.session, field.now + timedelta(days=8 + number))


def _retry(field: Field, _number: int) -> None:
    domain.retry_unplaced(field.session, field.now)


def _withdraw(field: Field, number: int) -> None:
    cases = field.session.scalars(select(Referral.case_id).order_by(Referral.id)).all()
    if cases:
        field.withdraw(cases[number % len(cases)])


Act = Callable[[Field, int], None]
ACTS: list[Act] = [
    _refer,
    _refer,
    _deliver,
    _accept,
    _reject,
    _complete,
    _expire,
    _give_up,
    _retry,
    _withdraw,
]


# Each example runs in a savepoint of its own, so sharing the session between them is safe.
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    capacities=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), max_size=20),
)
def test_held_places_are_the_open_offers_and_never_more_than_there_are(
    field: Field,
    capacities: list[int],
    acts: list[tuple[Act, int]],
) -> None:
    attempt = field.session.begin_nested()
    for capacity in capacities:
        field.programme(capacity=capacity)
    for act, number in acts:
        act(field, number)
        assert field.miscounted() == 0
    attempt.rollback()


def test_twenty_who_ask_at_once_get_the_two_places_there_are(begin: Begin, now: datetime) -> None:
    with begin() as session:
        field = Field(session, now)
        school = field.programme(capacity=2)
        case_ids = [field.case() for _ in range(ASKING)]

    def conclude(case_id: object) -> None:
        with begin() as session:
            Field(session, now).conclude(case_id)  # type: ignore[arg-type]

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(conclude, case_ids))
    with begin() as session:
        statuses = [referral.status for referral in session.scalars(select(Referral))]
        assert statuses.count(ReferralStatus.REQUESTED) == 2
        assert statuses.count(ReferralStatus.UNPLACED) == ASKING - 2
        assert Field(session, now).places(school.id).held == 2
        assert Field(session, now).miscounted() == 0


def test_answers_lapses_and_searches_at_once_keep_the_count(begin: Begin, now: datetime) -> None:
    later = now + timedelta(days=8)
    with begin() as session:
        field = Field(session, now)
        for capacity in (2, 3, 4):
            field.programme(capacity=capacity)
        case_ids = [field.case() for _ in range(ASKING)]
        field.conclude(*case_ids)
        offered = [
            (referral, asked(field.offer(referral.id)))
            for referral in session.scalars(select(Referral)).all()
            if referral.status == ReferralStatus.REQUESTED
        ]
        for referral, _ in offered[::2]:
            field.deliver(referral.id)

    def answer(number: int) -> None:
        referral, subject = offered[number % len(offered)]
        move = (Move.ACCEPT, Move.REJECT)[number % 2]
        reason = ReasonCode.CAPACITY if move is Move.REJECT else None
        _tolerant(begin, lambda each: each.move(referral, move, reason=reason, subject=subject))

    def sweep(_number: int) -> None:
        _tolerant(begin, lambda each: domain.expire_offers(each.session, later))
        _tolerant(begin, lambda each: domain.pass_on_undelivered(each.session, later))
        _tolerant(begin, lambda each: domain.retry_unplaced(each.session, later))

    def _tolerant(begin: Begin, act: Callable[[Field], object]) -> None:
        """Refusals are answers: someone else was faster."""
        try:
            with begin() as session:
                act(Field(session, later))
        except DomainError:
            return

    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = [pool.submit(answer, number) for number in range(ASKING)]
        futures += [pool.submit(sweep, number) for number in range(4)]
        for future in futures:
            future.result()
    with begin() as session:
        assert Field(session, now).miscounted() == 0
        settled = session.scalar(text("SELECT count(*) FROM offers WHERE is_current"))
        open_referrals = [
            referral
            for referral in session.scalars(select(Referral))
            if referral.status != ReferralStatus.UNPLACED
        ]
        assert settled == len(open_referrals)


def test_of_two_answers_to_one_offer_one_counts(begin: Begin, now: datetime) -> None:
    with begin() as session:
        field = Field(session, now)
        field.programme(capacity=1)
        referral = field.referred()
        subject = asked(field.offer(referral.id))

    def accept(_number: int) -> bool:
        try:
            with begin() as session:
                Field(session, now).move(referral, Move.ACCEPT, subject=subject, version=1)
        except DomainError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(accept, range(ASKING))) == 1


def test_a_place_that_is_not_there_cannot_be_written(field: Field) -> None:
    school = field.programme(capacity=1)
    places: Places = lock_places(field.session, codes={VOCATIONAL})
    places.take(school.id)
    places.take(school.id)
    with pytest.raises(PlaceGivenTwice):
        places.write(field.session)


def test_the_database_itself_refuses_a_place_too_many(field: Field, session: Session) -> None:
    school = field.programme(capacity=1)
    with pytest.raises(IntegrityError):
        session.execute(
            text("UPDATE programmes SET held = held + 2 WHERE id = :id"), {"id": school.id}
        )
