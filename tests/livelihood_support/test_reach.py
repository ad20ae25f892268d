"""Which referrals, cases and alerts there are for whom: for lists, single reads and moves alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.livelihood_support import domain
from services.livelihood_support.domain.plan_views import PlanView
from services.livelihood_support.domain.reading import ReferralView
from services.livelihood_support.errors import (
    CaseNotFound,
    MoveNotAllowed,
    NotResponsibleNow,
    ReferralNotFound,
)
from services.livelihood_support.models import Alert, CaseFile, OfferedWay, Referral
from services.livelihood_support.policy import Move, ProvisionPaper, ToldFact, WayOn
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, Role
from shared.kit.clock import local_date
from shared.kit.database import Begin
from shared.kit.subjects import Grant, Subject
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.livelihood_support.builders import OWNER, VOCATIONAL, Field
from tests.livelihood_support.calls import BASE, Headers, TokenFor
from tests.livelihood_support.reach_table import OF_NO_CASE, STAYS, TABLE
from tests.noted import readings
from tests.reaching import (
    HERE,
    THERE,
    THINGS,
    Ask,
    Lies,
    Mark,
    among,
    expected,
    shown,
    told_by,
    unlisted,
)
from tests.subjects import somebody

GIVEN = {
    "code": "ESSENTIAL",
    "given_on": "2020-01-02",
    "paper": "receipt",
    "paper_on": "2020-01-02",
}


@dataclass(frozen=True)
class Made:
    """A case that seeks two things: one was offered, for the other there is no programme."""

    case_id: UUID
    referral_id: UUID
    offer_id: UUID
    need_id: UUID
    alert_id: UUID
    programme_id: UUID
    provision_id: UUID
    way_id: UUID


def make(field: Field, asked_organisation: UUID, area_code: str) -> Made:
    """The one place there is belongs to this organisation, which also received the person."""
    field.programme(organisation_id=asked_organisation, capacity=1)
    case_id = field.case(
        requested=[VOCATIONAL, EntitlementCode.MEDICAL],
        area_code=area_code,
        receiver_id=asked_organisation,
    )
    field.conclude(case_id)
    referral = field.session.scalars(
        select(Referral).where(Referral.case_id == case_id, Referral.code == VOCATIONAL)
    ).one()
    offer = field.offer(referral.id)
    assert offer.organisation_id == asked_organisation
    alert_id = field.session.scalars(select(Alert.id).where(Alert.case_id == case_id)).one()
    assert referral.need_id is not None
    given = given_by(field, case_id, asked_organisation)
    kind = WayOn.SOCIAL_ASSISTANCE
    way = OfferedWay(id=uuid4(), case_id=case_id, way=kind, offered_at=field.now, version=1)
    field.session.add(way)
    ids = case_id, referral.id, offer.id, referral.need_id, alert_id
    return Made(*ids, offer.programme_id, given, way.id)


def given_by(field: Field, case_id: UUID, receiver_id: UUID) -> UUID:
    """What whoever received the person gave and recorded."""
    day = local_date(field.now)
    paper = domain.Paper(ProvisionPaper.RECEIPT, None, day)
    facts = domain.ProvisionFacts(EntitlementCode.ESSENTIAL, day, paper)
    receiver = somebody(receiver_id, Role.RECEIVER)
    return domain.record_provision(
        field.session, case_id=case_id, facts=facts, subject=receiver, now=field.now
    ).id


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, now: datetime, us: UUID) -> Mapping[Lies, Made]:
    with begin() as session:
        field = Field(session, now)
        return {lies: make(field, us if lies.is_own else uuid4(), lies.area) for lies in THINGS}


@pytest.fixture
def asks(client: TestClient, made: Mapping[Lies, Made]) -> Mapping[str, Ask]:
    def get(path: str) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Mark:
            address = BASE + path.format(**vars(made[lies]))
            return told_by(client.get(address, headers=headers))

        return ask

    def post(path: str, body: Mapping[str, Any]) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Mark:
            address = BASE + path.format(**vars(made[lies]))
            extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"99"'}
            return told_by(client.post(address, json=body, headers=headers | extra))

        return ask

    def listed(path: str, *names: str) -> Ask:
        def ask(headers: Headers, lies: Lies) -> Mark:
            address = BASE + path.format(**vars(made[lies]))
            answer = client.get(address, headers=headers)
            marks = {among(answer, getattr(made[lies], name)) for name in names}
            return Mark.REACHED if Mark.REACHED in marks else marks.pop()

        return ask

    def plans(headers: Headers, lies: Lies) -> Mark:
        query = {"case_id": str(made[lies].case_id)}
        answer = client.get(f"{BASE}/plans", params=query, headers=headers)
        return among(answer, made[lies].case_id, "case_id")

    one, case = "/referrals/{referral_id}", "/cases/{case_id}"
    need = f"{case}/needs/{{need_id}}"
    given, way = f"{case}/provisions/{{provision_id}}", f"{case}/ways-on/{{way_id}}"
    fact = {"fact": "poor_household", "evidence_ref": "12/QĐ-UBND"}
    told = {
        "GET /referrals": listed("/referrals", "referral_id", "offer_id"),
        f"GET {one}": get(one),
        f"GET {one}/moves": get(f"{one}/moves"),
        f"POST {one}/moves": post(f"{one}/moves", {"move": "seen"}),
        f"GET {one}/offers": get(f"{one}/offers"),
        f"GET {one}/candidates": get(f"{one}/candidates"),
        "GET /places": listed("/places", "programme_id"),
        f"GET {case}/needs": get(f"{case}/needs"),
        f"POST {case}/needs": post(f"{case}/needs", {"code": "VOCATIONAL"}),
        f"GET {need}": get(need),
        f"POST {need}/moves": post(f"{need}/moves", {"move": "end", "reason": "other"}),
        f"GET {case}/provisions": get(f"{case}/provisions"),
        f"POST {case}/provisions": post(f"{case}/provisions", GIVEN),
        f"GET {given}": get(given),
        f"POST {given}/moves": post(
            f"{given}/moves", {"move": "entered_in_error", "reason": "not_given"}
        ),
        f"GET {case}/ways-on": get(f"{case}/ways-on"),
        f"POST {way}/moves": post(f"{way}/moves", {"move": "taken"}),
        f"GET {case}/facts": get(f"{case}/facts"),
        f"POST {case}/facts": post(f"{case}/facts", fact | {"value": True}),
        f"POST {case}/fact-withdrawals": post(
            f"{case}/fact-withdrawals", fact | {"reason": "told_in_error"}
        ),
        "GET /plans": plans,
        "GET /alerts": listed("/alerts", "alert_id"),
        "POST /alerts/{alert_id}/moves": post("/alerts/{alert_id}/moves", {"move": "decline"}),
    }
    return {line.replace(" ", f" {BASE}", 1): ask for line, ask in told.items()}


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: TokenFor
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    assert unlisted(client.app, TABLE) == expected(STAYS).keys() | OF_NO_CASE  # type: ignore[arg-type]


def test_who_read_what_of_which_case_is_noted(
    client: TestClient, begin: Begin, made: Mapping[Lies, Made], us: UUID, token_for: TokenFor
) -> None:
    it = made[THINGS[0]]
    owner = token_for("case_owner", organisation_id=us, areas=(HERE,), client_id="owner")
    school = token_for("provider", organisation_id=us, client_id="school")
    one, case = f"/referrals/{it.referral_id}", f"/cases/{it.case_id}"
    need = f"{case}/needs/{it.need_id}"
    of_case = tuple(f"{list_}?case_id={it.case_id}" for list_ in ("/referrals", "/plans"))
    asked = (one, f"{one}/moves", f"{one}/offers", f"{case}/needs", need, f"{case}/facts")
    given = (f"{case}/provisions", f"{case}/provisions/{it.provision_id}")
    for path in (*asked, *given, *of_case, f"/plans?case_id={uuid4()}", "/alerts"):
        assert client.get(BASE + path, headers=owner).status_code == 200
    assert client.get(f"{BASE}/referrals/{it.offer_id}", headers=school).status_code == 200
    found = [(who, which) for who, _, which in readings(begin)]
    of_owner = [it.referral_id] * 3 + [it.case_id] * 7
    assert found == [
        *(("client:owner", which) for which in of_owner),
        ("client:school", it.offer_id),
    ]


GRANTS = (
    Grant(Role.PROVIDER, HERE),
    Grant(Role.CASE_OWNER, HERE),
    Grant(Role.CASE_OWNER, THERE),
    Grant(Role.CASE_OWNER, "31"),
)
HELD = tuple(chain.from_iterable(combinations(GRANTS, size) for size in range(len(GRANTS) + 1)))


def holding(organisation_id: UUID, *grants: Grant) -> Subject:
    subject = somebody(organisation_id)
    return type(subject)(**{**vars(subject), "grants": frozenset(grants)})


def page(
    field: Field, subject: Subject, *, size: int = 100, after: UUID | None = None
) -> list[ReferralView]:
    return domain.find_referrals(
        field.session,
        subject=subject,
        now=field.now,
        case_id=None,
        status=None,
        after=after,
        size=size,
    )


def read(field: Field, reference: UUID, subject: Subject) -> ReferralView | None:
    try:
        return domain.find_referral(
            field.session, referral_id=reference, subject=subject, now=field.now
        )
    except ReferralNotFound:
        return None


def test_a_list_has_exactly_what_the_single_read_shows_page_by_page(field: Field, us: UUID) -> None:
    every = [
        make(field, who, area) for who in (us, uuid4()) for area in (THERE, HERE) for _ in range(2)
    ]
    unplaced = field.session.scalars(
        select(Referral.id).where(Referral.code == EntitlementCode.MEDICAL)
    ).all()
    references = [it.referral_id for it in every] + [it.offer_id for it in every] + [*unplaced]
    counts = set()
    for grants in HELD:
        subject = holding(us, *grants)
        single = {found.id: found for it in references if (found := read(field, it, subject))}
        listed = page(field, subject)
        assert {each.id: each for each in listed} == single
        assert len(listed) == len(single)
        turned: list[ReferralView] = []
        while more := page(field, subject, size=1, after=turned[-1].id if turned else None):
            turned += more
        assert turned == listed
        counts.add(len(listed))
    assert counts == {0, 4, 8, 10, 16}


def plans(field: Field, case_id: UUID, subject: Subject) -> list[PlanView]:
    return domain.find_plans(field.session, case_id=case_id, subject=subject, now=field.now)


def both(us: UUID) -> Subject:
    """It serves, and owns the cases here."""
    return holding(us, Grant(Role.PROVIDER, "31"), Grant(Role.CASE_OWNER, HERE))


def test_who_serves_and_owns_cases_elsewhere_reads_its_own_offer_and_no_case(
    field: Field, us: UUID
) -> None:
    there, here = make(field, us, THERE), make(field, us, HERE)
    asked = read(field, there.offer_id, both(us))
    owned = read(field, here.offer_id, both(us))
    assert asked is not None
    assert owned is not None
    assert (asked.id, asked.case_id) == (there.offer_id, None)
    assert (owned.id, owned.case_id) == (here.referral_id, here.case_id)
    moves = domain.find_moves(
        field.session,
        referral_id=there.referral_id,
        subject=both(us),
        now=field.now,
        after=None,
        size=10,
    )
    assert {each.referral_id for each in moves} == {there.offer_id}
    with pytest.raises(ReferralNotFound):
        domain.find_offers(
            field.session, referral_id=there.referral_id, subject=both(us), now=field.now
        )


def test_a_role_held_elsewhere_lends_no_move_here(field: Field, us: UUID) -> None:
    there = make(field, us, THERE)
    referral = field.session.get_one(Referral, there.referral_id)
    with pytest.raises(MoveNotAllowed):
        field.move(referral, Move.CANCEL, reason=ReasonCode.OTHER, subject=both(us))
    owner = holding(us, Grant(Role.CASE_OWNER, HERE))
    with pytest.raises(ReferralNotFound):
        field.move(referral, Move.ACCEPT, subject=owner)
    moved = field.move(referral, Move.ACCEPT, subject=both(us))
    assert moved.referral_id == there.offer_id


@pytest.mark.parametrize("move", [Move.ACCEPT, Move.CANCEL])
def test_who_owns_a_case_and_is_asked_itself_answers_and_may_cancel(
    field: Field, move: Move
) -> None:
    made = make(field, OWNER, HERE)
    referral = field.session.get_one(Referral, made.referral_id)
    subject = holding(OWNER, Grant(Role.PROVIDER, "31"), Grant(Role.CASE_OWNER, "31"))
    reason = ReasonCode.PERSON_DECLINED if move is Move.CANCEL else None
    moved = field.move(referral, move, reason=reason, subject=subject)
    assert moved.to_status == ("cancelled" if move is Move.CANCEL else "accepted")
    with pytest.raises(MoveNotAllowed):
        field.move(referral, Move.RESUME, subject=subject)


def test_to_reach_a_case_is_not_to_decide_for_it(field: Field, us: UUID) -> None:
    """Of those that hold an area around it the nearest decides, and it is told apart from none."""
    case_id = make(field, us, HERE).case_id
    field.owning(us, HERE)
    nearest = somebody(us, Role.CASE_OWNER, areas=(HERE,))
    wider = somebody(OWNER, Role.CASE_OWNER)
    elsewhere = somebody(us, Role.CASE_OWNER, areas=(THERE,))
    stated = domain.FactStated(ToldFact.POOR_HOUSEHOLD, True, "12/QĐ-UBND")
    tell: dict[str, Any] = {"case_id": case_id, "stated": stated, "now": field.now}
    with pytest.raises(NotResponsibleNow):
        domain.tell_fact(field.session, subject=wider, **tell)
    with pytest.raises(CaseNotFound):
        domain.tell_fact(field.session, subject=elsewhere, **tell)
    assert [plan.case_id for plan in plans(field, case_id, wider)] == [case_id]
    assert plans(field, case_id, elsewhere) == []
    assert domain.tell_fact(field.session, subject=nearest, **tell).fact.organisation_id == us


def test_an_old_file_lies_where_its_code_lay_when_the_person_was_received(field: Field) -> None:
    """Releases of before kept no day; the number is nobody's since the reform."""
    field = field.at(datetime(2024, 5, 1, 5, tzinfo=UTC))
    case_id = field.case(area_code="11698")
    field.session.execute(update(CaseFile).values(area_told_on=None))
    later = field.at(datetime(2026, 3, 2, 5, tzinfo=UTC))
    for area, is_there in ((HERE, True), (THERE, False)):
        subject = somebody(uuid4(), Role.CASE_OWNER, areas=(area,))
        ask: dict[str, Any] = {
            "case_id": case_id,
            "subject": subject,
            "now": later.now,
            "after": None,
            "size": 9,
        }
        if is_there:
            assert domain.find_needs(field.session, **ask) == []
        else:
            with pytest.raises(CaseNotFound):
                domain.find_needs(field.session, **ask)


def test_an_operator_reads_of_one_case_what_waits_for_operators_too(field: Field, us: UUID) -> None:
    it = make(field, us, HERE)
    alerts.raise_alert(
        field.session,
        AlertKind.CASE_FORGOTTEN,
        subject="case",
        object_id=it.case_id,
        now=field.now,
    )

    def kinds(subject: Subject) -> set[str]:
        found = domain.waiting_alerts(
            field.session, subject=subject, now=field.now, case_id=it.case_id, after=None, size=9
        )
        return {each.kind for each in found}

    assert kinds(somebody(us, Role.OPERATOR)) == {"no_programme", "case_forgotten"}
    assert kinds(somebody(us, Role.CASE_OWNER, areas=(HERE,))) == {"no_programme"}
    assert kinds(somebody(us, Role.CASE_OWNER, areas=(THERE,))) == set()
