"""Which deliveries and endpoints there are for whom: one's own, or all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.notification import domain
from services.notification.domain import templates
from services.notification.domain.templates import DraftFacts, TemplateKey
from services.notification.errors import DeliveryNotFound
from services.notification.models import Delivery, Endpoint, Recording, Replay
from services.notification.policy import AttemptOutcome, EventType
from services.notification.policy.templates import TemplateReason, Wording
from shared.contracts.vocabulary import ChannelKind, Role
from shared.kit.database import Begin
from shared.messaging.parking import ReplayReason
from shared.texts import TextLanguage
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.reaching import HERE, THINGS, Ask, Lies, Mark, among, expected, shown, told_by, unlisted
from tests.subjects import somebody

BASE = "/notification/v1"
Headers = dict[str, str]

TABLE = """
                                                                operator  others
GET  /notification/v1/deliveries                                ++++      ++--
GET  /notification/v1/deliveries/{delivery_id}                  ++++      ++--
POST /notification/v1/deliveries/{delivery_id}/replays          ++++      xxxx
GET  /notification/v1/recordings                                ++++      ++--
GET  /notification/v1/recordings/{recording_id}                 ++++      ++--
GET  /notification/v1/recipients                                ++++      ++--
POST /notification/v1/recipients/{organisation_id}/suspensions  ++++      xxxx
POST /notification/v1/recipients/{organisation_id}/resumptions  ++++      xxxx
GET  /notification/v1/endpoints                                 ++++      ++--
POST /notification/v1/endpoints/{endpoint_id}/tests             ++++      ++--
POST /notification/v1/endpoints/{endpoint_id}/suspensions       ++++      xxxx
POST /notification/v1/endpoints/{endpoint_id}/resumptions       ++++      xxxx
GET  /notification/v1/replayable-deliveries                     ++++      xxxx
GET  /notification/v1/replays                                   ++++      xxxx
POST /notification/v1/replays                                   ++++      xxxx
GET  /notification/v1/replays/{replay_id}                       ++++      xxxx
POST /notification/v1/replays/{replay_id}/stops                 ++++      xxxx
GET  /notification/v1/channels                                  ++++      xxxx
POST /notification/v1/channels/{channel}/suspensions            ++++      xxxx
POST /notification/v1/channels/{channel}/resumptions            ++++      xxxx
"""

NOTICES = """
                                                   provider case_owner manager receiver verifier
GET  /notification/v1/notices                      ++--     ++--       ++--    ----     ----
POST /notification/v1/notices/readings             ++--     ++--       ----    ----     ----
POST /notification/v1/notices/{notice_id}/readings ++--     ++--       ----    ----     ----
"""

TEMPLATES = """
                                                                 administrator manager others
GET  /notification/v1/templates                                  ++++          ++--    xxxx
GET  /notification/v1/templates/{kind}/{channel}                 ++++          ++--    xxxx
GET  /notification/v1/template-versions                          ++++          ++--    xxxx
GET  /notification/v1/template-versions/{version_id}             ++++          ++--    xxxx
POST /notification/v1/template-versions                          ++++          ++--    xxxx
PUT  /notification/v1/template-versions/{version_id}             ++++          ++--    xxxx
POST /notification/v1/template-versions/{version_id}/publications ++++         ++--    xxxx
POST /notification/v1/template-versions/{version_id}/discards    ++++          ++--    xxxx
"""

_KIND = "vn.nhipcau.plan.opened.v1"
_TEXT = {"reason": "clearer", "wording_vi": "Mã {{ code }}.", "wording_en": "Code {{ code }}."}


@dataclass(frozen=True)
class Made:
    """An organisation's endpoint, a delivery to it, and a draft of what it is to be told."""

    organisation_id: UUID
    delivery_id: UUID
    endpoint_id: UUID
    draft_id: UUID


def make(post: Post, organisation_id: UUID) -> Made:
    post.hand(post.told.organisation(organisation_id, code=f"school-{organisation_id}"))
    post.requested(post.reachable(organisation_id))
    delivery = select(Delivery.id).where(Delivery.organisation_id == organisation_id)
    endpoint = select(Endpoint.endpoint_id).where(Endpoint.organisation_id == organisation_id)
    return Made(
        organisation_id,
        post.session.scalars(delivery).one(),
        post.session.scalars(endpoint).one(),
        drafted(post, organisation_id),
    )


def drafted(post: Post, organisation_id: UUID) -> UUID:
    key = TemplateKey(EventType.PLAN_OPENED, ChannelKind.SMS, organisation_id)
    wording = Wording("", "{{ code }}")
    made = templates.begin_draft(
        post.session,
        subject=somebody(uuid4(), Role.ADMINISTRATOR, client_id="somebody-else"),
        key=key,
        facts=DraftFacts(TemplateReason.CLEARER, dict.fromkeys(TextLanguage, wording)),
        most=2,
        now=post.now,
    )
    return made.id


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, us: UUID) -> Mapping[Lies, Made]:
    """What is sent has no place: here and elsewhere are one."""
    with begin() as session:
        post = Post(session, NOON)
        ours, theirs = make(post, us), make(post, uuid4())
    return {lies: ours if lies.is_own else theirs for lies in THINGS}


def of_notices(client: TestClient, made: Mapping[Lies, Made]) -> Mapping[str, Ask]:
    def notices(headers: Headers, lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/notices", headers=headers), made[lies].delivery_id)

    def reads(headers: Headers, lies: Lies) -> Mark:
        address = f"{BASE}/notices/{made[lies].delivery_id}/readings"
        return told_by(client.post(address, headers=headers | {"Idempotency-Key": str(uuid4())}))

    def reads_all(headers: Headers, lies: Lies) -> Mark:
        body, extra = {"up_to": str(made[lies].delivery_id)}, {"Idempotency-Key": str(uuid4())}
        address = f"{BASE}/notices/readings"
        return told_by(client.post(address, json=body, headers=headers | extra))

    return {
        "GET /notification/v1/notices": notices,
        "POST /notification/v1/notices/readings": reads_all,
        "POST /notification/v1/notices/{notice_id}/readings": reads,
    }


def of_suspensions(client: TestClient, made: Mapping[Lies, Made]) -> Mapping[str, Ask]:
    def changes(place: str, what: str) -> Ask:
        body = {"reason": "incident"} if what == "suspensions" else None

        def acts(headers: Headers, lies: Lies) -> Mark:
            path = place.format(organisation_id=made[lies].organisation_id, channel="email")
            extra = {"Idempotency-Key": str(uuid4())}
            return told_by(client.post(f"{BASE}/{path}/{what}", json=body, headers=headers | extra))

        return acts

    def channels(headers: Headers, _lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/channels", headers=headers), "email", "channel")

    places = ("recipients/{organisation_id}", "channels/{channel}")
    return {
        "GET /notification/v1/channels": channels,
        **{
            f"POST {BASE}/{place}/{what}": changes(place, what)
            for place in places
            for what in ("suspensions", "resumptions")
        },
    }


def of_templates(client: TestClient, made: Mapping[Lies, Made]) -> Mapping[str, Ask]:
    def of_organisation(path: str, **query: str) -> Ask:
        def reads(headers: Headers, lies: Lies) -> Mark:
            asked = query | {"organisation_id": str(made[lies].organisation_id)}
            return told_by(client.get(f"{BASE}/{path}", params=asked, headers=headers))

        return reads

    def of_draft(method: str, what: str = "", body: Any = None) -> Ask:
        def acts(headers: Headers, lies: Lies) -> Mark:
            address = f"{BASE}/template-versions/{made[lies].draft_id}{what}"
            extra = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
            return told_by(client.request(method, address, json=body, headers=headers | extra))

        return acts

    def begins(headers: Headers, lies: Lies) -> Mark:
        whose = str(made[lies].organisation_id)
        body = {**_TEXT, "kind": _KIND, "channel": "sms", "organisation_id": whose}
        extra = {"Idempotency-Key": str(uuid4())}
        address = f"{BASE}/template-versions"
        return told_by(client.post(address, json=body, headers=headers | extra))

    base = f"{BASE}/template-versions"
    return {
        f"GET {BASE}/templates": of_organisation("templates"),
        f"GET {BASE}/templates/{{kind}}/{{channel}}": of_organisation(f"templates/{_KIND}/sms"),
        f"GET {base}": of_organisation("template-versions", kind=_KIND, channel="sms"),
        f"GET {base}/{{version_id}}": of_draft("GET"),
        f"POST {base}": begins,
        f"PUT {base}/{{version_id}}": of_draft("PUT", body=_TEXT),
        f"POST {base}/{{version_id}}/publications": of_draft("POST", "/publications"),
        f"POST {base}/{{version_id}}/discards": of_draft("POST", "/discards"),
    }


@pytest.fixture
def many(begin: Begin) -> UUID:
    """A replay of many, which is nobody's own."""
    facts = {"per_minute": 1, "reason": ReplayReason.CAUSE_FIXED, "started_by": "test"}
    with begin() as session:
        made = Replay(replay_id=uuid4(), started_at=NOON, next_at=NOON, **facts)
        session.add(made)
        session.flush()
        found: UUID = made.replay_id
        return found


@pytest.fixture
def kept(begin: Begin, made: Mapping[Lies, Made]) -> Mapping[Lies, UUID]:
    """A recording of each of them."""
    facts: Mapping[str, Any] = {
        "number": 1, "type": EventType.REFERRAL_REQUESTED, "channel": ChannelKind.SMS,
        "headers": {}, "content": "…", "outcome": AttemptOutcome.SENT, "recorded_at": NOON,
    }  # fmt: skip
    ids = {each.delivery_id: uuid4() for each in made.values()}
    with begin() as session:
        for each in {it.delivery_id: it for it in made.values()}.values():
            place = (ids[each.delivery_id], each.delivery_id, each.organisation_id)
            named = dict(zip(("id", "delivery_id", "organisation_id"), place, strict=True))
            session.add(Recording(**named, **facts))
    return {lies: ids[each.delivery_id] for lies, each in made.items()}


def of_recordings(client: TestClient, kept: Mapping[Lies, UUID]) -> Mapping[str, Ask]:
    def listed(headers: Headers, lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/recordings", headers=headers), kept[lies])

    def reads(headers: Headers, lies: Lies) -> Mark:
        return told_by(client.get(f"{BASE}/recordings/{kept[lies]}", headers=headers))

    return {
        "GET /notification/v1/recordings": listed,
        "GET /notification/v1/recordings/{recording_id}": reads,
    }


def of_replays(client: TestClient, replay: UUID) -> Mapping[str, Ask]:
    def counts(headers: Headers, _lies: Lies) -> Mark:
        return told_by(client.get(f"{BASE}/replayable-deliveries", headers=headers))

    def listed(headers: Headers, _lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/replays", headers=headers), replay, "replay_id")

    def starts(headers: Headers, _lies: Lies) -> Mark:
        body = {"count": 1, "per_minute": 1, "reason": "cause_fixed"}
        extra = {"Idempotency-Key": str(uuid4())}
        return told_by(client.post(f"{BASE}/replays", json=body, headers=headers | extra))

    def reads(headers: Headers, _lies: Lies) -> Mark:
        return told_by(client.get(f"{BASE}/replays/{replay}", headers=headers))

    def stops(headers: Headers, _lies: Lies) -> Mark:
        extra = {"Idempotency-Key": str(uuid4())}
        return told_by(client.post(f"{BASE}/replays/{replay}/stops", headers=headers | extra))

    return {
        "GET /notification/v1/replayable-deliveries": counts,
        "GET /notification/v1/replays": listed,
        "POST /notification/v1/replays": starts,
        "GET /notification/v1/replays/{replay_id}": reads,
        "POST /notification/v1/replays/{replay_id}/stops": stops,
    }


@pytest.fixture
def asks(
    client: TestClient, made: Mapping[Lies, Made], many: UUID, kept: Mapping[Lies, UUID]
) -> Mapping[str, Ask]:
    def listed(headers: Headers, lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/deliveries", headers=headers), made[lies].delivery_id)

    def read(headers: Headers, lies: Lies) -> Mark:
        address = f"{BASE}/deliveries/{made[lies].delivery_id}"
        return told_by(client.get(address, headers=headers))

    def replay(headers: Headers, lies: Lies) -> Mark:
        address = f"{BASE}/deliveries/{made[lies].delivery_id}/replays"
        extra = {"Idempotency-Key": str(uuid4())}
        body = {"reason": "cause_fixed"}
        return told_by(client.post(address, json=body, headers=headers | extra))

    def endpoints(headers: Headers, lies: Lies) -> Mark:
        answer = client.get(f"{BASE}/endpoints", headers=headers)
        return among(answer, made[lies].endpoint_id, "endpoint_id")

    def recipients(headers: Headers, lies: Lies) -> Mark:
        answer = client.get(f"{BASE}/recipients", headers=headers)
        return among(answer, made[lies].organisation_id, "organisation_id")

    def of_endpoint(what: str, **body: str) -> Ask:
        def acts(headers: Headers, lies: Lies) -> Mark:
            address = f"{BASE}/endpoints/{made[lies].endpoint_id}/{what}"
            extra = {"Idempotency-Key": str(uuid4())}
            return told_by(client.post(address, json=body or None, headers=headers | extra))

        return acts

    return {
        **of_notices(client, made),
        **of_suspensions(client, made),
        **of_replays(client, many),
        **of_templates(client, made),
        **of_recordings(client, kept),
        "GET /notification/v1/recipients": recipients,
        "POST /notification/v1/endpoints/{endpoint_id}/tests": of_endpoint("tests"),
        "POST /notification/v1/endpoints/{endpoint_id}/suspensions": of_endpoint(
            "suspensions", reason="incident"
        ),
        "POST /notification/v1/endpoints/{endpoint_id}/resumptions": of_endpoint("resumptions"),
        "GET /notification/v1/deliveries": listed,
        "GET /notification/v1/deliveries/{delivery_id}": read,
        "POST /notification/v1/deliveries/{delivery_id}/replays": replay,
        "GET /notification/v1/endpoints": endpoints,
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: Callable[..., Headers]
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    for table in (TABLE, NOTICES, TEMPLATES):
        assert shown(table, asks, headers_of) == expected(table)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    application: FastAPI = client.app  # type: ignore[assignment]
    listed = [unlisted(application, each) for each in (TABLE, NOTICES, TEMPLATES)]
    assert set.intersection(*listed) == set()


@pytest.mark.parametrize("role", Role, ids=str)
def test_a_list_has_exactly_what_the_single_read_shows(post: Post, role: Role) -> None:
    us, them = uuid4(), uuid4()
    for who in (us, them):
        post.requested(post.reachable(who), 2)
    every = post.session.scalars(select(Delivery.id)).all()
    subject = somebody(us, role, areas=(HERE,))

    def is_read(delivery_id: UUID) -> bool:
        try:
            domain.find_delivery(post.session, delivery_id=delivery_id, subject=subject)
        except DeliveryNotFound:
            return False
        return True

    facts: Mapping[str, Any] = {"state": None, "case_id": None, "after": None, "size": 100}
    found = domain.find_deliveries(post.session, subject=subject, **facts)
    assert {each.id for each in found} == {each for each in every if is_read(each)}
    assert len(found) == (4 if role is Role.OPERATOR else 2)


def test_who_does_not_operate_replays_not_even_its_own(post: Post) -> None:
    us = uuid4()
    mine = make(post, us).delivery_id
    with pytest.raises(DeliveryNotFound):
        domain.replay_delivery(
            post.session,
            delivery_id=mine,
            subject=somebody(us, Role.CASE_OWNER),
            reason=ReplayReason.CAUSE_FIXED,
            actor="test",
            now=post.now,
        )
