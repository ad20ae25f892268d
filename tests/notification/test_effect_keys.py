"""Two things are two effects, whenever they happen; one thing is one, however late it is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.policy import (
    Event,
    on_move,
    on_purge,
    on_request,
    on_verification_concluded,
    on_verification_opened,
)
from shared.contracts import PurgeNoticeConcluded
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, VerificationOutcome
from shared.kit.identifiers import new_id
from tests.notification.builders import Post, Told
from tests.told import IN_OUTBOX

TOLD = Told(datetime(2026, 3, 2, 5, 0, tzinfo=UTC))
AGENCY = new_id()

KINDS: list[tuple[str, Any, Callable[[Any], list[Event]]]] = [
    ("offer_id", TOLD.request(), lambda told: [on_request(told, told)]),
    ("move_id", TOLD.move(), lambda told: on_move(told, agency_id=AGENCY)),
    (
        "move_id",
        TOLD.move(status=ReferralStatus.CANCELLED),
        lambda told: on_move(told, agency_id=AGENCY),
    ),
    ("purge_id", TOLD.purge(purge_id=new_id()), on_purge),
    ("move_id", TOLD.opened(move_id=new_id()), on_verification_opened),
    (
        "move_id",
        TOLD.concluded(move_id=new_id()),
        lambda told: on_verification_concluded(told, agency_id=AGENCY),
    ),
]
EVERY = pytest.mark.parametrize(("cause", "told", "events"), KINDS)


def keys(events: list[Event]) -> set[str]:
    return {event.effect_key for event in events}


@EVERY
def test_two_causes_at_one_instant_are_two_effects(
    cause: str, told: Any, events: Callable[[Any], list[Event]]
) -> None:
    other = told.model_copy(update={cause: new_id()})
    assert keys(events(told)).isdisjoint(keys(events(other)))


@EVERY
def test_one_cause_told_at_another_time_is_one_effect(
    cause: str, told: Any, events: Callable[[Any], list[Event]]
) -> None:
    late = told.model_copy(update={"occurred_at": told.occurred_at + timedelta(hours=1)})
    assert getattr(late, cause) == getattr(told, cause)
    assert keys(events(told)) == keys(events(late))


@pytest.mark.parametrize(
    ("told", "events"),
    [(TOLD.purge(), on_purge), (TOLD.opened(), on_verification_opened)],
)
def test_a_message_of_the_release_before_is_known_by_its_time_to_the_microsecond(
    told: Any, events: Callable[[Any], list[Event]]
) -> None:
    later = told.model_copy(update={"occurred_at": told.occurred_at + timedelta(microseconds=1)})
    assert keys(events(told)) == keys(events(told))
    assert keys(events(told)).isdisjoint(keys(events(later)))


def test_a_verification_that_ends_twice_within_a_second_is_told_twice(post: Post) -> None:
    case = post.case()
    post.reachable(case.receiver_id)
    first = post.told.concluded(
        case_id=case.case_id, outcome=VerificationOutcome.NOT_IDENTIFIED, move_id=new_id()
    )
    second = first.model_copy(
        update={"outcome": VerificationOutcome.IDENTIFIED, "move_id": new_id()}
    )
    post.hand(first)
    post.hand(second)
    statuses = [each.body["data"]["status"] for each in post.deliveries()]
    assert sorted(statuses) == ["identified", "not_identified"]


def test_two_purges_within_a_second_are_told_twice(post: Post) -> None:
    owed = post.told.purge(purge_id=new_id())
    post.hand(owed)
    post.hand(owed.model_copy(update={"purge_id": new_id()}))
    assert len(post.deliveries(organisation_id=owed.organisation_id)) == 2


@pytest.mark.parametrize("by_move", [False, True])
def test_how_the_notice_of_a_purge_ends_is_told_with_the_purge_it_is_of(
    post: Post, session: Session, settle: Callable[[], None], *, by_move: bool
) -> None:
    case = post.case()
    school = new_id()
    facts = {"case_id": case.case_id, "organisation_id": school}
    told: Any
    if by_move:
        withdrawn = ReasonCode.CONSENT_WITHDRAWN
        told = post.told.move(status=ReferralStatus.CANCELLED, reason=withdrawn, **facts)
    else:
        told = post.told.purge(purge_id=new_id(), **facts)
    post.hand(told)
    post.reachable(school)
    post.record(post.claim())
    settle()
    bodies = session.scalars(
        select(IN_OUTBOX.c.body)
        .where(IN_OUTBOX.c.type == PurgeNoticeConcluded.type)
        .order_by(IN_OUTBOX.c.sequence)
    )
    heard = [PurgeNoticeConcluded.model_validate(each) for each in bodies]
    assert [each.outcome for each in heard] == ["no_endpoint", "delivered"]
    cause = told.move_id if by_move else told.purge_id
    assert {each.purge_id for each in heard} == {cause}
    assert {(each.offer_id, each.organisation_id) for each in heard} == {(told.offer_id, school)}
