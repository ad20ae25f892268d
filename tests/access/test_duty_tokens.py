"""A token for duties reads duties, and opens nothing else, whatever its roles (ADR 0057)."""

from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from shared.access import Permission
from shared.access.asking import RoleMissing, permitted
from shared.contracts.vocabulary import Role
from shared.kit.auth import TokenVerifier
from shared.kit.subjects import FOR_DUTIES, Subject
from tests.conftest import TokenFor


@pytest.mark.parametrize("permission", Permission, ids=str)
def test_it_opens_duties_and_no_other_route(
    permission: Permission, verifier: TokenVerifier, token_for: TokenFor
) -> None:
    app = FastAPI()
    app.state.verifier = verifier

    @app.get("/")
    def shown(_caller: Annotated[Subject, Depends(permitted(permission))]) -> None: ...

    client = TestClient(app, raise_server_exceptions=True)
    asks = token_for(*Role, organisation_id=uuid4(), staff_id=uuid4(), audience=FOR_DUTIES)
    if permission is Permission.DUTY_READ:
        assert client.get("/", headers=asks).status_code == 200
        return
    with pytest.raises(RoleMissing):
        client.get("/", headers=asks)
