"""What leaves a sender: signed with which secrets, and in which words."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from services.notification.policy import verify
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from shared.kit.webhook_secrets import derive_secret
from tests.notification.builders import MASTER
from tests.notification.office import Office
from tests.notification.receivers import Receiver


@pytest.mark.parametrize(("days", "accepted"), [(0, {1, 2}), (2, {2})])
def test_a_former_secret_is_worth_nothing_a_day_after_its_change(
    office: Office,
    receiver: Receiver,
    days: int,
    accepted: set[int],
) -> None:
    changed_at = utc_now() - timedelta(days=days)
    with office.at() as post:
        school = new_id()
        told = post.told.endpoint(school, url=receiver.url)
        post.hand(told)
        post.hand(told.model_copy(update={"secret_version": 2, "occurred_at": changed_at}))
        # A later word about the endpoint that changes no secret does not begin the day again.
        post.hand(told.model_copy(update={"secret_version": 2}))
    with office.at() as post:
        post.requested(school)
    office.settled(delivered=1)
    (got,) = receiver.got
    secrets = {version: derive_secret(MASTER, told.endpoint_id, version) for version in (1, 2)}
    now = utc_now().timestamp()
    genuine = {
        version
        for version, secret in secrets.items()
        if verify([secret], got.headers, got.body, now=now)
    }
    assert genuine == accepted


def test_a_purge_reaches_the_partner_signed_and_says_no_more_than_a_referral(
    office: Office,
    receiver: Receiver,
) -> None:
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        endpoint = post.endpoint(school)
    with office.at() as post:
        owed = post.told.purge(organisation_id=school)
        post.hand(owed)
    office.settled(delivered=1)
    (got,) = receiver.got
    event = Webhook(derive_secret(MASTER, endpoint.endpoint_id, 1)).verify(got.body, got.headers)
    assert event["type"] == "vn.nhipcau.referral.purge.v1"
    assert event["data"]["referral_id"] == str(owed.offer_id)
    assert str(owed.case_id) not in got.body.decode()
    assert str(owed.referral_id) not in got.body.decode()
