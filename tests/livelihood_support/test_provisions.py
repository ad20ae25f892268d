"""What was given to a person directly: recorded once, under its ceiling, and never deleted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from services.livelihood_support import domain
from services.livelihood_support.domain.giving import Received
from services.livelihood_support.errors import (
    CaseNotFound,
    CeilingPassed,
    DayNotReached,
    GiverUnfit,
    NotResponsibleNow,
    ProvisionNotFound,
    ProvisionVoided,
    ReferralNotFound,
    SumMissing,
)
from services.livelihood_support.models import CaseFile, Provision
from services.livelihood_support.policy import (
    Given,
    Move,
    ProvisionError,
    ProvisionPaper,
    ceiling_of,
    remaining,
)
from shared.contracts import Message, ProvisionCorrected, ProvisionRecorded, Queue
from shared.contracts.law import Certainty
from shared.contracts.vocabulary import EntitlementCode, Regime, Role, ServiceOutcome
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from shared.kit.versions import Versions
from shared.law.entitlements import Amount, AmountKind, SumUnit, rulebook
from tests.livelihood_support.builders import OWNER, Field, case_owner
from tests.livelihood_support.calls import BASE, Scene, TokenFor, problem
from tests.subjects import somebody

Told = Callable[[Queue], list[Message]]
ESSENTIAL, HARDSHIP, LOAN = (
    EntitlementCode.ESSENTIAL,
    EntitlementCode.HARDSHIP,
    EntitlementCode.LOAN,
)
LOAN_ROW = ceiling_of(rulebook().amounts[Regime.LAW_2011, LOAN])
assert LOAN_ROW is not None
assert LOAN_ROW.vnd is not None
MOST = LOAN_ROW.vnd


def facts(field: Field, code: EntitlementCode = ESSENTIAL, **said: Any) -> domain.ProvisionFacts:
    day = local_date(field.now)
    paper = domain.Paper(ProvisionPaper.RECEIPT, "15/BN-UBND", day)
    return domain.ProvisionFacts(**{"code": code, "given_on": day, "paper": paper, **said})


def record(
    field: Field,
    case_id: UUID,
    code: EntitlementCode = ESSENTIAL,
    subject: Subject | None = None,
    **said: Any,
) -> Provision:
    return domain.record_provision(
        field.session,
        case_id=case_id,
        facts=facts(field, code, **said),
        subject=subject or case_owner(),
        now=field.now,
    )


def correct(field: Field, row: Provision, subject: Subject | None = None) -> Provision:
    return domain.correct_provision(
        field.session,
        case_id=row.case_id,
        provision_id=row.id,
        reason=ProvisionError.RECORDED_TWICE,
        expected_version=Versions.of([1]),
        subject=subject or case_owner(),
        now=field.now,
    )


def received(field: Field, case_id: UUID, code: EntitlementCode) -> Received:
    every = domain.received_of(field.session, case_id=case_id, **field.as_owner())
    return next(each for each in every if each.code is code)


def receiver_of(field: Field, case_id: UUID) -> Subject:
    return somebody(field.session.get_one(CaseFile, case_id).receiver_id, Role.RECEIVER)


def under_the_older_law(field: Field) -> UUID:
    """Somebody who was identified when the older law named a ceiling of loans."""
    case_id = field.case(requested=())
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=date(2025, 6, 1))
    return case_id


def test_what_the_commune_gave_before_anybody_was_identified_is_recorded_and_told(
    field: Field, told: Told
) -> None:
    case_id = field.case()
    made = record(field, case_id, days=3, subject=receiver_of(field, case_id))
    assert (made.organisation_id, made.recorded_for) == (
        receiver_of(field, case_id).organisation_id,
    ) * 2
    had = received(field, case_id, ESSENTIAL)
    assert (had.times, had.days, had.vnd, had.remaining_vnd) == (1, 3, 0, None)
    (message,) = [it for it in told(Queue.INTAKE) if isinstance(it, ProvisionRecorded)]
    assert (message.provision_id, message.code) == (made.id, ESSENTIAL)


def test_a_ceiling_is_never_passed_and_what_is_left_is_named(field: Field) -> None:
    case_id = under_the_older_law(field)
    record(field, case_id, LOAN, vnd=MOST - 1_000)
    with pytest.raises(CeilingPassed) as refused:
        record(field, case_id, LOAN, vnd=1_001)
    assert refused.value.facts == {"code": LOAN, "remaining_vnd": 1_000}
    record(field, case_id, LOAN, vnd=1_000)
    assert received(field, case_id, LOAN).remaining_vnd == 0


def test_where_there_is_a_ceiling_the_sum_is_asked_for(field: Field) -> None:
    with pytest.raises(SumMissing):
        record(field, under_the_older_law(field), LOAN)


def test_a_ceiling_that_nobody_knows_refuses_nothing_and_shows_as_unset(field: Field) -> None:
    case_id = field.case(requested=())
    field.conclude(case_id)
    record(field, case_id, LOAN, vnd=10 * MOST)
    had = received(field, case_id, LOAN)
    assert had.ceiling is not None
    assert (had.ceiling.vnd, had.remaining_vnd, had.vnd) == (None, None, 10 * MOST)


def test_what_a_referral_brought_counts_and_its_sum_is_recorded_with_it(field: Field) -> None:
    field.programme(codes=[HARDSHIP])
    case_id = field.case(requested=[HARDSHIP])
    field.conclude(case_id)
    referral = field.referral(case_id)
    with pytest.raises(ReferralNotFound):
        record(field, case_id, HARDSHIP, vnd=500_000, referral_id=referral.id)
    field.move(referral, Move.ACCEPT)
    field.move(referral, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    # By the older law the allowance is a sum that is given once.
    older = {"verification_regime": Regime.LAW_2011}
    field.session.execute(update(CaseFile).where(CaseFile.case_id == case_id).values(older))
    assert received(field, case_id, HARDSHIP).remaining_vnd == 0
    with pytest.raises(CeilingPassed):
        record(field, case_id, HARDSHIP, vnd=1)
    record(field, case_id, HARDSHIP, vnd=400_000, referral_id=referral.id)
    had = received(field, case_id, HARDSHIP)
    assert (had.referrals, had.vnd, had.remaining_vnd) == (1, 400_000, 600_000)


def test_a_record_that_was_wrong_stays_and_counts_no_longer(field: Field, told: Told) -> None:
    case_id = under_the_older_law(field)
    wrong = record(field, case_id, LOAN, vnd=MOST)
    correct(field, wrong)
    assert received(field, case_id, LOAN).remaining_vnd == MOST
    (row,) = field.session.scalars(select(Provision).where(Provision.case_id == case_id))
    assert (row.vnd, row.reason, row.version) == (MOST, "recorded_twice", 2)
    with pytest.raises(ProvisionVoided):
        domain.correct_provision(
            field.session,
            case_id=case_id,
            provision_id=wrong.id,
            reason=ProvisionError.NOT_GIVEN,
            expected_version=2,
            subject=case_owner(),
            now=field.now,
        )
    (message,) = [it for it in told(Queue.INTAKE) if isinstance(it, ProvisionCorrected)]
    assert message.provision_id == wrong.id


def test_a_receiver_records_and_reads_its_own_and_learns_nothing_of_the_others(
    field: Field,
) -> None:
    case_id = field.case()
    commune = receiver_of(field, case_id)
    record(field, case_id, EntitlementCode.PSYCHOLOGICAL)
    own = record(field, case_id, subject=commune)
    (seen,) = domain.find_provisions(
        field.session, case_id=case_id, subject=commune, now=field.now, after=None, size=10
    )
    assert seen.id == own.id
    had = domain.received_of(field.session, case_id=case_id, subject=commune, now=field.now)
    assert had == []
    with pytest.raises(GiverUnfit):
        record(field, case_id, subject=commune, organisation_id=OWNER)
    theirs = domain.find_provisions(
        field.session, case_id=case_id, **field.as_owner(), after=None, size=10
    )
    assert len(theirs) == 2
    (of_owner,) = [each for each in theirs if each.id != own.id]
    with pytest.raises(ProvisionNotFound):
        correct(field, of_owner, commune)


def test_the_case_owner_names_who_gave_and_whom_nobody_knows_is_refused(field: Field) -> None:
    case_id = field.case()
    post = somebody(uuid4(), Role.CASE_OWNER).organisation_id
    with pytest.raises(GiverUnfit):
        record(field, case_id, organisation_id=post)
    field.owning(post, "01")
    assert record(field, case_id, organisation_id=post).organisation_id == post


def test_who_has_nothing_to_do_with_the_case_is_refused(field: Field) -> None:
    case_id = field.case()
    with pytest.raises(CaseNotFound):
        record(field, case_id, subject=somebody(uuid4(), Role.RECEIVER))
    # Reached by its area, and another's to answer for.
    with pytest.raises(NotResponsibleNow):
        record(field, case_id, subject=somebody(uuid4(), Role.CASE_OWNER))


def test_nothing_was_given_on_a_day_to_come(field: Field) -> None:
    tomorrow = local_date(field.now) + timedelta(days=1)
    with pytest.raises(DayNotReached):
        record(field, field.case(), given_on=tomorrow)


def test_two_records_at_once_do_not_pass_a_ceiling_together(
    begin: Begin, now: Any, client: TestClient, token_for: TokenFor
) -> None:
    with begin() as session:
        case_id = under_the_older_law(Field(session, now))
    owner = token_for("case_owner", organisation_id=OWNER, client_id="owner")
    day = local_date(now).isoformat()
    body = {"code": "LOAN", "vnd": MOST * 2 // 3, "given_on": day, "paper": "decision"}

    def post(_: int) -> int:
        answer = client.post(
            f"{BASE}/cases/{case_id}/provisions",
            json={**body, "paper_on": day},
            headers={**owner, "Idempotency-Key": str(uuid4())},
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(post, range(4)))
    assert answers == [201, 409, 409, 409]


def test_over_http_it_is_recorded_once_read_and_corrected(client: TestClient, scene: Scene) -> None:
    path, key = f"{BASE}/cases/{scene.case_id}/provisions", str(uuid4())
    body = {
        "code": "ESSENTIAL",
        "days": 2,
        "given_on": "2020-01-02",
        "paper": "receipt",
        "paper_number": "15/BN-UBND",
        "paper_on": "2020-01-02",
    }
    first, again = (
        client.post(path, json=body, headers={**scene.owner, "Idempotency-Key": key})
        for _ in range(2)
    )
    assert (first.status_code, again.json()) == (201, first.json()), first.text
    made = first.headers["Location"]
    read = client.get(made, headers=scene.owner)
    assert (read.json()["recorded_by"], read.headers["ETag"]) == ("client:owner", '"1"')
    assert problem(client.get(made, headers=scene.stranger))[0] == 403
    move = {"move": "entered_in_error", "reason": "not_given"}
    headers = {**scene.owner, "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
    voided = client.post(f"{made}/moves", json=move, headers=headers)
    assert (voided.status_code, voided.json()["reason"]) == (201, "not_given"), voided.text
    listed = client.get(path, headers=scene.owner).json()
    assert (len(listed["items"]), listed["may_change"]) == (1, True)
    assert [it for it in listed["received"] if it["code"] == "ESSENTIAL"] == []


SUMS = st.integers(0, 10**9)


@given(SUMS, SUMS, st.integers(0, 3), st.sampled_from([AmountKind.ONCE, AmountKind.MOST]))
def test_what_may_still_be_given_and_what_was_never_pass_the_ceiling(
    ceiling: int, vnd: int, unstated: int, kind: AmountKind
) -> None:
    row = Amount(kind, ceiling, SumUnit.VND, "", Certainty.ASSUMED)
    left = remaining(row, Given(vnd=vnd, referrals=unstated, unstated=unstated))
    assert left is not None
    assert 0 <= left <= max(0, ceiling - vnd)
    if kind is AmountKind.ONCE and unstated:
        assert left == 0


def test_a_sum_for_each_day_is_no_ceiling() -> None:
    daily = Amount(AmountKind.PER_DAY, 1, SumUnit.VND, "", Certainty.ASSUMED)
    assert ceiling_of([daily]) is None
    assert remaining(None, Given(vnd=1)) is None
