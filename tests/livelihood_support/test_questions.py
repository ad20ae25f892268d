"""An organisation asks back before it answers: the case owner replies, and no clock stops."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.livelihood_support import domain
from services.livelihood_support.domain.move_views import MoveView
from services.livelihood_support.domain.reading import ReferralView
from services.livelihood_support.errors import (
    MoveNotAllowed,
    NotResponsibleNow,
    QuestionNotFound,
    QuestionNotOpen,
    ReferralNotFound,
    ReplyUnfit,
)
from services.livelihood_support.models import Alert, OfferQuestion, Referral
from services.livelihood_support.policy import (
    Duty,
    Inquiry,
    Move,
    QuestionCode,
    QuestionState,
    ReplyCode,
)
from shared.contracts import Message, QuestionAnswered, QuestionsAsked, Queue
from shared.contracts.vocabulary import ReasonCode, Role
from shared.duties import DutyRow, find_duties
from shared.kit.audit import AUDIT
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.subjects import somebody

Q, R = QuestionCode, ReplyCode
KIND = "offer_question"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def offered(field: Field) -> Referral:
    """A school has the offer since Monday noon, and another could be asked."""
    field.programme(capacity=2)
    referral = field.referred()
    field.deliver(referral.id)
    return referral


def ask(field: Field, referral: Referral, *questions: QuestionCode) -> MoveView:
    return field.move(referral, Move.ASK, inquiry=Inquiry(questions))


def reply(
    field: Field,
    referral: Referral,
    question_id: UUID,
    said: ReplyCode = R.YES,
    subject: Subject | None = None,
) -> MoveView:
    inquiry = Inquiry(question_id=question_id, reply=said)
    return field.move(referral, Move.REPLY, inquiry=inquiry, subject=subject or case_owner())


def questions(field: Field, referral: Referral) -> Sequence[OfferQuestion]:
    """Of every offer, as they were asked."""
    field.session.flush()
    query = select(OfferQuestion).order_by(OfferQuestion.asked_at, OfferQuestion.question)
    return field.session.scalars(query.execution_options(populate_existing=True)).all()


def states(field: Field, referral: Referral) -> dict[str, str]:
    return {each.question: each.state for each in questions(field, referral)}


def read(field: Field, reference: UUID, subject: Subject) -> ReferralView:
    field.session.flush()
    return domain.find_referral(
        field.session, referral_id=reference, subject=subject, now=field.now
    )


def duties(field: Field, subject: Subject) -> Sequence[DutyRow]:
    field.session.flush()
    return find_duties(
        field.session, domain.DUTIES, subject=subject, now=field.now, after=None, size=9
    )[0]


def test_what_is_asked_is_the_case_owners_and_keeps_the_status(
    field: Field, offered: Referral
) -> None:
    later = field.at(field.now + AN_HOUR)
    made = ask(later, offered, Q.TRANSPORT, Q.START_DATE)
    assert (made.from_status, made.to_status, made.version) == ("requested", "requested", 1)
    assert list(made.questions) == [Q.TRANSPORT, Q.START_DATE]
    assert states(field, offered) == {Q.START_DATE: "open", Q.TRANSPORT: "open"}
    (found,) = (each for each in duties(later, case_owner()) if each.what == Duty.REPLY_TO_QUESTION)
    assert (found.since, found.case_id) == (later.now, offered.case_id)
    assert found.link == f"referrals/{offered.id}"
    offer = field.offer(offered.id)
    assert (found.due_at, found.why is not None) == (offer.expires_at, True)
    assert [each.what for each in duties(later, asked(field.offer(offered.id)))] == [
        Duty.ANSWER_OFFER
    ]


def test_the_time_to_answer_neither_stops_nor_lengthens(field: Field, offered: Referral) -> None:
    before = field.offer(offered.id).expires_at
    assert before is not None
    later = field.at(field.now + timedelta(days=1))
    ask(later, offered, Q.PAPERS)
    assert field.offer(offered.id).expires_at == before
    reply(later, offered, questions(field, offered)[0].id)
    assert field.offer(offered.id).expires_at == before
    assert domain.expire_offers(field.session, before + AN_HOUR) == 1


def test_who_asks_has_seen_the_offer_and_its_time_begins_if_it_had_not(field: Field) -> None:
    field.programme()
    referral = field.referred()
    offer = field.offer(referral.id)
    assert (offer.seen_at, offer.expires_at) == (None, None)
    ask(field, referral, Q.SCHOOLING)
    assert offer.seen_at == field.now
    begun = offer.expires_at
    assert begun is not None
    ask(field.at(field.now + timedelta(days=2)), referral, Q.HEALTH)
    assert (offer.seen_at, offer.expires_at) == (field.now, begun)


def test_the_same_is_asked_once_while_it_is_open(
    field: Field, offered: Referral, settle: Callable[[], None]
) -> None:
    assert list(ask(field, offered, Q.TRANSPORT, Q.TRANSPORT).questions) == [Q.TRANSPORT]
    (first,) = questions(field, offered)
    (told_once,) = field.session.scalars(select(Alert.id).where(Alert.kind == KIND))
    ask(field.at(field.now + AN_HOUR), offered, Q.TRANSPORT)
    (again,) = questions(field, offered)
    assert (again.id, again.asked_at) == (first.id, field.now)
    assert field.session.scalars(select(Alert.id).where(Alert.kind == KIND)).all() == [told_once]
    ask(field.at(field.now + AN_HOUR), offered, Q.TRANSPORT, Q.LANGUAGE)
    assert len(questions(field, offered)) == 2
    settle()
    noted = select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "referral.ask")
    assert field.session.scalar(noted) == 3, "who says so again has said so"


def test_what_was_replied_to_may_be_asked_again(field: Field, offered: Referral) -> None:
    ask(field, offered, Q.TRANSPORT)
    reply(field, offered, questions(field, offered)[0].id, R.NOT_KNOWN)
    ask(field.at(field.now + AN_HOUR), offered, Q.TRANSPORT)
    assert [each.state for each in questions(field, offered)] == ["answered", "open"]


def test_a_reply_is_bound_to_its_question_and_its_organisation_is_told(
    field: Field, offered: Referral, told: Callable[[Queue], list[Message]]
) -> None:
    ask(field, offered, Q.TRANSPORT, Q.START_DATE)
    ask(field, offered, Q.TRANSPORT)
    by_code = {each.question: each for each in questions(field, offered)}
    (of_intake,) = (it for it in told(Queue.INTAKE) if isinstance(it, QuestionsAsked))
    assert set(of_intake.question_ids) == {each.id for each in by_code.values()}
    made = reply(field, offered, by_code[Q.TRANSPORT].id, R.NO)
    assert (list(made.questions), made.reply) == ([Q.TRANSPORT], R.NO)
    assert states(field, offered) == {Q.TRANSPORT: "answered", Q.START_DATE: "open"}
    assert field.alerts(offered.case_id) == [KIND]
    reply(field, offered, by_code[Q.START_DATE].id, R.AGREED_BY_PHONE)
    assert field.alerts(offered.case_id) == []
    offer = field.offer(offered.id)
    answered = [it for it in told(Queue.NOTIFICATION) if isinstance(it, QuestionAnswered)]
    assert [it for it in told(Queue.INTAKE) if isinstance(it, QuestionAnswered)] == answered
    assert {(it.question_id, it.offer_id, it.organisation_id) for it in answered} == {
        (each.id, offer.id, offer.organisation_id) for each in by_code.values()
    }
    assert all("reply" not in it.model_dump() for it in answered), "what, is read with the offer"


def test_each_side_reads_the_question_and_whoever_asked_not_who_replied(
    field: Field, offered: Referral
) -> None:
    ask(field, offered, Q.CALL_US)
    owner, school = case_owner(), asked(field.offer(offered.id))
    (open_one,) = read(field, offered.id, owner).questions
    assert list(open_one.replies) == [R.AGREED_BY_PHONE, R.NEED_CHANGED]
    (own,) = read(field, field.offer(offered.id).id, school).questions
    assert (own.state, list(own.replies)) == (QuestionState.OPEN, [])
    reply(field.at(field.now + AN_HOUR), offered, open_one.id, R.AGREED_BY_PHONE)
    (own,) = read(field, field.offer(offered.id).id, school).questions
    assert (own.state, own.reply) == (QuestionState.ANSWERED, R.AGREED_BY_PHONE)
    of_school = domain.find_moves(
        field.session,
        referral_id=field.offer(offered.id).id,
        subject=school,
        now=field.now,
        after=None,
        size=9,
    )
    assert [(list(it.questions), it.reply) for it in of_school if it.questions] == [
        ([Q.CALL_US], None),
        ([Q.CALL_US], R.AGREED_BY_PHONE),
    ]
    assert of_school[-1].actor == "exchange"


def test_a_question_is_replied_to_once_with_what_fits_it(field: Field, offered: Referral) -> None:
    ask(field, offered, Q.CALL_US, Q.PAPERS)
    by_code = {each.question: each.id for each in questions(field, offered)}
    with pytest.raises(ReplyUnfit):
        reply(field, offered, by_code[Q.CALL_US], R.YES)
    with pytest.raises(QuestionNotFound):
        reply(field, offered, new_id())
    reply(field, offered, by_code[Q.PAPERS])
    with pytest.raises(QuestionNotOpen):
        reply(field, offered, by_code[Q.PAPERS], R.NO)
    reply(field, offered, by_code[Q.CALL_US], R.AGREED_BY_PHONE)
    with pytest.raises(MoveNotAllowed):
        reply(field, offered, by_code[Q.PAPERS], R.NO)


def test_only_whoever_is_asked_asks_and_only_whoever_owns_the_case_replies(
    field: Field, offered: Referral
) -> None:
    inquiry = Inquiry([Q.PAPERS])
    with pytest.raises(MoveNotAllowed):
        field.move(offered, Move.ASK, inquiry=inquiry, subject=case_owner())
    with pytest.raises(ReferralNotFound):
        field.move(offered, Move.ASK, inquiry=inquiry, subject=somebody(new_id(), Role.PROVIDER))
    ask(field, offered, Q.PAPERS)
    (question,) = questions(field, offered)
    with pytest.raises(MoveNotAllowed):
        reply(field, offered, question.id, subject=asked(field.offer(offered.id)))
    with pytest.raises((NotResponsibleNow, ReferralNotFound)):
        reply(field, offered, question.id, subject=somebody(new_id(), Role.CASE_OWNER))


def test_more_questions_are_told_again_and_are_as_old_as_the_oldest(
    field: Field, offered: Referral
) -> None:
    ask(field, offered, Q.PAPERS)
    assert domain.tell_alerts(field.session, field.now) == 1
    later = field.at(field.now + AN_HOUR)
    ask(later, offered, Q.LANGUAGE)
    assert field.alerts(offered.case_id) == [KIND]
    assert domain.tell_alerts(field.session, later.now) == 1
    (alert,) = field.session.scalars(
        select(Alert).where(Alert.kind == KIND, Alert.settled_at.is_(None))
    )
    assert alert.raised_at == field.now


def accepted(field: Field, referral: Referral) -> None:
    field.move(referral, Move.ACCEPT)


def rejected(field: Field, referral: Referral) -> None:
    field.move(referral, Move.REJECT, reason=ReasonCode.DISTANCE)


def cancelled(field: Field, referral: Referral) -> None:
    reason = ReasonCode.PERSON_DECLINED
    field.move(referral, Move.CANCEL, reason=reason, subject=case_owner())


def lapsed(field: Field, referral: Referral) -> None:
    domain.expire_offers(field.session, field.now + timedelta(days=60))


def withdrawn(field: Field, referral: Referral) -> None:
    field.withdraw(referral.case_id)


ENDINGS = (accepted, rejected, cancelled, lapsed, withdrawn)


@pytest.mark.parametrize("end", ENDINGS)
def test_what_ends_the_wait_overtakes_what_was_asked(
    field: Field, offered: Referral, end: Callable[[Field, Referral], None]
) -> None:
    ask(field, offered, Q.PAPERS, Q.LANGUAGE)
    first = questions(field, offered)[0].id
    reply(field, offered, first)
    end(field, offered)
    assert sorted(each.state for each in questions(field, offered)) == ["answered", "overtaken"]
    assert KIND not in field.alerts(offered.case_id)
    assert Duty.REPLY_TO_QUESTION not in {each.what for each in duties(field, case_owner())}


def test_whoever_is_asked_next_learns_nothing_of_what_was_asked_before(
    field: Field, offered: Referral
) -> None:
    other = field.programme()
    ask(field, offered, Q.PAPERS)
    (before,) = questions(field, offered)
    rejected(field, offered)
    next_one = field.offer(offered.id)
    assert next_one.programme_id == other.id
    assert read(field, next_one.id, asked(next_one)).questions == []
    assert read(field, offered.id, case_owner()).questions == []
    with pytest.raises(MoveNotAllowed):
        reply(field, offered, before.id)


def test_a_reply_to_who_was_asked_before_reaches_nobody_else(
    field: Field, offered: Referral
) -> None:
    """The next has asked the same, and the page that is sent is an old one."""
    field.programme()
    ask(field, offered, Q.PAPERS)
    (before,) = questions(field, offered)
    rejected(field, offered)
    ask(field, offered, Q.PAPERS)
    with pytest.raises(QuestionNotFound):
        reply(field, offered, before.id)
    assert sorted(each.state for each in questions(field, offered)) == ["open", "overtaken"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.lists(st.sampled_from(Q), min_size=1, max_size=3)),
        st.tuples(st.just("reply"), st.sampled_from(R)),
        st.tuples(st.just("end"), st.sampled_from([accepted, rejected, cancelled, lapsed])),
    ),
    max_size=8,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_question_is_open_if_and_only_if_it_is_somebodys_duty(
    field: Field, offered: Referral, steps: list[tuple[str, object]]
) -> None:
    with field.session.begin_nested() as undone:
        now: datetime = field.now
        for what, with_what in steps:
            now += AN_HOUR
            _step(field.at(now), offered, what, with_what)
            is_open = QuestionState.OPEN in states(field, offered).values()
            waits = field.session.scalar(select(Referral.status).where(Referral.id == offered.id))
            assert is_open <= (waits == "requested")
            assert field.alerts(offered.case_id).count(KIND) == int(is_open)
            due = [each.what for each in duties(field.at(now), case_owner())]
            assert due.count(Duty.REPLY_TO_QUESTION) == int(is_open)
            asked_now = [it.question for it in questions(field, offered) if it.state == "open"]
            assert len(asked_now) == len(set(asked_now))
        undone.rollback()
    field.session.expire_all()


def _step(field: Field, referral: Referral, what: str, with_what: object) -> None:
    """Whoever may not do so now is refused, and nothing changes."""
    offers = [each for each in field.offers(referral.id) if each.status == "offered"]
    if not offers:
        return
    if what == "ask":
        ask(field, referral, *with_what)  # type: ignore[misc]
    elif what == "end":
        with_what(field, referral)  # type: ignore[operator]
    else:
        _reply_to_the_first(field, referral, with_what)


def _reply_to_the_first(field: Field, referral: Referral, said: object) -> None:
    waiting = [each for each in questions(field, referral) if each.state == "open"]
    if waiting:
        try:
            reply(field, referral, waiting[0].id, said)  # type: ignore[arg-type]
        except ReplyUnfit:
            assert waiting[0].question == Q.CALL_US
