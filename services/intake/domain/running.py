"""Whose clocks there are to read: of the first look, whoever owns the case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from services.intake.domain.duties import CASE, DUTIES, owned
from services.intake.domain.timekeeping import SUBJECT
from services.intake.models import Case
from shared.access import Permission
from shared.duties.running import Running, in_reach
from shared.kit.subjects import Subject


def _first_looks(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    return in_reach(
        subject=SUBJECT,
        object_id=Case.id,
        about=CASE,
        link=func.concat("cases/", Case.id, "/initial-check"),
    ).where(owned(session, subject, Permission.INITIAL_CHECK_READ, now))


RUNNING = Running((_first_looks,), DUTIES.sources)
