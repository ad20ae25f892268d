"""Evidence: recorded by source, number, issuer and day; cited by the decision that rests on it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.console.pages.verification_evidence import SOURCES
from services.verification import domain
from services.verification.errors import (
    EvidenceDayUnfit,
    EvidenceUnknown,
    EvidenceUnused,
    GroundsMissing,
    IssuerUnknown,
)
from services.verification.models import Evidence, Verification
from services.verification.policy import EvidenceFacts, EvidenceSource, Move, MoveFacts
from shared.contracts import Queue
from shared.kit.audit import AUDIT
from tests.verification.builders import (
    ACTOR,
    IDENTIFY,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    case_owner,
    reader_of,
)
from tests.verification.test_complaints import Told

TODAY = date(2026, 3, 2)
S = EvidenceSource
RECORD = EvidenceFacts(S.RESCUING_BODY, "07/BB-DBP", date(2026, 3, 1))
BASE = "/verification/v1/verifications"


@pytest.fixture
def begun(bench: Bench) -> Verification:
    bench.police()
    made = bench.opened()
    bench.move(made, START)
    return made


def recorded(bench: Bench, of: Verification, facts: EvidenceFacts = RECORD, **how: Any) -> UUID:
    return domain.record_evidence(
        bench.session,
        verification_id=of.id,
        subject=how.get("subject") or reader_of(of.verifier_id),
        facts=facts,
        actor=ACTOR,
        now=bench.now,
    ).id


def listed(bench: Bench, of: Verification) -> list[tuple[str, bool]]:
    bench.session.flush()
    found = domain.find_evidence(
        bench.session, verification_id=of.id, subject=reader_of(of.verifier_id), now=bench.now
    )
    return [(it.number, it.id in found.cited) for it in found.items]


def test_a_decision_cites_what_it_rests_on_and_names_its_sources(
    bench: Bench, begun: Verification
) -> None:
    first = recorded(bench, begun)
    recorded(bench, begun, replace(RECORD, number="08/BB-DBP"))
    row = bench.move(begun, replace(NEGATIVE, grounds=(S.TRAFFICKER,), evidence=(first,)))
    assert (row.evidence, begun.evidence) == ([first], [first])
    assert begun.grounds == [S.TRAFFICKER, S.RESCUING_BODY]
    assert listed(bench, begun) == [("07/BB-DBP", True), ("08/BB-DBP", False)]


def test_what_is_cited_is_ground_enough_and_nothing_is_none(
    bench: Bench, begun: Verification
) -> None:
    bare = replace(IDENTIFY, grounds=())
    with pytest.raises(GroundsMissing):
        bench.move(begun, bare)
    bench.move(begun, replace(bare, evidence=(recorded(bench, begun),)))
    assert begun.grounds == [S.RESCUING_BODY]


def test_opened_again_it_cites_what_is_new_and_its_steps_keep_what_was_cited(
    bench: Bench, begun: Verification
) -> None:
    first = recorded(bench, begun)
    bench.move(begun, replace(NEGATIVE, evidence=(first, first)))
    second = recorded(bench, begun, replace(RECORD, source=S.FOREIGN_BODY), subject=case_owner())
    bench.move(begun, replace(REOPEN, evidence=(second,)))
    assert begun.evidence == []
    assert [it.evidence for it in bench.steps(begun)][-2:] == [[first], [second]]


def test_nobody_cites_the_evidence_of_somebody_else_or_what_was_never_recorded(
    bench: Bench, begun: Verification
) -> None:
    foreign = recorded(bench, bench.opened())
    for each in (foreign, uuid4()):
        with pytest.raises(EvidenceUnknown):
            bench.move(begun, replace(IDENTIFY, evidence=(recorded(bench, begun), each)))


def test_a_move_that_rests_on_no_evidence_cites_none(bench: Bench, begun: Verification) -> None:
    made = recorded(bench, begun)
    with pytest.raises(EvidenceUnused):
        bench.move(begun, MoveFacts(Move.ASSIGN, evidence=(made,)), subject=case_owner())


def test_a_paper_is_not_of_tomorrow_and_its_issuer_is_known_or_left_open(
    bench: Bench, begun: Verification
) -> None:
    with pytest.raises(EvidenceDayUnfit):
        recorded(bench, begun, replace(RECORD, issued_on=date(2026, 3, 3)))
    with pytest.raises(IssuerUnknown):
        recorded(bench, begun, replace(RECORD, issuer_id=uuid4()))
    made = recorded(bench, begun, replace(RECORD, issuer_id=begun.verifier_id, issued_on=TODAY))
    assert bench.session.get_one(Evidence, made).issuer_id == begun.verifier_id


def test_each_is_an_entry_of_the_audit_and_in_no_message(
    bench: Bench, begun: Verification, told: Told
) -> None:
    bench.move(begun, replace(IDENTIFY, evidence=(recorded(bench, begun),)))
    sent = [it.model_dump_json() for queue in Queue for it in told(queue)]
    assert sent
    assert not [it for it in sent if "07/BB-DBP" in it]
    asked = select(AUDIT.c.facts).where(AUDIT.c.action == "verification.record_evidence")
    (facts,) = bench.session.scalars(asked).all()
    assert (facts["source"], facts["number"]) == ("rescuing_body", "07/BB-DBP")


def test_the_page_offers_the_nine_sources_in_the_order_of_the_law() -> None:
    assert list(EvidenceSource) == list(SOURCES)


@pytest.mark.parametrize("number", ["Nguyễn Thị Ví Dụ", "07", "0912345678", "7/" + "A" * 60])
def test_what_is_no_number_of_a_paper_is_refused(
    client: TestClient, begin: Any, now: Any, token_for: Any, number: str
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        police = bench.police()
        made = bench.opened().id
    headers = {
        **token_for("verifier", organisation_id=police, client_id="police"),
        "Idempotency-Key": str(uuid4()),
    }
    said = {"source": "rescuing_body", "number": number, "issued_on": "2026-03-01"}
    answer = client.post(f"{BASE}/{made}/evidence", json=said, headers=headers)
    assert answer.status_code == 422, answer.text
    assert number not in answer.text


def test_it_is_recorded_once_and_read_back(
    client: TestClient, begin: Any, now: Any, token_for: Any
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        police = bench.police()
        made = bench.opened().id
    headers = token_for("verifier", organisation_id=police, client_id="police")
    once = {**headers, "Idempotency-Key": str(uuid4())}
    said = {"source": "rescuing_body", "number": "07/BB-DBP", "issued_on": "2026-03-01"}
    for _ in range(2):
        answer = client.post(f"{BASE}/{made}/evidence", json=said, headers=once)
        assert answer.status_code == 201, answer.text
    (read,) = client.get(f"{BASE}/{made}/evidence", headers=headers).json()["items"]
    assert {name: read[name] for name in said} == said
    assert (read["issuer_id"], read["is_cited"]) == (None, False)
