"""Reports of mail servers, as they come back into a folder (RFC 3464, RFC 6522)."""

import mailbox
from email import message_from_string
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

from services.notification.policy import ReturnAddress
from tests.notification.builders import MASTER
from tests.notification.post_office import Taken

BOUNCES = "bounce@nhipcau.example"
RETURNS = ReturnAddress(MASTER, BOUNCES)
STRANGER = ReturnAddress(bytes(32), BOUNCES)
"""Whoever has another key."""


def report(
    returned: Taken,
    *actions: str,
    to: str | None = None,
    is_whole: bool = True,
    returns: str = "message/rfc822",
) -> bytes:
    """What a server on the way says of a mail that it took: ``failed``, ``delayed``, ``relayed``.

    ``returns`` is what of the mail comes back with it; ``is_whole`` whether the report says by its
    type what it is.
    """
    made = MIMEMultipart("report" if is_whole else "mixed")
    made.set_param("report-type", "delivery-status")
    made["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    made["To"] = to or returned.sender
    made["Subject"] = "Undelivered Mail Returned to Sender"
    made["Auto-Submitted"] = "auto-replied"
    made.attach(MIMEText("I'm sorry to have to inform you..."))
    made.attach(_status(returned, actions))
    if returns == "message/rfc822":
        made.attach(MIMEMessage(returned.mail))
    elif returns == "text/rfc822-headers":
        made.attach(_headers(returned.mail))
    return made.as_bytes()


def _status(returned: Taken, actions: tuple[str, ...]) -> MIMEBase:
    blocks = ["Reporting-MTA: dns; mx.example\nArrival-Date: Mon, 2 Mar 2026 12:00:00 +0700\n\n"]
    blocks += [
        f"Final-Recipient: rfc822; {returned.recipient}\nAction: {action}\nStatus: 5.1.1\n\n"
        for action in actions
    ]
    part = MIMEBase("message", "delivery-status")
    part.set_payload([message_from_string(each) for each in blocks])
    return part


def _headers(mail: EmailMessage) -> MIMEText:
    part = MIMEText("".join(f"{name}: {value}\n" for name, value in mail.items()))
    part.set_type("text/rfc822-headers")
    return part


def drop(folder: Path, raw: bytes) -> None:
    """Deliver it there, as whoever delivers into a Maildir does."""
    mailbox.Maildir(folder).add(raw)


def left(folder: Path) -> int:
    """How many mails lie there."""
    return len(mailbox.Maildir(folder, create=False))
