"""A verification that nobody of its authority has read is the manager's, by its own clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.verification import domain
from services.verification.models import ReadNotice, Verification, VerificationMove
from services.verification.policy import Duty
from services.verification.tasks import consumer
from shared.contracts import VerificationNoticeRead
from shared.contracts.vocabulary import Role
from shared.duties import DutyRow, Urgency, find_duties
from shared.kit.clock import local_date, start_of_day
from shared.kit.identifiers import new_id
from tests.subjects import somebody
from tests.verification.builders import START, Bench

OLD_LAW = datetime(2024, 5, 6, 5, tzinfo=UTC)
"""A Monday on which the law of 2011 held, of which a period is known."""


@pytest.fixture
def given(bench: Bench) -> Verification:
    there = bench.at(OLD_LAW)
    there.police()
    made = there.opened()
    return bench.session.get_one(Verification, made.id)


def on_last_day(bench: Bench, given: Verification) -> Bench:
    return bench.at(start_of_day(bench.last_day(given)) + timedelta(hours=9))


def managers(bench: Bench, given: Verification) -> Sequence[DutyRow]:
    assert given.verifier_id is not None
    subject = somebody(given.verifier_id, Role.MANAGER)
    bench.session.flush()
    return find_duties(
        bench.session, domain.DUTIES, subject=subject, now=bench.now, after=None, size=9
    )[0]


def read(bench: Bench, given: Verification, **changes: object) -> None:
    of = VerificationMove.verification_id == given.id
    last = select(VerificationMove.id).where(of).order_by(VerificationMove.version.desc()).limit(1)
    facts = {
        "occurred_at": bench.now,
        "case_id": given.case_id,
        "delivery_id": new_id(),
        "verification_id": given.id,
        "organisation_id": given.verifier_id,
        "move_id": bench.session.scalars(last).one(),
    }
    told = VerificationNoticeRead.model_validate({**facts, **changes})
    consumer.handlers[VerificationNoticeRead](bench.session, [told], bench.now)


def test_the_manager_of_the_authority_has_it_when_its_day_is_near(
    bench: Bench, given: Verification
) -> None:
    assert managers(bench.at(OLD_LAW), given) == []
    (found,) = managers(on_last_day(bench, given), given)
    assert (found.what, found.object_id, found.urgency) == (
        Duty.HAVE_NOTICE_READ, given.id, Urgency.TODAY,
    )  # fmt: skip
    assert (found.case_id, found.case_code, found.age_band) == (None, None, None)
    assert found.why is not None
    late = bench.at(on_last_day(bench, given).now + timedelta(days=3))
    assert [each.urgency for each in managers(late, given)] == [Urgency.OVERDUE]


def test_read_or_begun_it_is_over(bench: Bench, given: Verification) -> None:
    there = on_last_day(bench, given)
    read(there, given)
    assert managers(there, given) == []
    read(there, given)
    assert len(bench.session.scalars(select(ReadNotice)).all()) == 1


def test_begun_it_is_over_though_nobody_opened_the_notice(
    bench: Bench, given: Verification
) -> None:
    there = on_last_day(bench, given)
    there.move(given, START)
    assert managers(there, given) == []


def test_what_the_owner_of_the_case_reads_is_not_read_by_the_authority(
    bench: Bench, given: Verification
) -> None:
    there = on_last_day(bench, given)
    read(there, given, organisation_id=new_id())
    read(there, given, move_id=new_id())
    assert len(managers(there, given)) == 1


def test_without_a_period_nobody_escalates_it(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    found = bench.session.get_one(Verification, made.id)
    assert bench.due_on(found) is None, "no period of the law of 2024 was read"
    later = bench.at(bench.now + timedelta(days=900))
    assert managers(later, found) == []
    assert local_date(later.now) > local_date(bench.now)
