"""Messages in, deliveries out: each message through the handler registered for it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.errors import CaseNotReceived
from services.notification.models import CaseSubscription, Organisation
from services.notification.policy import DeliveryState, EventType
from services.notification.tasks.messages import consumer
from shared.contracts import MESSAGES, DeliveryConcluded, Message, Queue
from shared.contracts.vocabulary import (
    DeliveryOutcome,
    EndpointStatus,
    ReasonCode,
    ReferralStatus,
    Role,
)
from shared.kit.audit import AUDIT
from shared.kit.identifiers import new_id
from shared.messaging import outbox
from tests.notification.builders import Post
from tests.notification.replying import replied
from tests.statements import counted
from tests.subjects import somebody
from tests.told import IN_OUTBOX

ToldBack = Callable[[], list[DeliveryConcluded]]
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_every_message_addressed_here_has_a_handler() -> None:
    addressed = {message for message in MESSAGES if message.is_for(Queue.NOTIFICATION)}
    assert set(consumer.handlers) == addressed


def test_an_organisation_asked_is_told_at_once(post: Post) -> None:
    school = post.reachable()
    (told,) = post.requested(school)
    delivery = post.delivery()
    assert delivery.organisation_id == school
    assert delivery.state == DeliveryState.PENDING
    assert delivery.next_at == post.now
    assert delivery.type == EventType.REFERRAL_REQUESTED
    assert delivery.body["id"] == str(delivery.id)
    assert delivery.body["data"]["referral_id"] == str(told.offer_id)
    assert (delivery.referral_id, delivery.offer_id) == (told.referral_id, told.offer_id)


def test_an_organisation_without_an_endpoint_is_seen_to_have_none(
    post: Post,
    told: ToldBack,
) -> None:
    (asked,) = post.requested(new_id())
    assert post.delivery().state == DeliveryState.NO_ENDPOINT
    (concluded,) = told()
    assert concluded.outcome is DeliveryOutcome.NO_ENDPOINT
    assert concluded.offer_id == asked.offer_id
    assert concluded.delivery_id == post.delivery().id


def test_a_message_told_twice_is_one_delivery(post: Post, told: ToldBack) -> None:
    (asked,) = post.requested(new_id())
    post.later(5).hand(asked)
    assert len(post.deliveries()) == 1
    assert len(told()) == 1


def test_a_move_is_told_to_the_agency_that_submitted_the_case(post: Post) -> None:
    case = post.case()
    post.reachable(case.receiver_id)
    post.hand(post.told.move(case_id=case.case_id))
    delivery = post.delivery()
    assert delivery.organisation_id == case.receiver_id
    assert delivery.body["data"]["case_id"] == str(case.case_id)


def test_a_reply_is_told_to_the_organisation_that_asked_and_to_nobody_else(post: Post) -> None:
    told = replied(post.told.now)
    post.hand(told)
    delivery = post.delivery()
    assert (delivery.organisation_id, delivery.offer_id) == (told.organisation_id, told.offer_id)
    assert delivery.type == EventType.REFERRAL_QUESTION_ANSWERED
    post.hand(told)
    assert len(post.deliveries()) == 1


def test_a_move_taken_back_is_told_to_both(post: Post) -> None:
    case = post.case()
    school = post.reachable()
    post.hand(
        post.told.move(
            case_id=case.case_id,
            organisation_id=school,
            status=ReferralStatus.CANCELLED,
            reason=ReasonCode.CONSENT_WITHDRAWN,
        ),
    )
    types = {each.organisation_id: each.type for each in post.deliveries()}
    assert types == {
        school: EventType.REFERRAL_PURGE,
        case.receiver_id: EventType.REFERRAL_MOVED,
    }


def test_an_agency_that_was_asked_itself_is_told_once_and_in_the_words_for_the_asked(
    post: Post,
) -> None:
    case = post.case()
    move = post.told.move(
        case_id=case.case_id,
        organisation_id=case.receiver_id,
        status=ReferralStatus.CANCELLED,
        reason=ReasonCode.NO_ANSWER,
    )
    post.hand(move)
    assert "case_id" not in post.delivery().body["data"]


@pytest.mark.parametrize("kind", ["move", "opened", "concluded", "plan", "revised", "alert"])
def test_what_comes_before_its_case_waits(post: Post, kind: str) -> None:
    message: Message = getattr(post.told, kind)()
    with pytest.raises(CaseNotReceived):
        post.hand(message)
    assert post.deliveries() == []


def test_an_authority_learns_what_it_has_to_decide(post: Post) -> None:
    case = post.case()
    opened = post.told.opened(case_id=case.case_id)
    post.hand(opened, post.told.opened(case_id=case.case_id, verifier_id=None))
    delivery = post.delivery()
    assert delivery.organisation_id == opened.verifier_id
    assert delivery.body["source"] == "/verification"


def test_an_authority_that_submitted_the_case_learns_both_ends(post: Post) -> None:
    case = post.case()
    opened = post.told.opened(case_id=case.case_id, verifier_id=case.receiver_id)
    post.hand(opened)
    post.hand(
        post.told.concluded(case_id=case.case_id, verification_id=opened.verification_id),
    )
    assert {each.type for each in post.deliveries()} == {
        EventType.VERIFICATION_OPENED,
        EventType.VERIFICATION_CONCLUDED,
    }


def test_a_notice_that_is_no_offer_tells_livelihood_support_nothing(
    post: Post,
    told: ToldBack,
) -> None:
    case = post.case()
    post.hand(post.told.move(case_id=case.case_id))
    post.hand(post.told.concluded(case_id=case.case_id))
    assert len(post.deliveries(state=DeliveryState.NO_ENDPOINT)) == 2
    assert told() == []


def test_the_trace_goes_on_in_what_is_told_back_and_not_in_the_webhook(
    post: Post,
    told: ToldBack,
    session: Session,
) -> None:
    school = post.reachable()
    asked = post.told.request(organisation_id=school)
    session.info[outbox.TRACES] = {asked.case_id: TRACE}
    post.hand(asked)
    session.info.pop(outbox.TRACES)
    claimed = post.claim()
    delivery = post.delivery()
    assert TRACE.split("-")[1] in (delivery.traceparent or "")
    assert TRACE.split("-")[1] not in claimed[0].body.decode()
    assert delivery.body["traceparent"] == claimed[0].traceparent != TRACE
    post.record(claimed)
    told()
    (trace,) = session.scalars(select(IN_OUTBOX.c.traceparent))
    assert trace.split("-")[1] == TRACE.split("-")[1]


def test_what_the_release_before_opened_leaves_without_the_trace_of_the_case(
    post: Post,
    told: ToldBack,
    session: Session,
) -> None:
    """During a roll-out: that release wrote the case's trace into the body."""
    post.requested(post.reachable())
    former = "UPDATE deliveries SET traceparent = NULL, body = body || CAST(:trace AS jsonb)"
    session.execute(text(former), {"trace": f'{{"traceparent": "{TRACE}"}}'})
    (claimed,) = post.claim()
    assert (claimed.traceparent, "traceparent" in claimed.body.decode()) == (None, False)
    subject = somebody(new_id(), Role.OPERATOR)
    seen = domain.find_delivery(session, delivery_id=claimed.delivery_id, subject=subject)
    assert "traceparent" not in seen.event
    post.record([claimed])
    told()
    assert TRACE.split("-")[1] in session.scalars(select(IN_OUTBOX.c.traceparent)).one()


def test_a_new_endpoint_releases_what_waited_and_tells_so(post: Post, told: ToldBack) -> None:
    school = new_id()
    post.requested(school, 3)
    other = post.requested(new_id())[0]
    post.later(3600).reachable(school)
    assert {each.state for each in post.deliveries(organisation_id=school)} == {
        DeliveryState.PENDING,
    }
    assert post.delivery(offer_id=other.offer_id).state == DeliveryState.NO_ENDPOINT
    claimed = post.claim()
    assert len(claimed) == 3
    post.record(claimed)
    outcomes = [each.outcome for each in told() if each.offer_id != other.offer_id]
    assert sorted(outcomes) == [DeliveryOutcome.DELIVERED] * 3 + [DeliveryOutcome.NO_ENDPOINT] * 3


def test_a_disabled_endpoint_strands_what_waits(post: Post) -> None:
    school = new_id()
    endpoint = post.told.endpoint(school)
    post.hand(endpoint)
    post.requested(school)
    disabled = endpoint.model_copy(update={"status": EndpointStatus.DISABLED})
    post.hand(disabled)
    assert post.delivery().state == DeliveryState.NO_ENDPOINT
    assert post.claim() == []


def test_a_defunct_organisation_is_not_called(post: Post) -> None:
    school = post.reachable()
    post.requested(school)
    post.hand(post.told.organisation(school, is_active=False))
    assert post.claim() == []
    assert post.delivery().state == DeliveryState.NO_ENDPOINT
    post.requested(school)
    assert len(post.deliveries(state=DeliveryState.NO_ENDPOINT)) == 2
    post.hand(post.told.organisation(school))
    assert len(post.claim()) == 2


def test_the_youngest_of_two_active_endpoints_is_called(post: Post) -> None:
    school = post.reachable(url="https://old.example/")
    post.reachable(school, url="https://new.example/")
    post.requested(school)
    assert [each.url for each in post.claim()] == ["https://new.example/"]


def test_a_changed_address_gives_a_failing_endpoint_a_fresh_start(post: Post) -> None:
    school = new_id()
    endpoint = post.told.endpoint(school)
    post.hand(endpoint)
    post.requested(school, 6)
    post.record(post.claim(), 500)
    assert post.endpoint(school).paused_until is not None
    assert post.later(1).claim() == []
    mended = post.later(1)
    mended.hand(endpoint.model_copy(update={"url": "https://new.example/", "secret_version": 2}))
    claimed = mended.claim()
    assert len(claimed) == 6
    assert {(each.url, each.secret_version) for each in claimed} == {("https://new.example/", 2)}


def test_what_is_known_of_a_case_and_an_organisation_is_kept_once(
    post: Post,
    session: Session,
) -> None:
    agency = new_id()
    first = post.told.first(receiver_id=agency)
    post.hand(first)
    post.hand(first)
    school = new_id()
    post.hand(post.told.organisation(school))
    post.hand(post.told.organisation(school, code="school-2"))
    assert session.scalars(select(CaseSubscription.organisation_id)).all() == [agency]
    assert session.scalars(select(Organisation.code)).all() == ["school-2"]


@pytest.mark.parametrize("is_owned", [True, False])
@pytest.mark.parametrize("size", [2, 64])
def test_a_frame_takes_a_bounded_number_of_statements(
    post: Post,
    session: Session,
    settle: Callable[[], None],
    size: int,
    *,
    is_owned: bool,
) -> None:
    if is_owned:
        post.hand(post.told.owner(new_id()))
    cases = [post.told.first() for _ in range(size)]
    with counted(session) as subscribing:
        post.hand(*cases)
    moves = [
        post.told.move(case_id=case.case_id, status=ReferralStatus.CANCELLED) for case in cases
    ]
    with counted(session) as announcing:
        post.hand(*moves)
    schools = [post.reachable() for _ in range(3)]
    with counted(session) as asking:
        post.hand(*[post.told.request(organisation_id=schools[n % 3]) for n in range(size)])
        settle()
    # Roles are read in one statement; what nobody owns is kept in one and told of in another. What
    # asks for an answer that is over is cancelled in one.
    taken = [3, 4, 1] if is_owned else [4, 6, 1]
    assert [len(subscribing), len(announcing), len(asking)] == taken
    assert len(post.deliveries()) == (6 if is_owned else 3) * size


def test_what_becomes_of_a_delivery_is_audited_by_its_id(
    post: Post,
    session: Session,
    settle: Callable[[], None],
) -> None:
    school = post.reachable()
    post.requested(school)
    post.record(post.claim())
    settle()
    delivery = post.delivery()
    actions = session.scalars(
        select(AUDIT.c.action).where(AUDIT.c.object_id == delivery.id).order_by(AUDIT.c.id),
    ).all()
    assert actions == ["delivery.delivered"]
