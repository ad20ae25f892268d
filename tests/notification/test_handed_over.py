"""Whom a case was handed to is told of it from then on, and both sides that it was."""

import pytest

from services.notification.errors import CaseNotReceived
from services.notification.policy import EventType
from tests.notification.builders import Post
from tests.notification.test_owners import OTHER_WARD, WARD, owner, told_to


def test_both_sides_learn_that_a_case_was_handed_over_and_then_the_new_one_alone(
    post: Post,
) -> None:
    former, new = owner(post, area_code=WARD), owner(post, area_code=OTHER_WARD)
    case = post.told.first(area_code=WARD)
    post.hand(case)
    told = post.told.handed_over(case_id=case.case_id, former_id=former, responsible_id=new)
    for _ in range(2):
        post.hand(told)
    for side in (former, new):
        said = post.delivery(organisation_id=side, type=EventType.CASE_HANDED_OVER).body["data"]
        assert (said["former_id"], said["responsible_id"]) == (str(former), str(new))
        assert (said["reason"], said["case_id"]) == ("person_moved", str(case.case_id))
    post.hand(post.told.plan(case_id=case.case_id))
    assert told_to(post, new)[EventType.PLAN_OPENED] == 1
    assert EventType.PLAN_OPENED not in told_to(post, former)


def test_a_case_given_back_is_told_to_whoever_holds_its_area(post: Post) -> None:
    area, named = owner(post, area_code=WARD), owner(post, area_code=OTHER_WARD)
    case = post.told.first(area_code=WARD)
    post.hand(case)
    about = {"case_id": case.case_id}
    post.hand(post.told.handed_over(**about, former_id=area, responsible_id=named))
    post.hand(post.told.handed_over(**about, former_id=named, responsible_id=None))
    assert told_to(post, area)[EventType.CASE_HANDED_OVER] == 2
    assert told_to(post, named)[EventType.CASE_HANDED_OVER] == 2
    post.hand(post.told.plan(case_id=case.case_id))
    assert told_to(post, area)[EventType.PLAN_OPENED] == 1


def test_an_organisation_that_was_named_and_is_gone_is_told_nothing_more(post: Post) -> None:
    area, named = owner(post, area_code=WARD), owner(post, area_code=OTHER_WARD)
    case = post.told.first(area_code=WARD)
    post.hand(case)
    told = {"case_id": case.case_id, "former_id": area, "responsible_id": named}
    post.hand(post.told.handed_over(**told))
    post.hand(post.told.organisation(named, is_active=False))
    post.hand(post.told.plan(case_id=case.case_id))
    assert told_to(post, area)[EventType.PLAN_OPENED] == 1


def test_a_hand_over_that_comes_before_the_reception_waits_for_it(post: Post) -> None:
    """Intake tells the one and verification the other: the two are in no order."""
    owner(post)
    with pytest.raises(CaseNotReceived):
        post.hand(post.told.handed_over())
