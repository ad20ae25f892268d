"""Nobody but livelihood support can say that an organisation accepted, and so open the vault."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.intake.tasks import consumer
from shared.contracts import Queue, ReferralMoved
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, ReferralStatus
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging.delivery import Delivery
from shared.messaging.envelope import Wire, seal
from tests.intake.builders import facts, person, receive, submission
from tests.messaging.parts import deliver, links_of, parcel_of

Headers = Callable[..., dict[str, str]]


def accepted(case_id: UUID, referral_id: UUID, organisation_id: UUID, *, signer: Queue) -> Wire:
    """The acceptance of a referral, as one service would sign it."""
    told = ReferralMoved(
        occurred_at=datetime.now(UTC),
        case_id=case_id,
        referral_id=referral_id,
        move_id=new_id(),
        offer_id=new_id(),
        organisation_id=organisation_id,
        organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
        code=EntitlementCode.VOCATIONAL,
        status=ReferralStatus.ACCEPTED,
        version=2,
    )
    body = told.model_dump(mode="json")
    written = {"id": str(new_id()), "type": told.type, "trace": None, "body": body}
    return seal(links_of(signer), parcel_of([(case_id, 1, written)], Queue.INTAKE))


@pytest.mark.parametrize("signer", [queue for queue in Queue if queue != Queue.INTAKE])
def test_an_acceptance_opens_the_vault_only_if_livelihood_support_tells_of_it(
    begin: Begin, keys: MasterKeys, client: TestClient, token_for: Headers, signer: Queue
) -> None:
    submitted = facts(keys, submission(person=person()))
    with begin() as session:
        receive(session, submitted)
    organisation, referral = uuid4(), new_id()
    intake = Delivery(
        consumer,
        begin,
        links_of(Queue.INTAKE),
        lambda: datetime.now(UTC),
        handler_seconds=10,
    )
    deliver(intake, [accepted(submitted.case_id, referral, organisation, signer=signer)])
    answer = client.post(
        "/intake/v1/disclosures",
        json={"referral_id": str(referral), "purpose": "service_referral"},
        headers={
            **token_for("provider", organisation_id=organisation, kind="vocational_school"),
            "Idempotency-Key": str(uuid4()),
        },
    )
    if signer == Queue.LIVELIHOOD_SUPPORT:
        assert answer.status_code == 201
        assert answer.json()["person"]["full_name"]
    else:
        assert answer.is_client_error
        assert "person" not in answer.json()
