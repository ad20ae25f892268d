"""Messages in, rows and messages out: each message through the handler registered for it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.verification import tasks
from services.verification.models import Organisation, Verification
from shared.contracts import (
    MESSAGES,
    AgeBandChanged,
    CaseReceived,
    DatedPaper,
    Message,
    OrganisationChanged,
    Queue,
    Reception,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import (
    AgeBand,
    AgeBandCause,
    Citizenship,
    OrganisationKind,
    PaperType,
    Regime,
    Route,
    Sex,
)
from shared.kit.audit import AUDIT
from shared.kit.identifiers import new_id
from tests.verification.builders import Bench, verifier

Told = Callable[[Queue], list[Message]]


class Post:
    """Hands messages to the handlers the service has registered."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def hand(self, *messages: Message) -> None:
        handler = tasks.consumer.handlers[type(messages[0])]
        handler(self.bench.session, messages, self.bench.now)

    def case(self, **changes: Any) -> CaseReceived:
        told = {
            "occurred_at": self.bench.now,
            "case_id": new_id(),
            "case_code": "HP-7K3M-9Q2F",
            "route": Route.SELF_REPORT,
            "receiver_id": new_id(),
            "receiver_kind": OrganisationKind.COMMUNE_COMMITTEE,
            "area_code": "11560",
            "age_band": AgeBand.ADULT,
            "sex": Sex.FEMALE,
            "citizenship": Citizenship.VIETNAMESE,
        }
        return CaseReceived(**{**told, **changes})

    def police(self, **changes: Any) -> OrganisationChanged:
        told = {
            "occurred_at": self.bench.now,
            "organisation_id": new_id(),
            "code": "cong-an-thanh-pho",
            "kind": OrganisationKind.POLICE,
            "roles": (verifier(),),
        }
        return OrganisationChanged(**{**told, **changes})


@pytest.fixture
def post(bench: Bench) -> Post:
    return Post(bench)


def test_every_message_sent_here_has_a_handler() -> None:
    addressed = {message for message in MESSAGES if Queue.VERIFICATION in message.to}
    assert tasks.consumer.handlers.keys() == addressed


def test_every_received_case_enters_verification(post: Post, told: Told) -> None:
    police = post.police()
    post.hand(police)
    cases = [
        post.case(
            papers=(PaperType.LEGALISED_FOREIGN_PAPER,) if place % 2 else (),
            has_immediate_needs=place % 3 == 0,
            area_on=date(2025, 3, 1) if place % 5 == 0 else None,
        )
        for place in range(64)
    ]
    post.hand(*cases)
    kept = post.bench.session.scalars(select(Verification)).all()
    assert {each.case_id for each in kept} == {case.case_id for case in cases}
    messages = told(Queue.NOTIFICATION)
    assert len(messages) == 64
    by_case = {message.aggregate_id: message for message in messages}
    for case in cases:
        message = by_case[case.case_id]
        if case.papers:
            assert isinstance(message, VerificationConcluded)
            assert message.regime is Regime.LAW_2024
        else:
            assert isinstance(message, VerificationOpened)
            assert message.verifier_id == police.organisation_id
        assert message.reception == Reception(
            case_code=case.case_code,
            receiver_id=case.receiver_id,
            area_code=case.area_code,
            area_on=case.area_on,
            told_at=case.occurred_at,
            has_immediate_needs=case.has_immediate_needs,
        )


def test_a_paper_told_with_its_day_identifies_on_that_day(post: Post) -> None:
    issued_on = date(2024, 5, 6)
    certificate = PaperType.POLICE_CERTIFICATE
    dated = post.case(
        papers=(certificate,), dated_papers=(DatedPaper(type=certificate, issued_on=issued_on),)
    )
    undated = post.case(papers=(certificate,))
    post.hand(dated, undated)
    assert post.bench.of(dated.case_id).identified_on == issued_on
    assert post.bench.of(dated.case_id).regime == Regime.LAW_2011
    assert post.bench.of(undated.case_id).identified_on == date(2026, 3, 2)


def test_a_verifier_told_of_later_gets_what_waited(post: Post, told: Told) -> None:
    case = post.case()
    post.hand(case)
    school = post.police(kind=OrganisationKind.VOCATIONAL_SCHOOL, code="truong", roles=())
    post.hand(school)
    waiting = post.bench.of(case.case_id)
    assert waiting.status == "opened"
    police = post.police()
    post.hand(police)
    assert (waiting.status, waiting.verifier_id) == ("assigned", police.organisation_id)
    assert [message.verifier_id for message in told(Queue.INTAKE)] == [  # type: ignore[attr-defined]
        None,
        police.organisation_id,
    ]


def test_an_organisation_is_kept_as_last_told(post: Post, settle: Callable[[], None]) -> None:
    police = post.police()
    post.hand(police)
    post.hand(post.police(organisation_id=police.organisation_id, is_active=False))
    settle()
    kept = post.bench.session.scalars(select(Organisation)).one()
    assert kept.is_active is False


def test_what_others_told_is_no_act_of_verification(post: Post, settle: Callable[[], None]) -> None:
    case = post.case()
    post.hand(post.police())
    post.hand(case)
    aged = {"case_id": case.case_id, "age_band": AgeBand.ADULT, "cause": AgeBandCause.CORRECTION}
    post.hand(AgeBandChanged(occurred_at=post.bench.now, **aged))
    settle()
    acts = post.bench.session.scalars(select(AUDIT.c.action)).all()
    assert acts == ["verification.open"]


def test_the_rescuing_body_verifies_its_own_rescue(post: Post) -> None:
    command = post.police(kind=OrganisationKind.BORDER_GUARD, code="bien-phong")
    post.hand(post.police(), command)
    case = post.case(route=Route.RESCUED, receiver_id=command.organisation_id)
    post.hand(case)
    assert post.bench.of(case.case_id).verifier_id == command.organisation_id
