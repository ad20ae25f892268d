"""Offices without a system are written to, by a real mail server on loopback."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.notification import domain
from services.notification.channels.mail import EmailChannel
from services.notification.domain import templates
from services.notification.domain.templates import DraftFacts, TemplateKey
from services.notification.gateways import MailServer, SmtpGateway
from services.notification.policy import AttemptOutcome, DeliveryState, EventType
from services.notification.policy.templates import TemplateReason, Wording
from shared.contracts.vocabulary import ChannelKind, Role
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.texts import TextLanguage
from tests.conftest import wait_until
from tests.notification.builders import MAILBOX, MASTER, Post
from tests.notification.office import MakeOffice, Office
from tests.notification.post_office import BREAK_OFF, PostOffice
from tests.notification.receivers import LOOPBACK, Authority, Receiver
from tests.subjects import somebody

CONSOLE = "https://nhipcau.example"
SENDER = "thong-bao@nhipcau.example"

WORDING = Wording(
    "Mời quý trường trả lời",
    "Kính gửi <quý trường> & các bạn.\n\nTrả lời: {{ answer }}\n\nXem: {{ page }}",
)

MakeMailing = Callable[..., Office]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


@pytest.fixture
def post_office(authority: Authority) -> Iterator[PostOffice]:
    with PostOffice(context=authority.server(LOOPBACK)) as started:
        yield started


@pytest.fixture
def mailing(make_office: MakeOffice, authority: Authority, post_office: PostOffice) -> MakeMailing:
    """A sender that has a mail server."""

    def make(
        *, trusting: ssl.SSLContext | None = None, within: float = 5.0, **server: Any
    ) -> Office:
        place: dict[str, Any] = {"host": LOOPBACK, "port": post_office.port} | server
        mails = SmtpGateway(
            MailServer(**place, hello="nhipcau.example"),
            seconds=within,
            context=trusting or authority.trusting(),
        )
        channel = EmailChannel(mails, sender=SENDER, console=CONSOLE, master=MASTER)
        return make_office(more={ChannelKind.EMAIL: channel})

    return make


def tries(begin: Begin) -> list[tuple[str | None, int | None]]:
    """How each try of the only delivery ended."""
    with begin() as session:
        post = Post(session, utc_now())
        return [(it.outcome, it.smtp_status) for it in post.attempts(post.delivery().id)]


def asked(office: Office, count: int = 1) -> None:
    """A school without a system is asked to take people."""
    with office.at() as post:
        post.requested(post.written_to(), count)


def test_an_office_is_written_to_encrypted_and_learns_what_where_and_of_nobody(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    office = mailing()
    with office.at() as post:
        (told,) = post.requested(post.written_to())
    office.settled(sent=1)
    (got,) = post_office.taken
    assert (got.sender, got.recipient, got.is_encrypted) == (SENDER, MAILBOX, True)
    assert got.mail["Auto-Submitted"] == "auto-generated"
    assert got.mail["Subject"] == "Nhịp Cầu: Có đề nghị tiếp nhận"
    plain = got.mail.get_body(("plain",))
    assert plain is not None
    words = plain.get_content()
    assert f"{CONSOLE}/offers/{told.offer_id}" in words
    whole = got.raw.decode("ascii") + words
    for hidden in (told.case_id, told.referral_id, told.programme_id):
        assert str(hidden) not in whole
    with office.begin() as session:
        delivery = Post(session, utc_now()).delivery()
        assert (delivery.channel, delivery.state) == (ChannelKind.EMAIL, DeliveryState.SENT)
        assert got.mail["Message-ID"] == f"<{delivery.id}@nhipcau.example>"


@pytest.mark.parametrize(
    ("due", "said"),
    [(datetime(2026, 3, 16, 17, tzinfo=UTC), "17/03/2026 00:00"), (None, "?")],
    ids=["known", "unset"],
)
def test_an_office_reads_before_when_its_answer_is_in_time(
    mailing: MakeMailing, post_office: PostOffice, due: datetime | None, said: str
) -> None:
    office = mailing()
    with office.at() as post:
        school = post.written_to()
        post.hand(post.told.request(organisation_id=school, answer_not_due_before=due))
    office.settled(sent=1)
    plain = post_office.taken[0].mail.get_body(("plain",))
    assert plain is not None
    line = f"Trả lời trước thời điểm này là trong hạn, kể cả khi thư đến muộn: {said}"
    assert line in plain.get_content().splitlines()


def test_an_office_reads_the_text_that_was_published_and_which_it_was_is_written_down(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    office = mailing()
    writer, publisher = (
        somebody(new_id(), Role.ADMINISTRATOR, client_id=who) for who in ("writer", "publisher")
    )
    with office.at() as post:
        draft = templates.begin_draft(
            post.session,
            subject=writer,
            key=TemplateKey(EventType.REFERRAL_REQUESTED, ChannelKind.EMAIL),
            facts=DraftFacts(TemplateReason.CLEARER, dict.fromkeys(TextLanguage, WORDING)),
            most=2,
            now=post.now,
        )
        templates.publish_draft(
            post.session,
            subject=publisher,
            version_id=draft.id,
            expected_version=1,
            most=2,
            now=post.now,
        )
        version_id = draft.id
    with office.at() as post:
        (told,) = post.requested(post.written_to())
    office.settled(sent=1)
    (got,) = post_office.taken
    assert got.mail["Subject"] == "Mời quý trường trả lời"
    plain, page = (got.mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    assert plain.get_content().startswith("Kính gửi <quý trường> & các bạn.\r\n\r\nTrả lời: http")
    assert f"Xem: {CONSOLE}/offers/{told.offer_id}" in plain.get_content()
    assert "<p>Kính gửi &lt;quý trường&gt; &amp; các bạn.</p>" in page.get_content()
    with office.begin() as session:
        delivery = Post(session, utc_now()).delivery()
        assert (delivery.template_id, delivery.template_version) == (version_id, 1)


def test_greylisting_lets_in_what_comes_again(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    post_office.at_recipient = ["451 4.7.1 greylisted, come again", "450 4.2.0 not yet"]
    office = mailing()
    asked(office)
    office.settled(sent=1)
    assert tries(office.begin) == [
        (AttemptOutcome.DEFERRED, 451),
        (AttemptOutcome.DEFERRED, 450),
        (AttemptOutcome.SENT, 250),
    ]
    assert len(post_office.taken) == 1


@pytest.mark.parametrize("step", ["at_recipient", "at_mail"])
def test_what_is_refused_for_good_is_sent_once_and_waits_for_a_person(
    mailing: MakeMailing, post_office: PostOffice, step: str
) -> None:
    setattr(post_office, step, ["550 5.1.1 no such mailbox"] * 2)
    office = mailing()
    asked(office)
    office.settled(parked=1)
    assert tries(office.begin) == [(AttemptOutcome.REFUSED, 550)]
    assert post_office.taken == []


def test_a_mail_deferred_at_its_end_comes_again(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    post_office.at_mail = ["452 4.3.1 no room"]
    office = mailing()
    asked(office)
    office.settled(sent=1)
    assert tries(office.begin) == [(AttemptOutcome.DEFERRED, 452), (AttemptOutcome.SENT, 250)]


def test_a_line_that_breaks_after_the_mail_is_unknown_and_the_same_mail_goes_again(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    post_office.at_mail = [BREAK_OFF]
    office = mailing()
    asked(office)
    office.settled(sent=1)
    assert tries(office.begin) == [(AttemptOutcome.UNKNOWN, None), (AttemptOutcome.SENT, 250)]
    first, second = post_office.taken
    assert first.raw == second.raw


def test_a_server_that_never_answers_is_unknown_when_its_time_is_over(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    post_office.hold.clear()
    office = mailing(within=0.4)
    asked(office)
    wait_until(lambda: len(post_office.taken) >= 2)
    post_office.hold.set()
    office.settled(sent=1)
    assert tries(office.begin)[0] == (AttemptOutcome.UNKNOWN, None)
    assert len(set(post_office.message_ids())) == 1


def test_what_keeps_our_own_server_away_is_no_fault_of_an_office(
    mailing: MakeMailing, authority: Authority
) -> None:
    office = mailing(trusting=ssl.create_default_context())
    with office.at() as post:
        school = post.written_to()
        post.requested(school, 6)
    wait_until(lambda: last_codes(office) == {AttemptOutcome.TLS_FAILED})
    with office.begin() as session:
        endpoint = Post(session, utc_now()).endpoint(school)
        assert (endpoint.consecutive_failures, endpoint.paused_until) == (0, None)


def last_codes(office: Office) -> set[str | None]:
    with office.begin() as session:
        return set(session.scalars(text("SELECT last_code FROM deliveries")))


def test_outside_loopback_nothing_is_said_without_encryption(mailing: MakeMailing) -> None:
    with PostOffice() as plain:
        office = mailing(host="localhost", port=plain.port)
        asked(office)
        wait_until(lambda: last_codes(office) == {AttemptOutcome.TLS_FAILED})
        assert plain.reached == []


def test_on_loopback_a_recorder_may_be_told_plainly(mailing: MakeMailing) -> None:
    with PostOffice() as plain:
        office = mailing(port=plain.port)
        asked(office)
        office.settled(sent=1)
        assert [each.is_encrypted for each in plain.taken] == [False]


@pytest.mark.parametrize(
    ("given", "outcome"), [("right", AttemptOutcome.SENT), ("wrong", AttemptOutcome.FAULT)]
)
def test_who_has_to_log_in_does_and_a_wrong_password_is_our_own_fault(
    mailing: MakeMailing, authority: Authority, given: str, outcome: AttemptOutcome
) -> None:
    with PostOffice(context=authority.server(LOOPBACK), password="right") as strict:
        office = mailing(port=strict.port, user="nhipcau", password=given)
        asked(office)
        wait_until(lambda: last_codes(office) == {outcome})


def test_a_sender_without_a_mail_server_leaves_mails_to_one_that_has_it(
    make_office: MakeOffice, mailing: MakeMailing, receiver: Receiver
) -> None:
    without = make_office()
    asked(without)
    with without.at() as post:
        post.requested(post.reachable(url=receiver.url))
    without.settled(delivered=1, pending=1)
    mailing().settled(delivered=1, sent=1)


def test_whoever_has_a_system_is_told_by_it_alone_and_by_mail_once_it_is_gone(
    mailing: MakeMailing, post_office: PostOffice, receiver: Receiver
) -> None:
    office = mailing()
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        post.written_to(school)
        post.requested(school)
    office.settled(delivered=1)
    assert post_office.taken == []
    receiver.always = (410, {})
    with office.at() as post:
        post.requested(school, 2)
    wait_until(lambda: office.states()["sent"] + office.states()["no_endpoint"] == 2)
    with office.at() as post:
        # As the sweep of the relay does.
        domain.release_deliveries(post.session, post.now)
    office.settled(delivered=1, sent=2)


def test_a_mailbox_that_ended_is_not_written_to(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    office = mailing()
    with office.at() as post:
        school = new_id()
        told = post.told.contact_point(school)
        post.hand(told)
        post.hand(told.model_copy(update={"valid_to": post.now}))
        post.requested(school)
    office.settled(no_endpoint=1)
    with office.at() as post:
        post.written_to(school, mailbox="phong-dao-tao@partner.example")
    office.settled(sent=1)
    assert post_office.reached == ["phong-dao-tao@partner.example"]


def test_a_test_of_a_mailbox_is_a_mail_that_asks_nothing(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    office = mailing()
    with office.at() as post:
        school = post.written_to()
        domain.try_endpoint(
            post.session,
            endpoint_id=post.endpoint(school).endpoint_id,
            subject=somebody(school, Role.PROVIDER),
            now=post.now,
        )
    office.settled(sent=1)
    (got,) = post_office.taken
    plain = got.mail.get_body(("plain",))
    assert plain is not None
    assert CONSOLE not in plain.get_content()


def test_a_server_may_speak_tls_from_the_first_byte(
    mailing: MakeMailing, authority: Authority
) -> None:
    with PostOffice(context=authority.server(LOOPBACK), is_tls_implicit=True) as there:
        office = mailing(port=there.port, is_tls_implicit=True)
        asked(office)
        office.settled(sent=1)
        (got,) = there.taken
    assert (got.recipient, got.is_encrypted) == (MAILBOX, True)


def test_whose_certificate_is_not_trusted_is_told_nothing_from_the_first_byte_on(
    mailing: MakeMailing, authority: Authority
) -> None:
    with PostOffice(context=authority.server(LOOPBACK), is_tls_implicit=True) as there:
        office = mailing(
            port=there.port, is_tls_implicit=True, trusting=ssl.create_default_context()
        )
        asked(office)
        wait_until(lambda: last_codes(office) == {AttemptOutcome.TLS_FAILED})
        assert (there.taken, there.reached) == ([], [])


def test_a_server_that_begins_plainly_where_tls_is_expected_is_told_nothing(
    mailing: MakeMailing, post_office: PostOffice
) -> None:
    office = mailing(is_tls_implicit=True)
    asked(office)
    wait_until(lambda: last_codes(office) == {AttemptOutcome.TLS_FAILED})
    assert (post_office.taken, post_office.reached) == ([], [])
