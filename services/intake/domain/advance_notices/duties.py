"""What must be done about a handover whose day has passed: say of each what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, cast, func, literal
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import reached_notices
from services.intake.domain.advance_notices.reading import expects_somebody
from services.intake.models import AdvanceNotice
from services.intake.policy import Duty
from shared.access import Permission
from shared.duties import duty
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject


def unsettled(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Whoever gave the notice, and whoever owns cases there, say who came and who did not."""
    passed_at = func.timezone(
        HAI_PHONG.key, cast(AdvanceNotice.expected_on + 1, DateTime), type_=TYPES[datetime]
    )
    return duty(
        literal(str(Duty.SETTLE_HANDOVER)),
        subject="advance_notice",
        object_id=AdvanceNotice.id,
        since=passed_at,
        link=func.concat("advance-notices/", AdvanceNotice.id),
    ).where(
        AdvanceNotice.expected_on < local_date(now),
        AdvanceNotice.cancelled_at.is_(None),
        expects_somebody(),
        reached_notices(session, subject, Permission.ADVANCE_NOTICE_CHANGE, now),
    )
