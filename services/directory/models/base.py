"""What all tables of the directory have in common."""

from sqlalchemy import CheckConstraint
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


def interval() -> CheckConstraint:
    """What ends no later than it begins was never in force."""
    return CheckConstraint("valid_to > valid_from", name="interval")
