"""What other services tell becomes the journey, the status and the grants of a case."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.models import Case, JourneyStep, PartnerGrant
from shared.contracts import (
    Message,
    OfferMade,
    PlanOpenedV1,
    ReferralClockBreached,
    ReferralClockWarned,
    VerificationClockBreached,
    VerificationClockWarned,
)
from shared.contracts.vocabulary import (
    ClockLevel,
    ReasonCode,
    ReferralStatus,
    Role,
    VerificationOutcome,
)
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from tests.intake.builders import NOON, facts, receive
from tests.intake.messages import (
    concluded,
    confirmed,
    moved,
    opened,
    planned,
    questioned,
    replied,
    requested,
)
from tests.subjects import somebody

OWNER = somebody(uuid4(), Role.CASE_OWNER)


@pytest.fixture
def case_id(session: Session, keys: MasterKeys) -> UUID:
    submitted = facts(keys)
    receive(session, submitted)
    return submitted.case_id


def status_of(session: Session, case_id: UUID) -> tuple[str, int]:
    row = session.execute(select(Case.status, Case.version).where(Case.id == case_id)).one()
    return row.status, row.version


def sources(session: Session, kind: str) -> set[UUID]:
    return set(session.scalars(select(JourneyStep.source_id).where(JourneyStep.kind == kind)))


def test_a_journey_is_told_in_order_with_its_times(session: Session, case_id: UUID) -> None:
    asked = requested(case_id, uuid4())
    rejected = moved(asked, ReferralStatus.REJECTED, reason=ReasonCode.CAPACITY)
    tasks.note_verifications(session, [opened(case_id)], NOON)
    tasks.note_moves(session, [rejected], NOON)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    tasks.note_plans(session, [planned(case_id)], NOON)
    tasks.note_requests(session, [asked], NOON)
    steps = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())
    assert [(step.kind, (step.at - NOON).seconds // 60) for step in steps] == [
        ("received", 0),
        ("verification_opened", 1),
        ("verification_concluded", 2),
        ("plan_opened", 3),
        ("referral_requested", 4),
        ("referral_moved", 5),
    ]
    last = steps[-1]
    assert (last.status, last.reason, last.code) == ("rejected", "capacity", "VOCATIONAL")
    assert last.organisation_id == asked.organisation_id
    assert sources(session, last.kind) == {rejected.move_id}


def test_what_the_person_confirmed_is_a_step_that_changes_no_status(
    session: Session, case_id: UUID
) -> None:
    asked = requested(case_id, uuid4())
    said = confirmed(asked)
    tasks.note_plans(session, [planned(case_id)], NOON)
    tasks.note_requests(session, [asked], NOON)
    before = status_of(session, case_id)
    tasks.note_confirmations(session, [said], NOON)
    assert status_of(session, case_id) == before
    last = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())[-1]
    assert (last.kind, last.referral_id, last.code) == (
        "referral_confirmed", asked.referral_id, asked.code,
    )  # fmt: skip
    assert (last.status, last.organisation_id) == (None, None)


@pytest.mark.parametrize(
    ("warning", "breach", "key"),
    [
        (VerificationClockWarned, VerificationClockBreached, "verification.normal"),
        (ReferralClockWarned, ReferralClockBreached, "referral.start_of_service"),
    ],
)
def test_a_period_that_ends_is_a_step_and_carries_the_case_nowhere(
    session: Session, case_id: UUID, warning: type[Message], breach: type[Message], key: str
) -> None:
    tasks.note_verifications(session, [opened(case_id)], NOON)
    before, clock_id, authority_id = status_of(session, case_id), uuid4(), uuid4()
    told = {
        "occurred_at": NOON,
        "case_id": case_id,
        "clock_id": clock_id,
        "object_id": uuid4(),
        "key": key,
        "due_at": NOON,
    }
    warned = warning(**told, level=ClockLevel.HEAD, organisation_id=authority_id)
    tasks.consumer.handlers[warning](session, [warned], NOON)
    late = breach(**told, level=ClockLevel.DEPARTMENT)
    tasks.consumer.handlers[breach](session, [late], NOON)
    assert status_of(session, case_id) == before
    steps = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())
    told_of_it = {it.kind: (it.status, it.reason, it.organisation_id) for it in steps}
    assert told_of_it["clock_warned"] == ("head", key, authority_id)
    assert told_of_it["clock_breached"] == ("department", key, None)
    assert sources(session, "clock_warned") == sources(session, "clock_breached") == {clock_id}


def test_what_is_asked_about_an_offer_and_replied_are_steps_of_their_questions(
    session: Session, case_id: UUID
) -> None:
    asked = requested(case_id, uuid4())
    tasks.note_plans(session, [planned(case_id)], NOON)
    tasks.note_requests(session, [asked], NOON)
    before = status_of(session, case_id)
    questions = questioned(asked)
    tasks.note_questions(session, [questions], NOON)
    tasks.note_replies(session, [replied(asked, questions.question_ids[0])], NOON)
    assert status_of(session, case_id) == before
    assert sources(session, "question_asked") == set(questions.question_ids)
    assert sources(session, "question_answered") == {questions.question_ids[0]}
    last = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())[-1]
    assert (last.referral_id, last.code, last.organisation_id) == (
        asked.referral_id, asked.code, None,
    )  # fmt: skip
    session.execute(update(Case).values(urgent_since=None))
    session.expire_all()
    tasks.note_verifications(session, [opened(case_id)], NOON)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    turn = domain.find_turn(session, case_id=case_id, subject=OWNER, now=NOON)
    assert (turn.why, turn.since) == ("reply_to_question", questions.occurred_at)
    tasks.note_replies(session, [replied(asked, questions.question_ids[1])], NOON)
    turn = domain.find_turn(session, case_id=case_id, subject=OWNER, now=NOON)
    assert turn.why == "answer_offer"


def test_the_status_follows_what_is_told(session: Session, case_id: UUID) -> None:
    tasks.note_verifications(session, [opened(case_id)], NOON)
    assert status_of(session, case_id) == ("in_verification", 2)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    assert status_of(session, case_id) == ("identified", 3)
    tasks.note_plans(session, [planned(case_id)], NOON)
    assert status_of(session, case_id) == ("in_support", 4)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (VerificationOutcome.NOT_IDENTIFIED, "not_identified"),
        (VerificationOutcome.WITHDRAWN, "withdrawn"),
    ],
)
def test_a_verification_may_end_otherwise(
    session: Session, case_id: UUID, outcome: VerificationOutcome, status: str
) -> None:
    tasks.note_conclusions(session, [concluded(case_id, outcome)], NOON)
    assert status_of(session, case_id) == (status, 2)


def test_a_plan_that_overtakes_its_conclusion_keeps_the_status(
    session: Session, case_id: UUID
) -> None:
    tasks.note_plans(session, [planned(case_id)], NOON)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    tasks.note_verifications(session, [opened(case_id)], NOON)
    assert status_of(session, case_id) == ("in_support", 2)


def test_a_case_that_is_reopened_is_identified_after_all(session: Session, case_id: UUID) -> None:
    negative = concluded(case_id, VerificationOutcome.NOT_IDENTIFIED)
    tasks.note_conclusions(session, [negative], NOON)
    tasks.note_verifications(session, [opened(case_id)], NOON)
    assert status_of(session, case_id) == ("in_verification", 3)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    assert status_of(session, case_id) == ("identified", 4)
    tasks.note_plans(session, [planned(case_id)], NOON)
    assert status_of(session, case_id) == ("in_support", 5)


def test_who_is_identified_after_a_reopening_stands_so_though_the_plan_came_first(
    session: Session, case_id: UUID
) -> None:
    negative = concluded(case_id, VerificationOutcome.NOT_IDENTIFIED)
    tasks.note_conclusions(session, [negative], NOON)
    tasks.note_plans(session, [planned(case_id)], NOON)
    assert status_of(session, case_id) == ("not_identified", 2)
    tasks.note_verifications(session, [opened(case_id)], NOON)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    assert status_of(session, case_id) == ("in_support", 3)


def test_a_frame_moves_many_cases_each_its_own_way(session: Session, keys: MasterKeys) -> None:
    cases = [facts(keys) for _ in range(4)]
    receive(session, *cases)
    outcomes = [VerificationOutcome.IDENTIFIED, VerificationOutcome.NOT_IDENTIFIED] * 2
    told = [concluded(case.case_id, it) for case, it in zip(cases, outcomes, strict=True)]
    tasks.note_conclusions(session, told, NOON)
    assert [status_of(session, case.case_id)[0] for case in cases] == outcomes


def test_what_others_did_is_kept_and_is_no_act_of_intake(
    session: Session, case_id: UUID, settle: Callable[[], None]
) -> None:
    settle()
    acts = session.scalars(select(AUDIT.c.action)).all()
    tasks.note_verifications(session, [opened(case_id)], NOON)
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    tasks.note_plans(session, [planned(case_id)], NOON)
    tasks.note_requests(session, [requested(case_id, uuid4())], NOON)
    settle()
    assert session.scalars(select(AUDIT.c.action)).all() == acts == ["case.receive"]


def test_a_grant_knows_who_is_asked_now_and_since_when(session: Session, case_id: UUID) -> None:
    referral_id = uuid4()
    first = requested(case_id, referral_id)
    tasks.note_requests(session, [first], NOON)
    tasks.note_moves(session, [moved(first, ReferralStatus.ACCEPTED, 5)], NOON)
    tasks.note_moves(session, [moved(first, ReferralStatus.IN_PROGRESS, 6)], NOON)
    grant = session.get_one(PartnerGrant, referral_id)
    assert (grant.organisation_id, grant.status) == (first.organisation_id, "in_progress")
    assert grant.accepted_at == NOON + timedelta(minutes=5)


def test_a_plan_is_shown_with_whom_it_asks_and_what_it_asks_is_granted_later(
    session: Session, case_id: UUID
) -> None:
    first = requested(case_id, uuid4())
    asked = OfferMade.model_validate(first.model_dump())
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    tasks.note_plans(session, [planned(case_id, asked)], NOON)
    steps = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())
    assert [step.kind for step in steps][2:] == ["plan_opened", "referral_requested"]
    assert sources(session, "referral_requested") == {first.offer_id}
    tasks.note_moves(session, [moved(first, ReferralStatus.ACCEPTED, 5)], NOON)
    grant = session.get_one(PartnerGrant, first.referral_id)
    assert (grant.organisation_id, grant.offer_id) == (first.organisation_id, first.offer_id)
    assert grant.accepted_at is not None


def test_a_plan_of_the_release_before_is_shown_and_asks_nobody_itself(
    session: Session, case_id: UUID
) -> None:
    former = PlanOpenedV1(**planned(case_id).model_dump(exclude={"asked"}))
    tasks.note_conclusions(session, [concluded(case_id)], NOON)
    tasks.note_bare_plans(session, [former], NOON)
    assert status_of(session, case_id)[0] == "in_support"
    tasks.note_requests(session, [requested(case_id, uuid4())], NOON)
    steps = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())
    assert [step.kind for step in steps][2:] == ["plan_opened", "referral_requested"]


def test_a_referral_passed_on_is_no_longer_the_first_ones(session: Session, case_id: UUID) -> None:
    referral_id = uuid4()
    first, second = (requested(case_id, referral_id) for _ in range(2))
    tasks.note_requests(session, [first], NOON)
    tasks.note_moves(session, [moved(first, ReferralStatus.ACCEPTED)], NOON)
    tasks.note_moves(session, [moved(first, ReferralStatus.FAILED)], NOON)
    tasks.note_requests(session, [second], NOON)
    grant = session.get_one(PartnerGrant, referral_id)
    assert (grant.organisation_id, grant.status) == (second.organisation_id, "requested")
    assert grant.accepted_at is None
    assert session.scalar(select(func.count()).select_from(PartnerGrant)) == 1
