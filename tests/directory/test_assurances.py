"""Nobody is sent to a programme that nobody answers for: who may assure one, and what ends it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.models import Programme
from shared.contracts import ProgrammeChanged
from shared.contracts.vocabulary import AssuredBy, Role
from shared.kit.database import Database
from tests.directory.builders import ACTOR, audited, open_school, told
from tests.directory.calls import OFFER, V1, Headers, TokenFor, key, match, post, refused
from tests.directory.test_domain import OFFER as FACTS
from tests.subjects import somebody

Settle = Callable[[], None]
CONFIRMATION = {
    "post": "Trưởng phòng Đào tạo",
    "confirmed_on": "2026-02-20",
    "reference": "15/CV-CĐKT",
}


@pytest.fixture
def offer(client: TestClient, administrator: Headers, school: dict[str, Any]) -> dict[str, Any]:
    body = {**OFFER, "organisation_id": school["id"]}
    made: dict[str, Any] = post(client, "/programmes", body, administrator).json()
    return made


@pytest.fixture
def own(token_for: TokenFor, school: dict[str, Any]) -> Headers:
    return token_for("provider", organisation_id=school["id"], client_id="truong-nghe")


def assure(
    client: TestClient, offer: dict[str, Any], headers: Headers, body: dict[str, Any], version: int
) -> Any:
    path = f"{V1}/programmes/{offer['id']}/assurances"
    return client.post(path, json=body, headers=headers | key() | match(version))


def test_a_new_programme_is_assured_by_nobody(offer: dict[str, Any]) -> None:
    assert (offer["assured_at"], offer["assured_by"]) == (None, None)


def test_an_organisation_assures_its_own_programme(
    client: TestClient, offer: dict[str, Any], own: Headers, database: Database
) -> None:
    answer = assure(client, offer, own, {}, 1)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["assured_by"], said["assured_at"]) == ("organisation", "2026-03-02T05:00:00Z")
    assert (said["certainty"], said["version"]) == ("confirmed", 2)
    place = answer.headers["location"]
    assert client.get(place, headers=own).json() == said
    with database.begin() as session:
        last = told(session)[-1]
        assert isinstance(last, ProgrammeChanged)
        assert last.assured_by is AssuredBy.ORGANISATION
        assert audited(session)[-1] == ("programme.assured", "done")


def test_an_administrator_names_post_day_and_paper_that_confirmed_it(
    client: TestClient, offer: dict[str, Any], administrator: Headers
) -> None:
    refused(assure(client, offer, administrator, {}, 1), 422, "confirmation-missing")
    said = assure(client, offer, administrator, {"confirmation": CONFIRMATION}, 1).json()
    assert said["assured_by"] == "administrator"
    assert said["assured_post"] == CONFIRMATION["post"]
    assert said["assured_reference"] == CONFIRMATION["reference"]
    # It holds from the day of the confirmation, in Hải Phòng, not from when it was typed in.
    assert (said["assured_on"], said["assured_at"]) == ("2026-02-20", "2026-02-19T17:00:00Z")


def test_the_paper_is_named_by_its_number_and_by_nothing_else(
    client: TestClient, offer: dict[str, Any], administrator: Headers
) -> None:
    for text in ("confirmed by telephone", "Nguyễn Thị Mai", "0912345678", "15/CV-CĐKT, xem mail"):
        named = {"confirmation": {**CONFIRMATION, "reference": text}}
        answer = assure(client, offer, administrator, named, 1)
        refused(answer, 422, "invalid-request")
        assert answer.json()["errors"][0]["rule"] == "string_pattern_mismatch"
    typed = {"confirmation": {**CONFIRMATION, "reference": " số: 15/cv-cđkt ".upper()}}
    said = assure(client, offer, administrator, typed, 1).json()
    assert said["assured_reference"] == "15/CV-CĐKT"


def test_a_day_to_come_has_confirmed_nothing(
    client: TestClient, offer: dict[str, Any], administrator: Headers
) -> None:
    later = {"confirmation": {**CONFIRMATION, "confirmed_on": "2026-03-03"}}
    refused(assure(client, offer, administrator, later, 1), 422, "confirmed-later")


@pytest.mark.parametrize("day", ["0001-01-01", "2011-12-31"])
def test_nothing_was_confirmed_before_the_first_law_was_in_force(
    client: TestClient, offer: dict[str, Any], administrator: Headers, day: str
) -> None:
    body = {"confirmation": {**CONFIRMATION, "confirmed_on": day}}
    answer = assure(client, offer, administrator, body, 1)
    refused(answer, 422, "invalid-request")
    assert [(it["pointer"], it["rule"]) for it in answer.json()["errors"]] == [
        ("/confirmation/confirmed_on", "greater_than_equal")
    ]


def test_nobody_else_assures_it(
    client: TestClient, offer: dict[str, Any], token_for: TokenFor
) -> None:
    body = {"confirmation": CONFIRMATION}
    refused(assure(client, offer, token_for("provider"), body, 1), 403, "not-its-organisation")
    for role in ("receiver", "case_owner", "operator", "auditor"):
        refused(assure(client, offer, token_for(role), body, 1), 403, "role-missing")


def test_what_was_read_is_what_is_assured(
    client: TestClient, offer: dict[str, Any], own: Headers, administrator: Headers
) -> None:
    place = f"{V1}/programmes/{offer['id']}"
    client.put(place, json={**OFFER, "capacity": 3}, headers=administrator | key() | match(1))
    refused(assure(client, offer, own, {}, 1), 412, "version-changed")


def test_a_change_ends_the_assurance_and_is_told(
    client: TestClient,
    offer: dict[str, Any],
    own: Headers,
    administrator: Headers,
    database: Database,
) -> None:
    assure(client, offer, own, {"confirmation": CONFIRMATION}, 1)
    place = f"{V1}/programmes/{offer['id']}"
    body = {**OFFER, "minimum_age": 20}
    changed = client.put(place, json=body, headers=administrator | key() | match(2)).json()
    names = ("assured_at", "assured_by", "assured_post", "assured_on", "assured_reference")
    assert {name: changed[name] for name in names} == dict.fromkeys(names)
    with database.begin() as session:
        last = told(session)[-1]
        assert isinstance(last, ProgrammeChanged)
        assert (last.assured_at, last.assured_by) == (None, None)


def test_what_nobody_answers_for_is_taken_back_once_and_told(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    made = [
        domain.open_programme(session, organisation_id=school.id, facts=FACTS, now=now, actor=ACTOR)
        for _ in range(2)
    ]
    own = somebody(school.id, Role.PROVIDER)
    domain.assure_programme(
        session,
        programme_id=made[0].id,
        subject=own,
        confirmation=None,
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    # As a release before this one left it: assured when it was written, by nobody.
    earlier = now - timedelta(days=1)
    session.execute(update(Programme).where(Programme.id == made[1].id).values(assured_at=earlier))
    settle()
    before = len(told(session))
    assert domain.end_unnamed_assurances(session, now=now, actor=ACTOR) == 1
    assert domain.end_unnamed_assurances(session, now=now, actor=ACTOR) == 0
    settle()
    (new,) = told(session)[before:]
    assert isinstance(new, ProgrammeChanged)
    assert (new.programme_id, new.assured_at, new.assured_by) == (made[1].id, None, None)
    assert (made[1].version, made[0].assured_by) == (2, AssuredBy.ORGANISATION)
    assert audited(session)[-1] == ("programme.assurance_ended", "done")


def test_a_file_does_not_overwrite_what_an_organisation_has_assured(
    session: Session, now: datetime
) -> None:
    facts = domain.read_seed()
    domain.seed_directory(session, facts=facts, now=now)
    programme = session.scalars(select(Programme).order_by(Programme.id)).first()
    assert programme is not None
    own = somebody(programme.organisation_id, Role.PROVIDER)
    domain.assure_programme(
        session,
        programme_id=programme.id,
        subject=own,
        confirmation=None,
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    rows = [{**row, "capacity": 99} for row in facts.programmes]
    again = domain.Seed([], rows)
    assert domain.seed_directory(session, facts=again, now=now).programmes == len(rows) - 1
    assert (programme.version, programme.assured_by) == (2, AssuredBy.ORGANISATION)
    assert programme.capacity != 99


def test_the_seed_assures_nothing(session: Session, settle: Settle, now: datetime) -> None:
    domain.seed_directory(session, facts=domain.read_seed(), now=now)
    settle()
    programmes = session.scalars(select(Programme)).all()
    assert programmes
    assert {(it.assured_at, it.assured_by, it.certainty) for it in programmes} == {
        (None, None, "assumed")
    }
    offered = [it for it in told(session) if isinstance(it, ProgrammeChanged)]
    assert {(it.assured_at, it.assured_by) for it in offered} == {(None, None)}


def test_a_confirmation_of_today_holds_from_now(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    made = domain.open_programme(
        session, organisation_id=school.id, facts=FACTS, now=now, actor=ACTOR
    )
    assured = domain.assure_programme(
        session,
        programme_id=made.id,
        subject=somebody(made.id, Role.ADMINISTRATOR),
        confirmation=domain.Confirmation("Hiệu trưởng", date(2026, 3, 2), "16/CV"),
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    assert assured.assured_at == now == datetime(2026, 3, 2, 5, tzinfo=UTC)
