"""From a validated body to sealed facts, and from the desk to an answer."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.intake import domain, policy
from services.intake.api.edge import Desk, links
from services.intake.errors import InvalidRequest
from services.intake.schemas import CaseCreate, CaseReceipt, PaperCreate
from shared.contracts.vocabulary import OrganisationKind
from shared.kit.auth import Caller
from shared.kit.clock import Clock, local_date
from shared.kit.conditional import etag
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from shared.kit.group_commit import GroupCommit
from shared.kit.idempotency import Answer


def open_desk(begin: Begin, clock: Clock) -> Desk:
    """Where submissions that wait together are stored together."""

    def receive(
        session: Session,
        facts: Sequence[domain.CaseFacts],
    ) -> Sequence[Answer | DomainError]:
        return domain.receive_cases(session, facts, now=clock(), answer=answer)

    return GroupCommit(begin, receive, name="reception")


def answer(received: domain.Received) -> Answer:
    """201, and the same again for every repeat: ids and codes only."""
    where = links(received.case_id)
    receipt = CaseReceipt(
        id=received.case_id,
        code=received.code,
        received_at=received.received_at,
        status=received.status,
        warnings=list(received.warnings),
        links=where,
    )
    return Answer(201, receipt.model_dump(mode="json"), {"Location": where.self, "ETag": etag(1)})


def plain_case(body: CaseCreate, caller: Caller, clock: Clock) -> domain.PlainCase:
    """A submission that breaks no rule; raises ``InvalidRequest`` naming fields and rules."""
    said, now = body.statement(), clock()
    today = local_date(now)
    if faults := policy.find_faults(said, today):
        errors = [{"in": "body", "pointer": it.pointer, "rule": it.rule} for it in faults]
        raise InvalidRequest(errors=errors)
    person = body.person
    codes = domain.CaseCodes(
        route=body.route,
        receiver_id=caller.organisation_id,
        receiver_kind=OrganisationKind(caller.organisation_kind),
        received_at=now,
        age_band=policy.age_band(said.birth, today),
        sex=person.sex,
        citizenship=policy.citizenship_of(person.nationality),
        origin_unit_code=person.origin_unit_code,
        present_unit_code=person.present_unit_code,
        languages=tuple(body.languages),
        needs_interpreter=body.needs_interpreter,
        requested_services=tuple(body.requested_services),
        warnings=tuple(policy.find_warnings(said, today)),
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
        numbers=_numbers(said),
    )


def _paper(written: PaperCreate, stated: policy.StatedPaper) -> domain.PlainPaper:
    parts = None if stated.number is None else vars(stated.number)
    details = {"number": written.number, "parts": parts, "issuer": written.issuer}
    return domain.PlainPaper(written.type, written.issued_on, details)


def _numbers(said: policy.Statement) -> list[tuple[domain.IndexedField, str]]:
    """What may be searched for by equality: confirmed or not, a number is a number."""
    phones = [(domain.IndexedField.PHONE, phone.number) for phone in said.phones]
    documents = [
        (domain.IndexedField.IDENTITY_NUMBER, plain)
        for _, number in said.identity_numbers
        if (plain := policy.searchable_number(number))
    ]
    return phones + documents
