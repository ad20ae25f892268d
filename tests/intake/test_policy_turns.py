"""Whose turn a case is: exactly one sentence, whatever its journey."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.policy import (
    ENTERS_WITHIN,
    StepKind,
    Told,
    TurnReason,
    Waits,
    Who,
    turn_of,
)
from services.intake.policy.turns import ON_ITS_WAY
from shared.contracts.vocabulary import (
    REACHING,
    EntitlementCode,
    ReferralStatus,
    ServiceOutcome,
    VerificationOutcome,
)

THEN = datetime(2026, 3, 2, 5, tzinfo=UTC)
SOON, LATE = THEN + timedelta(minutes=59), THEN + timedelta(minutes=61)
US, IT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
LOAN = EntitlementCode.LOAN
QUIET = Waits(THEN)
OPENED = Told(StepKind.VERIFICATION_OPENED, THEN, organisation_id=US)
PLAN = Told(StepKind.PLAN_OPENED, THEN)
RECEIVED = Told(StepKind.RECEIVED, THEN)


def concluded(outcome: VerificationOutcome) -> Told:
    return Told(StepKind.VERIFICATION_CONCLUDED, THEN, outcome=outcome, organisation_id=US)


def referral(status: ReferralStatus, referral_id: UUID = IT, *, minutes: int = 0) -> Told:
    at = THEN + timedelta(minutes=minutes)
    asked = StepKind.REFERRAL_REQUESTED
    kind = asked if status is ReferralStatus.REQUESTED else StepKind.REFERRAL_MOVED
    return Told(kind, at, status=status, organisation_id=US, referral_id=referral_id)


def asks(number: int, referral_id: UUID = IT, *, minutes: int = 1) -> Told:
    at = THEN + timedelta(minutes=minutes)
    question = UUID(int=100 + number)
    return Told(StepKind.QUESTION_ASKED, at, referral_id=referral_id, source_id=question)


def replied(asked: Told) -> Told:
    return replace(asked, kind=StepKind.QUESTION_ANSWERED, at=asked.at + timedelta(minutes=1))


def served(outcome: ServiceOutcome = ServiceOutcome.PROVIDED) -> Told:
    return replace(referral(ReferralStatus.COMPLETED), outcome=outcome, code=LOAN)


CONFIRMED = Told(StepKind.REFERRAL_CONFIRMED, THEN, referral_id=IT, code=LOAN)
IDENTIFIED = concluded(VerificationOutcome.IDENTIFIED)
REFUSED = concluded(VerificationOutcome.NOT_IDENTIFIED)
COMPLAINED = Told(StepKind.COMPLAINT_RECEIVED, THEN, organisation_id=US)
KEPT = replace(COMPLAINED, kind=StepKind.COMPLAINT_ANSWERED)
SUPPORTED = (RECEIVED, OPENED, IDENTIFIED, PLAN)


@pytest.mark.parametrize(
    ("steps", "who", "why"),
    [
        ((RECEIVED,), Who.EXCHANGE, TurnReason.BEGIN_VERIFICATION),
        ((RECEIVED, OPENED), Who.VERIFIER, TurnReason.DECIDE_VERIFICATION),
        (
            (RECEIVED, replace(OPENED, organisation_id=None)),
            Who.CASE_OWNER,
            TurnReason.FIND_AUTHORITY,
        ),
        ((RECEIVED, OPENED, IDENTIFIED), Who.EXCHANGE, TurnReason.OPEN_PLAN),
        (SUPPORTED, Who.CASE_OWNER, TurnReason.REVIEW_PLAN),
        (
            (*SUPPORTED, concluded(VerificationOutcome.NOT_IDENTIFIED)),
            Who.CASE_OWNER,
            TurnReason.TELL_OF_COMPLAINT,
        ),
        (
            (OPENED, REFUSED, COMPLAINED),
            Who.VERIFIER,
            TurnReason.ANSWER_COMPLAINT,
        ),
        ((OPENED, REFUSED, COMPLAINED, KEPT), Who.CASE_OWNER, TurnReason.TELL_OF_ANSWER),
        (
            (OPENED, REFUSED, COMPLAINED, KEPT, COMPLAINED),
            Who.VERIFIER,
            TurnReason.ANSWER_COMPLAINT,
        ),
        ((OPENED, REFUSED, COMPLAINED, OPENED), Who.VERIFIER, TurnReason.DECIDE_VERIFICATION),
        (
            (OPENED, REFUSED, COMPLAINED, OPENED, REFUSED),
            Who.CASE_OWNER,
            TurnReason.TELL_OF_COMPLAINT,
        ),
        (
            (OPENED, concluded(VerificationOutcome.WITHDRAWN)),
            Who.CASE_OWNER,
            TurnReason.ASK_WHY_WITHDRAWN,
        ),
        (
            (OPENED, concluded(VerificationOutcome.WITHDRAWN), OPENED),
            Who.VERIFIER,
            TurnReason.DECIDE_VERIFICATION,
        ),
        (
            (*SUPPORTED, referral(ReferralStatus.REQUESTED)),
            Who.ORGANISATION,
            TurnReason.ANSWER_OFFER,
        ),
        (
            (*SUPPORTED, referral(ReferralStatus.UNPLACED)),
            Who.CASE_OWNER,
            TurnReason.FIND_PROGRAMME,
        ),
        (
            (*SUPPORTED, referral(ReferralStatus.COMPLETED)),
            Who.CASE_OWNER,
            TurnReason.REVIEW_PLAN,
        ),
    ],
)
def test_each_point_of_a_journey_is_somebodys(
    steps: Sequence[Told], who: Who, why: TurnReason
) -> None:
    soon = ENTERS_WITHIN if why is TurnReason.BEGIN_VERIFICATION else ON_ITS_WAY
    found = turn_of(steps, QUIET, THEN + soon)
    assert (found.who, found.why, found.since) == (who, why, THEN)


@pytest.mark.parametrize("outcome", ServiceOutcome)
def test_what_is_said_to_have_been_provided_is_confirmed_with_the_person(
    outcome: ServiceOutcome,
) -> None:
    found = turn_of((*SUPPORTED, served(outcome)), QUIET, LATE)
    is_asked = outcome in REACHING
    assert found.why is (TurnReason.CONFIRM_SERVICE if is_asked else TurnReason.REVIEW_PLAN)
    assert (found.who, found.referral_id) == (Who.CASE_OWNER, IT if is_asked else None)


def test_what_was_confirmed_or_is_asked_for_again_is_not_asked_about() -> None:
    for steps in ((served(), CONFIRMED), (CONFIRMED, served())):
        assert turn_of((*SUPPORTED, *steps), QUIET, LATE).why is TurnReason.REVIEW_PLAN
    again = replace(referral(ReferralStatus.REQUESTED, OTHER, minutes=5), code=LOAN)
    found = turn_of((*SUPPORTED, served(), again), QUIET, LATE)
    assert (found.why, found.referral_id) == (TurnReason.ANSWER_OFFER, OTHER)
    rejected = replace(again, kind=StepKind.REFERRAL_MOVED, status=ReferralStatus.CANCELLED)
    found = turn_of((*SUPPORTED, served(), again, rejected), QUIET, LATE)
    assert found.why is TurnReason.REVIEW_PLAN


def test_what_was_said_of_whoever_served_before_says_nothing_of_the_next() -> None:
    asked = replace(referral(ReferralStatus.REQUESTED), code=LOAN)
    failed = replace(asked, kind=StepKind.REFERRAL_MOVED, status=ReferralStatus.FAILED)
    found = turn_of((*SUPPORTED, asked, CONFIRMED, failed, asked, served()), QUIET, LATE)
    assert found.why is TurnReason.CONFIRM_SERVICE


@pytest.mark.parametrize(
    ("steps", "within"),
    [((RECEIVED,), ENTERS_WITHIN), ((RECEIVED, OPENED, IDENTIFIED), ON_ITS_WAY)],
)
def test_what_does_not_come_in_time_is_nobodys(steps: Sequence[Told], within: timedelta) -> None:
    assert turn_of(steps, QUIET, THEN + within).who is Who.EXCHANGE
    assert turn_of(steps, QUIET, THEN + within + timedelta(seconds=1)).who is Who.NOBODY


def test_what_cannot_wait_comes_before_all_else() -> None:
    found = turn_of(SUPPORTED, Waits(THEN, urgent_since=THEN), LATE)
    assert (found.who, found.why) == (Who.CASE_OWNER, TurnReason.SEE_TO_URGENT_NEEDS)


def test_of_several_referrals_the_case_owners_comes_first_then_what_waits_longest() -> None:
    first = referral(ReferralStatus.REQUESTED)
    later = referral(ReferralStatus.REQUESTED, OTHER, minutes=5)
    assert turn_of((*SUPPORTED, later, first), QUIET, LATE).referral_id == IT
    unplaced = replace(later, status=ReferralStatus.UNPLACED)
    found = turn_of((*SUPPORTED, first, unplaced), QUIET, LATE)
    assert (found.who, found.referral_id) == (Who.CASE_OWNER, OTHER)
    served = referral(ReferralStatus.IN_PROGRESS, minutes=9)
    assert turn_of((*SUPPORTED, first, served), QUIET, LATE).why is TurnReason.COMPLETE_SERVICE


STEPS = st.builds(
    Told,
    st.sampled_from(StepKind),
    st.sampled_from((THEN, SOON, LATE)),
    outcome=st.sampled_from([str(each) for each in VerificationOutcome]),
    status=st.sampled_from([str(each) for each in ReferralStatus]),
    organisation_id=st.sampled_from((None, US)),
    referral_id=st.sampled_from((IT, OTHER)),
)


@given(st.lists(STEPS, max_size=12), st.booleans(), st.sampled_from((SOON, LATE)))
def test_whatever_was_told_there_is_one_sentence_with_an_age(
    steps: list[Told], is_urgent: bool, now: datetime
) -> None:
    found = turn_of(steps, Waits(THEN, urgent_since=THEN if is_urgent else None), now)
    assert found.since in {THEN, *(step.at for step in steps)}
    if found.who is Who.ORGANISATION:
        assert found.referral_id is not None
    if found.who is Who.NOBODY:
        assert found.why in {TurnReason.BEGIN_VERIFICATION, TurnReason.OPEN_PLAN}


@given(st.lists(STEPS, max_size=12))
def test_time_alone_changes_whose_turn_it_is_only_where_something_is_missing(
    steps: list[Told],
) -> None:
    before, after = (turn_of(steps, QUIET, now) for now in (SOON, LATE))
    if before.who is not Who.EXCHANGE:
        assert before == after


def test_while_a_question_is_open_the_case_owner_replies_then_the_organisation_answers() -> None:
    asked = (*SUPPORTED, referral(ReferralStatus.REQUESTED))
    first, second = asks(1, minutes=1), asks(2, minutes=5)
    found = turn_of((*asked, first, second), QUIET, LATE)
    assert (found.who, found.why) == (Who.CASE_OWNER, TurnReason.REPLY_TO_QUESTION)
    assert (found.since, found.referral_id, found.organisation_id) == (first.at, IT, None)
    one_left = turn_of((*asked, first, second, replied(first)), QUIET, LATE)
    assert (one_left.why, one_left.since) == (TurnReason.REPLY_TO_QUESTION, second.at)
    none_left = turn_of((*asked, first, second, replied(first), replied(second)), QUIET, LATE)
    assert (none_left.who, none_left.why) == (Who.ORGANISATION, TurnReason.ANSWER_OFFER)


@pytest.mark.parametrize("status", sorted(ReferralStatus))
def test_whatever_becomes_of_the_offer_leaves_no_question(status: ReferralStatus) -> None:
    """Also when the next is asked: what was asked before is not theirs."""
    steps = (*SUPPORTED, referral(ReferralStatus.REQUESTED), asks(1), referral(status, minutes=9))
    assert turn_of(steps, QUIET, LATE).why is not TurnReason.REPLY_TO_QUESTION


def test_a_question_about_one_referral_is_open_whatever_becomes_of_another() -> None:
    steps = (
        *SUPPORTED,
        referral(ReferralStatus.REQUESTED),
        asks(1),
        referral(ReferralStatus.REQUESTED, OTHER),
        referral(ReferralStatus.ACCEPTED, OTHER, minutes=9),
    )
    assert turn_of(steps, QUIET, LATE).why is TurnReason.REPLY_TO_QUESTION
