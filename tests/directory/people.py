"""People who log in through a console, in tests: what they know, and what they ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.directory import domain
from services.directory.models import LogInFailure, Staff, StaffSession
from services.directory.policy import LinkPurpose, StaffVault
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.audit import AUDIT
from shared.kit.database import Database
from shared.kit.subjects import Grant, Means, Subject, SubjectKind
from tests.conftest import NOON
from tests.directory.builders import ACTOR, RULES, held
from tests.directory.calls import V1, Headers, refused

PASSWORD = "thuyền nan trên sông"
OTHER_PASSWORD = "cầu tre lắc lẻo gập ghềnh"
NAME = "Nguyễn Thị Chim Báo"


def code_of(secret: bytes, *, periods: int = 0) -> str:
    """What an authenticator app shows at noon, or some periods later."""
    present = int(NOON.timestamp()) // 30 + periods
    return HOTP(secret, 6, SHA1()).generate(present).decode()  # noqa: S303 - as apps do


@dataclass
class Console:
    """The one client that lets people log in; whoever asks comes from ``source``."""

    client: TestClient
    headers: Headers
    source: str = "203.0.113.7"

    def post(self, path: str, **body: Any) -> httpx2.Response:
        place = {"device": "phone", "source": self.source}
        return self.client.post(f"{V1}/log-ins{path}", json=place | body, headers=self.headers)

    def log_in(self, user_name: str, password: str = PASSWORD, **more: Any) -> httpx2.Response:
        return self.post("", user_name=user_name, password=password, **more)

    def second(self, log_in: str, code: str, **more: Any) -> httpx2.Response:
        return self.post("/second-factor", log_in=log_in, code=code, **more)

    def redeem(self, code: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/link", code=code, password=password)

    def log_out(self, session: str) -> httpx2.Response:
        return self.client.post(
            f"{V1}/log-ins/log-out", json={"session": session}, headers=self.headers
        )


def of(answer: httpx2.Response, step: str) -> dict[str, Any]:
    """What a step was answered that led where it should."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["step"] == step
    return body


@dataclass
class Somebody:
    """A person with an account: in the database with a link, until they have used it."""

    staff: Staff
    link: str
    user_name: str
    secret: bytes = b""
    recovery_codes: list[str] = field(default_factory=list)
    device_token: str = ""

    @property
    def subject(self) -> Subject:
        """As whom they ask, once they are in."""
        return Subject(
            kind=SubjectKind.STAFF,
            id=str(self.staff.id),
            organisation_id=self.staff.organisation_id,
            organisation_kind="commune_committee",
            grants=frozenset({Grant("receiver", "31")}),
            means=(Means.PASSWORD,),
            authenticated_at=0,
        )


def take_in(
    database: Database,
    vault: StaffVault,
    *roles: Role,
    user_name: str = "chim.bao",
    of_organisation: Iterable[DatedRole] | None = None,
) -> Somebody:
    """A person of a new organisation, with all its roles, and a link to get in."""
    grants = tuple(held(role) for role in roles)
    with database.begin() as session:
        organisation = domain.open_organisation(
            session,
            code=f"xa-{uuid4().hex[:8]}",
            kind=OrganisationKind.COMMUNE_COMMITTEE,
            facts=domain.OrganisationFacts(
                name_vi="Xã",
                name_en="A commune",
                roles=tuple(of_organisation or (*grants, held(Role.MANAGER))),
            ),
            now=NOON,
            actor=ACTOR,
        )
        manager = Subject(
            kind=SubjectKind.STAFF,
            id=str(uuid4()),
            organisation_id=organisation.id,
            organisation_kind="commune_committee",
            grants=frozenset({Grant("manager", "31")}),
            means=(Means.PASSWORD,),
            authenticated_at=0,
        )
        staff = domain.register_staff(
            session,
            user_name=user_name,
            facts=domain.StaffFacts(display_name=NAME, grants=grants),
            vault=vault,
            now=NOON,
            subject=manager,
        )
        link = domain.make_link(
            session,
            staff_id=staff.id,
            purpose=LinkPurpose.EVERYTHING,
            vault=vault,
            rules=RULES,
            now=NOON,
            subject=manager,
        )
        code = vault.link_code(staff.id, link.link_number)
    return Somebody(staff, code, user_name)


def later(database: Database, by: timedelta) -> None:
    """As if so much time had passed for sessions and for whoever has to wait."""
    with database.begin() as session:
        session.execute(
            update(StaffSession).values(
                begun_at=StaffSession.begun_at - by,
                authenticated_at=StaffSession.authenticated_at - by,
                used_at=StaffSession.used_at - by,
            )
        )
        session.execute(
            update(LogInFailure).values(
                waits_until=LogInFailure.waits_until - by, last_at=LogInFailure.last_at - by
            )
        )


def wrong(answer: httpx2.Response) -> None:
    """Whatever was wrong, this is all that is said."""
    body = refused(answer, 403, "log-in-refused")
    assert set(body) == {"type", "title", "status"}, "the answer tells which it was"


def outcomes(database: Database, somebody: Somebody) -> list[str]:
    with database.read() as session:
        rows = session.execute(
            select(AUDIT.c.outcome)
            .where(AUDIT.c.object_id == somebody.staff.id, AUDIT.c.action == "account.log_in")
            .order_by(AUDIT.c.id)
        )
        return [outcome for (outcome,) in rows]


def guess(console: Console, user_name: str, times: int, **more: str) -> None:
    for number in range(times):
        wrong(console.log_in(user_name, f"{OTHER_PASSWORD} {number}", **more))
