"""A period that an administrator changed: what begins by it follows, and what runs does not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support import domain, tasks
from services.livelihood_support.domain import follow_rules, periods
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Move
from shared import clocks
from shared.contracts import Message, Queue, RuleChanged, RuleProposed, RuleRehearsed
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import ReasonCode
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.law import rules
from shared.rulebook import LAW_ROWS, rules_of
from tests.livelihood_support.builders import Field, case_owner
from tests.livelihood_support.calls import BASE, Scene
from tests.statements import counted

TOMORROW = timedelta(days=1)
FOLLOWING: dict[PeriodKey, Callable[[Session, datetime], int]] = {
    PeriodKey.REFERRAL_ANSWER: clocks.follow,
    PeriodKey.REFERRAL_DELIVERY: follow_rules,
    PeriodKey.PURGE_CONFIRMATION: clocks.follow,
}
"""What moves the dates of each kind: those on clocks as all clocks, an offer on its way by its own.
"""


def changed(
    now: datetime,
    amount: int | None = 2,
    *,
    ordinal: int = 1,
    key: PeriodKey = PeriodKey.REFERRAL_ANSWER,
    moves_since: date | None = None,
) -> RuleChanged:
    return RuleChanged(
        occurred_at=now,
        rule_id=new_id(),
        ordinal=ordinal,
        key=key,
        amount=amount,
        unit=Unit.WORKING_DAY,
        status=Certainty.ASSUMED,
        valid_from=moves_since or local_date(now + TOMORROW),
        applies_to_running=moves_since is not None,
    )


def due(field: Field, referral: Referral) -> date | None:
    ends = field.offer(referral.id).expires_at
    return local_date(ends - timedelta(microseconds=1)) if ends else None


def test_the_next_offer_follows_it_and_one_that_runs_does_not(field: Field) -> None:
    """Noon of Monday, 2 March: five working days end on the 9th, two from the 3rd on the 5th."""
    field.programme()
    running, later = field.referred(), field.referred()
    field.deliver(running.id)
    tasks.keep_rules(field.session, [changed(field.now)], field.now)
    assert due(field, running) == date(2026, 3, 9)
    field.at(field.now + TOMORROW).deliver(later.id)
    assert due(field, later) == date(2026, 3, 5)
    offer = field.offer(running.id)
    assert due(field, running) == date(2026, 3, 9)
    why = periods.why_it_expires(
        rules_of(field.session), (offer.delivered_at, offer.seen_at), offer.expires_at
    )
    assert why is not None
    assert why.period == rules_of(field.session).find(
        PeriodKey.REFERRAL_ANSWER, on=local_date(field.now)
    )
    assert why.period.amount == 5


def test_a_row_that_applies_to_what_runs_moves_what_began_since_its_day(
    field: Field, settle: Callable[[], None]
) -> None:
    field.programme()
    before, since = field.referred(), field.referred()
    field.at(field.now - TOMORROW * 3).deliver(before.id)
    field.deliver(since.id)
    kept = due(field, before)
    told = changed(field.now, moves_since=local_date(field.now))
    tasks.keep_rules(field.session, [told], field.now)
    assert due(field, since) == date(2026, 3, 9)
    assert clocks.follow(field.session, field.now) == 1
    assert (due(field, before), due(field, since)) == (kept, date(2026, 3, 4))
    assert clocks.follow(field.session, field.now) == 0
    settle()
    facts = field.session.scalars(
        select(AUDIT.c.facts).where(AUDIT.c.action == "clock.date_moved")
    ).all()
    assert [(it["key"], it["rule_id"], it["due_at"]) for it in facts] == [
        ("referral.answer", str(told.rule_id), "2026-03-04T17:00:00+00:00")
    ]


@pytest.mark.parametrize("since", [-2, 0, 1])
@pytest.mark.parametrize("kind", FOLLOWING, ids=str)
def test_what_a_rehearsal_counts_is_what_is_moved(
    field: Field, told: Callable[[Queue], list[Message]], kind: PeriodKey, since: int
) -> None:
    """Offers of three days: on their way, arrived, and taken back with a purge that is owed."""
    field.programme()
    for days in (0, 1, 2):
        at = field.at(field.now - TOMORROW * days)
        arrived, owed = at.referred(), at.referred()
        at.referred()
        at.deliver(arrived.id)
        at.deliver(owed.id)
        at.move(owed, Move.ACCEPT)
        at.withdraw(owed.case_id)
        at.move(owed, Move.CANCEL, reason=ReasonCode.CONSENT_WITHDRAWN, subject=case_owner())
    domain.watch_clocks(field.session, field.now)
    day = local_date(field.now + TOMORROW * since)
    row = changed(field.now, 20, key=kind, moves_since=day)
    proposed = RuleProposed.model_validate(row.model_dump() | {"law": None})
    tasks.rehearse_rule(field.session, proposed, field.now)
    (answer,) = told(Queue.DIRECTORY)
    assert isinstance(answer, RuleRehearsed)
    assert answer.running == 3
    tasks.keep_rules(field.session, [row], field.now)
    assert FOLLOWING[kind](field.session, field.now) == answer.moved
    assert answer.moved == {-2: 3, 0: 1, 1: 0}[since]


def test_what_no_longer_runs_is_moved_by_nothing(field: Field) -> None:
    field.programme()
    referral = field.referred()
    field.deliver(referral.id)
    field.move(referral, Move.ACCEPT)
    tasks.keep_rules(
        field.session, [changed(field.now, moves_since=local_date(field.now))], field.now
    )
    domain.watch_clocks(field.session, field.now)
    assert clocks.follow(field.session, field.now) == 0
    assert due(field, referral) == date(2026, 3, 9)


def test_an_offer_on_its_way_is_moved_too_and_may_lose_its_date(field: Field) -> None:
    field.programme()
    referral = field.referred()
    delivery = PeriodKey.REFERRAL_DELIVERY
    row = changed(field.now, None, key=delivery, moves_since=local_date(field.now))
    tasks.keep_rules(field.session, [row], field.now)
    assert field.offer(referral.id).delivery_due_at is not None
    assert follow_rules(field.session, field.now) == 1
    assert field.offer(referral.id).delivery_due_at is None


def test_without_an_amount_no_answer_falls_due(field: Field) -> None:
    field.programme()
    referral = field.referred()
    tasks.keep_rules(field.session, [changed(field.now, None)], field.now)
    field.at(field.now + TOMORROW).deliver(referral.id)
    assert due(field, referral) is None


def test_a_row_that_is_told_again_is_kept_once_as_it_was(field: Field, session: Session) -> None:
    told = changed(field.now)
    tasks.keep_rules(session, [told], field.now)
    tasks.keep_rules(session, [told.model_copy(update={"amount": 9})], field.now)
    assert session.execute(select(LAW_ROWS.c.id, LAW_ROWS.c.amount)).all() == [(told.rule_id, 2)]


def test_rows_may_be_told_in_any_order(field: Field, session: Session) -> None:
    first, second = changed(field.now, 2), changed(field.now, 3, ordinal=2)
    tasks.keep_rules(session, [second], field.now)
    tasks.keep_rules(session, [first], field.now)
    on = local_date(field.now + TOMORROW)
    assert rules_of(session).find(PeriodKey.REFERRAL_ANSWER, on=on).row_id == second.rule_id


def test_a_name_that_this_release_does_not_know_supersedes_nothing(
    field: Field, session: Session
) -> None:
    tasks.keep_rules(session, [changed(field.now)], field.now)
    known = rules_of(session)
    values = session.execute(select(LAW_ROWS)).mappings().one()
    of_tomorrow = {**values, "id": new_id(), "ordinal": 2, "key": "period.of_tomorrow"}
    session.execute(LAW_ROWS.insert().values(of_tomorrow))
    session.info.clear()
    assert rules_of(session) == known


def test_the_rows_are_read_once_in_a_transaction(session: Session) -> None:
    with counted(session) as statements:
        for _ in range(3):
            assert rules_of(session) == rules()
    assert len(statements) == 1


def test_the_interface_shows_the_row_by_which_an_offer_would_end(
    client: TestClient, scene: Scene, begin: Begin, now: datetime
) -> None:
    def shown() -> tuple[int, str]:
        path = f"{BASE}/referrals/{scene.referral_id}/offers"
        rule = client.get(path, headers=scene.owner).json()["answer_rule"]
        return rule["amount"], rule["status"]

    assert shown() == (5, "assumed")
    with begin() as session:
        tasks.keep_rules(session, [changed(now - TOMORROW)], now)
    assert shown() == (2, "assumed")
