"""Whatever the audit says was done in a case has a word, and no spreadsheet computes it."""

import ast
import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.console.pages.audit import SERVICES
from services.console.pages.audit_rows import (
    COMPOSED,
    Row,
    spelled,
    table_of,
    what_of,
)
from shared.access import NOTED
from shared.access.asking import permission_asked_by
from shared.contracts import Queue
from shared.texts import TextLanguage
from tests.architecture.applications import compose, routes
from tests.architecture.conftest import keys
from tests.architecture.source import python_files, tree
from tests.architecture.test_routes import addresses, calls_of

__all__ = ["keys"]

OF_A_CASE = (
    *("/{case_id}", "/{verification_id}", "/{protection_id}", "/{referral_id}", "/{stay_id}"),
    *("/{alert_id}", "/{delivery_id}"),
)
"""Addresses that name a case or a thing of one: a refusal there is an entry of it."""
OF_LISTS = {"GET /intake/v1/drafts", "GET /intake/v1/drafts/{draft_id}"}
OF_NO_CASE = ("contact_point.", "endpoint.", "replay.", "steps.remembered")
COMPOSED_ACTS = {
    "verification.start",
    "protection.grant",
    "stay.arrive",
    "contact.disclose",
    "delivery.delivered",
    "person_message.cancelled",
    "clock.warned",
    "clock.breached",
    "referral.accepted",
    "referral.seen",
}


@pytest.fixture(params=SERVICES)
def application(
    request: pytest.FixtureRequest, keys: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FastAPI:
    queue = Queue(request.param.replace("-", "_"))
    made: FastAPI = compose(queue, keys, tmp_path, monkeypatch)  # type: ignore[arg-type]
    return made


def is_said(action: str) -> bool:
    return all(what_of(language, action) != spelled(action) for language in TextLanguage)


def test_every_address_of_a_case_has_a_word(application: FastAPI) -> None:
    wordless = set()
    for route in routes(application):
        shows = {permission_asked_by(call) for call in calls_of(route)} & NOTED
        for address in addresses(route):
            is_read = address.startswith("GET") and shows and address not in OF_LISTS
            is_of_one = any(name in address for name in OF_A_CASE)
            if (is_read or is_of_one) and not is_said(address):
                wordless.add(address)
    assert not wordless


def acts() -> Iterator[str]:
    """What the use cases of the services write into the audit, where the code says it plainly."""
    for service in SERVICES:
        for path in python_files(f"services/{service.replace('-', '_')}/domain"):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.keyword) and node.arg == "action":
                    yield from (
                        each.value
                        for each in ast.walk(node.value)
                        if isinstance(each, ast.Constant) and isinstance(each.value, str)
                    )


def test_every_act_has_a_word() -> None:
    found = {act for act in acts() if not act.endswith(".") and "." in act}
    found = {act for act in found if not act.startswith(OF_NO_CASE)}
    assert len(found) > 10
    assert {act for act in found | COMPOSED_ACTS if not is_said(act)} == set()
    assert set(COMPOSED) == {
        *("clock", "delivery", "person_message", "protection", "referral", "stay", "verification"),
    }


def row(**changes: object) -> Row:
    facts: dict[str, object] = {
        "id": "1",
        "kind": "seen",
        "sort": "Đã xem",
        "at": "2026-03-02T05:00:00Z",
        "service": "intake",
        "organisation": "Công an",
        "person": "An",
        "actor": "staff:1",
        "what": "Xem",
        "fields": [],
        "purpose": None,
        "reason": None,
        "outcome": None,
        "times": 1,
        "object_id": "2",
    }
    return Row(**{**facts, **changes})  # type: ignore[arg-type]


def test_a_name_that_is_a_formula_stays_a_name() -> None:
    table = table_of(
        lambda code, **_: code,
        [row(person='=HYPERLINK("http://x")', organisation="@sum"), row(fields=["a", "b"])],
        is_more=True,
        missing=["notification"],
    )
    assert table.startswith("\ufeff"), "spreadsheets read it as UTF-8"
    head, first, second, missing, more = csv.reader(StringIO(table.removeprefix("\ufeff")))
    assert head[0] == "column-at"
    assert (first[1], first[2]) == ("'@sum", '\'=HYPERLINK("http://x")')
    assert second[5] == "a; b"
    assert (missing, more) == (["panel-missing"], ["audit-more-in-next-file"])
