"""A code of a unit is read as of a day; what means nothing then is asked for again."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.intake.models import Case
from shared.kit.database import Database
from tests.intake.answers import Headers, Submit
from tests.intake.builders import person, submission
from tests.told import IN_OUTBOX

DIVIDED, RENAMED, NEW = "11746", "10510", "11948"
"""Went into two in July 2025; went into one; came to be then."""
BEFORE = "2025-03-10"


def who(**changes: Any) -> dict[str, Any]:
    return submission(person=person(**changes))


def refused(answer: Any) -> dict[str, Any]:
    """The one broken rule of a refused code."""
    body = answer.json()
    assert (answer.status_code, body["type"]) == (422, "urn:nhipcau:problem:unit-not-in-force")
    (found,) = body["errors"]
    return {name: each for name, each in found.items() if name != "message"}


@pytest.mark.parametrize("field", ["origin_unit", "present_unit"])
def test_where_a_commune_was_divided_the_answer_asks_in_which_part(
    submit: Submit, field: str
) -> None:
    assert refused(submit(who(**{f"{field}_code": DIVIDED}))) == {
        "in": "body",
        "pointer": f"/person/{field}_code",
        "rule": "unit_divided",
        "on": "2026-03-02",
        "asks": True,
        "successors": [
            {"code": "11728", "name": "Xã Kiến Hưng", "valid_from": "2025-07-01"},
            {"code": "11749", "name": "Xã Kiến Hải", "valid_from": "2025-07-01"},
        ],
        "valid_from": None,
    }


def test_where_a_commune_went_whole_into_another_that_one_is_named(submit: Submit) -> None:
    found = refused(submit(who(present_unit_code=RENAMED)))
    assert (found["rule"], found["asks"], len(found["successors"])) == ("unit_replaced", False, 1)
    code = found["successors"][0]["code"]
    assert submit(who(present_unit_code=code)).status_code == 201


def test_a_code_of_today_means_nothing_on_a_day_before_the_reform(submit: Submit) -> None:
    found = refused(submit(who(origin_unit_code=NEW, origin_unit_on=BEFORE)))
    assert (found["rule"], found["on"]) == ("unit_not_yet", BEFORE)
    assert (found["successors"], found["valid_from"]) == ([], "2025-07-01")


def test_both_codes_are_named_in_one_answer(submit: Submit) -> None:
    answer = submit(who(origin_unit_code=DIVIDED, present_unit_code=RENAMED))
    pointers = [each["pointer"] for each in answer.json()["errors"]]
    assert pointers == ["/person/origin_unit_code", "/person/present_unit_code"]


def test_the_words_ask_in_the_language_of_the_caller(submit: Submit, sender: Headers) -> None:
    answer = submit(who(present_unit_code=DIVIDED), headers={**sender, "Accept-Language": "en"})
    assert "ask in which of its successors" in answer.json()["errors"][0]["message"]


def test_an_old_address_stays_an_old_address(submit: Submit, database: Database) -> None:
    answer = submit(who(origin_unit_code=DIVIDED, origin_unit_on=BEFORE))
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    with database.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.origin_unit_code, case.origin_unit_on) == (DIVIDED, date(2025, 3, 10))
        # Told without a day, it is read as of the day it was told.
        assert case.present_unit_on == date(2026, 3, 2)
        assert (case.area_code, case.area_on) == (case.present_unit_code, case.present_unit_on)


def test_the_others_are_told_by_which_day_the_area_is_read(
    submit: Submit, database: Database
) -> None:
    body = who(origin_unit_code=DIVIDED, origin_unit_on=BEFORE, present_unit_code=None)
    body["immediate_needs"] = ["shelter"]
    assert submit(body).status_code == 201
    assert submit(who(full_name="Trần Thị Hư Cấu")).status_code == 201
    with database.read() as session:
        told = session.execute(select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)).all()
    days = [(row.type, row.body.get("area_on")) for row in told if "area_code" in row.body]
    assert ("intake.case_received.v1", BEFORE) in days
    assert ("intake.alert_raised.v1", BEFORE) in days
    assert ("intake.case_received.v1", None) in days


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"origin_unit_on": "2026-03-03"}, ("/person/origin_unit_on", "in_future")),
        (
            {"origin_unit_code": None, "origin_unit_on": BEFORE},
            ("/person/origin_unit_code", "unit_required"),
        ),
    ],
)
def test_a_day_to_come_and_a_day_of_nothing_are_refused(
    submit: Submit, told: dict[str, Any], error: tuple[str, str]
) -> None:
    answer = submit(who(**told))
    assert answer.json()["type"] == "urn:nhipcau:problem:invalid-request"
    assert [(it["pointer"], it["rule"]) for it in answer.json()["errors"]] == [error]


def test_a_repeat_is_answered_as_the_first_time(submit: Submit, database: Database) -> None:
    first, second = (submit(who(present_unit_code=DIVIDED), key="same") for _ in range(2))
    assert first.json() == second.json()
    with database.read() as session:
        assert session.scalars(select(Case)).all() == []
