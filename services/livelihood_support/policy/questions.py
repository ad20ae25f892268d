"""What an organisation that was asked may ask back, and what is replied: codes, never words.

Whoever is asked has no consent to learn more of a person than its offer says, and free text would
carry such things out of intake. So a question is put as one that is answered yes or no, and what
needs more words than that is said by phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class QuestionCode(StrEnum):
    """What an organisation asks of an offer before it answers."""

    START_DATE = "start_date"
    """Whether the person can begin when the service begins."""
    TIMETABLE = "timetable"
    """Whether the person can come at the hours of the service."""
    ACCOMMODATION = "accommodation"
    """Whether a place to stay is needed."""
    TRANSPORT = "transport"
    """Whether help with the way there is needed."""
    LANGUAGE = "language"
    """Whether an interpreter is needed."""
    CHILDCARE = "childcare"
    """Whether somebody has to look after a child meanwhile."""
    SCHOOLING = "schooling"
    """Whether the person has the schooling that the service asks for."""
    HEALTH = "health"
    """Whether the person meets what the service asks of somebody's health; never what ails them."""
    PAPERS = "papers"
    """Whether the person has the papers that the service asks for."""
    CALL_US = "call_us"
    """What no code says: the case owner is to telephone."""


class ReplyCode(StrEnum):
    """What the case owner replies to one question."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"
    AGREED_BY_PHONE = "agreed_by_phone"
    NEED_CHANGED = "need_changed"
    """The question is no question any more, for something else is needed."""


class QuestionState(StrEnum):
    """What became of a question."""

    OPEN = "open"
    ANSWERED = "answered"
    OVERTAKEN = "overtaken"
    """The offer was answered, lapsed, cancelled or passed on before there was a reply."""


_BY_PHONE = (ReplyCode.AGREED_BY_PHONE, ReplyCode.NEED_CHANGED)
REPLIES: Mapping[QuestionCode, Sequence[ReplyCode]] = MappingProxyType(
    {code: _BY_PHONE if code is QuestionCode.CALL_US else tuple(ReplyCode) for code in QuestionCode}
)
"""What may be replied to each question: who asks for a call is not answered yes or no."""


@dataclass(frozen=True)
class Inquiry:
    """What is said with a move about questions: those that are put, or the one replied to."""

    questions: Sequence[QuestionCode] = ()
    question_id: UUID | None = None
    reply: ReplyCode | None = None

    @property
    def is_reply(self) -> bool:
        """Whether anything of a reply is said."""
        return self.question_id is not None or self.reply is not None


NOTHING_ASKED = Inquiry()
