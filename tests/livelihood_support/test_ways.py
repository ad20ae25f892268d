"""What stays open to who was not identified is offered once, and is never a matter of law."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.livelihood_support import domain
from services.livelihood_support.errors import WayNotFound, WaySettled
from services.livelihood_support.models import OfferedWay
from services.livelihood_support.policy import Duty, WayMove
from shared.contracts.vocabulary import AgeBand, VerificationOutcome
from shared.duties import find_duties
from shared.kit.database import Begin
from tests.livelihood_support.builders import OWNER, Field, case_owner
from tests.livelihood_support.calls import BASE, TokenFor, problem

NOT_IDENTIFIED = VerificationOutcome.NOT_IDENTIFIED


def ways(field: Field, case_id: UUID) -> list[OfferedWay]:
    field.session.flush()
    return domain.find_ways(field.session, case_id=case_id, **field.as_owner())


def settle(field: Field, way: OfferedWay, move: WayMove = WayMove.TAKEN) -> OfferedWay:
    return domain.settle_way(
        field.session,
        case_id=way.case_id,
        way_id=way.id,
        move=move,
        expected_version=way.version,
        **field.as_owner(),
    )


def duties(field: Field) -> list[str]:
    field.session.flush()
    rows, _ = find_duties(
        field.session, domain.DUTIES, subject=case_owner(), now=field.now, after=None, size=99
    )
    return [row.what for row in rows]


@pytest.mark.parametrize(
    ("age_band", "offered"),
    [
        (AgeBand.UNDER_16, ["child_protection", "social_assistance"]),
        (AgeBand.UNDER_18, ["social_assistance"]),
        (AgeBand.ADULT, ["social_assistance"]),
    ],
)
def test_who_was_not_identified_is_offered_what_their_age_is_open_to(
    field: Field, age_band: AgeBand, offered: list[str]
) -> None:
    case_id = field.case(age_band=age_band)
    field.conclude(case_id, outcome=NOT_IDENTIFIED)
    field.conclude(case_id, outcome=NOT_IDENTIFIED)
    assert [each.way for each in ways(field, case_id)] == offered
    assert duties(field).count(Duty.OFFER_WAY_ON) == len(offered)


def test_what_the_person_said_ends_the_duty_and_stays(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, outcome=NOT_IDENTIFIED)
    (way,) = ways(field, case_id)
    settle(field, way, WayMove.DECLINED)
    assert Duty.OFFER_WAY_ON not in duties(field)
    (kept,) = ways(field, case_id)
    assert (kept.outcome, kept.version) == ("declined", 2)
    with pytest.raises(WaySettled):
        settle(field, kept)


@pytest.mark.parametrize("outcome", [VerificationOutcome.IDENTIFIED, VerificationOutcome.WITHDRAWN])
def test_nobody_else_is_offered_anything_instead(
    field: Field, outcome: VerificationOutcome
) -> None:
    case_id = field.case()
    field.conclude(case_id, outcome=outcome)
    assert ways(field, case_id) == []


def test_who_is_identified_after_all_is_not_asked_any_more(field: Field) -> None:
    case_id = field.case(requested=())
    field.conclude(case_id, outcome=NOT_IDENTIFIED)
    field.conclude(case_id)
    assert ways(field, case_id) == []
    assert Duty.OFFER_WAY_ON not in duties(field)


def test_a_way_of_another_case_is_not_there(field: Field) -> None:
    first, second = field.case(), field.case()
    field.conclude(first, second, outcome=NOT_IDENTIFIED)
    (way,) = ways(field, first)
    with pytest.raises(WayNotFound):
        domain.settle_way(
            field.session,
            case_id=second,
            way_id=way.id,
            move=WayMove.TAKEN,
            expected_version=1,
            **field.as_owner(),
        )


def test_over_http_it_is_read_and_settled_once(
    begin: Begin, now: object, client: TestClient, token_for: TokenFor
) -> None:
    with begin() as session:
        field = Field(session, now)  # type: ignore[arg-type]
        case_id = field.case()
        field.conclude(case_id, outcome=NOT_IDENTIFIED)
    owner = token_for("case_owner", organisation_id=OWNER, client_id="owner")
    path = f"{BASE}/cases/{case_id}/ways-on"
    listed = client.get(path, headers=owner).json()
    (way,) = listed["items"]
    assert (listed["may_change"], way["way"], way["outcome"]) == (True, "social_assistance", None)

    def post() -> tuple[int, str]:
        headers = {**owner, "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        answer = client.post(f"{path}/{way['id']}/moves", json={"move": "taken"}, headers=headers)
        if answer.status_code == 201:
            return 201, answer.json()["outcome"]
        return problem(answer)

    assert post() == (201, "taken")
    assert post()[0] == 412
