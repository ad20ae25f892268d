"""What all tables of the directory have in common."""

from datetime import datetime

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.kit import audit, idempotency
from shared.kit.columns import TYPES
from shared.kit.database import adopt, new_metadata
from shared.kit.key_checks import KEY_CHECKS
from shared.messaging.tables import TABLES
from shared.rulebook import LAW_ROWS

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS, LAW_ROWS, KEY_CHECKS)


class Base(DeclarativeBase):
    """Everything this service stores."""

    metadata = METADATA
    type_annotation_map = TYPES


class Refusable:
    """What is known of a mailbox or phone that refused for good what was sent there (ADR 0062)."""

    refused_since: Mapped[datetime | None]
    """Since when; unset while it has not, and again once it is confirmed or another is named."""
    refused_at: Mapped[datetime | None]
    """When it did last."""
    refusals: Mapped[int] = mapped_column(server_default=text("0"))
    """How many there were since then."""
    stopped_at: Mapped[datetime | None]
    """Since when it is written to no more, for it refused too often."""

    def forget_refusals(self) -> None:
        """It begins anew: it was confirmed, or another stands in its place."""
        self.refused_since = self.refused_at = self.stopped_at = None
        self.refusals = 0


def interval() -> CheckConstraint:
    """What ends no later than it begins was never in force."""
    return CheckConstraint("valid_to > valid_from", name="interval")
