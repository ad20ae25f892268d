"""Fields of a submission: days as they are written, one spelling for what is the same."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.intake import domain
from services.intake.models import Paper, Person, PersonIndex
from services.intake.policy import IndexedField
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database
from tests.intake.answers import CASES, Headers, Submit, errors
from tests.intake.builders import paper, person, submission


def who(**changes: Any) -> dict[str, Any]:
    return submission(person=person(**changes))


def child(year: int) -> dict[str, Any]:
    return {"full_name": "Bé Hư Cấu", "birth_year": year, "sex": "male"}


PROOF = "POLICE_CERTIFICATE"
OLD_ORIGIN = {"origin_unit_code": "11746", "origin_unit_on": "2025-03-10"}


@pytest.fixture
def kept(database: Database, keys: MasterKeys) -> Callable[[], Any]:
    """The identity of the one person in the vault."""

    def read() -> Any:
        with database.read() as session:
            return domain.open_identity(keys, session.scalars(select(Person)).one())

    return read


@pytest.mark.parametrize(
    "written",
    ["0", "-86400", "946684800", 946684800, "1999-05-04T00:00:00", "1999-05-04T00:00:00Z",
     "1999-05-04 ", "19990504", "1999-W18-2", "04/05/1999", True],
)  # fmt: skip
def test_a_date_of_birth_is_written_as_a_day_or_refused(submit: Submit, written: Any) -> None:
    assert errors(submit(who(birth_date=written))) == {("/person/birth_date", "date_parsing")}


@pytest.mark.parametrize("written", ["1772409600", 1772409600, "2026-02-12T00:00:00+07:00"])
def test_the_day_of_a_paper_is_written_as_a_day_or_refused(submit: Submit, written: Any) -> None:
    body = submission(papers=[paper("DECLARATION", issued_on=written)])
    assert errors(submit(body)) == {("/papers/0/issued_on", "date_parsing")}


@pytest.mark.parametrize(
    "separator", ["\u00a0", "\u202f", "\u2007", "\u2013", "\u2011", "/", "\u2212"]
)
def test_a_number_leaves_the_same_index_whatever_separates_its_digits(
    submit: Submit, database: Database, separator: str
) -> None:
    spellings = ["031199000123", separator.join(("031", "199", "000", "123"))]
    phones = ["0912345678", separator.join(("0912", "345", "678"))]
    for number, phone in zip(spellings, phones, strict=True):
        documents = [{"type": "CCCD", "number": number}]
        calls = [{"number": phone, "safe_to_call": True}]
        answer = submit(who(identity_documents=documents, phones=calls))
        assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    with database.read() as session:
        numbers = PersonIndex.field != IndexedField.SENDER_REFERENCE
        rows = session.scalars(select(PersonIndex).where(numbers)).all()
    assert len(rows) == 4
    assert len({(row.field, row.blind_index) for row in rows}) == 2


def test_full_width_digits_are_digits(submit: Submit) -> None:
    wide = "031199000123".translate({ord("0") + it: 0xFF10 + it for it in range(10)})
    answer = submit(who(identity_documents=[{"type": "CCCD", "number": wide}]))
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2013", "\u2212", "\u00a0", "/"])
def test_a_case_is_found_by_its_code_whatever_the_dash(
    client: TestClient, submit: Submit, sender: Headers, dash: str
) -> None:
    made = submit().json()
    asked = client.get(CASES, params={"code": made["code"].replace("-", dash)}, headers=sender)
    assert [it["id"] for it in asked.json()["items"]] == [made["id"]]


def test_a_text_is_measured_in_composed_letters(submit: Submit) -> None:
    issuer = unicodedata.normalize("NFD", "Ủy ban nhân dân phường Đồ Sơn, " * 6).strip()
    assert len(issuer) > 200 >= len(unicodedata.normalize("NFC", issuer))
    assert submit(submission(papers=[paper("DECLARATION", issuer=issuer)])).status_code == 201


def test_the_icelandic_letter_typed_for_a_vietnamese_one_is_mended(
    submit: Submit, kept: Callable[[], Any], database: Database, keys: MasterKeys
) -> None:
    body = who(full_name="\u00d0ặng Thị \u00d0ào", aliases=["Sigur\u00f0ur"])
    written = paper("DECLARATION", number="15/Q\u00d0-UBND", issuer="H\u00d0ND phường \u00d0ồ Sơn")
    assert submit(body | {"papers": [written]}).status_code == 201
    assert kept()["full_name"] == "Đặng Thị Đào"
    assert kept()["aliases"] == ["Sigur\u00f0ur"]
    with database.read() as session:
        person_row, paper_row = (
            session.scalars(select(Person)).one(),
            session.scalars(select(Paper)).one(),
        )
        details = domain.open_paper(keys, person_row, paper_row)
    assert (details["number"], details["issuer"]) == ("15/QĐ-UBND", "HĐND phường Đồ Sơn")
    assert details["parts"]["type"] == "QĐ"


@pytest.mark.parametrize(
    "name", ["\u179f\u17bb\u1781\u200b\u179b\u17b8", "\u0eaa\u0ebb\u0ea1\u200b\u0e9e\u0ead\u0e99"]
)
def test_a_khmer_or_lao_name_keeps_the_marks_inside_and_loses_those_around(
    submit: Submit, kept: Callable[[], Any], name: str
) -> None:
    assert submit(who(full_name=f"\u200b{name}\u200b")).status_code == 201
    assert kept()["full_name"] == name


def test_a_mobile_of_before_2018_is_kept_as_it_is_today(
    submit: Submit, kept: Callable[[], Any]
) -> None:
    answer = submit(who(phones=[{"number": "0163 456 7890", "safe_to_call": True}]))
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    assert kept()["phones"][0]["number"] == "+84334567890"


def test_a_number_under_which_the_person_was_reached_is_confirmed(
    submit: Submit, kept: Callable[[], Any]
) -> None:
    calls = [{"number": "033 3825 678", "safe_to_call": True, "was_reached": True}]
    assert submit(who(phones=calls)).json()["warnings"] == []
    assert kept()["phones"][0]["is_confirmed"] is True


def test_a_landline_of_before_2017_is_warned_of_in_every_province(submit: Submit) -> None:
    answer = submit(who(phones=[{"number": "033 3825 678", "safe_to_call": True}]))
    assert answer.json()["warnings"] == ["phone_maybe_former_landline", "phone_unconfirmed"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (who(nationality="ZZ"), ("/person/nationality", "country_unknown")),
        (who(nationality="UK"), ("/person/nationality", "country_unknown")),
        (
            submission(exploitation={"country": "XX"}),
            ("/exploitation/country", "country_unknown"),
        ),
        (who(present_unit_code="99999"), ("/person/present_unit_code", "unit_impossible")),
        (who(origin_unit_code="00000"), ("/person/origin_unit_code", "unit_impossible")),
        (who(birth_date="1890-01-01"), ("/person/birth_date", "beyond_lifespan")),
        (
            submission(accompanying_minors=[child(1950)]),
            ("/accompanying_minors/0/birth_year", "not_a_minor"),
        ),
        (
            submission(accompanying_minors=[child(2027)]),
            ("/accompanying_minors/0/birth_year", "in_future"),
        ),
        (
            submission(papers=[paper("DECLARATION"), paper(PROOF, issued_on="1900-01-01")]),
            ("/papers/1/issued_on", "before_birth"),
        ),
        (
            submission(papers=[paper("DECLARATION"), paper(PROOF, issued_on="2026-03-03")]),
            ("/papers/1/issued_on", "in_future"),
        ),
    ],
)
def test_what_cannot_exist_is_refused(
    submit: Submit, body: dict[str, Any], error: tuple[str, str]
) -> None:
    assert errors(submit(body)) == {error}


@pytest.mark.parametrize("nationality", ["GB", "KH", "stateless"])
def test_every_country_there_is_may_be_named(submit: Submit, nationality: str) -> None:
    assert submit(who(nationality=nationality)).json()["warnings"] == []


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        (who(present_unit_code="00004"), "unit_elsewhere"),
        (who(present_unit_code="11561"), "unit_unknown"),
        (who(present_unit_code="11746", present_unit_on="2025-03-10"), "unit_not_in_force"),
        (
            submission(papers=[paper("DECLARATION"), paper(PROOF, issued_on="2005-05-05")]),
            "paper_before_law",
        ),
    ],
)
def test_what_is_unlikely_is_kept_and_warned_of(
    submit: Submit, body: dict[str, Any], warning: str
) -> None:
    answer = submit(body)
    assert (answer.status_code, answer.json()["warnings"]) == (201, [warning])


@pytest.mark.parametrize("told", [{"origin_unit_code": "00004"}, OLD_ORIGIN])
def test_a_person_may_come_from_anywhere_and_from_a_unit_of_before(
    submit: Submit, told: dict[str, str]
) -> None:
    assert submit(who(**told)).json()["warnings"] == []


@pytest.mark.parametrize("year", [2008, 2009, 2026])
def test_a_child_who_may_be_a_minor_is_received(submit: Submit, year: int) -> None:
    # Whoever is born in 2008 may still be seventeen today.
    assert submit(submission(accompanying_minors=[child(year)])).status_code == 201


def test_a_paper_of_the_day_of_birth_can_be(submit: Submit) -> None:
    body = who(birth_date=None, birth_year=2026) | {
        "representative": {"full_name": "Cô Hư Cấu", "relation": "relative", "is_suspect": False},
        "best_interest_note": "Ở với cô",
        "papers": [paper("DECLARATION", issued_on="2026-01-01")],
    }
    assert submit(body).status_code == 201
