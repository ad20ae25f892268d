"""Operators watch the work, replay what is parked, and see whether webhooks arrive."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from deploy.stack.installation import Installation
from shared.contracts import OrganisationChanged
from shared.contracts.vocabulary import OrganisationKind
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from tests.notification.receivers import Receiver
from tests.pages.browsing import PC, PHONE, People, check

OPERATIONS = "Vận hành"
QUEUE = "verification"
TYPE = OrganisationChanged.type
Eventually = Callable[[Callable[[], bool]], None]


def rows(installation: Installation, service: str, statement: str, *values: Any) -> list[Any]:
    with psycopg.connect(installation.database(service)) as connection:
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def park(installation: Installation) -> UUID:
    """A message to verification as a worker would have parked it, which can be handled now."""
    about = uuid4()
    told = OrganisationChanged(
        occurred_at=utc_now(),
        organisation_id=about,
        code=f"co-quan-{about.hex[:6]}",
        kind=OrganisationKind.POLICE,
    )
    message_id = new_id()
    wire = {
        "id": str(message_id), "from": "directory", "to": QUEUE, "aggregate": str(about), "seq": 1,
        "type": TYPE, "trace": None, "body": told.model_dump(mode="json"),
    }  # fmt: skip
    place = (message_id, "directory", TYPE, about, 1)
    rows(
        installation,
        QUEUE,
        "INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, outcome)"
        " VALUES (%s, %s, %s, %s, %s, 'parked', 'attempts_exhausted')",
        *place,
    )
    rows(
        installation,
        QUEUE,
        "INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence, envelope,"
        " reason, attempts, first_fault) VALUES (%s, %s, %s, %s, %s, %s, 'attempts_exhausted', 32,"
        " %s)",
        *place,
        Jsonb(wire),
        Jsonb({"error": "OperationalError", "place": "services/verification/domain/x.py:1"}),
    )
    return about


def is_there(installation: Installation, about: UUID) -> bool:
    """Whether the message about this organisation has had its effect."""
    query = "SELECT 1 FROM organisations WHERE id = %s"
    return bool(rows(installation, QUEUE, query, about))


def tile(page: Page, code: str) -> str:
    return page.locator(f"[data-tile={code}] .nc-ops-tile__figure").inner_text()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_operator_sees_in_one_click_how_it_goes_and_in_two_why_a_queue_is_old(
    people: People, width: int
) -> None:
    page = people.page("operator", width=width)
    page.goto("/account")
    page.get_by_role("navigation", name="Các phần").get_by_role("link", name=OPERATIONS).click()
    expect(page.get_by_role("heading", name=OPERATIONS, level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Hàng đợi của từng dịch vụ")).to_be_visible()
    expect(page.locator(".nc-ops-lane")).to_have_count(5)
    check(page)
    page.get_by_role("link", name="Xác minh", exact=True).click()
    expect(page.get_by_role("heading", name="Hàng đợi: Xác minh")).to_be_visible()
    expect(page.get_by_role("heading", name="Tiến trình")).to_be_visible()
    check(page)


def test_a_tile_renews_itself_and_without_scripts_the_page_says_the_same(
    people: People, installation: Installation
) -> None:
    page = people.page("operator")
    page.set_default_timeout(60_000)
    page.goto("/operations")
    before = int(tile(page, "parked"))
    page.evaluate("document.title = 'not loaded again'")
    park(installation)
    figure = page.locator("[data-tile=parked] .nc-ops-tile__figure")
    expect(figure).to_have_text(str(before + 1), timeout=20_000)
    assert page.title() == "not loaded again"
    plain = people.page("operator", java_script_enabled=False)
    plain.goto("/operations")
    assert int(tile(plain, "parked")) == before + 1
    plain.get_by_role("link", name="Tải lại").click()
    assert int(tile(plain, "parked")) == before + 1


def test_a_stream_ends_with_its_session_and_with_its_time(people: People, address: str) -> None:
    page = people.page("operator")
    page.goto("/operations")
    late = page.request.get("/operations/live?until=1")
    assert "event: ended" in late.text()
    page.context.clear_cookies()
    gone = page.request.get("/operations/live?until=9999999999")
    assert gone.headers["content-type"].startswith("text/event-stream")
    assert "event: ended" in gone.text()
    assert "nc-ops-tile" not in gone.text()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_parked_messages_are_replayed_by_typing_their_number_and_are_seen_to_have_run(
    people: People, installation: Installation, eventually: Eventually, width: int
) -> None:
    parked = [park(installation), park(installation)]
    page = people.page("operator", width=width)
    page.goto("/operations")
    page.get_by_role("link", name="Thông điệp tạm gác").first.click()
    expect(page.get_by_text("OperationalError").first).to_be_visible()
    check(page)
    page.get_by_role("link", name="Lần thử nào cũng không thành công").click()
    expect(page.get_by_role("heading", name="Chạy thử: chưa thay đổi gì")).to_be_visible()
    to_run = page.locator("[data-preview] dd").first.inner_text()
    assert not any(is_there(installation, about) for about in parked)
    check(page)
    typed = page.get_by_label("Gõ số")
    typed.fill("99")
    page.get_by_role("button", name="Chạy lại").click()
    expect(page.get_by_role("alert")).to_contain_text("Số thông điệp được chọn khác")
    page.get_by_label("Gõ số").fill(to_run)
    page.get_by_role("button", name="Chạy lại").click()
    expect(page.get_by_role("heading", name="Lần chạy lại: Xác minh")).to_be_visible()
    eventually(lambda: all(is_there(installation, about) for about in parked))
    page.get_by_role("link", name="Tải lại").click()
    expect(page.get_by_role("status").filter(has_text="Đã xong")).to_be_visible()
    done = page.locator("dl div").filter(has_text="Đã chạy xong").locator("dd")
    expect(done).to_have_text(to_run)
    check(page)
    people.said.clear()


def test_passing_over_a_message_needs_another_who_confirms(
    people: People, installation: Installation
) -> None:
    park(installation)
    page = people.page("operator", java_script_enabled=False)
    page.goto("/operations/parked/verification")
    page.locator(".nc-ops-line a").first.click()
    expect(page.get_by_role("heading", name="Thông điệp tạm gác")).to_be_visible()
    expect(page.get_by_text("organisation_id")).to_be_visible()
    seen = people.page("operator", width=PHONE)
    seen.goto(page.url)
    check(seen)
    page.get_by_role("button", name="Đề xuất bỏ qua").click()
    expect(page.get_by_text("người khác phải xác nhận")).to_be_visible()
    assert page.get_by_role("button", name="Xác nhận bỏ qua").count() == 0
    rows(
        installation,
        QUEUE,
        "UPDATE parked_messages SET skip_proposed_by = 'staff:another'"
        " WHERE skip_proposed_at IS NOT NULL",
    )
    page.reload()
    page.get_by_role("button", name="Xác nhận bỏ qua").click()
    expect(page.get_by_text("skipped")).to_be_visible()


@pytest.fixture
def receiver(installation: Installation) -> Iterator[tuple[Receiver, UUID, str]]:
    """A system of the school that takes webhooks, as notification was told of it."""
    query = "SELECT id, name_vi FROM organisations WHERE code = 'cao-dang-ky-thuat'"
    ((school, name),) = rows(installation, "directory", query)
    endpoint_id = new_id()
    with Receiver() as started:
        rows(
            installation,
            "notification",
            "INSERT INTO endpoints (endpoint_id, organisation_id, url, status, secret_version,"
            " secret_since, changed_at) VALUES (%s, %s, %s, 'active', 1, now(), now())",
            endpoint_id,
            school,
            started.url,
        )
        yield started, school, name
        rows(
            installation,
            "notification",
            "UPDATE endpoints SET status = 'disabled' WHERE endpoint_id = %s",
            endpoint_id,
        )


def test_an_endpoint_is_suspended_in_two_clicks_resumed_and_tested(
    people: People,
    installation: Installation,
    receiver: tuple[Receiver, UUID, str],
    eventually: Eventually,
) -> None:
    system, _, name = receiver
    page = people.page("operator", width=PHONE)
    page.goto("/account")
    page.get_by_role("link", name="Gửi thông báo").click()
    check(page)
    mine = page.get_by_role("listitem").filter(has_text=name)
    mine.get_by_role("button", name="Tạm ngừng gửi").click()
    expect(mine.get_by_text("Bên nhận đề nghị · từ")).to_be_visible()
    assert mine.get_by_role("button", name="Gửi thử").count() == 0
    mine.get_by_role("button", name="Gửi tiếp").click()
    expect(mine.get_by_text("Hoạt động")).to_be_visible()
    mine.get_by_role("button", name="Gửi thử").click()
    expect(page.get_by_role("heading", name="Gửi thử")).to_be_visible()
    eventually(lambda: any(b"endpoint.test" in each.body for each in system.got))
    eventually(lambda: page.reload() is not None and page.get_by_text("HTTP 204").count() == 1)
    check(page)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    check(page)


def test_an_organisation_watches_its_own_deliveries_and_suspends_nothing(
    people: People, receiver: tuple[Receiver, UUID, str]
) -> None:
    _, _, name = receiver
    page = people.page("provider")
    page.goto("/deliveries")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert page.locator(".nc-ops-recipient").count() == 1
    assert page.get_by_role("button", name="Tạm ngừng gửi").count() == 0
    assert page.get_by_role("button", name="Gửi thử").count() == 1
    page.goto("/operations/verification")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".nc-ops-lane").count() == 0
    people.said.clear()
