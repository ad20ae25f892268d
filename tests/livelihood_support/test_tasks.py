"""Messages in, rows and messages out: each message through the handler registered for it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.livelihood_support import domain, tasks
from services.livelihood_support.errors import CaseNotReceived
from services.livelihood_support.models import (
    CaseFact,
    CaseFile,
    Consent,
    Organisation,
    Plan,
    Programme,
)
from services.livelihood_support.policy import Move
from shared.contracts import (
    MESSAGES,
    CaseReceived,
    Companion,
    ConsentGiven,
    ConsentScope,
    ConsentWithdrawn,
    DeliveryConcluded,
    Message,
    OrganisationChanged,
    ProgrammeChanged,
    ProgrammeChangedV1,
    Queue,
    ReferralMoved,
    ReferralRequested,
    VerificationConcluded,
)
from shared.contracts.vocabulary import (
    AgeBand,
    AssuredBy,
    Citizenship,
    DeliveryOutcome,
    OrganisationKind,
    PersonCategory,
    Purpose,
    ReferralStatus,
    Regime,
    Route,
    Sex,
    VerificationOutcome,
)
from shared.kit.identifiers import new_id
from tests.livelihood_support.builders import SCHOOL, VOCATIONAL, Field

Told = Callable[[Queue], list[Message]]
SCOPE = ConsentScope(organisation_kind=SCHOOL, purpose=Purpose.SERVICE_REFERRAL)


class Post:
    """Hands messages to the handlers the service has registered."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def hand(self, *messages: Message) -> None:
        handler = tasks.consumer.handlers[type(messages[0])]
        handler(self.field.session, messages, self.field.now)

    def programme(self, **changes: Any) -> ProgrammeChanged:
        told = {
            "occurred_at": self.field.now,
            "programme_id": new_id(),
            "organisation_id": new_id(),
            "organisation_kind": SCHOOL,
            "codes": (VOCATIONAL,),
            "area_codes": ("31",),
            "capacity": 2,
            "assured_at": self.field.now,
            "assured_by": AssuredBy.ORGANISATION,
        }
        message = ProgrammeChanged(**{**told, **changes})
        self.hand(message)
        return message

    def case(self, **changes: Any) -> CaseReceived:
        told = {
            "occurred_at": self.field.now,
            "case_id": new_id(),
            "case_code": "HP-7K3M-9Q2F",
            "route": Route.SELF_REPORT,
            "receiver_id": new_id(),
            "receiver_kind": OrganisationKind.COMMUNE_COMMITTEE,
            "area_code": "31",
            "age_band": AgeBand.ADULT,
            "sex": Sex.FEMALE,
            "citizenship": Citizenship.VIETNAMESE,
            "requested_services": (VOCATIONAL, VOCATIONAL),
            "consents": (SCOPE, SCOPE),
        }
        return CaseReceived(**{**told, **changes})

    def conclusion(self, case: CaseReceived) -> VerificationConcluded:
        return VerificationConcluded(
            occurred_at=self.field.now,
            case_id=case.case_id,
            verification_id=new_id(),
            outcome=VerificationOutcome.IDENTIFIED,
            regime=Regime.LAW_2024,
            opened_at=self.field.now,
        )


@pytest.fixture
def post(field: Field) -> Post:
    return Post(field)


def test_every_message_sent_here_has_a_handler() -> None:
    addressed = {message for message in MESSAGES if Queue.LIVELIHOOD_SUPPORT in message.to}
    assert tasks.consumer.handlers.keys() == addressed


def test_a_programme_of_the_first_version_is_one_that_nobody_answers_for(post: Post) -> None:
    told = ProgrammeChangedV1(
        occurred_at=post.field.now,
        programme_id=new_id(),
        organisation_id=new_id(),
        organisation_kind=SCHOOL,
        codes=(VOCATIONAL,),
        area_codes=("31",),
        capacity=2,
        staff_sex=Sex.FEMALE,
        assured_at=post.field.now,
    )
    post.hand(told)
    kept = post.field.places(told.programme_id)
    assert (kept.assured_at, kept.assured_by, kept.staff_sexes) == (None, None, ["female"])
    case = post.case()
    post.hand(case)
    post.hand(post.conclusion(case))
    assert post.field.referral(case.case_id).status == ReferralStatus.UNPLACED


def test_a_case_and_its_conclusion_in_one_frame_are_handled_together(post: Post) -> None:
    """As from a queue that has grown: its codes are in no table when locks are taken."""
    post.programme()
    case = post.case()
    concluded = post.conclusion(case)
    tasks.consumer.take_locks(post.field.session, [case, concluded])
    post.hand(case)
    post.hand(concluded)
    assert post.field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_an_assurance_opens_a_programme_to_those_who_wait(post: Post) -> None:
    programme = post.programme(assured_at=None, assured_by=None)
    case = post.case()
    post.hand(case)
    post.hand(post.conclusion(case))
    assert post.field.referral(case.case_id).status == ReferralStatus.UNPLACED
    post.programme(programme_id=programme.programme_id, organisation_id=programme.organisation_id)
    domain.retry_unplaced(post.field.session, post.field.now)
    assert post.field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_what_the_person_asks_of_the_staff_is_kept_and_used(post: Post) -> None:
    post.programme()
    case = post.case(asked_staff_sex=Sex.FEMALE, needs_interpreter=True, languages=("hmn",))
    post.hand(case)
    post.hand(post.conclusion(case))
    assert post.field.referral(case.case_id).status == ReferralStatus.UNPLACED
    post.programme(staff_sexes=(Sex.FEMALE,), has_interpreter=True)
    domain.retry_unplaced(post.field.session, post.field.now)
    assert post.field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_organisations_and_programmes_are_kept_as_last_told(post: Post) -> None:
    programme = post.programme(languages=("vi", "en"), minimum_age=15)
    post.programme(
        programme_id=programme.programme_id,
        organisation_id=programme.organisation_id,
        capacity=7,
    )
    for code in ("TDN", "TDN-HP"):
        post.hand(
            OrganisationChanged(
                occurred_at=post.field.now,
                organisation_id=programme.organisation_id,
                code=code,
                kind=SCHOOL,
            )
        )
    kept = post.field.places(programme.programme_id)
    assert (kept.capacity, kept.ceiling, kept.languages, kept.minimum_age) == (7, 7, ["vi"], None)
    assert post.field.session.scalars(select(Organisation.code)).one() == "TDN-HP"
    assert post.field.session.scalars(select(Programme.id)).one() == programme.programme_id


def test_a_case_is_kept_with_its_consents_and_without_identity(post: Post) -> None:
    case = post.case()
    post.hand(case, post.case(consents=()))
    kept = post.field.session.get_one(CaseFile, case.case_id)
    assert kept.requested_services == [VOCATIONAL]
    consents = post.field.session.scalars(select(Consent)).all()
    assert [(each.case_id, each.is_live) for each in consents] == [(case.case_id, True)]
    assert not {"name", "phone", "address"} & set(CaseFile.__table__.columns.keys())


def test_a_frame_of_conclusions_opens_a_plan_for_each(post: Post, told: Told) -> None:
    school = post.programme(capacity=64)
    cases = [post.case() for _ in range(64)]
    post.hand(*cases)
    post.hand(*map(post.conclusion, cases))
    requested = [each for each in told(Queue.NOTIFICATION) if isinstance(each, ReferralRequested)]
    assert {each.case_id for each in requested} == {case.case_id for case in cases}
    assert {each.organisation_id for each in requested} == {school.organisation_id}
    assert post.field.places(school.programme_id).held == 64


def test_one_early_conclusion_sends_its_frame_back(post: Post) -> None:
    case = post.case()
    post.hand(case)
    with pytest.raises(CaseNotReceived):
        post.hand(post.conclusion(case), post.conclusion(post.case()))


def test_consent_withdrawn_and_given_again_moves_the_referral(post: Post, told: Told) -> None:
    post.programme()
    case = post.case()
    post.hand(case)
    post.hand(post.conclusion(case))
    now = post.field.now
    post.hand(ConsentWithdrawn(occurred_at=now, case_id=case.case_id, scope=SCOPE))
    post.hand(ConsentGiven(occurred_at=now, case_id=case.case_id, scope=SCOPE))
    seen = [
        each.status if isinstance(each, ReferralMoved) else "requested"
        for each in told(Queue.NOTIFICATION)
    ]
    assert seen == ["requested", "cancelled", "unplaced", "requested"]


def test_a_concluded_delivery_marks_the_offer(post: Post, told: Told) -> None:
    post.programme()
    case = post.case()
    post.hand(case)
    post.hand(post.conclusion(case))
    (requested,) = told(Queue.NOTIFICATION)
    assert isinstance(requested, ReferralRequested)
    post.hand(
        DeliveryConcluded(
            occurred_at=post.field.now,
            case_id=case.case_id,
            delivery_id=new_id(),
            referral_id=requested.referral_id,
            offer_id=requested.offer_id,
            organisation_id=requested.organisation_id,
            outcome=DeliveryOutcome.DELIVERED,
        )
    )
    assert post.field.offer(requested.referral_id).delivered_at == post.field.now


def test_a_changed_programme_does_not_lose_the_places_held_in_it(post: Post) -> None:
    programme = post.programme(capacity=1)
    case = post.case()
    post.hand(case)
    post.hand(post.conclusion(case))
    post.hand(programme)
    referral = post.field.referral(case.case_id)
    assert post.field.places(programme.programme_id).held == 1
    post.field.move(referral, Move.ACCEPT)
    assert post.field.miscounted() == 0


def test_a_case_that_came_in_late_is_kept_as_received_when_it_was(post: Post) -> None:
    """Its consents count from the telling: nobody may have learned of the person before it."""
    before = post.field.now - timedelta(days=300)
    told = post.case(received_at=before)
    post.hand(told)
    session = post.field.session
    assert session.scalars(select(CaseFile.received_at)).one() == before
    assert set(session.scalars(select(Consent.changed_at))) == {post.field.now}


def test_an_area_is_a_unit_of_the_day_it_was_told_however_long_ago_the_person_was_received(
    field: Field, post: Post
) -> None:
    """Ward 10543 lay in district 288; the ward that has its number since July 2025 is larger."""
    post.programme(area_codes=("288",))
    case = post.case(area_code="10543", received_at=datetime(2025, 3, 1, 5, tzinfo=UTC))
    post.hand(case)
    post.hand(post.conclusion(case))
    assert field.referral(case.case_id).status == ReferralStatus.UNPLACED
    post.programme(area_codes=("10543",))
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_an_area_that_is_told_with_its_day_is_a_unit_of_that_day(field: Field, post: Post) -> None:
    post.programme(area_codes=("288",))
    case = post.case(area_code="10543", area_on=date(2025, 3, 1))
    post.hand(case)
    post.hand(post.conclusion(case))
    assert field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_an_area_of_which_nobody_kept_the_day_is_a_unit_of_the_reception(
    field: Field, post: Post
) -> None:
    post.programme(area_codes=("288",))
    case = post.case(area_code="10543", received_at=datetime(2025, 3, 1, 5, tzinfo=UTC))
    post.hand(case)
    field.session.get_one(CaseFile, case.case_id).area_told_on = None
    field.session.flush()
    post.hand(post.conclusion(case))
    assert field.referral(case.case_id).status == ReferralStatus.REQUESTED


def test_a_child_who_came_along_is_supported_as_one_from_the_reception_on(post: Post) -> None:
    adult = post.case()
    beside = Companion(case_id=adult.case_id, case_code="HP-7K3M-9Q2F")
    child = post.case(age_band=AgeBand.UNDER_16, accompanies=beside, requested_services=())
    post.hand(adult, child)
    post.hand(post.conclusion(child))
    session = post.field.session
    (told,) = session.scalars(select(CaseFact)).all()
    assert (told.case_id, told.fact) == (child.case_id, "category")
    assert told.evidence_ref == "HP-7K3M-9Q2F"
    plan = session.scalars(select(Plan).where(Plan.case_id == child.case_id)).one()
    assert plan.category == PersonCategory.MINOR_ACCOMPANYING
