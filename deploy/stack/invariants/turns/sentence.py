"""One sentence: who must act, since when, why; and what is known of a case that has none yet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Who(StrEnum):
    """Who must act."""

    CASE_OWNER = "case_owner"
    VERIFIER = "verifier"
    ORGANISATION = "organisation"
    """The organisation that was asked, or that has accepted."""
    SYSTEM = "system"
    """Nobody: a message is on its way. Between services it arrives within minutes; an offer to an
    organisation has a period for it."""


class Why(StrEnum):
    """Why it is somebody's turn."""

    JUST_RECEIVED = "just_received"
    JUST_CONCLUDED = "just_concluded"

    VERIFICATION_OPENED = "verification_opened"
    """No authority was found: the case owner finds one."""
    VERIFICATION_ASSIGNED = "verification_assigned"
    VERIFICATION_IN_PROGRESS = "verification_in_progress"
    AUTHORITY_ENDED = "authority_ended"
    """Whoever is to decide may not any more: the case owner gives it to another."""
    VERIFICATION_PAUSED = "verification_paused"
    VERIFICATION_EXTENDED = "verification_extended"
    COMPLAINT_RECEIVED = "complaint_received"
    """The decision is complained of: whoever took it answers."""

    IMMEDIATE_NEEDS = "immediate_needs"
    """What cannot wait: whoever owns the case says how it was seen to, beside all else."""

    NEEDS_INFORMATION = "needs_information"
    WINDOW_CLOSING = "window_closing"
    """The day until which something can be applied for comes near."""
    OFFER_ON_ITS_WAY = "offer_on_its_way"
    """Neither delivered nor seen: until its period ends the exchange tries."""
    OFFER_UNANSWERED = "offer_unanswered"
    """Whoever has it answers. Where its time is over, or there is none, the case owner asks why."""
    OFFER_UNREACHED = "offer_unreached"
    """The organisation asked may not know of it: somebody telephones."""
    OFFER_QUESTION = "offer_question"
    """The organisation asked has put a question: the case owner replies, while its time runs on."""
    SERVICE_FAILED = "service_failed"
    """Whoever had accepted could not go on: the case owner learns why, and tells the person."""
    SERVICE_UNSTARTED = "service_unstarted"
    """Whoever had accepted has not begun in time: the case owner asks."""
    OFFER_UNDELIVERED = "offer_undelivered"
    """An earlier offer never arrived, and its organisation has to be asked why."""
    NO_PROGRAMME = "no_programme"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_IN_PROGRESS = "referral_in_progress"
    REFERRAL_ON_HOLD = "referral_on_hold"
    NO_LONGER_GRANTED = "no_longer_granted"
    """A told fact speaks against it: the case owner and the person decide whether it goes on."""
    NO_LONGER_IDENTIFIED = "no_longer_identified"
    """The verification ended otherwise since: the case owner and the person decide."""
    PRESUMPTION_ENDED = "presumption_ended"
    """It ended without identifying the person: what the law granted meanwhile ends on notice."""
    AGE_OUTSIDE = "age_outside"
    """The programme is not for the person's age: the case owner and the person decide."""
    SERVICE_UNCONFIRMED = "service_unconfirmed"
    """It is said to have been provided: the case owner asks the person whether it has reached them.
    """
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """From whoever serves: the case owner and the person decide whether it goes on."""
    PURGE_OWED = "purge_owed"
    PURGE_OVERDUE = "purge_overdue"
    """Its notice did not arrive, or nobody confirmed it in time: the case owner asks."""

    NOT_IDENTIFIED = "not_identified"
    """The case owner tells the person of the complaint, and has it opened again on new evidence."""
    WITHDRAWN = "withdrawn"
    """The case owner makes sure of it, and has it opened again if the person wants that."""
    NOTHING_LEFT = "nothing_left"
    """Identified, and nothing is sought or served: the case owner adds a need, or tells the fact
    by which one is granted. Following up and closing are not built."""


@dataclass(frozen=True)
class Turn:
    """One sentence: who must act, since when, why, and on what."""

    case_id: str
    subject: str
    """The verification, referral, offer, alert or case it is about."""
    who: Who
    organisation_id: str | None
    since: datetime
    why: Why


@dataclass(frozen=True)
class Case:
    """A case as intake, and the verification that ended, know it."""

    case_id: str
    since: datetime
    """When it was received, its verification concluded, or the last under its plan ended."""
    is_fresh: bool
    """That happened so short a time ago that what follows may be on its way."""
    outcome: str | None
    has_plan: bool
    has_authority: bool = False
    """Some authority made the decision, and it can go back there."""


@dataclass(frozen=True)
class Standing:
    """Whose turn it is, and where that cannot be said."""

    turns: tuple[Turn, ...]
    forgotten: tuple[str, ...]
    """Cases nobody has to act on."""
    unclear: tuple[str, ...]
    """Open verifications, referrals and purges with no sentence, or with several."""
    stuck: tuple[str, ...] = ()
    """Cases decided against the person that cannot be opened again."""
    unowned: tuple[str, ...] = ()
    """Cases in which something cannot wait, and that nobody owns."""
