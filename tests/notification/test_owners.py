"""Whoever owns a case by area and day learns of it; what nobody owns waits until somebody does."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.errors import CaseNotReceived
from services.notification.models import OwnerlessNews
from services.notification.policy import EventType
from services.notification.policy.deliveries import DeliveryState
from shared.contracts import Message, OfferMade, OrganisationChanged, PlanOpenedV1
from shared.contracts.vocabulary import Queue, ReferralStatus, Role
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS
from tests.notification.builders import Post
from tests.notification.office import Office
from tests.notification.receivers import Receiver
from tests.subjects import somebody

WARD, OTHER_WARD = "11617", "11455"


def life_of(post: Post, **reception: Any) -> list[Message]:
    """What is told of a case from its reception to a referral that was accepted."""
    told = {"case_id": new_id()}
    return [
        post.told.opened(**told, move_id=new_id(), reception=post.told.reception(**reception)),
        post.told.concluded(**told, move_id=new_id()),
        post.told.plan(**told),
        post.told.revised(**told),
        post.told.alert(**told),
        post.told.move(**told),
    ]


def owner(post: Post, **role: Any) -> UUID:
    found = new_id()
    post.hand(post.told.owner(found, **role))
    return found


def told_to(post: Post, organisation_id: UUID) -> Counter[str]:
    return Counter(each.type for each in post.deliveries(organisation_id=organisation_id))


def alerts_of(session: Session, *, settled: bool = False) -> list[UUID]:
    """The cases that are, or were, told to the operator as nobody's."""
    rows = session.execute(
        select(OPERATOR_ALERTS.c.object_id, OPERATOR_ALERTS.c.settled_at).where(
            OPERATOR_ALERTS.c.kind == AlertKind.CASE_WITHOUT_OWNER
        )
    )
    return [row.object_id for row in rows if (row.settled_at is not None) is settled]


WHOLE_LIFE = Counter(
    {
        EventType.CASE_RECEIVED: 1,
        EventType.VERIFICATION_OPENED: 1,
        EventType.VERIFICATION_CONCLUDED: 1,
        EventType.PLAN_OPENED: 1,
        EventType.PLAN_REVISED: 1,
        EventType.ALERT_RAISED: 1,
        EventType.REFERRAL_MOVED: 1,
    },
)


AT_FIRST = {EventType.CASE_RECEIVED: 1, EventType.VERIFICATION_OPENED: 1}


def test_the_owner_learns_that_a_case_came_how_it_was_decided_its_plan_and_every_move(
    post: Post,
) -> None:
    theirs = owner(post)
    for message in life_of(post):
        post.hand(message)
    assert told_to(post, theirs) == WHOLE_LIFE


def test_a_plan_tells_its_owner_and_whom_it_asks_each_what_concerns_them(post: Post) -> None:
    theirs, school = owner(post), post.reachable()
    case = post.case()
    asked = post.told.request(organisation_id=school)
    offer = OfferMade.model_validate(asked.model_dump())
    post.hand(post.told.plan(case_id=case.case_id, asked=(offer,)))
    assert told_to(post, theirs)[EventType.PLAN_OPENED] == 1
    delivery = post.delivery(organisation_id=school)
    assert (delivery.type, delivery.offer_id) == (EventType.REFERRAL_REQUESTED, asked.offer_id)
    assert delivery.referral_id == asked.referral_id
    assert str(case.case_id) not in str(delivery.body)
    # Told again in the form of the release before, it is the same thing.
    post.hand(asked)
    assert post.deliveries(organisation_id=school) == [delivery]


def test_a_plan_of_the_release_before_tells_its_owner(post: Post) -> None:
    theirs = owner(post)
    case = post.case()
    told = post.told.plan(case_id=case.case_id)
    post.hand(PlanOpenedV1(**told.model_dump(exclude={"asked"})))
    post.hand(told)
    assert told_to(post, theirs)[EventType.PLAN_OPENED] == 1


def test_the_alerts_of_every_service_reach_the_owner_with_where_to_read_them(post: Post) -> None:
    theirs = owner(post)
    case = post.case()
    told = [
        make(case_id=case.case_id)
        for make in (post.told.urgent, post.told.standstill, post.told.alert)
    ]
    for alert in (*told, *told):
        post.hand(alert)
    found = post.deliveries(organisation_id=theirs, type=EventType.ALERT_RAISED)
    data = {each.body["data"]["alert_id"]: each.body["data"] for each in found}
    assert len(found) == len(data) == len(told)
    for alert in told:
        said = data[str(alert.alert_id)]
        assert (said["kind"], said["must_act"]) == (alert.kind, "case_owner")
        service = Queue(alert.source).segment
        assert said["link"] == f"/{service}/v1/alerts?case_id={case.case_id}"


def test_a_message_told_again_tells_the_owner_nothing_again(post: Post) -> None:
    theirs = owner(post)
    for message in [*(life := life_of(post)), *life]:
        post.hand(message)
    assert told_to(post, theirs) == WHOLE_LIFE


def test_an_agency_that_owns_its_case_is_told_once_and_as_its_owner(post: Post) -> None:
    theirs = owner(post)
    received, *_, moved = life_of(post, receiver_id=theirs)
    post.hand(received)
    post.hand(moved)
    told = post.delivery(organisation_id=theirs, type=EventType.REFERRAL_MOVED)
    assert told.body["data"]["code"] == moved.code  # type: ignore[attr-defined]
    assert told.body["data"]["referral_id"] == str(moved.referral_id)  # type: ignore[attr-defined]


def test_an_owner_that_is_asked_itself_learns_first_what_it_has_to_do(post: Post) -> None:
    theirs = owner(post)
    case = post.case()
    moved = post.told.move(
        case_id=case.case_id, organisation_id=theirs, status=ReferralStatus.CANCELLED
    )
    post.hand(moved)
    told = post.delivery(organisation_id=theirs, type=EventType.REFERRAL_MOVED)
    assert told.offer_id == moved.offer_id
    assert "case_id" not in told.body["data"]


def test_what_an_owner_reads_names_no_offer_and_no_organisation(post: Post) -> None:
    theirs = owner(post)
    *_, moved = life = life_of(post)
    for message in life:
        post.hand(message)
    secret = {str(moved.offer_id), str(moved.organisation_id)}  # type: ignore[attr-defined]
    subject = somebody(theirs, Role.CASE_OWNER)
    for each in post.deliveries(organisation_id=theirs):
        shown = domain.find_delivery(post.session, delivery_id=each.id, subject=subject)
        assert shown.offer_id is None
        assert not any(value in str(each.body) for value in secret)


def test_the_nearest_owner_is_told_and_no_other(post: Post) -> None:
    city, ward, other = owner(post), owner(post, area_code=WARD), owner(post, area_code=OTHER_WARD)
    post.hand(post.told.first(area_code=WARD))
    assert [bool(told_to(post, each)) for each in (city, ward, other)] == [False, True, False]


def test_who_owns_a_case_is_asked_on_the_day_of_the_news(post: Post) -> None:
    today = local_date(post.now)
    before = owner(post, valid_to=today + timedelta(days=10))
    after = owner(post, valid_from=today + timedelta(days=10))
    first = post.told.first()
    post.hand(first)
    later = post.later(timedelta(days=11).total_seconds())
    later.hand(later.told.move(case_id=first.case_id))
    assert told_to(post, before) == AT_FIRST
    assert told_to(post, after) == {EventType.REFERRAL_MOVED: 1}


def test_news_of_a_case_that_nobody_owns_is_one_alert_and_told_to_the_first_who_does(
    post: Post, session: Session
) -> None:
    life = life_of(post)
    for message in life:
        post.hand(message)
    (case_id,) = alerts_of(session)
    assert case_id == life[0].aggregate_id
    assert not domain.tell_owners(session, post.now)

    theirs = owner(post)
    assert domain.tell_owners(session, post.now) == 1
    assert told_to(post, theirs) == WHOLE_LIFE
    assert alerts_of(session) == []
    assert alerts_of(session, settled=True) == [case_id]
    assert session.scalars(select(OwnerlessNews)).all() == []
    assert not domain.tell_owners(session, post.now)


def test_however_many_cases_wait_for_an_owner_some_of_them_are_told(
    post: Post, session: Session
) -> None:
    """A statement has at most 65535 parameters."""
    cases = {"cases": 65_536, "agency": new_id(), "now": post.now, "today": local_date(post.now)}
    for statement in (
        """
        INSERT INTO case_subscriptions (case_id, organisation_id, area_code, area_told_on)
        SELECT gen_random_uuid(), :agency, '11617', :today FROM generate_series(1, :cases)
        """,
        """
        INSERT INTO ownerless_news (id, type, source, cause_id, case_id, subject, data,
                                    occurred_at, noted_at)
        SELECT gen_random_uuid(), 'vn.nhipcau.case.received.v1', 'intake', case_id, case_id,
               'case/' || case_id, '{}', :now, :now FROM case_subscriptions
        """,
    ):
        session.execute(text(statement), cases)
    theirs = owner(post)
    assert domain.tell_owners(session, post.now) == 50
    assert told_to(post, theirs) == {EventType.CASE_RECEIVED: 50}


def test_a_role_that_begins_later_is_told_on_its_first_day(post: Post, session: Session) -> None:
    post.hand(post.told.first())
    theirs = owner(post, valid_from=local_date(post.now) + timedelta(days=1))
    assert not domain.tell_owners(session, post.now)
    assert domain.tell_owners(session, post.now + timedelta(days=1)) == 1
    assert told_to(post, theirs) == AT_FIRST


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": ()}], ids=str)
def test_an_organisation_that_lost_the_role_is_told_no_more(
    post: Post, change: dict[str, Any]
) -> None:
    theirs = owner(post)
    held: OrganisationChanged = post.told.owner(theirs)
    post.hand(held.model_copy(update=change))
    post.hand(post.told.first())
    assert not told_to(post, theirs)


def test_a_case_that_an_earlier_release_noted_is_the_citys(post: Post, session: Session) -> None:
    theirs, case_id = owner(post), new_id()
    session.execute(
        text("INSERT INTO case_subscriptions (case_id, organisation_id) VALUES (:case, :agency)"),
        {"case": case_id, "agency": new_id()},
    )
    post.hand(post.told.move(case_id=case_id))
    assert told_to(post, theirs) == {EventType.REFERRAL_MOVED: 1}


def test_an_alert_that_is_raised_again_is_told_again_and_names_nobody(post: Post) -> None:
    theirs, case = owner(post), post.case()
    for alert in (post.told.alert(case_id=case.case_id), post.told.alert(case_id=case.case_id)):
        post.hand(alert)
        post.hand(alert)
    told = post.deliveries(organisation_id=theirs, type=EventType.ALERT_RAISED)
    assert len(told) == 2
    assert {"case_id", "alert_id", "kind", "must_act", "since"} <= set(told[0].body["data"])
    assert told[0].body["data"]["since"] == "2026-03-02T05:00:00Z"


def test_a_whole_life_reaches_the_system_of_the_owner(office: Office, receiver: Receiver) -> None:
    with office.at() as post:
        theirs = owner(post)
        post.reachable(theirs, url=receiver.url)
        life = life_of(post)
    for message in life:
        with office.at() as post:
            post.hand(message)
    # The verifier, and the agency twice, have no address.
    office.settled(**{DeliveryState.DELIVERED: 7, DeliveryState.NO_ENDPOINT: 3})
    assert Counter(orjson.loads(each.body)["type"] for each in receiver.got) == WHOLE_LIFE


@pytest.mark.parametrize("is_urgent", [True, False])
@pytest.mark.parametrize("step", ["opened", "concluded"])
def test_the_first_step_of_a_verification_tells_of_the_reception_as_intake_would(
    post: Post, step: str, is_urgent: bool
) -> None:
    theirs = owner(post)
    received = post.told.reception(
        has_immediate_needs=is_urgent, told_at=post.now - timedelta(hours=2)
    )
    first: Message = getattr(post.told, step)(reception=received)
    post.hand(first)
    case_id = str(first.aggregate_id)
    body = post.delivery(organisation_id=theirs, type=EventType.CASE_RECEIVED).body
    assert (body["source"], body["subject"]) == ("/intake", f"case/{case_id}")
    assert body["time"] == "2026-03-02T03:00:00Z", "when intake told it"
    assert body["data"] == {
        "case_id": case_id,
        "case_code": received.case_code,
        "link": f"/intake/v1/cases/{case_id}",
        **({"alert": "immediate_needs"} if is_urgent else {}),
    }
    assert len(post.deliveries(organisation_id=theirs)) == 2, "and of the step"


def test_a_conclusion_that_comes_first_brings_its_case_and_whoever_follows_it(post: Post) -> None:
    agency = new_id()
    first = post.told.concluded(reception=post.told.reception(receiver_id=agency))
    with pytest.raises(CaseNotReceived):
        post.hand(post.told.plan(case_id=first.case_id))
    post.hand(first, post.told.concluded(case_id=post.case().case_id))
    assert told_to(post, agency) == {EventType.VERIFICATION_CONCLUDED: 1}
    post.hand(post.told.plan(case_id=first.case_id))


@pytest.mark.parametrize("order", [1, -1])
def test_a_reception_that_the_release_before_told_too_is_told_once(post: Post, order: int) -> None:
    theirs = owner(post)
    before = post.told.case()
    facts = before.model_dump(include={"case_code", "receiver_id", "area_code"})
    since = post.told.concluded(
        case_id=before.case_id, reception=post.told.reception(**facts, told_at=before.occurred_at)
    )
    for message in (before, since)[::order]:
        post.hand(message)
    assert told_to(post, theirs) == {
        EventType.CASE_RECEIVED: 1,
        EventType.VERIFICATION_CONCLUDED: 1,
    }
    (said,) = post.deliveries(organisation_id=theirs, type=EventType.CASE_RECEIVED)
    assert said.body["source"] == "/intake"


def test_what_cannot_wait_does_not_wait_for_verification(post: Post) -> None:
    city, ward = owner(post), owner(post, area_code=WARD)
    post.hand(post.told.urgent(area_code=WARD))
    assert told_to(post, ward) == {EventType.ALERT_RAISED: 1}
    assert not told_to(post, city)


def test_what_cannot_wait_as_the_release_before_told_it_waits_for_its_case(post: Post) -> None:
    theirs = owner(post)
    urgent = post.told.urgent()
    with pytest.raises(CaseNotReceived):
        post.hand(urgent)
    post.hand(post.told.case(case_id=urgent.case_id))
    post.hand(urgent)
    assert told_to(post, theirs)[EventType.ALERT_RAISED] == 1


def test_what_cannot_wait_and_nobody_owns_is_told_when_its_case_is_known(
    post: Post, session: Session
) -> None:
    first = post.told.first()
    post.hand(post.told.urgent(case_id=first.case_id, area_code="11359"))
    assert alerts_of(session) == [first.case_id], "the operator is told at once"
    theirs = owner(post)
    post.hand(first)
    assert domain.tell_owners(session, post.now) == 1
    assert told_to(post, theirs) == {**AT_FIRST, EventType.ALERT_RAISED: 1}


@pytest.mark.parametrize("is_dated", [True, False])
def test_an_area_is_a_unit_of_the_day_it_is_told_with(post: Post, *, is_dated: bool) -> None:
    """Ward 10543 lay in district 288; the ward that has its number since July 2025 is larger."""
    organisation_id = owner(post, area_code="288")
    dated = {"area_on": date(2025, 3, 1)} if is_dated else {}
    post.hand(post.told.first(area_code="10543", **dated))
    alert = post.told.urgent(area_code="10543", **dated)
    post.hand(alert)
    expected = Counter({**AT_FIRST, EventType.ALERT_RAISED: 1}) if is_dated else Counter()
    assert told_to(post, organisation_id) == expected
