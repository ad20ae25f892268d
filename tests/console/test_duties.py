"""Every duty of every service is done on a page, and nothing that is none leads to one."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID, uuid4

import pytest

from services.console.pages.duties import PAGES, Row
from services.directory.policy import Duty as OfDirectory
from services.intake.policy import Duty as OfIntake
from services.livelihood_support.policy import Duty as OfSupport
from services.notification.policy import Duty as OfNotification
from services.verification.policy import Duty as OfVerification
from shared.contracts import Queue
from shared.duties import Duty as OfOperators

OWN: Mapping[Queue, type[StrEnum]] = {
    Queue.DIRECTORY: OfDirectory,
    Queue.INTAKE: OfIntake,
    Queue.VERIFICATION: OfVerification,
    Queue.LIVELIHOOD_SUPPORT: OfSupport,
    Queue.NOTIFICATION: OfNotification,
}
ID, LINKED = "019cac91-ba76-7c9a-9da7-bf8ac2edae25", "019cac91-ba76-7c9a-9da7-bf8ac2edae26"


def test_every_duty_of_every_service_is_done_on_a_page() -> None:
    own = {(queue, str(what)) for queue, duties in OWN.items() for what in duties}
    everywhere = {OfOperators.OPERATOR_ALERT, OfOperators.PARKED_MESSAGE}
    of_operators = {(queue, str(what)) for queue in Queue for what in everywhere}
    webhooks = {(Queue.NOTIFICATION, str(OfOperators.PARKED_DELIVERY))}
    assert PAGES.keys() == own | of_operators | webhooks
    assert everywhere | {OfOperators.PARKED_DELIVERY} == set(OfOperators)


@pytest.mark.parametrize(
    ("queue", "what", "page"),
    [
        (Queue.LIVELIHOOD_SUPPORT, "confirm_service", f"/cases/{ID}/referrals/{LINKED}"),
        (Queue.LIVELIHOOD_SUPPORT, "parked_message", "/operations/parked/livelihood-support"),
        (Queue.NOTIFICATION, "parked_delivery", f"/deliveries/{LINKED}"),
        (Queue.NOTIFICATION, "resume_endpoint", f"/deliveries/of/{LINKED}"),
        (Queue.NOTIFICATION, "resume_organisation", f"/deliveries/of/{LINKED}"),
        (Queue.NOTIFICATION, "resume_channel", "/deliveries/channels"),
        (Queue.NOTIFICATION, "publish_template", f"/templates/versions/{ID}"),
        (Queue.NOTIFICATION, "mend_endpoint", f"/administration/organisations/{LINKED}#endpoint"),
        (Queue.DIRECTORY, "publish_rule", f"/rules/proposals/{ID}"),
        (Queue.DIRECTORY, "renew_grant", f"/staff/{ID}"),
        (Queue.DIRECTORY, "reach_colleague", f"/staff/{ID}"),
        (Queue.DIRECTORY, "renew_mailbox", "/account/mails"),
        (Queue.VERIFICATION, "of the next release", None),
    ],
)
def test_a_page_is_that_of_the_thing_which_waits(queue: Queue, what: str, page: str | None) -> None:
    folder = "referrals" if queue is Queue.LIVELIHOOD_SUPPORT else "deliveries"
    link = f"/{queue.segment}/v1/{folder}/{LINKED}"
    row = Row(queue, {"what": what, "case_id": ID, "object_id": ID, "link": link}, uuid4())
    assert row.page == page


@pytest.mark.parametrize(
    ("queue", "what", "link"),
    [
        (Queue.DIRECTORY, "renew_endpoint", f"organisations/{LINKED}/endpoints"),
        (Queue.DIRECTORY, "renew_office_mailbox", f"organisations/{LINKED}/contact-points"),
        (Queue.NOTIFICATION, "mend_endpoint", f"endpoints?organisation_id={LINKED}"),
    ],
)
def test_an_address_is_mended_on_the_page_of_its_organisation_by_whoever_administers_it(
    queue: Queue, what: str, link: str
) -> None:
    duty = {"what": what, "object_id": ID, "link": f"/{queue.segment}/v1/{link}"}
    theirs = f"/administration/organisations/{LINKED}#endpoint"
    assert Row(queue, duty, uuid4()).page == theirs
    assert Row(queue, duty, UUID(LINKED)).page == "/deliveries/own"
    before = {**duty, "link": "/notification/v1/endpoints"}
    assert Row(queue, before, UUID(LINKED)).page == "/deliveries/own"
