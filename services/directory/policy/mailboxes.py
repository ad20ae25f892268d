"""Mailboxes of offices: which addresses are taken."""

import re

from services.directory.errors import MailboxRefused
from services.directory.policy.webhooks import is_public_host

# The plain form of RFC 5321 section 4.1.2 (dot-string, in ASCII): what every mail server takes, and
# what can end no header and begin no other one.
_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
LONGEST_LOCAL_PART = 64
"""RFC 5321 section 4.5.3.1.1."""


def check_mailbox(mailbox: str) -> None:
    """Raise ``MailboxRefused`` for what is no plain address at a public domain."""
    local_part, _, domain = mailbox.rpartition("@")
    is_plain = _LOCAL_PART.fullmatch(local_part) is not None
    is_short = len(local_part) <= LONGEST_LOCAL_PART
    if not (is_plain and is_short and is_public_host(domain)):
        raise MailboxRefused
