"""A verification that stands still is whoever owns the case's: told once, until it moves again."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.verification import domain
from services.verification.domain.opening import LOOK_AGAIN
from services.verification.models import Verification
from services.verification.policy import Move, MoveFacts, MoveReason
from shared.contracts import Message, Queue, VerificationAlertRaised
from shared.contracts.vocabulary import Role
from shared.kit.identifiers import new_id
from shared.messaging.alerts import case_of, list_open, organisation_of
from shared.messaging.api import OperatorAlert
from shared.messaging.tables import OPERATOR_ALERTS
from tests.verification.builders import NEGATIVE, START, Bench, case_owner, verifier

Told = Callable[[Queue], list[Message]]
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)


def told_alerts(told: Told) -> list[VerificationAlertRaised]:
    return [it for it in told(Queue.NOTIFICATION) if isinstance(it, VerificationAlertRaised)]


def waiting(bench: Bench) -> list[dict[str, Any]]:
    return [dict(row) for row in list_open(bench.session, size=100)]


def kinds(bench: Bench) -> Sequence[str]:
    return [row["kind"] for row in waiting(bench)]


def after(bench: Bench, delay: timedelta = LOOK_AGAIN) -> Bench:
    return bench.at(bench.now + delay)


def watch(bench: Bench) -> int:
    bench.watch_clocks()
    return domain.watch_standstills(bench.session, bench.now)


def assign(bench: Bench, found: Verification, organisation_id: UUID) -> None:
    facts = MoveFacts(Move.ASSIGN, organisation_id=organisation_id)
    bench.move(found, facts, subject=case_owner())


def test_without_an_authority_the_case_owner_is_told_once_and_reads_since_when(
    bench: Bench, told: Told
) -> None:
    made = bench.opened()
    assert watch(bench) == 0, "it is looked for"
    later = after(bench)
    assert (watch(later), watch(later)) == (1, 0)
    (row,) = waiting(later)
    assert (row["kind"], row["object_id"], case_of(row)) == ("no_authority", made.id, made.case_id)
    shown = OperatorAlert.of(row)
    assert (shown.must_act, shown.since) == (Role.CASE_OWNER, later.now)
    (alert,) = told_alerts(told)
    assert (alert.case_id, alert.alert_id, alert.kind) == (made.case_id, row["id"], "no_authority")
    assert (alert.must_act, alert.raised_at) == (Role.CASE_OWNER, later.now)


def test_it_is_over_when_the_case_owner_has_named_one(bench: Bench) -> None:
    made = bench.opened(area_code="01")
    later = after(bench)
    watch(later)
    assert kinds(later) == ["no_authority"]
    assign(later, made, later.police())
    assert (watch(later), kinds(later)) == (1, [])


def test_an_authority_whose_role_has_ended_moves_nothing_so_the_case_owner_must(
    bench: Bench, told: Told
) -> None:
    today = bench.now.date()
    police = bench.organisation(verifier(until=today + timedelta(days=10)))
    made = bench.opened()
    assert watch(after(bench, timedelta(days=9))) == 0
    later = after(bench, timedelta(days=11))
    assert watch(later) == 1
    (row,) = waiting(later)
    assert (row["kind"], organisation_of(row)) == ("authority_ended", police)
    assert [it.kind for it in told_alerts(told)] == ["authority_ended"]
    assign(later, made, later.organisation(verifier(), code="cong-an-2"))
    assert (watch(later), kinds(later)) == (1, [])


def test_so_it_is_with_one_that_is_no_more(bench: Bench) -> None:
    police = bench.police()
    bench.opened()
    bench.organisation(verifier(), organisation_id=police, is_active=False)
    assert watch(bench) == 1
    assert kinds(bench) == ["authority_ended"]


def late(bench: Bench) -> tuple[Verification, datetime]:
    """Under the law that names a period; and the noon after its last day."""
    bench.police()
    made = bench.opened(received_at=datetime(2025, 5, 5, 5, tzinfo=bench.now.tzinfo))
    return made, datetime(
        *(bench.last_day(made) + timedelta(days=1)).timetuple()[:3], 5, tzinfo=bench.now.tzinfo
    )


def test_a_decision_that_is_late_is_told_from_the_day_after_its_last(bench: Bench) -> None:
    made, noon = late(bench)
    assert watch(bench.at(noon - timedelta(days=1))) == 0
    later = bench.at(noon)
    assert watch(later) == 1
    (row,) = waiting(later)
    assert (row["kind"], row["facts"]["due_on"]) == ("decision_overdue", str(bench.due_on(made)))
    later.move(made, START, NEGATIVE)
    assert (watch(later), kinds(later)) == (1, [])


def test_what_is_paused_is_not_late(bench: Bench) -> None:
    made, noon = late(bench)
    bench.move(made, START, PAUSE)
    assert watch(bench.at(noon)) == 0


def test_what_has_ended_stands_still_for_nobody(bench: Bench) -> None:
    police = bench.police()
    made = bench.opened()
    bench.move(made, START, NEGATIVE)
    bench.organisation(verifier(), organisation_id=police, is_active=False)
    assert watch(after(bench, timedelta(days=400))) == 0


def test_what_stands_still_again_is_told_again_under_another_id(bench: Bench, told: Told) -> None:
    police = bench.police()
    bench.opened()
    for is_active in (False, True, False):
        bench.organisation(verifier(), organisation_id=police, is_active=is_active)
        watch(bench)
    first, second = told_alerts(told)
    assert first.alert_id != second.alert_id


def test_a_case_owner_reads_its_alerts_and_none_of_an_operators(bench: Bench) -> None:
    made = bench.opened()
    bench.session.execute(
        OPERATOR_ALERTS.insert().values(
            id=new_id(),
            kind="sweep_failed",
            subject="assign_waiting",
            object_id=new_id(),
            facts={},
            times=1,
            raised_at=bench.now,
            last_at=bench.now,
            rests_until=bench.now,
        )
    )
    watch(after(bench))

    def seen(**whose: Any) -> list[str]:
        return [row["kind"] for row in list_open(bench.session, size=100, **whose)]

    assert seen() == ["sweep_failed", "no_authority"]
    assert seen(must_act=Role.CASE_OWNER) == ["no_authority"]
    assert seen(must_act=Role.OPERATOR) == ["sweep_failed"]
    assert seen(case_id=made.case_id) == ["no_authority"]
    assert seen(case_id=new_id()) == []
