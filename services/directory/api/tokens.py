"""The token endpoint (RFC 6749 section 4.4, RFC 7523) and the keys of its tokens."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from services.directory import domain, examples, schemas
from services.directory.api.staff import Rules
from services.directory.errors.tokens import InvalidClient, TokenRefusal
from services.directory.policy import TokenIssuer, parse_token_request
from services.directory.policy.sessions import LONGEST_TOKEN
from services.directory.policy.tokens import ACCESS_TOKEN, GRANT
from shared.contracts.directory import CLIENT_ASSERTION, SESSION_TOKEN, TOKEN_EXCHANGE
from shared.kit import problems
from shared.kit.errors import STATUS_OF_KIND
from shared.kit.http import Edge, edge_of
from shared.kit.logging import logger
from shared.kit.routing import Router
from shared.texts import TextLanguage

router = Router(tags=["tokens"])

# RFC 6749 section 5.1 asks for it beside Cache-Control, which every answer here has.
UNSTORED = {"Pragma": "no-cache"}

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "examples": [examples.TOKEN_REQUEST],
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": [GRANT, TOKEN_EXCHANGE]},
                        "subject_token": {
                            "type": "string",
                            "maxLength": LONGEST_TOKEN,
                            "description": "In an exchange (RFC 8693): the token of a session.",
                        },
                        "subject_token_type": {"type": "string", "const": SESSION_TOKEN},
                        "requested_token_type": {"type": "string", "const": ACCESS_TOKEN},
                        "client_assertion_type": {
                            "type": "string",
                            "const": CLIENT_ASSERTION,
                        },
                        "client_assertion": {"type": "string", "maxLength": 4096},
                        "client_id": {"type": "string"},
                        "scope": {
                            "type": "string",
                            "description": "Roles, space separated; all roles when left out.",
                        },
                    },
                },
            },
        },
    },
}


async def _body(request: Request) -> bytes:
    return await request.body()


def _issuer(request: Request) -> TokenIssuer:
    issuer: TokenIssuer = request.app.state.token_issuer
    return issuer


Issuer = Annotated[TokenIssuer, Depends(_issuer)]


@router.post(
    "/token",
    response_model=schemas.TokenRead,
    openapi_extra=_FORM,
    responses={400: {"model": schemas.TokenError}, 401: {"model": schemas.TokenError}},
)
def issue_token(
    request: Request,
    body: Annotated[bytes, Depends(_body)],
    edge: Annotated[Edge, Depends(edge_of)],
    issuer: Issuer,
    rules: Rules,
) -> JSONResponse:
    """Exchange a client assertion for an access token of ten minutes, or a session for a person's.

    The assertion is a JWT signed with the key registered for the client, by the one algorithm of
    that key (Ed25519, formerly called EdDSA, or ES256): `iss` and `sub` are the client id, `aud`
    is this address or the issuer and nothing else, `exp` at most five minutes ahead, `jti` never
    used before.

    A console exchanges the session of a person (RFC 8693) for an access token of one minute: its
    `sub` is the person, who is judged as any client is, and `act` the console. A session that has
    ended gets no new token: `invalid_request`.
    """
    try:
        asked = parse_token_request(request.headers.get("content-type", ""), body)
        with edge.begin() as session:
            issued = domain.issue_token(
                session, asked=asked, issuer=issuer, rules=rules, now=edge.clock()
            )
    except TokenRefusal as refusal:
        return _refused(refusal, edge)
    token = schemas.TokenRead(
        access_token=issued.value,
        expires_in=issued.seconds,
        scope=issued.scope,
        issued_token_type=ACCESS_TOKEN if issued.is_exchanged else None,
    )
    return JSONResponse(token.model_dump(exclude_none=True), headers=UNSTORED)


@router.get("/jwks.json")
def read_keys(issuer: Issuer) -> schemas.KeySet:
    """Read the public keys that access tokens are checked with (RFC 7517)."""
    return schemas.KeySet.model_validate(issuer.jwks)


def _refused(refusal: TokenRefusal, edge: Edge) -> JSONResponse:
    reason = refusal.facts.get("reason")
    logger().warning("token_refused", code=refusal.name(), reason=reason)
    # RFC 6749 section 5.2 allows a description no letter beyond ASCII, so it is English for all.
    title = edge.texts.say(TextLanguage.ENGLISH, problems.VOCABULARY, refusal.code())
    described = f"{title} ({reason})" if reason else title
    error: dict[str, Any] = {"error": refusal.name(), "error_description": described}
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(refusal, InvalidClient) else {}
    return JSONResponse(error, STATUS_OF_KIND[refusal.kind], headers=UNSTORED | headers)
