"""Letting an office in by the link of a mail and the code agreed with it, for the console alone."""

from fastapi.responses import JSONResponse

from services.directory import domain, schemas
from services.directory.api.endpoints import Rules
from services.directory.api.log_ins import STEP, Console, StepOf
from services.directory.api.tokens import UNSTORED, Issuer
from services.directory.policy import lifetime_of
from shared.kit import answer_links
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_id
from shared.kit.routing import Router

router = Router(tags=["log-ins"])


@router.post("/log-ins/office", response_model=schemas.TokenRead, responses=STEP)
def let_office_in(
    body: schemas.OfficeGiven, step: StepOf, caller: Console, issuer: Issuer, webhooks: Rules
) -> JSONResponse:
    """Let an office answer one offer, by the link of its mail and the code agreed with it.

    The access token is good for ten minutes and reaches the offer of the link alone. Wrong codes
    are counted by the office and the address together; a link that is over is told at once.
    """
    link = answer_links.read(webhooks.master, body.link)
    context = step.context(body)
    with step.edge.begin() as session:
        office = domain.let_office_in(session, link=link, code=body.code, context=context)
    if isinstance(office, DomainError):
        raise office
    token = schemas.TokenRead(
        access_token=issuer.sign(office, client_id=caller.id, jti=new_id(), now=context.now),
        expires_in=int(lifetime_of(office).total_seconds()),
        scope=None,
    )
    return JSONResponse(token.model_dump(exclude_none=True), headers=UNSTORED)
