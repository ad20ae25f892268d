"""What a sender tells again under numbers it has forgotten has no second effect and is not lost."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from shared.contracts import (
    BY_TYPE,
    CaseReceived,
    ContactNumberChanged,
    ContactPointChanged,
    Message,
    PersonMessageAsked,
    ProgrammeChanged,
    ProgrammeChangedV1,
    Reception,
    ReferralClockBreached,
    ReferralClockWarned,
    ReferralRequested,
    VerificationClockBreached,
    VerificationClockWarned,
    VerificationOpened,
)
from shared.contracts.vocabulary import AgeBand, EntitlementCode, OrganisationKind, Regime, Sex
from shared.kit.identifiers import id_of, new_id
from shared.kit.retention import KEPT_DAYS
from shared.messaging import parking, sweeping, turns
from shared.messaging.envelope import Envelope, Wire
from tests.messaging.parts import (
    NOON,
    Receiver,
    case_received,
    message_id_of,
    message_in,
    sealed,
    wires,
)
from tests.messaging.test_failures import fail
from tests.messaging.test_parking import settle, skip


def told_anew(case_id: UUID, word: str, sequence: int, **changes: Any) -> Wire:
    return sealed(case_received(case_id, word), sequence, message_id=new_id(), **changes)


def retold(wire: Wire, **moments: str) -> Wire:
    """The same under a new id, as its sender tells it that has done its work a second time."""
    former = message_in(wire)
    body = {**former.wire["body"], **moments}
    said = case_received(UUID(former.aggregate_id), body["case_code"])
    return sealed(said, former.sequence, message_id=new_id(), body=body)


def alerts(receiver: Receiver) -> list[tuple[str, UUID]]:
    rows = receiver.rows("SELECT * FROM operator_alerts WHERE settled_at IS NULL ORDER BY id")
    return [(row["kind"], row["object_id"]) for row in rows]


def ring(receiver: Receiver) -> None:
    receiver.later()
    with receiver.database.begin() as session:
        sweeping.wake_missed(session)
    receiver.delivery.drain_held()


def test_a_new_message_under_a_passed_number_is_parked_and_shown_and_never_applied(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2, 3))
    late = told_anew(case_id, "OLD-1", 1)

    assert receiver.take(late) == [message_id_of(late)], "its sender may close it"

    assert receiver.words(case_id) == ["1", "2", "3"]
    assert receiver.parked() == {message_id_of(late): "stale_sequence"}
    assert receiver.state(late) == "stale"
    assert alerts(receiver) == [("stale_message", message_id_of(late))]


def test_two_under_one_number_fill_no_gap_behind_them(receiver: Receiver) -> None:
    case_id = uuid4()
    first, third = wires(case_id, 1, 3)
    other = told_anew(case_id, "OTHER", 1)

    receiver.take(first, other, third)
    ring(receiver)

    (applied,) = receiver.words(case_id)
    assert applied in {"1", "OTHER"}
    assert receiver.state(third) == "held", "the second has not come"
    passed = other if applied == "1" else first
    assert receiver.parked() == {message_id_of(passed): "stale_sequence"}
    receiver.take(*wires(case_id, 2))
    ring(receiver)
    assert receiver.words(case_id) == [applied, "2", "3"]


def test_one_that_would_fail_is_not_even_tried_and_not_held_for_ever(receiver: Receiver) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2, 3))
    receiver.deeds["X"] = fail
    late = told_anew(case_id, "X", 2)
    receiver.take(late)
    assert receiver.rows("SELECT * FROM held_messages") == []
    assert receiver.parked() == {message_id_of(late): "stale_sequence"}
    assert "X" not in receiver.calls


def test_what_is_told_again_with_the_same_substance_is_known_already(receiver: Receiver) -> None:
    case_id = uuid4()
    told = wires(case_id, 1, 2)
    receiver.take(*told)
    again = [retold(wire, occurred_at="2026-03-04T05:00:00Z") for wire in told]

    assert set(receiver.take(*again)) == {message_id_of(wire) for wire in again}

    assert receiver.words(case_id) == ["1", "2"]
    assert receiver.parked() == {}
    assert alerts(receiver) == []
    rows = receiver.rows("SELECT * FROM inbox WHERE state = 'stale'")
    assert {row["outcome"] for row in rows} == {turns.ALREADY_KNOWN}


def test_the_same_substance_under_the_number_of_another_message_is_shown(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    first, second = wires(case_id, 1, 2)
    receiver.take(first, second)
    swapped = sealed(
        case_received(case_id, "1"), 2, message_id=new_id(), body=message_in(first).wire["body"]
    )
    receiver.take(swapped)
    assert receiver.parked() == {message_id_of(swapped): "stale_sequence"}


@given(data=st.data(), passed=st.integers(1, 6), fresh=st.integers(0, 3))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_stale_and_next_messages_in_any_mixture_end_each_where_it_belongs(
    receiver: Receiver, data: st.DataObject, passed: int, fresh: int
) -> None:
    case_id = uuid4()
    old = wires(case_id, *range(1, passed + 1))
    receiver.take(*old)
    kinds = [data.draw(st.sampled_from(["none", "same", "other"])) for _ in old]
    same = [retold(wire) for wire, kind in zip(old, kinds, strict=True) if kind == "same"]
    other = [
        told_anew(case_id, f"other-{number}", number)
        for number, kind in enumerate(kinds, 1)
        if kind == "other"
    ]
    following = wires(case_id, *range(passed + 1, passed + fresh + 1))
    mixed = data.draw(st.permutations([*same, *other, *following]))
    while mixed:
        size = data.draw(st.integers(1, len(mixed)))
        receiver.take(*mixed[:size])
        mixed = mixed[size:]
    ring(receiver)
    ring(receiver)

    assert receiver.words(case_id) == [str(number) for number in range(1, passed + fresh + 1)]
    parked = {row for row in receiver.parked() if row in {message_id_of(it) for it in other}}
    assert parked == {message_id_of(wire) for wire in other}
    held = "SELECT * FROM held_messages WHERE aggregate_id = :case_id"
    assert receiver.rows(held, case_id=case_id) == []


def test_of_two_messages_that_waited_under_one_number_one_is_applied_and_one_shown(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    one, two = wires(case_id, 1, 2)
    twin = told_anew(case_id, "twin", 2)
    receiver.take(two)
    receiver.take(twin)
    receiver.take(one)
    ring(receiver)
    ring(receiver)

    assert receiver.words(case_id) in (["1", "2"], ["1", "twin"])
    assert list(receiver.parked().values()) == ["stale_sequence"]
    assert receiver.rows("SELECT * FROM held_messages") == []


def test_of_two_repeats_that_waited_under_one_number_one_is_applied_and_none_waits_on(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    one, two = wires(case_id, 1, 2)
    receiver.take(two)
    receiver.take(retold(two))
    receiver.take(one)
    ring(receiver)
    ring(receiver)

    assert receiver.words(case_id) == ["1", "2"]
    assert receiver.parked() == {}
    assert receiver.rows("SELECT * FROM held_messages") == []


def test_a_stale_message_is_applied_when_a_person_decides_so_and_settles_its_alert(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2))
    late = told_anew(case_id, "late", 1)
    receiver.take(late)
    settle(receiver, parking.replay, message_id_of(late))
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["1", "2", "late"]
    assert receiver.state(late) == "stale"
    assert alerts(receiver) == []
    receiver.take(*wires(case_id, 3))
    assert receiver.words(case_id) == ["1", "2", "late", "3"]


def test_a_stale_message_is_given_up_without_moving_its_case(receiver: Receiver) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2))
    late = told_anew(case_id, "late", 1)
    receiver.take(late)
    skip(receiver, message_id_of(late))
    receiver.take(*wires(case_id, 3))
    assert receiver.words(case_id) == ["1", "2", "3"]
    assert receiver.parked() == {}
    assert alerts(receiver) == []


def test_what_is_older_than_the_inbox_remembers_is_shown_and_not_lost(receiver: Receiver) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2))
    old = id_made(datetime.now(UTC) - timedelta(days=KEPT_DAYS + 1))
    repeat = sealed(case_received(case_id, "2"), 2, message_id=old)
    receiver.run("DELETE FROM inbox WHERE sequence = 2")

    assert receiver.take(repeat) == [old], "its sender may close it"

    assert receiver.words(case_id) == ["1", "2"]
    assert receiver.parked() == {old: "stale_sequence"}
    assert alerts(receiver) == [("stale_message", old)]


def programme_changed(programme_id: UUID, assured_at: str) -> ProgrammeChanged:
    return ProgrammeChanged(
        occurred_at=datetime.now(UTC),
        programme_id=programme_id,
        organisation_id=uuid4(),
        organisation_kind=OrganisationKind.HOSPITAL,
        codes=(EntitlementCode.MEDICAL,),
        area_codes=("31",),
        capacity=3,
        assured_at=datetime.fromisoformat(assured_at),
    )


def envelope_of(told: Message) -> Envelope:
    return message_in(sealed(told, 1, destination=told.to[0]))


def test_an_assurance_that_was_renewed_is_another_message_than_the_former() -> None:
    former = programme_changed(uuid4(), "2026-03-01T00:00:00+00:00")
    again = former.model_copy(update={"occurred_at": datetime.now(UTC) + timedelta(hours=1)})
    renewed = former.model_copy(update={"assured_at": datetime.now(UTC)})

    assert envelope_of(former).substance == envelope_of(again).substance
    assert envelope_of(former).substance != envelope_of(renewed).substance


REQUEST = ReferralRequested(
    occurred_at=NOON,
    case_id=uuid4(),
    referral_id=uuid4(),
    offer_id=uuid4(),
    programme_id=uuid4(),
    organisation_id=uuid4(),
    organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
    code=EntitlementCode.VOCATIONAL,
    area_code="11359",
    age_band=AgeBand.ADULT,
    sex=Sex.FEMALE,
)


def test_before_when_an_answer_is_in_time_is_a_moment_of_the_request() -> None:
    """A restored database asks again, and later; whom it asks is what is said."""
    moments = {"occurred_at": NOON + timedelta(1), "answer_not_due_before": NOON + timedelta(8)}
    later = REQUEST.model_copy(update=moments)
    another = REQUEST.model_copy(update={"offer_id": uuid4()})

    assert envelope_of(REQUEST).substance == envelope_of(later).substance
    assert envelope_of(REQUEST).substance != envelope_of(another).substance


def test_what_is_passed_on_of_anothers_word_is_no_part_of_what_is_said() -> None:
    """A verification that a backup of the release before opens again is the one that was told."""
    received = Reception(
        case_code="HP-7K3M-9Q2F", receiver_id=uuid4(), area_code="11560", told_at=NOON
    )
    waiting = VerificationOpened(
        occurred_at=NOON,
        case_id=uuid4(),
        verification_id=uuid4(),
        verifier_id=uuid4(),
        regime=Regime.LAW_2024,
    )
    passing_on = waiting.model_copy(update={"reception": received})
    elsewhere = waiting.model_copy(update={"verifier_id": uuid4()})

    assert envelope_of(passing_on).substance == envelope_of(waiting).substance
    assert envelope_of(elsewhere).substance != envelope_of(waiting).substance


SAID: dict[type[Message], set[str]] = {
    ProgrammeChangedV1: {"assured_at"},
    ProgrammeChanged: {"assured_at"},
    CaseReceived: {"received_at"},
    ContactPointChanged: {"valid_from", "valid_to"},
    ContactNumberChanged: {"valid_from", "valid_to"},
    PersonMessageAsked: {"send_at"},
    VerificationClockWarned: {"due_at"},
    VerificationClockBreached: {"due_at"},
    ReferralClockWarned: {"due_at"},
    ReferralClockBreached: {"due_at"},
}
"""Instants that are what is said, not when it was."""


@pytest.mark.parametrize("told", BY_TYPE.values(), ids=BY_TYPE)
def test_every_instant_in_a_message_is_decided_about(told: type[Message]) -> None:
    """A new one is either what is said, or named among the moments: here, too."""
    fields = told.model_fields.items()
    instants = {
        name
        for name, field in fields
        if AwareDatetime in {field.annotation, *get_args(field.annotation)}
    }
    assert instants == told.moments | SAID.get(told, set())


def id_made(at: datetime) -> UUID:
    """An id that was made then."""
    random = new_id().int & ((1 << 80) - 1)
    return UUID(int=int(at.timestamp() * 1000) << 80 | random)


def test_what_follows_from_a_cause_has_one_id_that_lies_where_its_cause_lies() -> None:
    cause = new_id()
    made = id_of(cause, "verification")
    assert made == id_of(cause, "verification") != id_of(cause, "plan")
    assert made != id_of(new_id(), "verification")
    assert made.version == 7
    assert made.int >> 80 == cause.int >> 80


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 1, 3)])
def test_messages_in_their_turn_are_none_of_this(
    receiver: Receiver, order: tuple[int, ...]
) -> None:
    case_id = uuid4()
    told = dict(enumerate(wires(case_id, 1, 2, 3), start=1))
    for number in order:
        receiver.take(told[number])
        receiver.take(told[number])
    assert receiver.words(case_id) == ["1", "2", "3"]
    assert receiver.parked() == {}
