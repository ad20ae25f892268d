"""An office answers from a mail: its link, and the code agreed with it, open one offer alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.directory import api
from services.directory.policy import StaffVault
from shared.kit.answer_links import LASTS, AnswerLink, read, seal
from shared.kit.audit import AUDIT
from shared.kit.auth import TokenVerifier
from shared.kit.claims import unchecked
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from shared.kit.subjects import Means, Subject, SubjectKind
from shared.texts import of_service
from tests.directory.calls import SCHOOL, V1, Headers, TokenFor, key, match, post, refused
from tests.directory.people import Console, later

MAILBOX = "van-phong@truong.edu.vn"
ELSEWHERE = "198.51.100.9"
OFFER = UUID("7b0e4c1e-4f0c-4a55-9f1c-2f1d8f6f0a11")


@dataclass(frozen=True)
class Asked:
    """A school whose office has a mailbox and a code, and that was sent a mail."""

    console: Console
    master: bytes
    school: dict[str, Any]
    contact_point: dict[str, Any]
    code: str

    def link(self, *, offer_id: UUID = OFFER, made_at: datetime | None = None) -> str:
        """The end of the link in the mail that asks for an answer to this offer."""
        contact_point_id = UUID(self.contact_point["id"])
        at = made_at or datetime.now(UTC)
        named = AnswerLink.of(sent_to=contact_point_id, about=offer_id, asked_at=at)
        return seal(self.master, named)

    def give(self, code: str | None = None, link: str | None = None) -> httpx2.Response:
        """Give a code with a link; both are right unless it is said otherwise."""
        return self.console.post("/office", link=link or self.link(), code=code or self.code)

    @property
    def place(self) -> str:
        """Where the mailbox is kept."""
        return f"/organisations/{self.school['id']}/contact-points/{self.contact_point['id']}"


@pytest.fixture
def client(
    database: Database, verifier: TokenVerifier, resources: Mapping[str, Any]
) -> Iterator[TestClient]:
    edge = Edge(
        service="directory",
        title="Directory",
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: datetime.now(UTC),
        texts=of_service("directory"),
    )
    with TestClient(create_api(edge, [api.router], **resources)) as made:
        yield made


@pytest.fixture
def asked(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    console: Console,
    webhooks: api.WebhookRules,
) -> Asked:
    path = f"/organisations/{school['id']}/contact-points"
    made = post(client, path, {"mailbox": MAILBOX}, administrator).json()
    agreed = post(client, f"{path}/{made['id']}/answer-code", {}, administrator).json()
    return Asked(console, webhooks.master, school, made, agreed["code"])


def let_in(answer: httpx2.Response) -> Subject:
    """As whom an office asks that was let in."""
    assert answer.status_code == 200, answer.text
    return unchecked(answer.json()["access_token"])


def wrong_code(code: str, vault: StaffVault) -> str:
    """Another code that could be one."""
    other = vault.answer_code(uuid4(), 1)
    assert other != code
    return other


def given(database: Database, asked: Asked) -> list[tuple[str, str]]:
    """By whom and how each code was given, as the audit has it."""
    with database.read() as session:
        rows = session.execute(
            select(AUDIT.c.actor, AUDIT.c.outcome)
            .where(
                AUDIT.c.object_id == UUID(asked.contact_point["id"]),
                AUDIT.c.action == "answer_code.given",
            )
            .order_by(AUDIT.c.id)
        )
        return [(row.actor, row.outcome) for row in rows]


def test_link_and_code_let_the_office_in_for_minutes_and_for_one_offer(
    asked: Asked, database: Database
) -> None:
    answer = asked.give()
    office = let_in(answer)
    assert (office.kind, office.bound_to) == (SubjectKind.OFFICE, OFFER)
    assert str(office.organisation_id) == asked.school["id"]
    assert office.roles == {"provider"}
    assert tuple(office.means) == (Means.AGREED_CODE,)
    assert answer.json()["expires_in"] == 600
    assert given(database, asked) == [(f"office:{asked.school['id']}", "done")]


def test_the_code_is_shown_once_and_is_kept_nowhere(
    asked: Asked, client: TestClient, administrator: Headers, database: Database
) -> None:
    listed = client.get(f"{V1}{asked.place.rpartition('/')[0]}", headers=administrator)
    (told,) = listed.json()["items"]
    assert told["code_since"] is not None
    assert asked.code not in listed.text
    with database.read() as session:
        for table in ("contact_points", "idempotency_keys", "audit_entries", "log_in_failures"):
            rows = session.connection().exec_driver_sql(f"SELECT t::text FROM {table} AS t").all()  # noqa: S608 - ours
            assert asked.code not in str(rows), table
            assert asked.code.replace("-", "") not in str(rows), table


def test_a_request_that_is_repeated_shows_the_same_code(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    again = administrator | key()
    first, second = (
        client.post(f"{V1}{asked.place}/answer-code", json={}, headers=again) for _ in range(2)
    )
    assert first.json() == second.json()
    assert let_in(asked.give(first.json()["code"]))


def test_another_code_ends_the_one_before(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    other = post(client, f"{asked.place}/answer-code", {}, administrator).json()["code"]
    refused(asked.give(), 403, "answer-code-refused")
    assert let_in(asked.give(other)).bound_to == OFFER


def test_a_code_is_read_however_it_was_typed(asked: Asked) -> None:
    assert let_in(asked.give(asked.code.lower().replace("-", " ")))


def test_what_is_mistyped_is_told_and_not_counted(asked: Asked) -> None:
    typo = asked.code[:-1] + ("0" if asked.code[-1] != "0" else "1")
    for _ in range(12):
        refused(asked.give(typo), 422, "code-mistyped")
    assert let_in(asked.give())


def test_a_link_without_the_code_lets_nobody_in_and_tells_nothing(
    asked: Asked, vault: StaffVault, database: Database
) -> None:
    body = refused(asked.give(wrong_code(asked.code, vault)), 403, "answer-code-refused")
    assert set(body) == {"type", "title", "status"}
    assert given(database, asked) == [("client:console", "wrong_code")]


def test_whoever_guesses_is_slowed_down_and_keeps_nobody_elsewhere_waiting(
    asked: Asked, vault: StaffVault, database: Database
) -> None:
    """Whom a link was forwarded to may try as often as they like."""
    asked.console.source = ELSEWHERE
    for _ in range(5):
        refused(asked.give(wrong_code(asked.code, vault)), 403, "answer-code-refused")
    refused(asked.give(), 403, "answer-code-refused")
    assert [outcome for _, outcome in given(database, asked)] == ["wrong_code", "waiting"]
    asked.console.source = "203.0.113.7"
    let_in(asked.give())
    asked.console.source = ELSEWHERE
    refused(asked.give(), 403, "answer-code-refused")
    later(database, timedelta(seconds=31))
    let_in(asked.give())


def test_whoever_guesses_the_code_of_one_office_keeps_no_other_waiting(
    asked: Asked, client: TestClient, administrator: Headers, vault: StaffVault
) -> None:
    for _ in range(6):
        refused(asked.give(wrong_code(asked.code, vault)), 403, "answer-code-refused")
    other = post(client, "/organisations", SCHOOL | {"code": "other"}, administrator).json()
    path = f"/organisations/{other['id']}/contact-points"
    made = post(client, path, {"mailbox": "hoi@phunu.org.vn"}, administrator).json()
    agreed = post(client, f"{path}/{made['id']}/answer-code", {}, administrator).json()
    theirs = replace(asked, school=other, contact_point=made, code=agreed["code"])
    assert str(let_in(theirs.give()).organisation_id) == other["id"]


def test_the_code_of_one_office_opens_no_link_of_another(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    other = post(client, "/organisations", SCHOOL | {"code": "other"}, administrator).json()
    path = f"/organisations/{other['id']}/contact-points"
    made = post(client, path, {"mailbox": "hoi@phunu.org.vn"}, administrator).json()
    post(client, f"{path}/{made['id']}/answer-code", {}, administrator)
    theirs = replace(asked, contact_point=made)
    refused(theirs.give(), 403, "answer-code-refused")


def test_a_link_is_over_after_its_days(asked: Asked) -> None:
    now = datetime.now(UTC)
    refused(asked.give(link=asked.link(made_at=now - LASTS)), 403, "answer-link-over")
    assert let_in(asked.give(link=asked.link(made_at=now - LASTS + timedelta(minutes=1))))


def test_a_link_that_somebody_made_up_or_changed_is_none(asked: Asked) -> None:
    sealed = asked.link()
    forged = asked.link(offer_id=uuid4())
    grafted = forged[:60] + sealed[60:]
    strange = [
        seal(
            b"\x00" * 32,
            AnswerLink(UUID(asked.contact_point["id"]), OFFER, datetime.now(UTC) + LASTS),
        ),
        grafted,
        sealed[:-4],
        sealed + "AAAA",
        "x",
        "Ă" * 20,
    ]
    for each in strange:
        assert read(asked.master, each) is None
        refused(asked.give(link=each), 403, "answer-link-over")


def test_the_links_of_a_mailbox_end_with_it(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    path = asked.place.rpartition("/")[0]
    post(client, path, {"mailbox": "dao-tao@truong.edu.vn"}, administrator)
    refused(asked.give(), 403, "answer-link-over")
    answer = client.post(f"{V1}{asked.place}/answer-code", json={}, headers=administrator | key())
    refused(answer, 404, "contact-point-not-found")


def test_an_office_without_a_code_is_told_that_none_was_agreed(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    path = asked.place.rpartition("/")[0]
    made = post(client, path, {"mailbox": "dao-tao@truong.edu.vn"}, administrator).json()
    refused(replace(asked, contact_point=made).give(), 403, "answer-code-not-agreed")


def test_no_code_is_agreed_for_a_phone(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    path = asked.place.rpartition("/")[0]
    phone = post(client, path, {"number": "+84912345678"}, administrator).json()
    place = f"{V1}{path}/{phone['id']}/answer-code"
    refused(
        client.post(place, json={}, headers=administrator | key()), 404, "contact-point-not-found"
    )
    assert let_in(asked.give()).bound_to == OFFER


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": []}])
def test_who_takes_no_part_or_provides_nothing_today_answers_nothing(
    asked: Asked, client: TestClient, administrator: Headers, change: dict[str, Any]
) -> None:
    school = asked.school
    body = {"name_vi": "Trường", "name_en": "A school", "roles": school["roles"]} | change
    place = f"{V1}/organisations/{school['id']}"
    changed = client.put(place, json=body, headers=administrator | key() | match(school["version"]))
    assert changed.status_code == 200, changed.text
    refused(asked.give(), 403, "answer-link-over")


def test_only_an_administrator_agrees_on_codes(
    asked: Asked, client: TestClient, token_for: TokenFor
) -> None:
    for role in ("provider", "manager", "case_owner", "operator"):
        caller = token_for(role, organisation_id=asked.school["id"])
        answer = client.post(f"{V1}{asked.place}/answer-code", json={}, headers=caller | key())
        refused(answer, 403, "role-missing")


def test_only_a_console_lets_offices_in(
    asked: Asked, client: TestClient, administrator: Headers
) -> None:
    body = {"link": asked.link(), "code": asked.code, "source": ELSEWHERE}
    refused(
        client.post(f"{V1}/log-ins/office", json=body, headers=administrator), 403, "role-missing"
    )


def test_the_audit_says_whose_office_it_was(
    asked: Asked, client: TestClient, token_for: TokenFor
) -> None:
    auditor = token_for("auditor", kind="operations")
    named = f"office:{asked.school['id']}"
    listed = client.get(f"{V1}/actors?named={named}", headers=auditor).json()["items"]
    assert [(each["actor"], each["organisation_id"]) for each in listed] == [
        (named, asked.school["id"])
    ]
