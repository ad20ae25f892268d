"""What an organisation was told, read by its people: who has read what, and what that ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from services.notification import domain
from services.notification.domain.notices import (
    AT_ONCE,
    MOST_COUNTED,
    acted_on_by,
    shown_to,
)
from services.notification.domain.retention import RETENTION, SHOWN
from services.notification.models import Delivery, NoticeReading
from services.notification.policy import ACTED_ON_WITH, URGENT, EventType
from shared.contracts import NoticeRead, VerificationNoticeRead
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.database import Begin
from shared.kit.retention import prune
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.subjects import somebody
from tests.told import IN_OUTBOX

NOTICES = "/notification/v1/notices"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]


@pytest.fixture
def school() -> UUID:
    return uuid4()


@pytest.fixture
def officer(token_for: TokenFor, school: UUID) -> Headers:
    return token_for("provider", organisation_id=school, client_id="officer")


@pytest.fixture
def colleague(token_for: TokenFor, school: UUID) -> Headers:
    return token_for("provider", organisation_id=school, client_id="colleague")


def asked(begin: Begin, school: UUID, count: int = 1) -> list[UUID]:
    """Offers to a school, told one after another; the ids of their notices, oldest first."""
    with begin() as session:
        for number in range(count):
            Post(session, NOON + timedelta(minutes=number)).requested(school)
        query = select(Delivery.id).where(Delivery.organisation_id == school)
        return list(session.scalars(query.order_by(Delivery.created_at)))


def listed(client: TestClient, who: Headers, **query: Any) -> dict[str, Any]:
    answer = client.get(NOTICES, headers=who, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(client: TestClient, who: Headers, notice_id: object) -> Response:
    key = {"Idempotency-Key": str(uuid4())}
    answer: Response = client.post(f"{NOTICES}/{notice_id}/readings", headers=who | key)
    return answer


def read_up_to(client: TestClient, who: Headers, notice_id: object) -> Response:
    key = {"Idempotency-Key": str(uuid4())}
    answer: Response = client.post(
        f"{NOTICES}/readings", json={"up_to": str(notice_id)}, headers=who | key
    )
    return answer


def told_of(begin: Begin) -> list[NoticeRead]:
    """What livelihood support is told of readings."""
    with begin() as session:
        query = select(IN_OUTBOX.c.body).where(IN_OUTBOX.c.type == NoticeRead.type)
        return [NoticeRead.model_validate(each) for each in session.scalars(query)]


def test_a_notice_is_what_the_organisation_was_told_and_leads_to_where_it_acts(
    client: TestClient, begin: Begin, school: UUID, officer: Headers
) -> None:
    with begin() as session:
        post = Post(session, NOON)
        case = post.case()
        (told,) = (post.told.request(organisation_id=school, case_id=case.case_id),)
        post.hand(told)
    answer = client.get(NOTICES, headers=officer)
    (notice,) = answer.json()["items"]
    assert (notice["type"], notice["page"]) == (
        EventType.REFERRAL_REQUESTED, f"/offers/{told.offer_id}",
    )  # fmt: skip
    assert (notice["is_urgent"], notice["is_yours"], notice["read_at"]) == (True, True, None)
    assert str(case.case_id) not in answer.text
    assert str(told.referral_id) not in answer.text


def test_each_reads_for_themselves_and_sees_that_somebody_has(
    client: TestClient, begin: Begin, school: UUID, officer: Headers, colleague: Headers
) -> None:
    (notice_id,) = asked(begin, school)
    assert listed(client, officer)["unread"] == 1
    first = read(client, officer, notice_id)
    assert first.status_code == 201
    assert first.json()["read_at"] == first.json()["first_read_at"] is not None
    assert listed(client, officer)["unread"] == 0
    assert listed(client, officer, is_unread=True)["items"] == []
    (theirs,) = listed(client, colleague)["items"]
    assert (theirs["read_at"], theirs["first_read_at"]) == (None, first.json()["first_read_at"])
    assert listed(client, colleague)["unread"] == 1
    assert read(client, officer, notice_id).json()["read_at"] == first.json()["read_at"]


def test_looking_at_the_list_reads_nothing(
    client: TestClient, begin: Begin, school: UUID, officer: Headers
) -> None:
    asked(begin, school)
    for _ in range(2):
        assert listed(client, officer)["unread"] == 1
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(NoticeReading)) == 0


def test_the_first_reading_of_what_presses_is_told_and_audited_once(
    client: TestClient, begin: Begin, school: UUID, officer: Headers, colleague: Headers
) -> None:
    (notice_id,) = asked(begin, school)
    for who in (officer, colleague, officer):
        assert read(client, who, notice_id).status_code == 201
    (told,) = told_of(begin)
    with begin() as session:
        delivery = session.get_one(Delivery, notice_id)
        assert (told.delivery_id, told.offer_id, told.organisation_id, told.purge_id) == (
            notice_id, delivery.offer_id, school, None,
        )  # fmt: skip
        query = select(AUDIT.c.actor).where(
            AUDIT.c.object_id == notice_id, AUDIT.c.action == "delivery.read"
        )
        assert session.scalars(query).all() == ["client:officer"]


def test_a_purge_is_read_under_the_id_of_its_request(
    client: TestClient, begin: Begin, school: UUID, officer: Headers
) -> None:
    with begin() as session:
        post = Post(session, NOON)
        purge_id = uuid4()
        post.hand(post.told.purge(organisation_id=school, purge_id=purge_id))
        (notice_id,) = session.scalars(select(Delivery.id))
    read(client, officer, notice_id)
    assert [each.purge_id for each in told_of(begin)] == [purge_id]


def test_all_up_to_one_are_read_and_what_came_meanwhile_is_not(
    client: TestClient, begin: Begin, school: UUID, officer: Headers
) -> None:
    ids = asked(begin, school, 4)
    assert read_up_to(client, officer, ids[2]).json() == {"unread": 1}
    (left,) = listed(client, officer, is_unread=True)["items"]
    assert left["id"] == str(ids[3])
    assert {each.delivery_id for each in told_of(begin)} == set(ids[:3])


def test_the_newest_come_first_and_pages_follow_each_other(
    client: TestClient, begin: Begin, school: UUID, officer: Headers
) -> None:
    ids = asked(begin, school, 3)
    first = listed(client, officer, page_size=2)
    then = listed(client, officer, page_size=2, cursor=first["next_cursor"])
    found = [each["id"] for each in (*first["items"], *then["items"])]
    assert found == [str(each) for each in reversed(ids)]
    assert (first["unread"], then["unread"], then["next_cursor"]) == (3, 3, None)


def test_another_organisations_notice_is_not_there(
    client: TestClient, begin: Begin, school: UUID, token_for: TokenFor
) -> None:
    (notice_id,) = asked(begin, school)
    stranger = token_for("provider", client_id="stranger")
    for answer in (read(client, stranger, notice_id), read_up_to(client, stranger, notice_id)):
        assert (answer.status_code, answer.json()["type"]) == (
            404, "urn:nhipcau:problem:notice-not-found",
        )  # fmt: skip
    assert listed(client, stranger)["items"] == []


def test_a_manager_sees_what_presses_and_nobody_has_read_and_reads_it_for_nobody(
    client: TestClient, begin: Begin, school: UUID, officer: Headers, token_for: TokenFor
) -> None:
    (notice_id,) = asked(begin, school)
    manager = token_for("manager", organisation_id=school, client_id="manager")
    seen = listed(client, manager)
    assert (seen["unread"], seen["items"][0]["is_yours"]) == (1, False)
    assert read(client, manager, notice_id).status_code == 404
    read(client, officer, notice_id)
    assert (listed(client, manager)["unread"], told_of(begin)[0].delivery_id) == (0, notice_id)


def test_a_test_of_an_endpoint_is_no_notice_and_every_event_has_its_readers() -> None:
    everybody = somebody(uuid4(), *Role)
    assert EventType.ENDPOINT_TEST not in shown_to(everybody)
    assert ACTED_ON_WITH.keys() == set(EventType)
    assert acted_on_by(everybody) == set(EventType) - {EventType.ENDPOINT_TEST}
    manager = somebody(uuid4(), Role.MANAGER, Role.CONSOLE)
    assert (acted_on_by(manager), shown_to(manager)) == (frozenset(), URGENT)


def test_more_unread_than_anybody_counts_are_many(post: Post) -> None:
    school = uuid4()
    post.requested(school, MOST_COUNTED + 1)
    officer = somebody(school, Role.PROVIDER)
    facts: dict[str, Any] = {"subject": officer, "now": post.now}
    assert domain.count_unread(post.session, **facts) == MOST_COUNTED
    assert AT_ONCE > MOST_COUNTED


def test_a_notice_leaves_the_inbox_before_its_reading_is_forgotten(post: Post) -> None:
    school = uuid4()
    post.requested(school)
    officer = somebody(school, Role.PROVIDER)
    (delivery,) = post.deliveries()
    domain.read_notice(post.session, notice_id=delivery.id, subject=officer, now=post.now)
    old = post.now + SHOWN
    facts: dict[str, Any] = {"subject": officer, "after": None, "size": 9}
    almost = old - timedelta(seconds=1)
    (left,) = domain.find_notices(post.session, now=almost, **facts)
    assert left.read_at is not None
    assert domain.find_notices(post.session, now=old, **facts) == []
    (rule,) = (each for each in RETENTION if each.table == "notice_readings")
    reading = post.session.scalars(select(NoticeReading)).one()
    assert prune(post.session, rule) == 0  # type: ignore[arg-type]
    reading.read_at -= 2 * SHOWN
    post.session.flush()
    assert prune(post.session, rule) == 1  # type: ignore[arg-type]


def test_who_decides_is_told_to_verification_and_presses_on_no_owner_of_the_case(
    client: TestClient, begin: Begin, token_for: TokenFor
) -> None:
    police, move_id = uuid4(), uuid4()
    with begin() as session:
        post = Post(session, NOON)
        case = post.case()
        opened = post.told.opened(case_id=case.case_id, verifier_id=police, move_id=move_id)
        post.hand(opened)
        (notice_id,) = session.scalars(
            select(Delivery.id).where(Delivery.organisation_id == police)
        )
    verifier = token_for("verifier", organisation_id=police, client_id="verifier")
    owner = token_for("case_owner", organisation_id=police, client_id="owner")
    assert [listed(client, who)["items"][0]["is_urgent"] for who in (verifier, owner)] == [
        True, False,
    ]  # fmt: skip
    read(client, verifier, notice_id)
    with begin() as session:
        query = select(IN_OUTBOX.c.body).where(IN_OUTBOX.c.type == VerificationNoticeRead.type)
        (told,) = (VerificationNoticeRead.model_validate(each) for each in session.scalars(query))
    assert (told.move_id, told.verification_id, told.organisation_id) == (
        move_id, opened.verification_id, police,
    )  # fmt: skip
