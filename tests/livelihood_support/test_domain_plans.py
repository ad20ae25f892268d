"""From an identification to a plan, referrals and offers."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from services.livelihood_support import domain
from services.livelihood_support.domain import periods
from services.livelihood_support.errors import CaseNotReceived
from services.livelihood_support.models import Alert, Offer, Plan, Referral, Seed
from services.livelihood_support.policy import Move
from shared.contracts import (
    Message,
    OfferMade,
    PlanOpened,
    Queue,
    ReferralMoved,
    ReferralRequested,
)
from shared.contracts.vocabulary import (
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    Regime,
    VerificationOutcome,
)
from shared.kit.audit import AUDIT
from shared.kit.clock import minute_of
from shared.kit.database import savepoint
from shared.kit.identifiers import id_of, new_id
from shared.law import rules
from shared.rulebook.reading import forget_rules
from tests.livelihood_support.builders import CENTRE, SCHOOL, VOCATIONAL, Field
from tests.told import IN_OUTBOX

Told = Callable[[Queue], list[Message]]


def test_an_identified_person_is_offered_a_place(field: Field, told: Told) -> None:
    school = field.programme(capacity=2)
    referral = field.referred()
    offer = field.offer(referral.id)
    assert referral.status == ReferralStatus.REQUESTED
    assert (offer.programme_id, offer.organisation_id) == (school.id, school.organisation_id)
    assert offer.points["free_places"] == 20
    assert field.places(school.id).held == 1
    assert field.moves(referral.id) == [(None, "requested", None, 1)]
    plan, requested = told(Queue.INTAKE)
    assert isinstance(plan, PlanOpened)
    assert VOCATIONAL in plan.entitled
    assert plan.referrals == 1
    assert isinstance(requested, ReferralRequested)
    assert (requested.offer_id, requested.referral_id) == (offer.id, referral.id)
    end = periods.end_of_answer(rules(), field.now)
    assert end is not None
    due = minute_of(end.at)
    assert (plan.answer_not_due_before, requested.answer_not_due_before) == (due, due)
    assert told(Queue.NOTIFICATION) == [requested]


def test_a_plan_is_told_with_whom_it_asks_first(
    field: Field, session: Session, settle: Callable[[], None]
) -> None:
    school = field.programme(codes=[VOCATIONAL])
    case_id = field.case(requested=[VOCATIONAL, EntitlementCode.MEDICAL])
    field.conclude(case_id)
    settle()
    told = IN_OUTBOX.c
    query = select(told.type, told.body).where(told.destination == Queue.INTAKE)
    plan, unplaced = session.execute(query.order_by(told.sequence)).all()
    assert (plan.type, unplaced.type) == (PlanOpened.type, ReferralMoved.type)
    (asked,) = PlanOpened.model_validate(plan.body).asked
    offer = session.scalars(select(Offer)).one()
    assert asked == OfferMade(
        referral_id=offer.referral_id,
        offer_id=offer.id,
        programme_id=school.id,
        organisation_id=school.organisation_id,
        organisation_kind=SCHOOL,
        code=VOCATIONAL,
    )


def test_every_act_leaves_an_audit_entry_and_what_others_told_leaves_none(
    field: Field, told: Told
) -> None:
    school = field.programme()
    referral = field.referred()
    field.deliver(referral.id)
    told(Queue.INTAKE)
    acts = field.session.execute(select(AUDIT.c.action, AUDIT.c.object_id)).all()
    assert sorted(acts) == [
        ("need.added", referral.need_id),
        ("plan.opened", referral.plan_id),
        ("referral.requested", referral.id),
    ]
    assert school.organisation_id not in {object_id for _, object_id in acts}


def test_only_what_was_requested_and_granted_becomes_a_referral(field: Field) -> None:
    medical, interpretation = EntitlementCode.MEDICAL, EntitlementCode.INTERPRETATION
    field.programme(codes=[VOCATIONAL, interpretation, medical])
    case_id = field.case(requested=[medical, interpretation])
    field.conclude(case_id, regime=Regime.LAW_2011)
    assert field.referral(case_id).code == medical


def test_a_missing_fact_is_shown_and_alerted_and_refers_nobody(field: Field, told: Told) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    assert field.session.scalar(select(func.count()).select_from(Referral)) == 0
    assert field.alerts(case_id) == ["needs_information"]
    facts = field.session.scalars(select(Alert.facts).where(Alert.case_id == case_id)).one()
    assert facts == {"missing": ["poor_household"], "can_be_told": ["poor_household"]}
    (plan,) = told(Queue.INTAKE)
    assert isinstance(plan, PlanOpened)
    assert VOCATIONAL in plan.needs_information


@pytest.mark.parametrize(
    "outcome", [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.WITHDRAWN]
)
def test_without_identification_there_is_no_plan(
    field: Field,
    told: Told,
    outcome: VerificationOutcome,
) -> None:
    case_id = field.case()
    field.conclude(case_id, outcome=outcome)
    assert field.session.scalar(select(func.count()).select_from(Plan)) == 0
    assert told(Queue.INTAKE) == []


def test_a_person_identified_after_all_gets_one_plan_once(field: Field) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, outcome=VerificationOutcome.NOT_IDENTIFIED)
    field.conclude(case_id)
    field.conclude(case_id)
    assert field.session.scalar(select(func.count()).select_from(Plan)) == 1
    assert field.referral(case_id).version == 1


class Restored(Exception):
    """The database is put back to where it was."""


def test_a_restored_database_that_opens_a_plan_again_makes_the_same_things(
    field: Field, told: Told
) -> None:
    field.programme(codes=[VOCATIONAL, EntitlementCode.MEDICAL])
    case_id = field.case(requested=[VOCATIONAL, EntitlementCode.MEDICAL])
    lives: list[list[Message]] = []
    for _ in range(2):
        with suppress(Restored), savepoint(field.session):
            field.conclude(case_id)
            lives.append(told(Queue.INTAKE))
            raise Restored
    first, again = lives
    assert first == again
    assert [type(it) for it in first].count(ReferralRequested) == 2


def test_whoever_knows_a_case_can_compute_no_plan_of_it_without_the_seed(field: Field) -> None:
    case_id = field.case(requested=[VOCATIONAL])
    field.conclude(case_id)
    (plan_id,) = field.session.scalars(select(Plan.id).where(Plan.case_id == case_id))
    seed = field.session.scalars(select(Seed.value)).one()
    assert plan_id == id_of(case_id, f"plan {seed}")
    assert plan_id != id_of(case_id, f"plan {new_id()}")
    assert seed.version == 4, "it is random"


def test_a_restored_database_that_asks_somebody_else_shares_no_id_between_the_two(
    field: Field, told: Told
) -> None:
    case_id = field.case()
    asked: list[ReferralRequested] = []
    for _ in range(2):
        with suppress(Restored), savepoint(field.session):
            field.programme()
            field.conclude(case_id)
            asked += [it for it in told(Queue.NOTIFICATION) if isinstance(it, ReferralRequested)]
            raise Restored
    first, again = asked
    assert first.referral_id == again.referral_id
    assert first.organisation_id != again.organisation_id
    assert first.offer_id != again.offer_id


@pytest.mark.parametrize("is_accepted_again", [True, False])
def test_a_move_is_the_same_one_after_a_restore_only_if_it_says_the_same(
    field: Field, told: Told, is_accepted_again: bool
) -> None:
    field.programme()
    case_id = field.referred().case_id
    moves: list[ReferralMoved] = []
    for is_accepted in (True, is_accepted_again):
        with suppress(Restored), savepoint(field.session):
            if is_accepted:
                field.move(field.referral(case_id), Move.ACCEPT)
            else:
                field.move(field.referral(case_id), Move.REJECT, reason=ReasonCode.CAPACITY)
            moves += [it for it in told(Queue.NOTIFICATION) if isinstance(it, ReferralMoved)][:1]
            raise Restored
    first, again = moves
    assert first.version == again.version
    assert (first.move_id == again.move_id) is is_accepted_again


def test_a_conclusion_before_its_case_must_wait(field: Field) -> None:
    with pytest.raises(CaseNotReceived):
        field.conclude(new_id())


def test_without_a_programme_a_referral_is_visibly_unplaced(field: Field, told: Told) -> None:
    full = field.programme(capacity=0)
    referral = field.referred()
    assert referral.status == ReferralStatus.UNPLACED
    assert field.alerts(referral.case_id) == ["no_programme"]
    facts = field.session.scalars(select(Alert.facts)).one()
    assert facts == {"excluded": {"no_free_place": 1}}
    assert field.places(full.id).held == 0
    (moved,) = told(Queue.NOTIFICATION)
    assert isinstance(moved, ReferralMoved)
    assert (moved.status, moved.reason) == (ReferralStatus.UNPLACED, ReasonCode.NO_PROGRAMME)
    assert moved.organisation_id is None


def test_nobody_is_asked_without_consent(field: Field) -> None:
    school = field.programme()
    centre = field.programme(kind=CENTRE, capacity=1)
    unasked = field.referred(kinds=[OrganisationKind.HOSPITAL])
    asked = field.referred(kinds=[CENTRE])
    assert unasked.status == ReferralStatus.UNPLACED
    assert field.offer(asked.id).programme_id == centre.id
    assert field.places(school.id).held == 0


def test_an_inactive_organisation_is_not_asked_until_it_is_active_again(field: Field) -> None:
    school = field.programme()
    gone = domain.OrganisationFacts(school.organisation_id, "TDN", SCHOOL, is_active=False)
    domain.note_organisations(field.session, organisations=[gone], now=field.now)
    referral = field.referred()
    assert referral.status == ReferralStatus.UNPLACED
    back = domain.OrganisationFacts(school.organisation_id, "TDN", SCHOOL, is_active=True)
    domain.note_organisations(field.session, organisations=[back], now=field.now)
    domain.retry_unplaced(field.session, field.now)
    assert field.referral(referral.case_id).status == ReferralStatus.REQUESTED


def test_a_frame_shares_places_out_one_by_one(field: Field) -> None:
    near = field.programme(areas=["31"], capacity=2)
    far = field.programme(areas=["31"], capacity=2)
    case_ids = [field.case() for _ in range(6)]
    field.conclude(*case_ids)
    statuses = [field.referral(case_id).status for case_id in case_ids]
    assert statuses == [ReferralStatus.REQUESTED] * 4 + [ReferralStatus.UNPLACED] * 2
    assert (field.places(near.id).held, field.places(far.id).held) == (2, 2)
    assert field.miscounted() == 0


def test_a_frame_costs_no_more_statements_than_one_conclusion(
    field: Field,
    engine: Engine,
) -> None:
    field.programme(codes=list(EntitlementCode), capacity=1000)
    wishes = [VOCATIONAL, EntitlementCode.MEDICAL]
    one = [field.case(requested=wishes)]
    many = [field.case(requested=wishes) for _ in range(64)]
    counts = []
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    for case_ids in (one, many):
        forget_rules(field.session)
        statements.clear()
        field.conclude(*case_ids)
        counts.append(len(statements))
    event.remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 17


def test_a_foreigner_is_referred_for_what_the_older_law_grants_foreigners(field: Field) -> None:
    field.programme(codes=[VOCATIONAL, EntitlementCode.MEDICAL])
    case_id = field.case(
        requested=[VOCATIONAL, EntitlementCode.MEDICAL],
        citizenship=Citizenship.FOREIGN,
    )
    field.conclude(case_id, regime=Regime.LAW_2011)
    assert field.referral(case_id).code == EntitlementCode.MEDICAL


@pytest.mark.parametrize(
    ("citizenship", "missing"),
    [
        (Citizenship.FOREIGN, "granted_in_this_case"),
        (Citizenship.STATELESS, "citizen_or_permanent_resident"),
    ],
)
def test_what_a_person_has_to_judge_is_asked_and_not_referred(
    field: Field,
    citizenship: Citizenship,
    missing: str,
) -> None:
    field.programme(codes=[EntitlementCode.MEDICAL])
    case_id = field.case(requested=[EntitlementCode.MEDICAL], citizenship=citizenship)
    field.conclude(case_id)
    assert field.session.scalars(select(Referral).where(Referral.case_id == case_id)).all() == []
    (alert,) = field.session.scalars(select(Alert).where(Alert.case_id == case_id))
    assert (alert.kind, alert.facts["missing"]) == ("needs_information", [missing])


def test_a_plan_explains_every_code(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert {each.code for each in plan.entitlements} == set(EntitlementCode)
    assert all(each.legal_ref and each.status for each in plan.entitlements)
