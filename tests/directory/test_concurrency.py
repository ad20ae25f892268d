"""What must hold when several requests come at once, on real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

from sqlalchemy import select

from services.directory import domain
from services.directory.errors import OrganisationCodeTaken
from services.directory.errors.tokens import InvalidClient
from services.directory.models import Endpoint, Organisation
from services.directory.policy import TokenIssuer
from shared.contracts import EndpointChanged
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from shared.kit.errors import DomainError, VersionChanged
from tests.directory.builders import ACTOR, RULES, Signer, held, open_school, register, told

AT_ONCE = 6


def at_once(database: Database, act: Callable[[Any], Any]) -> list[Any]:
    """What each of several transactions that begin together ended with: a result or a refusal."""
    start = Barrier(AT_ONCE)

    def one(_number: int) -> Any:
        start.wait(timeout=10)
        try:
            with database.begin() as session:
                return act(session)
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_an_assertion_sent_many_times_at_once_is_good_for_one_token(
    database: Database, signer: Signer, token_issuer: TokenIssuer, now: datetime
) -> None:
    with database.begin() as session:
        register(session, signer, open_school(session, now=now).id)
    asked = signer.request()
    ends = at_once(
        database,
        lambda session: domain.issue_token(
            session, asked=asked, issuer=token_issuer, rules=RULES, now=now
        ),
    )
    refusals = [end for end in ends if isinstance(end, InvalidClient)]
    assert len(refusals) == AT_ONCE - 1
    assert {refusal.facts["reason"] for refusal in refusals} == {"reused"}


def test_endpoints_registered_at_once_are_one_endpoint_with_that_many_secrets(
    database: Database, now: datetime
) -> None:
    with database.begin() as session:
        school_id = open_school(session, now=now).id
    at_once(
        database,
        lambda session: domain.register_endpoint(
            session,
            organisation_id=school_id,
            url="https://truong.edu.vn/hooks",
            allow_loopback=False,
            now=now,
            actor=ACTOR,
        ),
    )
    with database.read() as session:
        assert session.scalars(select(Endpoint)).one().secret_version == AT_ONCE
        versions = [it.secret_version for it in told(session) if isinstance(it, EndpointChanged)]
    assert sorted(versions) == list(range(1, AT_ONCE + 1))


def test_changes_made_at_once_from_the_same_version_are_one_change(
    database: Database, now: datetime
) -> None:
    with database.begin() as session:
        school_id = open_school(session, now=now).id
    facts = domain.OrganisationFacts("Tên", "Name", roles=(held(Role.RECEIVER),))
    ends = at_once(
        database,
        lambda session: domain.change_organisation(
            session,
            organisation_id=school_id,
            facts=facts,
            expected_version=1,
            now=now,
            actor=ACTOR,
        ),
    )
    assert sum(isinstance(end, VersionChanged) for end in ends) == AT_ONCE - 1
    with database.read() as session:
        assert session.scalars(select(Organisation.version)).one() == 2


def test_a_code_taken_at_once_belongs_to_one_organisation(
    database: Database, now: datetime
) -> None:
    ends = at_once(database, lambda session: open_school(session, now=now))
    assert sum(isinstance(end, OrganisationCodeTaken) for end in ends) == AT_ONCE - 1
    with database.read() as session:
        assert len(session.scalars(select(Organisation)).all()) == 1
