"""What comes back is believed of a mail of ours alone, by an address that nobody can make up."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import LONGEST_NAME, Bounce, Bounced, ReturnAddress, read_bounce
from services.notification.policy.bounces import LONGEST_LOCAL_PART
from shared.kit.identifiers import new_id
from tests.notification.bouncing import BOUNCES, RETURNS, STRANGER, report
from tests.notification.post_office import Taken

MAILS = st.uuids()
TRIES = st.integers(0, 2**32 - 1)


def taken(mail_id: UUID, *, sender: str | None = None, tries: int = 0) -> Taken:
    """A mail of ours as a server on the way has it."""
    raw = f"Message-ID: <{mail_id}@nhipcau.example>\r\nSubject: Nhip Cau\r\n\r\nx\r\n".encode()
    return Taken(sender or RETURNS.of(mail_id, tries), "vp@truong.example", True, raw)


@given(MAILS, TRIES)
def test_an_address_says_its_mail_also_in_capital_letters_and_fits(mail: UUID, tries: int) -> None:
    address = RETURNS.of(mail, tries)
    assert RETURNS.read(address) == RETURNS.read(address.upper()) == (mail, tries)
    local_part, _, domain = address.partition("@")
    assert domain == "nhipcau.example"
    assert set(local_part) <= set(string.ascii_lowercase + string.digits + "+")
    longest = ReturnAddress(bytes(32), f"{'b' * LONGEST_NAME}@nhipcau.example").of(mail, tries)
    assert len(longest.partition("@")[0]) == LONGEST_LOCAL_PART


@given(MAILS, TRIES, st.data())
def test_an_address_that_differs_in_one_letter_is_none(
    mail: UUID, tries: int, data: st.DataObject
) -> None:
    name, _, rest = RETURNS.of(mail, tries).partition("+")
    sealed, _, domain = rest.partition("@")
    at = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase + "234567"))
    if letter != sealed[at]:
        assert RETURNS.read(f"{name}+{sealed[:at]}{letter}{sealed[at + 1 :]}@{domain}") is None


@given(MAILS)
def test_another_key_another_mailbox_and_no_seal_are_none(mail: UUID) -> None:
    assert RETURNS.read(STRANGER.of(mail)) is None
    assert RETURNS.read(RETURNS.of(mail).replace("bounce+", "other+")) is None
    assert RETURNS.read(RETURNS.of(mail).replace("nhipcau.example", "other.example")) is None
    assert RETURNS.read(BOUNCES) is None
    assert RETURNS.read(f"bounce+{mail}@nhipcau.example") is None


@pytest.mark.parametrize("mailbox", ["", "bounce", "@x.example", f"{'b' * 16}@x.example"])
def test_a_mailbox_that_no_seal_fits_beside_is_refused(mailbox: str) -> None:
    with pytest.raises(ValueError, match="return address"):
        ReturnAddress(bytes(32), mailbox)


@pytest.mark.parametrize("returns", ["message/rfc822", "text/rfc822-headers", "nothing"])
@pytest.mark.parametrize("bounce", Bounce)
def test_a_report_says_what_became_of_which_mail(bounce: Bounce, returns: str) -> None:
    mail = new_id()
    raw = report(taken(mail, tries=3), bounce.capitalize(), returns=returns)
    assert read_bounce(RETURNS, raw) == Bounced(mail, 3, bounce)


def test_what_failed_outweighs_what_is_late() -> None:
    found = read_bounce(RETURNS, report(taken(new_id()), "delayed", "failed"))
    assert found is not None
    assert found.bounce is Bounce.FAILED


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", ""])
def test_what_arrived_or_was_handed_on_is_no_news(action: str) -> None:
    assert read_bounce(RETURNS, report(taken(new_id()), action)) is None


def test_a_mail_that_is_no_report_says_nothing() -> None:
    assert read_bounce(RETURNS, report(taken(new_id()), "failed", is_whole=False)) is None
    away = f"To: {RETURNS.of(new_id())}\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\n"
    assert read_bounce(RETURNS, away.encode()) is None


def test_a_report_to_an_address_that_was_not_sealed_says_nothing() -> None:
    mail = new_id()
    for sender in (STRANGER.of(mail), BOUNCES, f"bounce+{mail}@nhipcau.example"):
        assert read_bounce(RETURNS, report(taken(mail, sender=sender), "failed")) is None


@pytest.mark.parametrize("returns", ["message/rfc822", "text/rfc822-headers"])
def test_an_address_sealed_for_one_mail_says_nothing_of_another(returns: str) -> None:
    other = taken(new_id(), sender=RETURNS.of(new_id()))
    assert read_bounce(RETURNS, report(other, "failed", returns=returns)) is None


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_whoever_delivers_may_say_where_it_came_to(name: str) -> None:
    mail = new_id()
    raw = report(taken(mail), "failed", to="undisclosed-recipients:;")
    address = f"{name}: {RETURNS.of(mail)}\n".encode()
    assert read_bounce(RETURNS, address + raw) == Bounced(mail, 0, Bounce.FAILED)


@given(st.binary(max_size=400))
def test_whatever_else_comes_is_nothing(junk: bytes) -> None:
    assert read_bounce(RETURNS, junk) is None
    to = f"To: {RETURNS.of(UUID(int=1))}\r\n".encode()
    kind = b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
    assert read_bounce(RETURNS, to + kind + junk) is None


@given(st.integers(0, 2000), st.binary(max_size=20))
def test_a_report_that_was_cut_or_broken_ends_nothing(at: int, junk: bytes) -> None:
    raw = report(taken(UUID(int=7)), "failed")
    found = read_bounce(RETURNS, raw[:at] + junk + raw[at:])
    assert found is None or found.mail_id == UUID(int=7)
    cut = read_bounce(RETURNS, raw[:at])
    assert cut is None or cut.mail_id == UUID(int=7)


POSTFIX = """\
Return-Path: <>
X-Original-To: {to}
Delivered-To: {to}
Date: Mon,  2 Mar 2026 12:05:00 +0700 (+07)
From: MAILER-DAEMON@mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="A1B2.1772427900/mail.example"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--A1B2.1772427900/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mail.example.

<vp@truong.example>: host mx.truong.example[192.0.2.7] said: 550 5.1.1 User unknown

--A1B2.1772427900/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
X-Postfix-Queue-ID: A1B2
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Mon,  2 Mar 2026 12:00:00 +0700 (+07)

Final-Recipient: rfc822; vp@truong.example
Original-Recipient: rfc822;vp@truong.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.truong.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--A1B2.1772427900/mail.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Return-Path: <{to}>
Message-ID: <{mail}@nhipcau.example>
Subject: Nhip Cau

x

--A1B2.1772427900/mail.example--
"""
EXIM = """\
Return-path: <>
Envelope-to: {to}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.example>
To: {to}
Content-Type: multipart/report; report-type=delivery-status; boundary=1772427900-eximdsn-1
MIME-Version: 1.0
Subject: Warning: message 1vx delayed 24 hours

--1772427900-eximdsn-1
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

--1772427900-eximdsn-1
Content-type: message/delivery-status

Reporting-MTA: dns; mail.example

Action: delayed
Final-Recipient: rfc822;vp@truong.example
Status: 4.0.0
Will-Retry-Until: Sat, 7 Mar 2026 12:00:00 +0700

--1772427900-eximdsn-1
Content-type: text/rfc822-headers

Message-ID: <{mail}@nhipcau.example>
Subject: Nhip Cau

--1772427900-eximdsn-1--
"""


@pytest.mark.parametrize(
    ("form", "bounce"), [(POSTFIX, Bounce.FAILED), (EXIM, Bounce.DELAYED)], ids=["Postfix", "Exim"]
)
def test_reports_are_read_as_postfix_and_exim_write_them(form: str, bounce: Bounce) -> None:
    mail = new_id()
    raw = form.format(to=RETURNS.of(mail, 2), mail=mail).encode()
    assert read_bounce(RETURNS, raw) == Bounced(mail, 2, bounce)
