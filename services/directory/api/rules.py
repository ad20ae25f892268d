"""Dated rules over HTTP: read by everybody, proposed by one and published by another."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory.api.edge import CREATING, LISTING, READING, ById
from services.directory.domain import rules
from services.directory.policy import ProposalState, RuleFacts
from services.directory.schemas.rule import (
    DatedRuleRead,
    ProposalCreate,
    ProposalList,
    ProposalRead,
    RuleList,
)
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.directory import CitedLaw
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["rules"])

Reader = Annotated[Subject, Depends(permitted(Permission.RULE_PROPOSAL_READ))]
Proposer = Annotated[Subject, Depends(permitted(Permission.RULE_PROPOSE))]
Publisher = Annotated[Subject, Depends(permitted(Permission.RULE_PUBLISH))]


@router.get("/law/rules", responses=LISTING)
def list_rules(
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.RULE_READ))],
) -> RuleList:
    """List every row by which a period is dated, also those that hold no more or not yet."""
    return RuleList(items=[DatedRuleRead.of(each) for each in rules.find_rules(session)])


@router.get("/law/proposals", responses=LISTING)
def list_proposals(
    session: ReadSession,
    caller: Reader,
    page: PageParams,
    state: Annotated[
        ProposalState | None, Query(description="Only proposals in this state.")
    ] = None,
) -> ProposalList:
    """List the rows that were proposed, the newest first."""
    found = rules.find_proposals(session, state=state, after=page.after, size=page.reach)
    shown = page.of(found)
    items = [_read(session, each, caller) for each in shown.rows]
    return ProposalList(items=items, next_cursor=shown.next_cursor)


@router.get("/law/proposals/{proposal_id}", responses=READING)
def read_proposal(proposal_id: ById, session: ReadSession, caller: Reader) -> ProposalRead:
    """Read a row that was proposed, and what became of it."""
    return _read(session, rules.find_proposal(session, proposal_id=proposal_id), caller)


@router.post("/law/proposals", status_code=201, response_model=ProposalRead, responses=CREATING)
def create_proposal(body: ProposalCreate, once: OnceOnly, caller: Proposer) -> JSONResponse:
    """Propose a row that shall go before the one that holds; somebody else publishes it."""
    law = CitedLaw(**body.law.model_dump()) if body.law else None
    facts = RuleFacts(**body.model_dump(exclude={"law"}), law=law)

    def act(session: Session, now: datetime) -> Answer:
        made = rules.propose_rule(session, facts=facts, subject=caller, now=now)
        return _answer(session, made, caller)

    return once.answer(act)


@router.post(
    "/law/proposals/{proposal_id}/publications",
    status_code=201,
    response_model=ProposalRead,
    responses=CREATING,
)
def publish_proposal(proposal_id: ById, once: OnceOnly, caller: Publisher) -> JSONResponse:
    """Have a row hold that somebody else proposed; the services that act on it are told."""

    def act(session: Session, now: datetime) -> Answer:
        published = rules.publish_rule(session, proposal_id=proposal_id, subject=caller, now=now)
        return _answer(session, published, caller)

    return once.answer(act)


@router.post(
    "/law/proposals/{proposal_id}/withdrawals",
    status_code=201,
    response_model=ProposalRead,
    responses=CREATING,
)
def withdraw_proposal(proposal_id: ById, once: OnceOnly, caller: Proposer) -> JSONResponse:
    """Give a row up that was proposed and never published."""

    def act(session: Session, now: datetime) -> Answer:
        given_up = rules.withdraw_rule(session, proposal_id=proposal_id, subject=caller, now=now)
        return _answer(session, given_up, caller)

    return once.answer(act)


def _read(session: Session, found: Any, caller: Subject) -> ProposalRead:
    names = ProposalRead.model_fields.keys() - {"law", "awaited", "is_mine"}
    return ProposalRead.model_validate(
        {name: getattr(found, name) for name in names}
        | {
            "law": rules.law_of(found),
            "awaited": rules.awaited(session, found),
            "is_mine": found.proposed_by == caller.actor,
        }
    )


def _answer(session: Session, found: Any, caller: Subject) -> Answer:
    place = f"/directory/v1/law/proposals/{found.id}"
    return Answer(201, _read(session, found, caller).model_dump(mode="json"), {"Location": place})
