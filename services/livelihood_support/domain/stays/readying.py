"""What a facility must do about its readiness sheet: tell one, and attest what was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, and_, cast, exists, func, literal
from sqlalchemy.orm import Session, aliased

from services.livelihood_support.models import (
    FacilityRole,
    Organisation,
    ReadinessAttestation,
    ReadinessSheet,
)
from services.livelihood_support.policy import Duty
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.duties import duty
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

SUBJECT = "facility"
_LINK = literal("facilities")


def untold(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """That it takes people in and has not said what it has, since it does."""
    today = local_date(now)
    began = func.timezone(
        HAI_PHONG.key, cast(func.min(FacilityRole.valid_from), DateTime), type_=TYPES[datetime]
    )
    is_held = and_(
        FacilityRole.valid_from <= today,
        func.coalesce(FacilityRole.valid_to > today, literal(True)),
    )
    told = exists().where(
        ReadinessSheet.facility_id == Organisation.id, ReadinessSheet.valid_from <= today
    )
    return (
        duty(
            literal(str(Duty.TELL_READINESS)),
            subject=SUBJECT,
            object_id=Organisation.id,
            since=began,
            link=_LINK,
        )
        .select_from(Organisation)
        .join(FacilityRole, FacilityRole.organisation_id == Organisation.id)
        .where(Organisation.is_active, is_held, ~told, _reach(subject, Organisation.id))
        .group_by(Organisation.id)
    )


def unattested(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """That nobody else has looked at the sheet that counts."""
    later = aliased(ReadinessSheet)
    today = local_date(now)
    is_followed = exists().where(
        later.facility_id == ReadinessSheet.facility_id,
        later.valid_from <= today,
        func.row(later.valid_from, later.written_at, later.id)
        > func.row(ReadinessSheet.valid_from, ReadinessSheet.written_at, ReadinessSheet.id),
    )
    is_attested = exists().where(ReadinessAttestation.sheet_id == ReadinessSheet.id)
    return duty(
        literal(str(Duty.ATTEST_READINESS)),
        subject=SUBJECT,
        object_id=ReadinessSheet.id,
        since=ReadinessSheet.written_at,
        link=_LINK,
    ).where(
        ReadinessSheet.valid_from <= today,
        ~is_followed,
        ~is_attested,
        _reach(subject, ReadinessSheet.facility_id),
    )


def _reach(subject: Subject, facility_id: Any) -> Any:
    sight = visible(subject, Permission.FACILITY_TELL, through=Role.FACILITY)
    return sight.reaches(own=[facility_id])


TURNS = (untold, unattested)
