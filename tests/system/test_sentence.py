"""The one sentence of a case, wherever it stands: walked through three services, over messages.

Intake says of every state exactly one thing: who acts next, and why. Whoever that is finds it among
what they must do, where it is done; and when the case is handed over, it moves along.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import domain as intake
from services.intake.policy import Duty as OfIntake
from services.intake.policy import TurnReason, Who
from services.livelihood_support import domain as support
from services.livelihood_support.policy import Duty as OfSupport
from services.verification import domain as verification
from services.verification.policy import Duty as OfVerification
from shared.contracts import DatedRole, OrganisationChanged, Queue
from shared.contracts.vocabulary import HandOverReason, OrganisationKind, Role
from shared.duties import Duties, find_duties
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.versions import Versions
from shared.messaging.alerts import AlertKind, open_objects
from tests.intake.acting import LONG_AGO
from tests.intake.builders import NOON, facts, receive, submission
from tests.livelihood_support.builders import OWNER, Field
from tests.subjects import somebody
from tests.system.courier import CONSUMERS, Courier, settle
from tests.system.test_walk import VERIFYING, on_its_day, undone, walk
from tests.system.walkers import EVERY_CODE, GRANTING, tell
from tests.system.walking import ENDS, every_end
from tests.transactions import WITHOUT_END
from tests.verification.builders import IDENTIFY, START, Bench

INTAKE, VERIFICATION, SUPPORT = Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT
OTHER, POLICE = new_id(), new_id()
LATE = timedelta(hours=2)
TURNED = "identified no longer"
"""What follows is walked in support alone: no verification takes an identification back."""

DUTIES: Mapping[Queue, Duties] = {
    INTAKE: intake.DUTIES,
    VERIFICATION: verification.DUTIES,
    SUPPORT: support.DUTIES,
}
ROLES: Mapping[Who, Role] = {
    Who.CASE_OWNER: Role.CASE_OWNER,
    Who.VERIFIER: Role.VERIFIER,
    Who.ORGANISATION: Role.PROVIDER,
}
DONE_BY: Mapping[TurnReason, tuple[Queue, Collection[str]]] = {
    TurnReason.SEE_TO_URGENT_NEEDS: (INTAKE, {OfIntake.SEE_TO_URGENT_NEEDS}),
    TurnReason.FIND_AUTHORITY: (VERIFICATION, {OfVerification.FIND_AUTHORITY}),
    TurnReason.DECIDE_VERIFICATION: (
        VERIFICATION,
        {
            OfVerification.START_VERIFICATION,
            OfVerification.DECIDE_VERIFICATION,
            OfVerification.RESUME_VERIFICATION,
        },
    ),
    TurnReason.TELL_OF_COMPLAINT: (VERIFICATION, {OfVerification.TELL_OF_DECISION}),
    TurnReason.ANSWER_COMPLAINT: (VERIFICATION, {OfVerification.ANSWER_COMPLAINT}),
    TurnReason.TELL_OF_ANSWER: (VERIFICATION, {OfVerification.TELL_OF_ANSWER}),
    TurnReason.ASK_WHY_WITHDRAWN: (VERIFICATION, {OfVerification.ASK_WHY_WITHDRAWN}),
    TurnReason.FIND_PROGRAMME: (SUPPORT, {OfSupport.FIND_PROGRAMME}),
    TurnReason.ANSWER_OFFER: (SUPPORT, {OfSupport.ANSWER_OFFER}),
    TurnReason.REPLY_TO_QUESTION: (SUPPORT, {OfSupport.REPLY_TO_QUESTION}),
    TurnReason.START_SERVICE: (SUPPORT, {OfSupport.START_SERVICE}),
    TurnReason.RESUME_SERVICE: (SUPPORT, {OfSupport.RESUME_SERVICE}),
    TurnReason.COMPLETE_SERVICE: (SUPPORT, {OfSupport.COMPLETE_SERVICE}),
    TurnReason.CONFIRM_SERVICE: (SUPPORT, {OfSupport.CONFIRM_SERVICE}),
    # A fact that is missing, or a day that comes near, is a review as well.
    TurnReason.REVIEW_PLAN: (
        SUPPORT,
        {OfSupport.REVIEW_PLAN, OfSupport.TELL_FACT, OfSupport.ASK_FOR_NEED},
    ),
}
"""By what is to be done next: where it is done, and what it is called among the duties there."""
ON_ITS_WAY = {TurnReason.BEGIN_VERIFICATION, TurnReason.OPEN_PLAN, TurnReason.ASK_NEXT}


@dataclass(frozen=True)
class World:
    """One case in three services."""

    courier: Courier
    case_id: UUID

    @property
    def field(self) -> Field:
        return Field(self.courier.sessions[SUPPORT], NOON)

    @property
    def bench(self) -> Bench:
        return Bench(self.courier.sessions[VERIFICATION], NOON)

    def knows(self, organisation_id: UUID, role: Role, area_code: str = "31") -> None:
        """The directory tells all of them of an organisation."""
        told = OrganisationChanged(
            occurred_at=NOON,
            organisation_id=organisation_id,
            code=f"{role}-{area_code}",
            kind=OrganisationKind.POLICE,
            roles=(DatedRole(role=role, area_code=area_code, valid_from=LONG_AGO),),
        )
        for service, session in self.courier.sessions.items():
            CONSUMERS[service].handlers[OrganisationChanged](session, [told], NOON)

    def identify(self) -> None:
        self.knows(POLICE, Role.VERIFIER)
        self.courier.carry(INTAKE)
        self.bench.move(self.bench.of(self.case_id), START, IDENTIFY)
        self.courier.carry(VERIFICATION)

    def turn(self, owner: UUID = OWNER, now: datetime = NOON) -> intake.TurnView:
        """The sentence, as the owner of the case reads it."""
        session, subject = self.courier.sessions[INTAKE], somebody(owner, Role.CASE_OWNER)
        return intake.find_turn(session, case_id=self.case_id, subject=subject, now=now)

    def finds(self, turn: intake.TurnView, organisation_id: UUID | None) -> bool:
        """Whether an organisation finds it among what it must do."""
        assert organisation_id is not None
        service, whats = DONE_BY[turn.why]
        subject = somebody(organisation_id, ROLES[turn.who])
        session = self.courier.sessions[service]
        session.flush()
        rows, _ = find_duties(
            session, DUTIES[service], subject=subject, now=NOON, after=None, size=100
        )
        return any(row.what in whats for row in rows)

    def found(self) -> intake.TurnView:
        """Whoever must act finds it."""
        turn = self.turn()
        assert turn.who is not Who.NOBODY, turn
        if turn.who is not Who.EXCHANGE:
            assert self.finds(turn, turn.organisation_id), turn
        return turn

    def check(self) -> intake.TurnView:
        """Whoever must act finds it, also after the case was handed over; then it is as before."""
        turn = self.found()
        if turn.who is Who.CASE_OWNER:
            assert turn.organisation_id == OWNER
            self.check_handed_over(turn)
        return turn

    def check_handed_over(self, before: intake.TurnView) -> None:
        with everywhere_undone(self) as world:
            intake.hand_over(
                world.courier.sessions[INTAKE],
                case_id=self.case_id,
                subject=somebody(OWNER, Role.CASE_OWNER),
                facts=intake.HandOverFacts(OTHER, None, HandOverReason.PERSON_MOVED),
                expected_version=Versions.any(),
                actor="test",
                now=NOON,
            )
            world.courier.carry(INTAKE)
            turn = world.turn(OTHER)
            assert turn == replace(before, organisation_id=OTHER)
            assert world.finds(turn, OTHER)
            assert not world.finds(turn, OWNER)


@contextmanager
def everywhere_undone(world: World) -> Iterator[World]:
    """Everything that happens inside is rolled back in each service, and carried again later."""
    courier = world.courier
    with ExitStack() as opened:
        for session in courier.sessions.values():
            settle(session)
            opened.enter_context(undone(session))
        yield replace(world, courier=replace(courier, carried=set(courier.carried)))


@pytest.fixture
def world(engine_of: Callable[[str], Engine]) -> Iterator[World]:
    """A case that was received just now, and whose effects are all rolled back."""
    with ExitStack() as opened:
        sessions = {}
        for service in (INTAKE, VERIFICATION, SUPPORT):
            connection = opened.enter_context(engine_of(service).connect())
            opened.callback(connection.begin().rollback)
            connection.execute(WITHOUT_END)
            inside = Session(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
            sessions[service] = opened.enter_context(inside)
        asked = submission(immediate_needs=[], requested_services=["VOCATIONAL", "EDUCATION"])
        submitted = facts(MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32)), asked)
        receive(sessions[INTAKE], submitted)
        world = World(Courier(sessions, NOON), submitted.case_id)
        world.knows(OWNER, Role.CASE_OWNER)
        world.knows(OTHER, Role.CASE_OWNER, "11749")
        yield world


def test_every_reason_is_done_somewhere_or_on_its_way() -> None:
    assert DONE_BY.keys() | ON_ITS_WAY == set(TurnReason)
    assert not DONE_BY.keys() & ON_ITS_WAY


def test_what_does_not_come_is_nobodys_turn_and_an_alert(world: World) -> None:
    turn = world.turn()
    assert (turn.who, turn.why) == (Who.EXCHANGE, TurnReason.BEGIN_VERIFICATION)
    assert world.turn(now=NOON + LATE).who is Who.NOBODY
    session = world.courier.sessions[INTAKE]
    intake.watch_duties(session, NOON + LATE)
    assert set(open_objects(session, AlertKind.NOBODYS_TURN)) == {world.case_id}


def test_without_an_authority_the_case_owner_finds_one(world: World) -> None:
    world.courier.carry(INTAKE, VERIFICATION)
    assert world.check().why is TurnReason.FIND_AUTHORITY


@pytest.mark.parametrize("end", VERIFYING)
def test_every_state_of_a_verification_is_one_sentence(world: World, end: str) -> None:
    world.knows(POLICE, Role.VERIFIER)
    world.courier.carry(INTAKE, VERIFICATION)
    for move in VERIFYING[end]:
        world.bench.move(world.bench.of(world.case_id), on_its_day(move, NOON))
        world.courier.carry(VERIFICATION)
        world.check()
    said = {"not identified": TurnReason.TELL_OF_COMPLAINT, "identified": TurnReason.OPEN_PLAN}
    said |= {"withdrawn": TurnReason.ASK_WHY_WITHDRAWN}
    said |= {"not identified twice": TurnReason.TELL_OF_COMPLAINT}
    said |= {"complained of": TurnReason.ANSWER_COMPLAINT, "kept": TurnReason.TELL_OF_ANSWER}
    assert world.check().why is said.get(end, TurnReason.DECIDE_VERIFICATION)


def test_what_its_authority_may_not_decide_any_more_is_the_case_owners_to_give_to_another(
    world: World,
) -> None:
    world.knows(POLICE, Role.VERIFIER)
    world.courier.carry(INTAKE, VERIFICATION)
    assert world.check().why is TurnReason.DECIDE_VERIFICATION
    # It held the role, and another holds it now.
    world.knows(POLICE, Role.FACILITY)
    world.knows(new_id(), Role.VERIFIER)
    session = world.courier.sessions[VERIFICATION]
    session.flush()
    verification.watch_standstills(session, NOON)
    assert world.check().why is TurnReason.FIND_AUTHORITY


def test_every_end_of_every_referral_is_one_sentence(world: World) -> None:
    world.field.programme(codes=EVERY_CODE, capacity=1000)
    world.identify()
    for fact in GRANTING:
        tell(world.field, world.case_id, fact, value=True)
    world.courier.carry(SUPPORT)
    reached = {}
    for path in walk(world.field, world.case_id, ENDS):
        if TURNED in path:
            continue
        with everywhere_undone(world) as here:
            here.courier.carry(SUPPORT)
            reached[path] = here.check().why
    assert reached.keys() == {path for path, _ in every_end(ENDS) if TURNED not in path}
    of_support = {reason for reason, (where, _) in DONE_BY.items() if where is SUPPORT}
    assert set(reached.values()) == of_support


def test_what_cannot_wait_comes_first_in_every_state(world: World) -> None:
    asked = submission(immediate_needs=["medical"])
    submitted = facts(MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32)), asked)
    receive(world.courier.sessions[INTAKE], submitted)
    urgent = replace(world, case_id=submitted.case_id)
    assert urgent.check().why is TurnReason.SEE_TO_URGENT_NEEDS
    urgent.identify()
    assert urgent.check().why is TurnReason.SEE_TO_URGENT_NEEDS
