"""Logging in, and one's own account, as JSON."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory import examples
from services.directory.policy import AccountEvent, DeviceKind, LogInStep, Signed
from services.directory.schemas.passkey import PasskeySigned
from shared.kit.shapes import Cursor, Shape, shown

Secret = Annotated[str, Field(min_length=1, max_length=128)]
Token = Annotated[str, Field(min_length=1, max_length=64)]
Typed = Annotated[str, Field(min_length=1, max_length=40)]


class PlaceGiven(Shape):
    """Where somebody logs in, as the console sees it."""

    device: DeviceKind = DeviceKind.UNKNOWN
    """What kind of device it is; the person reads it again in the log of the account."""
    source: Annotated[str, Field(min_length=1, max_length=64)]
    """The network address that the request came from. Failures are counted by a keyed digest of it,
    which is kept for a day; the address itself is not kept.
    """
    device_token: Token | None = None
    """What a former log-in of this person in this browser was answered, if there was one. Nobody
    elsewhere can keep a known browser waiting.
    """


class LogInStart(PlaceGiven):
    """A user name and a password, and with them at once, if one likes, a code."""

    model_config = shown(examples.LOG_IN_START)

    user_name: Annotated[str, Field(min_length=1, max_length=64)]
    """What the person types to log in; capital letters are read as small ones."""
    password: Secret
    """The password of the account."""
    code: Typed | None = None
    """A code of the authenticator app, or a recovery code. Whoever sends it at once is not kept
    waiting by what others got wrong.
    """


class StepToken(Shape):
    """A log-in of which a step is still to be taken."""

    model_config = shown(examples.STEP_TOKEN)

    log_in: Token
    """What the step before was answered."""


class SecondFactorGiven(PlaceGiven):
    """What a log-in still needs: a code, or the answer of a passkey."""

    model_config = shown(examples.SECOND_FACTOR_GIVEN)

    log_in: Token
    """What the step before was answered."""
    code: Typed | None = None
    """A code of the authenticator app, or a recovery code."""
    passkey: PasskeySigned | None = None
    """The answer of a passkey; it counts before a code."""

    def given(self) -> str | Signed:
        """The second factor."""
        return self.passkey.answer() if self.passkey else self.code or ""


class LinkRedeemed(PlaceGiven):
    """The code of a link or slip, and the password that is to be set."""

    model_config = shown(examples.LINK_REDEEMED)

    code: Typed
    """The code, in capital or small letters, with or without hyphens."""
    password: Secret
    """The new password: twelve characters or more, and none of the commonest."""


class SessionToken(Shape):
    """A session that is to end."""

    model_config = shown(examples.SESSION_TOKEN)

    session: Token
    """The token of the session."""


class Authenticator(Shape):
    """What an authenticator app is set up with."""

    model_config = shown(examples.AUTHENTICATOR)

    secret: str
    """The secret in base 32, to be typed where no picture can be taken."""
    address: str
    """The same as an address (`otpauth`), to be shown as a QR code."""


class LogInRead(Shape):
    """What a right step leads to. Nothing of it is shown again."""

    model_config = shown(examples.LOG_IN_READ)

    step: LogInStep
    """What comes next: nothing more, a code, or setting an authenticator app up first."""
    log_in: str | None
    """What the next step is sent with; it is good for ten minutes."""
    authenticator: Authenticator | None
    """What to set the app up with, if that comes next."""
    session: str | None
    """The token of the session, once all steps are taken: a secret of this person alone."""
    session_id: UUID | None
    """The id under which the session is listed."""
    recovery_codes: list[str]
    """Codes for when the app is lost, each good once; told when the app was set up."""
    device_token: str | None
    """What the console keeps in this browser, to be sent with the next log-in."""
    second_factor_required: bool
    """Whether this installation asks for a second factor where it matters; a sandbox may not."""


class LogInRulesRead(Shape):
    """What an installation has decided about logging in."""

    model_config = shown(examples.LOG_IN_RULES_READ)

    second_factor_required: bool
    """Whether this installation asks for a second factor where it matters; a sandbox may not."""
    shortest_password: int = Field(description="How many characters a password has at least.")
    idle_minutes: int = Field(description="After how many minutes without a request a log-in ends.")
    longest_hours: int = Field(description="After how many hours a log-in ends in any case.")


class ProofGiven(Shape):
    """What shows again who is logged in: the password, and the second factor if there is one."""

    model_config = shown(examples.PROOF_GIVEN)

    password: Secret | None = None
    """The password of the account; unset for whoever logs in without one."""
    code: Typed | None = None
    """A code of the authenticator app, or a recovery code."""
    passkey: PasskeySigned | None = None
    """The answer of a passkey; it counts before a code."""

    def given(self) -> str | Signed | None:
        """The second factor, if one was sent."""
        return self.passkey.answer() if self.passkey else self.code


class AppCode(Shape):
    """The first code of an authenticator app."""

    model_config = shown(examples.APP_CODE)

    code: Typed
    """What the app shows now."""


class RecoveryCodes(Shape):
    """Codes for when everything else is lost."""

    model_config = shown(examples.RECOVERY_CODES)

    recovery_codes: list[str]
    """Each good once; told now and never again. None where those there are stay as they are."""


class PasswordChange(Shape):
    """The present password and the new one."""

    model_config = shown(examples.PASSWORD_CHANGE)

    password: Secret
    """The password that is good now."""
    new_password: Secret
    """The new password: twelve characters or more, and none of the commonest."""


class GrantRead(Shape):
    """A role in an area, today."""

    role: str
    """The role: what the person may do there."""
    area: str
    """The code of the unit, or 31 for the whole city."""


class AccountRead(Shape):
    """The account of whoever asks, as they see it."""

    model_config = shown(examples.ACCOUNT_READ)

    id: UUID
    """The id of the account, by which the audit names the person."""
    organisation_id: UUID
    """The organisation that the person acts for."""
    user_name: str
    """What the person types to log in."""
    display_name: str
    """The name that colleagues know the person by."""
    grants: list[GrantRead]
    """The roles that the person may act in today."""
    has_authenticator: bool
    """Whether an authenticator app is set up."""
    recovery_codes_left: int = Field(description="How many recovery codes are unused.")
    second_factor_required: bool
    """Whether this installation asks for a second factor where it matters; a sandbox may not."""
    passkeys_possible: bool
    """Whether passkeys can be made for the address of this installation."""


class SessionRead(Shape):
    """A place where one is logged in."""

    model_config = shown(examples.SESSION_READ)

    id: UUID
    """The id of the session."""
    device: DeviceKind
    """What kind of device it is."""
    begun_at: AwareDatetime
    """When the log-in began."""
    used_at: AwareDatetime
    """When it was last used."""
    is_this: bool
    """Whether it is the session that asks."""


class SessionList(Shape):
    """Where one is logged in."""

    model_config = shown(examples.SESSION_LIST)

    items: list[SessionRead]
    """The sessions that are open, newest first."""


class AccountEntryRead(Shape):
    """Something that happened to one's own account."""

    id: UUID
    """The id of the entry in the audit."""
    at: AwareDatetime
    """The instant at which it happened."""
    event: AccountEvent
    """The kind of thing that happened."""
    outcome: str
    """How it ended: `done`, or why a log-in was refused."""
    is_own_act: bool
    """Whether it was done with this account, and not by a manager or in nobody's name."""
    device: DeviceKind | None
    """What kind of device it was done with, if that was told."""
    times: int = Field(description="How often it happened within an hour up to then.")


class AccountLog(Shape):
    """A page of what happened to one's own account."""

    model_config = shown(examples.ACCOUNT_LOG)

    items: list[AccountEntryRead]
    """The entries of this page, newest first."""
    next_cursor: Cursor = None
