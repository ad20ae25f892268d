"""What all tables of this service belong to."""

from sqlalchemy.orm import DeclarativeBase

from shared import clocks
from shared.kit import audit, idempotency
from shared.kit.columns import TYPES
from shared.kit.database import adopt, new_metadata
from shared.kit.key_checks import KEY_CHECKS
from shared.messaging.tables import TABLES
from shared.rulebook import LAW_ROWS

METADATA = new_metadata()
adopt(METADATA, *TABLES, *clocks.TABLES, audit.AUDIT, idempotency.KEYS, KEY_CHECKS, LAW_ROWS)


class Base(DeclarativeBase):
    """Everything this service stores. ``repr`` shows the class only."""

    metadata = METADATA
    type_annotation_map = TYPES
