"""Shapes of what a case owner does with an alert."""

from uuid import UUID

from pydantic import AwareDatetime

from services.livelihood_support import examples
from services.livelihood_support.policy import AlertMove
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.shapes import Shape, shown


class AlertMoveCreate(Shape):
    """What to do with an alert."""

    model_config = shown(examples.ALERT_MOVE_CREATE)

    move: AlertMove
    """What to do; only `decline` is possible: the person does not want what the alert is about."""


class AlertMoved(Shape):
    """An alert that a case owner has settled."""

    model_config = shown(examples.ALERT_MOVED)

    id: UUID
    """The id of the alert."""
    case_id: UUID
    """The id of the case."""
    code: EntitlementCode
    """What the alert was about, as a code."""
    kind: str
    """What the alert said, as a code."""
    settled_at: AwareDatetime
    """When it was settled."""
