"""What the audit has of a case here: what is about the case, its verification, and protection."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from services.verification.domain.reach import PLACE
from services.verification.models import Protection, Verification
from shared.access import Permission, visible
from shared.auditing import Trail
from shared.kit.clock import local_date
from shared.kit.subjects import Subject


def _reached(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    return visible(subject, permission).reaches(on=local_date(now), place=PLACE)


TRAIL = Trail(
    case_id=Verification.case_id,
    reached=_reached,
    things=[
        lambda case_id: select(Verification.id).where(Verification.case_id == case_id),
        lambda case_id: select(Protection.id).where(Protection.case_id == case_id),
    ],
)
