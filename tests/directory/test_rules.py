"""A period is changed by two people: one proposes a row, another publishes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.directory import tasks
from services.directory.domain.retelling import PASTS
from services.directory.models import RuleProposal
from shared.contracts import IntakeRuleRehearsed, Queue, RuleChanged, RuleProposed, RuleRehearsed
from shared.contracts.law import PeriodKey
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from shared.law import rules
from shared.messaging import retelling
from shared.rulebook import LAW_ROWS, rules_of
from tests.directory.builders import ACTOR, audited, told
from tests.directory.calls import OFFER, V1, Headers, TokenFor, key, match, post, refused
from tests.directory.conftest import NOON
from tests.retold import forget

TODAY = date(2026, 3, 2)
ANSWER = {
    "key": "referral.answer",
    "amount": 3,
    "unit": "working_day",
    "status": "assumed",
    "valid_from": "2026-03-03",
    "reason": "agreed",
    "reference": "15/QĐ-SYT",
}
FOLLOWERS = RuleChanged.to
"""Each is told once."""
CITED = {"number": "162/2025/NĐ-CP", "article": 21, "clause": 2}


@pytest.fixture
def first(token_for: TokenFor) -> Headers:
    return token_for("administrator", staff_id=uuid4())


@pytest.fixture
def second(token_for: TokenFor) -> Headers:
    return token_for("administrator", staff_id=uuid4())


@pytest.fixture
def proposed(client: TestClient, first: Headers) -> dict[str, Any]:
    made: dict[str, Any] = post(client, "/law/proposals", ANSWER, first).json()
    return made


@pytest.fixture
def rehearsed(proposed: dict[str, Any], database: Database) -> dict[str, Any]:
    """It would move nothing of three offers that run."""
    rehearse(database, proposed)
    return proposed


def rehearse(database: Database, proposal: dict[str, Any]) -> None:
    """Livelihood support answers."""
    answer = RuleRehearsed(occurred_at=NOON, rule_id=UUID(proposal["id"]), running=3, moved=0)
    with database.begin() as session:
        tasks.note_rehearsal(session, answer, NOON)


def act(client: TestClient, proposal: dict[str, Any], what: str, headers: Headers) -> Any:
    return client.post(f"{V1}/law/proposals/{proposal['id']}/{what}", headers=headers | key())


def propose(client: TestClient, headers: Headers, **other: Any) -> Any:
    return client.post(f"{V1}/law/proposals", json=ANSWER | other, headers=headers | key())


def holding(client: TestClient, headers: Headers) -> list[dict[str, Any]]:
    items = client.get(f"{V1}/law/rules", headers=headers).json()["items"]
    return [each for each in items if each["key"] == "referral.answer"]


def test_a_proposal_changes_nothing(
    client: TestClient, first: Headers, proposed: dict[str, Any], database: Database
) -> None:
    assert (proposed["state"], proposed["is_mine"]) == ("proposed", True)
    (row,) = holding(client, first)
    assert (row["amount"], row["published"], row["valid_to"]) == (5, None, None)
    with database.begin() as session:
        asked = told(session)
        assert [type(it) for it in asked] == [RuleProposed] * len(FOLLOWERS)
        assert audited(session) == [("rule.proposed", "done")]


def test_whoever_proposed_it_cannot_publish_it(
    client: TestClient, first: Headers, proposed: dict[str, Any], database: Database
) -> None:
    refused(act(client, proposed, "publications", first), 409, "another-must-confirm")
    with database.begin() as session, pytest.raises(IntegrityError, match="two_people"):
        session.execute(
            text(
                "UPDATE rule_proposals SET state = 'published',"
                " concluded_at = proposed_at, concluded_by = proposed_by"
            )
        )


def test_another_publishes_it_and_the_services_are_told(
    client: TestClient,
    first: Headers,
    second: Headers,
    rehearsed: dict[str, Any],
    database: Database,
) -> None:
    proposed = rehearsed
    answer = act(client, proposed, "publications", second)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "published"
    former, row = holding(client, first)
    assert (former["amount"], former["valid_to"], former["is_replaced"]) == (5, "2026-03-02", False)
    assert (row["amount"], row["valid_from"], row["valid_to"]) == (3, "2026-03-03", None)
    assert row["published"] == {
        "proposal_id": proposed["id"],
        "proposed_by": proposed["proposed_by"],
        "published_by": answer.json()["concluded_by"],
        "published_at": "2026-03-02T05:00:00Z",
        "reason": "agreed",
        "reference": "15/QĐ-SYT",
        "applies_to_running": False,
    }
    with database.begin() as session:
        messages = told(session)
        asked, (message, *again) = messages[: len(FOLLOWERS)], messages[len(FOLLOWERS) :]
        assert [type(it) for it in asked] == [RuleProposed] * len(FOLLOWERS)
        assert isinstance(message, RuleChanged)
        assert again == [message] * (len(FOLLOWERS) - 1)
        assert (message.rule_id, message.ordinal) == (UUID(proposed["id"]), 1)
        assert (message.amount, message.valid_from) == (3, date(2026, 3, 3))
        assert audited(session)[-1] == ("rule.published", "done")
        found = rules_of(session).find(PeriodKey.REFERRAL_ANSWER, on=date(2026, 3, 3))
        assert (found.amount, found.row_id) == (3, UUID(proposed["id"]))
        assert found.legal_ref == rules().find(PeriodKey.REFERRAL_ANSWER, on=TODAY).legal_ref


def test_nobody_publishes_what_was_not_rehearsed(
    client: TestClient, second: Headers, proposed: dict[str, Any], database: Database
) -> None:
    assert (proposed["rehearsals"], proposed["awaited"]) == ([], ["livelihood_support"])
    refused(act(client, proposed, "publications", second), 409, "rehearsal-missing")
    rehearse(database, proposed)
    read = client.get(f"{V1}/law/proposals/{proposed['id']}", headers=second).json()
    assert read["awaited"] == []
    assert [(it["service"], it["running"], it["moved"]) for it in read["rehearsals"]] == [
        ("livelihood_support", 3, 0)
    ]
    assert act(client, proposed, "publications", second).status_code == 201


def test_intake_is_waited_for_where_it_acts_on_the_row(
    client: TestClient, first: Headers, second: Headers, database: Database
) -> None:
    row = {"key": "reception.initial_check", "regime": "2024", "unit": "day", "amount": 4}
    proposed = propose(client, first, **row).json()
    assert proposed["awaited"] == ["intake"]
    refused(act(client, proposed, "publications", second), 409, "rehearsal-missing")
    answer = IntakeRuleRehearsed(occurred_at=NOON, rule_id=UUID(proposed["id"]), running=2, moved=0)
    with database.begin() as session:
        tasks.note_rehearsal_of_receptions(session, answer, NOON)
    assert act(client, proposed, "publications", second).status_code == 201
    warning = {"key": "clock.warning", "unit": "working_day", "amount": 4}
    assert propose(client, first, **warning).json()["awaited"] == [
        *("intake", "livelihood_support", "verification")
    ]


def test_what_the_directory_acts_on_itself_is_rehearsed_at_once(
    client: TestClient, first: Headers, administrator: Headers, school: dict[str, Any]
) -> None:
    offer = post(client, "/programmes", OFFER | {"organisation_id": school["id"]}, administrator)
    confirmation = {"post": "Hiệu trưởng", "confirmed_on": "2026-03-02", "reference": "16/CV-CĐ"}
    assured = client.post(
        f"{V1}/programmes/{offer.json()['id']}/assurances",
        json={"confirmation": confirmation},
        headers=administrator | key() | match(1),
    )
    assert assured.status_code == 201, assured.text
    freshness = {"key": "directory.freshness", "unit": "day", "amount": 30}
    kept = propose(client, first, **freshness).json()
    assert [(it["service"], it["running"], it["moved"]) for it in kept["rehearsals"]] == [
        ("directory", 1, 0)
    ]
    act(client, kept, "withdrawals", first)
    moving = {"valid_from": "2026-01-01", "applies_to_running": True}
    moved = propose(client, first, **(freshness | moving)).json()
    assert [(it["running"], it["moved"]) for it in moved["rehearsals"]] == [(1, 1)]
    assert moved["awaited"] == ["livelihood_support"]


@pytest.mark.parametrize("what", ["publications", "withdrawals"])
def test_what_was_concluded_stays_so(
    client: TestClient, second: Headers, rehearsed: dict[str, Any], what: str
) -> None:
    proposed = rehearsed
    assert act(client, proposed, what, second).status_code == 201
    for other in ("publications", "withdrawals"):
        refused(act(client, proposed, other, second), 409, "proposal-concluded")


def test_a_withdrawn_row_is_followed_by_nobody_and_another_may_be_proposed(
    client: TestClient, first: Headers, proposed: dict[str, Any], database: Database
) -> None:
    refused(propose(client, first), 409, "proposal-stands")
    assert act(client, proposed, "withdrawals", first).json()["state"] == "withdrawn"
    assert len(holding(client, first)) == 1
    assert propose(client, first).status_code == 201
    with database.begin() as session:
        assert {type(each) for each in told(session)} == {RuleProposed}
        assert session.execute(select(LAW_ROWS)).all() == []


def test_a_row_that_leaves_alone_what_runs_begins_tomorrow_at_the_earliest(
    client: TestClient, first: Headers
) -> None:
    refused(propose(client, first, valid_from="2026-03-02"), 422, "rule-reaches-back")
    moving = propose(client, first, valid_from="2026-01-01", applies_to_running=True)
    assert moving.status_code == 201


def test_and_moves_only_what_somebody_would_move(client: TestClient, first: Headers) -> None:
    window = {"key": "support.application_window", "regime": "2011", "unit": "month"}
    assert propose(client, first, **window).status_code == 201
    moving = {"regime": "2011", "applies_to_running": True}
    refused(propose(client, first, **(window | moving)), 422, "running-kept")


def test_nor_is_it_published_once_its_day_has_come(
    client: TestClient, second: Headers, rehearsed: dict[str, Any], database: Database
) -> None:
    proposed = rehearsed
    with database.begin() as session:
        session.execute(text("UPDATE rule_proposals SET valid_from = '2026-03-02'"))
    refused(act(client, proposed, "publications", second), 422, "rule-reaches-back")


@pytest.mark.parametrize(
    "other",
    [
        {"status": "confirmed"},
        {"status": "recalled"},
        {"status": "recalled", "law": CITED, "amount": None},
    ],
)
def test_a_row_is_no_surer_than_what_it_rests_on(
    client: TestClient, first: Headers, other: dict[str, Any]
) -> None:
    refused(propose(client, first, **other), 422, "status-too-strong")


@pytest.mark.parametrize(
    "other",
    [
        {"regime": "2024"},
        {"key": "stay.maximum"},
        {"key": "follow_up.interval"},
    ],
    ids=["it holds for both laws", "it has one for each law", "it lists several"],
)
def test_a_row_that_goes_before_none_is_refused(
    client: TestClient, first: Headers, other: dict[str, Any]
) -> None:
    refused(propose(client, first, **other), 422, "rule-unknown")


def test_a_text_of_the_law_is_named_as_the_rows_name_it(
    client: TestClient, first: Headers, second: Headers, database: Database
) -> None:
    made = propose(client, first, law=CITED, status="recalled").json()
    rehearse(database, made)
    assert act(client, made, "publications", second).status_code == 201
    row = holding(client, first)[-1]
    assert (row["legal_ref"], row["status"]) == ("162/2025/NĐ-CP Art. 21(2)", "recalled")


def test_a_free_text_is_no_number(client: TestClient, first: Headers) -> None:
    answer = propose(client, first, reference="theo ý kiến của bà Lê Thị Ví Dụ")
    assert answer.status_code == 422
    assert "Ví Dụ" not in answer.text


@pytest.mark.parametrize("role", [it for it in Role if it is not Role.ADMINISTRATOR])
def test_everybody_reads_the_rows_and_administrators_alone_change_them(
    client: TestClient, token_for: TokenFor, proposed: dict[str, Any], role: Role
) -> None:
    other = token_for(role)
    assert client.get(f"{V1}/law/rules", headers=other).status_code == 200
    refused(propose(client, other), 403, "role-missing")
    for what in ("publications", "withdrawals"):
        refused(act(client, proposed, what, other), 403, "role-missing")
    reads = client.get(f"{V1}/law/proposals/{proposed['id']}", headers=other)
    assert reads.status_code == (200 if role is Role.AUDITOR else 403)


def test_proposals_are_listed_by_their_state(
    client: TestClient, first: Headers, second: Headers, proposed: dict[str, Any]
) -> None:
    act(client, proposed, "withdrawals", second)
    waiting = propose(client, first).json()

    def listed(**query: str) -> list[str]:
        answer = client.get(f"{V1}/law/proposals", params=query, headers=second)
        return [each["id"] for each in answer.json()["items"]]

    assert listed() == [waiting["id"], proposed["id"]]
    assert listed(state="proposed") == [waiting["id"]]
    assert listed(state="withdrawn") == [proposed["id"]]
    missing = client.get(f"{V1}/law/proposals/{uuid4()}", headers=second)
    refused(missing, 404, "proposal-not-found")


def test_two_that_are_published_at_once_get_numbers_of_their_own(
    client: TestClient, first: Headers, second: Headers, database: Database
) -> None:
    keys = ["referral.answer", "referral.delivery", "purge.confirmation"]
    made = [propose(client, first, key=each).json() for each in keys]
    for each in made:
        rehearse(database, each)
    with ThreadPoolExecutor(len(made)) as others:
        answers = list(others.map(lambda it: act(client, it, "publications", second), made))
    assert [each.status_code for each in answers] == [201, 201, 201]
    with database.begin() as session:
        assert sorted(session.scalars(select(LAW_ROWS.c.ordinal))) == [1, 2, 3]


def test_a_service_that_joins_is_told_what_was_published(
    client: TestClient,
    second: Headers,
    first: Headers,
    rehearsed: dict[str, Any],
    database: Database,
) -> None:
    act(client, rehearsed, "publications", second)
    propose(client, first)
    newcomer = Queue.LIVELIHOOD_SUPPORT
    with database.begin() as session:
        before = told(session)[len(FOLLOWERS)]
        assert isinstance(before, RuleChanged)
    forget(database, newcomer)
    past = PASTS[-1]
    assert past.is_for(newcomer)
    with database.begin() as session:
        _, many = retelling.retell(session, past, newcomer, after=None, actor=ACTOR)
    assert many == 1
    with database.begin() as session:
        assert told(session)[-1] == before
        assert session.scalars(select(RuleProposal.state).order_by(RuleProposal.id)).all() == [
            "published",
            "proposed",
        ]
