"""The closed vocabularies that only the directory uses."""

from enum import StrEnum


class DeviceKind(StrEnum):
    """What somebody logs in with, as far as it is worth telling them."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    UNKNOWN = "unknown"


class LinkPurpose(StrEnum):
    """What somebody sets anew with a link or a slip."""

    PASSWORD = "password"  # noqa: S105 - the name of a purpose
    """The password; a second factor that there is stays."""
    EVERYTHING = "everything"
    """The password and the second factor: an invitation, or whoever lost both."""


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    """Its owner ended it from another one."""
    DEACTIVATED = "deactivated"
    """The account was deactivated."""
    RESET = "reset"
    """A link was made, or the password was changed."""


class LogInStep(StrEnum):
    """What comes next for somebody whose password was right."""

    DONE = "done"
    SECOND_FACTOR = "second_factor"
    """A code of the authenticator app, or a recovery code."""
    SET_UP = "set_up"
    """An authenticator app has to be set up: the account's roles need one."""


class AccountEvent(StrEnum):
    """What happens to an account: entries of the audit that its owner reads, too."""

    REGISTERED = "staff.registered"
    CHANGED = "staff.changed"
    MANAGER_APPOINTED = "staff.manager_appointed"
    """An administrator gave the organisation another manager, as its managers read as well."""
    LINK_MADE = "staff.link_made"
    LOG_IN = "account.log_in"
    PASSWORD_SET = "account.password_set"  # noqa: S105 - the name of an event
    SECOND_FACTOR_SET = "account.second_factor_set"
    OUTSIDE_BOUND = "account.outside_bound"
    """From now on an identity provider of the organisation vouches for the person."""
    RECOVERY_CODE_USED = "account.recovery_code_used"
    RECOVERY_CODES_MADE = "account.recovery_codes_made"
    PASSKEY_ADDED = "account.passkey_added"
    PASSKEY_REMOVED = "account.passkey_removed"
    CONFIRMED = "account.confirmed"
    """Somebody who is logged in showed again who it is, to change how they log in."""
    SESSION_ENDED = "account.session_ended"
    MAILBOX_GIVEN = "account.mailbox_given"
    """The person named a mailbox; nothing but a code goes there until the code has come back."""
    MAILBOX_CONFIRMED = "account.mailbox_confirmed"
    MAILBOX_ENDED = "account.mailbox_ended"
    MAILBOX_REFUSED = "account.mailbox_refused"
    """It did not take what was written there, for good."""
    MAILBOX_STOPPED = "account.mailbox_stopped"
    """It refused too often: nothing is written there until the person confirms it again."""
    PHONE_GIVEN = "account.phone_given"
    """The person named a phone; nothing but a code goes there until the code has come back."""
    PHONE_CONFIRMED = "account.phone_confirmed"
    PHONE_ENDED = "account.phone_ended"
    PHONE_REFUSED = "account.phone_refused"
    """It did not take what was sent there, for good."""
    PHONE_STOPPED = "account.phone_stopped"
    """It refused too often: nothing is sent there until the person confirms it again."""
    SETTINGS_CHANGED = "account.settings_changed"
    UNSUBSCRIBED = "account.unsubscribed"
    """Whoever reads the mailbox ended digests by the link of one of them."""


class OfficeEvent(StrEnum):
    """What happens to the answer code and to the mailbox of an office: entries of the audit."""

    CODE_AGREED = "answer_code.agreed"
    CODE_GIVEN = "answer_code.given"
    """Somebody gave it, with the link of a mail; or what was no code of this office."""
    MAILBOX_REFUSED = "contact_point.refused"
    """The mailbox did not take the weekly page, for good."""
    MAILBOX_STOPPED = "contact_point.stopped"
    """It refused too often: no weekly page goes there until it is registered again."""


class LogInOutcome(StrEnum):
    """How a try to log in ended; whoever tried is not told which refusal it was."""

    DONE = "done"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of an outcome
    WRONG_CODE = "wrong_code"
    WRONG_LINK = "wrong_link"
    """No link has this code, or it was used, replaced, or is over."""
    NOT_SET_UP = "not_set_up"
    """An app was to be set up, by somebody without a link and in a browser that is not known."""
    NOT_VOUCHED = "not_vouched"
    """The identity provider of the organisation did not vouch for anybody."""
    WAITING = "waiting"
    """Too many were wrong before: it was not looked at."""
    UNKNOWN = "unknown"
    """There is no such account, or it may not log in."""
