"""What is to be done about addresses that do not answer, and about drafts of what is said."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from services.notification import domain
from services.notification.domain import templates
from services.notification.domain.templates import DraftFacts, TemplateKey
from services.notification.models import Delivery
from services.notification.policy import Duty, EventType, SuspensionReason
from services.notification.policy.templates import TemplateReason, Wording
from shared.contracts.vocabulary import ChannelKind, Role
from shared.duties import DutyRow, Urgency, find_duties
from shared.kit.clock import minute_of
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.texts import TextLanguage
from tests.notification.builders import Post
from tests.subjects import somebody


def duties(post: Post, subject: Subject) -> Sequence[DutyRow]:
    post.session.flush()
    found, counted = find_duties(
        post.session, domain.DUTIES, subject=subject, now=post.now, after=None, size=100
    )
    assert counted.total == counted.by_urgency[Urgency.UNDATED] == len(found)
    return found


@pytest.fixture
def school(post: Post) -> Subject:
    return somebody(post.reachable(), Role.PROVIDER)


def failing(post: Post, school: Subject, times: int = 5) -> None:
    post.requested(school.organisation_id, times)
    post.record(post.claim(), 500)


def test_an_address_that_fails_time_and_again_is_its_organisations(
    post: Post, school: Subject
) -> None:
    failing(post, school, 4)
    assert duties(post, school) == []
    failing(post, school, 1)
    (found,) = duties(post, school)
    assert (found.what, found.subject) == (Duty.MEND_ENDPOINT, "endpoint")
    assert found.link == f"endpoints?organisation_id={school.organisation_id}"
    assert found.since == minute_of(post.now)
    assert (found.case_id, found.case_code) == (None, None)
    assert duties(post, somebody(new_id(), Role.PROVIDER)) == []
    (of_administrator,) = duties(post, somebody(uuid4(), Role.ADMINISTRATOR))
    assert of_administrator.object_id == found.object_id


def test_one_answer_ends_it(post: Post, school: Subject) -> None:
    failing(post, school)
    later = post.later(3600)
    claimed = later.claim()
    assert claimed
    later.record(claimed[:1], 204)
    assert duties(later, school) == []


def test_what_is_suspended_is_its_organisations_to_mend_and_the_operators_to_resume(
    post: Post, school: Subject
) -> None:
    operator = somebody(uuid4(), Role.OPERATOR)
    suspended = post.later(90)
    endpoint = post.endpoint(school.organisation_id)
    domain.suspend_endpoint(
        post.session,
        endpoint_id=endpoint.endpoint_id,
        subject=operator,
        reason=SuspensionReason.WRONG_ADDRESS,
        now=suspended.now,
    )
    for subject, what in ((school, Duty.MEND_ENDPOINT), (operator, Duty.RESUME_ENDPOINT)):
        (found,) = duties(suspended, subject)
        assert (found.what, found.object_id) == (what, endpoint.endpoint_id)
        assert found.since == minute_of(suspended.now)
        assert found.is_waiting == (subject is operator)
    domain.resume_endpoint(
        post.session, endpoint_id=endpoint.endpoint_id, subject=operator, now=suspended.now
    )
    assert duties(suspended, school) == duties(suspended, operator) == []


def test_a_suspended_address_that_was_replaced_is_nobodys(post: Post, school: Subject) -> None:
    operator = somebody(uuid4(), Role.OPERATOR)
    endpoint = post.endpoint(school.organisation_id)
    domain.suspend_endpoint(
        post.session,
        endpoint_id=endpoint.endpoint_id,
        subject=operator,
        reason=SuspensionReason.PARTNER_DOWN,
        now=post.now,
    )
    post.reachable(school.organisation_id)
    assert duties(post, school) == duties(post, operator) == []


def test_what_was_parked_is_the_operators_to_send_again(post: Post, school: Subject) -> None:
    post.requested(school.organisation_id)
    delivery = post.session.query(Delivery).one()
    moment = post
    while delivery.state != "parked":
        moment = moment.later(3 * 86_400)
        moment.record(moment.claim(), 404)
        post.session.expire_all()
    operator = somebody(uuid4(), Role.OPERATOR)
    (found,) = duties(moment, operator)
    assert (found.what, found.link) == ("parked_delivery", f"deliveries/{delivery.id}")
    assert found.case_id == delivery.case_id
    assert "parked_delivery" not in {each.what for each in duties(moment, school)}


def drafted(post: Post, writer: Subject, organisation_id: UUID | None = None) -> UUID:
    wording = Wording("", "{{ code }}")
    draft = templates.begin_draft(
        post.session,
        subject=writer,
        key=TemplateKey(EventType.PLAN_OPENED, ChannelKind.SMS, organisation_id),
        facts=DraftFacts(TemplateReason.CLEARER, dict.fromkeys(TextLanguage, wording)),
        most=2,
        now=post.now,
    )
    return draft.id


def test_a_draft_waits_for_whoever_may_publish_it_and_did_not_write_it(
    post: Post, school: Subject
) -> None:
    manager, deputy = (
        somebody(school.organisation_id, Role.MANAGER, client_id=who) for who in ("one", "two")
    )
    administrator = somebody(uuid4(), Role.ADMINISTRATOR)
    post.hand(post.told.organisation(school.organisation_id))
    draft_id = drafted(post, manager, school.organisation_id)
    for publisher in (deputy, administrator):
        (found,) = duties(post.later(60), publisher)
        assert (found.what, found.subject) == (Duty.PUBLISH_TEMPLATE, "template")
        assert (found.object_id, found.link) == (draft_id, f"template-versions/{draft_id}")
        assert (found.since, found.is_waiting) == (post.now, False)
    elsewhere = somebody(uuid4(), Role.MANAGER, client_id="three")
    for nobody in (manager, elsewhere, school, somebody(uuid4(), Role.OPERATOR)):
        assert duties(post, nobody) == []
    of_all = drafted(post, administrator)
    colleague = somebody(uuid4(), Role.ADMINISTRATOR, client_id="colleague")
    assert {each.object_id for each in duties(post, colleague)} == {draft_id, of_all}
    assert {each.object_id for each in duties(post, deputy)} == {draft_id}
    templates.publish_draft(
        post.session,
        subject=deputy,
        version_id=draft_id,
        expected_version=1,
        most=2,
        now=post.now,
    )
    templates.discard_draft(post.session, subject=colleague, version_id=of_all, now=post.now)
    assert duties(post, deputy) == duties(post, colleague) == duties(post, administrator) == []
