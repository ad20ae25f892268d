"""From a validated body to sealed facts, and from the desk to an answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import domain, policy
from services.intake.api.edge import links
from services.intake.errors import InvalidRequest, UnitNotInForce
from services.intake.schemas import CaseCreate, CaseReceipt, Companion, PaperCreate
from shared.contracts.vocabulary import OrganisationKind
from shared.kit.clock import Clock, local_date
from shared.kit.conditional import etag
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from shared.kit.group_commit import GroupCommit
from shared.kit.http import Asked, Outcome, answer_once, record_refusal
from shared.kit.idempotency import Answer
from shared.kit.identifiers import tail_of
from shared.kit.subjects import Subject


@dataclass(frozen=True, repr=False)
class Submission:
    """One request at the desk: the sealed case, or why it is refused."""

    asked: Asked
    case: domain.CaseFacts | DomainError
    again: Callable[[UUID], domain.CaseFacts] | None = None
    """Seals it once more, as a ``case_id`` that this database has forgotten."""
    draft: domain.DraftSent | None = None
    """The draft that it was made from, which ends with it."""
    met: domain.NoticeMet | None = None
    """Whom it is of those who were expected."""
    minors: tuple["Submission", ...] = ()
    """The children who came along, each a case of its own."""

    @property
    def sealed(self) -> Iterator[domain.CaseFacts]:
        """What is to be stored of it: nothing of what is refused."""
        if isinstance(self.case, domain.CaseFacts):
            yield self.case
            for minor in self.minors:
                yield from minor.sealed


Desk = GroupCommit[Submission, Answer]


def open_desk(begin: Begin, clock: Clock) -> Desk:
    """The desk at which submissions that wait together are stored together."""
    return GroupCommit(
        begin, lambda session, asked: receive(session, asked, now=clock()), name="reception"
    )


def receive(
    session: Session,
    submissions: Sequence[Submission],
    *,
    now: datetime,
    draw: domain.Draw = domain.draw_code,
) -> list[Outcome]:
    """Answer each, in order: store the new ones, repeat what was answered before.

    A refusal is recorded and kept like any other answer, and touches none of its neighbours. What
    has to be known is asked in one round trip, and what is stored is sent in another.
    """
    forgotten = domain.Forgotten(session)
    codes = domain.Codes(session, (it.name for it in _sealed(submissions)), draw)
    drafts = domain.DraftsSent(session, [it.draft for it in submissions if it.draft], now)

    def act(fresh: Sequence[int]) -> list[Outcome]:
        new = _recognised(session, [submissions[place] for place in fresh], forgotten, now)
        notices = domain.NoticesMet(session, [it.met for it in new if it.met], now)
        new = [_of_notice(it, notices) for it in new]
        new = [_from_draft(it, drafts) for it in new]
        received = iter(domain.receive_cases(session, _sealed(new), codes=codes, now=now))
        drafts.end()
        notices.end({it.case_id for it in _sealed(new)})
        return [_outcome(session, it, received, now) for it in new]

    return answer_once(session, [it.asked for it in submissions], act, now=now)


def _sealed(submissions: Sequence[Submission]) -> Sequence[domain.CaseFacts]:
    return [case for it in submissions for case in it.sealed]


def _recognised(
    session: Session, new: Sequence[Submission], forgotten: domain.Forgotten, now: datetime
) -> Sequence[Submission]:
    """With those submitted again that this database has forgotten, under the ids they had."""
    waiting = forgotten.by_tail()
    if not waiting:
        return new
    known = [_as_known(it, waiting) for it in new]
    back = {it.case_id for it in _sealed(known)}
    if theirs := back & set(waiting.values()):
        domain.settle_forgotten(session, theirs, now)
    return known


def _as_known(submission: Submission, forgotten: Mapping[int, UUID]) -> Submission:
    if isinstance(submission.case, DomainError) or submission.again is None:
        return submission
    case_id = forgotten.get(tail_of(submission.case.case_id))
    case = submission.case if case_id is None else submission.again(case_id)
    minors = tuple(_beside(_as_known(it, forgotten), case.case_id) for it in submission.minors)
    return replace(submission, case=case, minors=minors)


def _beside(minor: Submission, case_id: UUID) -> Submission:
    """With the id that the case of whom the child came with has in the end."""
    if isinstance(minor.case, DomainError):
        return minor
    return replace(minor, case=replace(minor.case, accompanies=case_id))


def _of_notice(submission: Submission, notices: domain.NoticesMet) -> Submission:
    """Refused, if it is nobody who was expected there, or came by another way."""
    case = submission.case
    if submission.met is None or isinstance(case, DomainError):
        return submission
    refusal = notices.refusal(submission.met, case.case_id, case.codes.route)
    return submission if refusal is None else replace(submission, case=refusal)


def _from_draft(submission: Submission, drafts: domain.DraftsSent) -> Submission:
    """Refused, if its draft is another's, has changed, or has become a case."""
    if submission.draft is None or isinstance(submission.case, DomainError):
        return submission
    refusal = drafts.refusal(submission.draft, submission.case.case_id)
    return submission if refusal is None else replace(submission, case=refusal)


def _outcome(
    session: Session, submission: Submission, received: Iterator[domain.Received], now: datetime
) -> Outcome:
    if isinstance(submission.case, DomainError):
        record_refusal(session, submission.asked, submission.case, now=now)
        return submission.case
    return answer(next(received), list(islice(received, len(submission.minors))))


def answer(received: domain.Received, minors: Sequence[domain.Received] = ()) -> Answer:
    """201, and the same again for every repeat: ids and codes only."""
    where = links(received.case_id)
    receipt = CaseReceipt(
        id=received.case_id,
        code=received.code,
        received_at=received.received_at,
        status=received.status,
        warnings=list(received.warnings),
        accompanying=[Companion(id=it.case_id, code=it.code) for it in minors],
        links=where,
    )
    return Answer(201, receipt.model_dump(mode="json"), {"Location": where.self, "ETag": etag(1)})


def submission(
    asked: Asked,
    body: CaseCreate,
    caller: Subject,
    *,
    keys: MasterKeys,
    clock: Clock,
    traceparent: str | None,
    draft: domain.DraftSent | None = None,
) -> Submission:
    """What the desk is handed: the sealed case, or the rules that the body breaks.

    Of one draft comes one case, whatever keys it is sent under.
    """
    origin = asked.attempt.name if draft is None else draft.origin

    def sealing(plain: domain.PlainCase, *along: str) -> Callable[..., domain.CaseFacts]:
        return partial(
            domain.seal_case,
            keys,
            plain,
            actor=asked.actor,
            traceparent=traceparent,
            origin=(*origin, *along),
        )

    try:
        seal = sealing(plain_case(body, caller, clock))
    except InvalidRequest as broken:
        return Submission(asked, broken)
    case = seal()
    minors = [
        partial(sealing(each, f"minor {place}"), accompanies=case.case_id)
        for place, each in enumerate(_minors(body, caller, clock))
    ]
    told = body.advance_notice
    return Submission(
        asked,
        case,
        _again(seal),
        draft,
        None if told is None else domain.NoticeMet(told.id, told.number, caller),
        tuple(_minor(asked, it) for it in minors),
    )


def _minor(asked: Asked, seal: Callable[..., domain.CaseFacts]) -> Submission:
    return Submission(asked, seal(), _again(seal))


def _again(seal: Callable[..., domain.CaseFacts]) -> Callable[[UUID], domain.CaseFacts]:
    return lambda case_id: seal(case_id=case_id)


def _minors(body: CaseCreate, caller: Subject, clock: Clock) -> Iterator[domain.PlainCase]:
    """The children who came along; the rules were asked of whom they came with."""
    for minor in body.accompanying_minors:
        theirs = body.of_minor(minor)
        yield _plain(theirs, theirs.statement(), caller, clock())


def plain_case(body: CaseCreate, caller: Subject, clock: Clock) -> domain.PlainCase:
    """A submission that breaks no rule; raises ``InvalidRequest`` naming fields and rules."""
    said, now = body.statement(), clock()
    today = local_date(now)
    if faults := policy.find_faults(said, now):
        errors = [{"in": "body", "pointer": it.pointer, "rule": it.rule} for it in faults]
        raise InvalidRequest(errors=errors)
    if ended := policy.find_ended_units(said.units, today):
        raise UnitNotInForce(errors=[_asked_instead(it) for it in ended])
    return _plain(body, said, caller, now)


def _plain(
    body: CaseCreate, said: policy.Statement, caller: Subject, now: datetime
) -> domain.PlainCase:
    """What is kept of a submission."""
    person, today = body.person, local_date(now)
    codes = domain.CaseCodes(
        route=body.route,
        receiver_id=caller.organisation_id,
        receiver_kind=OrganisationKind(caller.organisation_kind),
        received_at=policy.received_at(body.received_at, now),
        registered_at=now,
        late_reason=body.late_reason,
        age_band=policy.age_band(said.birth, today),
        was_minor_at_act=policy.was_minor_at_act(said.birth, said.act, today),
        band_ends_on=policy.band_ends_on(said.birth, today),
        sex=person.sex,
        citizenship=policy.citizenship_of(person.nationality),
        origin_unit_code=said.origin.code,
        origin_unit_on=said.origin.written_on(today),
        present_unit_code=said.present.code,
        present_unit_on=said.present.written_on(today),
        languages=tuple(body.languages),
        needs_interpreter=body.needs_interpreter,
        has_immediate_needs=bool(body.immediate_needs),
        asked_staff_sex=body.asked_staff_sex,
        requested_services=tuple(body.requested_services),
        warnings=tuple(policy.find_warnings(said, now)),
    )
    return domain.PlainCase(
        codes=codes,
        identity=body.stored_identity(),
        sender_reference=body.sender_reference,
        papers=[_paper(*it) for it in zip(body.papers, said.papers, strict=True)],
        consents=[
            domain.PlainConsent(it.organisation_kind, it.purpose, it.witness)
            for it in body.consents
        ],
        numbers=_numbers(said, body.sender_reference),
    )


def _asked_instead(ended: policy.EndedUnit) -> dict[str, Any]:
    """What to send instead; where ``asks`` is set only the person knows which of them."""
    return {
        "in": "body",
        "pointer": ended.pointer,
        "rule": ended.rule,
        "on": ended.on.isoformat(),
        "asks": len(ended.successors) > 1,
        "successors": [
            {"code": it.code, "name": it.name, "valid_from": it.first.isoformat()}
            for it in ended.successors
        ],
        "valid_from": ended.begins_on and ended.begins_on.isoformat(),
    }


def _paper(written: PaperCreate, stated: policy.StatedPaper) -> domain.PlainPaper:
    parts = None if stated.number is None else vars(stated.number)
    details = {"number": written.number, "parts": parts, "issuer": written.issuer}
    return domain.PlainPaper(written.type, written.issued_on, details)


def _numbers(
    said: policy.Statement, sender_reference: str | None
) -> list[tuple[policy.IndexedField, str]]:
    """What may be searched for by equality: numbers, whether they are confirmed or not."""
    phones = [(policy.IndexedField.PHONE, phone.number) for phone in said.phones]
    documents = [
        (policy.IndexedField.IDENTITY_NUMBER, plain)
        for _, number in said.identity_numbers
        if (plain := policy.searchable_number(number))
    ]
    if sender_reference is None:
        return phones + documents
    reference = policy.searchable_reference(sender_reference)
    return [*phones, *documents, (policy.IndexedField.SENDER_REFERENCE, reference)]
