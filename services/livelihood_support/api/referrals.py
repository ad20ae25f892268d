"""Routes about referrals: what was asked of whom, and how it goes on."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from services.livelihood_support.policy import POINTS
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import ReferralStatus
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions
from shared.law import Rules
from shared.law.shapes import RuleRead
from shared.rulebook import rules_of

router = Router(tags=["referrals"])


ReferralId = Annotated[
    Id, Path(description="The id of the referral; the organisation asked uses the id of its offer.")
]


def _offer(found: Any, rules: Rules) -> schemas.OfferRead:
    """An offer, and why it is given up, or ends, when it does."""
    fields = schemas.OfferRead.model_fields
    kept = {name: getattr(found, name) for name in fields if hasattr(found, name)}
    reached_at = (found.delivered_at, found.seen_at)
    whys = {
        "delivery_due_why": domain.why_delivery_is_due(
            rules, found.offered_at, found.delivery_due_at
        ),
        "expires_why": domain.why_it_expires(rules, reached_at, found.expires_at),
    }
    return schemas.OfferRead.model_validate({**kept, **whys})


@router.get("/referrals", responses=refusals(401, 403, 422))
def list_referrals(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.REFERRAL_READ))],
    now: Now,
    page: PageParams,
    case_id: Annotated[Id | None, Query(description="Only referrals of this case.")] = None,
    status: Annotated[
        ReferralStatus | None, Query(description="Only referrals in this status.")
    ] = None,
) -> schemas.ReferralList:
    """List referrals: a case owner its areas', a provider those it is asked for or serves."""
    found = domain.find_referrals(
        read.session,
        subject=caller,
        now=now,
        case_id=case_id,
        status=status,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=case_id)
    items = [schemas.ReferralRead.model_validate(each) for each in shown.rows]
    return schemas.ReferralList(items=items, next_cursor=shown.next_cursor)


@router.get("/referrals/{referral_id}", responses=refusals(401, 403, 404, 422))
def read_referral(
    referral_id: ReferralId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.REFERRAL_READ))],
    now: Now,
    response: Response,
) -> schemas.ReferralRead:
    """Read a referral; its ETag is what a move sends back as If-Match."""
    found = domain.find_referral(read.session, referral_id=referral_id, subject=caller, now=now)
    read.shows(referral_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.ReferralRead.model_validate(found)


@router.post(
    "/referrals/{referral_id}/moves",
    status_code=201,
    response_model=schemas.MoveRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_referral(
    *,
    referral_id: ReferralId,
    body: schemas.MoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.REFERRAL_MOVE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Answer or carry on a referral. Rejected or failed, it goes to the next programme at once.

    The organisation asked sends ``seen``, ``ask``, ``accept``, ``reject``, ``start``, ``hold``,
    ``resume``, ``complete`` and ``fail``, and ``confirm_purge`` when it was told to delete what it
    knows; whoever owns the case today sends ``cancel``, ``reply`` to a question, and
    ``confirm`` once the person has told that the support has reached them. A move that is not
    legal now is a 409 that names the legal ones.
    """

    def act(session: Session, now: datetime) -> Answer:
        moved = domain.move_referral(
            session,
            referral_id=referral_id,
            subject=caller,
            move=body.move,
            reason=body.reason,
            outcome=body.outcome,
            inquiry=body.inquiry,
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        made = schemas.MoveRead.model_validate(moved)
        place = {"Location": place_of(request), "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/referrals/{referral_id}/moves", responses=refusals(401, 403, 404, 422))
def list_moves(
    *,
    referral_id: ReferralId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.REFERRAL_READ))],
    now: Now,
    page: PageParams,
) -> schemas.MoveList:
    """List the moves of a referral, oldest first; a provider sees those of its own offer."""
    found = domain.find_moves(
        read.session,
        referral_id=referral_id,
        subject=caller,
        now=now,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.shows(referral_id)
    items = [schemas.MoveRead.model_validate(each) for each in shown.rows]
    return schemas.MoveList(items=items, next_cursor=shown.next_cursor)


@router.get("/referrals/{referral_id}/offers", responses=refusals(401, 403, 404, 422))
def list_offers(
    referral_id: ReferralId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.OFFER_READ))],
    now: Now,
) -> schemas.OfferList:
    """List the programmes asked so far, what each was chosen for and how each offer ended."""
    found = domain.find_offers(read.session, referral_id=referral_id, subject=caller, now=now)
    read.shows(referral_id)
    rules = rules_of(read.session)
    return schemas.OfferList(
        items=[_offer(each, rules) for each in found],
        weights=POINTS,
        delivery_rule=RuleRead.model_validate(domain.delivery_period(rules, now)),
        answer_rule=RuleRead.model_validate(domain.answer_period(rules, now)),
    )


@router.get("/referrals/{referral_id}/candidates", responses=refusals(401, 403, 404, 422))
def list_candidates(
    referral_id: ReferralId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.OFFER_READ))],
    now: Now,
) -> schemas.CandidateList:
    """List the programmes for the need as they stand: who would be asked next, and who cannot be.

    Points order those that may be asked; no points make up for what excludes a programme.
    """
    found = domain.find_candidates(read.session, referral_id=referral_id, subject=caller, now=now)
    read.shows(referral_id)
    items = [schemas.CandidateRead.model_validate(each) for each in found]
    return schemas.CandidateList(items=items, weights=POINTS)
