"""HTTP shapes. No field takes free text: reasons are codes, papers are named by their number."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.verification import examples
from services.verification.policy import (
    ComplaintStatus,
    EvidenceSource,
    Move,
    MoveReason,
    PaperKind,
    VerificationStatus,
)
from services.verification.schemas.evidence import EvidenceCreate, EvidenceList, EvidenceRead
from services.verification.schemas.protections import (
    PossibleProtectionMove,
    ProtectionCreate,
    ProtectionList,
    ProtectionMoveCreate,
    ProtectionMoveList,
    ProtectionMoveRead,
    ProtectionRead,
)
from services.verification.schemas.targets import TargetsRead, UnprotectedRead
from shared.contracts.vocabulary import AgeBand, PaperType, Regime, Route, VerificationOutcome
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EndRead, EvidenceNumber, GroundRead, RuleRead

__all__ = [
    "ComplaintRead",
    "ComplaintWindow",
    "EvidenceCreate",
    "EvidenceList",
    "EvidenceRead",
    "MoveCreate",
    "MoveList",
    "MoveRead",
    "PaperCreate",
    "PaperList",
    "PaperRead",
    "PossibleEnd",
    "PossibleMove",
    "PossibleProtectionMove",
    "ProtectionCreate",
    "ProtectionList",
    "ProtectionMoveCreate",
    "ProtectionMoveList",
    "ProtectionMoveRead",
    "ProtectionRead",
    "TargetsRead",
    "UnprotectedRead",
    "VerificationList",
    "VerificationRead",
]


class MoveCreate(Shape):
    """A move with the facts that belong to it.

    ``organisation_id`` with assign; ``reason`` with pause, extend and reopen; ``grounds`` with
    reopen and conclude; ``outcome`` and, unless it is identified, ``reason`` with conclude;
    ``reason`` and ``received_on`` with complain; ``reason`` and ``evidence_ref`` with keep.
    """

    model_config = shown(examples.MOVE_CREATE)

    move: Move
    """What to do; which moves are possible depends on the status and on who you are."""
    outcome: VerificationOutcome | None = None
    """How the verification ends, with conclude. `not_identified` never means that a claim was
    false.
    """
    grounds: tuple[EvidenceSource, ...] = Field(default=(), max_length=len(EvidenceSource))
    """The sources of evidence that the decision rests on, with conclude and reopen; none with
    `withdrawn`.
    """
    reason: MoveReason | None = None
    """The reason as a code, with pause, extend, reopen and keep, and with conclude unless
    identified; with complain, how the complaint came.
    """
    evidence_ref: EvidenceNumber | None = None
    """The number of the paper that states the reasons, with conclude, reopen and keep; with
    complain, that of the complaint, if it has one.
    """
    evidence: tuple[UUID, ...] = Field(default=(), max_length=50)
    """With conclude and reopen: the ids of the recorded evidence that it cites. Their sources count
    among `grounds`, also where they are not named there.
    """
    organisation_id: UUID | None = None
    """The authority to assign the verification to; it must be one that verifies in this area today.
    """
    was_minor_at_act: bool | None = None
    """With conclude, and counted while the verification does not know it: whether what was done
    began before the person was 18. `means_not_established` needs `false` here, or known already.
    """
    received_on: date | None = None
    """With complain: the day on which the person complained; a late complaint is taken, too."""


class MoveRead(Shape):
    """One step of a verification to a ``status``; ``from_status`` is unset on the first."""

    model_config = shown(examples.MOVE_READ)

    id: UUID
    """The id of this move."""
    verification_id: UUID
    """The id of the verification that moved."""
    actor: str
    """Who moved: `client:` and a client's id, `message:` and a type, or `sweep:` and a name."""
    move: Move
    """What was done; `open` is the first move of every verification."""
    from_status: VerificationStatus | None
    """The status before this move."""
    status: VerificationStatus = Field(validation_alias="to_status")
    """The status after this move."""
    verifier_id: UUID | None
    """The authority that verifies after this move."""
    outcome: VerificationOutcome | None
    """How the verification ended, if this move ended it."""
    reason: MoveReason | None
    """The reason of the move, as a code."""
    grounds: list[EvidenceSource]
    """The sources of evidence that were named."""
    evidence: list[UUID]
    """The ids of the recorded evidence that was cited."""
    evidence_ref: str | None
    """The number of the paper that states the reasons."""
    received_on: date | None
    """The day on which a complaint was received; unset of other moves."""
    is_late: bool | None
    """Whether a complaint came after the earliest day on which the window could end; unset of other
    moves.
    """
    at: AwareDatetime
    """When the move was made."""
    version: int
    """The version of the verification after this move."""


class ComplaintWindow(Shape):
    """The window to complain about a negative decision: it ends ``not_before`` this day.

    It runs from the day the person learns of the decision, which this service does not know.
    """

    not_before: date | None
    """The earliest day on which the window can end; unset while no period is known."""
    not_before_why: EndRead | None
    """The reason why the window cannot end before that day."""
    is_running: bool
    """Whether it is open by what is known here: a complaint ends it, and so does that day."""
    rule: RuleRead
    """The rule that says how long the window is."""


class ComplaintRead(Shape):
    """The last complaint about the decision that stands; one upheld opens it again."""

    status: ComplaintStatus
    """How far it has come: `received` waits for its answer, `kept` has it."""
    received_on: date
    """The day on which the person complained."""
    is_late: bool
    """Whether it came after the earliest day on which the window could end. Whoever learned of the
    decision later had longer.
    """
    due_on: date | None
    """The last day to answer it; unset where it was answered, and while no period is known."""
    due_rule: RuleRead
    """The rule that says how long an answer may take."""
    due_why: EndRead | None
    """The reason why `due_on` is that day; unset as long as `due_on` is."""


class PossibleEnd(Shape):
    """An outcome to conclude with now, and what it needs."""

    outcome: VerificationOutcome
    """How the verification would end."""
    reasons: list[MoveReason]
    """The reasons of which it needs one; it needs none if there are none. `means_not_established`
    needs `was_minor_at_act` as `false`, told with it where it is not known.
    """
    grounds: list[EvidenceSource]
    """The sources of evidence of which it needs some; it needs none if there are none."""


class PossibleMove(Shape):
    """A move that you may make now, and what it needs."""

    move: Move
    """The move to send."""
    reasons: list[MoveReason]
    """The reasons of which it needs one; it needs none if there are none."""
    outcomes: list[PossibleEnd]
    """With conclude: the outcomes of which it needs one."""
    grounds: list[EvidenceSource]
    """The sources of evidence of which it needs some, unless the outcome needs none."""


class VerificationRead(Shape):
    """A verification. ``not_identified`` never means that a claim was false."""

    model_config = shown(examples.VERIFICATION_READ)

    id: UUID
    """The id of the verification."""
    case_id: UUID
    """The id of the case; every case has one verification."""
    case_code: str | None
    """The code of the case, which people say; unset where a former release opened it."""
    route: Route
    """How the person reached the exchange."""
    area_code: str
    """Where the person is: the code of a unit in the state's list."""
    age_band: AgeBand
    """The age of the person now."""
    was_minor_at_act: bool | None
    """Whether what was done began before the person was 18: then the newer law does not ask which
    means of trafficking were used. Unset while it is not known; a correction of the case, or the
    conclusion, says it.
    """
    regime: Regime
    """The law that applies to the case: the law of `identified_on`, and until then the law of the
    day of reception.
    """
    status: VerificationStatus
    """How far the verification has come; `opened` waits for an authority."""
    outcome: VerificationOutcome | None
    """How the verification ended; unset until then."""
    proof: PaperType | None
    """The type of the paper that concluded the verification at once."""
    proof_rule: GroundRead | None
    """The rule by which that paper proves, its text and how certain it is; set with `proof`."""
    grounds: list[EvidenceSource]
    """The sources of evidence that the decision rests on."""
    reason: MoveReason | None
    """The reason of its end, or of its last move, as a code."""
    evidence: list[UUID]
    """The ids of the recorded evidence that the decision cites."""
    evidence_ref: str | None
    """The number of the paper that states the reasons."""
    verifier_id: UUID | None
    """The authority that is asked to decide; unset while none was found."""
    verifier_rule: GroundRead | None
    """The rule by which an authority of this kind verifies, and how certain it is; set with
    `verifier_id` where a rule names its kind.
    """
    received_at: AwareDatetime
    """When the case was received."""
    opened_at: AwareDatetime
    """When the verification was opened."""
    requested_on: date | None
    """The day the authority was first asked; its period starts then."""
    is_extended: bool
    """Whether the one extension was taken."""
    due_on: date | None
    """The last day of the period; unset if no legal period is known. A pause moves it when the work
    goes on, by as many days as began during the pause.
    """
    concluded_at: AwareDatetime | None
    """When the verification was concluded in this service."""
    identified_on: date | None
    """The day on which the person was identified: that of the decision, or the day of issue of the
    paper that is proof.
    """
    version: int
    """The number in the ETag, which a move sends back as If-Match."""
    due_rule: RuleRead
    """The rule that decides `due_on`."""
    due_why: EndRead | None
    """The reason why `due_on` is that day; unset as long as `due_on` is."""
    complaint: ComplaintWindow | None
    """After a negative decision: until when a complaint about it is possible."""
    complained: ComplaintRead | None
    """The complaint about that decision, if there is one."""
    can: list[PossibleMove]
    """What you may do with it now, as its status, its outcome and your part in it allow."""


class VerificationList(Shape):
    """A page of verifications, oldest first."""

    model_config = shown(examples.VERIFICATION_LIST)

    items: list[VerificationRead]
    """The verifications of this page, in the order in which they were opened."""
    next_cursor: Cursor = None


class MoveList(Shape):
    """A page of moves, oldest first."""

    model_config = shown(examples.MOVE_LIST)

    items: list[MoveRead]
    """The moves of this page, oldest first."""
    next_cursor: Cursor = None


class PaperCreate(Shape):
    """A paper that was issued. What it says is not told here."""

    model_config = shown(examples.PAPER_CREATE)

    kind: PaperKind
    """Which paper it is: the request to the authority, its certificate, or its notice of a decision
    that did not identify.
    """
    number: EvidenceNumber
    """Its number: that of a letter names no kind (`128/SYT-PCTNXH`), that of a notice names `TB`,
    that of a certificate `GXN`.
    """
    issued_on: date
    """The day it names: not before the case was received, and not after today."""


class PaperRead(Shape):
    """A paper about a verification."""

    model_config = shown(examples.PAPER_READ)

    id: UUID
    """The id of this record."""
    verification_id: UUID
    """The verification that the paper is about."""
    move_id: UUID
    """The step that it is about: the request to the authority, or the decision."""
    kind: PaperKind
    """Which paper it is."""
    number: str
    """The number of the paper, as it stands on it."""
    issued_on: date
    """The day it names."""
    issuer_id: UUID
    """The organisation that issued it."""
    recorded_at: AwareDatetime
    """When it was recorded here."""
    is_current: bool
    """Whether it is about the step that holds now: a decision that was opened again has another."""

    @classmethod
    def of(cls, paper: Any, *, is_current: bool) -> Self:
        """A paper as it is kept."""
        kept = {it: getattr(paper, it) for it in cls.model_fields if it != "is_current"}
        return cls.model_validate({**kept, "is_current": is_current})


class PaperList(Shape):
    """The papers about a verification: of each kind and step the one recorded last."""

    model_config = shown(examples.PAPER_LIST)

    items: list[PaperRead]
    """The papers, oldest first."""
    can: list[PaperKind]
    """The papers that you may issue now."""
