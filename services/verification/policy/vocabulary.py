"""The closed vocabularies of verification; nothing about a person is said in free text."""

from enum import StrEnum


class VerificationStatus(StrEnum):
    """How far a verification has come."""

    OPENED = "opened"
    """No authority was found yet: visible, and looked at again."""
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    EXTENDED = "extended"
    """In progress, in the one longer period a reason allows."""
    CONCLUDED = "concluded"


class Move(StrEnum):
    """A step of a verification. ``open`` is the exchange's own and can never be asked for."""

    OPEN = "open"
    ASSIGN = "assign"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    CONCLUDE = "conclude"
    REOPEN = "reopen"
    COMPLAIN = "complain"
    """A complaint about the decision was received."""
    KEEP = "keep"
    """It was looked at, and the decision stands."""


class ComplaintStatus(StrEnum):
    """How far a complaint about a negative decision has come; one upheld opens it again."""

    RECEIVED = "received"
    KEPT = "kept"


class Duty(StrEnum):
    """What somebody must do about a verification."""

    START_VERIFICATION = "start_verification"
    DECIDE_VERIFICATION = "decide_verification"
    RESUME_VERIFICATION = "resume_verification"
    """It is paused: go on once what was waited for is there."""
    FIND_AUTHORITY = "find_authority"
    """Nobody may decide it: the case owner gives it to an authority."""
    ASK_AUTHORITY = "ask_authority"
    """It was to be decided before today: the case owner asks why it was not."""
    HAVE_NOTICE_READ = "have_notice_read"
    """Nobody there has read it and its day is near: the manager of the authority has somebody do
    so.
    """
    SEE_TO_DECISION = "see_to_decision"
    """Its last day is near, or over, and it is not decided: the manager of the authority sees to
    it.
    """
    REMIND_AUTHORITY = "remind_authority"
    """Its last day is near and nobody leads those who decide: the case owner reminds them."""
    TELL_OF_DECISION = "tell_of_decision"
    """The person was not identified: the case owner tells them, and that one can complain of it.
    New evidence opens it again.
    """
    ANSWER_COMPLAINT = "answer_complaint"
    """The decision is complained of: the authority keeps it, or opens the verification again."""
    TELL_OF_ANSWER = "tell_of_answer"
    """The complaint was looked at and the decision stands: the case owner tells the person."""
    ASK_WHY_WITHDRAWN = "ask_why_withdrawn"
    """The person withdrew: the case owner makes sure of it, and has it opened again if need be."""

    DECIDE_PROTECTION = "decide_protection"
    REVIEW_PROTECTION = "review_protection"
    """Its day has come: the protector looks whether the measures are still what is needed."""
    FIND_PROTECTOR = "find_protector"
    """Nobody protects there, or nobody does any more: the case owner gives it to somebody."""
    SEE_TO_PROTECTION = "see_to_protection"
    """It is not decided, and its end is near or over: the manager of the protector sees to it."""
    REMIND_PROTECTOR = "remind_protector"
    """Its end is near and nobody leads the protector: the case owner reminds it."""
    ASK_PROTECTOR = "ask_protector"
    """It was to be decided by now: the case owner asks why it was not."""


class Party(StrEnum):
    """Who moves: the authority a verification is assigned to, or whoever owns cases there."""

    VERIFIER = "verifier"
    CASE_OWNER = "case_owner"


class PaperKind(StrEnum):
    """The papers that a verification is asked for and told of, each by who issues it."""

    REQUEST_LETTER = "request_letter"
    """By whoever owns the case, to the authority."""
    CERTIFICATE = "certificate"
    """By the authority, to whoever was identified."""
    NOTICE_OF_DECISION = "notice_of_decision"
    """By the authority, to whoever was not: why, and how to complain."""


class EvidenceSource(StrEnum):
    """The nine sources a decision may rest on (Law 53/2024 Art. 32(1))."""

    PROCEDURAL_BODY = "procedural_body"
    RESCUING_BODY = "rescuing_body"
    MISSION_ABROAD = "mission_abroad"
    OTHER_DOMESTIC_BODY = "other_domestic_body"
    FOREIGN_BODY = "foreign_body"
    PERSON_OR_RELATIVE = "person_or_relative"
    TRAFFICKER = "trafficker"
    OTHER_VICTIM_OR_WITNESS = "other_victim_or_witness"
    OTHER_LAWFUL_SOURCE = "other_lawful_source"


class MoveReason(StrEnum):
    """Why a verification was paused, extended, ended without identification or reopened.

    Of a complaint, how it came, and why the decision stands all the same.
    """

    PERSON_UNAVAILABLE = "person_unavailable"
    """The person is ill, is being treated, or is not ready to be heard."""
    INTERPRETER_AWAITED = "interpreter_awaited"
    FOREIGN_ANSWER_AWAITED = "foreign_answer_awaited"
    DOMESTIC_ANSWER_AWAITED = "domestic_answer_awaited"
    COMPLEX_CASE = "complex_case"
    EVIDENCE_INSUFFICIENT = "evidence_insufficient"
    ACT_NOT_ESTABLISHED = "act_not_established"
    MEANS_NOT_ESTABLISHED = "means_not_established"
    PURPOSE_NOT_ESTABLISHED = "purpose_not_established"
    PERSON_WITHDREW = "person_withdrew"
    RECORDED_TWICE = "recorded_twice"
    NEW_EVIDENCE = "new_evidence"
    COMPLAINT_UPHELD = "complaint_upheld"
    COMPLAINED_IN_PERSON = "complained_in_person"
    COMPLAINED_IN_WRITING = "complained_in_writing"
    COMPLAINED_BY_REPRESENTATIVE = "complained_by_representative"
    GROUNDS_HOLD = "grounds_hold"
    NOTHING_NEW = "nothing_new"
    COMPLAINT_LATE = "complaint_late"
    """It came after the window; whoever decides may look at it all the same."""
    COMPLAINT_WITHDRAWN = "complaint_withdrawn"
