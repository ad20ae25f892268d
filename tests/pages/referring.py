"""A case that was identified and seeks a school, with the sandbox's school asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.stack.client import ApiClient
from shared.kit.identifiers import new_id

BASE, DIRECTORY = "/livelihood-support/v1", "/directory/v1"
SCHOOLS = ("partner", "second_partner")
CLASS = "Lớp dệt thổ cẩm"
Client = Callable[[str], ApiClient]


@dataclass(frozen=True)
class Asked:
    """Ids of a referral, as its case owner knows them."""

    case_id: str
    code: str
    referral_id: str
    offer_id: str


def open_classes(client_of: Client) -> None:
    """A class of each of the two schools for who speaks Khmer alone: nobody else can be asked."""
    for school in SCHOOLS:
        open_class(client_of, school)


def open_class(client_of: Client, school: str, language: str = "km") -> None:
    """A class of one school, for who speaks this language; each has the same name."""
    client = client_of(school)
    facts = {
        "organisation_id": client.organisation_id,
        "name_vi": CLASS,
        "name_en": "Weaving class",
        "codes": ["VOCATIONAL"],
        "area_codes": ["31"],
        "capacity": 500,
        "languages": [language],
    }
    made = client_of("administrator").post(f"{DIRECTORY}/programmes", facts, key=str(new_id()))
    assert made.status_code == 201, made.text
    path = f"{DIRECTORY}/programmes/{made.json()['id']}/assurances"
    assured = client.post(path, {}, key=str(new_id()), version=made.headers["etag"])
    assert assured.status_code == 201, assured.text


def a_school_is_asked(
    client_of: Client,
    a_case: Callable[..., dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
) -> Asked:
    """A case is received; the other school refuses, if it is asked before the sandbox's own."""
    case = a_case(languages=["km"])
    owner, school = client_of("case_owner"), client_of("partner")
    path = f"{BASE}/referrals?case_id={case['id']}"

    def is_asked() -> bool:
        return [each["status"] for each in owner.get(path).json()["items"]] == ["requested"]

    eventually(is_asked)
    (referral,) = owner.get(path).json()["items"]
    if referral["organisation_id"] != school.organisation_id:
        moves = f"{BASE}/referrals/{referral['offer_id']}/moves"
        no = {"move": "reject", "reason": "capacity"}
        version = f'"{referral["version"]}"'
        refused = client_of("second_partner").post(moves, no, key=str(new_id()), version=version)
        assert refused.status_code == 201, refused.text
        (referral,) = owner.get(path).json()["items"]
    assert referral["organisation_id"] == school.organisation_id
    return Asked(case["id"], case["code"], referral["id"], referral["offer_id"])
