"""Whatever endpoints an organisation has: who is called for what, as it is meant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notification.policy import TOPICS, DeliveryState, EventType
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, EndpointTopic
from shared.kit.identifiers import new_id
from tests.notification.builders import Post
from tests.notification.topics import EVERY, tell


@dataclass(frozen=True)
class Place:
    """Where an organisation is told."""

    endpoint_id: UUID
    channel: ChannelKind
    topic: EndpointTopic | None
    is_active: bool

    def tell_of(self, post: Post, organisation_id: UUID) -> None:
        """As the directory tells of it."""
        ended = None if self.is_active else post.now
        if self.channel is ChannelKind.EMAIL:
            named = {"contact_point_id": self.endpoint_id, "valid_to": ended}
            post.hand(post.told.contact_point(organisation_id, **named))
        elif self.channel is ChannelKind.SMS:
            named = {"contact_point_id": self.endpoint_id, "valid_to": ended}
            post.hand(post.told.contact_number(organisation_id, **named))
        else:
            status = EndpointStatus.ACTIVE if self.is_active else EndpointStatus.DISABLED
            post.hand(
                post.told.endpoint(
                    organisation_id,
                    endpoint_id=self.endpoint_id,
                    status=status,
                    topic=self.topic,
                )
            )


def called_for(kind: EventType, places: Sequence[Place]) -> UUID | None:
    """Who is meant: the system that is for it, else the one for all else, mailbox, number."""
    active = sorted((it for it in places if it.is_active), key=lambda it: it.endpoint_id)
    ways = [
        [it for it in active if it.topic is TOPICS[kind]],
        *(
            [it for it in active if it.topic is None and it.channel is channel]
            for channel in (ChannelKind.WEBHOOK, ChannelKind.EMAIL, ChannelKind.SMS)
        ),
    ]
    return next((way[-1].endpoint_id for way in ways if way), None)


WEBHOOKS = st.tuples(
    st.just(ChannelKind.WEBHOOK), st.sampled_from([None, *EndpointTopic]), st.booleans()
)
OFFICES = st.tuples(st.sampled_from([ChannelKind.EMAIL, ChannelKind.SMS]), st.none(), st.booleans())
ENDPOINTS = st.lists(st.one_of(WEBHOOKS, OFFICES), max_size=7)


def check(post: Post, organisation_id: UUID, places: Sequence[Place], *, is_active: bool) -> None:
    """Everything is claimed for whom it is meant, once; what nobody is meant for is shown so."""
    meant = {kind: called_for(kind, places) if is_active else None for kind in EVERY}
    of = {each.id: each for each in post.deliveries(organisation_id=organisation_id)}
    assert len(of) == len(EVERY)
    for each in of.values():
        is_missing = each.state == DeliveryState.NO_ENDPOINT
        assert is_missing is (meant[EventType(each.type)] is None), each.type
    trying = post.session.begin_nested()
    claimed = post.claim(most=500, per_endpoint=100)
    trying.rollback()
    assert len({each.delivery_id for each in claimed}) == len(claimed)
    assert {each.type: each.endpoint_id for each in claimed} == {
        kind: endpoint_id for kind, endpoint_id in meant.items() if endpoint_id is not None
    }


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(drawn=ENDPOINTS, later=st.lists(st.booleans(), min_size=7, max_size=7), data=st.data())
def test_each_thing_is_for_one_endpoint_whichever_there_are_and_come_to_be(
    post: Post,
    drawn: list[tuple[ChannelKind, EndpointTopic | None, bool]],
    later: list[bool],
    data: st.DataObject,
) -> None:
    example = post.session.begin_nested()
    try:
        school = new_id()
        places = [Place(new_id(), *each) for each in drawn]
        # Messages about different endpoints come in any order.
        for each in data.draw(st.permutations(places)):
            each.tell_of(post, school)
        tell(post, school)
        check(post, school, places, is_active=True)
        changed = [
            replace(each, is_active=it)
            for each, it in zip(places, later[: len(places)], strict=True)
        ]
        for each in data.draw(st.permutations(changed)):
            each.tell_of(post, school)
        check(post, school, changed, is_active=True)
        post.hand(post.told.organisation(school, is_active=False))
        # Nothing is stranded of which nobody ever had an address: it is shown so already.
        check(post, school, changed, is_active=False)
        post.hand(post.told.organisation(school, is_active=True))
        check(post, school, changed, is_active=True)
    finally:
        example.rollback()
