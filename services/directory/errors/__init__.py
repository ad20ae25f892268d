"""The facts a caller may be refused with."""

from shared.kit.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)


class OrganisationNotFound(NotFound):
    """There is no organisation under this id, for this caller."""


class ProgrammeNotFound(NotFound):
    """There is no programme under this id."""


class NotItsOrganisation(Forbidden):
    """Only the organisation that runs a programme, or an administrator, assures it."""


class ConfirmationMissing(Invalid):
    """An administrator who assures a programme names the post, day and paper that confirmed it."""


class ConfirmedLater(Invalid):
    """Nothing can have been confirmed on a day that has not come yet."""


class ProposalNotFound(NotFound):
    """There is no proposal of a rule under this id."""


class ProposalStands(Conflict):
    """Another row is proposed for this period already: it is published or withdrawn first."""


class ProposalConcluded(Conflict):
    """The proposal was published or withdrawn already."""


class RehearsalMissing(Conflict):
    """A service that acts on the row has not said yet how many running dates it would move."""


class RuleUnknown(Invalid):
    """No row of this name and law can be superseded, or not all who act on it would follow."""


class RuleReachesBack(Invalid):
    """A row that leaves alone what runs begins on the day after it is published, or later."""


class RunningKept(Invalid):
    """The dates of this period that run stay as they are: nothing moves them."""


class StatusTooStrong(Invalid):
    """Without an amount, or without a text of the law, a row is assumed and nothing more."""


class ClientNotFound(NotFound):
    """There is no client under this id."""


class ContactPointNotFound(NotFound):
    """The organisation has no such contact point in use, or this caller may not see it."""


class EndpointNotFound(NotFound):
    """The organisation has no webhook endpoint, or this caller may not see it."""


class OrganisationCodeTaken(Conflict):
    """Another organisation has this code."""


class ClientIdTaken(Conflict):
    """Another client has this client id."""


class OrganisationInactive(Conflict):
    """The organisation no longer takes part."""


class KindFixed(Conflict):
    """An organisation keeps its kind and its code: with another it is another organisation."""


class ProviderFixed(Conflict):
    """A programme stays with its organisation: run by another, it is another programme."""


class RolesOverlap(Invalid):
    """An organisation holds a role for an area twice on the same day."""


class RolesExcludeEachOther(Invalid):
    """Administrator, operator, auditor and console are never one organisation on one day."""


class RoleNeverHeld(Invalid):
    """A role ends on or before the day it begins."""


class AgesCrossed(Invalid):
    """The minimum age is above the maximum age."""


class StaffNotFound(NotFound):
    """There is no account under this id in the organisation of whoever asks."""


class UserNameTaken(Conflict):
    """Another account has this user name."""


class GrantBeyondOrganisation(Invalid):
    """A person acts in no role, area or time that their organisation does not hold itself."""


class LastManagerLeaves(Conflict):
    """An organisation is never left without a manager, nor for a shorter time with one."""


class ManagerThere(Conflict):
    """Somebody manages this organisation: its other accounts are theirs to make.

    Unless a post of the organisation has confirmed that no manager of it can act any more.
    """


class ManagerRoleMissing(Conflict):
    """The organisation does not hold the role of a manager today, so nobody can be its first."""


class StaffInactive(Conflict):
    """The account was deactivated: nobody gets into it."""


class LogInRefused(DomainError):
    """Something was wrong, or has to wait: which of it is told to nobody."""

    kind = "forbidden"


class AppNotSetUp(DomainError):
    """An app is set up first with a link, or in a browser in which its person has been before.

    Whoever has only learned the password would otherwise make the account theirs.
    """

    kind = "forbidden"


class LinkNotValid(DomainError):
    """There is no link with this code, or it was used, replaced, or is over."""

    kind = "forbidden"


class AnswerLinkOver(DomainError):
    """The link of a mail is none of ours, or is over, or its mailbox is no longer used."""

    kind = "forbidden"


class AnswerCodeNotAgreed(DomainError):
    """No code was agreed with this office: nobody answers by its links."""

    kind = "forbidden"


class AnswerCodeRefused(DomainError):
    """It is not the code of this office, or whoever gives it has to wait."""

    kind = "forbidden"


class CodeMistyped(Invalid):
    """What was typed cannot be a code: its letters do not fit together."""


class PasswordTooShort(Invalid):
    """A password has twelve characters or more."""


class PasswordCommon(Invalid):
    """The password is one of the first that anybody would try."""


class PasswordWrong(DomainError):
    """The present password is another one, or too many were tried."""

    kind = "forbidden"


class ProviderAddressRefused(Invalid):
    """An issuer is https on port 443 at a public host name, without user, query or fragment."""


class ProviderNotFound(NotFound):
    """No identity provider vouches for the people of this organisation."""


class ProviderDown(Unavailable):
    """The identity provider does not answer, or not as it should."""


class ProviderUnfit(Conflict):
    """The identity provider does not say of itself what it is registered for."""


class OutsideTaken(Conflict):
    """Another account is already the one of this person at the identity provider."""


class ConfirmationWrong(DomainError):
    """The password, or what was shown with it, is wrong, or too many were tried."""

    kind = "forbidden"


class NotConfirmed(Forbidden):
    """How one logs in is changed within five minutes of having shown again who one is."""


class PasskeyRefused(Invalid):
    """The passkey's answer is for another address, too old, used before, or without its person."""


class PasskeyNotFound(NotFound):
    """Whoever asks has no passkey under this id."""


class PasskeyTaken(Conflict):
    """The passkey was registered before."""


class PasskeysTooMany(Conflict):
    """An account has ten passkeys at most: one must be removed first."""


class PasskeysNotPossible(Conflict):
    """Passkeys need an address with a host name; this exchange is reached by a number."""


class NothingToRecover(Conflict):
    """Recovery codes are for whoever has an authenticator app or a passkey."""


class AppNotBegun(Conflict):
    """No authenticator app is being set up for this account."""


class AppCodeWrong(DomainError):
    """The code is not one that the new app shows now."""

    kind = "forbidden"


class SessionNotFound(NotFound):
    """Whoever asks has no session under this id that is open."""


class NotAPerson(Forbidden):
    """Only a person has an account of their own."""


class AreaUnknown(Invalid):
    """An area is a unit that is there at the time, 31 for the whole city, or VN for the country."""


class PrivateKeySubmitted(Invalid):
    """A private key was sent: it is not kept, and must be replaced because others could read it."""


class KeyUnsupported(Invalid):
    """A client key is an Ed25519 (RFC 8037) or P-256 (RFC 7518) public key as a JWK."""


class KeyInvalid(Invalid):
    """The key is no point of its curve, of small order, or not in the one encoding (RFC 8032).

    Nobody has the private half of such a key, or everybody could sign for it.
    """


class KeyUseContradicted(Invalid):
    """The JWK's alg, use, key_ops or kid says that the key is not for signatures of this kind."""


class EndpointAddressRefused(Invalid):
    """A webhook address is https on port 443 at a public host name, without user or fragment."""


class ContactPointUnclear(Invalid):
    """A contact point is a mailbox or a number, one of them."""


class NumberRefused(Invalid):
    """A phone, of an office on duty or of a person, is a mobile number of Viet Nam, in E.164."""


class MailboxRefused(Invalid):
    """The mailbox of an office is a plain address, in ASCII, at a public domain."""


class MailboxTooSoon(Conflict):
    """Too many mailboxes were named, or too many wrong codes given, in a short time."""


class MailboxCodeRefused(DomainError):
    """It is not the code that was sent to the mailbox, or it is over."""

    kind = "forbidden"


class PhoneTooSoon(Conflict):
    """Too many phones were named, or too many wrong codes given, in a short time."""


class PhoneCodeRefused(DomainError):
    """It is not the code that was sent to the phone, or it is over."""

    kind = "forbidden"


class QuietHoursUnclear(Invalid):
    """Quiet hours have a beginning and an end, which are not the same."""


class RecipientGone(NotFound):
    """Nobody is told so any more: the mailbox, the phone, the wish or the account has ended."""


class UnsubscribeLinkOver(DomainError):
    """It is no link of ours, or the mailbox that it was sent to is no longer used."""

    kind = "forbidden"


class QuestionNotSigned(Unauthenticated):
    """Notification has not signed this with the key that it shares with us, or not just now."""


class SimulatedRecipientRefused(Invalid):
    """A simulated recipient is one of those documented, and a test organisation's only."""


class NoSandbox(Invalid):
    """Test organisations are opened in a sandbox only: elsewhere what they are told is lost."""
