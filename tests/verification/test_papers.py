"""Papers of a verification: who issues which, their numbers and days, the step each is about."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.verification.errors import PaperDayUnfit, PaperNotDue, PaperNumberUnfit
from services.verification.models import IssuedPaper, Verification
from services.verification.policy import (
    Decided,
    PaperFacts,
    PaperKind,
    Party,
    check_paper,
    papers_of,
)
from shared.contracts.vocabulary import VerificationOutcome
from shared.kit.database import Begin
from shared.kit.errors import DomainError
from tests.verification.builders import IDENTIFY, NEGATIVE, REOPEN, START, Bench

TODAY = date(2026, 3, 2)
LETTER, CERTIFICATE, NOTICE = PaperKind
NUMBERS = {LETTER: "128/SYT-PCTNXH", CERTIFICATE: "45/GXN-CATP", NOTICE: "46/TB-CATP"}
BASE = "/verification/v1/verifications"
Headers = dict[str, str]


def decided(
    outcome: VerificationOutcome | None = None,
    *,
    has_verifier: bool = True,
    is_by_paper: bool = False,
) -> Decided:
    return Decided(has_verifier=has_verifier, outcome=outcome, is_by_paper=is_by_paper)


@pytest.mark.parametrize(
    ("as_it_stands", "letter", "of_the_authority"),
    [
        (decided(has_verifier=False), [], []),
        (decided(), [LETTER], []),
        (decided(VerificationOutcome.IDENTIFIED), [LETTER], [CERTIFICATE]),
        (decided(VerificationOutcome.NOT_IDENTIFIED), [LETTER], [NOTICE]),
        (decided(VerificationOutcome.WITHDRAWN), [LETTER], []),
        (decided(VerificationOutcome.IDENTIFIED, has_verifier=False, is_by_paper=True), [], []),
    ],
)
def test_the_owner_asks_and_the_authority_answers_with_what_it_decided(
    as_it_stands: Decided, letter: list[PaperKind], of_the_authority: list[PaperKind]
) -> None:
    assert papers_of([Party.CASE_OWNER], as_it_stands) == letter
    assert papers_of([Party.VERIFIER], as_it_stands) == of_the_authority
    assert papers_of(list(Party), as_it_stands) == letter + of_the_authority
    assert papers_of([], as_it_stands) == []


def refused(facts: PaperFacts, *, since: date = TODAY, as_it_stands: Decided) -> type[DomainError]:
    with pytest.raises(DomainError) as found:
        check_paper(
            facts, parties=frozenset(Party), decided=as_it_stands, received_on=since, today=TODAY
        )
    return found.type


@given(kind=st.sampled_from(PaperKind), numbered=st.sampled_from(PaperKind))
def test_a_number_names_the_kind_of_its_paper(kind: PaperKind, numbered: PaperKind) -> None:
    outcome = {
        CERTIFICATE: VerificationOutcome.IDENTIFIED,
        NOTICE: VerificationOutcome.NOT_IDENTIFIED,
    }.get(kind)
    facts = PaperFacts(kind, NUMBERS[numbered], TODAY)
    if kind is numbered:
        check_paper(
            facts,
            parties=frozenset(Party),
            decided=decided(outcome),
            received_on=TODAY,
            today=TODAY,
        )
    else:
        assert refused(facts, as_it_stands=decided(outcome)) is PaperNumberUnfit


@given(days=st.integers(-400, 400))
def test_a_paper_is_no_older_than_its_case_and_not_of_tomorrow(days: int) -> None:
    since = TODAY - timedelta(days=200)
    facts = PaperFacts(LETTER, NUMBERS[LETTER], TODAY + timedelta(days=days))
    if -200 <= days <= 0:
        check_paper(
            facts, parties=frozenset(Party), decided=decided(), received_on=since, today=TODAY
        )
    else:
        assert refused(facts, since=since, as_it_stands=decided()) is PaperDayUnfit


def test_no_certificate_is_issued_of_somebody_who_was_not_identified() -> None:
    facts = PaperFacts(CERTIFICATE, NUMBERS[CERTIFICATE], TODAY)
    not_identified = decided(VerificationOutcome.NOT_IDENTIFIED)
    assert refused(facts, as_it_stands=not_identified) is PaperNotDue


class Scene:
    """A verification of the police, whose papers are recorded and read over HTTP."""

    def __init__(self, client: TestClient, begin: Begin, now: datetime, token_for: Any) -> None:
        self.client, self.begin, self.now = client, begin, now
        with begin() as session:
            bench = Bench(session, now)
            police = bench.police()
            self.id = bench.opened().id
        self.police: Headers = token_for("verifier", organisation_id=police, client_id="police")
        self.owner: Headers = token_for("case_owner", client_id="owner")
        self.stranger: Headers = token_for("verifier", client_id="stranger")

    def move(self, *moves: Any) -> None:
        with self.begin() as session:
            Bench(session, self.now).move(session.get_one(Verification, self.id), *moves)

    def record(self, caller: Headers, kind: PaperKind, **changes: str) -> Response:
        body = {"kind": kind, "number": NUMBERS[kind], "issued_on": f"{TODAY}"} | changes
        headers = caller | {"Idempotency-Key": str(uuid4())}
        answer: Response = self.client.post(f"{BASE}/{self.id}/papers", json=body, headers=headers)
        return answer

    def papers(self, caller: Headers) -> dict[str, Any]:
        answer = self.client.get(f"{BASE}/{self.id}/papers", headers=caller)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def scene(
    client: TestClient, begin: Begin, now: datetime, token_for: Callable[..., Headers]
) -> Scene:
    return Scene(client, begin, now, token_for)


def test_a_letter_is_recorded_by_its_owner_and_read_by_both(scene: Scene) -> None:
    assert scene.papers(scene.owner) == {"items": [], "can": ["request_letter"]}
    made = scene.record(scene.owner, LETTER)
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["is_current"]) == (NUMBERS[LETTER], True)
    assert scene.papers(scene.police) == {"items": [made.json()], "can": []}


def test_one_that_is_recorded_again_replaces_what_was_and_both_are_kept(scene: Scene) -> None:
    scene.record(scene.owner, LETTER)
    scene.record(scene.owner, LETTER, number="129/SYT-PCTNXH")
    (item,) = scene.papers(scene.owner)["items"]
    assert item["number"] == "129/SYT-PCTNXH"
    with scene.begin() as session:
        kept = select(IssuedPaper).where(IssuedPaper.verification_id == scene.id)
        assert len(session.scalars(kept).all()) == 2


def test_a_notice_is_of_the_decision_it_was_issued_about(scene: Scene) -> None:
    scene.move(START, NEGATIVE)
    assert scene.record(scene.police, NOTICE).status_code == 201
    scene.move(REOPEN, START, NEGATIVE)
    (item,) = scene.papers(scene.police)["items"]
    assert item["is_current"] is False
    assert scene.record(scene.police, NOTICE, number="77/TB-CATP").status_code == 201
    stands = [(it["number"], it["is_current"]) for it in scene.papers(scene.owner)["items"]]
    assert stands == [(NUMBERS[NOTICE], False), ("77/TB-CATP", True)]


def test_the_certificate_of_somebody_identified_is_the_authoritys_alone(scene: Scene) -> None:
    scene.move(START, IDENTIFY)
    assert scene.papers(scene.police)["can"] == ["certificate"]
    refused = scene.record(scene.owner, CERTIFICATE)
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:nhipcau:problem:paper-not-due",
    )
    assert scene.record(scene.police, CERTIFICATE).status_code == 201


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"number": "46/TB-CATP"}, "paper-number-unfit"),
        ({"number": "number one"}, "invalid-request"),
        ({"issued_on": "2026-03-03"}, "paper-day-unfit"),
        ({"issued_on": "2026-03-01"}, "paper-day-unfit"),
    ],
)
def test_what_cannot_be_its_number_or_day_is_refused(
    scene: Scene, changes: dict[str, str], problem: str
) -> None:
    answer = scene.record(scene.owner, LETTER, **changes)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:nhipcau:problem:{problem}"


def test_strangers_neither_read_nor_record_any(scene: Scene) -> None:
    assert scene.record(scene.stranger, LETTER).status_code == 404
    answer = scene.client.get(f"{BASE}/{scene.id}/papers", headers=scene.stranger)
    assert answer.status_code == 404
    unknown: UUID = uuid4()
    gone = scene.client.get(f"{BASE}/{unknown}/papers", headers=scene.owner)
    assert gone.status_code == 404
