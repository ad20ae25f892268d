"""Questions about an offer: its organisation asks, whoever owns the case replies.

An open question is the case owner's to reply to and stops no clock: the organisation may answer its
offer at any time, and whatever ends the wait for that answer overtakes what was asked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row, settle_alerts
from services.livelihood_support.domain.steps import MoveRow, tell_questions, tell_reply
from services.livelihood_support.errors import QuestionNotFound, QuestionNotOpen, ReplyUnfit
from services.livelihood_support.models import (
    Alert,
    AlertKind,
    Offer,
    OfferQuestion,
    Referral,
    ReferralMove,
)
from services.livelihood_support.policy import (
    REPLIES,
    Inquiry,
    Move,
    QuestionCode,
    QuestionState,
    ReplyCode,
)
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.arrays import among
from shared.kit.clock import minute_of
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_reference

Asked = Mapping[UUID, Sequence[OfferQuestion]]
"""By offer its questions, as they were asked."""


@dataclass(frozen=True)
class QuestionView:
    """A question as one subject may see it."""

    id: UUID
    question: str
    state: str
    asked_at: datetime
    reply: str | None
    replied_at: datetime | None
    replies: Sequence[ReplyCode]
    """What the subject may reply now."""


_OF_OFFERS = (
    select(OfferQuestion)
    .where(among(OfferQuestion.offer_id, bindparam("offer_ids")))
    .order_by(OfferQuestion.asked_at, OfferQuestion.question)
    .execution_options(populate_existing=True)
)


def questions_of(session: Session, offer_ids: Collection[UUID]) -> Asked:
    """The questions about these offers."""
    found: defaultdict[UUID, list[OfferQuestion]] = defaultdict(list)
    if offer_ids:
        for each in session.scalars(_OF_OFFERS, {"offer_ids": list(offer_ids)}):
            found[each.offer_id].append(each)
    return found


def open_among(asked: Collection[OfferQuestion]) -> frozenset[QuestionCode]:
    """What of it is still to be replied to."""
    return frozenset(QuestionCode(it.question) for it in asked if it.state == QuestionState.OPEN)


def view_of_question(asked: OfferQuestion, *, is_owned: bool, may_reply: bool) -> QuestionView:
    """A question as whoever reaches the case sees it, or, to the minute, whoever asked it."""
    is_open = asked.state == QuestionState.OPEN
    replied_at = asked.ended_at if asked.reply else None
    return QuestionView(
        id=asked.id,
        question=asked.question,
        state=asked.state,
        asked_at=asked.asked_at if is_owned else minute_of(asked.asked_at),
        reply=asked.reply,
        replied_at=replied_at if is_owned or replied_at is None else minute_of(replied_at),
        replies=REPLIES[QuestionCode(asked.question)] if is_open and may_reply else (),
    )


def ask(
    session: Session,
    referral: Referral,
    offer: Offer,
    inquiry: Inquiry,
    *,
    before: Collection[OfferQuestion],
    row: MoveRow,
) -> MoveRow:
    """Put questions. The move has all that was said; what is open already is not asked again."""
    now, said = row["at"], list(dict.fromkeys(inquiry.questions))
    made = [
        {
            "id": new_reference(),
            "offer_id": offer.id,
            "question": code,
            "state": QuestionState.OPEN,
            "asked_at": now,
        }
        for code in said
        if code not in open_among(before)
    ]
    asked = {**row, "questions": said}
    insert_rows(session, ReferralMove, [asked])
    insert_rows(session, OfferQuestion, made)
    if made:
        open_before = [each.asked_at for each in before if each.state == QuestionState.OPEN]
        _alert(session, referral, offer, since=min([*open_before, now]), now=now)
        tell_questions(session, referral, [each["id"] for each in made], at=now)
    return asked


def _alert(
    session: Session, referral: Referral, offer: Offer, *, since: datetime, now: datetime
) -> None:
    """Tell the case owner of these questions too, under another id; the oldest gives the age."""
    settle_alerts(session, [referral.id], [AlertKind.OFFER_QUESTION], now=now, offer_id=offer.id)
    made = alert_row(
        kind=AlertKind.OFFER_QUESTION,
        case_id=referral.case_id,
        code=EntitlementCode(referral.code),
        now=since,
        referral_id=referral.id,
        facts={
            "offer_id": str(offer.id),
            "organisation_id": str(offer.organisation_id),
            "since": since.isoformat(),
            "reason": None,
        },
    )
    insert_rows(session, Alert, [made])


def reply(
    session: Session,
    referral: Referral,
    offer: Offer,
    inquiry: Inquiry,
    *,
    before: Collection[OfferQuestion],
    row: MoveRow,
) -> MoveRow:
    """Reply to one question, once; its organisation is told.

    Refused: a question that is not about this offer, or was replied to; what is no reply to it.
    """
    asked = next((it for it in before if it.id == inquiry.question_id), None)
    if asked is None:
        raise QuestionNotFound
    if asked.state != QuestionState.OPEN:
        raise QuestionNotOpen
    usable = REPLIES[QuestionCode(asked.question)]
    if inquiry.reply not in usable:
        raise ReplyUnfit(replies=list(usable))
    now = row["at"]
    asked.state, asked.reply, asked.ended_at = QuestionState.ANSWERED, inquiry.reply, now
    replied = {**row, "questions": [asked.question], "reply": inquiry.reply}
    insert_rows(session, ReferralMove, [replied])
    if not open_among(before):
        kinds = [AlertKind.OFFER_QUESTION]
        settle_alerts(session, [referral.id], kinds, now=now, offer_id=offer.id)
    tell_reply(session, referral, offer, asked.id, at=now)
    return replied


ABOUT_QUESTIONS = {Move.ASK: ask, Move.REPLY: reply}
"""Moves beside the status that are about questions."""


def overtake_questions(session: Session, offer_ids: Collection[UUID], *, now: datetime) -> None:
    """Close what nobody replied to about offers that wait for no answer any more."""
    session.execute(
        update(OfferQuestion)
        .where(
            among(OfferQuestion.offer_id, offer_ids),
            OfferQuestion.state == QuestionState.OPEN,
        )
        .values(state=QuestionState.OVERTAKEN, ended_at=now)
        .execution_options(synchronize_session=False),
    )
