"""What people of an organisation must do in the directory."""

from datetime import timedelta
from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about what the directory says."""

    ASSURE_PROGRAMME = "assure_programme"
    """Nobody is sent to a programme that nobody answers for: its organisation says it is right."""
    GIVE_LINK = "give_link"
    """A person has an account, no password and no link that could set one: the manager makes one.
    """
    RENEW_GRANT = "renew_grant"
    """What somebody may do ends soon: the manager renews it, or lets it end."""
    RENEW_ENDPOINT = "renew_endpoint"
    """A receiver said that its address is gone: whoever has a new one registers it."""

    RENEW_MAILBOX = "renew_mailbox"
    """One's own mailbox refuses what is written there: name another, or confirm it again."""
    RENEW_PHONE = "renew_phone"
    """One's own phone takes no SMS: name another, or confirm it again."""
    REACH_COLLEAGUE = "reach_colleague"
    """What was urgent came to somebody by none of the ways they named: their manager tells them."""
    RENEW_OFFICE_MAILBOX = "renew_office_mailbox"
    """The mailbox of the office refuses its weekly page: whoever has another one registers it."""

    PUBLISH_RULE = "publish_rule"
    """A row of the law waits that somebody else proposed: publish it, or give it up."""


ASSURE_BEFORE = timedelta(days=14)
"""How long before an assurance ends somebody is asked for the next one. No period of any law: two
weeks in which somebody is at work."""
RENEW_BEFORE = timedelta(days=14)
"""The same of what a person may do."""
