"""The audit of a case in notification: what was told of it, and where that stands."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import update

from services.notification import api, domain
from services.notification.models import CaseSubscription
from shared.auditing.api import audit_routes
from shared.kit.database import Begin
from tests.audited import entries
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.reaching import THERE

BASE = "/notification/v1"
Headers = dict[str, str]


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, audit_routes(domain.TRAIL)]


@pytest.fixture
def case_id(begin: Begin) -> UUID:
    """A case of which one organisation was told."""
    with begin() as session:
        post = Post(session, NOON)
        case = post.case()
        asked = post.told.request(case_id=case.case_id, organisation_id=post.reachable())
        post.hand(asked)
        post.record(post.claim())
    return case.case_id


def test_what_arrived_is_an_entry_for_the_auditor_of_its_area(
    client: TestClient, case_id: UUID, token_for: Callable[..., Headers]
) -> None:
    found = entries(client, BASE, token_for("auditor"), case_id)
    assert "delivery.delivered" in {it["action"] for it in found}
    assert entries(client, BASE, token_for("auditor", areas=(THERE,)), case_id) == []


def test_a_case_of_which_no_place_was_kept_is_the_citys(
    client: TestClient, begin: Begin, case_id: UUID, token_for: Callable[..., Headers]
) -> None:
    with begin() as session:
        session.execute(update(CaseSubscription).values(area_code=None, area_told_on=None))
    assert entries(client, BASE, token_for("auditor"), case_id)
    assert entries(client, BASE, token_for("auditor", areas=("11359",)), case_id) == []
