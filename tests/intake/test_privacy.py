"""Planted identities are nowhere in the clear: rows, messages, answers, logs."""

import base64
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from shared.kit.database import Database
from shared.kit.logging import configure
from tests.intake.builders import minor, person, submission
from tests.told import IN_OUTBOX

TokenFor = Callable[..., dict[str, str]]
CANARIES = {
    "name": "Chim Hoàng Yến Bảy",
    "alias": "Yến Con Bảy",
    "phone": "0977771777",
    "number": "031199777177",
    "address": "Ngõ Bảy Mươi Bảy",
    "minor": "Bé Sẻ Bảy",
    "representative": "Cô Họa Mi Bảy",
    "note": "Ghi chú bảy mươi bảy",
    "reference": "HS-7777/YEN",
    "issuer": "Nơi Cấp Bảy",
    "paper": "7777/GXN-YENBAY",
    "witness": "Ông Chứng Bảy",
    "officer": "Đại Úy Bảy",
    "ethnicity": "Dân Tộc Bảy",
}
SECRETS = [*CANARIES.values(), "977771777"]


def planted(**changes: Any) -> dict[str, Any]:
    body = minor(
        sender_reference=CANARIES["reference"],
        best_interest_note=CANARIES["note"],
        receiving_officer=CANARIES["officer"],
        person=person(
            full_name=CANARIES["name"],
            aliases=[CANARIES["alias"]],
            birth_date="2010-07-07",
            ethnicity=CANARIES["ethnicity"],
            phones=[{"number": CANARIES["phone"], "safe_to_call": True}],
            identity_documents=[{"type": "CCCD", "number": CANARIES["number"]}],
            present_address=CANARIES["address"],
        ),
        accompanying_minors=[{"full_name": CANARIES["minor"], "birth_year": 2020, "sex": "female"}],
        representative={
            "full_name": CANARIES["representative"],
            "relation": "relative",
            "is_suspect": True,
        },
        papers=[
            {
                "type": "DECLARATION",
                "number": CANARIES["paper"],
                "issuer": CANARIES["issuer"],
                "issued_on": "2026-02-02",
            }
        ],
        consents=[
            {
                "organisation_kind": "hospital",
                "purpose": "service_referral",
                "witness": CANARIES["witness"],
            }
        ],
    )
    return body | changes


def shapes(secret: str) -> set[str]:
    """A secret as it might show: as text, as escaped JSON, in hexadecimal, in base 64."""
    raw = secret.encode()
    return {
        secret,
        secret.encode("unicode_escape").decode(),
        raw.hex(),
        base64.b64encode(raw).decode().rstrip("=")[:-1],
    }


def everything(database: Database) -> str:
    """Every row of every table as text, bytes in hexadecimal."""
    with database.read() as session:
        tables = session.scalars(
            text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        return "\n".join(
            str(row)
            for table in tables
            for row in session.scalars(text(f"SELECT t::text FROM {table} AS t"))  # noqa: S608
        )


def leaks(haystack: str) -> list[str]:
    return [it for secret in SECRETS for it in shapes(secret) if it in haystack]


@pytest.fixture
def answers(client: TestClient, token_for: TokenFor) -> list[str]:
    """What good and bad submissions of the planted person are answered."""
    sender = token_for("receiver")
    name = CANARIES["name"]
    bodies: list[dict[str, Any]] = [
        planted(),
        planted(papers=[]),
        planted(route=name),
        planted(representative=None),
        planted(**{name: CANARIES["number"]}),
        planted(best_interest_note=f"{CANARIES['note']}\x00"),
        planted(person={**planted()["person"], "phones": [{"number": name}]}),
        planted(person={**planted()["person"], "birth_date": CANARIES["phone"]}),
        planted(person={**planted()["person"], "birth_year": 2010}),
        planted(person=name),
        submission(person={"full_name": name, name: name}),
    ]
    key = str(uuid4())
    sent = [
        client.post(
            "/intake/v1/cases",
            json=body,
            headers={**sender, "Idempotency-Key": key if place < 2 else str(uuid4())},
        )
        for place, body in enumerate(bodies)
    ]
    sent.append(
        client.post(
            "/intake/v1/cases",
            content=f'{{"person": "{name}'.encode(),
            headers={**sender, "Idempotency-Key": key, "Content-Type": "application/json"},
        )
    )
    assert [it.status_code for it in sent] == [201] + [422] * 10 + [400]
    listed = client.get("/intake/v1/cases", headers=sender)
    found = client.get(f"/intake/v1/cases/{sent[0].json()['id']}", headers=sender)
    return [f"{it.text} {it.headers}" for it in [*sent, listed, found]]


def test_the_search_itself_finds_what_is_in_the_clear(database: Database) -> None:
    with database.begin() as session:
        session.execute(
            text("INSERT INTO heartbeats VALUES (:name, now())"), {"name": CANARIES["name"]}
        )
    assert leaks(everything(database)) == [CANARIES["name"]]


def test_no_row_of_any_table_holds_a_planted_identity(
    answers: list[str], database: Database
) -> None:
    dump = everything(database)
    assert "HP-" in dump
    assert leaks(dump) == []


def test_no_message_holds_a_planted_identity(answers: list[str], database: Database) -> None:
    with database.read() as session:
        rows = session.execute(IN_OUTBOX.select()).all()
    assert len(rows) == 5, "of the person, and of the child who came along"
    assert leaks("".join(str(row) for row in rows)) == []


def test_no_answer_holds_a_planted_identity(answers: list[str]) -> None:
    assert len(answers) == 14
    assert leaks("".join(answers)) == []


def test_no_log_line_holds_a_planted_identity(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    configure("intake", "api")
    caplog.set_level(logging.DEBUG)
    request.getfixturevalue("answers")
    output = capfd.readouterr()
    assert leaks(output.out + output.err + caplog.text) == []
