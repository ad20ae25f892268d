"""Issuing tokens on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.errors.tokens import AssertionFault, InvalidClient, InvalidScope
from services.directory.models import ClientAssertion
from services.directory.policy import IssuedToken, TokenIssuer, TokenRequest
from shared.contracts.vocabulary import Role
from shared.kit.auth import TokenVerifier
from shared.kit.retention import Pruned, prune
from shared.messaging.retention import pruning
from tests.directory.builders import ACTOR, RULES, Signer, audited, held, open_school, register

ROLES = (
    held(Role.PROVIDER),
    held(Role.RECEIVER, "11557"),
    held(Role.CASE_OWNER, valid_to=date(2025, 7, 1)),
    held(Role.VERIFIER, valid_from=date(2027, 1, 1)),
)


@pytest.fixture
def now() -> datetime:
    """Verifiers read the real clock, so these tests stand at it."""
    return datetime.now(UTC)


@pytest.fixture
def issue(
    session: Session, now: datetime, signer: Signer, token_issuer: TokenIssuer
) -> Callable[[TokenRequest], IssuedToken]:
    """Issues tokens for a school's client, as of now."""
    register(session, signer, open_school(session, now=now, roles=ROLES).id)
    return lambda asked: domain.issue_token(
        session, asked=asked, issuer=token_issuer, rules=RULES, now=now
    )


Issue = Callable[[TokenRequest], IssuedToken]


def fault(issue: Issue, asked: TokenRequest) -> AssertionFault:
    with pytest.raises(InvalidClient) as refusal:
        issue(asked)
    found: AssertionFault = refusal.value.facts["reason"]
    return found


def test_a_token_carries_the_roles_in_force_today(
    issue: Issue, signer: Signer, verifier: TokenVerifier, session: Session
) -> None:
    issued = issue(signer.request())
    caller = verifier.verify(issued.value)
    school = domain.find_client(session, client_id=signer.client_id).organisation
    assert caller.id == signer.client_id
    assert caller.organisation_id == school.id
    assert caller.organisation_kind == school.kind
    in_force = {"provider", "receiver"} | ({"verifier"} if signer.now.year >= 2027 else set())
    assert caller.roles == in_force
    assert caller.areas_of("provider") == {"31"}
    assert caller.areas_of("receiver") == {"11557"}
    assert issued.seconds == 600
    assert set((issued.scope or "").split()) == in_force


def test_the_day_is_the_day_in_hai_phong(
    session: Session, signer: Signer, token_issuer: TokenIssuer
) -> None:
    still_the_day_before_in_utc = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
    asking = replace(signer, now=still_the_day_before_in_utc)
    first_day = held(Role.CASE_OWNER, valid_from=date(2026, 7, 1))
    register(session, asking, open_school(session, now=asking.now, roles=(first_day,)).id)

    def scope(at: datetime) -> str | None:
        asked = replace(asking, now=at).request()
        return domain.issue_token(
            session, asked=asked, issuer=token_issuer, rules=RULES, now=at
        ).scope

    assert scope(still_the_day_before_in_utc - timedelta(seconds=1)) is None
    assert scope(still_the_day_before_in_utc) == "case_owner"


def test_a_scope_narrows_roles_and_areas(
    issue: Issue, signer: Signer, verifier: TokenVerifier
) -> None:
    asked = replace(signer.request(), scope=frozenset({"receiver"}))
    issued = issue(asked)
    caller = verifier.verify(issued.value)
    assert (caller.roles, caller.areas_of("receiver"), issued.scope) == (
        frozenset({"receiver"}),
        frozenset({"11557"}),
        "receiver",
    )


def test_a_role_that_has_ended_cannot_be_asked_for(issue: Issue, signer: Signer) -> None:
    with pytest.raises(InvalidScope):
        issue(replace(signer.request(), scope=frozenset({"case_owner"})))


def test_an_assertion_is_good_for_one_token(
    issue: Issue, signer: Signer, settle: Callable[[], None], session: Session
) -> None:
    asked = signer.request()
    issue(asked)
    assert fault(issue, asked) is AssertionFault.REUSED
    same_id = signer.request(jti="the-same-id", exp=int(signer.now.timestamp()) + 30)
    issue(same_id)
    assert fault(issue, signer.request(jti="the-same-id")) is AssertionFault.REUSED
    settle()
    issued = [entry for entry in audited(session) if entry[0] == "token.issued"]
    assert issued == [("token.issued", "done")] * 2


def test_two_clients_may_use_the_same_id(
    issue: Issue, signer: Signer, session: Session, now: datetime
) -> None:
    other = Signer(now, client_id="benh-vien.he-thong")
    register(session, other, open_school(session, now=now, code="other").id)
    issue(signer.request(jti="the-same-id"))
    assert issue(other.request(jti="the-same-id"))


def test_a_client_cannot_speak_as_another(
    issue: Issue, signer: Signer, session: Session, now: datetime
) -> None:
    other = Signer(now, client_id="benh-vien.he-thong")
    register(session, other, open_school(session, now=now, code="other").id)
    as_other = replace(signer, client_id=other.client_id)
    assert fault(issue, as_other.request()) is AssertionFault.NOT_AUTHENTIC
    named_other = replace(signer.request(), client_id=other.client_id)
    assert fault(issue, named_other) is AssertionFault.NOT_AUTHENTIC
    assert issue(replace(signer.request(), client_id=signer.client_id))


def test_an_unknown_client_and_a_wrong_key_are_told_apart_by_nobody(
    issue: Issue, signer: Signer
) -> None:
    unknown = replace(signer, client_id="unknown-client")
    wrong_key = Signer(signer.now)
    assert fault(issue, unknown.request()) == fault(issue, wrong_key.request())


def test_a_stopped_client_and_a_departed_organisation_get_no_token(
    issue: Issue, signer: Signer, session: Session, now: datetime
) -> None:
    client = domain.find_client(session, client_id=signer.client_id)

    def set_active(is_active: bool) -> None:
        domain.change_client(
            session,
            client_id=signer.client_id,
            public_jwk=signer.public_jwk,
            is_active=is_active,
            expected_version=client.version,
            now=now,
            actor=ACTOR,
        )

    set_active(False)
    assert fault(issue, signer.request()) is AssertionFault.NOT_AUTHENTIC
    set_active(True)
    assert issue(signer.request())
    domain.change_organisation(
        session,
        organisation_id=client.organisation_id,
        facts=domain.OrganisationFacts("Tên", "Name", roles=ROLES, is_active=False),
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    assert fault(issue, signer.request()) is AssertionFault.NOT_AUTHENTIC


def test_a_replaced_key_is_worth_nothing_from_then_on(
    issue: Issue, signer: Signer, session: Session, now: datetime
) -> None:
    renewed = Signer(now)
    domain.change_client(
        session,
        client_id=signer.client_id,
        public_jwk=renewed.public_jwk,
        is_active=True,
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    assert fault(issue, signer.request()) is AssertionFault.NOT_AUTHENTIC
    assert issue(renewed.request())


def count(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(ClientAssertion)).one()


def test_a_refused_assertion_is_not_remembered(
    issue: Issue, signer: Signer, session: Session
) -> None:
    fault(issue, signer.request(exp=int(signer.now.timestamp()) + 3600))
    fault(issue, Signer(signer.now).request())
    assert count(session) == 0


(RULE,) = (
    rule
    for rule in domain.RETENTION
    if isinstance(rule, Pruned) and rule.table == "client_assertions"
)


def test_a_relay_an_hour_ahead_makes_no_assertion_usable_twice(
    issue: Issue, signer: Signer, session: Session, now: datetime
) -> None:
    """Fault 38: pruning is told another time, and does not listen."""
    asked = signer.request()
    issue(asked)
    for sweep in pruning(domain.RETENTION):
        sweep.run(session, now + timedelta(hours=1))
    assert fault(issue, asked) is AssertionFault.REUSED


def test_spent_assertions_are_forgotten_a_day_after_they_would_be_refused_anyway(
    issue: Issue, signer: Signer, session: Session
) -> None:
    issue(signer.request())
    issue(signer.request())
    late = session.scalars(select(ClientAssertion)).first()
    assert late is not None
    late.expires_at = datetime.now(UTC) - timedelta(hours=25)
    session.flush()
    assert [prune(session, RULE) for _ in range(2)] == [1, 0]
    assert count(session) == 1
