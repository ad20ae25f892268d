"""Operators stop sending by a channel, or to an organisation, and let it go on; nothing is lost."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, update

from services.notification import domain
from services.notification.models import Delivery, SendingChannel
from services.notification.policy import DeliveryState, Duty, SuspensionReason, id_of_channel
from shared.contracts.vocabulary import ChannelKind, Role
from shared.duties import find_duties
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS
from tests.notification.builders import Post
from tests.notification.office import Office
from tests.notification.receivers import Receiver
from tests.subjects import somebody

BASE = "/notification/v1"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]


@pytest.fixture
def operator(token_for: TokenFor) -> Headers:
    return token_for("operator", client_id="ops")


def act(client: TestClient, who: Headers, what: str, **body: Any) -> Response:
    headers = {**who, "Idempotency-Key": str(uuid4())}
    answer: Response = client.post(f"{BASE}/{what}", headers=headers, json=body or None)
    return answer


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def channels(client: TestClient, who: Headers) -> Mapping[str, Any]:
    found = client.get(f"{BASE}/channels", headers=who).json()["items"]
    return {each["channel"]: each for each in found}


def known(post: Post, **how: Any) -> UUID:
    """An organisation that the directory has told of, with an address."""
    organisation_id = post.reachable(**how)
    post.hand(post.told.organisation(organisation_id))
    return organisation_id


def actions(begin: Begin, object_id: UUID) -> list[str]:
    with begin() as session:
        query = select(AUDIT.c.action).where(AUDIT.c.object_id == object_id).order_by(AUDIT.c.id)
        return [it for it in session.scalars(query) if not it.startswith("POST")]


def test_what_is_for_a_suspended_organisation_waits_at_whichever_address_and_then_goes(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    with office.at() as post:
        school = known(post, url=receiver.url)
        other = known(post, url=receiver.url)
    answer = act(client, operator, f"recipients/{school}/suspensions", reason="partner_asked")
    (kept,) = answer.json()["suspensions"]
    assert (kept["part"], kept["suspended_by"], kept["suspension_reason"]) == (
        "organisation", "client:ops", "partner_asked",
    )  # fmt: skip
    with office.at() as post:
        post.reachable(school, url=receiver.url)
        post.requested(school, 2)
        post.requested(other, 1)
    office.settled(pending=2, delivered=1)
    again = act(client, operator, f"recipients/{school}/suspensions", reason="incident")
    assert problem(again) == (409, "organisation-suspended")
    resumed = act(client, operator, f"recipients/{school}/resumptions")
    assert resumed.json()["suspensions"] == []
    office.settled(delivered=3)
    over = act(client, operator, f"recipients/{school}/resumptions")
    assert problem(over) == (409, "organisation-not-suspended")
    with begin() as session:
        assert {each.attempts for each in session.scalars(select(Delivery))} == {1}
    assert actions(begin, school) == ["organisation.suspended", "organisation.resumed"]


def test_what_goes_by_a_suspended_channel_waits_and_what_goes_by_another_does_not(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    channel_id = id_of_channel(ChannelKind.WEBHOOK)
    kept = act(client, operator, "channels/webhook/suspensions", reason="incident").json()
    assert (kept["channel"], kept["suspended_by"], kept["suspension_reason"]) == (
        "webhook", "client:ops", "incident",
    )  # fmt: skip
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        post.requested(school, 2)
        commune = post.written_to()
        post.requested(commune)
        claimed = post.claim()
        assert [each.channel for each in claimed] == [ChannelKind.EMAIL]
        post.record(claimed, 250)
    office.settled(pending=2, sent=1)
    again = act(client, operator, "channels/webhook/suspensions", reason="incident")
    assert problem(again) == (409, "channel-suspended")
    waiting = channels(client, operator)["webhook"]
    assert waiting["states"] == [{"state": "pending", "count": 2}]
    assert waiting["oldest_due_at"] is not None
    resumed = act(client, operator, "channels/webhook/resumptions").json()
    assert resumed["suspended_at"] is None
    office.settled(delivered=2, sent=1)
    assert problem(act(client, operator, "channels/webhook/resumptions")) == (
        409, "channel-not-suspended",
    )  # fmt: skip
    assert actions(begin, channel_id) == ["channel.suspended", "channel.resumed"]


def test_an_organisation_reads_all_that_keeps_something_from_it(
    client: TestClient, operator: Headers, token_for: TokenFor, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school = known(post)
        other = known(post)
        endpoint_id = post.endpoint(school).endpoint_id
    act(client, operator, f"recipients/{school}/suspensions", reason="partner_down")
    act(client, operator, f"endpoints/{endpoint_id}/suspensions", reason="wrong_address")
    act(client, operator, "channels/webhook/suspensions", reason="incident")
    act(client, operator, "channels/sms/suspensions", reason="provider_down")

    def kept(organisation_id: UUID) -> list[tuple[str, str]]:
        mine = token_for("provider", organisation_id=organisation_id)
        (found,) = client.get(f"{BASE}/recipients", headers=mine).json()["items"]
        return [(each["part"], each["suspension_reason"]) for each in found["suspensions"]]

    assert kept(school) == [
        ("organisation", "partner_down"), ("channel", "incident"), ("endpoint", "wrong_address"),
    ]  # fmt: skip
    assert kept(other) == [("channel", "incident")]


def test_a_suspended_organisation_that_is_told_of_again_or_has_no_address_stays_suspended(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    school = uuid4()
    unknown = act(client, operator, f"recipients/{school}/suspensions", reason="incident")
    assert problem(unknown) == (404, "organisation-not-found")
    with begin() as session:
        post = Post(session, utc_now())
        post.hand(post.told.organisation(school))
    act(client, operator, f"recipients/{school}/suspensions", reason="incident")
    with begin() as session:
        post = Post(session, utc_now())
        post.hand(post.told.organisation(school, code="renamed"))
    listed = client.get(f"{BASE}/recipients", headers=operator).json()["items"]
    assert [(it["organisation_id"], len(it["suspensions"])) for it in listed] == [(str(school), 1)]


def test_nothing_is_tested_while_its_channel_or_its_organisation_is_suspended(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school = known(post)
        endpoint_id = post.endpoint(school).endpoint_id
    for what, reason in ((f"recipients/{school}", "incident"), ("channels/webhook", "incident")):
        act(client, operator, f"{what}/suspensions", reason=reason)
        asked = act(client, operator, f"endpoints/{endpoint_id}/tests")
        assert problem(asked) == (409, "endpoint-not-called")
        act(client, operator, f"{what}/resumptions")
    assert act(client, operator, f"endpoints/{endpoint_id}/tests").status_code == 201


def test_whoever_does_not_operate_suspends_no_channel_and_no_organisation(
    client: TestClient, token_for: TokenFor, begin: Begin
) -> None:
    with begin() as session:
        school = known(Post(session, utc_now()))
    for role in Role:
        mine = token_for(role, organisation_id=school)
        for what in (f"recipients/{school}", "channels/webhook"):
            expected = 201 if role is Role.OPERATOR else 403
            asked = act(client, mine, f"{what}/suspensions", reason="incident")
            assert asked.status_code == expected, (role, what)
            assert act(client, mine, f"{what}/resumptions").status_code == expected


def test_what_is_suspended_is_an_operators_duty_from_then_until_it_goes_on(post: Post) -> None:
    school = known(post)
    operator = somebody(uuid4(), Role.OPERATOR)
    provider = somebody(school, Role.PROVIDER)
    facts: dict[str, Any] = {"subject": operator, "now": post.now}
    reason = SuspensionReason.INCIDENT
    domain.suspend_organisation(post.session, organisation_id=school, reason=reason, **facts)
    domain.suspend_channel(post.session, channel=ChannelKind.SMS, reason=reason, **facts)

    def duties(subject: Any) -> Mapping[str, UUID]:
        found, _ = find_duties(
            post.session, domain.DUTIES, subject=subject, now=post.now, after=None, size=100
        )
        assert all(each.is_waiting == (each.what != Duty.MEND_ENDPOINT) for each in found)
        assert all(each.since == post.now.replace(second=0, microsecond=0) for each in found)
        return {each.what: each.object_id for each in found}

    assert duties(operator) == {
        Duty.RESUME_ORGANISATION: school,
        Duty.RESUME_CHANNEL: id_of_channel(ChannelKind.SMS),
    }
    assert duties(provider) == {Duty.MEND_ENDPOINT: post.endpoint(school).endpoint_id}
    domain.resume_organisation(post.session, organisation_id=school, **facts)
    domain.resume_channel(post.session, channel=ChannelKind.SMS, **facts)
    assert duties(operator) == duties(provider) == {}


def test_a_channel_shows_how_its_tries_of_the_last_day_ended(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        commune = post.written_to()
        post.requested(commune, 4)
        first, second, third, fourth = post.claim()
        post.record([first], 250)
        post.record([second, third], 451)
        post.record([fourth], 550)
    email = channels(client, operator)["email"]
    assert {each["state"]: each["count"] for each in email["states"]} == {
        "pending": 2, "sent": 1, "parked": 1,
    }  # fmt: skip
    assert [(each["outcome"], each["count"]) for each in email["errors"]] == [
        ("deferred", 2), ("refused", 1),
    ]  # fmt: skip
    assert email["oldest_due_at"] is None, "what failed is tried again later"
    assert channels(client, operator)["sms"]["states"] == []


def test_a_sender_says_which_channels_it_has(
    client: TestClient, operator: Headers, office: Office, receiver: Receiver
) -> None:
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    office.settled(delivered=1)
    found = channels(client, operator)
    assert found["webhook"]["served_at"] is not None
    assert found["email"]["served_at"] is found["sms"]["served_at"] is None


def alerts(begin: Begin) -> list[Any]:
    with begin() as session:
        query = select(OPERATOR_ALERTS).where(
            OPERATOR_ALERTS.c.kind == AlertKind.CHANNEL_UNSERVED,
            OPERATOR_ALERTS.c.settled_at.is_(None),
        )
        return [each["facts"]["channel"] for each in session.execute(query).mappings()]


@pytest.mark.parametrize("channel", [ChannelKind.EMAIL, ChannelKind.SMS])
def test_mails_and_texts_that_nobody_sends_alert_the_operator_until_somebody_does(
    begin: Begin, channel: ChannelKind
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        told = post.written_to() if channel is ChannelKind.EMAIL else post.texted()
        post.requested(told)
        domain.watch_channels(session, post.now)
    assert alerts(begin) == [], "a sender that starts again is there in minutes"
    with begin() as session:
        session.execute(update(Delivery).values(next_at=utc_now() - timedelta(minutes=6)))
        domain.watch_channels(session, utc_now())
    assert alerts(begin) == [channel]
    with begin() as session:
        domain.note_served(session, [channel])
        domain.watch_channels(session, utc_now())
    assert alerts(begin) == []
    with begin() as session:
        session.execute(update(SendingChannel).values(served_at=utc_now() - timedelta(minutes=6)))
        domain.watch_channels(session, utc_now())
    assert alerts(begin) == [channel]
    with begin() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT, concluded_at=utc_now()))
        domain.watch_channels(session, utc_now())
    assert alerts(begin) == []


def test_a_suspended_channel_is_no_missing_one(begin: Begin) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.written_to())
        session.execute(update(Delivery).values(next_at=utc_now() - timedelta(hours=1)))
        domain.suspend_channel(
            session,
            channel=ChannelKind.EMAIL,
            subject=somebody(uuid4(), Role.OPERATOR),
            reason=SuspensionReason.INCIDENT,
            now=post.now,
        )
        domain.watch_channels(session, post.now)
    assert alerts(begin) == []
