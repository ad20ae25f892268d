"""Drafts: sealed, of whoever began them, in versions, pruned, and turned into one case."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select, text

from services.intake import domain
from services.intake.api import reception
from services.intake.models import Case, Draft
from services.intake.policy import DRAFT_KEPT, Duty
from shared.contracts.vocabulary import Role
from shared.duties import find_duties
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from shared.kit.identifiers import tail_of
from shared.kit.key_checks import WrongKey
from shared.kit.logging import configure
from shared.kit.retention import Pruned, prune
from shared.kit.versions import Versions
from tests.intake.answers import Headers, TokenFor, problem
from tests.intake.builders import NOON, facts, submission
from tests.intake.test_privacy import everything, shapes
from tests.noted import readings
from tests.subjects import somebody
from tests.told import IN_OUTBOX

DRAFTS = "/intake/v1/drafts"
NAME, ADDRESS = "Lê Thị Nháp Tám", "Ngõ Nháp Tám"
PERSON = {"person.full_name": [NAME], "person.sex": ["female"]}
CONTACT = {"person.present_address": [ADDRESS], "person.phones.0.number": ["0988 8"]}
TYPED = {"person": {"answers": PERSON}, "contact": {"answers": CONTACT}}

Begun = dict[str, Any]
Ask = Callable[..., Response]


@pytest.fixture
def ask(client: TestClient, sender: Headers) -> Ask:
    """Asks about drafts, with a new key unless one is given."""

    def send(
        method: str,
        path: str = "",
        body: Any = None,
        *,
        headers: Headers | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            extra["If-Match"] = f'"{version}"'
        answer: Response = client.request(
            method, f"{DRAFTS}{path}", json=body, headers={**(headers or sender), **extra}
        )
        return answer

    return send


@pytest.fixture
def draft(ask: Ask) -> Begun:
    answer = ask("POST", body={"sections": TYPED})
    assert answer.status_code == 201, answer.text
    begun: Begun = answer.json()
    return begun


def submitted(ask: Ask, draft: Begun, **named: Any) -> Response:
    named = {"version": draft["version"], **named}
    return ask("POST", f"/{draft['id']}/submission", named.pop("body", submission()), **named)


def cases(begin: Begin) -> list[UUID]:
    with begin() as session:
        return list(session.scalars(select(Case.id)))


def test_what_was_typed_is_read_again_as_it_was_typed(ask: Ask, draft: Begun) -> None:
    answer = ask("GET", f"/{draft['id']}")
    assert answer.headers["ETag"] == '"1"'
    assert answer.json() == {**draft, "typed": {"person": PERSON, "contact": CONTACT}}
    assert draft["sections"] == ["person", "contact"]
    assert draft["begun_at"] == draft["changed_at"] == NOON.isoformat().replace("+00:00", "Z")


def test_a_section_takes_the_place_of_what_was_there_and_leaves_the_others(
    ask: Ask, draft: Begun
) -> None:
    needs = {"immediate_needs": ["shelter", "food"]}
    for version, (section, answers) in enumerate([("needs", needs), ("contact", {})], start=1):
        answer = ask(
            "PUT", f"/{draft['id']}/sections/{section}", {"answers": answers}, version=version
        )
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"')
    read = ask("GET", f"/{draft['id']}").json()
    assert read["typed"] == {"person": PERSON, "needs": needs, "contact": {}}
    assert read["sections"] == ["person", "contact", "needs"], "in the order in which one asks"


def test_what_changed_in_between_is_not_overwritten(ask: Ask, draft: Begun) -> None:
    path = f"/{draft['id']}/sections/person"
    assert ask("PUT", path, {"answers": {}}, version=1).status_code == 200
    for method, where in (("PUT", path), ("DELETE", f"/{draft['id']}")):
        body = {"answers": PERSON} if method == "PUT" else None
        assert problem(ask(method, where, body, version=1)) == (412, "version-changed")
        assert problem(ask(method, where, body)) == (428, "precondition-required")
    assert problem(submitted(ask, draft)) == (412, "version-changed")


def test_a_change_that_is_sent_again_is_made_once(ask: Ask, draft: Begun) -> None:
    key = str(uuid4())
    answers = [
        ask("PUT", f"/{draft['id']}/sections/events", {"answers": {}}, version=1, key=key)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert ask("GET", f"/{draft['id']}").json()["version"] == 2


def test_a_list_says_how_far_drafts_are_and_not_whom_they_are_about(
    ask: Ask, draft: Begun, token_for: TokenFor, organisation_id: UUID
) -> None:
    colleague = token_for("receiver", organisation_id=organisation_id, staff_id=uuid4())
    newer = ask("POST", body={"sections": {}}).json()
    listed = ask("GET").json()
    assert listed == {"items": [newer, draft], "of_others": 0, "next_cursor": None}
    assert ask("GET", headers=colleague).json() == {
        "items": [],
        "of_others": 2,
        "next_cursor": None,
    }
    first = ask("GET", "?page_size=1").json()
    rest = ask("GET", f"?page_size=1&cursor={first['next_cursor']}").json()
    assert [*first["items"], *rest["items"]] == [newer, draft]


@pytest.fixture
def others(token_for: TokenFor, organisation_id: UUID) -> dict[str, Headers]:
    return {
        "organisation": token_for("receiver", client_id="commune"),
        "colleague": token_for("receiver", organisation_id=organisation_id, staff_id=uuid4()),
        "client": token_for("case_owner", organisation_id=organisation_id, client_id="other"),
    }


@pytest.mark.parametrize("other", ["organisation", "colleague", "client"])
def test_nobody_else_reads_continues_discards_or_submits_a_draft(
    ask: Ask, draft: Begun, others: dict[str, Headers], other: str, begin: Begin
) -> None:
    headers, path = others[other], f"/{draft['id']}"
    answers = [
        ask("GET", path, headers=headers),
        ask("PUT", f"{path}/sections/person", {"answers": {}}, headers=headers, version=1),
        ask("DELETE", path, headers=headers, version=1),
        submitted(ask, draft, headers=headers),
    ]
    assert {problem(each) for each in answers} == {(404, "draft-not-found")}
    assert cases(begin) == []
    assert ask("GET", path).json()["version"] == 1


def test_a_person_goes_on_where_the_same_person_began(ask: Ask, token_for: TokenFor) -> None:
    who = {"organisation_id": uuid4(), "staff_id": uuid4()}
    begun = ask("POST", body={"sections": TYPED}, headers=token_for("receiver", **who)).json()
    again = ask("GET", f"/{begun['id']}", headers=token_for("case_owner", **who))
    assert again.json()["typed"]["person"] == PERSON
    elsewhere = token_for("receiver", organisation_id=uuid4(), staff_id=who["staff_id"])
    assert problem(ask("GET", f"/{begun['id']}", headers=elsewhere)) == (404, "draft-not-found")


def test_what_was_discarded_is_gone_with_its_key(ask: Ask, draft: Begun, begin: Begin) -> None:
    assert ask("DELETE", f"/{draft['id']}", version=1).status_code == 200
    assert problem(ask("GET", f"/{draft['id']}")) == (404, "draft-not-found")
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_case_is_there_and_the_draft_is_gone_at_once(
    ask: Ask, draft: Begun, begin: Begin
) -> None:
    answer = submitted(ask, draft)
    assert (answer.status_code, answer.json()["status"]) == (201, "received")
    (case_id,) = cases(begin)
    assert answer.json()["id"] == str(case_id)
    assert ask("GET").json()["items"] == []
    read = ask("GET", f"/{draft['id']}").json()
    assert (read["case_id"], read["typed"]) == (str(case_id), {})
    with begin() as session:
        (kept,) = session.scalars(select(Draft))
        assert (kept.content, kept.wrapped_key, kept.master_version) == (None, None, None)


def test_what_was_submitted_is_not_gone_on_with(ask: Ask, draft: Begun) -> None:
    case_id = submitted(ask, draft).json()["id"]
    for version in (1, 2):
        for answer in (
            ask("PUT", f"/{draft['id']}/sections/person", {"answers": {}}, version=version),
            ask("DELETE", f"/{draft['id']}", version=version),
            submitted(ask, draft, version=version),
        ):
            assert problem(answer) == (409, "draft-submitted")
            assert answer.json()["case_id"] == case_id


def test_a_case_that_is_refused_leaves_the_draft_as_it_is(
    ask: Ask, draft: Begun, begin: Begin
) -> None:
    key = str(uuid4())
    refused = submitted(ask, draft, body=submission(papers=[]), key=key)
    assert problem(refused) == (422, "invalid-request")
    assert ask("GET", f"/{draft['id']}").json()["typed"]["person"] == PERSON
    assert cases(begin) == []
    assert submitted(ask, draft).status_code == 201


def test_sent_twice_under_one_key_it_is_one_case_with_one_receipt(
    ask: Ask, draft: Begun, begin: Begin
) -> None:
    key = str(uuid4())
    receipts = [submitted(ask, draft, key=key).json() for _ in range(3)]
    assert receipts[0] == receipts[1] == receipts[2]
    assert cases(begin) == [UUID(receipts[0]["id"])]


def test_sent_at_the_same_time_under_many_keys_it_is_one_case(
    ask: Ask, draft: Begun, begin: Begin
) -> None:
    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(lambda _: submitted(ask, draft), range(6)))
    assert sorted(each.status_code for each in answers) == [201, *[409] * 5]
    assert len(cases(begin)) == 1


class Killed(Exception):
    """The process ends before it commits."""


def at_the_desk(
    keys: MasterKeys, draft: Begun, organisation_id: UUID, key: str
) -> reception.Submission:
    who = somebody(organisation_id, Role.RECEIVER, client_id="commune")
    sent = domain.DraftSent(UUID(draft["id"]), who, Versions.of([draft["version"]]))
    handed = facts(keys, key=key, sender=who, origin=sent.origin)
    return reception.Submission(handed.asked, handed.case, handed.again, sent)


def _receive_and_die(begin: Begin, sent: reception.Submission) -> None:
    with begin() as session:
        reception.receive(session, [sent], now=NOON)
        raise Killed


def test_killed_before_the_commit_the_draft_is_there_and_no_case(
    ask: Ask, draft: Begun, begin: Begin, keys: MasterKeys, organisation_id: UUID
) -> None:
    sent = at_the_desk(keys, draft, organisation_id, "k")
    with pytest.raises(Killed):
        _receive_and_die(begin, sent)
    assert cases(begin) == []
    assert ask("GET", f"/{draft['id']}").json()["typed"]["person"] == PERSON
    with begin() as session:
        reception.receive(session, [sent], now=NOON)
    assert len(cases(begin)) == 1


def test_together_at_the_desk_one_draft_is_one_case(
    draft: Begun, begin: Begin, keys: MasterKeys, organisation_id: UUID
) -> None:
    together = [at_the_desk(keys, draft, organisation_id, key) for key in ("a", "b")]
    with begin() as session:
        first, second = reception.receive(session, together, now=NOON)
    assert (first.status, second.status) == (201, 409)  # type: ignore[union-attr]
    assert len(cases(begin)) == 1


def test_a_case_that_is_forgotten_is_known_by_its_draft(
    draft: Begun, keys: MasterKeys, organisation_id: UUID
) -> None:
    """Of the database restored to a moment before it was sent, whatever was typed since."""
    made = [at_the_desk(keys, draft, organisation_id, key).case for key in ("a", "b")]
    assert len({tail_of(it.case_id) for it in made if isinstance(it, domain.CaseFacts)}) == 1


def test_nobody_goes_on_with_it_so_it_is_deleted(ask: Ask, draft: Begun, begin: Begin) -> None:
    pruned = {it.table: it for it in domain.RETENTION if isinstance(it, Pruned)}
    for age, left in ((DRAFT_KEPT.days - 1, 1), (DRAFT_KEPT.days + 1, 0)):
        with begin() as session:
            aged = text("UPDATE drafts SET changed_at = now() - make_interval(days => :age)")
            session.execute(aged, {"age": age})
        with begin() as session:
            prune(session, pruned["drafts"])
        assert len(ask("GET").json()["items"]) == left
    assert draft["kept_until"].startswith("2026-03-16T05:00")


def test_no_row_message_list_or_log_line_holds_what_was_typed(
    ask: Ask,
    database: Database,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure("intake", "api")
    caplog.set_level(logging.DEBUG)
    draft = ask("POST", body={"sections": TYPED}).json()
    saved = ask("PUT", f"/{draft['id']}/sections/person", {"answers": PERSON}, version=1)
    wrong = [
        ask("PUT", f"/{draft['id']}/sections/person", {"answers": {NAME: [NAME]}}, version=2),
        ask("PUT", f"/{draft['id']}/sections/person", {"answers": {"a": NAME}}, version=2),
        ask(
            "PUT", f"/{draft['id']}/sections/person", {"answers": {"a": [f"{NAME}\x00"]}}, version=2
        ),
        ask("POST", body={"sections": {NAME: {"answers": {}}}}),
        ask("POST", body={"sections": {"person": NAME}}),
        ask("PUT", f"/{draft['id']}/sections/person", {"answers": PERSON}, version=1),
    ]
    assert [it.status_code for it in wrong] == [422] * 5 + [412]
    with database.read() as session:
        told = str(session.execute(IN_OUTBOX.select()).all())
    output = capfd.readouterr()
    said = [f"{it.text} {it.headers}" for it in (saved, ask("GET"), *wrong)]
    found = "\n".join([everything(database), told, output.out, output.err, caplog.text, *said])
    assert draft["id"] in found
    assert [it for secret in (NAME, ADDRESS) for it in shapes(secret) if it in found] == []


def test_who_typed_read_and_discarded_what_is_in_the_audit(
    ask: Ask, draft: Begun, begin: Begin
) -> None:
    ask("GET", f"/{draft['id']}")
    ask("PUT", f"/{draft['id']}/sections/needs", {"answers": {}}, version=1)
    ask("DELETE", f"/{draft['id']}", version=2)
    assert readings(begin) == [
        ("client:commune", f"{DRAFTS}/{{draft_id}}", UUID(draft["id"])),
    ]
    with begin() as session:
        asked = select(AUDIT.c.action).where(AUDIT.c.object_id == UUID(draft["id"]))
        acts = list(session.scalars(asked.order_by(AUDIT.c.id)))
    assert [it for it in acts if not it.startswith("GET")] == [
        "draft.begin",
        "draft.save",
        "draft.discard",
    ]


def test_a_key_that_a_draft_is_sealed_with_may_not_leave_the_file(
    draft: Begun, begin: Begin, keys: MasterKeys
) -> None:
    without = MasterKeys(keys={2: bytes(32)}, index_key=keys.index_key)
    with pytest.raises(WrongKey), begin() as session:
        domain.recognise_keys(session, keys=without, now=NOON)
    with begin() as session:
        domain.recognise_keys(session, keys=keys, now=NOON)


def test_a_draft_opens_at_no_other_draft(ask: Ask, draft: Begun, begin: Begin) -> None:
    other = ask("POST", body={"sections": {}}).json()
    with begin() as session:
        session.execute(
            text(
                "UPDATE drafts SET content = moved.content FROM drafts AS moved"
                " WHERE drafts.id = :other AND moved.id = :id"
            ),
            {"other": other["id"], "id": draft["id"]},
        )
    assert ask("GET", f"/{other['id']}").status_code == 500


def test_a_draft_is_a_duty_of_whoever_began_it(begin: Begin, keys: MasterKeys) -> None:
    us, now = uuid4(), NOON
    mine = somebody(us, Role.RECEIVER, client_id="mine")
    with begin() as session:
        domain.Drafting(session, keys, mine, now).begin({})
    for who, expected in ((mine, [Duty.CONTINUE_DRAFT]), (somebody(us, Role.RECEIVER), [])):
        with begin() as session:
            found, _ = find_duties(session, domain.DUTIES, subject=who, now=now, after=None, size=9)
            assert [it.what for it in found] == expected
