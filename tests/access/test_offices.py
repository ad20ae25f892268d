"""Whoever is bound to one thing has two permissions, for that thing, and nothing beside."""

from typing import Annotated
from uuid import UUID, uuid4

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Uuid, column, literal, select, values
from sqlalchemy.orm import Session

from shared.access import FOR_OFFICES, Permission, visible
from shared.access.asking import RoleMissing, permitted
from shared.contracts.vocabulary import Role
from shared.kit.auth import TokenVerifier
from shared.kit.subjects import Means, Subject, SubjectKind
from tests.conftest import TokenFor
from tests.subjects import somebody

US, OFFER, OTHER = uuid4(), uuid4(), uuid4()
NOTHING: set[UUID] = set()


def office(*roles: str) -> Subject:
    """An office with these roles, bound to one offer."""
    held = somebody(US, *roles)
    bound = {"kind": SubjectKind.OFFICE, "means": (Means.AGREED_CODE,), "bound_to": OFFER}
    return Subject(**{**vars(held), **bound})


def reached(session: Session, subject: Subject, *, is_named: bool) -> set[UUID]:
    """Which of two offers to our organisation are reached."""
    table = values(column("id", Uuid), column("asked", Uuid), name="offers")
    rows = table.data([(OFFER, US), (OTHER, US)])
    sight = visible(subject, Permission.REFERRAL_READ)
    thing = rows.c.id if is_named else None
    is_reached = sight.reaches(assigned=[rows.c.asked], thing=thing)
    return set(session.scalars(select(rows.c.id).where(is_reached)))


def test_it_reaches_the_thing_it_is_bound_to(session: Session) -> None:
    assert reached(session, somebody(US, Role.PROVIDER), is_named=True) == {OFFER, OTHER}
    assert reached(session, office(Role.PROVIDER), is_named=True) == {OFFER}


def test_where_things_are_not_named_it_reaches_nothing(session: Session) -> None:
    """So whoever adds a list need not think of it."""
    assert reached(session, somebody(US, Role.PROVIDER), is_named=False) == {OFFER, OTHER}
    assert reached(session, office(Role.PROVIDER), is_named=False) == NOTHING


@pytest.mark.parametrize("permission", Permission, ids=str)
def test_no_role_lends_it_more(session: Session, permission: Permission) -> None:
    sight = visible(office(*Role), permission)
    assert not sight.is_over_all
    assert not sight.owns(US)
    everything = sight.reaches(own=[literal(US)], assigned=[literal(US)])
    assert session.scalar(select(everything)) is False
    assert bool(sight.scopes) is (permission in FOR_OFFICES)


@pytest.mark.parametrize("permission", Permission, ids=str)
def test_a_route_asks_an_office_for_one_of_its_two_permissions(
    permission: Permission, verifier: TokenVerifier, token_for: TokenFor
) -> None:
    app = FastAPI()
    app.state.verifier = verifier

    @app.get("/")
    def shown(_caller: Annotated[Subject, Depends(permitted(permission))]) -> None: ...

    client = TestClient(app, raise_server_exceptions=True)
    asks = token_for(*Role, organisation_id=US, bound_to=OFFER)
    if permission in FOR_OFFICES:
        assert client.get("/", headers=asks).status_code == 200
        return
    with pytest.raises(RoleMissing):
        client.get("/", headers=asks)
    assert client.get("/", headers=token_for(*Role, organisation_id=US)).status_code == 200
