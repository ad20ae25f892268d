"""Whoever answers for a case goes: an officer leaves, or an organisation may own cases no more."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.sync_api import expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from shared.contracts.vocabulary import Queue
from tests.pages.browsing import PC, PHONE, Eventually, People, check, find_duty, is_duty
from tests.pages.test_cases import Submitted, choose_me, go_to, settled

NAME_OFFICER = "Cử người phụ trách khác"
"""How the duty begins."""
GONE = "Người được cử không còn đảm nhiệm từ"


def test_whoever_owns_the_cases_of_an_officer_who_has_left_hands_all_of_them_on(
    *,
    people: People,
    a_case: Submitted,
    client_of: Callable[[str], ApiClient],
    eventually: Eventually,
    installation: Installation,
) -> None:
    first, second = (settled(a_case(), client_of, eventually) for _ in range(2))
    leaves(installation, [first, second])
    page = people.page("case_owner", width=PHONE)
    duty = page.get_by_role("listitem").filter(has_text=first["code"]).filter(has_text=NAME_OFFICER)
    find_duty(page, duty).get_by_role("link", name=NAME_OFFICER).click()
    expect(page.get_by_role("heading", name="Bàn giao", level=1)).to_be_visible()
    expect(page.get_by_text(GONE)).to_be_visible()
    check(page)
    go_to(page, first)
    expect(page.get_by_text(GONE)).to_be_visible()
    check(page)
    page.get_by_role("link", name="Các trường hợp của người này").click()
    listed = page.locator(".nc-row")
    expect(page.get_by_role("link", name="Bỏ người phụ trách đã chọn")).to_be_visible()
    expect(listed).to_have_count(2)
    check(page)
    for each in (first, second):
        page.get_by_label(f"Chọn {each['code']}").check()
    page.get_by_role("button", name="Bàn giao các trường hợp đã chọn").click()
    choose_me(page)
    page.get_by_label("Người được cử không còn đảm nhiệm").check()
    page.get_by_role("button", name="Bàn giao", exact=True).click()
    expect(page.get_by_text("Đã thực hiện")).to_have_count(2)
    assert not is_duty(page, duty)
    go_to(page, first)
    expect(page.get_by_text(GONE)).to_have_count(0)


def leaves(installation: Installation, cases: Sequence[dict[str, Any]]) -> None:
    """Whoever was named in these cases has left their unit."""
    officer_id = uuid4()
    with psycopg.connect(installation.database(Queue.INTAKE)) as intake:
        intake.execute("INSERT INTO officer_ends VALUES (%s, now())", [officer_id])
        intake.execute(
            """
            UPDATE cases SET officer_id = %s, responsible_id =
                   (SELECT organisation_id FROM officers LIMIT 1)
             WHERE id = ANY(%s)
            """,
            [officer_id, [UUID(each["id"]) for each in cases]],
        )


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_case_whose_named_owner_has_ended_says_so_and_is_kept_or_handed_on(
    *,
    people: People,
    a_case: Submitted,
    client_of: Callable[[str], ApiClient],
    eventually: Eventually,
    installation: Installation,
    width: int,
) -> None:
    helped = settled(a_case(), client_of, eventually)
    with psycopg.connect(installation.database(Queue.INTAKE)) as intake:
        intake.execute(
            """
            UPDATE cases SET responsible_id =
                   (SELECT organisation_id FROM held_roles WHERE role = 'facility' LIMIT 1)
             WHERE id = %s
            """,
            [helped["id"]],
        )
    page = people.page("case_owner", width=width)
    ended = page.get_by_text("nhận bàn giao nhưng không còn thẩm quyền phụ trách")
    go_to(page, helped)
    expect(ended).to_be_visible()
    check(page)
    page.get_by_role("link", name="Bàn giao", exact=True).click()
    expect(ended).to_be_visible()
    check(page)
    page.get_by_label("Không còn cần").check()
    page.get_by_role("button", name="Trả về cơ quan phụ trách địa bàn").click()
    go_to(page, helped)
    expect(ended).to_have_count(0)
