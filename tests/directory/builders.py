"""What the tests of the directory stand on: a client with its key, an organisation, assertions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.models import Organisation
from services.directory.policy import LogInRules, RelyingParty, TokenRequest
from services.directory.policy.tokens import FORM, GRANT
from shared.contracts import BY_TYPE, DatedRole, Message
from shared.contracts.directory import CLIENT_ASSERTION
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.audit import AUDIT
from tests.told import IN_OUTBOX

ISSUER = "https://nhipcau.test"
TOKEN_ENDPOINT = "https://nhipcau.test/directory/v1/token"
CLIENT_ID = "truong-nghe.he-thong"
ACTOR = "test"
RULES = LogInRules(
    is_second_factor_required=True,
    link_lifetime=timedelta(hours=72),
    party=RelyingParty.of(ISSUER),
)


def held(
    role: Role = Role.PROVIDER,
    area_code: str = "31",
    valid_from: date = date(2020, 2, 12),
    valid_to: date | None = None,
) -> DatedRole:
    return DatedRole(role=role, area_code=area_code, valid_from=valid_from, valid_to=valid_to)


@dataclass(frozen=True)
class Signer:
    """A client's side: its private key, and the assertions it makes at an instant."""

    now: datetime
    client_id: str = CLIENT_ID
    key: OKPKey | ECKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))
    algorithm: str = "Ed25519"

    @property
    def public_jwk(self) -> dict[str, Any]:
        return dict(self.key.as_dict(private=False))

    def claims(self, **changes: Any) -> dict[str, Any]:
        at = int(self.now.timestamp())
        told = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": TOKEN_ENDPOINT,
            "iat": at,
            "exp": at + 60,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in (told | changes).items() if value is not None}

    def assertion(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        full = {"alg": self.algorithm, **(header or {})}
        return jwt.encode(full, self.claims(**changes), self.key, algorithms=[self.algorithm])

    def request(self, **changes: Any) -> TokenRequest:
        return TokenRequest(self.assertion(**changes), client_id=None, scope=frozenset())

    def form(self, assertion: str | None = None, **fields: str) -> dict[str, Any]:
        """The arguments of an HTTP call for a token."""
        told = {
            "grant_type": GRANT,
            "client_assertion_type": CLIENT_ASSERTION,
            "client_assertion": assertion or self.assertion(),
        }
        return {"content": urlencode(told | fields), "headers": {"Content-Type": FORM}}


def open_school(
    session: Session,
    *,
    now: datetime,
    code: str = "truong-nghe",
    roles: tuple[DatedRole, ...] = (held(),),
) -> Organisation:
    return domain.open_organisation(
        session,
        code=code,
        kind=OrganisationKind.VOCATIONAL_SCHOOL,
        facts=domain.OrganisationFacts(name_vi="Trường nghề", name_en="A school", roles=roles),
        now=now,
        actor=ACTOR,
    )


def register(session: Session, signer: Signer, organisation_id: UUID) -> None:
    domain.register_client(
        session,
        client_id=signer.client_id,
        organisation_id=organisation_id,
        public_jwk=signer.public_jwk,
        now=signer.now,
        actor=ACTOR,
    )


def told(session: Session) -> list[Message]:
    """The messages stored so far, one for each destination."""
    rows = session.execute(
        select(IN_OUTBOX.c.type, IN_OUTBOX.c.body).order_by(
            IN_OUTBOX.c.message_id, IN_OUTBOX.c.destination
        ),
    )
    return [BY_TYPE[row.type].model_validate(row.body) for row in rows]


def audited(session: Session) -> list[tuple[str, str]]:
    """What the audit holds: action and outcome."""
    rows = session.execute(select(AUDIT.c.action, AUDIT.c.outcome).order_by(AUDIT.c.id))
    return [(row.action, row.outcome) for row in rows]
