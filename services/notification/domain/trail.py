"""What the audit has of a case here: of what organisations were told of it."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, literal, select

from services.notification.models import CaseSubscription, Delivery, PersonMessage
from shared.access import Permission, visible
from shared.access.columns import PlaceColumns
from shared.auditing import Trail
from shared.kit.clock import local_date
from shared.kit.subjects import Subject

# Where no place was kept, the case is the city's.
_PLACE = PlaceColumns(
    func.coalesce(CaseSubscription.area_code, literal("")),
    func.coalesce(CaseSubscription.area_told_on, literal(date.min)),
)


def _reached(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    return visible(subject, permission).reaches(on=local_date(now), place=_PLACE)


TRAIL = Trail(
    case_id=CaseSubscription.case_id,
    reached=_reached,
    things=[
        lambda case_id: select(Delivery.id).where(Delivery.case_id == case_id),
        lambda case_id: select(PersonMessage.id).where(PersonMessage.case_id == case_id),
    ],
)
