"""Organisations and programmes on a real database."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.errors import (
    AgesCrossed,
    ClientNotFound,
    OrganisationCodeTaken,
    OrganisationNotFound,
    ProgrammeNotFound,
    RolesOverlap,
)
from services.directory.models import Organisation, OrganisationRole, Programme
from shared.contracts import OrganisationChanged, ProgrammeChanged
from shared.contracts.vocabulary import (
    EntitlementCode,
    OrganisationKind,
    Role,
    Sex,
)
from shared.kit.errors import VersionChanged
from shared.law import Certainty
from tests.directory.builders import ACTOR, audited, held, open_school, told

OFFER = domain.ProgrammeFacts(
    name_vi="Lớp may",
    name_en="Sewing",
    codes=(EntitlementCode.VOCATIONAL,),
    area_codes=("31",),
    capacity=12,
    minimum_age=15,
    client_sexes=(Sex.FEMALE,),
    staff_sexes=(Sex.FEMALE,),
)

Settle = Callable[[], None]


def renamed(*roles: object, **changes: object) -> domain.OrganisationFacts:
    told = {"name_vi": "Tên mới", "name_en": "New name", "roles": tuple(roles)}
    return domain.OrganisationFacts(**(told | changes))  # type: ignore[arg-type]


def test_an_organisation_is_taken_in_told_and_audited(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    settle()
    messages = told(session)
    assert len(messages) == len(OrganisationChanged.to)
    assert messages[0] == OrganisationChanged(
        occurred_at=now,
        organisation_id=school.id,
        code="truong-nghe",
        kind=OrganisationKind.VOCATIONAL_SCHOOL,
        roles=(held(),),
    )
    assert audited(session) == [("organisation.opened", "done")]
    assert school.certainty == Certainty.ASSUMED


def test_no_name_leaves_with_a_message(session: Session, settle: Settle, now: datetime) -> None:
    school = open_school(session, now=now)
    domain.open_programme(session, organisation_id=school.id, facts=OFFER, now=now, actor=ACTOR)
    settle()
    spoken = " ".join(message.model_dump_json() for message in told(session))
    assert "Trường" not in spoken
    assert "Lớp may" not in spoken


def test_a_code_belongs_to_one_organisation(session: Session, now: datetime) -> None:
    open_school(session, now=now)
    with pytest.raises(OrganisationCodeTaken):
        open_school(session, now=now)


def test_roles_that_overlap_are_refused(session: Session, now: datetime) -> None:
    with pytest.raises(RolesOverlap):
        open_school(session, now=now, roles=(held(), held(valid_from=date(2025, 1, 1))))
    assert session.scalars(select(Organisation)).all() == []


def test_a_changed_organisation_is_the_next_version_with_exactly_the_new_roles(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now, roles=(held(), held(Role.RECEIVER)))
    ended = held(valid_to=date(2026, 3, 1))
    facts = renamed(ended, held(Role.COMMUNITY, "11557"), is_active=False)
    changed = domain.change_organisation(
        session,
        organisation_id=school.id,
        facts=facts,
        expected_version=1,
        now=now,
        actor=ACTOR,
    )
    settle()
    rows = session.execute(
        select(OrganisationRole.role, OrganisationRole.area_code, OrganisationRole.valid_to)
        .where(OrganisationRole.organisation_id == school.id)
        .order_by(OrganisationRole.role),
    ).all()
    assert [tuple(row) for row in rows] == [
        ("community", "11557", None),
        ("provider", "31", date(2026, 3, 1)),
    ]
    last = told(session)[-1]
    assert isinstance(last, OrganisationChanged)
    assert set(last.roles) == {ended, held(Role.COMMUNITY, "11557")}
    assert (last.is_active, changed.version, changed.name_vi) == (False, 2, "Tên mới")


def test_a_change_of_an_older_version_is_refused(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    with pytest.raises(VersionChanged) as refusal:
        domain.change_organisation(
            session,
            organisation_id=school.id,
            facts=renamed(),
            expected_version=7,
            now=now,
            actor=ACTOR,
        )
    assert refusal.value.facts == {"version": 1}


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(OrganisationNotFound):
        domain.find_organisation(session, organisation_id=uuid4())
    with pytest.raises(ProgrammeNotFound):
        domain.find_programme(session, programme_id=uuid4())
    with pytest.raises(ClientNotFound):
        domain.find_client(session, client_id="nobody")
    with pytest.raises(OrganisationNotFound):
        domain.find_endpoints(session, organisation_id=uuid4())


def test_organisations_are_found_by_the_role_they_hold_somewhere_on_a_day(
    session: Session, now: datetime
) -> None:
    handed_over = date(2025, 7, 1)
    before = open_school(
        session, now=now, code="before", roles=(held(Role.CASE_OWNER, valid_to=handed_over),)
    )
    after = open_school(
        session, now=now, code="after", roles=(held(Role.CASE_OWNER, valid_from=handed_over),)
    )
    local = open_school(session, now=now, code="local", roles=(held(Role.RECEIVER, "11557"),))

    def found(role: Role | None, area: str | None, on: date) -> set[str]:
        rows = domain.find_organisations(
            session, kind=None, role=role, area=area, on=on, after=None, size=100
        )
        return {row.code for row in rows}

    assert found(Role.CASE_OWNER, "11557", date(2025, 6, 30)) == {before.code}
    assert found(Role.CASE_OWNER, None, handed_over) == {after.code}
    assert found(None, "11557", handed_over) == {after.code, local.code}
    assert found(None, "11560", handed_over) == {after.code}
    assert found(Role.RECEIVER, "31", handed_over) == set()
    assert found(None, None, handed_over) == {before.code, after.code, local.code}


def test_a_programme_is_taken_in_and_told_with_the_kind_of_its_organisation(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    made = domain.open_programme(
        session, organisation_id=school.id, facts=OFFER, now=now, actor=ACTOR
    )
    settle()
    assert told(session)[-1] == ProgrammeChanged(
        occurred_at=now,
        programme_id=made.id,
        organisation_id=school.id,
        organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
        codes=(EntitlementCode.VOCATIONAL,),
        area_codes=("31",),
        capacity=12,
        minimum_age=15,
        client_sexes=(Sex.FEMALE,),
        staff_sexes=(Sex.FEMALE,),
    )
    assert audited(session)[-1] == ("programme.opened", "done")


def test_a_programme_needs_its_organisation_and_ages_in_order(
    session: Session, now: datetime
) -> None:
    with pytest.raises(OrganisationNotFound):
        domain.open_programme(session, organisation_id=uuid4(), facts=OFFER, now=now, actor=ACTOR)
    school = open_school(session, now=now)
    crossed = domain.ProgrammeFacts(**{**vars(OFFER), "maximum_age": 14})
    with pytest.raises(AgesCrossed):
        domain.open_programme(
            session, organisation_id=school.id, facts=crossed, now=now, actor=ACTOR
        )


def test_a_changed_capacity_is_told_once_and_an_old_version_is_refused(
    session: Session, settle: Settle, now: datetime
) -> None:
    school = open_school(session, now=now)
    made = domain.open_programme(
        session, organisation_id=school.id, facts=OFFER, now=now, actor=ACTOR
    )
    smaller = domain.ProgrammeFacts(**{**vars(OFFER), "capacity": 3, "is_active": False})

    def change(version: int) -> Programme:
        return domain.change_programme(
            session,
            programme_id=made.id,
            facts=smaller,
            expected_version=version,
            now=now,
            actor=ACTOR,
        )

    assert change(1).version == 2
    with pytest.raises(VersionChanged):
        change(1)
    settle()
    changes = [message for message in told(session) if isinstance(message, ProgrammeChanged)]
    assert [(change.capacity, change.is_active) for change in changes] == [(12, True), (3, False)]


def test_programmes_are_found_by_need_area_and_organisation(
    session: Session, now: datetime
) -> None:
    school, other = open_school(session, now=now), open_school(session, now=now, code="other")
    near = domain.ProgrammeFacts(
        **{**vars(OFFER), "codes": (EntitlementCode.LOAN,), "area_codes": ("11557",)}
    )
    wide = domain.open_programme(
        session, organisation_id=school.id, facts=OFFER, now=now, actor=ACTOR
    )
    local = domain.open_programme(
        session, organisation_id=other.id, facts=near, now=now, actor=ACTOR
    )

    def found(**asked: object) -> list[object]:
        all_of = {"organisation_id": None, "code": None, "area": None, "after": None, "size": 9}
        return [row.id for row in domain.find_programmes(session, **(all_of | asked))]  # type: ignore[arg-type]

    assert found() == sorted([wide.id, local.id])
    assert found(code=EntitlementCode.LOAN) == [local.id]
    assert found(area="11557") == sorted([wide.id, local.id])
    assert found(area="11560") == [wide.id]
    # A commune of Hà Nội: the whole city does not reach there.
    assert found(area="00004") == []
    assert found(organisation_id=other.id) == [local.id]
    assert found(size=1, after=min(wide.id, local.id)) == [max(wide.id, local.id)]


def test_the_database_refuses_a_programme_of_an_unknown_need(
    session: Session, now: datetime
) -> None:
    school = open_school(session, now=now)
    made = domain.open_programme(
        session, organisation_id=school.id, facts=OFFER, now=now, actor=ACTOR
    )
    for codes in ([], ["WEALTH"]):
        with pytest.raises(IntegrityError, match="ck_programmes_codes"), session.begin_nested():
            session.execute(
                update(Programme).where(Programme.id == made.id).values(codes=codes),
                execution_options={"synchronize_session": False},
            )
    session.execute(delete(Programme).where(Programme.id == made.id))
