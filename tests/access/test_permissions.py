"""The table: a permission has a sentence, somebody who holds it, and a route that asks for it."""

from pathlib import Path

import pytest

from deploy.stack.keys import Keys
from shared.access import NOTED, PERMISSIONS, Permission, roles_with
from shared.access.asking import permission_asked_by
from shared.contracts import Queue
from shared.contracts.vocabulary import Role
from shared.kit.http import reading
from tests.architecture.applications import SERVICES, compose, routes
from tests.architecture.test_routes import calls_of

OPERATING = {it for it in Permission if it.startswith("parked.")}
CONFIGURING = {Permission.CLIENT_CHANGE, Permission.ORGANISATION_CHANGE}


@pytest.mark.parametrize("permission", Permission, ids=str)
def test_a_permission_has_a_sentence_and_somebody_who_holds_it(permission: Permission) -> None:
    row = PERMISSIONS[permission]
    assert row.says.endswith(".")
    assert roles_with(permission)
    assert all(row.reach.values()), "a role without a scope reaches nothing"


def test_every_permission_is_asked_for_by_a_route(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {
        permission_asked_by(call)
        for queue in Queue
        for route in routes(compose(queue, keys, tmp_path, monkeypatch))
        for call in calls_of(route)
    }
    assert asked >= set(Permission)


def test_who_lets_others_in_does_not_set_messages_right() -> None:
    for permission in OPERATING:
        assert roles_with(permission) == {Role.OPERATOR}
    for permission in CONFIGURING:
        assert roles_with(permission) == {Role.ADMINISTRATOR}


@SERVICES
def test_who_reads_a_case_or_what_is_done_in_one_is_noted_by_every_route(
    queue: Queue, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that notes nobody would show it without an entry of the audit."""
    for route in routes(compose(queue, keys, tmp_path, monkeypatch)):
        calls = set(calls_of(route))
        is_read = "GET" in (route.methods or set())
        shows = {permission_asked_by(call) for call in calls} & NOTED
        assert (reading in calls) is bool(is_read and shows), route.path


def test_what_is_noted_is_a_read() -> None:
    assert all(permission.endswith(".read") for permission in NOTED)
