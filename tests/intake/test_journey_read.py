"""Who follows a case learns that help goes on, and not of whom."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.intake import tasks
from shared.contracts import ReferralRequested
from shared.contracts.following import KINDS, NeedKind, followed_as
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, ReferralStatus
from shared.kit.database import Begin
from tests.intake.answers import Headers, Submit
from tests.intake.builders import NOON
from tests.intake.messages import moved, opened, requested


def told(begin: Begin, case_id: str, code: EntitlementCode) -> ReferralRequested:
    """A referral to a hospital that accepted."""
    asked = requested(UUID(case_id), uuid4()).model_copy(
        update={"code": code, "organisation_kind": OrganisationKind.HOSPITAL}
    )
    with begin() as session:
        tasks.note_verifications(session, [opened(UUID(case_id))], NOON)
        tasks.note_requests(session, [asked], NOON)
        tasks.note_moves(session, [moved(asked, ReferralStatus.ACCEPTED)], NOON)
    return asked


@pytest.mark.parametrize("code", [EntitlementCode.MEDICAL, EntitlementCode.PSYCHOLOGICAL])
def test_the_agency_does_not_learn_which_hospital_nor_what_for(
    client: TestClient, submit: Submit, sender: Headers, begin: Begin, code: EntitlementCode
) -> None:
    receipt = submit().json()
    asked = told(begin, receipt["id"], code)
    answer = client.get(receipt["links"]["journey"], headers=sender)
    steps = answer.json()["steps"][-2:]
    assert [step["status"] for step in steps] == ["requested", "accepted"]
    assert {step["need"] for step in steps} == {"HEALTH"}
    assert {(step["code"], step["organisation_id"]) for step in steps} == {(None, None)}
    assert {step["referral_id"] for step in steps} == {str(followed_as(asked.referral_id))}
    hidden = (asked.referral_id, asked.offer_id, asked.organisation_id, asked.programme_id)
    assert not [it for it in (*map(str, hidden), code) if it in answer.text]


def test_the_agency_learns_who_verifies(
    client: TestClient, submit: Submit, sender: Headers, begin: Begin
) -> None:
    receipt = submit().json()
    told(begin, receipt["id"], EntitlementCode.MEDICAL)
    journey = client.get(receipt["links"]["journey"], headers=sender).json()
    (verified,) = [it for it in journey["steps"] if it["kind"] == "verification_opened"]
    assert verified["organisation_id"] is not None


def test_a_case_owner_reads_the_service_and_the_organisation(
    client: TestClient, submit: Submit, owner: Headers, begin: Begin
) -> None:
    receipt = submit().json()
    asked = told(begin, receipt["id"], EntitlementCode.MEDICAL)
    last = client.get(receipt["links"]["journey"], headers=owner).json()["steps"][-1]
    assert (last["need"], last["code"]) == ("HEALTH", "MEDICAL")
    assert last["organisation_id"] == str(asked.organisation_id)
    assert last["referral_id"] == str(asked.referral_id)


@pytest.mark.parametrize("code", EntitlementCode)
def test_every_service_is_of_a_kind_and_only_health_hides_which(code: EntitlementCode) -> None:
    is_of_health = code in {EntitlementCode.MEDICAL, EntitlementCode.PSYCHOLOGICAL}
    assert KINDS[code] == (NeedKind.HEALTH if is_of_health else code)
