"""What is decided for a person is decided by whoever owns the case today, and by nobody else."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from services.livelihood_support import domain
from services.livelihood_support.errors import NotResponsibleNow, OwnersNotTold
from services.livelihood_support.models import OwnerRole, Referral
from services.livelihood_support.policy import Move, ToldFact
from services.livelihood_support.tasks import consumer
from shared.contracts import CaseHandedOver, OrganisationChanged
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import (
    EntitlementCode,
    HandOverReason,
    OrganisationKind,
    ReasonCode,
    Role,
)
from shared.kit.clock import local_date
from shared.kit.identifiers import id_of, new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions
from tests.livelihood_support.builders import ACTOR, OWNER, Field
from tests.livelihood_support.calls import BASE, Scene, TokenFor, problem
from tests.subjects import somebody

Act = Callable[[Field, Referral, UUID], object]
REASON = ReasonCode.PERSON_DECLINED


def owner(organisation_id: UUID) -> Subject:
    return somebody(organisation_id, Role.CASE_OWNER)


def add_need(field: Field, referral: Referral, by: UUID) -> object:
    return domain.add_need(
        field.session,
        case_id=referral.case_id,
        code=EntitlementCode.MEDICAL,
        subject=owner(by),
        actor=ACTOR,
        now=field.now,
    )


def end_need(field: Field, referral: Referral, by: UUID) -> object:
    return domain.end_need(
        field.session,
        case_id=referral.case_id,
        need_id=id_of(referral.id, "need"),
        reason=REASON,
        subject=owner(by),
        expected_version=Versions.of([1]),
        actor=ACTOR,
        now=field.now,
    )


def tell_fact(field: Field, referral: Referral, by: UUID) -> object:
    return domain.tell_fact(
        field.session,
        case_id=referral.case_id,
        stated=domain.FactStated(ToldFact.POOR_HOUSEHOLD, True, "12/QĐ-UBND"),
        subject=somebody(by, Role.CASE_OWNER),
        now=field.now,
    )


def cancel(field: Field, referral: Referral, by: UUID) -> object:
    return field.move(referral, Move.CANCEL, reason=REASON, subject=owner(by))


ACTS = pytest.mark.parametrize("act", [add_need, end_need, tell_fact, cancel])


@pytest.fixture
def served(field: Field) -> Referral:
    """Somebody is served already: to end that also orders a purge."""
    field.programme()
    referral = field.referred(area_code="11359")  # type: ignore[arg-type]
    field.move(referral, Move.ACCEPT)
    return referral


@ACTS
def test_another_case_owner_decides_nothing(field: Field, served: Referral, act: Act) -> None:
    elsewhere = new_id()
    field.owning(elsewhere, "303")
    for stranger in (new_id(), elsewhere):
        with pytest.raises(NotResponsibleNow):
            act(field, served, stranger)
    assert field.referral(served.case_id).status == "accepted"
    assert field.purges(served.id) == [(None, None)]
    act(field, served, OWNER)


@ACTS
def test_a_change_of_owner_holds_from_its_day(field: Field, served: Referral, act: Act) -> None:
    field.owning(OWNER, until=local_date(field.now) + timedelta(days=1))
    successor = new_id()
    field.owning(successor, since=local_date(field.now) + timedelta(days=1))
    with pytest.raises(NotResponsibleNow):
        act(field, served, successor)
    tomorrow = field.at(field.now + timedelta(days=1))
    with pytest.raises(NotResponsibleNow):
        act(tomorrow, served, OWNER)
    act(tomorrow, served, successor)


@ACTS
def test_while_no_case_owner_is_told_of_the_refusal_says_so(
    field: Field, served: Referral, act: Act
) -> None:
    """As after an upgrade, until the directory tells of organisations anew."""
    field.session.execute(delete(OwnerRole))
    with pytest.raises(OwnersNotTold):
        act(field, served, OWNER)
    field.owning(OWNER)
    act(field, served, OWNER)


@ACTS
def test_who_is_active_no_longer_owns_nothing(field: Field, served: Referral, act: Act) -> None:
    other = new_id()
    field.owning(other, "11359", is_active=False)
    with pytest.raises(NotResponsibleNow):
        act(field, served, other)
    act(field, served, OWNER)


def test_who_owns_cases_is_what_the_directory_told_last(field: Field, served: Referral) -> None:
    """The nearest owns the case; of the other roles of an organisation none makes it an owner."""
    nearest = new_id()

    def tell(*roles: Role) -> None:
        held = [
            DatedRole(role=role, area_code="11359", valid_from=local_date(field.now))
            for role in roles
        ]
        told = OrganisationChanged(
            occurred_at=field.now,
            organisation_id=nearest,
            code="nearest",
            kind=OrganisationKind.COMMUNE_COMMITTEE,
            roles=tuple(held),
        )
        consumer.handlers[OrganisationChanged](field.session, [told], field.now)

    tell(Role.RECEIVER, Role.CASE_OWNER)
    tell_fact(field, served, nearest)
    with pytest.raises(NotResponsibleNow):
        tell_fact(field, served, OWNER)
    tell(Role.RECEIVER)
    tell_fact(field, served, OWNER)


def test_over_http_it_is_refused_as_not_responsible(
    client: TestClient, scene: Scene, token_for: TokenFor
) -> None:
    stranger = token_for("case_owner", client_id="another")
    cases = f"{BASE}/cases/{scene.case_id}"
    (need,) = client.get(f"{cases}/needs", headers=scene.owner).json()["items"]
    ending = {"move": "end", "reason": "other"}
    fact = {"fact": "poor_household", "value": True, "evidence_ref": "12/QĐ-UBND"}
    asked = {
        f"{cases}/needs": {"code": "MEDICAL"},
        f"{cases}/needs/{need['id']}/moves": ending,
        f"{cases}/facts": fact,
        f"{BASE}/referrals/{scene.referral_id}/moves": {"move": "cancel", "reason": "other"},
    }
    for address, body in asked.items():
        headers = {**stranger, "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        answer = client.post(address, json=body, headers=headers)
        assert problem(answer) == (403, "not-responsible-now")


def hand_over(field: Field, referral: Referral, to: UUID | None) -> None:
    told = CaseHandedOver(
        occurred_at=field.now,
        case_id=referral.case_id,
        handover_id=new_id(),
        former_id=new_id(),
        responsible_id=to,
        reason=HandOverReason.PERSON_MOVED,
    )
    consumer.take_locks(field.session, [told])
    consumer.handlers[CaseHandedOver](field.session, [told], field.now)
    field.session.info.clear()


@ACTS
def test_whom_a_case_was_handed_to_decides_and_its_area_no_more(
    field: Field, served: Referral, act: Act
) -> None:
    elsewhere, area = new_id(), new_id()
    field.owning(elsewhere, "303")
    field.owning(area, "11359")
    hand_over(field, served, elsewhere)
    with pytest.raises(NotResponsibleNow):
        act(field, served, area)
    act(field, served, elsewhere)


@pytest.mark.parametrize("is_given_back", [True, False])
def test_the_area_decides_again_when_the_case_is_given_back_or_who_is_named_is_gone(
    field: Field, served: Referral, *, is_given_back: bool
) -> None:
    elsewhere, area = new_id(), new_id()
    field.owning(elsewhere, "303")
    field.owning(area, "11359")
    hand_over(field, served, elsewhere)
    if is_given_back:
        hand_over(field, served, None)
    else:
        field.session.execute(delete(OwnerRole).where(OwnerRole.organisation_id == elsewhere))
    with pytest.raises(NotResponsibleNow):
        add_need(field, served, elsewhere)
    add_need(field, served, area)
