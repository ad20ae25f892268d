"""Seeding, with small facts of its own and with the files of the service."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.domain.seed import FOLDER
from services.directory.errors import KindFixed, OrganisationNotFound, ProviderFixed
from services.directory.models import Organisation, Programme
from shared.contracts import OrganisationChanged, ProgrammeChanged
from tests.directory.builders import ACTOR, told

Settle = Callable[[], None]
NOTHING = domain.Seeded(organisations=0, programmes=0)

SCHOOL = {
    "id": "a9e0e6f2-6f5c-5b0a-9a53-2f1f0a1c0001",
    "code": "truong-mau",
    "name_vi": "Trường Mẫu",
    "name_en": "Sample School",
    "kind": "vocational_school",
    "area_codes": ["31"],
    "roles": [
        {"role": "provider", "area_code": "31", "from": date(2020, 2, 12)},
        {
            "role": "community",
            "area_code": "31",
            "from": date(2020, 2, 12),
            "to": date(2025, 6, 30),
        },
    ],
    "source": "test",
    "certainty": "recalled",
}
CLASS = {
    "id": "a9e0e6f2-6f5c-5b0a-9a53-2f1f0a1c0002",
    "organisation_code": "truong-mau",
    "name_vi": "Lớp may",
    "name_en": "Sewing",
    "codes": ["VOCATIONAL"],
    "area_codes": ["31"],
    "capacity": 15,
    "languages": ["vi"],
    "minimum_age": 15,
    "fees": "none",
    "status": "assumed",
}


@pytest.fixture
def facts() -> domain.Seed:
    return domain.Seed(organisations=[deepcopy(SCHOOL)], programmes=[deepcopy(CLASS)])


def seed(session: Session, facts: domain.Seed, now: datetime) -> domain.Seeded:
    return domain.seed_directory(session, facts=facts, now=now)


def changed(facts: domain.Seed, **changes: Any) -> domain.Seed:
    """The same facts but for those of the programme or, by its code, the organisation."""
    school = {**facts.organisations[0], **changes.pop("school", {})}
    offer = {**facts.programmes[0], **changes.pop("offer", {})}
    assert not changes
    return domain.Seed(organisations=[school], programmes=[offer])


def test_the_facts_of_the_files_are_stored_and_told(
    session: Session, settle: Settle, facts: domain.Seed, now: datetime
) -> None:
    assert seed(session, facts, now) == domain.Seeded(organisations=1, programmes=1)
    settle()
    school = session.scalars(select(Organisation)).one()
    assert (str(school.id), school.certainty) == (SCHOOL["id"], "recalled")
    programme = session.scalars(select(Programme)).one()
    assert (programme.capacity, programme.certainty) == (15, "assumed")
    assert (programme.assured_at, programme.assured_by) == (None, None)
    kinds = [type(message) for message in told(session)]
    assert kinds.count(OrganisationChanged) == len(OrganisationChanged.to)
    assert kinds.count(ProgrammeChanged) == len(ProgrammeChanged.to)


def test_the_last_day_in_a_file_is_still_in_force(
    session: Session, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    community = session.scalars(select(Organisation)).one().roles[0]
    assert (community.role, community.valid_to) == ("community", date(2025, 7, 1))


def test_seeding_again_changes_nothing_and_tells_nothing(
    session: Session, settle: Settle, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    settle()
    before = len(told(session))
    assert seed(session, facts, now + timedelta(days=40)) == NOTHING
    settle()
    assert len(told(session)) == before
    programme = session.scalars(select(Programme)).one()
    assert programme.version == 1


def test_only_what_changed_in_the_files_is_written_and_told(
    session: Session, settle: Settle, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    settle()
    before = len(told(session))
    later = now + timedelta(days=40)
    done = seed(session, changed(facts, offer={"capacity": 5}), later)
    assert done == domain.Seeded(organisations=0, programmes=1)
    settle()
    new = told(session)[before:]
    assert [type(message) for message in new] == [ProgrammeChanged]
    programme = session.scalars(select(Programme)).one()
    assert (programme.capacity, programme.version, programme.assured_at) == (5, 2, None)


def test_a_role_that_ends_in_the_files_ends_here(
    session: Session, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    ended = [{**role, "to": date(2026, 12, 31)} for role in SCHOOL["roles"]]  # type: ignore[dict-item]
    assert seed(session, changed(facts, school={"roles": ended}), now).organisations == 1
    roles = session.scalars(select(Organisation)).one().roles
    assert {role.valid_to for role in roles} == {date(2027, 1, 1)}


def test_what_an_administrator_changed_is_not_taken_back(
    session: Session, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    programme = session.scalars(select(Programme)).one()
    domain.change_programme(
        session,
        programme_id=programme.id,
        facts=domain.ProgrammeFacts(
            name_vi="Lớp may",
            name_en="Sewing",
            codes=tuple(programme.codes),  # type: ignore[arg-type]
            area_codes=("31",),
            capacity=99,
        ),
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    assert seed(session, facts, now) == NOTHING
    assert programme.capacity == 99


def test_files_that_contradict_what_is_known_are_refused(
    session: Session, facts: domain.Seed, now: datetime
) -> None:
    seed(session, facts, now)
    for school in ({"kind": "hospital"}, {"code": "another-code"}):
        with pytest.raises(KindFixed):
            seed(session, changed(facts, school=school), now)
    other = {**SCHOOL, "id": "a9e0e6f2-6f5c-5b0a-9a53-2f1f0a1c0009", "code": "truong-khac"}
    moved = {**CLASS, "organisation_code": "truong-khac"}
    with pytest.raises(ProviderFixed):
        seed(session, domain.Seed([SCHOOL, other], [moved]), now)
    with pytest.raises(OrganisationNotFound):
        seed(session, changed(facts, offer={"organisation_code": "nobody"}), now)


def test_the_files_of_the_service_can_be_seeded_twice(
    session: Session, settle: Settle, now: datetime
) -> None:
    facts = domain.read_seed()
    first = seed(session, facts, now)
    assert first == domain.Seeded(
        organisations=len(facts.organisations),
        programmes=len(facts.programmes),
    )
    assert seed(session, facts, now) == NOTHING
    settle()
    told_programmes = [it for it in told(session) if isinstance(it, ProgrammeChanged)]
    assert len(told_programmes) == len(facts.programmes)


def test_the_files_are_found_beside_the_service_and_read_from_any_folder(tmp_path: Path) -> None:
    assert FOLDER.name == "seed"
    (tmp_path / "organisations.toml").write_text('[[organisations]]\ncode = "a"\n', "utf-8")
    (tmp_path / "programmes.toml").write_text("programmes = []\n", "utf-8")
    found = domain.read_seed(tmp_path)
    assert (found.organisations, found.programmes) == ([{"code": "a"}], [])
