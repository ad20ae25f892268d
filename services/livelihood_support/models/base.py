"""What all tables of this service belong to."""

from sqlalchemy.orm import DeclarativeBase

from shared.kit import audit, idempotency
from shared.kit.columns import TYPES
from shared.kit.database import adopt, new_metadata
from shared.messaging.tables import TABLES

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS)


class Base(DeclarativeBase):
    """Everything this service stores."""

    metadata = METADATA
    type_annotation_map = TYPES
