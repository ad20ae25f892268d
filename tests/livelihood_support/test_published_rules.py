"""A period that an administrator changed: what begins by it follows, and what runs does not."""

from datetime import date, datetime, timedelta
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support import tasks
from services.livelihood_support.domain import periods
from services.livelihood_support.models import Referral
from shared.contracts import RuleChanged
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.law import rules
from shared.rulebook import LAW_ROWS, rules_of
from tests.livelihood_support.builders import Field
from tests.livelihood_support.calls import BASE, Scene
from tests.statements import counted

TOMORROW = timedelta(days=1)


def changed(
    now: datetime, amount: int | None = 2, *, ordinal: int = 1, rule_id: UUID | None = None
) -> RuleChanged:
    return RuleChanged(
        occurred_at=now,
        rule_id=rule_id or new_id(),
        ordinal=ordinal,
        key=PeriodKey.REFERRAL_ANSWER,
        amount=amount,
        unit=Unit.WORKING_DAY,
        status=Certainty.ASSUMED,
        valid_from=local_date(now + TOMORROW),
        applies_to_running=False,
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
