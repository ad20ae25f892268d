"""Which clocks of support somebody reads: an organisation its own, a case owner those of cases."""

from services.livelihood_support import domain
from services.livelihood_support.models import Referral
from services.livelihood_support.policy import Duty, Move
from shared.contracts.vocabulary import Role, ServiceOutcome
from shared.duties.running import RunningCounted, RunningRow, RunningWanted, find_running
from shared.kit.subjects import Subject
from tests.livelihood_support.builders import Field, asked, case_owner
from tests.livelihood_support.test_clocks import ASK_DUE, DUE, accepted, look
from tests.subjects import somebody

__all__ = ["accepted"]


def running(field: Field, subject: Subject) -> tuple[list[RunningRow], RunningCounted]:
    field.session.flush()
    rows, counted = find_running(
        field.session,
        domain.RUNNING,
        subject=subject,
        now=field.now,
        after=None,
        size=9,
        wanted=RunningWanted(),
    )
    return list(rows), counted


def test_whoever_accepted_reads_until_when_to_begin_and_no_case(
    field: Field, accepted: Referral
) -> None:
    (row,), counted = running(field, asked(field.offer(accepted.id)))
    assert (row.clock.due_at, row.duty) == (DUE, Duty.START_SERVICE)
    assert (row.case_id, row.case_code) == (None, None)
    assert counted.others_by_day == {}


def test_whoever_owns_the_case_reads_it_and_has_nothing_to_do_yet(
    field: Field, accepted: Referral
) -> None:
    (row,), counted = running(field, case_owner())
    assert (row.clock.due_at, row.duty, row.case_id) == (DUE, None, accepted.case_id)
    assert row.link == f"referrals/{accepted.id}"
    assert list(counted.others_by_day.values()) == [1]


def test_what_was_provided_is_the_owners_to_confirm_and_the_organisation_reads_it_no_more(
    field: Field, accepted: Referral
) -> None:
    offer = field.offer(accepted.id)
    field.move(accepted, Move.START)
    field.move(accepted, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    look(field)
    (row,), counted = running(field, case_owner())
    assert (row.clock.due_at, row.duty) == (ASK_DUE, Duty.CONFIRM_SERVICE)
    assert counted.others_by_day == {}
    assert running(field, asked(offer))[0] == []


def test_another_organisation_reads_none(field: Field, accepted: Referral) -> None:
    assert running(field, somebody(accepted.id, Role.PROVIDER))[0] == []
