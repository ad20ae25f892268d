"""What must be done in cases by whoever owns, received or shelters, beyond what others ask."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about a case, or one to be."""

    SEE_TO_URGENT_NEEDS = "see_to_urgent_needs"
    """Something cannot wait: whoever received, shelters or owns sees to it, and says of each need
    how it ended.
    """
    TAKE_FIRST_LOOK = "take_first_look"
    """Who reported themselves is checked first: the case owner does it, and says what it found."""
    SEE_TO_FIRST_LOOK = "see_to_first_look"
    """Nobody has checked, and the last day is near or over: the manager of the case owner sees to
    it.
    """
    RENEW_ASSIGNMENT = "renew_assignment"
    """The days of a part are over: the case owner ends it, or gives it anew."""
    NAME_OWNER = "name_owner"
    """Whom the case was handed to may own none any more: whoever holds its area keeps it, or hands
    it on.
    """
    NAME_OFFICER = "name_officer"
    """Whoever is named acts in no case any more: the case owner names another, or nobody."""
    REACH_PERSON = "reach_person"
    """A message to the person did not arrive, or was not to leave: the case owner reaches them
    another way.
    """
    SETTLE_HANDOVER = "settle_handover"
    """The day of a handover that was announced has passed: whoever announced it, and whoever owns
    cases there, say who was received and who did not come.
    """
    CONTINUE_DRAFT = "continue_draft"
    """A case was begun and is not submitted: whoever began it goes on, or discards it."""
