"""What an organisation asked, and whoever owns a case, must do about support."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about a referral, a plan or what was told of a person."""

    ANSWER_OFFER = "answer_offer"
    """An organisation was asked, and says yes or no."""
    START_SERVICE = "start_service"
    """It said yes, and begins."""
    RESUME_SERVICE = "resume_service"
    """It paused, and goes on or ends it."""
    COMPLETE_SERVICE = "complete_service"
    """It serves, and says what that brought when it is done."""
    CONFIRM_PURGE = "confirm_purge"
    """It was told to delete what it knows of a person, and says that it has."""
    HAVE_NOTICE_READ = "have_notice_read"
    """Nobody there has read it and its day is near: its manager has somebody do so."""

    SEE_TO_START = "see_to_start"
    """What was accepted does not begin: the manager sees to it."""

    TELL_FACT = "tell_fact"
    """The case owner tells what an entitlement hangs on."""
    ASK_FOR_NEED = "ask_for_need"
    """The day to apply by is near: the case owner asks the person, and applies or declines."""
    FIND_PROGRAMME = "find_programme"
    """Nobody is left to ask: the case owner finds somebody, or ends the need."""
    DECIDE_REFERRAL = "decide_referral"
    """What it rests on has changed: the case owner and the person decide whether it goes on."""
    REACH_ORGANISATION = "reach_organisation"
    """An organisation that was asked may not know of it: the case owner telephones."""
    ASK_ORGANISATION = "ask_organisation"
    """An organisation did not answer: the case owner asks why."""
    REPLY_TO_QUESTION = "reply_to_question"
    """An organisation asks something before it answers: the case owner replies."""
    ASK_WHY_FAILED = "ask_why_failed"
    """A service could not go on: the case owner learns why, and tells the person."""
    ASK_WHY_UNSTARTED = "ask_why_unstarted"
    """What was accepted has not begun: the case owner asks the organisation."""
    CONFIRM_SERVICE = "confirm_service"
    """A service is said to have been provided: the case owner asks the person whether it has
    reached them, and says so or asks for it again.
    """
    SEE_TO_CONFIRMATION = "see_to_confirmation"
    """Nobody has asked a person: the manager of the case owner sees to it."""
    RECORD_ARRIVAL = "record_arrival"
    """Somebody is expected: the facility records that they have come, or that it cannot take them.
    """
    PREPARE_LEAVING = "prepare_leaving"
    """Somebody stays: the facility prepares where they go, before their last day."""
    END_STAY = "end_stay"
    """The last day is over: the facility records that they have left, or who prolonged the stay."""
    SEE_TO_STAY = "see_to_stay"
    """The last day is near, or over: the manager of the facility sees to it."""
    FIND_FACILITY = "find_facility"
    """No facility takes the person in, or it is none any more: the case owner finds another."""
    ASK_FACILITY = "ask_facility"
    """Somebody stays beyond their last day: the case owner asks the facility."""
    TELL_READINESS = "tell_readiness"
    """Nobody has said what the facility has: it tells that."""
    ATTEST_READINESS = "attest_readiness"
    """Nobody but its writer has said that the sheet of the facility is true: somebody else does."""
    ANSWER_HANDOVER = "answer_handover"
    """People are announced who must be escorted: the facility says how many of its people go."""
    PREPARE_HANDOVER = "prepare_handover"
    """People are announced, and no facility takes them in, or fewer escorts come than are needed:
    the case owner finds who does.
    """
    ASK_FOR_PURGE = "ask_for_purge"
    """Nobody has confirmed that data were deleted: the case owner asks."""
    OFFER_WAY_ON = "offer_way_on"
    """The person was not identified: the case owner offers what stays open, and says what became
    of it.
    """
    REVIEW_PLAN = "review_plan"
    """Nothing is sought or served any more: the case owner adds a need, or tells a fact."""
