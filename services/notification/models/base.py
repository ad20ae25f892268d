"""The tables that notification has with every service, and what its own are made of."""

from sqlalchemy.orm import DeclarativeBase

from shared.kit import audit, idempotency
from shared.kit.columns import TYPES
from shared.kit.database import adopt, new_metadata
from shared.kit.key_checks import KEY_CHECKS
from shared.messaging.tables import TABLES

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS, KEY_CHECKS)


class Base(DeclarativeBase):
    """Everything this service stores."""

    metadata = METADATA
    type_annotation_map = TYPES
