"""Official papers as files: their text can be read, their letters are in them, nobody is named."""

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from services.console.assets import Assets
from services.console.pages.verification_papers import FILES, PURPOSES
from services.console.papers import COMPOSED, Facts, Signing, Unprintable, printed
from services.verification.policy import PaperKind
from shared.law.documents import kind_of_paper, kinds_of_document

LETTERS = (
    "AĂÂBCDĐEÊGHIKLMN OÔƠPQRSTUƯVXY ÀẢÃÁẠẰẲẴẮẶẦẨẪẤẬ ÈẺẼÉẸỀỂỄẾỆ ÌỈĨÍỊ ÒỎÕÓỌỒỔỖỐỘỜỞỠỚỢ "
    "ÙỦŨÚỤỪỬỮỨỰ ỲỶỸÝỴ aăâbcdđeêghiklmn oôơpqrstuưvxy àảãáạằẳẵắặầẩẫấậ èẻẽéẹềểễếệ ìỉĩíị "
    "òỏõóọồổỗốộờởỡớợ ùủũúụừửữứự ỳỷỹýỵ"
)
"""Of the alphabet, with every tone."""
PERSON: Mapping[str, Any] = {
    "full_name": "Nguyễn Thị Ví Dụ",
    "birth_date": "1996-05-02",
    "sex": "female",
    "nationality": "VN",
    "identity_documents": [{"type": "CCCD", "number": "031196424242"}],
}
RULE = {"amount": 90, "unit": "day", "status": "recalled", "legal_ref": "Luật Khiếu nại"}
VERIFICATION: Mapping[str, Any] = {
    "case_code": "HP-7K3M-9Q2F",
    "regime": "2024",
    "received_at": "2026-03-01T20:00:00Z",
    "identified_on": "2026-03-20",
    "reason": "evidence_insufficient",
    "grounds": ["rescuing_body", "trafficker"],
    "complaint": {"rule": RULE},
}
SIGNING = Signing(
    "Hải Phòng", "KT. Giám đốc\nPhó Giám đốc", "Trần Văn Ví Dụ", "Điều một.\n\nĐiều hai."
)
A4 = (595, 842)
"""Points."""


def facts(kind: str, **changes: Any) -> Facts:
    told = Facts(
        kind=kind,
        verification=VERIFICATION,
        person=PERSON,
        issuer="Sở Y tế thành phố Hải Phòng",
        authority="Công an thành phố Hải Phòng",
        number="128/SYT-PCTNXH",
        issued_on=date(2026, 2, 5),
        today=date(2026, 3, 2),
    )
    return replace(told, **changes)


def made(told: Facts, signing: Signing = SIGNING) -> PdfReader:
    return PdfReader(io.BytesIO(printed(told, signing, Assets.built())))


def text_of(paper: PdfReader) -> str:
    """All of it in one line, as somebody would copy it."""
    return " ".join(" ".join(page.extract_text() for page in paper.pages).split())


def test_every_paper_is_composed_named_and_opened_for_something() -> None:
    kinds = set(PaperKind)
    assert COMPOSED.keys() == FILES.keys() == PURPOSES.keys() == kinds
    known = kinds_of_document()
    assert all((kind_of_paper(each) or "TB") in known for each in kinds)


@pytest.mark.parametrize("kind", PaperKind)
def test_each_is_a4_with_the_state_its_motto_and_both_parties(kind: PaperKind) -> None:
    paper = made(facts(kind))
    size = paper.pages[0].mediabox
    assert (round(size.width), round(size.height)) == A4
    text = text_of(paper)
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 128/SYT-PCTNXH",
        "Hải Phòng, ngày 05 tháng 02 năm 2026",
        "Họ và tên: Nguyễn Thị Ví Dụ",
        "Luật Phòng, chống mua bán người năm 2024",
        "Nơi nhận:",
        "- Lưu: VT, HP-7K3M-9Q2F.",
        "PHÓ GIÁM ĐỐC",
        "Trần Văn Ví Dụ",
    ):
        assert said in text, said
    assert text.count("./.") == 1, "the end of the text is marked once"


@pytest.mark.parametrize("kind", PaperKind)
def test_every_letter_is_in_the_file_and_can_be_copied_out_of_it(kind: PaperKind) -> None:
    person = {**PERSON, "full_name": LETTERS, "identity_documents": []}
    paper = made(facts(kind, person=person))
    assert LETTERS in text_of(paper)
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in paper.pages
        for font in page["/Resources"]["/Font"].get_object().values()  # type: ignore[index]
    ]
    assert fonts
    assert all("/FontFile2" in each for each in fonts)


@pytest.mark.parametrize("kind", PaperKind)
def test_what_describes_the_file_names_the_case_and_nobody(kind: PaperKind) -> None:
    described = made(facts(kind)).metadata
    assert described is not None
    assert str(described["/Title"]).startswith("HP-7K3M-9Q2F ")
    assert not [it for it in described.values() if "Ví Dụ" in str(it)]


def test_a_letter_is_addressed_to_the_authority_and_says_the_day_of_reception_here() -> None:
    text = text_of(made(facts("request_letter")))
    assert "Kính gửi: Công an thành phố Hải Phòng" in text
    assert "V/v đề nghị xác minh" in text
    assert "Ngày 02/03/2026, trường hợp mã số HP-7K3M-9Q2F" in text


def test_without_a_number_there_is_room_for_it_and_for_the_day() -> None:
    text = text_of(made(facts("request_letter", number="", issued_on=None)))
    assert "Số: ......./......." in text
    assert "ngày ...... tháng ...... năm 2026" in text


def test_a_notice_says_why_in_full_how_long_one_may_complain_and_how_sure_that_is() -> None:
    text = text_of(made(facts("notice_of_decision")))
    assert "Lý do: Chứng cứ chưa đủ" in text
    assert "Điều một. Điều hai." in text
    assert "trong thời hạn 90 ngày" in text
    assert "[Đối chiếu trước khi ký" in text
    unset = {**VERIFICATION, "complaint": {"rule": {**RULE, "amount": None}}}
    assert "trong thời hạn" not in text_of(made(facts("notice_of_decision", verification=unset)))
    sure = {**VERIFICATION, "complaint": {"rule": {**RULE, "status": "confirmed"}}}
    assert "[Đối chiếu" not in text_of(made(facts("notice_of_decision", verification=sure)))


def test_a_notice_names_the_papers_it_rests_on_behind_the_sources_they_are_from() -> None:
    police = {"source": "rescuing_body", "number": "07/BB-DBP", "issued_on": "2026-03-01"}
    cited = [
        {**police, "issuer": "Công an thành phố Hải Phòng"},
        {**police, "number": "08/BB-DBP", "issuer": ""},
    ]
    text = text_of(made(facts("notice_of_decision", evidence=cited)))
    assert (
        "Cơ quan giải cứu (số 07/BB-DBP ngày 01/03/2026 của Công an thành phố Hải Phòng, "
        "số 08/BB-DBP ngày 01/03/2026); " in text
    )
    assert "BB-DBP" not in text_of(made(facts("certificate", evidence=cited)))


def test_a_long_one_has_its_pages_numbered_and_who_signs_on_the_last() -> None:
    long = replace(SIGNING, reasons="\n".join(f"Điều {each}." for each in range(60)))
    pages = made(facts("notice_of_decision"), long).pages
    assert len(pages) > 1
    assert [it.extract_text().split()[0] for it in pages[1:]] == [
        str(each) for each in range(2, len(pages) + 1)
    ]
    assert "Trần Văn Ví Dụ" in pages[-1].extract_text()


def test_somebody_whose_day_of_birth_is_unknown_has_a_year() -> None:
    person = {**PERSON, "birth_date": None, "birth_year": 1996}
    text = text_of(made(facts("certificate", person=person)))
    assert "Năm sinh: 1996" in text
    assert "Ngày, tháng, năm sinh" not in text


@pytest.mark.parametrize(
    "changes", [{"issuer": "Sở 司法"}, {"person": {**PERSON, "full_name": "สมหญิง"}}]
)
def test_what_the_typeface_has_not_is_refused_and_not_left_blank(changes: dict[str, Any]) -> None:
    with pytest.raises(Unprintable):
        made(facts("request_letter", **changes))


def test_letters_and_their_marks_typed_apart_are_put_together() -> None:
    apart = unicodedata.normalize("NFD", "Nguyễn Thị Ví Dụ")
    person = {**PERSON, "full_name": apart}
    assert "Họ và tên: Nguyễn Thị Ví Dụ" in text_of(made(facts("certificate", person=person)))
