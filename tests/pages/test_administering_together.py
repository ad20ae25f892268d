"""Two people at one thing of administration, and what an organisation confirms on paper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
POST = "Trưởng phòng Đào tạo"


@dataclass(frozen=True)
class School:
    """An organisation with a programme: the addresses of their pages."""

    name: str
    place: str
    programme: str


@pytest.fixture
def school(made: Callable[..., Any]) -> School:
    """A new one that has roles of today, and one of the past."""
    mark = uuid4().hex[:6]

    def role(code: str, first: str, after: str | None = None) -> dict[str, Any]:
        return {"role": code, "area_code": "31", "valid_from": first, "valid_to": after}

    name = f"Trường nghề chung {mark}"
    own = made(
        "organisations",
        code=f"truong-chung-{mark}",
        kind="vocational_school",
        name_vi=name,
        name_en=f"School {mark}",
        roles=[
            role("manager", "2026-01-01"),
            role("provider", "2026-01-01"),
            role("community", "2025-01-01", "2025-07-01"),
        ],
    )["id"]
    programme = made(
        "programmes",
        organisation_id=own,
        name_vi="Lớp mộc",
        name_en="Carpentry",
        codes=["VOCATIONAL"],
        area_codes=["31"],
        capacity=5,
    )["id"]
    place = f"/administration/organisations/{own}"
    return School(name, place, f"/administration/programmes/{programme}")


def save(page: Page, name: str = "Lưu") -> int:
    """Press the last button of this name; the status of what was answered to the form."""
    with page.expect_response(lambda it: it.request.method == "POST") as answered:
        page.get_by_role("button", name=name, exact=True).last.click()
    return answered.value.status


def standing(page: Page) -> Locator:
    return page.get_by_role("region", name="Có người vừa thay đổi chương trình này")


@SCRIPTS
def test_of_two_who_change_a_programme_the_slower_sees_both_and_loses_nothing(
    people: People, school: School, *, scripts: bool
) -> None:
    first, second = (
        people.page("administrator", width=PHONE, java_script_enabled=scripts) for _ in range(2)
    )
    for page in (first, second):
        page.goto(school.programme)
    first.get_by_label("Số chỗ").fill("8")
    assert save(first) == 303
    expect(first.get_by_text("8 chỗ")).to_be_visible()
    second.get_by_label("Số chỗ").fill("")
    second.get_by_label("Tên tiếng Việt").fill("Lớp mộc mỹ nghệ")
    assert save(second) == 422, "which shows nothing of the other one's"
    second.get_by_label("Số chỗ").fill("15")
    assert save(second) == 412
    expect(second.get_by_role("alert")).to_be_visible()
    told = standing(second).locator("dl > div")
    expect(told).to_have_count(2)
    expect(told.filter(has_text="Số chỗ").locator("dd")).to_have_text("8")
    expect(told.filter(has_text="Tên tiếng Việt").locator("dd")).to_have_text("Lớp mộc")
    expect(second.get_by_label("Số chỗ")).to_have_value("15")
    expect(second.get_by_label("Tên tiếng Việt")).to_have_value("Lớp mộc mỹ nghệ")
    if scripts:
        check(second)
    assert save(second) == 303
    expect(second.get_by_role("link", name="Lớp mộc mỹ nghệ")).to_be_visible()
    expect(second.get_by_text("15 chỗ")).to_be_visible()
    people.said.clear()


@SCRIPTS
def test_of_two_who_give_roles_the_slower_sees_what_the_organisation_may_do_today(
    people: People, school: School, *, scripts: bool
) -> None:
    first, second = (
        people.page("administrator", width=PHONE, java_script_enabled=scripts) for _ in range(2)
    )
    for page in (first, second):
        page.goto(f"{school.place}/roles/new")
        page.get_by_label("Vai trò").select_option("facility")
    assert save(first) == 303
    expect(first.get_by_role("status")).to_have_text("Đã ghi: thêm vai trò.")
    second.get_by_label("Vai trò").select_option("protector")
    second.get_by_label("Đến hết ngày").fill("31/12/2031")
    assert save(second) == 412
    now = second.locator(".govuk-inset-text", has_text="Vai trò hiện nay")
    for role in ("Quản lý tài khoản", "Cung cấp dịch vụ hỗ trợ", "Cung cấp nơi lưu trú"):
        expect(now.get_by_role("listitem").filter(has_text=role)).to_have_count(1)
    expect(now.get_by_role("listitem")).to_have_count(3)
    expect(now).not_to_contain_text("Hỗ trợ tại cộng đồng")
    expect(second.get_by_label("Vai trò")).to_have_value("protector")
    expect(second.get_by_label("Đến hết ngày")).to_have_value("31/12/2031")
    if scripts:
        check(second)
    assert save(second) == 303
    expect(second.get_by_text("đến hết 31/12/2031")).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize(("width", "scripts"), [(PHONE, False), (PC, True)])
def test_a_programme_is_confirmed_by_the_paper_of_a_post_until_it_changes(
    people: People, school: School, width: int, *, scripts: bool
) -> None:
    page = people.page("administrator", width=width, java_script_enabled=scripts)
    page.goto(school.programme)
    assured = page.get_by_role("region", name="Xác nhận thông tin")
    expect(assured.get_by_text("Chưa được xác nhận")).to_be_visible()
    assured.get_by_text("Ghi nhận xác nhận bằng văn bản").click()
    assert save(page, "Ghi nhận xác nhận") == 422
    links = page.get_by_role("alert").get_by_role("link")
    asked = ("Chức danh đã xác nhận", "Ngày xác nhận", "Số văn bản")
    expect(links).to_have_text([f"Chưa điền mục “{each}”." for each in asked])
    assured.get_by_label("Chức danh đã xác nhận").fill(POST)
    assured.get_by_label("Ngày xác nhận").fill(f"1/1/{local_date(utc_now()).year + 1}")
    assured.get_by_label("Số văn bản").fill("15/CV-TN")
    assert save(page, "Ghi nhận xác nhận") == 422
    expect(page.get_by_role("alert")).to_contain_text("không được sau ngày hôm nay")
    expect(assured.get_by_label("Chức danh đã xác nhận")).to_have_value(POST)
    assured.get_by_label("Ngày xác nhận").fill("2/3/2026")
    assert save(page, "Ghi nhận xác nhận") == 303
    expect(page.get_by_role("status")).to_contain_text("xác nhận của đơn vị về chương trình")
    expect(assured).to_contain_text(f"{POST} xác nhận ngày 02/03/2026, văn bản 15/CV-TN")
    if scripts:
        check(page)
    page.get_by_label("Số chỗ").fill("6")
    assert save(page) == 303
    page.goto(school.programme)
    expect(assured.get_by_text("Chưa được xác nhận")).to_be_visible()
    people.said.clear()


def test_another_manager_is_made_by_the_paper_of_a_post_alone(
    people: People, school: School
) -> None:
    page = people.page("administrator", width=PHONE, java_script_enabled=False)

    def appointed(confirmed: Mapping[str, str]) -> int:
        page.goto(school.place)
        page.get_by_text("Cử người quản lý tài khoản").click()
        page.get_by_label("Họ và tên").fill("Chim Gõ Kiến")
        page.get_by_label("Tên đăng nhập").fill(f"go-kien.{uuid4().hex[:8]}")
        for label, value in confirmed.items():
            page.get_by_label(label).fill(value)
        return save(page, "In phiếu")

    paper = {"Chức vụ của người ký xác nhận": "Hiệu trưởng", "Số văn bản": "16/QĐ-TN"}
    assert appointed({}) == 200
    expect(page.locator(".nc-slip__code")).to_be_visible()
    assert appointed({}) == 409
    assert appointed(paper) == 422
    said = page.get_by_role("alert").get_by_role("link")
    expect(said).to_have_text("Chưa điền mục “Ngày xác nhận”.")
    expect(page.get_by_label("Số văn bản")).to_have_value("16/QĐ-TN")
    assert appointed({**paper, "Ngày xác nhận": "2/3/2026"}) == 200
    expect(page.get_by_role("heading", name="Phiếu vào tài khoản")).to_be_visible()
    expect(page.locator(".nc-slip__code")).to_be_visible()
    people.said.clear()
