"""What the gateway of SMS reports, signed as webhooks are."""

from typing import Annotated

from fastapi import Depends, Request

from services.notification import domain, schemas
from services.notification.errors import ReportNotSigned
from services.notification.policy import verify
from shared.kit.http import Edge, edge_of
from shared.kit.problems import refusals
from shared.kit.routing import Router

router = Router()


async def _gateway(request: Request) -> str:
    """Which gateway reports: the one whose secret has signed this just now; refused, if none."""
    state, body = request.app.state, await request.body()
    now = state.edge.clock().timestamp()
    for name, secrets in state.sms_secrets.items():
        if verify(secrets, request.headers, body, now=now):
            return str(name)
    raise ReportNotSigned


@router.post(
    "/sms-reports",
    tags=["deliveries"],
    status_code=204,
    responses=refusals(400, 401, 404, 409, 422),
)
def report_sms(
    body: schemas.SmsReportCreate,
    gateway: Annotated[str, Depends(_gateway)],
    edge: Annotated[Edge, Depends(edge_of)],
) -> None:
    """Say what became of an SMS; for the gateway alone that was asked to send it.

    It signs what it says as webhooks are signed, with the secret that it shares with us.

    It is repeated until it is answered with 204: with 409, the answer to handing the text over is
    not written down yet. A repeat changes nothing.
    """
    with edge.begin() as session:
        domain.note_report(
            session,
            delivery_id=body.id,
            attempt=body.attempt,
            reported=body.outcome,
            carrier=gateway,
            now=edge.clock(),
        )
