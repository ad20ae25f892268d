"""What a sandbox would send is recorded, ends as its address says, and leaves for nowhere."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification import domain, worker
from services.notification.channels import Channels
from services.notification.errors import RecordingNotFound
from services.notification.models import Recording
from services.notification.policy import AttemptOutcome, DeliveryState, SmsOutcome, verify
from services.notification.settings import NotificationWorkerSettings
from shared.contracts import DeliveryConcluded
from shared.contracts.simulator import SIMULATED, SimulatedOutcome
from shared.contracts.vocabulary import ChannelKind, DeliveryOutcome, Role
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.kit.webhook_secrets import derive_secret
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.conftest import wait_until
from tests.notification.builders import MASTER, Post
from tests.notification.office import MakeOffice, Office
from tests.notification.post_office import PostOffice
from tests.notification.receivers import LOOPBACK, Receiver
from tests.notification.sms_gateway import SECRET, SmsGateway
from tests.subjects import somebody

Told = Callable[[], list[DeliveryConcluded]]
FIELDS = {ChannelKind.WEBHOOK: "url", ChannelKind.EMAIL: "mailbox", ChannelKind.SMS: "number"}
DAYS_AT_ONCE = 1e-6
"""What a second of the schedule lasts where a delivery is tried until it is given up."""
DELIVERED, SENT = DeliveryState.DELIVERED, DeliveryState.SENT
PARKED, UNKNOWN = DeliveryState.PARKED, DeliveryState.UNKNOWN


@pytest.fixture
def gateway_of_sms() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as started:
        yield started


@pytest.fixture
def settings(
    tmp_path: Path, post_office: PostOffice, gateway_of_sms: SmsGateway
) -> NotificationWorkerSettings:
    """A worker with every server and gateway that there is, each of which keeps what it gets."""
    for name, said in (("master", MASTER.hex()), ("secret", SECRET), ("keys", "{}")):
        (tmp_path / name).write_text(said)
    return NotificationWorkerSettings(
        database_url="postgresql://nobody@127.0.0.1/none",
        broker_url="redis://127.0.0.1/0",
        link_keys_file=tmp_path / "keys",
        jwks_file=tmp_path / "keys",
        issuer="https://nhipcau.example",
        webhook_master_file=tmp_path / "master",
        sms_secret_file=tmp_path / "secret",
        allow_loopback=True,
        smtp_host=LOOPBACK,
        smtp_port=post_office.port,
        mail_from="thong-bao@nhipcau.example",
        console_address="https://nhipcau.example",
        sms_gateway_address=gateway_of_sms.address,
        deadline_seconds=1.0,
        is_sandbox=True,
    )


@pytest.fixture
def sandbox(
    make_office: MakeOffice, begin: Begin, settings: NotificationWorkerSettings
) -> Callable[..., Office]:
    """A sender that has every channel, and records what is to be sent to test organisations."""

    def make(recording: Channels | None = None, **limits: Any) -> Office:
        live = worker.make_channels(settings, MASTER)
        records = worker.make_recording(settings, MASTER, begin) if recording is None else recording
        return make_office(more=live, recording=records, **limits)

    return make


def address_of(channel: ChannelKind, outcome: SimulatedOutcome) -> str:
    (found,) = [each for each, gives in SIMULATED[channel].items() if gives is outcome]
    return f"https://{found}/hooks" if channel is ChannelKind.WEBHOOK else found


def told_at(post: Post, channel: ChannelKind, address: str, *, is_test: bool = True) -> UUID:
    """A school that is told there."""
    ways: dict[ChannelKind, Callable[..., UUID]] = {
        ChannelKind.WEBHOOK: post.reachable,
        ChannelKind.EMAIL: post.written_to,
        ChannelKind.SMS: post.texted,
    }
    return ways[channel](**{FIELDS[channel]: address}, is_test=is_test)


def asked(office: Office, channel: ChannelKind, address: str, **facts: Any) -> UUID:
    """The school that is told there is asked to take somebody; the offer."""
    with office.at() as post:
        (told,) = post.requested(told_at(post, channel, address, **facts))
    return told.offer_id


def recordings(begin: Begin) -> list[Recording]:
    """All of them, in the order of their tries."""
    with begin() as session:
        return list(session.scalars(select(Recording).order_by(Recording.number)))


def tries(begin: Begin) -> list[str | None]:
    """How each try of the only delivery ended."""
    with begin() as session:
        post = Post(session, utc_now())
        return [each.outcome for each in post.attempts(post.delivery().id)]


def reported(begin: Begin) -> int:
    """Let the network report what it has to; of how many."""
    with begin() as session:
        return domain.report_recorded(session, utc_now())


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (ChannelKind.WEBHOOK, "{url}"),
        (ChannelKind.EMAIL, "van-phong@truong.edu.vn"),
        (ChannelKind.SMS, "+84912345678"),
    ],
)
def test_nothing_leaves_for_a_test_organisation_even_where_somebody_listens(
    *,
    sandbox: Callable[..., Office],
    receiver: Receiver,
    post_office: PostOffice,
    gateway_of_sms: SmsGateway,
    channel: ChannelKind,
    address: str,
) -> None:
    office = sandbox()
    address = address.format(url=receiver.url)
    arrived = {SENT if channel is not ChannelKind.WEBHOOK else DELIVERED: 1}
    asked(office, channel, address)
    office.settled(**arrived)
    assert (receiver.got, post_office.reached, gateway_of_sms.bodies) == ([], [], [])
    (recording,) = recordings(office.begin)
    assert recording.channel == channel
    # The same address of a live organisation is really written to.
    asked(office, channel, address, is_test=False)
    office.settled(**dict.fromkeys(arrived, 2))
    got = len(receiver.got) + len(post_office.taken) + len(gateway_of_sms.phones)
    assert (got, len(recordings(office.begin))) == (1, 1)


ENDS = {
    (ChannelKind.WEBHOOK, SimulatedOutcome.DELIVERED): (DELIVERED, ["delivered"]),
    (ChannelKind.WEBHOOK, SimulatedOutcome.TEMPORARY_FAILURE): (DELIVERED, ["failed", "delivered"]),
    (ChannelKind.WEBHOOK, SimulatedOutcome.PERMANENT_FAILURE): (PARKED, ["rejected"]),
    (ChannelKind.WEBHOOK, SimulatedOutcome.UNKNOWN): (PARKED, ["unknown"]),
    (ChannelKind.WEBHOOK, SimulatedOutcome.SLOW): (DELIVERED, ["delivered"]),
    (ChannelKind.EMAIL, SimulatedOutcome.DELIVERED): (SENT, ["sent"]),
    (ChannelKind.EMAIL, SimulatedOutcome.TEMPORARY_FAILURE): (SENT, ["deferred", "sent"]),
    (ChannelKind.EMAIL, SimulatedOutcome.PERMANENT_FAILURE): (PARKED, ["refused"]),
    (ChannelKind.EMAIL, SimulatedOutcome.UNKNOWN): (PARKED, ["unknown"]),
    (ChannelKind.EMAIL, SimulatedOutcome.SLOW): (SENT, ["sent"]),
    (ChannelKind.SMS, SimulatedOutcome.DELIVERED): (SENT, ["sent"]),
    (ChannelKind.SMS, SimulatedOutcome.TEMPORARY_FAILURE): (SENT, ["failed", "sent"]),
    (ChannelKind.SMS, SimulatedOutcome.PERMANENT_FAILURE): (PARKED, ["refused"]),
    (ChannelKind.SMS, SimulatedOutcome.UNKNOWN): (PARKED, ["unknown"]),
    (ChannelKind.SMS, SimulatedOutcome.UNDELIVERED): (SENT, ["sent"]),
    (ChannelKind.SMS, SimulatedOutcome.UNREPORTED): (SENT, ["sent"]),
    (ChannelKind.SMS, SimulatedOutcome.SLOW): (SENT, ["sent"]),
}
"""Where a delivery to each simulated recipient stands in the end, and how its tries ended. What is
tried until it is given up ends so each time.
"""


def test_every_simulated_recipient_has_its_end() -> None:
    assert set(ENDS) == {(kind, each) for kind in ChannelKind for each in SIMULATED[kind].values()}


@pytest.mark.parametrize(("recipient", "ends"), ENDS.items(), ids=str)
def test_each_simulated_recipient_gives_its_outcome_by_the_rules_of_its_channel(
    sandbox: Callable[..., Office],
    recipient: tuple[ChannelKind, SimulatedOutcome],
    ends: tuple[DeliveryState, list[str]],
) -> None:
    office = sandbox(unit=DAYS_AT_ONCE)
    asked(office, recipient[0], address_of(*recipient))
    state, outcomes = ends
    office.settled(**{state: 1})
    ended = tries(office.begin)
    if len(outcomes) > 1 or state is not PARKED:
        assert ended == outcomes
    else:
        assert set(ended) == set(outcomes)
    kept = recordings(office.begin)
    assert [each.outcome for each in kept] == ended
    assert [each.number for each in kept] == list(range(1, len(ended) + 1))


def test_what_a_mail_says_is_read_as_its_office_would_and_names_no_mailbox(
    sandbox: Callable[..., Office],
) -> None:
    office = sandbox()
    address = address_of(ChannelKind.EMAIL, SimulatedOutcome.DELIVERED)
    offer_id = asked(office, ChannelKind.EMAIL, address)
    office.settled(sent=1)
    (mail,) = recordings(office.begin)
    assert mail.headers["Subject"] == "Nhịp Cầu: Có đề nghị tiếp nhận"
    assert f"https://nhipcau.example/offers/{offer_id}" in mail.content
    assert "https://nhipcau.example/answer/" in mail.content
    assert address not in mail.content + str(mail.headers)


def test_what_an_sms_says_is_its_text_alone(sandbox: Callable[..., Office]) -> None:
    office = sandbox()
    address = address_of(ChannelKind.SMS, SimulatedOutcome.DELIVERED)
    offer_id = asked(office, ChannelKind.SMS, address)
    office.settled(sent=1)
    (sms,) = recordings(office.begin)
    code = offer_id.hex[-8:].upper()
    assert sms.content == f"Có việc mới cần xử lý. Mã: {code}. Xem trên trang làm việc."
    assert sms.headers == {}


def test_a_recorded_webhook_can_be_verified_with_the_secret_of_its_endpoint(
    sandbox: Callable[..., Office],
) -> None:
    office = sandbox()
    asked(office, ChannelKind.WEBHOOK, address_of(ChannelKind.WEBHOOK, SimulatedOutcome.DELIVERED))
    office.settled(delivered=1)
    (webhook,) = recordings(office.begin)
    with office.begin() as session:
        endpoint = Post(session, utc_now()).endpoint(webhook.organisation_id)
        secret = derive_secret(MASTER, endpoint.endpoint_id, 1)
    at = float(webhook.headers["webhook-timestamp"])
    body = webhook.content.encode()
    assert verify([secret], webhook.headers, body, now=at)
    assert not verify([secret], webhook.headers, body + b" ", now=at)


@pytest.mark.parametrize(
    ("outcome", "report", "state", "concluded"),
    [
        (SimulatedOutcome.DELIVERED, SmsOutcome.DELIVERED, DELIVERED, DeliveryOutcome.DELIVERED),
        (SimulatedOutcome.UNDELIVERED, SmsOutcome.FAILED, PARKED, DeliveryOutcome.PARKED),
        (SimulatedOutcome.UNREPORTED, None, SENT, None),
    ],
)
def test_the_network_reports_of_a_recorded_sms_what_its_number_says_and_once(
    *,
    sandbox: Callable[..., Office],
    told: Told,
    outcome: SimulatedOutcome,
    report: SmsOutcome | None,
    state: DeliveryState,
    concluded: DeliveryOutcome | None,
) -> None:
    office = sandbox()
    asked(office, ChannelKind.SMS, address_of(ChannelKind.SMS, outcome))
    office.settled(sent=1)
    assert told() == []
    assert reported(office.begin) == (report is not None)
    assert reported(office.begin) == 0
    office.settled(**{state: 1})
    assert [each.outcome for each in told()] == ([concluded] if concluded else [])
    (kept,) = recordings(office.begin)
    assert kept.report == report


def test_what_a_sender_has_not_written_down_yet_is_reported_of_later(
    post: Post, session: Session
) -> None:
    number = address_of(ChannelKind.SMS, SimulatedOutcome.DELIVERED)
    post.requested(told_at(post, ChannelKind.SMS, number))
    (claimed,) = post.claim()
    kept = domain.Recorded(claimed, {}, "", AttemptOutcome.SENT, SmsOutcome.DELIVERED)
    for _ in range(2):
        domain.keep_recording(session, kept, now=post.now)
    assert domain.report_recorded(session, post.now) == 0
    post.record([claimed], 202)
    assert domain.report_recorded(session, post.now) == 1
    assert post.delivery().state == DELIVERED


def test_a_person_sees_to_what_failed_for_good(sandbox: Callable[..., Office]) -> None:
    office = sandbox()
    asked(
        office, ChannelKind.EMAIL, address_of(ChannelKind.EMAIL, SimulatedOutcome.PERMANENT_FAILURE)
    )
    office.settled(parked=1)
    with office.begin() as session:
        assert alerts.open_objects(session, AlertKind.DELIVERY_PARKED)


def test_where_nothing_is_recorded_it_waits_and_does_not_leave_either(
    sandbox: Callable[..., Office], receiver: Receiver
) -> None:
    office = sandbox(recording={})
    asked(office, ChannelKind.WEBHOOK, receiver.url)
    asked(office, ChannelKind.WEBHOOK, receiver.url, is_test=False)
    wait_until(lambda: office.states() == {"pending": 1, "delivered": 1})
    assert len(receiver.got) == 1


def test_a_sandbox_without_any_server_or_gateway_records_every_channel(
    make_office: MakeOffice, begin: Begin, settings: NotificationWorkerSettings
) -> None:
    bare = settings.model_copy(
        update={
            "smtp_host": "",
            "mail_from": "",
            "console_address": "",
            "sms_gateway_address": "",
            "sms_secret_file": None,
        }
    )
    office = make_office(recording=worker.make_recording(bare, MASTER, begin))
    for channel in ChannelKind:
        asked(office, channel, address_of(channel, SimulatedOutcome.DELIVERED))
    office.settled(sent=2, delivered=1)
    assert {each.channel for each in recordings(begin)} == set(ChannelKind)


def test_recordings_are_read_the_newest_first_page_by_page_and_by_nobody_else(
    post: Post, session: Session
) -> None:
    school = told_at(post, ChannelKind.SMS, address_of(ChannelKind.SMS, SimulatedOutcome.DELIVERED))
    post.requested(school, 3)
    for seconds, claimed in enumerate(post.claim()):
        kept = domain.Recorded(claimed, {}, str(seconds), AttemptOutcome.SENT, None)
        domain.keep_recording(session, kept, now=post.later(seconds).now)

    def listed(subject: Any, after: UUID | None = None) -> list[domain.RecordingView]:
        return domain.find_recordings(
            session,
            subject=subject,
            organisation_id=None,
            delivery_id=None,
            after=after,
            size=2,
        )

    ours = somebody(school, Role.PROVIDER)
    first = listed(ours)
    second = listed(ours, first[-1].id)
    assert [each.content for each in (*first, *second)] == ["2", "1", "0"]
    others = somebody(new_id(), Role.PROVIDER)
    assert listed(others) == listed(others, first[-1].id) == []
    with pytest.raises(RecordingNotFound):
        domain.find_recording(session, recording_id=first[0].id, subject=others)
    assert domain.find_recording(session, recording_id=first[0].id, subject=ours).content == "2"
