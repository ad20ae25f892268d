"""A case is handed over: who answers for it then, who is told, and what holds without them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.intake import tasks
from services.intake.models import Case, HandOver, HeldRole
from shared.contracts import CaseHandedOver, DatedRole, Message, Queue
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from tests.intake.acting import LONG_AGO, officer, organisation, problem
from tests.intake.answers import CASES, TokenFor
from tests.intake.builders import NOON, facts, receive
from tests.intake.messages import opened

HERE, THERE = "11560", "11749"
"""Where the case is, and where its new owner owns cases."""
HAND_OVERS = CASES.removesuffix("/cases") + "/hand-overs"
Hand = Callable[..., Response]
Told = Callable[[Queue], list[Message]]


@pytest.fixture
def former(begin: Begin) -> UUID:
    found = uuid4()
    organisation(begin, found, Role.CASE_OWNER, HERE)
    return found


@pytest.fixture
def new(begin: Begin) -> UUID:
    found = uuid4()
    organisation(begin, found, Role.CASE_OWNER, THERE)
    return found


@pytest.fixture
def case_id(begin: Begin, keys: MasterKeys, former: UUID) -> UUID:
    return received(begin, keys)


def received(begin: Begin, keys: MasterKeys) -> UUID:
    submitted = facts(keys)
    with begin() as session:
        receive(session, submitted)
    return submitted.case_id


@pytest.fixture
def call(client: TestClient, token_for: TokenFor) -> Hand:
    def send(
        as_id: UUID,
        area: str,
        path: str,
        key: str | None = None,
        read: str | None = "*",
        **body: Any,
    ) -> Response:
        """``read`` is the version that was read, as it is sent: any, if nothing is said."""
        headers = token_for("case_owner", organisation_id=as_id, areas=(area,))
        if not body:
            answer: Response = client.get(path, headers=headers)
            return answer
        extra = {"Idempotency-Key": key or str(uuid4())}
        extra |= {"If-Match": read} if read else {}
        return client.post(path, json=body, headers={**headers, **extra})

    return send


def over(case_id: UUID) -> str:
    return f"{CASES}/{case_id}/hand-overs"


def answers_for(call: Hand, as_id: UUID, area: str, case_id: UUID) -> dict[str, Any]:
    found = call(as_id, area, f"{CASES}/{case_id}/responsibility")
    assert found.status_code == 200, found.text
    read: dict[str, Any] = found.json()
    return read


def settle(call: Hand, as_id: UUID, area: str, case_id: UUID) -> Response:
    """What only whoever owns the case may do."""
    where = f"{CASES}/{case_id}/immediate-needs/shelter/ends"
    return call(as_id, area, where, outcome="met", ended_on="2026-03-02")


def test_a_case_that_was_handed_over_is_its_new_owners(
    call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin
) -> None:
    assert call(new, THERE, f"{CASES}/{case_id}").status_code == 404
    named = str(officer(begin, new))
    body = {"organisation_id": str(new), "officer_id": named, "reason": "person_moved"}
    made = call(former, HERE, over(case_id), **body)
    assert made.status_code == 201, made.text
    said = made.json()
    assert (said["kind"], said["former_id"], said["officer_id"]) == (
        "assigned",
        str(former),
        named,
    )
    assert problem(settle(call, former, HERE, case_id)) == (403, "not-responsible-now")
    assert settle(call, new, THERE, case_id).status_code == 201
    read = answers_for(call, new, THERE, case_id)
    assert (read["owner_id"], read["owned_by"]) == (str(new), "hand_over")
    assert (read["responsible_id"], read["officer_id"]) == (str(new), named)
    assert [it["id"] for it in read["hand_overs"]] == [said["id"]]
    assert answers_for(call, former, HERE, case_id) == read


def test_the_other_services_are_told_in_order_and_the_audit_keeps_who_did_it(
    *, call: Hand, former: UUID, new: UUID, case_id: UUID, told: Told, session: Session
) -> None:
    call(former, HERE, over(case_id), organisation_id=str(new), reason="person_moved")
    call(new, THERE, f"{over(case_id)}/releases", reason="given_by_mistake")
    for queue in CaseHandedOver.to:
        handed = [it for it in told(queue) if isinstance(it, CaseHandedOver)]
        assert [(it.former_id, it.responsible_id) for it in handed] == [
            (former, new),
            (new, None),
        ]
    rows = session.scalars(select(HandOver).order_by(HandOver.version)).all()
    assert [(row.kind, row.version) for row in rows] == [("assigned", 2), ("released", 3)]
    entries = session.execute(select(AUDIT).where(AUDIT.c.action == "case.hand_over")).all()
    assert [entry.facts["handover_id"] for entry in entries] == [str(row.id) for row in rows]


def test_another_officer_of_the_same_organisation_concerns_no_other_service(
    call: Hand, former: UUID, case_id: UUID, told: Told, begin: Begin
) -> None:
    for named in (None, str(officer(begin, former))):
        body = {"organisation_id": str(former), "officer_id": named, "reason": "workload"}
        assert call(former, HERE, over(case_id), **body).status_code == 201
    assert len([it for it in told(Queue.NOTIFICATION) if isinstance(it, CaseHandedOver)]) == 1


def test_an_officer_is_one_who_acts_in_cases_of_that_organisation_today(
    *,
    call: Hand,
    former: UUID,
    new: UUID,
    case_id: UUID,
    begin: Begin,
    token_for: TokenFor,
    client: TestClient,
) -> None:
    ended = DatedRole(
        role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO, valid_to=NOON.date()
    )
    body = {"organisation_id": str(new), "reason": "workload"}
    unfit = [
        uuid4(),
        officer(begin, former),
        officer(begin, new, roles=(ended,)),
        officer(begin, new, roles=()),
        officer(begin, new, is_active=False),
    ]
    for nobody in unfit:
        refused = call(former, HERE, over(case_id), officer_id=str(nobody), **body)
        assert problem(refused) == (422, "officer-unfit")
    gone = officer(begin, new)
    officer(begin, new, officer_id=gone, is_active=False)
    refused = call(former, HERE, over(case_id), officer_id=str(gone), **body)
    assert problem(refused) == (422, "officer-unfit")

    me = uuid4()
    headers = token_for("case_owner", organisation_id=former, areas=(HERE,), staff_id=me)
    asked = {"organisation_id": str(former), "officer_id": str(me), "reason": "workload"}
    extra = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
    taken = client.post(over(case_id), json=asked, headers=headers | extra)
    assert taken.status_code == 201, "whoever asks acts in cases"
    assert answers_for(call, former, HERE, case_id)["officer_id"] == str(me)


def test_a_case_is_handed_to_a_case_owner_only_and_not_twice_to_the_same(
    call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin
) -> None:
    facility = uuid4()
    organisation(begin, facility, Role.FACILITY, HERE)
    for nobody in (facility, uuid4()):
        refused = call(former, HERE, over(case_id), organisation_id=str(nobody), reason="workload")
        assert problem(refused) == (422, "case-owner-unfit")
    nothing = call(former, HERE, f"{over(case_id)}/releases", reason="workload")
    assert problem(nothing) == (409, "nothing-to-release")
    body = {"organisation_id": str(new), "reason": "workload"}
    assert call(former, HERE, over(case_id), **body).status_code == 201
    assert problem(call(former, HERE, over(case_id), **body)) == (403, "not-responsible-now")
    assert problem(call(new, THERE, over(case_id), **body)) == (409, "already-responsible")


def test_who_may_own_no_cases_any_more_leaves_it_to_the_area_and_that_is_seen(
    call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin
) -> None:
    call(former, HERE, over(case_id), organisation_id=str(new), reason="person_moved")
    with begin() as session:
        session.execute(delete(HeldRole).where(HeldRole.organisation_id == new))
    read = answers_for(call, former, HERE, case_id)
    assert (read["owner_id"], read["owned_by"]) == (str(former), "area")
    assert read["responsible_id"] == str(new)
    assert settle(call, former, HERE, case_id).status_code == 201
    organisation(begin, new, Role.CASE_OWNER, "11680")
    assert answers_for(call, former, HERE, case_id)["owned_by"] == "hand_over"


def test_nobody_owns_what_nobody_is_named_for_where_nobody_holds_the_area(
    call: Hand, former: UUID, case_id: UUID, begin: Begin
) -> None:
    with begin() as session:
        session.execute(delete(HeldRole))
    read = answers_for(call, former, HERE, case_id)
    assert (read["owner_id"], read["owned_by"]) == (None, "nobody")


def test_a_case_given_back_is_again_whoever_holds_its_area(
    call: Hand, former: UUID, new: UUID, case_id: UUID
) -> None:
    call(former, HERE, over(case_id), organisation_id=str(new), reason="person_moved")
    given = call(new, THERE, f"{over(case_id)}/releases", reason="no_longer_needed")
    assert given.json()["kind"] == "released"
    assert call(new, THERE, f"{CASES}/{case_id}").status_code == 404
    assert settle(call, former, HERE, case_id).status_code == 201


def test_many_are_handed_over_each_whole_or_not_at_all(
    *, call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin, keys: MasterKeys
) -> None:
    mine, gone, unknown = case_id, received(begin, keys), uuid4()
    call(former, HERE, over(gone), organisation_id=str(new), reason="workload")
    stale = received(begin, keys)
    call(former, HERE, over(stale), organisation_id=str(former), reason="workload")
    asked = [str(it) for it in (gone, unknown, stale, mine)]
    cases = [{"id": each, "version": 2 if each == str(gone) else 1} for each in asked]
    body = {"organisation_id": str(new), "reason": "workload"}
    answer = call(former, HERE, HAND_OVERS, cases=cases, **body)
    assert answer.status_code == 201, answer.text
    said = {it["case_id"]: (it["outcome"], it["problem"]) for it in answer.json()["items"]}
    assert list(said) == asked
    assert said == {
        str(gone): ("refused", "not-responsible-now"),
        str(unknown): ("refused", "case-not-found"),
        str(stale): ("refused", "version-changed"),
        str(mine): ("done", None),
    }
    with begin() as session:
        made = session.scalars(select(HandOver.case_id)).all()
        assert sorted(made) == sorted([gone, stale, mine])
        assert session.get_one(Case, mine).responsible_id == new


def test_at_most_a_hundred_and_none_twice(call: Hand, former: UUID, new: UUID) -> None:
    body = {"organisation_id": str(new), "reason": "workload"}
    twice = [str(uuid4())] * 2
    for many in ([], twice, [str(uuid4()) for _ in range(101)]):
        cases = [{"id": each, "version": place + 1} for place, each in enumerate(many)]
        refused = call(former, HERE, HAND_OVERS, cases=cases, **body)
        assert problem(refused) == (422, "invalid-request")


def test_the_same_request_again_hands_nothing_over_again(
    call: Hand, former: UUID, new: UUID, case_id: UUID, session: Session
) -> None:
    body = {"organisation_id": str(new), "reason": "workload"}
    key = str(uuid4())
    first, again = (call(former, HERE, over(case_id), key, **body) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert session.scalar(select(func.count()).select_from(HandOver)) == 1


def test_of_two_officers_the_slower_hands_over_nothing_that_they_have_not_seen(
    call: Hand, former: UUID, new: UUID, case_id: UUID
) -> None:
    read = call(former, HERE, f"{CASES}/{case_id}").headers["ETag"]
    seen = answers_for(call, former, HERE, case_id)
    assert f'"{seen["version"]}"' == read
    mine = {"organisation_id": str(former), "reason": "workload"}
    made = call(former, HERE, over(case_id), read=read, **mine)
    assert (made.status_code, made.headers["ETag"]) == (201, '"2"')
    theirs = {"organisation_id": str(new), "reason": "person_moved"}
    release = {"reason": "person_moved"}
    for path, body in ((over(case_id), theirs), (f"{over(case_id)}/releases", release)):
        late = call(former, HERE, path, read=read, **body)
        assert problem(late) == (412, "version-changed")
        assert late.json()["version"] == 2
        unread = call(former, HERE, path, read=None, **body)
        assert problem(unread) == (428, "precondition-required")
    stands = answers_for(call, former, HERE, case_id)
    assert stands["responsible_id"] == str(former)
    assert [it["version"] for it in stands["hand_overs"]] == [2]
    assert call(former, HERE, over(case_id), read='"2"', **theirs).status_code == 201


def test_what_other_services_tell_and_consents_refuse_no_hand_over_and_an_officer_does(
    *, call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin, keys: MasterKeys
) -> None:
    other = received(begin, keys)
    with begin() as session:
        tasks.note_verifications(session, [opened(case_id), opened(other)], NOON)
    consent = {"organisation_kind": "hospital", "purpose": "service_referral"}
    assert call(former, HERE, f"{CASES}/{case_id}/consents", **consent).status_code == 201
    body = {"organisation_id": str(former), "reason": "workload"}
    made = call(former, HERE, over(case_id), read='"1"', **body)
    assert (made.status_code, made.headers["ETag"]) == (201, '"4"')
    late = call(former, HERE, f"{over(case_id)}/releases", read='"3"', reason="workload")
    assert problem(late) == (412, "version-changed")
    cases = [{"id": str(each), "version": 1} for each in (case_id, other)]
    body["organisation_id"] = str(new)
    rows = call(former, HERE, HAND_OVERS, cases=cases, **body).json()["items"]
    assert [it["problem"] for it in rows] == ["version-changed", None]


def test_what_cannot_wait_is_left_with_whom_the_case_was_handed_to(
    call: Hand, former: UUID, new: UUID, case_id: UUID
) -> None:
    call(former, HERE, over(case_id), organisation_id=str(new), reason="workload")
    urgent = f"{CASES.removesuffix('/cases')}/urgent-needs"
    (told,) = call(new, THERE, urgent).json()["items"]
    assert (told["case_id"], told["organisation_id"]) == (str(case_id), str(new))


def test_a_role_of_tomorrow_owns_nothing_today(
    call: Hand, former: UUID, new: UUID, case_id: UUID, begin: Begin
) -> None:
    with begin() as session:
        session.execute(delete(HeldRole).where(HeldRole.organisation_id == new))
        tomorrow = date(NOON.year, NOON.month, NOON.day + 1)
        session.add(
            HeldRole(
                organisation_id=new,
                role=Role.CASE_OWNER,
                area_code=THERE,
                valid_from=tomorrow,
                organisation_code="new",
            )
        )
    refused = call(former, HERE, over(case_id), organisation_id=str(new), reason="workload")
    assert problem(refused) == (422, "case-owner-unfit")
