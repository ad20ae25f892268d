"""Whom the exchange writes to beside offices: for notification alone, which signs what it asks.

And the end of it by the link of a mail, for the console, whoever opened the link (RFC 8058).
"""

from datetime import datetime, timedelta
from typing import Annotated

import orjson
from fastapi import Depends, Header, Request, Response

from services.directory import domain, schemas
from services.directory.api.endpoints import Rules
from services.directory.api.log_ins import Console, EdgeOf
from services.directory.api.staff import Vault
from services.directory.api.tokens import Issuer
from services.directory.errors import QuestionNotSigned
from services.directory.policy import TokenIssuer
from shared.contracts.vocabulary import ChannelKind, Queue
from shared.kit import unsubscribe_links
from shared.kit.http import ReadSession
from shared.kit.identifiers import new_id
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Shape
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign

router = Router(tags=["mailings"])

SIZE = 500
"""How many one part of the list has."""
ASKED_WITHIN = timedelta(minutes=1)
"""By so much the clocks of two services may differ; what is older was kept by somebody."""
CALLER = "notification"
"""As whose client the tokens name it by which duties are read."""


async def _is_signed(
    request: Request,
    signature: Annotated[
        str, Header(alias=SIGNATURE, description="By the key shared with notification.")
    ] = "",
) -> None:
    """Refuse whoever is not notification, by the key that the two services share."""
    links: Links = request.app.state.links
    body = await request.body()
    if not is_signed(links, Queue.NOTIFICATION, Said.QUESTION, body, signature):
        raise QuestionNotSigned


BySignature = [Depends(_is_signed)]
SIGNED = refusals(400, 401, 422)


def _check_fresh(body: schemas.Question, now: datetime) -> None:
    """Refuse what was signed earlier, and kept by somebody since; raises ``QuestionNotSigned``."""
    if abs(body.asked_at - now) > ASKED_WITHIN:
        raise QuestionNotSigned


def _signed(request: Request, told: Shape) -> Response:
    """An answer that notification believes, and nobody else could have given."""
    links: Links = request.app.state.links
    said = orjson.dumps(told.model_dump(mode="json"))
    signature = sign(links, Queue.NOTIFICATION, Said.ANSWER, said)
    return Response(said, media_type="application/json", headers={SIGNATURE: signature})


@router.post(
    "/mailings",
    response_model=schemas.MailingList,
    dependencies=BySignature,
    responses=SIGNED,
)
def list_mailings(
    body: schemas.MailingsAsked, session: ReadSession, edge: EdgeOf, request: Request
) -> Response:
    """List who may be written to, by ids; for notification alone, which signs its question."""
    now = edge.clock()
    _check_fresh(body, now)
    found = domain.find_mailings(session, after=body.after, size=SIZE, now=now)
    items = [
        schemas.MailingRead(
            kind=each.kind,
            id=each.id,
            organisation_id=each.organisation_id,
            since=each.since,
            digest=each.digest,
            quiet_from=schemas.hour_and_minute(each.quiet_from),
            quiet_to=schemas.hour_and_minute(each.quiet_to),
            is_on_call=each.is_on_call,
            urgent_by=list(each.urgent_by),
            phone_at=each.phone_at,
        )
        for each in found
    ]
    is_more = len(items) == SIZE
    cursor = str(items[-1].id) if is_more else None
    return _signed(request, schemas.MailingList(items=items, next_cursor=cursor))


@router.post(
    "/mailings/recipient",
    response_model=schemas.RecipientRead,
    dependencies=BySignature,
    responses=SIGNED | refusals(404),
)
def find_recipient(
    *,
    body: schemas.RecipientAsked,
    session: ReadSession,
    edge: EdgeOf,
    vault: Vault,
    issuer: Issuer,
    request: Request,
) -> Response:
    """Say where somebody is written to at this moment; for notification alone.

    The mailbox, or the number, is in this answer, and in nothing that is kept.
    """
    now = edge.clock()
    _check_fresh(body, now)
    found = domain.find_recipient(
        session, kind=body.kind, recipient_id=body.id, by=body.by, vault=vault, now=now
    )
    return _signed(request, _told(found, body.by, issuer, now))


@router.post("/unsubscriptions", status_code=204, responses=refusals(400, 401, 403, 422))
def unsubscribe(
    body: schemas.Unsubscription, edge: EdgeOf, webhooks: Rules, _caller: Console
) -> Response:
    """End digests, or a weekly page, by the link of one of them; for the console alone.

    What is urgent goes on. Done twice, it is done.
    """
    link = unsubscribe_links.read(webhooks.master, body.link)
    with edge.begin() as session:
        domain.unsubscribe(session, link=link, now=edge.clock())
    return Response(status_code=204)


def _told(
    found: domain.Recipient, by: ChannelKind, issuer: TokenIssuer, now: datetime
) -> schemas.RecipientRead:
    token, is_phone = None, by is ChannelKind.SMS
    if found.subject is not None:
        token = issuer.sign(found.subject, client_id=CALLER, jti=new_id(), now=now)
    return schemas.RecipientRead(
        mailbox=None if is_phone else found.address,
        mailbox_id=None if is_phone else found.address_id,
        number=found.address if is_phone else None,
        number_id=found.address_id if is_phone else None,
        language=found.language,
        code=found.code,
        token=token,
    )
