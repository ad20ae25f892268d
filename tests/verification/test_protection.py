"""Protection from the request to its end: who is found, what time does to it, what is kept."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.verification import domain
from services.verification.errors import (
    CaseNotFound,
    ProtectionAwaited,
    ProtectionNotFound,
    ProtectorUnfit,
)
from services.verification.models import Protection, ProtectionMoveRow
from services.verification.policy import (
    PROTECTION_ASKED,
    Duty,
    ProtectionFacts,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionReason,
    ProtectionStatus,
)
from shared import clocks
from shared.contracts import (
    Message,
    ProtectionMoved,
    Queue,
    VerificationAlertRaised,
    VerificationClockBreached,
    VerificationClockWarned,
)
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import ClockLevel, Role
from shared.duties import find_duties
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date
from shared.kit.errors import VersionChanged
from shared.kit.subjects import Subject
from shared.messaging.alerts import list_open
from tests.subjects import somebody
from tests.verification.builders import ACTOR, LONG_AGO, Bench, reader_of

Told = Callable[[Queue], list[Message]]
M, S, R = ProtectionMove, ProtectionStatus, ProtectionReason
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def protects(area_code: str = "31", until: date | None = None) -> DatedRole:
    return DatedRole(role=Role.PROTECTOR, area_code=area_code, valid_from=LONG_AGO, valid_to=until)


def leads() -> DatedRole:
    return DatedRole(role=Role.MANAGER, area_code="31", valid_from=LONG_AGO)


@pytest.fixture
def police(bench: Bench) -> UUID:
    return bench.organisation(protects(), leads())


@pytest.fixture
def department(bench: Bench) -> UUID:
    owns = DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)
    return bench.organisation(owns, code="so-y-te")


@pytest.fixture
def owner(department: UUID) -> Subject:
    return somebody(department, Role.CASE_OWNER)


def move(
    bench: Bench, protection: Protection, subject: Subject, kind: ProtectionMove, **facts: Any
) -> ProtectionMoveRow:
    return domain.move_protection(
        bench.session,
        protection_id=protection.id,
        subject=subject,
        facts=ProtectionFacts(kind, **facts),
        expected_version=protection.version,
        actor=ACTOR,
        now=bench.now,
    )


def grant(bench: Bench, protection: Protection, subject: Subject, days: int = 30) -> None:
    review_on = local_date(bench.now) + timedelta(days=days)
    measures = (ProtectionMeasure.SECRECY, ProtectionMeasure.SAFE_REFUGE)
    move(bench, protection, subject, M.GRANT, measures=measures, review_on=review_on)


def protector(organisation_id: UUID | None) -> Subject:
    return reader_of(organisation_id, Role.PROTECTOR)


def whats(bench: Bench, subject: Subject) -> list[str]:
    bench.session.flush()
    found, _ = find_duties(
        bench.session, domain.DUTIES, subject=subject, now=bench.now, after=None, size=9
    )
    return [each.what for each in found]


def lived(bench: Bench, until: timedelta, *, step: timedelta = HOUR) -> None:
    """The relay looks again and again."""
    end, now = bench.now + until, bench.now
    while now <= end:
        domain.find_protectors(bench.session, now)
        while bench.at(now).watch_clocks():
            pass
        domain.watch_protections(bench.session, now)
        now += step


def alerts(bench: Bench) -> list[str]:
    return [row["kind"] for row in list_open(bench.session, size=100)]


def test_it_goes_to_the_nearest_who_protects_where_the_case_is(
    bench: Bench, police: UUID, owner: Subject
) -> None:
    near = bench.organisation(protects("11560"), code="cong-an-phuong")
    assert bench.ask_protection(bench.opened(area_code="11560"), owner).protector_id == near
    assert bench.ask_protection(bench.opened(area_code="11680"), owner).protector_id == police


def test_it_is_granted_reviewed_and_ended_and_each_step_stays(
    bench: Bench, police: UUID, owner: Subject, told: Told
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    grant(bench, made, protector(police))
    assert (made.status, made.measures) == (S.GRANTED, ["secrecy", "safe_refuge"])
    later = bench.at(bench.now + 30 * DAY)
    review_on = local_date(later.now) + timedelta(days=7)
    guarding = (ProtectionMeasure.GUARDING,)
    move(later, made, protector(police), M.REVIEW, measures=guarding, review_on=review_on)
    assert (made.measures, made.review_on) == (["guarding"], review_on)
    move(later, made, protector(police), M.END, reason=R.DANGER_OVER)
    assert (made.status, made.review_on, made.ended_at) == (S.ENDED, None, later.now)
    assert made.decided_at == bench.now, "a review is no second decision"
    of_it = [it for it in told(Queue.INTAKE) if isinstance(it, ProtectionMoved)]
    assert [it.status for it in of_it] == [S.REQUESTED, S.GRANTED, S.ENDED], "no review is told"
    assert {(it.protection_id, it.protector_id) for it in of_it} == {(made.id, police)}
    steps = domain.find_protection_moves(
        bench.session, protection_id=made.id, subject=owner, now=later.now, after=None, size=9
    )
    assert [(it.move, it.from_status, it.to_status) for it in steps] == [
        (M.REQUEST, None, S.REQUESTED),
        (M.GRANT, S.REQUESTED, S.GRANTED),
        (M.REVIEW, S.GRANTED, S.GRANTED),
        (M.END, S.GRANTED, S.ENDED),
    ]
    entries = bench.session.execute(
        select(AUDIT.c.action, AUDIT.c.facts).where(AUDIT.c.object_id == made.id)
    ).all()
    assert {it.action for it in entries} == {
        f"protection.{each}" for each in ("request", "grant", "review", "end")
    }
    assert {it.facts["case_id"] for it in entries} == {str(made.case_id)}


REFUSE: dict[str, Any] = {"kind": M.REFUSE, "reason": R.DANGER_NOT_ESTABLISHED}


@pytest.mark.parametrize(
    ("facts", "status"), [(REFUSE, S.REFUSED), ({"kind": M.DECLINE}, S.DECLINED)]
)
def test_a_refusal_and_what_is_declined_rest_on_a_paper_and_end_it(
    bench: Bench, police: UUID, owner: Subject, facts: dict[str, Any], status: ProtectionStatus
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    paper: dict[str, Any] = {"paper_number": "12/BC-CATP", "paper_on": local_date(bench.now)}
    move(bench, made, protector(police), **paper, **facts)
    assert (made.status, made.paper_number) == (status, "12/BC-CATP")
    clock = clocks.find(bench.session, PROTECTION_ASKED, [made.id])[made.id]
    assert clock.ended_at == bench.now
    assert whats(bench, protector(police)) == []
    assert bench.ask_protection(bench.of(made.case_id), owner).id != made.id, (
        "who needs it asks again"
    )


def test_one_request_at_a_time_is_decided(bench: Bench, police: UUID, owner: Subject) -> None:
    verification = bench.opened()
    made = bench.ask_protection(verification, owner)
    with pytest.raises(ProtectionAwaited):
        bench.ask_protection(verification, owner)
    grant(bench, made, protector(police))
    assert bench.ask_protection(verification, owner).status == S.REQUESTED, "more may be asked for"


@pytest.mark.usefixtures("police")
def test_only_whoever_is_in_the_case_asks_and_reads_what_became_of_it(
    bench: Bench, owner: Subject
) -> None:
    verification = bench.opened(receiver_id=(receiver_id := uuid4()))
    receiver = reader_of(receiver_id, Role.RECEIVER)
    for stranger in (reader_of(None, Role.RECEIVER), reader_of(None, Role.VERIFIER)):
        with pytest.raises(CaseNotFound):
            bench.ask_protection(verification, stranger)
    made = bench.ask_protection(verification, receiver)

    def reads(subject: Subject) -> bool:
        try:
            domain.find_protection(
                bench.session, protection_id=made.id, subject=subject, now=bench.now
            )
        except ProtectionNotFound:
            return False
        return True

    assert reads(receiver)
    assert reads(owner)
    assert reads(protector(made.protector_id))
    assert not reads(protector(None))
    assert not reads(reader_of(verification.verifier_id)), "it did not ask"
    elsewhere = somebody(uuid4(), Role.CASE_OWNER, areas=("11749",))
    assert not reads(elsewhere)
    for bystander in (receiver, elsewhere, protector(None)):
        with pytest.raises(ProtectionNotFound):
            grant(bench, made, bystander)


def test_whoever_has_read_an_older_version_decides_nothing(
    bench: Bench, police: UUID, owner: Subject
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    grant(bench, made, protector(police))
    with pytest.raises(VersionChanged):
        domain.move_protection(
            bench.session,
            protection_id=made.id,
            subject=protector(police),
            facts=ProtectionFacts(M.END, reason=R.DANGER_OVER),
            expected_version=1,
            actor=ACTOR,
            now=bench.now,
        )


def test_where_nobody_protects_the_owner_is_told_exactly_that_and_names_somebody(
    bench: Bench, owner: Subject, told: Told
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    assert made.protector_id is None
    assert set(whats(bench, owner)) == {Duty.FIND_AUTHORITY, Duty.FIND_PROTECTOR}
    lived(bench, 2 * MINUTE, step=MINUTE)
    assert alerts(bench) == ["no_protector"]
    (alert,) = [it for it in told(Queue.NOTIFICATION) if isinstance(it, VerificationAlertRaised)]
    assert (alert.kind, alert.case_id, alert.must_act) == (
        "no_protector",
        made.case_id,
        Role.CASE_OWNER,
    )
    elsewhere = bench.organisation(protects("11749"), code="noi-khac")
    with pytest.raises(ProtectorUnfit):
        move(bench, made, owner, M.ASSIGN, organisation_id=elsewhere)
    police = bench.organisation(protects())
    move(bench, made, owner, M.ASSIGN, organisation_id=police)
    lived(bench, MINUTE, step=MINUTE)
    assert alerts(bench) == []
    assert made.protector_id == police


def test_whoever_begins_to_protect_there_is_found_by_the_sweep(
    bench: Bench, owner: Subject
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    assert domain.find_protectors(bench.session, bench.now) == 1
    assert made.protector_id is None
    police = bench.organisation(protects())
    assert domain.find_protectors(bench.session, bench.now) == 0, "it was looked at just now"
    assert domain.find_protectors_anew(bench.session, now=bench.now, actor=ACTOR) == 1
    kept = bench.session.get_one(Protection, made.id, populate_existing=True)
    assert (kept.protector_id, kept.look_again_at, kept.version) == (police, None, 2)
    assert whats(bench, protector(police)) == [Duty.DECIDE_PROTECTION]


def test_a_protector_whose_role_has_ended_is_the_owners_to_replace_also_after_the_decision(
    bench: Bench, owner: Subject
) -> None:
    police = bench.organisation(protects(until=local_date(bench.now + 3 * DAY)))
    made = bench.ask_protection(bench.opened(), owner)
    grant(bench, made, protector(police))
    later = bench.at(bench.now + 3 * DAY)
    lived(later, MINUTE, step=MINUTE)
    assert alerts(later) == ["protector_ended"]
    assert Duty.FIND_PROTECTOR in whats(later, owner)
    others = bench.organisation(protects(), code="cong-an-khac")
    move(later, made, owner, M.ASSIGN, organisation_id=others)
    lived(later, MINUTE, step=MINUTE)
    assert (alerts(later), made.status, made.protector_id) == ([], S.GRANTED, others)


def test_a_day_without_a_decision_warns_the_protector_then_its_head_then_the_owner(
    bench: Bench, police: UUID, department: UUID, owner: Subject, told: Told
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    kinds = VerificationClockWarned | VerificationClockBreached
    lived(bench, 23 * HOUR)
    assert alerts(bench) == []
    lived(bench.at(bench.now + 24 * HOUR), MINUTE, step=MINUTE)
    late = bench.at(bench.now + 25 * HOUR)
    of_clocks = [it for it in told(Queue.INTAKE) if isinstance(it, kinds)]
    assert {it.key for it in of_clocks} == {"protection.decision"}
    first, *_, last = [(it.level, it.organisation_id) for it in of_clocks]
    assert first == (ClockLevel.OFFICER, police)
    assert last == (ClockLevel.DEPARTMENT, department)
    assert of_clocks[-1].occurred_at == bench.now + 24 * HOUR
    assert alerts(late) == ["protection_overdue"]
    assert Duty.ASK_PROTECTOR in whats(late, owner)
    assert whats(late, somebody(police, Role.MANAGER)) == [Duty.SEE_TO_PROTECTION]
    grant(late, made, protector(police))
    lived(late, MINUTE, step=MINUTE)
    assert (alerts(late), whats(late, somebody(police, Role.MANAGER))) == ([], [])


def test_what_is_decided_in_time_is_never_late(
    bench: Bench, police: UUID, owner: Subject, told: Told
) -> None:
    grant(bench, bench.ask_protection(bench.opened(), owner), protector(police))
    lived(bench, 3 * DAY)
    assert alerts(bench) == []
    assert not [it for it in told(Queue.INTAKE) if isinstance(it, VerificationClockBreached)]


def test_a_review_is_a_duty_from_its_day_on_until_it_is_made(
    bench: Bench, police: UUID, owner: Subject
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    grant(bench, made, protector(police), days=10)
    assert whats(bench.at(bench.now + 9 * DAY), protector(police)) == []
    on_the_day = bench.at(bench.now + 10 * DAY)
    assert whats(on_the_day, protector(police)) == [Duty.REVIEW_PROTECTION]
    assert whats(on_the_day, protector(None)) == []
    review_on = local_date(on_the_day.now) + DAY
    secrecy = (ProtectionMeasure.SECRECY,)
    move(on_the_day, made, protector(police), M.REVIEW, measures=secrecy, review_on=review_on)
    assert whats(on_the_day, protector(police)) == []


def test_the_database_refuses_a_refusal_without_a_paper(
    bench: Bench, owner: Subject, police: UUID
) -> None:
    made = bench.ask_protection(bench.opened(), owner)
    assert made.protector_id == police
    bench.session.flush()
    with pytest.raises(IntegrityError, match="written"):
        bench.session.execute(
            text(
                "UPDATE protections SET status = 'refused', reason = 'not_covered',"
                " decided_at = now() WHERE id = :id"
            ),
            {"id": made.id},
        )
