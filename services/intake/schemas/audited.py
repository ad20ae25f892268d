"""A case as an auditor knows it: by its code and its id, and nothing else."""

from uuid import UUID

from pydantic import AwareDatetime, ConfigDict

from services.intake import examples
from shared.kit.shapes import Cursor, Shape, shown


class AuditedCase(Shape):
    """A case whose audit you may read."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    """The id of the case, by which every service knows it."""
    code: str
    """The code of the case, which people say."""
    received_at: AwareDatetime
    """When the case was received."""


class AuditedCaseList(Shape):
    """A page of cases, newest first."""

    model_config = shown(examples.AUDITED_CASE_LIST)

    items: list[AuditedCase]
    """The cases of this page, those that were stored last first."""
    next_cursor: Cursor = None
