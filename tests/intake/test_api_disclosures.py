"""Identity leaves only for who accepted, while the person agrees, and as much as was granted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, text, update

from services.intake import domain
from services.intake.models import Disclosure, PartnerGrant
from services.intake.policy import StepKind
from shared.contracts.vocabulary import OrganisationKind, Purpose, ReferralStatus, Role
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from shared.kit.versions import Versions
from tests.intake.builders import NAME, NOON, PHONE, facts, person, receive, submission
from tests.subjects import somebody

TokenFor = Callable[..., dict[str, str]]
OWNER = somebody(uuid4(), Role.CASE_OWNER)
SCOPE = domain.Scope(OrganisationKind.VOCATIONAL_SCHOOL, Purpose.SERVICE_REFERRAL)
PHONES = [
    {"number": PHONE, "safe_to_call": True},
    {"number": "0987654321", "safe_to_call": False},
    {"number": "0313842124", "safe_to_call": True},
]


@dataclass
class Scene:
    """A case referred to a school."""

    case_id: UUID
    referral_id: UUID
    offer_id: UUID
    school_id: UUID


@pytest.fixture
def scene(begin: Begin, keys: MasterKeys) -> Scene:
    submitted = facts(keys, submission(person=person(phones=PHONES)))
    with begin() as session:
        receive(session, submitted)
    made = Scene(submitted.case_id, uuid4(), uuid4(), uuid4())
    tell(begin, made, ReferralStatus.ACCEPTED)
    return made


def tell(
    begin: Begin,
    scene: Scene,
    status: ReferralStatus,
    school_id: UUID | None = None,
    offer_id: UUID | None = None,
) -> None:
    """Keep what livelihood support tells of the referral."""
    grant = domain.GrantFacts(
        referral_id=scene.referral_id,
        offer_id=offer_id or scene.offer_id,
        case_id=scene.case_id,
        organisation_id=school_id or scene.school_id,
        organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
        status=status,
        accepted_at=NOON if status is ReferralStatus.ACCEPTED else None,
    )
    with begin() as session:
        domain.note_grants(session, [grant])


def withdraw(begin: Begin, scene: Scene) -> None:
    with begin() as session:
        domain.withdraw_consent(
            session,
            case_id=scene.case_id,
            subject=OWNER,
            scope=SCOPE,
            expected_version=Versions.any(),
            actor="test",
            now=NOON,
        )


Ask = Callable[..., Response]


@pytest.fixture
def ask(client: TestClient, scene: Scene, token_for: TokenFor) -> Ask:
    def post(*, key: str | None = None, as_id: UUID | None = None, **changes: Any) -> Response:
        school = token_for(
            "provider", organisation_id=as_id or scene.school_id, kind="vocational_school"
        )
        body = {"referral_id": str(scene.offer_id), "purpose": "service_referral", **changes}
        extra = {"Idempotency-Key": key or str(uuid4())}
        answer: Response = client.post(
            "/intake/v1/disclosures", json=body, headers={**school, **extra}
        )
        return answer

    return post


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Tưởng" not in answer.text
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def outcomes(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Disclosure.outcome).order_by(Disclosure.at)))


def audited(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.execute(
            select(AUDIT.c.action, AUDIT.c.outcome)
            .where(AUDIT.c.action.like("disclosure%"))
            .order_by(AUDIT.c.id)
        )
        return [(row.action, row.outcome) for row in rows]


def test_who_accepted_learns_exactly_what_serving_needs(ask: Ask, database: Database) -> None:
    answer = ask()
    assert answer.status_code == 201
    assert answer.json()["withheld"] is None
    assert answer.json()["person"] == {
        "full_name": NAME,
        "birth_year": 1999,
        "sex": "female",
        "languages": ["vi"],
        "needs_interpreter": False,
        "asked_staff_sex": None,
        "safe_phones": [PHONE],
        "present_unit_code": "11560",
    }
    assert outcomes(database) == ["granted"]
    assert audited(database) == [("disclosure.request", "granted"), ("disclosure.read", "granted")]


def test_fewer_fields_may_be_asked_for(ask: Ask, database: Database) -> None:
    answer = ask(fields=["safe_phones", "full_name"])
    assert answer.json()["person"] == {"full_name": NAME, "safe_phones": [PHONE]}
    with database.read() as session:
        assert session.scalars(select(Disclosure)).one().fields == ["full_name", "safe_phones"]


def test_no_number_goes_without_how_to_call_it_safely(
    begin: Begin, keys: MasterKeys, client: TestClient, token_for: TokenFor
) -> None:
    rule = {"ways": ["call"], "hours": "18:00/20:00", "code_phrase": "Về lớp may"}
    phones = [
        {"number": PHONE, "safe_to_call": True, "rule": rule},
        {"number": "0987654321", "safe_to_call": False, "rule": {"hours": "00:00/05:30"}},
    ]
    submitted = facts(keys, submission(person=person(phones=phones)))
    with begin() as session:
        receive(session, submitted)
    made = Scene(submitted.case_id, uuid4(), uuid4(), uuid4())
    tell(begin, made, ReferralStatus.ACCEPTED)
    school = token_for("provider", organisation_id=made.school_id, kind="vocational_school")
    body = {
        "referral_id": str(made.offer_id),
        "purpose": "service_referral",
        "fields": ["safe_phones"],
    }
    headers = {**school, "Idempotency-Key": str(uuid4())}
    answer = client.post("/intake/v1/disclosures", json=body, headers=headers)
    told = {**rule, "answered_by": None, "may_leave_message": False}
    assert answer.json()["person"] == {
        "safe_phones": [PHONE],
        "contact_rules": [{"number": PHONE, **told}],
    }


@pytest.mark.parametrize("field", ["present_address", "papers", "exploitation", "representative"])
def test_what_no_purpose_covers_cannot_be_asked_for(ask: Ask, field: str) -> None:
    assert problem(ask(fields=[field])) == (422, "invalid-request")


def test_what_is_stored_under_the_key_is_an_id(ask: Ask, database: Database) -> None:
    answer = ask()
    with database.read() as session:
        asked = text("SELECT body FROM idempotency_keys WHERE route LIKE '%/disclosures'")
        kept = session.execute(asked).scalar_one()
    assert kept == {"disclosure_id": answer.json()["disclosure_id"]}


def test_a_repeat_reads_anew_and_every_reading_is_recorded(ask: Ask, database: Database) -> None:
    key = str(uuid4())
    first, again = ask(key=key), ask(key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert outcomes(database) == ["granted"]
    assert audited(database).count(("disclosure.read", "granted")) == 2


def test_a_repeat_after_withdrawal_reads_nothing(
    ask: Ask, begin: Begin, scene: Scene, database: Database
) -> None:
    key = str(uuid4())
    first = ask(key=key).json()
    withdraw(begin, scene)
    again = ask(key=key).json()
    assert again["disclosure_id"] == first["disclosure_id"]
    assert (again["person"], again["withheld"]) == (None, "no_live_consent")
    assert audited(database)[-1] == ("disclosure.read", "no_live_consent")


def test_without_a_live_consent_nothing_is_disclosed(
    ask: Ask, begin: Begin, scene: Scene, database: Database
) -> None:
    withdraw(begin, scene)
    assert problem(ask()) == (403, "no-live-consent")
    assert outcomes(database) == ["no_live_consent"]
    assert audited(database) == [("disclosure.request", "no_live_consent")]


@pytest.mark.parametrize("status", [ReferralStatus.IN_PROGRESS, ReferralStatus.ON_HOLD])
def test_identity_is_open_while_serving(
    ask: Ask, begin: Begin, scene: Scene, status: ReferralStatus
) -> None:
    tell(begin, scene, status)
    assert ask().status_code == 201


@pytest.mark.parametrize(
    "status",
    [
        ReferralStatus.REJECTED,
        ReferralStatus.CANCELLED,
        ReferralStatus.COMPLETED,
        ReferralStatus.FAILED,
        ReferralStatus.ENTERED_IN_ERROR,
    ],
)
def test_identity_is_closed_before_and_after(
    ask: Ask, begin: Begin, scene: Scene, database: Database, status: ReferralStatus
) -> None:
    tell(begin, scene, status)
    assert problem(ask()) == (403, "referral-not-accepted")
    assert outcomes(database) == ["referral_not_accepted"]


def test_someone_elses_referral_does_not_exist(ask: Ask, database: Database) -> None:
    assert problem(ask(as_id=uuid4())) == (404, "referral-not-found")
    assert outcomes(database) == ["referral_not_found"]
    assert audited(database) == [("disclosure.request", "referral_not_found")]


def test_a_referral_passed_on_no_longer_exists_for_the_first(
    ask: Ask, begin: Begin, scene: Scene
) -> None:
    tell(begin, scene, ReferralStatus.REQUESTED, school_id=uuid4(), offer_id=uuid4())
    former, own = ask(), ask(referral_id=str(scene.referral_id))
    assert problem(own) == (404, "referral-not-found")
    assert former.status_code != 201
    assert "Tưởng" not in former.text


def test_the_referral_is_asked_for_and_answered_by_the_id_its_organisation_knows(
    ask: Ask, scene: Scene, database: Database
) -> None:
    assert ask().json()["referral_id"] == str(scene.offer_id)
    # Whoever accepted before there were references knows the referral's own id.
    assert ask(referral_id=str(scene.referral_id)).json()["referral_id"] == str(scene.referral_id)
    with database.read() as session:
        assert set(session.scalars(select(Disclosure.referral_id))) == {scene.referral_id}


@pytest.mark.parametrize("left", [None, uuid4()], ids=["no reference", "that of another offer"])
def test_who_was_told_of_by_a_worker_of_the_release_before_may_ask_by_its_offer(
    ask: Ask, begin: Begin, scene: Scene, left: UUID | None
) -> None:
    step = domain.StepFacts(
        case_id=scene.case_id,
        at=NOON,
        kind=StepKind.REFERRAL_REQUESTED,
        source_id=scene.offer_id,
        referral_id=scene.referral_id,
        organisation_id=scene.school_id,
    )
    with begin() as session:
        domain.note_steps(session, [step])
        session.execute(update(PartnerGrant).values(offer_id=left))

    assert ask().json()["person"]["full_name"] == NAME
    assert problem(ask(as_id=uuid4())) == (404, "referral-not-found")
    tell(begin, scene, ReferralStatus.ACCEPTED, school_id=uuid4(), offer_id=uuid4())
    assert problem(ask()) == (404, "referral-not-found")


def test_who_is_faster_than_the_queue_asks_again_with_the_same_key(
    ask: Ask, begin: Begin, scene: Scene, database: Database
) -> None:
    tell(begin, scene, ReferralStatus.REQUESTED)
    key = str(uuid4())
    early = ask(key=key)
    assert problem(early) == (409, "referral-not-known-yet")
    assert early.headers["Retry-After"] == "1"
    tell(begin, scene, ReferralStatus.ACCEPTED)
    assert ask(key=key).status_code == 201
    assert audited(database) == [
        ("disclosure.request", "referral_not_known_yet"),
        ("disclosure.request", "granted"),
        ("disclosure.read", "granted"),
    ]


def test_a_referral_nobody_told_of_is_answered_as_another_organisations_is(
    ask: Ask, scene: Scene
) -> None:
    unknown = ask(referral_id=str(uuid4()))
    others = ask(as_id=uuid4())
    former_id = ask(as_id=uuid4(), referral_id=str(scene.referral_id))
    assert problem(unknown) == (404, "referral-not-found")
    for other in (others, former_id):
        assert (other.status_code, other.content) == (unknown.status_code, unknown.content)
        assert other.headers == unknown.headers


def test_neither_answer_is_kept_under_its_key(ask: Ask, begin: Begin, scene: Scene) -> None:
    """Otherwise another body under the same key would tell one from the other."""
    stranger = uuid4()
    for asked in ({"referral_id": str(uuid4())}, {"as_id": stranger}):
        key = str(uuid4())
        for fields in (None, ["full_name"]):
            answer = ask(key=key, **asked, **({"fields": fields} if fields else {}))
            assert problem(answer) == (404, "referral-not-found")
    key = str(uuid4())
    assert problem(ask(key=key, as_id=stranger)) == (404, "referral-not-found")
    tell(begin, scene, ReferralStatus.ACCEPTED, school_id=stranger)
    assert ask(key=key, as_id=stranger).status_code == 201


def test_a_request_about_a_referral_nobody_told_of_is_recorded(
    ask: Ask, database: Database, scene: Scene
) -> None:
    unknown = uuid4()
    assert problem(ask(referral_id=str(unknown))) == (404, "referral-not-found")
    with database.read() as session:
        (entry,) = session.execute(select(AUDIT).where(AUDIT.c.action == "disclosure.request"))
    assert (entry.object_id, entry.outcome) == (unknown, "referral_not_found")
    assert entry.actor == "client:test-client"
    assert entry.facts == {
        "referral_id": str(unknown),
        "organisation_id": str(scene.school_id),
        "purpose": "service_referral",
        "times": 1,
    }


@pytest.mark.parametrize("tried", ["guessed", "early", "anothers"])
def test_a_flood_of_refused_requests_leaves_a_handful_of_entries(
    ask: Ask, begin: Begin, scene: Scene, database: Database, tried: str
) -> None:
    """None of these is kept under its key, so one request can be repeated without end."""
    if tried == "early":
        tell(begin, scene, ReferralStatus.REQUESTED)
    stranger = uuid4() if tried == "anothers" else None
    for _ in range(12):
        wanted = uuid4() if tried == "guessed" else scene.offer_id
        answer = ask(as_id=stranger, referral_id=str(wanted))
        assert answer.status_code == (409 if tried == "early" else 404)
    assert len(audited(database)) == 2
    assert len(outcomes(database)) == (2 if tried == "anothers" else 0)


def test_only_providers_ask(client: TestClient, scene: Scene, token_for: TokenFor) -> None:
    for role in ("receiver", "case_owner", "auditor"):
        answer = client.post(
            "/intake/v1/disclosures",
            json={"referral_id": str(scene.offer_id), "purpose": "service_referral"},
            headers={
                **token_for(role, organisation_id=scene.school_id),
                "Idempotency-Key": str(uuid4()),
            },
        )
        assert problem(answer) == (403, "role-missing")
