"""Logging in at an identity provider of one's organisation, which answers over real HTTP."""

from base64 import b32decode, urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select, update

from deploy.local.patience import wait_until
from services.directory import domain
from services.directory.models import Staff, StaffCredentials, StaffSession
from services.directory.policy import LinkPurpose, Pending, StaffVault
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from tests.directory.builders import ISSUER, RULES
from tests.directory.calls import V1, Headers, TokenFor, key, refused
from tests.directory.desks import client, console, desk, entered, receiver
from tests.directory.owners import app_code
from tests.directory.people import Console, Somebody, of, outcomes, take_in, wrong
from tests.directory.providers import CLIENT_ID, OpenIdProvider, provider_on_loopback
from tests.directory.test_api_clients import is_anywhere
from tests.directory.test_duties import duties
from tests.noticing import somebody_waits
from tests.subjects import somebody as manager_of

__all__ = ["client", "console", "desk", "entered", "receiver"]


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with provider_on_loopback() as started:
        yield started


@dataclass
class Outside:
    """A console before which people log in at the provider of their organisation."""

    client: TestClient
    console: Console
    administrator: Headers
    provider: OpenIdProvider
    organisation_id: UUID
    sent: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{V1}/organisations/{self.organisation_id}/identity-provider"

    def register(self, **changes: str) -> httpx2.Response:
        body = {"issuer": self.provider.issuer, "client_id": CLIENT_ID, **changes}
        return self.client.put(self.place, json=body, headers=self.administrator | key())

    def ask(self, **more: Any) -> httpx2.Response:
        body = {"organisation_id": str(self.organisation_id), **more}
        place = f"{V1}/log-ins/outside"
        return self.client.post(place, json=body, headers=self.console.headers)

    def begin(self, subject: str = "nv-0017", **more: Any) -> dict[str, str]:
        """What the console sends once the person is back."""
        answer = self.ask(**more)
        assert answer.status_code == 200, answer.text
        begun = answer.json()
        return {"log_in": begun["log_in"], **self.provider.let_in(begun["address"], subject)}

    def come_back(self, sent: dict[str, str], **changes: str) -> httpx2.Response:
        return self.console.post("/outside/return", **{**sent, **changes})

    def enter(self, subject: str = "nv-0017", **more: Any) -> httpx2.Response:
        return self.come_back(self.begin(subject, **more))


@pytest.fixture
def somebody(database: Database, vault: StaffVault) -> Somebody:
    return take_in(database, vault, Role.RECEIVER)


@pytest.fixture
def outside(
    client: TestClient,
    console: Console,
    token_for: TokenFor,
    provider: OpenIdProvider,
    somebody: Somebody,
) -> Outside:
    asks = token_for("administrator", kind="operations", client_id="administrator")
    made = Outside(client, console, asks, provider, somebody.staff.organisation_id)
    assert made.register().status_code == 200
    return made


def test_whoever_has_a_link_is_from_then_on_who_the_provider_says(
    outside: Outside, somebody: Somebody, database: Database
) -> None:
    wrong(outside.enter())
    of(outside.enter(code=somebody.link), "done")
    session_token = of(outside.enter(), "done")["session"]
    assert session_token
    with database.read() as session:
        newest = select(StaffSession.means).order_by(StaffSession.id.desc()).limit(1)
        assert session.scalars(newest).one() == ["fed"]
    refused(outside.enter(code=somebody.link), 403, "link-not-valid")
    wrong(outside.enter("nv-0018"))
    assert outcomes(database, somebody) == ["done", "done"]


def test_nobody_has_to_give_a_slip_to_whom_a_provider_vouches_for(
    outside: Outside, somebody: Somebody, database: Database
) -> None:
    of(outside.enter(code=somebody.link), "done")
    asks = manager_of(outside.organisation_id, Role.MANAGER)
    with database.begin() as session:
        assert duties(session, asks, datetime.now(UTC)) == []
        kept = session.get_one(StaffCredentials, somebody.staff.id)
        kept.outside_digest = None
        assert len(duties(session, asks, datetime.now(UTC))) == 1


def test_the_password_of_whoever_is_vouched_for_is_over(
    outside: Outside, somebody: Somebody, database: Database, vault: StaffVault
) -> None:
    of(outside.console.redeem(somebody.link), "done")
    link = another_link(database, vault, somebody)
    of(outside.enter(code=link), "done")
    wrong(outside.console.log_in(somebody.user_name))
    of(outside.console.redeem(another_link(database, vault, somebody)), "done")
    of(outside.console.log_in(somebody.user_name), "done")
    wrong(outside.enter())


def test_whoever_decides_shows_a_second_factor_of_ours_as_well(
    outside: Outside, database: Database, vault: StaffVault
) -> None:
    verifier = take_in(database, vault, Role.VERIFIER, user_name="xac.minh")
    theirs = Outside(
        outside.client,
        outside.console,
        outside.administrator,
        outside.provider,
        verifier.staff.organisation_id,
    )
    theirs.register()
    begun = of(theirs.enter("nv-1", code=verifier.link), "set_up")
    secret = _secret(begun)
    done = of(outside.console.second(begun["log_in"], app_code(secret, periods=-1)), "done")
    assert len(done["recovery_codes"]) == 10
    half = of(theirs.enter("nv-1"), "second_factor")
    of(outside.console.second(half["log_in"], app_code(secret)), "done")
    with database.read() as session:
        newest = select(StaffSession.means).order_by(StaffSession.id.desc()).limit(1)
        assert session.scalars(newest).one() == ["fed", "otp"]
    wrong(outside.enter("nv-1"))


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://elsewhere.test"}, "another issuer"),
        ({"aud": "another"}, "for somebody else"),
        ({"aud": [CLIENT_ID, "another"]}, "for several, and made for none"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "made for another"),
        ({"nonce": "another"}, "of another log-in"),
        ({"nonce": None}, "of no log-in"),
        ({"exp": 1}, "over"),
        ({"exp": None}, "without an end"),
        ({"iat": 4102444800}, "of a time to come"),
        ({"sub": None}, "about nobody"),
        ({"sub": ""}, "about nobody at all"),
        ({"sub": "x" * 256}, "too long"),
    ],
    ids=str,
)
def test_a_token_that_is_not_for_here_and_now_lets_nobody_in(
    outside: Outside, somebody: Somebody, claims: dict[str, Any], why: str
) -> None:
    of(outside.enter(code=somebody.link), "done")
    outside.provider.claims = claims
    wrong(outside.enter())


@pytest.mark.parametrize(
    ("header", "signing"),
    [
        ({"alg": "RS256", "kid": "1"}, RSAKey.generate_key(2048, {"kid": "1"})),
        ({"alg": "HS256", "kid": "1"}, OctKey.import_key("a" * 64, {"kid": "1"})),
    ],
    ids=["another key", "a shared key"],
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    outside: Outside, somebody: Somebody, header: dict[str, Any], signing: RSAKey | OctKey
) -> None:
    of(outside.enter(code=somebody.link), "done")
    outside.provider.header, outside.provider.signing = header, signing
    wrong(outside.enter())


def test_an_answer_belongs_to_the_browser_in_which_it_was_asked_for(
    outside: Outside, somebody: Somebody
) -> None:
    of(outside.enter(code=somebody.link), "done")
    mine, theirs = outside.begin(), outside.begin("nv-0666")
    wrong(outside.come_back(mine, state=theirs["state"], code=theirs["code"]))
    wrong(outside.come_back(mine, code=theirs["code"]))
    wrong(outside.come_back(mine, log_in="QUFBQQ"))
    of(outside.come_back(mine), "done")
    wrong(outside.come_back(mine))


def test_a_log_in_that_was_begun_too_long_ago_is_over(
    outside: Outside, somebody: Somebody, vault: StaffVault
) -> None:
    sent = outside.begin()
    pending = Pending.read(vault.open_pending(urlsafe_b64decode(sent["log_in"] + "==")))
    now = datetime.now(UTC)
    assert pending.is_answered_by(sent["state"], now)
    assert not pending.is_answered_by(sent["state"], now + timedelta(minutes=10))
    assert not pending.is_answered_by(sent["state"], now - timedelta(minutes=1))


def test_a_provider_that_is_down_is_told_as_such(outside: Outside) -> None:
    sent = outside.begin()
    outside.provider.is_down = True
    refused(outside.come_back(sent), 503, "provider-down")


def test_a_provider_that_says_it_is_another_is_not_asked_for_anybody(outside: Outside) -> None:
    for told in (
        {"issuer": "https://elsewhere.test"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ):
        outside.provider.discovery = told
        refused(outside.ask(), 409, "provider-unfit")


def test_the_link_of_another_organisation_binds_nobody(
    outside: Outside, database: Database, vault: StaffVault
) -> None:
    other = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    refused(outside.enter(code=other.link), 403, "link-not-valid")


def test_one_person_at_the_provider_has_one_account(
    outside: Outside, somebody: Somebody, database: Database, vault: StaffVault
) -> None:
    of(outside.enter(code=somebody.link), "done")
    other = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    with database.begin() as session:
        session.execute(update(Staff).values(organisation_id=outside.organisation_id))
    refused(outside.enter(code=other.link), 409, "outside-taken")


def test_two_accounts_bound_to_one_person_at_one_moment_are_one_account(
    outside: Outside, somebody: Somebody, database: Database, vault: StaffVault
) -> None:
    other = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    sent = outside.begin(code=somebody.link)
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as faster:
            kept = faster.get_one(StaffCredentials, other.staff.id)
            kept.outside_digest = vault.digest("outside", outside.provider.issuer, "nv-0017")
            faster.flush()
            # This one sees nobody bound, and then waits for what the other has written.
            slower = pool.submit(outside.come_back, sent)
            assert wait_until(lambda: somebody_waits(database.begin), within=10)
        refused(slower.result(timeout=10), 409, "outside-taken")
    wrong(outside.enter())


def test_an_organisation_without_a_provider_has_no_such_way_in(
    outside: Outside, somebody: Somebody
) -> None:
    of(outside.enter(code=somebody.link), "done")
    sent = outside.begin()
    removed = outside.client.delete(outside.place, headers=outside.administrator | key())
    assert removed.status_code == 200
    refused(outside.come_back(sent), 404, "provider-not-found")
    refused(outside.ask(), 404, "provider-not-found")
    refused(
        outside.client.get(outside.place, headers=outside.administrator), 404, "provider-not-found"
    )
    place = f"{V1}/log-ins/outside"
    assert outside.client.get(place, headers=outside.console.headers).json() == {"items": []}


def test_an_administrator_alone_says_who_vouches(outside: Outside, token_for: TokenFor) -> None:
    read = outside.client.get(outside.place, headers=outside.administrator).json()
    assert read["redirect_uri"] == f"{ISSUER}/log-in/outside/return"
    listed = outside.client.get(f"{V1}/log-ins/outside", headers=outside.console.headers).json()
    assert [each["name_vi"] for each in listed["items"]] == ["Xã"]
    outside.administrator = token_for("manager", organisation_id=outside.organisation_id)
    refused(outside.register(), 403, "role-missing")


@pytest.mark.parametrize(
    "issuer",
    ["http://provider.vn", "https://10.0.0.1", "https://provider.vn:8443", "https://a.vn?x=1"],
)
def test_an_issuer_is_a_public_https_address(outside: Outside, issuer: str) -> None:
    refused(outside.register(issuer=issuer), 422, "provider-address-refused")


def test_whoever_comes_back_in_vain_waits_as_whoever_guesses(
    outside: Outside, somebody: Somebody
) -> None:
    of(outside.enter(code=somebody.link), "done")
    for _ in range(20):
        wrong(outside.come_back(outside.begin(), code="guess"))
    before = len(outside.provider.asked)
    wrong(outside.enter())
    assert outside.provider.asked[before:] == [], "nobody is asked while somebody waits"


def test_whoever_is_known_here_waits_for_nobody_else_at_the_same_address(
    outside: Outside, somebody: Somebody, database: Database, vault: StaffVault
) -> None:
    known = of(outside.enter(code=somebody.link), "done")["device_token"]
    stranger = take_in(database, vault, Role.RECEIVER, user_name="nguoi.khac")
    theirs = of(outside.console.redeem(stranger.link), "done")["device_token"]
    for number in range(20):
        wrong(outside.console.log_in(f"ai.do.{number}"))
    wrong(outside.enter())
    wrong(outside.come_back(outside.begin(), device_token=theirs))
    of(outside.come_back(outside.begin(), device_token=known), "done")


def test_who_somebody_is_at_the_provider_is_in_no_table_and_no_log(
    outside: Outside,
    somebody: Somebody,
    database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:
    of(outside.enter("CANARY-0017", code=somebody.link), "done")
    assert "CANARY-0017" not in "".join(capfd.readouterr())
    with database.read() as session:
        assert is_anywhere(session, "CANARY-0017") is False
        kept = session.get_one(StaffCredentials, somebody.staff.id)
        assert (kept.password_hash, len(kept.outside_digest or b"")) == (None, 32)


def another_link(database: Database, vault: StaffVault, somebody: Somebody) -> str:
    with database.begin() as session:
        staff = session.get_one(Staff, somebody.staff.id)
        made = domain.add_link(
            session,
            staff,
            LinkPurpose.EVERYTHING,
            vault=vault,
            rules=RULES,
            now=staff.registered_at,
            actor="test",
        )
        return vault.link_code(staff.id, made.link_number)


def _secret(begun: dict[str, Any]) -> bytes:
    return b32decode(begun["authenticator"]["secret"])
