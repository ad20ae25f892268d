"""Whatever order the messages of two services come in, a case ends up where it truly stands."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.models import Case
from shared.contracts import Message, PlanOpened, VerificationConcluded, VerificationOpened
from shared.contracts.vocabulary import ReferralStatus, Role, VerificationOutcome
from shared.kit.crypto import MasterKeys
from tests.intake.builders import NOON, facts, receive
from tests.intake.messages import concluded, moved, opened, planned, requested
from tests.subjects import somebody

OWNER = somebody(uuid4(), Role.CASE_OWNER)
TASKS: dict[str, Callable[..., None]] = {
    "VerificationOpened": tasks.note_verifications,
    "VerificationConcluded": tasks.note_conclusions,
    "PlanOpened": tasks.note_plans,
    "ReferralRequested": tasks.note_requests,
    "ReferralMoved": tasks.note_moves,
}
IDENTIFIED = VerificationOutcome.IDENTIFIED
OTHERWISE = [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.WITHDRAWN]

rounds = st.lists(st.sampled_from(OTHERWISE), max_size=2)
"""Ends that were reopened: evidence came up, or a complaint was upheld."""
stories = st.tuples(rounds, st.sampled_from([None, IDENTIFIED, *OTHERWISE]))
"""How often verification ended otherwise first, and how it ended at last, if it has."""


def verified(ends: Sequence[VerificationOutcome | None]) -> list[str | VerificationOutcome]:
    """What verification tells: each end follows an opening."""
    told: list[str | VerificationOutcome] = []
    for end in ends:
        told += ["opened"] if end is None else ["opened", end]
    return told


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(stories, st.data())
def test_no_order_of_two_senders_changes_where_a_case_stands(
    session: Session, keys: MasterKeys, story: Any, data: st.DataObject
) -> None:
    submitted = facts(keys)
    receive(session, submitted)
    case_id = submitted.case_id
    ends, last = story
    of_verification: list[Message] = []
    for minute, step in enumerate(verified([*ends, last])):
        if step == "opened":
            of_verification.append(opened(case_id, minute))
        else:
            end = concluded(case_id, VerificationOutcome(step))
            at = NOON + timedelta(minutes=minute)
            of_verification.append(end.model_copy(update={"occurred_at": at}))
    of_support: list[Message] = []
    if last is IDENTIFIED:
        asked = requested(case_id, uuid4(), minutes=60)
        told = planned(case_id).model_copy(update={"occurred_at": NOON + timedelta(minutes=59)})
        of_support = [told, asked, moved(asked, ReferralStatus.ACCEPTED, 61)]

    said: VerificationOpened | VerificationConcluded | None = None
    has_plan = False
    left = [of_verification, of_support]
    while any(left):
        sender = data.draw(st.sampled_from([each for each in left if each]))
        message = sender.pop(0)
        TASKS[type(message).__name__](session, [message], NOON)
        said = message if isinstance(message, VerificationOpened | VerificationConcluded) else said
        has_plan |= isinstance(message, PlanOpened)
        is_identified = isinstance(said, VerificationConcluded) and said.outcome is IDENTIFIED
        stands = status(session, case_id)
        if is_identified:
            assert stands == ("in_support" if has_plan else "identified")
        elif isinstance(said, VerificationConcluded):
            assert stands == said.outcome
        elif not has_plan:
            assert stands == ("in_verification" if said else "received")

    expected = {None: "in_verification", IDENTIFIED: "in_support"}.get(last, last)
    assert status(session, case_id) == expected
    steps = domain.find_journey(session, case_id=case_id, subject=OWNER, on=NOON.date())
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    kinds = [step.kind for step in steps if step.kind.startswith(("plan", "referral"))]
    assert kinds == (["plan_opened", "referral_requested", "referral_moved"] if has_plan else [])


def status(session: Session, case_id: Any) -> str:
    found: str = session.execute(select(Case.status).where(Case.id == case_id)).scalar_one()
    return found


def test_an_outcome_that_changes_after_the_plan_is_what_stands(
    session: Session, keys: MasterKeys
) -> None:
    """A verification restored from a backup is decided anew, and perhaps otherwise."""
    submitted = facts(keys)
    receive(session, submitted)
    case_id = submitted.case_id
    seen = []
    for told in [
        concluded(case_id),
        planned(case_id),
        concluded(case_id, VerificationOutcome.NOT_IDENTIFIED),
        opened(case_id),
        concluded(case_id),
    ]:
        TASKS[type(told).__name__](session, [told], NOON)
        seen.append(status(session, case_id))
    assert seen == ["identified", "in_support", "not_identified", "in_support", "in_support"]
